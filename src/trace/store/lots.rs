//! Movements of lots.

use diesel::prelude::*;

use super::{KEYS_A_QUERY, block, bytes};
use crate::codes::Block;
use crate::db::schema::lot_moves;
use crate::db::{self, Conn};
use crate::epcis::Timestamp;
use crate::events::Quantity;
use crate::ledger::hex;
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

/// For each of these lots and each shard the first movement in which stock began ([`LotRole::begins`]), seen or not.
pub(super) fn beginnings(conn: &mut Conn, lots: &[Block]) -> Result<Vec<Beginning>, db::Error> {
    let roles =
        [LotRole::Made, LotRole::Received, LotRole::Returned].map(|role| i32::from(role as u8));
    let mut found = Vec::new();
    for lots in lots.chunks(KEYS_A_QUERY) {
        let rows: Vec<(Vec<u8>, i32, Option<i64>)> = lot_moves::table
            .filter(lot_moves::lot.eq_any(lots.iter().map(|lot| lot.0.as_slice())))
            .filter(lot_moves::role.eq_any(roles))
            .group_by((lot_moves::lot, lot_moves::shard))
            .select((
                lot_moves::lot,
                lot_moves::shard,
                diesel::dsl::min(lot_moves::seq),
            ))
            .load(conn)?;
        for (lot, shard, seq) in rows {
            let lot = block("lot_moves", "lot", &lot, || format!("shard {shard}"))?;
            found.extend(seq.map(|seq| Beginning { lot, shard, seq }));
        }
    }
    Ok(found)
}

/// The first movement of a shard in which stock of a lot began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Beginning {
    pub(super) lot: Block,
    pub(super) shard: i32,
    pub(super) seq: i64,
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
