//! `suyuan event show ID`.

use clap::Subcommand;

use super::{Context, Exit, Outcome};
use crate::app::{self, Code, Problem};

/// Events.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show an event as it was sent, and its place in the ledger.
    Show {
        /// The event's id.
        id: String,
    },
}

pub(super) fn run(context: &mut Context, args: Args) -> Outcome {
    let Command::Show { id } = args.command;
    let app = context.app()?;
    let found = app
        .db
        .read(|conn| app::event_versions(conn, &id))
        .map_err(Problem::from)?;
    if found.is_empty() {
        return Err(Problem::new(Code::NotFound, format!("no event {id:?}")));
    }
    for version in found {
        context.print(&version, || {
            format!(
                "{}\n{} seq {}, recorded {}",
                version.event.get(),
                version.shard,
                version.seq,
                version.recorded_at
            )
        })?;
    }
    Ok(Exit::Done)
}
