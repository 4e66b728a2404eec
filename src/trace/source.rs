//! Where an evaluation reads from: the records, events and lot movements visible at one position, and
//! nothing later. The database store is one source; [`MemorySource`] is another, for tests, drills and
//! scenarios.
//!
//! A source answers in sets: many blocks a call, never one item a call.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use crate::codes::{Block, MemberSet};
use crate::epcis::Timestamp;
use crate::events::{Entry, EventType};

use super::{Alias, LotMove, LotUnits, Record, begins_nowhere};

/// An event's place in the ledger: its shard's local number and its leaf.
pub type EventKey = (i32, i64);

/// What an evaluation may ask. Everything a source hands out lies before its position and is not
/// voided by an error declaration before its position; declarations themselves are not handed out.
pub trait Source {
    /// Why reading failed.
    type Error;

    /// Where each shard stands among all shards in the order of their names: the tie-break between
    /// events of equal times.
    fn ranks(&self) -> &BTreeMap<i32, u32>;

    /// Where a shard stands.
    fn rank(&self, shard: i32) -> u32 {
        self.ranks().get(&shard).copied().unwrap_or(u32::MAX)
    }

    /// By block every record that shares a member with the block's mask, in any order. A record comes with
    /// all its members, those outside the mask too.
    fn load(
        &mut self,
        wanted: &BTreeMap<Block, MemberSet>,
    ) -> Result<BTreeMap<Block, Vec<Record>>, Self::Error>;

    /// The visible events with these keys (sorted, no two equal), in any order; keys of events that
    /// are not visible are passed over.
    fn entries(&mut self, keys: &[EventKey]) -> Result<Vec<Entry>, Self::Error>;

    /// All visible movements of these lots (sorted, no two equal), in any order.
    fn lot_moves(&mut self, lots: &[Block]) -> Result<Vec<LotMove>, Self::Error>;

    /// What visible events say of the single items of these lots (sorted, no two equal), in any order.
    fn lot_units(&mut self, lots: &[Block]) -> Result<Vec<LotUnits>, Self::Error>;

    /// What visible events say of the lots of these items, in any order; other items of the same blocks may be
    /// told of with them.
    fn lots_of(&mut self, items: &BTreeMap<Block, MemberSet>)
    -> Result<Vec<LotUnits>, Self::Error>;

    /// The lots that items of the same blocks as these are of, each with the blocks: at least those that
    /// [`Self::lots_of`] tells of, and cheaper to ask for.
    fn lots_told(
        &mut self,
        items: &BTreeMap<Block, MemberSet>,
    ) -> Result<BTreeMap<Block, BTreeSet<Block>>, Self::Error>;

