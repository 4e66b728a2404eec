//! The database as a [`Source`]: what is visible at one position.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::voids::Voids;
use super::{KEYS_A_QUERY, block, issued, load, lots, places, strays, units};
use crate::codes::{BaseRow, Block, BlockKind, MemberSet};
use crate::db::schema::blocks;
use crate::db::{self, Conn};
use crate::epcis::Timestamp;
use crate::events::{self, Entry, Side};
use crate::ledger::{self, Position, ShardName};
use crate::parties;
use crate::trace::project::utc_day;
use crate::trace::{Alias, EventKey, LotMove, LotUnits, Record, Source, Strays, begins_nowhere};

/// Reads one position of the ledger through one connection. Use it inside [`Conn::snapshot`]: the tables
/// are read one after the other.
pub struct StoreSource<'c> {
    conn: &'c mut Conn,
    position: Position,
    ranks: BTreeMap<i32, u32>,
    voids: Option<Voids>,
    control_size: i64,
}

impl std::fmt::Debug for StoreSource<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoreSource")
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}

impl<'c> StoreSource<'c> {
    /// A source at a position.
    pub fn new(conn: &'c mut Conn, position: Position) -> Result<Self, ledger::Error> {
        let shards = ledger::shards(conn)?;
        let mut names: Vec<(String, i32)> = shards
            .iter()
            .map(|shard| (shard.name.to_string(), shard.number))
            .collect();
        names.sort();
        let ranks = (0..)
            .zip(names)
            .map(|(rank, (_, shard))| (shard, rank))
            .collect();
        let mut control = shards
            .iter()
            .filter(|shard| shard.name == ShardName::control())
            .filter_map(|shard| position.0.get(&shard.number));
        let control_size = control.next().copied().unwrap_or_default();
        Ok(Self {
            conn,
            position,
            ranks,
            voids: None,
            control_size,
        })
    }

    /// The position.
    pub const fn position(&self) -> &Position {
        &self.position
    }

    /// The connection, for reads beside the source.
    pub fn conn(&mut self) -> &mut Conn {
        self.conn
    }

    /// Keeps what is visible.
    fn visible<T>(
        &mut self,
        mut found: Vec<T>,
        key: impl Fn(&T) -> EventKey,
    ) -> Result<Vec<T>, db::Error> {
        found.retain(|item| {
            let (shard, seq) = key(item);
            self.position.sees(shard, seq)
        });
        if found.is_empty() {
            return Ok(found);
        }
        let has = |voids: &Voids, item: &T| {
            let (shard, seq) = key(item);
            voids.has(shard, seq)
        };
        if let Some(voids) = &self.voids {
            found.retain(|item| !has(voids, item));
        } else {
            let events: BTreeSet<EventKey> = found.iter().map(&key).collect();
            let voids = Voids::among(self.conn, &self.position, &events)?;
            found.retain(|item| !has(&voids, item));
        }
        Ok(found)
    }

    fn visible_events(&mut self, found: Vec<Entry>) -> Result<Vec<Entry>, db::Error> {
        let events = found
            .into_iter()
            .filter(|entry| !entry.is_declaration)
            .collect();
        self.visible(events, |entry: &Entry| (entry.shard, entry.seq))
    }
}

