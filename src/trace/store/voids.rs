//! Which events an error declaration took back, and from which position on.
//!
//! Whoever writes events pairs a declaration with the event of the same id, whichever of the two came
//! first, and tells [`void`]. A void counts where its declaration is visible.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::KEYS_A_QUERY;
use crate::db::schema::voids;
use crate::db::{self, Conn};
use crate::ledger::Position;
use crate::trace::EventKey;

/// A row of `voids`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Queryable, Selectable, Insertable)]
#[diesel(table_name = voids)]
#[diesel(treat_none_as_default_value = false)]
pub(super) struct VoidRow {
    pub(super) shard: i32,
    pub(super) seq: i64,
    pub(super) by_shard: i32,
    pub(super) by_seq: i64,
}

impl VoidRow {
    const fn of((shard, seq): EventKey, (by_shard, by_seq): EventKey) -> Self {
        Self {
            shard,
            seq,
            by_shard,
            by_seq,
        }
    }
}

/// All rows, in the order of their keys.
pub(super) fn rows(conn: &mut Conn) -> Result<Vec<VoidRow>, db::Error> {
    Ok(voids::table
        .order((voids::shard, voids::seq, voids::by_shard, voids::by_seq))
        .select(VoidRow::as_select())
        .load(conn)?)
}

/// Notes that events are void by their declarations: pairs of (event, declaration), in any order. One
/// that is noted already stays.
pub fn void(conn: &mut Conn, pairs: &[(EventKey, EventKey)]) -> Result<(), db::Error> {
    let rows: BTreeSet<VoidRow> = pairs
        .iter()
        .map(|(event, declaration)| VoidRow::of(*event, *declaration))
        .collect();
    let rows: Vec<VoidRow> = rows.into_iter().collect();
    db::insert_new!(&mut *conn, voids::table, rows)?;
    Ok(())
}

/// Events that are void at a position.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Voids(BTreeMap<i32, Vec<i64>>);

impl Voids {
    /// All of them.
    pub fn all(conn: &mut Conn, position: &Position) -> Result<Self, db::Error> {
        Ok(Self::of(rows(conn)?, position))
    }

    /// Whether nothing is void.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those among some events.
    pub(super) fn among(
        conn: &mut Conn,
        position: &Position,
        events: &BTreeSet<EventKey>,
    ) -> Result<Self, db::Error> {
        let mut shards: BTreeMap<i32, Vec<i64>> = BTreeMap::new();
        for (shard, seq) in events {
            shards.entry(*shard).or_default().push(*seq);
        }
        let mut rows = Vec::new();
        for (shard, seqs) in shards {
            for chunk in seqs.chunks(KEYS_A_QUERY) {
                let found: Vec<VoidRow> = voids::table
                    .filter(voids::shard.eq(shard))
                    .filter(voids::seq.eq_any(chunk))
                    .select(VoidRow::as_select())
                    .load(conn)?;
                rows.extend(found);
            }
        }
        Ok(Self::of(rows, position))
    }

    fn of(rows: Vec<VoidRow>, position: &Position) -> Self {
        let mut events: BTreeMap<i32, Vec<i64>> = BTreeMap::new();
        for row in rows
            .into_iter()
            .filter(|row| position.sees(row.by_shard, row.by_seq))
        {
            events.entry(row.shard).or_default().push(row.seq);
        }
        for seqs in events.values_mut() {
            seqs.sort_unstable();
        }
        Self(events)
    }

    /// Whether the event is void.
    pub fn has(&self, shard: i32, seq: i64) -> bool {
        self.0
            .get(&shard)
            .is_some_and(|seqs| seqs.binary_search(&seq).is_ok())
    }
}