    /// The visible events that happened at the place or one inside it ([`Entry::happened_at`]) and
    /// whose time meets `from..=until`, in any order.
    fn entries_at(
        &mut self,
        place: Block,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Entry>, Self::Error>;

    /// The visible transformations at the place or one inside it that began in `from..=until`, in any order.
    fn processes_at(
        &mut self,
        place: Block,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Entry>, Self::Error>;

    /// Of every single place at or inside this one: the nearest visible event of work (a transformation, things
    /// or lots that begin, a cleaning) that ended before `from`, and the nearest that began after `until`.
    fn work_around(
        &mut self,
        place: Block,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Entry>, Self::Error>;

    /// Blocks some member of which may have been at exactly this place; their records decide.
    fn blocks_at(&mut self, place: Block) -> Result<BTreeSet<Block>, Self::Error>;

    /// The site that each of these places is or is a part of, with all its parts, by place; a place that no event names
    /// has none.
    fn sites(
        &mut self,
        places: &BTreeSet<Block>,
    ) -> Result<BTreeMap<Block, BTreeSet<Block>>, Self::Error>;

    /// By place: the parts of its site, and the lots that may have been at any of them on the day of the time given
    /// or later and that begin nowhere ([`begins_nowhere`]), though others of their products were made or brought, as far
    /// as the source knows products: what begins on record usually.
    fn strays(
        &mut self,
        places: &BTreeMap<Block, Timestamp>,
    ) -> Result<BTreeMap<Block, Strays>, Self::Error>;

    /// The other names of these lots (sorted, no two equal), either way round, in any order.
    fn aliases(&mut self, lots: &[Block]) -> Result<Vec<Alias>, Self::Error>;
}

/// Lots that turn up at a site and begin nowhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Strays {
    /// The site with its parts.
    pub site: BTreeSet<Block>,
    /// The lots.
    pub lots: BTreeSet<Block>,
}

/// A source in memory. Leave out what is not visible.
#[derive(Debug, Clone, Default)]
pub struct MemorySource {
    shards: BTreeMap<i32, u32>,
    inside: BTreeMap<Block, BTreeSet<Block>>,
    entries: BTreeMap<EventKey, Entry>,
    log: BTreeMap<Block, Vec<Record>>,
    moves: BTreeMap<Block, Vec<LotMove>>,
    lot_units: Vec<LotUnits>,
    aliases: Vec<Alias>,
}

impl MemorySource {
    /// An empty source over shards with these names.
    pub fn new(shards: &BTreeMap<i32, String>) -> Self {
        let mut names: Vec<_> = shards.iter().map(|(shard, name)| (name, *shard)).collect();
        names.sort();
        let shards = (0..).zip(names).map(|(rank, (_, shard))| (shard, rank));
        Self {
            shards: shards.collect(),
            ..Self::default()
        }
    }

    /// Says that a place lies inside another, at any depth.
    pub fn place_inside(&mut self, place: Block, outer: Block) {
        self.inside.entry(outer).or_default().insert(place);
    }

    /// Adds an event with what it was projected to.
    pub fn add(
        &mut self,
        entry: Entry,
        records: impl IntoIterator<Item = (Block, Record)>,
        moves: impl IntoIterator<Item = LotMove>,
    ) {
        for (block, record) in records {
            self.log.entry(block).or_default().push(record);
        }
        for lot_move in moves {
            self.moves.entry(lot_move.lot).or_default().push(lot_move);
        }
        self.entries.insert((entry.shard, entry.seq), entry);
    }
}

impl MemorySource {
    /// Adds what an event says of the items of a lot.
    pub fn add_lot_units(&mut self, told: LotUnits) {
        self.lot_units.push(told);
    }

    /// The site of a place, with its parts.
    fn site(&self, place: Block) -> BTreeSet<Block> {
        let mut sites = self.inside.iter();
        let outer = sites.find(|(_, parts)| parts.contains(&place));
        let whole = outer.map_or(place, |(outer, _)| *outer);
        let parts = self.inside.get(&whole).into_iter().flatten();
        parts.copied().chain([whole]).collect()
    }

    /// Says that two lots are one.
    pub fn add_alias(&mut self, alias: Alias) {
        self.aliases.push(alias);
    }
}

impl Source for MemorySource {
    type Error = Infallible;

    fn ranks(&self) -> &BTreeMap<i32, u32> {
        &self.shards
    }

    fn load(
        &mut self,
        wanted: &BTreeMap<Block, MemberSet>,
    ) -> Result<BTreeMap<Block, Vec<Record>>, Infallible> {
        let of_block = |(block, mask): (&Block, &MemberSet)| {
            let records = self.log.get(block)?.iter();
            let hit = records.filter(|record| record.members.intersects(mask));
            Some((*block, hit.cloned().collect()))
        };
        Ok(wanted.iter().filter_map(of_block).collect())
    }

    fn entries(&mut self, keys: &[EventKey]) -> Result<Vec<Entry>, Infallible> {
        let found = keys.iter().filter_map(|key| self.entries.get(key));
        Ok(found.cloned().collect())
    }

    fn lot_moves(&mut self, lots: &[Block]) -> Result<Vec<LotMove>, Infallible> {
        let found = lots.iter().filter_map(|lot| self.moves.get(lot));
        Ok(found.flatten().cloned().collect())
    }

    fn lot_units(&mut self, lots: &[Block]) -> Result<Vec<LotUnits>, Infallible> {
        let told = self.lot_units.iter();
        Ok(told
            .filter(|told| lots.contains(&told.lot))
            .cloned()
            .collect())
    }

    fn lots_told(
        &mut self,
        items: &BTreeMap<Block, MemberSet>,
    ) -> Result<BTreeMap<Block, BTreeSet<Block>>, Infallible> {
        let mut lots: BTreeMap<Block, BTreeSet<Block>> = BTreeMap::new();
        for told in self.lots_of(items)? {
            lots.entry(told.lot).or_default().insert(told.block);
        }
        Ok(lots)
    }

    fn lots_of(&mut self, items: &BTreeMap<Block, MemberSet>) -> Result<Vec<LotUnits>, Infallible> {
        let told = self.lot_units.iter();
        Ok(told
            .filter(|told| items.contains_key(&told.block))
            .cloned()
            .collect())
    }

    fn entries_at(
        &mut self,
        place: Block,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Entry>, Infallible> {
        let inner = self.inside.get(&place);
        let meets = |entry: &&Entry| {
            let here = entry
                .happened_at()
                .is_some_and(|at| at == place || inner.is_some_and(|inner| inner.contains(&at)));
            here && entry.t_lo <= until && entry.t_hi >= from
        };
        Ok(self.entries.values().filter(meets).cloned().collect())
    }
    fn processes_at(
        &mut self,
        place: Block,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Entry>, Infallible> {
        let mut found = self.entries_at(place, from, until)?;
        found.retain(|entry| entry.event_type == EventType::Transformation && entry.t_lo >= from);
        Ok(found)
    }

    fn work_around(
        &mut self,
        place: Block,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Entry>, Infallible> {
        let mut places: BTreeSet<Block> = self.inside.get(&place).cloned().unwrap_or_default();
        places.insert(place);
        let mut found = Vec::new();
        for place in places {
            let here = |entry: &&Entry| entry.happened_at() == Some(place) && entry.is_work();
            let work: Vec<&Entry> = self.entries.values().filter(here).collect();
            let before = work.iter().filter(|entry| entry.t_hi < from);
            let after = work.iter().filter(|entry| until < entry.t_lo);
            let last = before.max_by_key(|entry| (entry.t_hi, entry.shard, entry.seq));
            let next = after.min_by_key(|entry| (entry.t_lo, entry.shard, entry.seq));
            found.extend(last.into_iter().chain(next).copied().cloned());
        }
        Ok(found)
    }

    fn blocks_at(&mut self, place: Block) -> Result<BTreeSet<Block>, Infallible> {
        let at = |entry: &&Entry| {
            let places = [entry.read_point, entry.biz_location];
            places.contains(&Some(place))
        };
        let parts = self
            .entries
            .values()
            .filter(at)
            .flat_map(|entry| &entry.parts);
        Ok(parts.map(|part| part.block).collect())
    }

    fn sites(
        &mut self,
        places: &BTreeSet<Block>,
    ) -> Result<BTreeMap<Block, BTreeSet<Block>>, Infallible> {
        let places = places.iter();
        Ok(places.map(|place| (*place, self.site(*place))).collect())
    }

    fn strays(
        &mut self,
        places: &BTreeMap<Block, Timestamp>,
    ) -> Result<BTreeMap<Block, Strays>, Infallible> {
        let mut found: BTreeMap<Block, Strays> = BTreeMap::new();
        for (place, from) in places {
            let mut strays = Strays {
                site: self.site(*place),
                lots: BTreeSet::new(),
            };
            for (lot, moves) in &self.moves {
                let ends = |moved: &LotMove| [moved.from_place, moved.to_place];
                let is_here = |moved: &LotMove| {
                    moved.t_hi >= *from
                        && ends(moved)
                            .iter()
                            .flatten()
                            .any(|end| strays.site.contains(end))
                };
                let told = moves.iter().map(LotMove::told);
                if moves.iter().any(is_here) && begins_nowhere(told) {
                    strays.lots.insert(*lot);
                }
            }
            found.insert(*place, strays);
        }
        Ok(found)
    }

    fn aliases(&mut self, lots: &[Block]) -> Result<Vec<Alias>, Infallible> {
        let found = self.aliases.iter();
        Ok(found
            .filter(|alias| lots.contains(&alias.lot) || lots.contains(&alias.same_as))
            .copied()
            .collect())
    }
}
