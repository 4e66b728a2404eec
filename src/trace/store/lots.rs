//! Movements of lots.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::{KEYS_A_QUERY, block, bytes};
use crate::codes::Block;
use crate::db::schema::{lot_moves, voids};
use crate::db::{self, Conn};
use crate::epcis::Timestamp;
use crate::events::Quantity;
use crate::ledger::{Position, hex};
use crate::trace::{LotMove, LotRole};

/// A row of `lot_moves`.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = lot_moves)]
#[diesel(treat_none_as_default_value = false)]
pub(super) struct LotRow {
    pub(super) lot: Vec<u8>,
    pub(super) shard: i32,
    pub(super) seq: i64,
    pub(super) line: i32,
    pub(super) role: i32,
    pub(super) from_place: Option<Vec<u8>>,
    pub(super) to_place: Option<Vec<u8>>,
    pub(super) from_party: Option<Vec<u8>>,
    pub(super) to_party: Option<Vec<u8>>,
    pub(super) quantity: Option<i64>,
    pub(super) scale: i32,
    pub(super) uom: Option<String>,
    pub(super) t_lo: i64,
    pub(super) t_hi: i64,
}

impl LotRow {
    fn of(moved: &LotMove) -> Self {
        Self {
            lot: moved.lot.0.to_vec(),
            shard: moved.shard,
            seq: moved.seq,
            line: moved.line,
            role: i32::from(moved.role as u8),
            from_place: bytes(moved.from_place),
            to_place: bytes(moved.to_place),
            from_party: bytes(moved.from_party),
            to_party: bytes(moved.to_party),
            quantity: moved.quantity.amount.map(|(digits, _)| digits),
            scale: moved.quantity.amount.map_or(0, |(_, scale)| scale.into()),
            uom: moved.quantity.uom.clone(),
            t_lo: moved.t_lo.micros(),
            t_hi: moved.t_hi.micros(),
        }
    }

    pub(super) fn key(&self) -> String {
        format!(
            "lot {} shard {} seq {} line {}",
            hex(&self.lot),
            self.shard,
            self.seq,
            self.line
        )
    }

    pub(super) fn into_move(self) -> Result<LotMove, db::Error> {
        let corrupt = |what: &str| db::Error::Corrupt {
            table: "lot_moves",
            what: format!("{}: {what}", self.key()),
        };
        let known = |column: &str, bytes: &[u8]| block("lot_moves", column, bytes, || self.key());
        let maybe = |column: &str, bytes: &Option<Vec<u8>>| {
            bytes
                .as_deref()
                .map(|bytes| known(column, bytes))
                .transpose()
        };
        let role = u8::try_from(self.role).ok().and_then(LotRole::from_number);
        let scale =
            u8::try_from(self.scale).map_err(|_too_large| corrupt("scale is out of range"))?;
        Ok(LotMove {
            lot: known("lot", &self.lot)?,
            shard: self.shard,
            seq: self.seq,
            line: self.line,
            role: role.ok_or_else(|| corrupt("unknown role"))?,
            from_place: maybe("from_place", &self.from_place)?,
            to_place: maybe("to_place", &self.to_place)?,
            from_party: maybe("from_party", &self.from_party)?,
            to_party: maybe("to_party", &self.to_party)?,
            quantity: Quantity {
                amount: self.quantity.map(|digits| (digits, scale)),
                uom: self.uom,
            },
            t_lo: Timestamp::from_micros(self.t_lo),
            t_hi: Timestamp::from_micros(self.t_hi),
        })
    }
}

/// Adds movements.
pub(super) fn insert(conn: &mut Conn, moves: &[LotMove]) -> Result<(), db::Error> {
    let rows: Vec<LotRow> = moves.iter().map(LotRow::of).collect();
    db::bulk_insert!(&mut *conn, lot_moves::table, rows)
}

/// When movements of each role began, of each of these lots, before a position, shard by shard; voided ones count.
pub(super) fn first_times(
    conn: &mut Conn,
    lots: &[Block],
    position: &Position,
) -> Result<BTreeMap<Block, Vec<(LotRole, Timestamp)>>, db::Error> {
    let mut times: BTreeMap<Block, Vec<(LotRole, Timestamp)>> = BTreeMap::new();
    for lots in lots.chunks(KEYS_A_QUERY) {
        for (shard, size) in &position.0 {
            let rows: Vec<(Vec<u8>, i32, Option<i64>)> = lot_moves::table
                .filter(lot_moves::lot.eq_any(lots.iter().map(|lot| lot.0.as_slice())))
                .filter(lot_moves::shard.eq(shard))
                .filter(lot_moves::seq.lt(size))
                .group_by((lot_moves::lot, lot_moves::role))
                .select((
                    lot_moves::lot,
                    lot_moves::role,
                    diesel::dsl::min(lot_moves::t_lo),
                ))
                .load(conn)?;
            for (lot, role, t_lo) in rows {
                let lot = block("lot_moves", "lot", &lot, || format!("role {role}"))?;
                let known = u8::try_from(role).ok().and_then(LotRole::from_number);
                let role = known.ok_or_else(|| db::Error::Corrupt {
                    table: "lot_moves",
                    what: format!("lot {}: role {role} is unknown", hex(&lot.0)),
                })?;
                let of_lot = times.entry(lot).or_default();
                of_lot.extend(t_lo.map(|t_lo| (role, Timestamp::from_micros(t_lo))));
            }
        }
    }
    Ok(times)
}

/// Those of these lots some movement of which an error declaration took back, at whatever position.
pub(super) fn with_voids(conn: &mut Conn, lots: &[Block]) -> Result<BTreeSet<Block>, db::Error> {
    let mut found = BTreeSet::new();
    for lots in lots.chunks(KEYS_A_QUERY) {
        let voided = lot_moves::shard
            .eq(voids::shard)
            .and(lot_moves::seq.eq(voids::seq));
        let rows: Vec<Vec<u8>> = lot_moves::table
            .inner_join(voids::table.on(voided))
            .filter(lot_moves::lot.eq_any(lots.iter().map(|lot| lot.0.as_slice())))
            .select(lot_moves::lot)
            .distinct()
            .load(conn)?;
        for lot in rows {
            found.insert(block("lot_moves", "lot", &lot, || "voided".to_owned())?);
        }
    }
    Ok(found)
}

/// All movements of these lots, by lot, shard, seq and line.
pub(super) fn moves_of(conn: &mut Conn, lots: &[Block]) -> Result<Vec<LotMove>, db::Error> {
    let mut moves = Vec::new();
    for lots in lots.chunks(KEYS_A_QUERY) {
        let rows: Vec<LotRow> = lot_moves::table
            .filter(lot_moves::lot.eq_any(lots.iter().map(|lot| lot.0.as_slice())))
            .order((
                lot_moves::lot,
                lot_moves::shard,
                lot_moves::seq,
                lot_moves::line,
            ))
            .select(LotRow::as_select())
            .load(conn)?;
        for row in rows {
            moves.push(row.into_move()?);
        }
    }
    Ok(moves)
}
