//! `suyuan signer add|list|revoke`.

use std::path::PathBuf;

use clap::Subcommand;

use super::context::read_input;
use super::{Context, Exit, Outcome};
use crate::app::{Code, Problem};
use crate::parties::{self, SubmitterKey, SubmitterKeyView};

/// Public keys that submitters sign records with.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Add an organisation's public key: records signed with it are recorded as that organisation's.
    Add {
        /// The organisation that has the private key.
        #[arg(long)]
        org: String,
        /// The public key, PEM or JWK, Ed25519; - for standard input.
        file: PathBuf,
    },
    /// List all keys, newest first.
    List,
    /// Revoke a key: what comes from now on is not taken for its holder's any more.
    Revoke {
        /// The key's id, its thumbprint.
        #[arg(allow_hyphen_values = true)]
        id: String,
    },
}

pub(super) fn run(context: &mut Context, args: Args) -> Outcome {
    let app = context.app()?;
    let now = app.clock.now();
    match args.command {
        Command::Add { org, file } => {
            let text = read_input(&file)?;
            let key = SubmitterKey::parse(&String::from_utf8_lossy(&text));
            let key = key.map_err(|error| {
                let detail = format!("{} {error}", file.display());
                Problem::new(Code::InvalidBody, detail)
            })?;
            let giver = Context::giver(Some(&org), now);
            let added = app
                .db
                .write(|conn| parties::add_submitter_key(conn, &app.ledger, &giver, &org, &key))
                .map_err(Problem::from)?;
            context.print(&added, || told(&added))?;
        }
        Command::List => {
            let keys = app.db.read(parties::list_submitter_keys);
            for key in keys.map_err(Problem::from)? {
                context.print(&key, || told(&key))?;
            }
        }
        Command::Revoke { id } => {
            let giver = Context::giver(None, now);
            let revoked = app
                .db
                .write(|conn| parties::revoke_submitter_key(conn, &app.ledger, &giver, &id))
                .map_err(Problem::from)?;
            context.print(&revoked, || told(&revoked))?;
        }
    }
    Ok(Exit::Done)
}

fn told(key: &SubmitterKeyView) -> String {
    let until = key.revoked_at.as_ref();
    let until = until.map_or_else(String::new, |at| format!("  revoked {at}"));
    format!("{}  {}  {}{until}", key.id, key.org, key.created_at)
}
