//! Writing block logs. A batch adds one row a (block, shard). How many records a row has gives its tier; 32
//! rows of tier 0, or 8 of tier 1, are replaced, in the same transaction, by one. All records of an event and block
//! stand in one row. Rows never mix shards, so writers of different shards never meet.

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::{count_star, sum};
use diesel::prelude::*;

use super::KEYS_A_QUERY;
use crate::codes::Block;
use crate::db::schema::trace_log;
use crate::db::{self, Conn};
use crate::ledger::hex;
use crate::trace::Record;
use crate::trace::log::{self as codec, Malformed, Row};

/// With how many rows of a (block, shard) in tier 0 or 1 they become one. Eight of tier 1 always fill one of
/// the last tier; many small ones together are still small.
const ROWS_A_TIER: [i64; 2] = [32, 8];

/// Records from which a row is of tier 1, and of tier 2.
const TIER_1_RECORDS: i32 = 128;
pub(super) const TIER_2_RECORDS: i32 = 1_024;

/// The last tier: its rows stay.
pub(super) const LAST_TIER: i32 = 2;

/// The tier of a row with so many records, and of no other.
pub(super) const fn tier_of(n: i32) -> i32 {
    if n < TIER_1_RECORDS {
        0
    } else if n < TIER_2_RECORDS {
        1
    } else {
        LAST_TIER
    }
}

/// A row of `trace_log`.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = trace_log)]
#[diesel(treat_none_as_default_value = false)]
pub(super) struct LogRow {
    pub(super) block: Vec<u8>,
    pub(super) shard: i32,
    pub(super) tier: i32,
    pub(super) first_seq: i64,
    pub(super) last_seq: i64,
    pub(super) n: i32,
    pub(super) t_min: i64,
    pub(super) t_max: i64,
    pub(super) data: Vec<u8>,
}

impl LogRow {
    /// A row of the tier its size gives it.
    pub(super) fn new(block: Block, shard: i32, row: Row) -> Self {
        Self {
            block: block.0.to_vec(),
            shard,
            tier: tier_of(row.n),
            first_seq: row.first_seq,
            last_seq: row.last_seq,
            n: row.n,
            t_min: row.t_min,
            t_max: row.t_max,
            data: row.data,
        }
    }

    pub(super) fn block(&self) -> Result<Block, db::Error> {
        super::block("trace_log", "block", &self.block, || {
            format!("block {} shard {}", hex(&self.block), self.shard)
        })
    }

    /// That `data` cannot be read.
    pub(super) fn malformed(&self, why: Malformed) -> db::Error {
        db::Error::Corrupt {
            table: "trace_log",
            what: format!("{}: data: {why}", self.key()),
        }
    }

    /// The row's key, for people.
    pub(super) fn key(&self) -> String {
        let block = hex(&self.block);
        format!(
            "block {block} shard {} tier {} first_seq {}",
            self.shard, self.tier, self.first_seq
        )
    }
}

/// Adds a batch's records to the logs of their blocks.
pub(super) fn append(conn: &mut Conn, records: Vec<(Block, Record)>) -> Result<(), db::Error> {
    let mut shards: BTreeMap<i32, BTreeMap<Block, Vec<Record>>> = BTreeMap::new();
    for (block, record) in records {
        shards
            .entry(record.shard)
            .or_default()
            .entry(block)
            .or_default()
            .push(record);
    }
    for (shard, logs) in shards {
        let mut rows = BTreeMap::new();
        for (block, records) in logs {
            if let Some(row) = codec::encode(&records) {
                rows.insert(block, LogRow::new(block, shard, row));
            }
        }
        for (tier, rows_most) in (0..LAST_TIER).zip(ROWS_A_TIER) {
            merge_full_tiers(conn, (shard, tier), rows_most, &mut rows)?;
        }
        insert_rows(conn, rows.into_values().collect())?;
    }
    Ok(())
}

/// Adds rows as they are.
pub(super) fn insert_rows(conn: &mut Conn, rows: Vec<LogRow>) -> Result<(), db::Error> {
    db::bulk_insert!(&mut *conn, trace_log::table, rows)
}

