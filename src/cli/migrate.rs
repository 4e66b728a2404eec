//! `suyuan migrate`.

use std::path::Path;

use serde::Serialize;

use super::{Context, Exit, Outcome};
use crate::app::{Code, KeyFolder, Problem};
use crate::db::{self, Conn, DatabaseUrl, migrate};
use crate::ledger;

/// Bring the database's schema up to date.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Change nothing; exit 1 when something is pending.
    #[arg(long)]
    check: bool,
    /// Make the keys that are missing in keys.dir (mode 0700).
    #[arg(long)]
    init_keys: bool,
}

#[derive(Serialize)]
struct Report {
    from: String,
    to: String,
    applied: Vec<String>,
    /// With `--check`: what would be applied.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pending: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    keys: Vec<&'static str>,
}

pub(super) fn run(context: &mut Context, args: &Args) -> Outcome {
    let url = context.config.database_url()?;
    if args.check {
        let (from, pending) = pending(&url).map_err(Problem::from)?;
        let done = pending.is_empty();
        let report = Report {
            to: pending
                .last()
                .map_or_else(|| from.clone(), |name| version(name)),
            from,
            applied: Vec::new(),
            pending: pending.clone(),
            keys: Vec::new(),
        };
        context.print(&report, || {
            if done {
                "nothing is pending".into()
            } else {
                format!("pending: {}", pending.join(", "))
            }
        })?;
        return Ok(if done { Exit::Done } else { Exit::Finding });
    }
    let mut conn = Conn::open_or_create(&url).map_err(Problem::from)?;
    let keys = if args.init_keys {
        check_no_ledger(&mut conn, &context.config.keys.dir)?;
        KeyFolder::init(&context.config.keys.dir)?
    } else {
        Vec::new()
    };
    let done = migrate::run(&mut conn).map_err(|error: db::Error| Problem::from(error))?;
    let report = Report {
        from: done.from,
        to: done.to,
        applied: done.applied,
        pending: Vec::new(),
        keys,
    };
    context.print(&report, || {
        let keys = if report.keys.is_empty() {
            String::new()
        } else {
            format!("\nmade {}", report.keys.join(", "))
        };
        match report.applied.len() {
            0 => format!("the schema is current ({}){keys}", report.to),
            n => format!(
                "applied {n} migration{}; the schema is at {}{keys}",
                if n == 1 { "" } else { "s" },
                report.to
            ),
        }
    })?;
    Ok(Exit::Done)
}

/// The newest migration there is in the database, and those that wait. A database file that is not there
/// waits for all, and is not made.
fn pending(url: &DatabaseUrl) -> Result<(String, Vec<String>), db::Error> {
    if let DatabaseUrl::Sqlite(path) = url
        && !path.exists()
    {
        let (_, all) = migrate::twins()?;
        return Ok((String::new(), all));
    }
    let mut conn = Conn::open(url)?;
    let pending = migrate::pending(&mut conn)?;
    Ok((migrate::newest(&mut conn)?, pending))
}

/// The version in a migration's name: the digits before its word.
fn version(name: &str) -> String {
    let (stem, _) = name.split_once('_').unwrap_or((name, ""));
    stem.replace('-', "")
}

/// New keys for a ledger that was written with others would make everything in it, and everything added
/// to it, unverifiable: refused.
fn check_no_ledger(conn: &mut Conn, dir: &Path) -> Result<(), Problem> {
    let missing = KeyFolder::missing(dir);
    let is_new = migrate::newest(conn).map_err(Problem::from)?.is_empty();
    if missing.is_empty() || is_new || ledger::shards(conn).map_err(Problem::from)?.is_empty() {
        return Ok(());
    }
    Err(Problem::new(
        Code::Conflict,
        format!(
            "this database has a ledger already, and {} of its keys is not in {} (keys.dir): put it back, or use another database; new keys were not made",
            missing.join(" and "),
            dir.display()
        ),
    ))
}
