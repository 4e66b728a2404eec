//! Walking the whole index in the order of its keys, a few hundred logs at a time.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::block;
use super::log::LogRow;
use super::lots::LotRow;
use super::places::PlaceRow;
use crate::codes::Block;
use crate::db::schema::{lot_moves, place_blocks, trace_log};
use crate::db::{self, Conn};

/// Blocks, lots or places of one page.
const PAGE: i64 = 256;

/// Calls `each` with all rows of every (block, shard), in the order of their keys. A block is handed over
/// as the bytes that stand there: damaged ones are somebody's to name.
pub(super) fn each_log<E: From<db::Error>>(
    conn: &mut Conn,
    mut each: impl FnMut(&[u8], i32, Vec<LogRow>) -> Result<(), E>,
) -> Result<(), E> {
    let mut after: Option<Vec<u8>> = None;
    loop {
        let mut query = trace_log::table
            .select(trace_log::block)
            .distinct()
            .order(trace_log::block)
            .limit(PAGE)
            .into_boxed();
        if let Some(after) = &after {
            query = query.filter(trace_log::block.gt(after));
        }
        let page: Vec<Vec<u8>> = query.load(conn).map_err(db::Error::from)?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = Some(last.clone());
        let rows: Vec<LogRow> = trace_log::table
            .filter(trace_log::block.eq_any(&page))
            .order((
                trace_log::block,
                trace_log::shard,
                trace_log::first_seq,
                trace_log::tier,
            ))
            .select(LogRow::as_select())
            .load(conn)
            .map_err(db::Error::from)?;
        let mut logs: BTreeMap<(Vec<u8>, i32), Vec<LogRow>> = BTreeMap::new();
        for row in rows {
            logs.entry((row.block.clone(), row.shard))
                .or_default()
                .push(row);
        }
        for ((block, shard), rows) in logs {
            each(&block, shard, rows)?;
        }
    }
}

/// Calls `each` with the movements of every lot, in the order of their keys.
pub(super) fn each_lot<E: From<db::Error>>(
    conn: &mut Conn,
    mut each: impl FnMut(Block, Vec<LotRow>) -> Result<(), E>,
) -> Result<(), E> {
    let mut after: Vec<u8> = Vec::new();
    loop {
        let page: Vec<Vec<u8>> = lot_moves::table
            .filter(lot_moves::lot.gt(&after))
            .select(lot_moves::lot)
            .distinct()
            .order(lot_moves::lot)
            .limit(PAGE)
            .load(conn)
            .map_err(db::Error::from)?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after.clone_from(last);
        let rows: Vec<LotRow> = lot_moves::table
            .filter(lot_moves::lot.eq_any(&page))
            .order((
                lot_moves::lot,
                lot_moves::shard,
                lot_moves::seq,
                lot_moves::line,
            ))
            .select(LotRow::as_select())
            .load(conn)
            .map_err(db::Error::from)?;
        let mut lots: BTreeMap<Block, Vec<LotRow>> = BTreeMap::new();
        for row in rows {
            let lot = block("lot_moves", "lot", &row.lot, || row.key())?;
            lots.entry(lot).or_default().push(row);
        }
        for (lot, rows) in lots {
            each(lot, rows)?;
        }
    }
}

/// Calls `each` with every row of `place_blocks`, place by place, in the order of their keys.
pub(super) fn each_place_block<E: From<db::Error>>(
    conn: &mut Conn,
    mut each: impl FnMut(PlaceRow) -> Result<(), E>,
) -> Result<(), E> {
    let mut after: Vec<u8> = Vec::new();
    loop {
        let next: Option<Vec<u8>> = place_blocks::table
            .filter(place_blocks::place.gt(&after))
            .select(place_blocks::place)
            .order(place_blocks::place)
            .first(conn)
            .optional()
            .map_err(db::Error::from)?;
        let Some(place) = next else {
            return Ok(());
        };
        let rows: Vec<PlaceRow> = place_blocks::table
            .filter(place_blocks::place.eq(&place))
            .order((place_blocks::day, place_blocks::block))
            .select(PlaceRow::as_select())
            .load(conn)
            .map_err(db::Error::from)?;
        rows.into_iter().try_for_each(&mut each)?;
        after = place;
    }
}