/// Takes the stored rows of every log whose tier the coming row would fill, and puts their records into
/// the coming row.
fn merge_full_tiers(
    conn: &mut Conn,
    (shard, tier): (i32, i32),
    rows_most: i64,
    coming: &mut BTreeMap<Block, LogRow>,
) -> Result<(), db::Error> {
    let blocks: Vec<Block> = coming
        .iter()
        .filter(|(_, row)| row.tier == tier)
        .map(|(block, _)| *block)
        .collect();
    for blocks in blocks.chunks(KEYS_A_QUERY) {
        let full = full_tiers(conn, (shard, tier), rows_most, blocks)?;
        if full.is_empty() {
            continue;
        }
        for (block, stored) in take_rows(conn, shard, tier, &full)? {
            let Some(row) = coming.remove(&block) else {
                continue;
            };
            let mut rows = stored;
            rows.push(row);
            coming.insert(block, merge(block, shard, rows)?);
        }
    }
    Ok(())
}

/// Those of the blocks that with one more row have a full tier.
fn full_tiers(
    conn: &mut Conn,
    (shard, tier): (i32, i32),
    rows_most: i64,
    blocks: &[Block],
) -> Result<BTreeSet<Block>, db::Error> {
    let keys = blocks.iter().map(|block| block.0.as_slice());
    let counts: Vec<(Vec<u8>, i64)> = trace_log::table
        .filter(trace_log::block.eq_any(keys))
        .filter(trace_log::shard.eq(shard))
        .filter(trace_log::tier.eq(tier))
        .group_by(trace_log::block)
        .select((trace_log::block, count_star()))
        .load(conn)?;
    counts
        .into_iter()
        .filter(|(_, rows)| rows_most <= rows + 1)
        .map(|(bytes, _)| {
            super::block("trace_log", "block", &bytes, || {
                format!("shard {shard} tier {tier}")
            })
        })
        .collect()
}

/// Reads and deletes the rows of a tier.
fn take_rows(
    conn: &mut Conn,
    shard: i32,
    tier: i32,
    blocks: &BTreeSet<Block>,
) -> Result<BTreeMap<Block, Vec<LogRow>>, db::Error> {
    let of_tier = || {
        trace_log::table
            .filter(trace_log::block.eq_any(blocks.iter().map(|block| block.0.as_slice())))
            .filter(trace_log::shard.eq(shard))
            .filter(trace_log::tier.eq(tier))
    };
    let rows: Vec<LogRow> = of_tier().select(LogRow::as_select()).load(conn)?;
    diesel::delete(of_tier()).execute(conn)?;
    by_block(rows)
}

/// Rows, put together by block.
pub(super) fn by_block(rows: Vec<LogRow>) -> Result<BTreeMap<Block, Vec<LogRow>>, db::Error> {
    let mut blocks: BTreeMap<Block, Vec<LogRow>> = BTreeMap::new();
    for row in rows {
        blocks.entry(row.block()?).or_default().push(row);
    }
    Ok(blocks)
}

/// One row with the records of all of these, which belong to one (block, shard).
pub(super) fn merge(block: Block, shard: i32, mut rows: Vec<LogRow>) -> Result<LogRow, db::Error> {
    rows.sort_by_key(|row| row.first_seq);
    let data: Vec<&[u8]> = rows.iter().map(|row| row.data.as_slice()).collect();
    let merged = codec::merge(&data).map_err(|why| {
        let unread = rows
            .iter()
            .find(|row| codec::decode(shard, &row.data).is_err());
        unread.map_or_else(
            || db::Error::Corrupt {
                table: "trace_log",
                what: format!("block {block:?} shard {shard}: {why}"),
            },
            |row| row.malformed(why),
        )
    })?;
    merged
        .map(|row| LogRow::new(block, shard, row))
        .ok_or_else(|| db::Error::Corrupt {
            table: "trace_log",
            what: format!("block {block:?} shard {shard}: rows without a record"),
        })
}

/// How the logs lie in a tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogShape {
    /// The tier.
    pub tier: i32,
    /// How many rows.
    pub rows: i64,
    /// How many records in them.
    pub records: i64,
}

/// How the logs lie: for metrics and benches.
pub fn log_shape(conn: &mut Conn) -> Result<Vec<LogShape>, db::Error> {
    let tiers: Vec<(i32, i64, Option<i64>)> = trace_log::table
        .group_by(trace_log::tier)
        .select((trace_log::tier, count_star(), sum(trace_log::n)))
        .order(trace_log::tier)
        .load(conn)?;
    Ok(tiers
        .into_iter()
        .map(|(tier, rows, records)| LogShape {
            tier,
            rows,
            records: records.unwrap_or_default(),
        })
        .collect())
}
