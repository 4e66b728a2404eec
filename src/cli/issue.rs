//! `suyuan issue --gtin G --lot L --count N` and `suyuan issue --batch ID`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::output::NewFile;
use super::signal::{Signals, UntilTold};
use super::{Context, Exit, Outcome};
use crate::app::{App, Code, Problem};
use crate::codes::{self, Batch, Dictionary, PublicUrl, Request, Written};
use crate::gs1::Gtin;
use crate::ledger::hex;

/// Issue codes for a lot of a product and write them as CSV: serial, link, gtin, lot, index.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The product.
    #[arg(long, required_unless_present = "batch", value_parser = Gtin::parse)]
    gtin: Option<Gtin>,
    /// The lot: A-Z 0-9 - . _
    #[arg(long, required_unless_present = "batch")]
    lot: Option<String>,
    /// How many codes, up to 16777216.
    #[arg(long, required_unless_present = "batch")]
    count: Option<u64>,
    /// A name for this request: asked again, it is the same batch.
    #[arg(long, conflicts_with = "batch")]
    request_id: Option<String>,
    /// The organisation to issue for (default: the product's own).
    #[arg(long = "as", value_name = "ORG", conflicts_with = "batch")]
    org: Option<String>,
    /// Write the codes of this batch again.
    #[arg(long, value_name = "ID", conflicts_with_all = ["gtin", "lot", "count"])]
    batch: Option<String>,
    /// The file to write; a file of this name is replaced when the new one is complete.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Serialize)]
struct Report<'a> {
    batch: &'a str,
    gtin: &'a str,
    lot: &'a str,
    count: u32,
    first_index: u32,
    last_index: u32,
    key_epoch: u8,
    sha256: String,
}

pub(super) fn run(context: &mut Context, args: Args) -> Outcome {
    if context.json() && args.output.is_none() {
        let detail = "--json needs -o FILE: the codes themselves go to standard output without it";
        return Err(Problem::new(Code::InvalidParameter, detail));
    }
    let public_url = PublicUrl::parse(&context.config.http.public_url)
        .map_err(|error| Problem::new(Code::Configuration, format!("http.{error}")))?;
    let signals = Signals::listen()?;
    // Before anything is issued, so that a mistyped folder costs no batch.
    let output = args.output.clone();
    let file = output.as_deref().map(NewFile::begin).transpose()?;
    let app = context.app()?;
    let batch = batch_of(&app, args)?;
    let unwritten = format!(
        "batch {} is issued, but its codes were not written (`suyuan issue --batch {}` writes them)",
        batch.id, batch.id
    );
    let written = match write(context, &app, &batch, &public_url, file, &signals) {
        Ok(written) => written,
        Err(_) if signals.is_time_to_end() => {
            context.say(&unwritten);
            return Ok(Exit::Interrupted);
        }
        Err(problem) => {
            let detail = format!("{unwritten}: {}", problem.detail);
            return Err(Problem { detail, ..problem });
        }
    };
    match output {
        Some(path) => context.print(&report(&batch, &written), || sentence(&batch, &path))?,
        None => context.say(&format!("batch {}: {} codes", batch.id, batch.count)),
    }
    Ok(Exit::Done)
}

fn batch_of(app: &App, args: Args) -> Result<Batch, Problem> {
    match args {
        Args {
            gtin: Some(gtin),
            lot: Some(lot),
            count: Some(count),
            request_id,
            org,
            ..
        } => {
            if let Some(org) = &org {
                Context::acting_for(app, org)?;
            }
            let giver = Context::giver(org.as_deref(), app.clock.now());
            let dictionary = Dictionary {
                master: &app.master,
                seal: &app.ledger.seal,
            };
            let request = Request {
                gtin,
                lot,
                count,
                request_id,
            };
            app.db
                .write(|conn| codes::issue(conn, &app.ledger, dictionary, &giver, &request))
                .map_err(Problem::from)
        }
        Args { batch, .. } => {
            let id = batch.unwrap_or_default();
            let found = app
                .db
                .read(|conn| codes::batch(conn, &id))
                .map_err(Problem::from)?;
            found.ok_or_else(|| Problem::new(Code::NotFound, format!("no batch {id:?}")))
        }
    }
}

fn write(
    context: &Context,
    app: &App,
    batch: &Batch,
    public_url: &PublicUrl,
    file: Option<NewFile>,
    signals: &Signals,
) -> Result<Written, Problem> {
    let bar = context.progress(Some(batch.count.into()), "codes");
    let mut progress = |codes| bar.inc(codes);
    let mut to = |inner: &mut dyn Write| {
        let mut out = UntilTold { inner, signals };
        codes::write_csv(batch, &app.master, public_url, &mut out, &mut progress).map_err(|error| {
            Problem::new(Code::Internal, "the file cannot be written").because(error)
        })
    };
    let written = match file {
        Some(mut file) => {
            let written = to(&mut file)?;
            file.finish()?;
            written
        }
        None => to(&mut io::stdout().lock())?,
    };
    bar.finish_and_clear();
    Ok(written)
}

fn report<'a>(batch: &'a Batch, written: &Written) -> Report<'a> {
    Report {
        batch: &batch.id,
        gtin: batch.gtin.as_str(),
        lot: batch.lot.as_str(),
        count: batch.count,
        first_index: batch.first_index(),
        last_index: batch.last_index(),
        key_epoch: batch.key_epoch.number(),
        sha256: hex(&written.sha256),
    }
}

fn sentence(batch: &Batch, path: &Path) -> String {
    format!(
        "batch {}: {} codes of {}, lot {}, in {}",
        batch.id,
        batch.count,
        batch.gtin,
        batch.lot,
        path.display()
    )
}
