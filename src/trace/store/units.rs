//! Single items of lots, as far as events tell which lot an item is of.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::{KEYS_A_QUERY, block};
use crate::codes::Block;
use crate::codes::pack::{Unpack, members, put_members};
use crate::db::schema::lot_units;
use crate::db::{self, Conn};
use crate::ledger::hex;
use crate::trace::LotUnits;

/// A row of `lot_units`.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = lot_units)]
#[diesel(treat_none_as_default_value = false)]
struct UnitsRow {
    lot: Vec<u8>,
    block: Vec<u8>,
    shard: i32,
    seq: i64,
    members: Vec<u8>,
}

impl UnitsRow {
    fn of(told: &LotUnits) -> Self {
        let mut packed = Vec::new();
        put_members(&mut packed, &told.members);
        Self {
            lot: told.lot.0.to_vec(),
            block: told.block.0.to_vec(),
            shard: told.shard,
            seq: told.seq,
            members: packed,
        }
    }

    fn into_units(self) -> Result<LotUnits, db::Error> {
        let row = || {
            format!(
                "lot {} block {} shard {} seq {}",
                hex(&self.lot),
                hex(&self.block),
                self.shard,
                self.seq
            )
        };
        let mut from = Unpack::new(&self.members);
        let members = members(&mut from).map_err(|damaged| db::Error::Corrupt {
            table: "lot_units",
            what: format!("{}: {damaged}", row()),
        })?;
        Ok(LotUnits {
            lot: block("lot_units", "lot", &self.lot, row)?,
            block: block("lot_units", "block", &self.block, row)?,
            shard: self.shard,
            seq: self.seq,
            members,
        })
    }
}

/// Adds what events say of the items of lots.
pub fn add_lot_units(conn: &mut Conn, told: &[LotUnits]) -> Result<(), db::Error> {
    let rows: Vec<UnitsRow> = told.iter().map(UnitsRow::of).collect();
    db::bulk_insert!(&mut *conn, lot_units::table, rows)
}

/// Everything that is said of the items of these lots.
pub(super) fn units_of(conn: &mut Conn, lots: &[Block]) -> Result<Vec<LotUnits>, db::Error> {
    let mut found = Vec::new();
    for lots in lots.chunks(KEYS_A_QUERY) {
        let rows: Vec<UnitsRow> = lot_units::table
            .filter(lot_units::lot.eq_any(lots.iter().map(|lot| lot.0.as_slice())))
            .select(UnitsRow::as_select())
            .load(conn)?;
        for row in rows {
            found.push(row.into_units()?);
        }
    }
    Ok(found)
}

/// Everything that is said of the lots of items of these blocks.
pub(super) fn lots_of(conn: &mut Conn, blocks: &[Block]) -> Result<Vec<LotUnits>, db::Error> {
    let mut found = Vec::new();
    for blocks in blocks.chunks(KEYS_A_QUERY) {
        let rows: Vec<UnitsRow> = lot_units::table
            .filter(lot_units::block.eq_any(blocks.iter().map(|block| block.0.as_slice())))
            .select(UnitsRow::as_select())
            .load(conn)?;
        for row in rows {
            found.push(row.into_units()?);
        }
    }
    Ok(found)
}

/// Which of these blocks have a record of any event.
pub fn seen_blocks(conn: &mut Conn, blocks: &[Block]) -> Result<BTreeSet<Block>, db::Error> {
    use crate::db::schema::trace_log;
    let mut seen = BTreeSet::new();
    for blocks in blocks.chunks(KEYS_A_QUERY) {
        let found: Vec<Vec<u8>> = trace_log::table
            .filter(trace_log::block.eq_any(blocks.iter().map(|block| block.0.as_slice())))
            .select(trace_log::block)
            .distinct()
            .load(conn)?;
        for bytes in found {
            seen.insert(block("trace_log", "block", &bytes, || "a log".to_owned())?);
        }
    }
    Ok(seen)
}
