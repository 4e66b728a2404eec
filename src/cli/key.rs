//! `suyuan key create|list|revoke`.

use clap::Subcommand;

use super::{Context, Exit, Outcome};
use crate::app::Problem;
use crate::epcis::Timestamp;
use crate::parties::{self, Role};

/// API keys.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a key; it is shown once.
    Create {
        /// The organisation it belongs to.
        #[arg(long)]
        org: String,
        /// What its bearer may do.
        #[arg(long)]
        role: Role,
        /// When it ends: 90d, 12h, 30m.
        #[arg(long, value_parser = duration_micros)]
        expires: Option<i64>,
    },
    /// List all keys, newest first.
    List,
    /// End a key at once.
    Revoke {
        /// The key's id.
        id: String,
    },
}

pub(super) fn run(context: &mut Context, args: Args) -> Outcome {
    let app = context.app()?;
    let now = app.clock.now();
    match args.command {
        Command::Create { org, role, expires } => {
            let ends = expires.map(|micros| Timestamp::from_micros(now.micros() + micros));
            let giver = Context::giver(Some(&org), now);
            let key = app
                .db
                .write(|conn| parties::create_key(conn, &app.ledger, &giver, &org, role, ends))
                .map_err(Problem::from)?;
            context.print(&key, || key.key.reveal().to_owned())?;
            if !context.json() {
                let (id, org, role) = (&key.id, &key.org, &key.role);
                context.say(&format!("{id}  {org}  {role}  (shown once: keep it)"));
            }
        }
        Command::List => {
            for key in app.db.read(parties::list_keys).map_err(Problem::from)? {
                context.print(&key, || {
                    let state = match (&key.revoked_at, &key.expires_at) {
                        (Some(at), _) => format!("revoked {at}"),
                        (None, Some(at)) => format!("until {at}"),
                        (None, None) => "no end".to_owned(),
                    };
                    format!(
                        "{}  {}  {}  {}  {state}",
                        key.id, key.org, key.role, key.created_at
                    )
                })?;
            }
        }
        Command::Revoke { id } => {
            let giver = Context::giver(None, now);
            let key = app
                .db
                .write(|conn| parties::revoke_key(conn, &app.ledger, &giver, &id))
                .map_err(Problem::from)?;
            context.print(&key, || format!("revoked {}", key.id))?;
        }
    }
    Ok(Exit::Done)
}

/// A span of time such as `90d`, `12h`, `10m`, `30s`, in microseconds.
pub(super) fn duration_micros(text: &str) -> Result<i64, String> {
    let refuse = || {
        format!(
            "{text:?} is no span of time: one number with one unit, such as 90d, 12h, 10m or 30s"
        )
    };
    let split = text
        .len()
        .checked_sub(1)
        .filter(|at| text.is_char_boundary(*at))
        .ok_or_else(refuse)?;
    let (number, unit) = text.split_at(split);
    let seconds = match unit {
        "d" => 86_400,
        "h" => 3_600,
        "m" => 60,
        "s" => 1,
        _ => return Err(refuse()),
    };
    let number: i64 = number.parse().map_err(|_wrong| refuse())?;
    number
        .checked_mul(seconds * 1_000_000)
        .filter(|micros| 0 < *micros)
        .ok_or_else(refuse)
}
