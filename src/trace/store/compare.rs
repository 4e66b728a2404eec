//! Comparing two block logs: the same records, whatever rows they lie in; and each row's own columns
//! against what its `data` says.

use std::collections::BTreeMap;

use diesel::prelude::*;
use sha2::{Digest as _, Sha256};

use super::fingerprint::{Chain, records_of, sorted_records};
use super::log::{LAST_TIER, LogRow, ROWS_A_TIER, tier_of};
use super::walk::each_log;
use crate::codes::Block;
use crate::db::schema::trace_log;
use crate::db::{self, Conn};
use crate::ledger::Bad;
use crate::trace::Record;
use crate::trace::log as codec;

/// What the block logs say: how many rows they lie in, and a digest of the records alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogDigest {
    /// Rows.
    pub rows: u64,
    /// Over the decoded records of every (block, shard) in seq order.
    pub hash: [u8; 32],
}

/// Digests the block logs.
pub fn log_digest(conn: &mut Conn) -> Result<LogDigest, db::Error> {
    let mut hash = Sha256::new();
    let mut count = 0;
    each_log(conn, |block, shard, rows| {
        count += rows.len() as u64;
        hash.update(block.0);
        hash.update(shard.to_be_bytes());
        // Damaged rows have a digest of their own: their bytes.
        match sorted_records(shard, &rows) {
            Ok(records) => hash.update(digest_of(&records)),
            Err(_) => rows.iter().for_each(|row| hash.update(&row.data)),
        }
        Ok::<_, db::Error>(())
    })?;
    Ok(LogDigest { rows: count, hash: hash.finalize().into() })
}

/// Names every row of the live block logs that differs from what was made from the ledger.
pub fn compare(live: &mut Conn, made: &mut Conn) -> Result<Vec<Bad>, db::Error> {
    let mut bad = Vec::new();
    let mut due: BTreeMap<(Block, i32), [u8; 32]> = BTreeMap::new();
    each_log(made, |block, shard, rows| {
        due.insert((block, shard), digest_of(&sorted_records(shard, &rows)?));
        Ok::<_, db::Error>(())
    })?;
    let mut differing = Vec::new();
    each_log(live, |block, shard, rows| {
        let sound = rows.iter().fold(true, |sound, row| columns(row, &mut bad) && sound);
        let found = sorted_records(shard, &rows).map(|records| digest_of(&records)).ok();
        match due.remove(&(block, shard)) {
            None => bad.extend(rows.iter().map(|row| named(row, None, "no row", "a row"))),
            Some(due) if found != Some(due) && sound => differing.push((block, shard)),
            Some(_) => {}
        }
        Ok::<_, db::Error>(())
    })?;
    for (block, shard) in due.into_keys() {
        let key = [("block".to_owned(), format!("{block:?}")), ("shard".to_owned(), shard.to_string())].into();
        bad.push(Bad::of_row("trace_log", key, None, "a row", "no row"));
    }
    for (block, shard) in differing {
        let expected = sorted_records(shard, &rows_of(made, block, shard)?)?;
        bad.push(first_difference(live, block, shard, &expected)?);
    }
    Ok(bad)
}

/// A row's columns against its data; false when one of them differs.
fn columns(row: &LogRow, bad: &mut Vec<Bad>) -> bool {
    let records = match records_of(row.shard, row) {
        Ok(records) => records,
        Err(why) => {
            bad.push(named(row, Some("data"), "packed records", &why.to_string()));
            return false;
        }
    };
    let Some(due) = codec::encode(&records) else {
        bad.push(named(row, Some("data"), "records", "none"));
        return false;
    };
    let tier_fits = row.tier == tier_of(due.n)
        || (tier_of(due.n) < row.tier && row.tier <= LAST_TIER && ROWS_A_TIER <= i64::from(due.n));
    let pairs = [
        ("first_seq", due.first_seq, row.first_seq),
        ("last_seq", due.last_seq, row.last_seq),
        ("n", due.n.into(), row.n.into()),
        ("t_min", due.t_min, row.t_min),
        ("t_max", due.t_max, row.t_max),
    ];
    let before = bad.len();
    for (column, due, found) in pairs {
        if due != found {
            bad.push(named(row, Some(column), &due.to_string(), &found.to_string()));
        }
    }
    if !tier_fits {
        bad.push(named(row, Some("tier"), &tier_of(due.n).to_string(), &row.tier.to_string()));
    }
    before == bad.len()
}

/// The first row of a log whose records are not the ones expected.
fn first_difference(conn: &mut Conn, block: Block, shard: i32, expected: &[Record]) -> Result<Bad, db::Error> {
    let rows = rows_of(conn, block, shard)?;
    let mut missing: BTreeMap<i64, Vec<&Record>> = BTreeMap::new();
    for record in expected {
        missing.entry(record.seq).or_default().push(record);
    }
    for row in &rows {
        for record in records_of(shard, row).map_err(|why| row.malformed(why))? {
            let known = missing.get_mut(&record.seq).and_then(|due| {
                let at = due.iter().position(|due| **due == record)?;
                Some(due.swap_remove(at))
            });
            if known.is_none() {
                let detail = format!("a record of seq {} that the event does not make", record.seq);
                return Ok(named(row, Some("data"), "the records of the events", &detail));
            }
        }
    }
    let seq = missing.into_iter().find(|(_, due)| !due.is_empty()).map(|(seq, _)| seq).unwrap_or_default();
    let key = [
        ("block".to_owned(), format!("{block:?}")),
        ("shard".to_owned(), shard.to_string()),
        ("first_seq".to_owned(), seq.to_string()),
    ];
    Ok(Bad::of_row("trace_log", key.into(), None, "a row with the record of this seq", "no row"))
}

fn rows_of(conn: &mut Conn, block: Block, shard: i32) -> Result<Vec<LogRow>, db::Error> {
    Ok(trace_log::table
        .filter(trace_log::block.eq(block.0.as_slice()))
        .filter(trace_log::shard.eq(shard))
        .order((trace_log::first_seq, trace_log::tier))
        .select(LogRow::as_select())
        .load(conn)?)
}

fn named(row: &LogRow, column: Option<&str>, expected: &str, found: &str) -> Bad {
    let block: String = row.block.iter().map(|byte| format!("{byte:02x}")).collect();
    let key = [
        ("block".to_owned(), block),
        ("shard".to_owned(), row.shard.to_string()),
        ("tier".to_owned(), row.tier.to_string()),
        ("first_seq".to_owned(), row.first_seq.to_string()),
    ];
    Bad::of_row("trace_log", key.into(), column, expected, found)
}

fn digest_of(records: &[Record]) -> [u8; 32] {
    let mut chain = Chain::default();
    for record in records {
        chain.record(record);
    }
    chain.finish()
}
