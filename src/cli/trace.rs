//! `suyuan trace back|forward|where|who ID`.

use clap::Subcommand;

use super::words::trace as words;
use super::{Context, Exit, Outcome, picture};
use crate::app;
use crate::epcis::Timestamp;
use crate::trace::evaluate::{Direction, Window};

/// Traces.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Everything upstream, with the history of the thing itself and of its containers.
    Back(Way),
    /// Everything that can be affected downstream.
    Forward(Way),
    /// Where it is.
    Where {
        /// The identifier, in any form.
        id: String,
        /// At this time (RFC 3339); now unless given.
        #[arg(long)]
        at: Option<Timestamp>,
    },
    /// What several things have in common upstream: a hint at a cause, never a scope by itself.
    Common {
        /// The identifiers, in any form.
        #[arg(required = true, num_args = 2..)]
        ids: Vec<String>,
        /// Evaluate at this position: the object `position` that `trace back`, `quality` and `recall show` print
        /// with --json.
        #[arg(long, value_name = "JSON")]
        position: Option<String>,
    },
    /// Draw its chain as SVG, from left to right.
    Picture(picture::TraceArgs),
    /// Who had it, who owns it, who answers for what was done to it.
    Who {
        /// The identifier, in any form.
        id: String,
    },
}

#[derive(Debug, clap::Args)]
struct Way {
    /// The identifier, in any form.
    id: String,
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
}

pub(super) fn run(context: &mut Context, args: Args) -> Outcome {
    match args.command {
        Command::Back(way) => run_way(context, Direction::Backward, &way),
        Command::Forward(way) => run_way(context, Direction::Forward, &way),
        Command::Where { id, at } => {
            let app = context.app()?;
            let at = at.unwrap_or_else(|| app.clock.now());
            let found = app::where_is(&app, &Context::operator(None), &id, at)?;
            context.print(&found, || words::place(&found, context.lang()))?;
            Ok(Exit::Done)
        }
        Command::Common { ids, position } => {
            let app = context.app()?;
            let caller = Context::operator(None);
            let found = app::common(&app, &caller, &ids, position.as_deref())?;
            context.print(&found, || words::common(&found, context.lang()))?;
            Ok(if found.candidates.is_empty() {
                Exit::Finding
            } else {
                Exit::Done
            })
        }
        Command::Picture(args) => picture::of_thing(context, &args),
        Command::Who { id } => {
            let app = context.app()?;
            let found = app::who(&app, &Context::operator(None), &id)?;
            context.print(&found, || words::who(&found, context.lang()))?;
            Ok(Exit::Done)
        }
    }
}

fn run_way(context: &Context, direction: Direction, way: &Way) -> Outcome {
    let app = context.app()?;
    let window = Window {
        from: way.from,
        until: way.until,
    };
    let caller = Context::operator(None);
    let position = way.position.as_deref();
    let traced = app::trace(&app, &caller, direction, &way.id, window, position)?;
    context.print(&traced, || words::way(&traced, context.lang()))?;
    Ok(Exit::Done)
}
