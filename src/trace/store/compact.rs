//! Putting small rows of block logs together: what live writing leaves in tiers 0 and 1 becomes rows of the
//! last tier and one rest. The records stay what they are, and so does every answer.

use diesel::dsl::count_star;
use diesel::prelude::*;

use super::log::{LAST_TIER, LogRow, TIER_2_RECORDS, by_block, insert_rows, merge};
use crate::codes::Block;
use crate::db::schema::trace_log;
use crate::db::{self, Conn};

/// The log of a block in a shard, as its key stands in the table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogKey {
    block: Vec<u8>,
    shard: i32,
}

impl LogKey {
    /// The shard whose head must be held while the log is compacted.
    pub const fn shard(&self) -> i32 {
        self.shard
    }
}

/// What compaction did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Compacted {
    /// Logs that were rewritten.
    pub logs: u64,
    /// Rows that were taken.
    pub rows_taken: u64,
    /// Rows that stand in their place.
    pub rows_written: u64,
}

impl std::ops::AddAssign for Compacted {
    fn add_assign(&mut self, other: Self) {
        self.logs += other.logs;
        self.rows_taken += other.rows_taken;
        self.rows_written += other.rows_written;
    }
}

/// The next logs after this one, in the order of keys, that have at least so many rows in tiers 0 and 1.
pub fn scattered(
    conn: &mut Conn,
    after: Option<&LogKey>,
    rows_least: i64,
    limit: i64,
) -> Result<Vec<LogKey>, db::Error> {
    let mut query = trace_log::table
        .filter(trace_log::tier.lt(LAST_TIER))
        .group_by((trace_log::block, trace_log::shard))
        .having(count_star().ge(rows_least))
        .select((trace_log::block, trace_log::shard))
        .order((trace_log::block, trace_log::shard))
        .limit(limit)
        .into_boxed();
    if let Some(LogKey { block, shard }) = after {
        // The first condition follows from the second, and lets the search begin there.
        let later = trace_log::block.gt(block).or(trace_log::shard.gt(*shard));
        query = query.filter(trace_log::block.ge(block)).filter(later);
    }
    let found: Vec<(Vec<u8>, i32)> = query.load(conn)?;
    let key = |(block, shard)| LogKey { block, shard };
    Ok(found.into_iter().map(key).collect())
}

/// Puts the small rows of these logs of one shard together. The shard's head must be held: what is written
/// meanwhile would be lost otherwise.
pub fn compact(conn: &mut Conn, shard: i32, logs: &[&LogKey]) -> Result<Compacted, db::Error> {
    let keys = || logs.iter().map(|log| log.block.as_slice());
    let rows: Vec<LogRow> = trace_log::table
        .filter(trace_log::block.eq_any(keys()))
        .filter(trace_log::shard.eq(shard))
        .filter(trace_log::tier.lt(LAST_TIER))
        .order((trace_log::block, trace_log::first_seq))
        .select(LogRow::as_select())
        .load(conn)?;
    let mut done = Compacted::default();
    let mut written = Vec::new();
    for (block, rows) in by_block(rows)? {
        let mut is_changed = false;
        for rows in parcels(rows) {
            if rows.len() < 2 {
                continue;
            }
            is_changed = true;
            done.rows_taken += rows.len() as u64;
            done.rows_written += 1;
            delete(conn, &block, shard, &rows)?;
            written.push(merge(block, shard, rows)?);
        }
        done.logs += u64::from(is_changed);
    }
    insert_rows(conn, written)?;
    Ok(done)
}

/// Neighbouring rows whose records together fill one of the last tier; the rest is a parcel of its own.
fn parcels(rows: Vec<LogRow>) -> Vec<Vec<LogRow>> {
    let mut parcels = Vec::new();
    let mut open = Vec::new();
    let mut records = 0;
    for row in rows {
        records += row.n;
        open.push(row);
        if TIER_2_RECORDS <= records {
            parcels.push(std::mem::take(&mut open));
            records = 0;
        }
    }
    parcels.push(open);
    parcels
}

/// Deletes rows of one log, which stand in tiers 0 and 1.
fn delete(conn: &mut Conn, block: &Block, shard: i32, rows: &[LogRow]) -> Result<(), db::Error> {
    let of_log = trace_log::table
        .filter(trace_log::block.eq(block.0.as_slice()))
        .filter(trace_log::shard.eq(shard))
        .filter(trace_log::tier.lt(LAST_TIER))
        .filter(trace_log::first_seq.eq_any(rows.iter().map(|row| row.first_seq)));
    diesel::delete(of_log).execute(conn)?;
    Ok(())
}
