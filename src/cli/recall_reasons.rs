//! `suyuan recall preview|why|excluded`.

use std::io::Write as _;

use super::context::unwritable;
use super::recall::ScopeArgs;
use super::words::recall as words;
use super::{Context, Exit, Outcome};
use crate::app::{self, Code, Problem};

/// What `suyuan recall preview` takes.
#[derive(Debug, clap::Args)]
pub(super) struct PreviewArgs {
    #[command(flatten)]
    scope: ScopeArgs,
    /// The organisation that would conduct the recall.
    #[arg(long = "as", value_name = "ORG")]
    org: Option<String>,
}

/// What `suyuan recall why` takes.
#[derive(Debug, clap::Args)]
pub(super) struct WhyArgs {
    /// The recall.
    recall: String,
    /// The identifier, in any form.
    id: String,
    /// A version of the scope; the newest unless given.
    #[arg(long)]
    version: Option<i32>,
}

/// What `suyuan recall excluded` takes.
#[derive(Debug, clap::Args)]
pub(super) struct ExcludedArgs {
    /// The recall.
    recall: String,
    /// A version of the scope; the newest unless given.
    #[arg(long)]
    version: Option<i32>,
}

pub(super) fn preview(context: &Context, args: &PreviewArgs) -> Outcome {
    let request = args.scope.request()?;
    let app = context.app()?;
    let caller = match &args.org {
        Some(org) => Context::acting_for(&app, org)?,
        None => Context::operator(None),
    };
    let position = args.scope.position.as_deref();
    let preview = app::preview_recall(&app, &caller, &request, position)?;
    context.print(&preview, || {
        let lang = context.lang();
        let mut lines = vec![words::recall(&preview.recall, lang)];
        lines.extend(preview.is_empty.then(|| words::nothing(lang)));
        lines.extend(preview.costs.iter().map(|cost| words::cost(cost, lang)));
        lines.join("\n")
    })?;
    Ok(if preview.is_empty {
        Exit::Finding
    } else {
        Exit::Done
    })
}

pub(super) fn why(context: &Context, args: &WhyArgs) -> Outcome {
    let app = context.app()?;
    let caller = Context::operator(None);
    let language = context.lang().language();
    let found = app::why_recalled(
        &app,
        &caller,
        &args.recall,
        args.version,
        &args.id,
        language,
    )?;
    context.print(&found, || format!("{}\n{}", found.id, found.text))?;
    Ok(if found.affected {
        Exit::Done
    } else {
        Exit::Finding
    })
}

/// The lines, page by page: memory does not grow with the scope.
pub(super) fn excluded(context: &Context, args: &ExcludedArgs) -> Outcome {
    let app = context.app()?;
    let caller = Context::operator(None);
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    app::each_recall_excluded(&app, &caller, &args.recall, args.version, &mut |line| {
        let text = if context.json() {
            serde_json::to_string(line).map_err(|error| {
                Problem::new(Code::Internal, "a line cannot be written as JSON").because(error)
            })?
        } else {
            words::left_out(line, context.lang())
        };
        writeln!(out, "{text}").map_err(unwritable)
    })?;
    out.flush().map_err(unwritable)?;
    Ok(Exit::Done)
}
