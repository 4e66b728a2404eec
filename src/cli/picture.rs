//! `suyuan trace picture ID`, `suyuan recall picture R`.

use std::path::PathBuf;

use super::output::{write_file, write_stdout};
use super::{Context, Exit, Lang, Outcome};
use crate::app::{self, PictureOf};
use crate::epcis::Timestamp;
use crate::trace::evaluate::Window;
use crate::trace::picture::collapse::Collapse;
use crate::trace::picture::{Picture, PictureView, Way, words};

/// The picture of a thing's chain.
#[derive(Debug, clap::Args)]
pub(super) struct TraceArgs {
    /// The identifier, in any form.
    id: String,
    /// back, forward or both.
    #[arg(long, default_value = "both")]
    direction: Way,
    /// Nothing earlier counts (RFC 3339).
    #[arg(long)]
    from: Option<Timestamp>,
    /// Nothing later counts (RFC 3339).
    #[arg(long)]
    until: Option<Timestamp>,
    /// Evaluate at this position: the object `position` that `trace back`, `quality` and `recall show` print
    /// with --json.
    #[arg(long, value_name = "JSON")]
    position: Option<String>,
    /// Mark what is affected by this recall.
    #[arg(long)]
    recall: Option<String>,
    #[command(flatten)]
    drawing: Drawing,
}

/// The picture of a recall's scope.
#[derive(Debug, clap::Args)]
pub(super) struct RecallArgs {
    /// The recall.
    recall: String,
    /// A version of its scope; the newest unless given.
    #[arg(long)]
    version: Option<i32>,
    #[command(flatten)]
    drawing: Drawing,
}

/// How it is drawn.
#[derive(Debug, clap::Args)]
struct Drawing {
    /// Whether nodes become one: auto (as far as needed to be read), never, places.
    #[arg(long, default_value = "auto")]
    collapse: Collapse,
    /// The file to write; standard output unless given.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn of_thing(context: &Context, args: &TraceArgs) -> Outcome {
    let app = context.app()?;
    let of = PictureOf {
        id: &args.id,
        way: args.direction,
        window: Window {
            from: args.from,
            until: args.until,
        },
        position: args.position.as_deref(),
        recall: args.recall.as_deref(),
        collapse: args.drawing.collapse,
    };
    let picture = app::picture(&app, &Context::operator(None), &of)?;
    write(context, &args.drawing, &picture)
}

pub(super) fn of_recall(context: &Context, args: &RecallArgs) -> Outcome {
    let app = context.app()?;
    let caller = Context::operator(None);
    let collapse = args.drawing.collapse;
    let picture = app::recall_picture(&app, &caller, &args.recall, args.version, collapse)?;
    write(context, &args.drawing, &picture)
}

fn write(context: &Context, drawing: &Drawing, picture: &Picture) -> Outcome {
    let lang = match context.lang() {
        Lang::Zh => words::Lang::Zh,
        Lang::En => words::Lang::En,
    };
    let view = picture.view(lang);
    if let Some(path) = &drawing.output {
        write_file(path, picture.svg(lang).as_bytes())?;
        context.print(&view, || format!("{} in {}", sizes(&view), path.display()))?;
    } else if context.json() {
        context.print(&view, String::new)?;
    } else {
        write_stdout(picture.svg(lang).as_bytes())?;
        context.say(&sizes(&view));
    }
    Ok(Exit::Done)
}

fn sizes(view: &PictureView) -> String {
    let (nodes, edges) = (view.nodes.len(), view.edges.len());
    let drawn = format!("{nodes} nodes, {edges} edges");
    if view.collapsed.is_empty() {
        return drawn;
    }
    format!(
        "{drawn}, made of {} nodes, {} edges",
        view.whole_nodes, view.whole_edges
    )
}
