//! `suyuan capture FILE…|- --as ORG`.

use std::path::PathBuf;

use serde::Serialize;

use super::context::{check_input, read_input};
use super::{Context, Exit, Outcome};
use crate::app::{self, Code, Fault, Problem};
use crate::capture::{ErrorBehaviour, Receipt};

/// Record events from EPCIS 2.0 documents, query documents or bare events (JSON).
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The files, or - for standard input.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The organisation the events are recorded for.
    #[arg(long = "as", value_name = "ORG")]
    org: String,
    /// Record a file only when every event of it can be recorded.
    #[arg(long)]
    rollback: bool,
}

#[derive(Serialize)]
struct Report {
    /// The job that tells of it later: of the last file, where several were captured.
    job: Option<String>,
    /// A job a file.
    jobs: Vec<String>,
    recorded: usize,
    duplicates: usize,
    conflicts: usize,
    refused: usize,
    errors: Vec<Fault>,
}

pub(super) fn run(context: &mut Context, args: &Args) -> Outcome {
    let app = context.app()?;
    // A file that is not there is found before any is recorded.
    for file in args.files.iter().filter(|file| file.as_os_str() != "-") {
        check_input(file)?;
    }
    let error_behaviour = if args.rollback {
        ErrorBehaviour::Rollback
    } else {
        ErrorBehaviour::Proceed
    };
    let mut jobs = Vec::new();
    let mut total = Receipt::default();
    let mut errors = Vec::new();
    let bar = context.progress(Some(args.files.len() as u64), "files");
    for file in &args.files {
        let bytes = read_input(file)?;
        let mut receipt = app::capture_local(&app, &args.org, bytes, error_behaviour)?;
        jobs.extend(receipt.job.take());
        errors.extend(receipt.errors.iter().map(|fault| Fault {
            file: Some(file.display().to_string()),
            index: fault.index,
            event_id: fault.event_id.clone(),
            pointer: fault.pointer.clone(),
            rule: fault.rule.clone(),
            detail: fault.detail.clone(),
        }));
        total.merge(receipt);
        bar.inc(1);
    }
    bar.finish_and_clear();
    let good = total.recorded + total.duplicates;
    let bad = total.conflicts + total.refused;
    let report = Report {
        job: jobs.last().cloned(),
        jobs,
        recorded: total.recorded,
        duplicates: total.duplicates,
        conflicts: total.conflicts,
        refused: total.refused,
        errors,
    };
    if good == 0 && bad != 0 && context.json() {
        let detail = format!(
            "nothing was recorded: {} conflicts, {} refused",
            report.conflicts, report.refused
        );
        return Err(Problem::new(Code::InvalidDocument, detail).with_errors(report.errors));
    }
    context.print(&report, || {
        format!(
            "{} recorded, {} duplicates, {} conflicts, {} refused",
            report.recorded, report.duplicates, report.conflicts, report.refused
        )
    })?;
    for fault in &report.errors {
        let file = fault.file.as_deref().unwrap_or_default();
        let id = fault
            .event_id
            .as_deref()
            .map(|id| format!(" ({id})"))
            .unwrap_or_default();
        let place = format!("{}{id}", fault.pointer);
        let colon = if place.is_empty() { "" } else { ": " };
        eprintln!("{file}: {place}{colon}{}", fault.detail);
    }
    Ok(match (good, bad) {
        (_, 0) => Exit::Done,
        (0, _) => Exit::Refused,
        _ => Exit::Finding,
    })
}