impl Source for StoreSource<'_> {
    type Error = db::Error;

    fn ranks(&self) -> &BTreeMap<i32, u32> {
        &self.ranks
    }

    fn load(
        &mut self,
        wanted: &BTreeMap<Block, MemberSet>,
    ) -> Result<BTreeMap<Block, Vec<Record>>, db::Error> {
        load(self.conn, wanted, &self.position, &mut self.voids)
    }

    fn entries(&mut self, keys: &[EventKey]) -> Result<Vec<Entry>, db::Error> {
        let found = events::by_keys(self.conn, keys)?;
        self.visible_events(found)
    }

    fn lot_moves(&mut self, lots: &[Block]) -> Result<Vec<LotMove>, db::Error> {
        let found = lots::moves_of(self.conn, lots)?;
        self.visible(found, |moved: &LotMove| (moved.shard, moved.seq))
    }

    fn lot_units(&mut self, lots: &[Block]) -> Result<Vec<LotUnits>, db::Error> {
        let found = units::units_of(self.conn, lots)?;
        let mut told = self.visible(found, |told: &LotUnits| (told.shard, told.seq))?;
        let at = (&self.position, self.control_size);
        told.extend(issued::issued_units(self.conn, lots, at, &mut self.voids)?);
        Ok(told)
    }

    fn lots_of(&mut self, items: &BTreeMap<Block, MemberSet>) -> Result<Vec<LotUnits>, db::Error> {
        let blocks: Vec<Block> = items.keys().copied().collect();
        let found = units::lots_of(self.conn, &blocks)?;
        let mut told = self.visible(found, |told: &LotUnits| (told.shard, told.seq))?;
        let at = (&self.position, self.control_size);
        told.extend(issued::issued_lots(self.conn, items, at, &mut self.voids)?);
        Ok(told)
    }

    fn lots_told(
        &mut self,
        items: &BTreeMap<Block, MemberSet>,
    ) -> Result<BTreeMap<Block, BTreeSet<Block>>, db::Error> {
        let blocks: Vec<Block> = items.keys().copied().collect();
        let mut lots: BTreeMap<Block, BTreeSet<Block>> = BTreeMap::new();
        for told in units::lots_of(self.conn, &blocks)? {
            lots.entry(told.lot).or_default().insert(told.block);
        }
        for (block, lot) in issued::lots_issued_for(self.conn, &blocks)? {
            lots.entry(lot).or_default().insert(block);
        }
        Ok(lots)
    }

    fn entries_at(
        &mut self,
        place: Block,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Entry>, db::Error> {
        let mut places = places_inside_block(self.conn, place)?;
        places.push(place);
        let found = events::at_places(self.conn, &places, from, until)?;
        self.visible_events(found)
    }

    fn processes_at(
        &mut self,
        place: Block,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Entry>, db::Error> {
        let mut places = places_inside_block(self.conn, place)?;
        places.push(place);
        let found = events::processes_at(self.conn, &places, from, until)?;
        self.visible_events(found)
    }

    fn work_around(
        &mut self,
        place: Block,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Entry>, db::Error> {
        let mut places = places_inside_block(self.conn, place)?;
        places.push(place);
        let mut found = Vec::new();
        for place in places {
            for (side, time) in [(Side::Before, from), (Side::After, until)] {
                let mut passed = 0;
                loop {
                    let next = events::work_beside(self.conn, place, side, time, passed)?;
                    let Some(count) = std::num::NonZeroUsize::new(next.len()) else {
                        break;
                    };
                    passed += count.get();
                    // SQLite's LIKE takes no notice of case; what is work does.
                    let mut visible = self.visible_events(next)?.into_iter();
                    if let Some(nearest) = visible.find(Entry::is_work) {
                        found.push(nearest);
                        break;
                    }
                }
            }
        }
        Ok(found)
    }

    fn blocks_at(&mut self, place: Block) -> Result<BTreeSet<Block>, db::Error> {
        places::blocks_at(self.conn, place, &(i32::MIN..=i32::MAX))
    }

    fn sites(
        &mut self,
        places: &BTreeSet<Block>,
    ) -> Result<BTreeMap<Block, BTreeSet<Block>>, db::Error> {
        strays::sites(self.conn, places.iter())
    }

    fn strays(
        &mut self,
        wanted: &BTreeMap<Block, Timestamp>,
    ) -> Result<BTreeMap<Block, Strays>, db::Error> {
        let mut found: BTreeMap<Block, Strays> = BTreeMap::new();
        for (place, site) in strays::sites(self.conn, wanted.keys())? {
            let Some(from) = wanted.get(&place) else {
                continue;
            };
            let parts: Vec<Block> = site.iter().copied().collect();
            let lots = places::lots_since(self.conn, &parts, utc_day(*from))?;
            found.insert(place, Strays { site, lots });
        }
        let all: BTreeSet<Block> = found
            .values()
            .flat_map(|strays| &strays.lots)
            .copied()
            .collect();
        let all: Vec<Block> = all.into_iter().collect();
        let doubtful = strays::doubtful(self.conn, &all, &self.position)?;
        let mut moves: BTreeMap<Block, Vec<LotMove>> = BTreeMap::new();
        for moved in self.lot_moves(&doubtful)? {
            moves.entry(moved.lot).or_default().push(moved);
        }
        moves.retain(|_, moves| begins_nowhere(moves.iter().map(LotMove::told)));
        let rest: Vec<Block> = moves.into_keys().collect();
        let strays = strays::unusual(self.conn, &rest, &self.position)?;
        for of_place in found.values_mut() {
            of_place.lots.retain(|lot| strays.contains(lot));
        }
        Ok(found)
    }

    fn aliases(&mut self, lots: &[Block]) -> Result<Vec<Alias>, db::Error> {
        let names = lot_names(self.conn, lots)?;
        let found = parties::aliases_before(self.conn, &names, self.control_size)?;
        Ok(found
            .iter()
            .map(|alias| Alias {
                lot: lot_block(&alias.lot),
                same_as: lot_block(&alias.same_as),
            })
            .collect())
    }
}

/// The block of the lot with this canonical identifier.
fn lot_block(canonical: &str) -> Block {
    BaseRow::hashed(BlockKind::Lot, canonical.to_owned()).block
}

/// The canonical identifiers of lots.
fn lot_names(conn: &mut Conn, lots: &[Block]) -> Result<Vec<String>, db::Error> {
    let mut names = Vec::new();
    for chunk in lots.chunks(KEYS_A_QUERY) {
        let keys = chunk.iter().map(|lot| lot.0.as_slice());
        let found: Vec<String> = blocks::table
            .filter(blocks::block.eq_any(keys))
            .filter(blocks::kind.eq(i32::from(BlockKind::Lot as u8)))
            .select(blocks::base)
            .load(conn)?;
        names.extend(found);
    }
    Ok(names)
}

/// The places whose identifiers continue that of the place: a GLN with any extension.
pub fn places_inside(conn: &mut Conn, base: &str) -> Result<Vec<Block>, db::Error> {
    // '0' is the character after '/'.
    let found: Vec<Vec<u8>> = blocks::table
        .filter(blocks::base.ge(format!("{base}/")))
        .filter(blocks::base.lt(format!("{base}0")))
        .filter(blocks::kind.eq(i32::from(BlockKind::Place as u8)))
        .select(blocks::block)
        .order(blocks::base)
        .load(conn)?;
    found
        .iter()
        .map(|bytes| block("blocks", "block", bytes, || format!("place inside {base}")))
        .collect()
}

/// The lots of a class that events name.
pub fn lots_of_class(conn: &mut Conn, class: &str) -> Result<Vec<Block>, db::Error> {
    // '0' is the character after '/'.
    let found: Vec<Vec<u8>> = blocks::table
        .filter(blocks::base.ge(format!("{class}/10/")))
        .filter(blocks::base.lt(format!("{class}/100")))
        .filter(blocks::kind.eq(i32::from(BlockKind::Lot as u8)))
        .select(blocks::block)
        .order(blocks::base)
        .load(conn)?;
    found
        .iter()
        .map(|bytes| block("blocks", "block", bytes, || format!("lot of {class}")))
        .collect()
}

/// The same, by the block of the place.
fn places_inside_block(conn: &mut Conn, place: Block) -> Result<Vec<Block>, db::Error> {
    let base: Option<String> = blocks::table
        .filter(blocks::block.eq(place.0.as_slice()))
        .select(blocks::base)
        .first(conn)
        .optional()?;
    base.map_or_else(|| Ok(Vec::new()), |base| places_inside(conn, &base))
}
