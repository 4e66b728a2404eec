//! `verify`: everything is derived again — leaves, chain, commitments, verdicts, addresses, and every
//! projection from the ledger alone — and each row that differs is named.

use serde::Serialize;

use super::compare::{compare, key_of};
use super::replay::{Target, replay};
use super::scratch::Scratch;
use super::{App, Problem};
use crate::capture;
use crate::codes;
use crate::db::Conn;
use crate::db::catalog::{self, TABLES, TableKind};
use crate::ledger::{self, Bad, ShardName, hex};
use crate::{db, trace};

/// What to verify.
#[derive(Debug, Clone, Default)]
pub struct VerifyOptions {
    /// One shard only: its leaves, chain and payloads.
    pub shard: Option<ShardName>,
    /// From this leaf on, with `shard`.
    pub from: i64,
}

/// What verification found.
#[derive(Debug, Clone, Serialize)]
pub struct VerifyReport {
    /// Whether nothing is wrong.
    pub ok: bool,
    /// Leaves read.
    pub entries: i64,
    /// The shards.
    pub shards: Vec<ShardState>,
    /// The rows that are not what they must be.
    pub bad: Vec<Bad>,
}

/// A shard's end.
#[derive(Debug, Clone, Serialize)]
pub struct ShardState {
    /// Its name.
    pub shard: String,
    /// Its leaves.
    pub size: i64,
    /// The chain after the last.
    pub chain_hash: String,
}

/// Verifies. `progress` hears of leaves walked and replayed.
pub fn verify(
    app: &App,
    conn: &mut Conn,
    options: &VerifyOptions,
    progress: &mut dyn FnMut(i64),
) -> Result<VerifyReport, Problem> {
    let mut report = VerifyReport {
        ok: false,
        entries: 0,
        shards: Vec::new(),
        bad: Vec::new(),
    };
    let shards = match ledger::shards(conn) {
        Ok(shards) => shards,
        Err(error) => {
            report.bad.push(damaged(error)?);
            return Ok(report);
        }
    };
    if let Some(wanted) = &options.shard
        && !shards.iter().any(|shard| shard.name == *wanted)
    {
        return Err(ledger::Error::NoShard(wanted.to_string()).into());
    }
    let keys = (&app.ledger.salts, &app.ledger.seal);
    for shard in &shards {
        if options
            .shard
            .as_ref()
            .is_some_and(|wanted| *wanted != shard.name)
        {
            continue;
        }
        let from = if options.shard.is_some() {
            options.from
        } else {
            0
        };
        match ledger::verify_shard(conn, shard, keys, from, &capture::fields, progress) {
            Ok(walked) => {
                report.entries += walked.entries;
                report.shards.push(ShardState {
                    shard: shard.name.to_string(),
                    size: walked.size,
                    chain_hash: hex(&walked.chain_hash),
                });
                report.bad.extend(walked.bad);
            }
            Err(error) => report.bad.push(damaged(error)?),
        }
    }
    if options.shard.is_none() {
        report
            .bad
            .extend(ledger::check_shards(conn, &app.ledger.seal)?);
        report.bad.extend(dictionary(app, conn)?);
        report.bad.extend(projections(app, conn, progress)?);
    }
    report.bad.dedup();
    report.ok = report.bad.is_empty();
    Ok(report)
}

/// Rows so damaged that they cannot be read as what they are: a finding, not a failure.
fn damaged(error: ledger::Error) -> Result<Bad, Problem> {
    match error {
        ledger::Error::Db(db::Error::Corrupt { table, what }) => Ok(Bad::of_row(
            table,
            [("row".to_owned(), what.clone())].into(),
            None,
            "a readable row",
            &what,
        )),
        ledger::Error::NoShard(shard) => Ok(Bad::of_row(
            "ledger_heads",
            [("shard".to_owned(), shard)].into(),
            None,
            "a row",
            "no row",
        )),
        other => Err(other.into()),
    }
}

/// The dictionary against itself: ids that are hashes of their base, seals of interned rows.
fn dictionary(app: &App, conn: &mut Conn) -> Result<Vec<Bad>, Problem> {
    let mut bad = Vec::new();
    let blocks = catalog::table(conn, "blocks")?;
    let mut cursor = catalog::Cursor::new(&blocks);
    while let Some(row) = cursor.next_row(conn)? {
        if !codes::is_consistent_row(&row.values) {
            bad.push(Bad::of_row(
                "blocks",
                key_of(&blocks, &row),
                Some("base"),
                "the base of this block",
                "another",
            ));
        }
    }
    bad.extend(codes::bad_units(conn, &app.ledger.seal)?);
    Ok(bad)
}

/// Everything that can be made from the ledger, made in a database of its own and compared.
fn projections(
    app: &App,
    conn: &mut Conn,
    progress: &mut dyn FnMut(i64),
) -> Result<Vec<Bad>, Problem> {
    let (_scratch, mut made) = Scratch::new()?;
    let mut bad = made.write(|made| -> Result<Vec<Bad>, Problem> {
        let mut bad = codes::copy_units(conn, made)?;
        bad.extend(replay(app, conn, Target::Other(made), progress)?);
        Ok(bad)
    })?;
    for (table, kind) in TABLES {
        let made_by_replay = match kind {
            // Records may lie in other rows there.
            TableKind::Projection => table != "trace_log",
            TableKind::Record => matches!(table, "event_ids" | "event_echoes"),
            TableKind::Dictionary => true,
            TableKind::Operational => false,
        };
        if made_by_replay {
            bad.extend(compare(conn, &mut made, table)?);
        }
    }
    bad.extend(trace::store::compare(conn, &mut made)?);
    Ok(bad)
}
