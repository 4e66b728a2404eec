//! Reading block logs: what is visible at a position, for the members asked for. While one query runs,
//! other threads decode the rows of the one before.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use parking_lot::Mutex;

use super::log::{self, LogRow};
use super::voids::Voids;
use crate::codes::{Block, MemberSet};
use crate::db::schema::trace_log;
use crate::db::{self, Conn};
use crate::ledger::Position;
use crate::trace::log::Decoder;
use crate::trace::{EventKey, Record};

/// Blocks one query asks for: few enough that decoding begins early.
const BLOCKS_A_QUERY: usize = 32;

/// Blocks up to which another thread is not worth while.
const BLOCKS_ALONE: usize = 4;

/// Records up to which voids are looked up for their events alone; beyond, all voids are read once.
const RECORDS_HELD_MAX: usize = 8_192;

/// By block every record that shares a member with the block's mask, lies before the position and is not
/// void at it; whole, and in no particular order. `voids` remembers the voids of this position once all of
/// them were read: hand in `None` at first, and the same again later.
pub fn load(
    conn: &mut Conn,
    wanted: &BTreeMap<Block, MemberSet>,
    position: &Position,
    voids: &mut Option<Voids>,
) -> Result<BTreeMap<Block, Vec<Record>>, db::Error> {
    let mut logs = read(conn, wanted, position)?;
    let count: usize = logs.values().map(Vec::len).sum();
    if voids.is_none() && RECORDS_HELD_MAX < count {
        *voids = Some(Voids::all(conn, position)?);
    }
    if let Some(voids) = voids {
        leave_out(&mut logs, voids);
    } else if count != 0 {
        let records = logs.values().flatten();
        let events: BTreeSet<EventKey> = records.map(|record| (record.shard, record.seq)).collect();
        let among = Voids::among(conn, position, &events)?;
        leave_out(&mut logs, &among);
    }
    Ok(logs)
}

fn leave_out(logs: &mut BTreeMap<Block, Vec<Record>>, voids: &Voids) {
    if voids.is_empty() {
        return;
    }
    for records in logs.values_mut() {
        records.retain(|record| !voids.has(record.shard, record.seq));
    }
}

/// Reads and decodes, voids included.
fn read(
    conn: &mut Conn,
    wanted: &BTreeMap<Block, MemberSet>,
    position: &Position,
) -> Result<BTreeMap<Block, Vec<Record>>, db::Error> {
    let Some(farthest) = position.0.values().max() else {
        return Ok(BTreeMap::new());
    };
    let blocks: Vec<&Block> = wanted.keys().collect();
    let mut found = BTreeMap::new();
    if blocks.len() <= BLOCKS_ALONE {
        for (block, rows) in rows_of(conn, &blocks, *farthest)? {
            if let Some(mask) = wanted.get(&block) {
                found.insert(block, decode(rows, mask, position)?);
            }
        }
        return Ok(found);
    }
    let decoded: Mutex<BTreeMap<Block, Result<Vec<Record>, db::Error>>> = Mutex::default();
    rayon::in_place_scope(|scope| {
        for blocks in blocks.chunks(BLOCKS_A_QUERY) {
            for (block, rows) in rows_of(conn, blocks, *farthest)? {
                let Some(mask) = wanted.get(&block) else {
                    continue;
                };
                let decoded = &decoded;
                scope.spawn(move |_| {
                    let records = decode(rows, mask, position);
                    decoded.lock().insert(block, records);
                });
            }
        }
        Ok::<_, db::Error>(())
    })?;
    for (block, records) in decoded.into_inner() {
        found.insert(block, records?);
    }
    Ok(found)
}

fn rows_of(
    conn: &mut Conn,
    blocks: &[&Block],
    farthest: i64,
) -> Result<BTreeMap<Block, Vec<LogRow>>, db::Error> {
    let rows: Vec<LogRow> = trace_log::table
        .filter(trace_log::block.eq_any(blocks.iter().map(|block| block.0.as_slice())))
        .filter(trace_log::first_seq.lt(farthest))
        .select(LogRow::as_select())
        .load(conn)?;
    log::by_block(rows)
}

/// The records of a log's rows before the position that meet the mask, nearly in order.
fn decode(
    mut rows: Vec<LogRow>,
    mask: &MemberSet,
    position: &Position,
) -> Result<Vec<Record>, db::Error> {
    rows.sort_unstable_by_key(|row| (row.shard, row.first_seq));
    let counts = rows
        .iter()
        .map(|row| u32::try_from(row.n).unwrap_or_default());
    let all = counts.fold(0, u32::saturating_add);
    // One or two of each member asked for, and others in between.
    let mut records = Vec::with_capacity(all.min(mask.len() * 2) as usize);
    for row in &rows {
        let size = position.0.get(&row.shard).copied().unwrap_or_default();
        if size <= row.first_seq {
            continue;
        }
        let mut decoder = Decoder::new(&row.data).map_err(|why| row.malformed(why))?;
        while let Some(view) = decoder.next_in(mask).map_err(|why| row.malformed(why))? {
            if size <= view.seq {
                break;
            }
            records.push(view.to_record(row.shard));
        }
    }
    Ok(records)
}
