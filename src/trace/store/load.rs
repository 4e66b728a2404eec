//! Reading block logs: what is visible at a position, for the members asked for.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::KEYS_A_QUERY;
use super::log::LogRow;
use super::voids::Voids;
use crate::codes::{Block, MemberSet};
use crate::db::schema::trace_log;
use crate::db::{self, Conn};
use crate::ledger::Position;
use crate::trace::log::Decoder;
use crate::trace::{EventKey, Record};

/// Records up to which voids are looked up for their events alone; beyond, all voids are read once.
const RECORDS_HELD_MAX: usize = 8_192;

/// Hands over every record of the wanted blocks that shares a member with the block's mask, lies before
/// the position and is not void at it; whole, and in no particular order. `voids` remembers the voids
/// of this position once all of them were read: hand in `None` at first, and the same again later.
pub fn load(
    conn: &mut Conn,
    wanted: &BTreeMap<Block, MemberSet>,
    position: &Position,
    voids: &mut Option<Voids>,
    take: &mut dyn FnMut(Block, Record),
) -> Result<(), db::Error> {
    let mut held: Vec<(Block, Record)> = Vec::new();
    let blocks: Vec<&Block> = wanted.keys().collect();
    for blocks in blocks.chunks(KEYS_A_QUERY) {
        for row in rows_of(conn, blocks, position)? {
            let block = row.block()?;
            let Some(mask) = wanted.get(&block) else {
                continue;
            };
            match voids {
                Some(voids) => decode(&row, mask, position, &mut |seq, record| {
                    if !voids.has(row.shard, seq) {
                        take(block, record());
                    }
                })?,
                None => decode(&row, mask, position, &mut |_, record| {
                    held.push((block, record()));
                })?,
            }
            if RECORDS_HELD_MAX < held.len() {
                let all = Voids::all(conn, position)?;
                hand_over(&mut held, &all, take);
                *voids = Some(all);
            }
        }
    }
    if !held.is_empty() {
        let events: BTreeSet<EventKey> = held
            .iter()
            .map(|(_, record)| (record.shard, record.seq))
            .collect();
        let found = Voids::among(conn, position, &events)?;
        hand_over(&mut held, &found, take);
    }
    Ok(())
}

fn hand_over(held: &mut Vec<(Block, Record)>, voids: &Voids, take: &mut dyn FnMut(Block, Record)) {
    for (block, record) in held.drain(..) {
        if !voids.has(record.shard, record.seq) {
            take(block, record);
        }
    }
}

fn rows_of(
    conn: &mut Conn,
    blocks: &[&Block],
    position: &Position,
) -> Result<Vec<LogRow>, db::Error> {
    let Some(farthest) = position.0.values().max() else {
        return Ok(Vec::new());
    };
    let rows: Vec<LogRow> = trace_log::table
        .filter(trace_log::block.eq_any(blocks.iter().map(|block| block.0.as_slice())))
        .filter(trace_log::first_seq.lt(*farthest))
        .select(LogRow::as_select())
        .load(conn)?;
    Ok(rows)
}

/// Calls `take` with every record of a row before the position that meets the mask.
fn decode(
    row: &LogRow,
    mask: &MemberSet,
    position: &Position,
    take: &mut dyn FnMut(i64, &dyn Fn() -> Record),
) -> Result<(), db::Error> {
    let size = position.0.get(&row.shard).copied().unwrap_or_default();
    if size <= row.first_seq {
        return Ok(());
    }
    let mut decoder = Decoder::new(&row.data).map_err(|why| row.malformed(why))?;
    while let Some(view) = decoder.next_in(mask).map_err(|why| row.malformed(why))? {
        if size <= view.seq {
            break;
        }
        take(view.seq, &|| view.to_record(row.shard));
    }
    Ok(())
}
