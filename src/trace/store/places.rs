//! Who may have been at a place on a day: candidates for contact and vessels. The records of the blocks
//! decide; these rows only say which to load. They know no position: what a later event added is there.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use diesel::prelude::*;

use super::{KEYS_A_QUERY, block};
use crate::codes::{Block, BlockKind};
use crate::db::schema::place_blocks;
use crate::db::{self, Conn};
use crate::trace::project::{EVERY_DAY, PlaceBlock};

/// A row of `place_blocks`.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = place_blocks)]
#[diesel(treat_none_as_default_value = false)]
pub(super) struct PlaceRow {
    pub(super) place: Vec<u8>,
    pub(super) day: i32,
    pub(super) block: Vec<u8>,
}

impl PlaceRow {
    fn of(seen: &PlaceBlock) -> Self {
        Self {
            place: seen.place.0.to_vec(),
            day: seen.day,
            block: seen.block.0.to_vec(),
        }
    }
}

/// Adds rows; those that are there stay. In the order of their keys, so that two writers never wait for
/// each other crosswise.
pub(super) fn insert(conn: &mut Conn, seen: &BTreeSet<PlaceBlock>) -> Result<(), db::Error> {
    let rows: Vec<PlaceRow> = seen.iter().map(PlaceRow::of).collect();
    db::insert_new!(&mut *conn, place_blocks::table, rows)?;
    Ok(())
}

/// Lots that may have been at one of these places on this day (days since 1970-01-01, UTC) or later.
pub(super) fn lots_since(
    conn: &mut Conn,
    places: &[Block],
    day: i32,
) -> Result<BTreeSet<Block>, db::Error> {
    let (first, next) = (BlockKind::Lot as u8, BlockKind::Lot as u8 + 1);
    let mut lots = BTreeSet::new();
    for places in places.chunks(KEYS_A_QUERY) {
        let found: Vec<Vec<u8>> = place_blocks::table
            .filter(place_blocks::place.eq_any(places.iter().map(|place| place.0.as_slice())))
            .filter(
                place_blocks::day
                    .ge(day)
                    .or(place_blocks::day.eq(EVERY_DAY)),
            )
            .filter(place_blocks::block.ge([first].as_slice()))
            .filter(place_blocks::block.lt([next].as_slice()))
            .select(place_blocks::block)
            .distinct()
            .load(conn)?;
        for bytes in found {
            lots.insert(block("place_blocks", "block", &bytes, || {
                format!("one of {} places", places.len())
            })?);
        }
    }
    Ok(lots)
}

/// Blocks some member of which may have been at the place on one of the days (days since 1970-01-01, UTC).
pub fn blocks_at(
    conn: &mut Conn,
    place: Block,
    days: &RangeInclusive<i32>,
) -> Result<BTreeSet<Block>, db::Error> {
    let on_days = place_blocks::day.between(*days.start(), *days.end());
    let found: Vec<Vec<u8>> = place_blocks::table
        .filter(place_blocks::place.eq(place.0.as_slice()))
        .filter(on_days.or(place_blocks::day.eq(EVERY_DAY)))
        .select(place_blocks::block)
        .distinct()
        .load(conn)?;
    found
        .iter()
        .map(|bytes| {
            block("place_blocks", "block", bytes, || {
                format!("place {place:?}")
            })
        })
        .collect()
}
