//! `suyuan recall extend|check|release|versions|diff`.

use std::io::Write as _;

use super::context::unwritable;
use super::recall::{ActArgs, assumed_text};
use super::{Context, Exit, Outcome};
use crate::app::{self, Code, NewVersion, Problem};
use crate::recall::{
    Changes, DiffLine, DiffQuery, Difference, ExtensionView, Label, Ruling, VersionLine, Watch,
};

#[derive(Debug, clap::Args)]
pub(super) struct ExtendArgs {
    #[command(flatten)]
    act: ActArgs,
    /// Evaluate at this position: the object that `position` prints. It may not lie before the newest version's.
    #[arg(long, value_name = "JSON")]
    position: Option<String>,
    /// What becomes, from here on, of what is affected only across a gap in the records (assumed): `include` recalls
    /// it like the rest and gives its holders tasks; `leave` gives nobody a task for it and warns nobody who scans it;
    /// tasks that there are stay as they are, since their counts never fall. Needed when the recall is decided, the
    /// version has any, and nobody has said it before.
    #[arg(long, value_name = "include|leave")]
    assumed: Option<Ruling>,
    /// Evaluate and compare only; record nothing.
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct DiffArgs {
    /// The recall.
    recall: String,
    /// The earlier version; the one before the later unless given.
    #[arg(long, value_name = "V")]
    from: Option<i32>,
    /// The later version; the newest unless given.
    #[arg(long, value_name = "V")]
    to: Option<i32>,
    /// Only what this holder had or has.
    #[arg(long)]
    holder: Option<String>,
    /// The lines alone, as CSV.
    #[arg(long)]
    csv: bool,
}

pub(super) fn extend(context: &Context, args: &ExtendArgs) -> Outcome {
    let app = context.app()?;
    let new = NewVersion {
        recall: &args.act.recall,
        reason: &args.act.reason,
        position: args.position.as_deref(),
        assumed: args.assumed,
        dry_run: args.dry_run,
    };
    let view = app::extend_recall(&app, &Context::operator(Some(&args.act.org)), &new)?;
    context.print(&view, || extension(&view))?;
    Ok(Exit::Done)
}

pub(super) fn check(context: &Context, recall: &str) -> Outcome {
    let app = context.app()?;
    let found = app::check_recall(&app, &Context::operator(None), recall)?;
    context.print(&found, || {
        let version = found.version;
        let mut text = format!(
            "{recall}  version {version}\n{}",
            due_sentence(&found.watch)
        );
        if let Some(difference) = &found.watch.difference {
            text.push_str(&sentences(difference));
        }
        text
    })?;
    Ok(if found.watch.due == Some(true) {
        Exit::Finding
    } else {
        Exit::Done
    })
}

pub(super) fn release(context: &Context, act: &ActArgs, version: Option<i32>) -> Outcome {
    let app = context.app()?;
    let caller = Context::operator(Some(&act.org));
    let view = app::release_recall(&app, &caller, &act.recall, version, &act.reason)?;
    context.print(&view, || {
        format!(
            "{}  {}, {} open tasks\n{} units and {} lots released",
            view.recall, view.state, view.open_tasks, view.unit_count, view.lot_count
        )
    })?;
    Ok(Exit::Done)
}

pub(super) fn versions(context: &Context, recall: &str) -> Outcome {
    let app = context.app()?;
    for line in app::recall_versions(&app, &Context::operator(None), recall)? {
        context.print(&line, || version_line(&line))?;
    }
    Ok(Exit::Done)
}

/// The lines of a difference, page by page: memory does not grow with it.
pub(super) fn diff(context: &Context, args: &DiffArgs) -> Outcome {
    let app = context.app()?;
    let caller = Context::operator(None);
    let query = DiffQuery {
        from: args.from,
        to: args.to,
        holder: args.holder.as_deref(),
        ..DiffQuery::default()
    };
    let recall = args.recall.as_str();
    if args.csv {
        let mut out = std::io::BufWriter::new(std::io::stdout().lock());
        app::write_recall_diff(&app, &caller, recall, query, &mut out)?;
        out.flush().map_err(unwritable)?;
        return Ok(Exit::Done);
    }
    let view = app::recall_difference(&app, &caller, recall, query)?;
    context.print(&view, || {
        let mut text = format!("{recall}  version {} to {}", view.from, view.to);
        if let Some(difference) = &view.difference {
            text.push_str(&sentences(difference));
        }
        if let Some(digest) = &view.digest {
            text.push_str(&format!("\ndigest {digest}"));
        }
        text
    })?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    app::each_recall_diff(&app, &caller, recall, query, &mut |line| {
        let text = if context.json() {
            serde_json::to_string(line).map_err(|error| {
                Problem::new(Code::Internal, "a line cannot be written as JSON").because(error)
            })?
        } else {
            diff_line(line)
        };
        writeln!(out, "{text}").map_err(unwritable)
    })?;
    out.flush().map_err(unwritable)?;
    Ok(Exit::Done)
}

/// Whether an extension is due, in a sentence.
pub(super) fn due_sentence(watch: &Watch) -> String {
    let since = watch.recorded_since;
    match watch.due {
        Some(true) => format!("an extension is due: {since} entries since would change the scope"),
        Some(false) => format!("no extension is due: {since} entries since change nothing"),
        None => format!("{since} entries since; `recall check` tells whether an extension is due"),
    }
}

fn extension(view: &ExtensionView) -> String {
    let mut text = match (view.state, view.open_tasks) {
        (Some(state), Some(open)) => format!(
            "{}  version {}, {state}, {open} open tasks",
            view.recall, view.version
        ),
        _ => "not recorded (dry run)".to_owned(),
    };
    text.push_str(&format!(
        "\n{} units found, {} in effect",
        view.unit_count, view.in_effect
    ));
    text.push_str(&sentences(&view.difference));
    if let Some(assumed) = &view.assumed {
        text.push_str(&assumed_text(assumed));
        text.push_str(match view.ruling {
            Some(Ruling::Include) => "\nwhat is assumed is recalled like the rest",
            Some(Ruling::Leave) => "\nwhat is assumed is left out: no tasks, no warnings",
            None => "\nnobody has said what becomes of that (--assumed include|leave)",
        });
    }
    text.push_str(&format!(
        "\ndigest {}\ndifference {}",
        view.digest, view.difference_digest
    ));
    text
}

/// The counts of a difference, each on a line of its own, after a line break.
fn sentences(difference: &Difference) -> String {
    let mut text = format!("\nunits: {}", changes(&difference.units));
    if difference.lots != Changes::default() {
        text.push_str(&format!("\nlots: {}", changes(&difference.lots)));
    }
    let why = &difference.why;
    text.push_str(&format!(
        "\nwhy: {} late evidence, {} new events, {} corrections",
        why.late_evidence, why.new_event, why.correction
    ));
    for (what, holders) in [
        ("holders added", &difference.holders_added),
        ("without goods now", &difference.holders_without_goods),
    ] {
        if !holders.is_empty() {
            text.push_str(&format!("\n{what}: {}", holders.join(", ")));
        }
    }
    for row in &difference.holders {
        text.push_str(&format!(
            "\n{:>9}  {}  (before {}, gained {})",
            row.now, row.holder, row.before, row.gained
        ));
    }
    text
}

fn changes(changes: &Changes) -> String {
    let mut text = format!(
        "{} added, {} proposed for removal, {} changed",
        changes.added, changes.proposed_removal, changes.changed
    );
    for (count, what) in [
        (changes.restored, "restored"),
        (changes.released, "released"),
    ] {
        if count > 0 {
            text.push_str(&format!(", {count} {what}"));
        }
    }
    text
}

fn version_line(line: &VersionLine) -> String {
    let mut text = format!(
        "{}  {}  {} units  {}  {}",
        line.version, line.at, line.unit_count, line.digest, line.reason
    );
    if let Some(units) = &line.units {
        text.push_str(&format!("  ({})", changes(units)));
    }
    text
}

fn diff_line(line: &DiffLine) -> String {
    let (change, why) = (line.change.as_str(), line.why.as_str());
    let (was, now) = (label(line.was.as_ref()), label(line.now.as_ref()));
    let event = line.event.as_deref().unwrap_or("–");
    format!("{}  {change}  {why}  {was} → {now}  {event}", line.id)
}

fn label(label: Option<&Label>) -> String {
    let Some(label) = label else {
        return "–".to_owned();
    };
    let held = &label.holding;
    let quantity = label.quantity.as_ref();
    let quantity = quantity.map_or_else(String::new, |quantity| format!("{quantity} "));
    let place = held.place.as_deref().unwrap_or("–");
    format!(
        "{quantity}{} {} {place} ({})",
        held.status.as_str(),
        held.holder,
        label.certainty
    )
}
