//! `suyuan recall extend|check|release|versions|diff`.

use std::io::Write as _;

use super::context::unwritable;
use super::recall::ActArgs;
use super::words::recall::released;
use super::words::versions as words;
use super::{Context, Exit, Outcome};
use crate::app::{self, Code, NewVersion, Problem};
use crate::recall::{DiffQuery, Ruling};

#[derive(Debug, clap::Args)]
pub(super) struct ExtendArgs {
    #[command(flatten)]
    act: ActArgs,
    /// Evaluate at this position: the object `position` that `trace back`, `quality` and `recall show` print
    /// with --json. It may not lie before the newest version's.
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
    let caller = Context::acting_for(&app, &args.act.org)?;
    let view = app::extend_recall(&app, &caller, &new)?;
    context.print(&view, || words::extension(&view, context.lang()))?;
    Ok(Exit::Done)
}

pub(super) fn check(context: &Context, recall: &str) -> Outcome {
    let app = context.app()?;
    let found = app::check_recall(&app, &Context::operator(None), recall)?;
    context.print(&found, || words::checked(&found, context.lang()))?;
    Ok(if found.watch.due == Some(true) {
        Exit::Finding
    } else {
        Exit::Done
    })
}

pub(super) fn release(context: &Context, act: &ActArgs, version: Option<i32>) -> Outcome {
    let app = context.app()?;
    let caller = Context::acting_for(&app, &act.org)?;
    let view = app::release_recall(&app, &caller, &act.recall, version, &act.reason)?;
    context.print(&view, || released(&view, context.lang()))?;
    Ok(Exit::Done)
}

pub(super) fn versions(context: &Context, recall: &str) -> Outcome {
    let app = context.app()?;
    for line in app::recall_versions(&app, &Context::operator(None), recall)? {
        context.print(&line, || words::version(&line, context.lang()))?;
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
    context.print(&view, || words::difference(&view, context.lang()))?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    app::each_recall_diff(&app, &caller, recall, query, &mut |line| {
        let text = if context.json() {
            serde_json::to_string(line).map_err(|error| {
                Problem::new(Code::Internal, "a line cannot be written as JSON").because(error)
            })?
        } else {
            words::differing(line, context.lang())
        };
        writeln!(out, "{text}").map_err(unwritable)
    })?;
    out.flush().map_err(unwritable)?;
    Ok(Exit::Done)
}
