//! What an evaluation has loaded: logs of blocks, under masks, in order of evaluation.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::codes::{Address, Block, MemberSet};
use crate::epcis::Timestamp;
use crate::events::Entry;
use crate::trace::{Alias, EventKey, LotMove, LotUnits, Record, Source, Strays};

use super::alike::each_of;
use super::items::move_by_pieces;
use super::kinds::Kinds;

/// Logs from which sorting them is shared among threads.
const LOGS_ALONE: usize = 8;

/// A set of units: blocks with members.
pub type Units = BTreeMap<Block, MemberSet>;

/// Adds members to a set of units.
pub(super) fn add_unit(units: &mut Units, unit: Address) -> bool {
    units.entry(unit.block).or_default().insert(unit.member)
}

/// Whether a unit is among these.
pub(super) fn has_unit(units: &Units, unit: Address) -> bool {
    let members = units.get(&unit.block);
    members.is_some_and(|members| members.contains(unit.member))
}

/// Units as they are met, in no order.
#[derive(Debug, Default)]
pub(super) struct Met(FxHashMap<Block, MemberSet>);

impl Met {
    pub(super) fn add(&mut self, unit: Address) {
        self.0.entry(unit.block).or_default().insert(unit.member);
    }

    pub(super) fn into_units(self) -> Units {
        self.0.into_iter().collect()
    }
}

/// Which way a membership is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Asked<'a> {
    /// The items of lots.
    ItemsOf(&'a BTreeSet<Block>),
    /// The lots of items.
    LotsOf(&'a Units),
}

/// Where an event stands in the order of evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Order {
    pub(super) time: Timestamp,
    record_time: Timestamp,
    rank: u32,
    seq: i64,
}

impl Order {
    pub(super) fn of(record: &Record, ranks: &BTreeMap<i32, u32>) -> Self {
        Self {
            time: record.t_lo,
            record_time: record.record_time,
            rank: ranks.get(&record.shard).copied().unwrap_or(u32::MAX),
            seq: record.seq,
        }
    }
}

/// Loaded logs.
#[derive(Debug, Default)]
pub(super) struct Logs(FxHashMap<Block, Log>);

impl Logs {
    /// The records of a block, in order. Records of members that were not asked for may be among them.
    pub(super) fn of(&self, block: &Block) -> &[Record] {
        self.0.get(block).map_or(&[], |log| &log.records)
    }
}

impl Drop for Logs {
    /// Millions of records are given back by all cores.
    fn drop(&mut self) {
        if LOGS_ALONE < self.0.len() {
            let logs: Vec<Log> = self.0.drain().map(|(_, log)| log).collect();
            logs.into_par_iter().for_each(drop);
        }
    }
}

#[derive(Debug, Default)]
struct Log {
    mask: MemberSet,
    records: Vec<Record>,
    kinds: Kinds,
}

/// The loaded logs over a source.
#[derive(Debug)]
pub(super) struct Reader<'s, S> {
    source: &'s mut S,
    logs: Logs,
}

impl<'s, S: Source> Reader<'s, S> {
    pub(super) fn new(source: &'s mut S) -> Self {
        Self {
            source,
            logs: Logs::default(),
        }
    }

    /// Loads what of the wanted units is not loaded yet. A block whose members outgrow what was loaded
    /// of it is read again, and the numbers of its records change: those blocks are returned.
    pub(super) fn load(&mut self, wanted: &Units) -> Result<BTreeSet<Block>, S::Error> {
        let mut missing = Units::new();
        let mut again = BTreeSet::new();
        for (block, members) in wanted {
            let log = self.logs.0.entry(*block).or_default();
            if !members.is_subset(&log.mask) {
                if !log.mask.is_empty() {
                    again.insert(*block);
                }
                log.mask.union_with(members);
                (log.kinds, log.records) = Default::default();
                missing.insert(*block, log.mask.clone());
            }
        }
        if missing.is_empty() {
            return Ok(again);
        }
        let found = self.source.load(&missing)?;
        let ranks = self.source.ranks();
        let sorted = each_of(found.into_iter().collect(), |(block, mut records)| {
            sort_records(ranks, &mut records);
            (block, Kinds::in_log(&records), records)
        });
        for (block, kinds, records) in sorted {
            if let Some(log) = self.logs.0.get_mut(&block) {
                (log.kinds, log.records) = (kinds, records);
            }
        }
        Ok(again)
    }

    /// Changes the loaded logs for others.
    pub(super) fn swap(&mut self, logs: &mut Logs) {
        std::mem::swap(&mut self.logs, logs);
    }

    /// The loaded records of a block, in order. Records of members that were not asked for may be
    /// among them.
    pub(super) fn log(&self, block: &Block) -> &[Record] {
        self.logs.of(block)
    }

    /// The same where any of them is of one of these kinds, else nothing.
    pub(super) fn log_with(&self, block: &Block, kinds: Kinds) -> &[Record] {
        let log = self.logs.0.get(block);
        log.filter(|log| log.kinds.meets(kinds))
            .map_or(&[], |log| &log.records)
    }

    /// All that is loaded, and the ranks of shards: what can be shared among threads.
    pub(super) fn loaded(&self) -> (&Logs, &BTreeMap<i32, u32>) {
        (&self.logs, self.source.ranks())
    }

    pub(super) fn order(&self, record: &Record) -> Order {
        Order::of(record, self.source.ranks())
    }

    pub(super) fn order_of(&self, entry: &Entry) -> Order {
        Order {
            time: entry.t_lo,
            record_time: entry.record_time,
            rank: self.source.rank(entry.shard),
            seq: entry.seq,
        }
    }

    /// The events, in order of evaluation.
    pub(super) fn entries(&mut self, keys: &BTreeSet<EventKey>) -> Result<Vec<Entry>, S::Error> {
        let keys: Vec<EventKey> = keys.iter().copied().collect();
        let mut entries = self.source.entries(&keys)?;
        self.sort(&mut entries);
        Ok(entries)
    }

    pub(super) fn entries_at(
        &mut self,
        place: Block,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Entry>, S::Error> {
        let mut entries = self.source.entries_at(place, from, until)?;
        self.sort(&mut entries);
        Ok(entries)
    }

    pub(super) fn processes_at(
        &mut self,
        place: Block,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Entry>, S::Error> {
        let mut entries = self.source.processes_at(place, from, until)?;
        self.sort(&mut entries);
        Ok(entries)
    }

    pub(super) fn work_around(
        &mut self,
        place: Block,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Entry>, S::Error> {
        let mut entries = self.source.work_around(place, from, until)?;
        self.sort(&mut entries);
        Ok(entries)
    }

    /// The other names of these lots, sorted.
    pub(super) fn aliases(&mut self, lots: &BTreeSet<Block>) -> Result<Vec<Alias>, S::Error> {
        let lots: Vec<Block> = lots.iter().copied().collect();
        let mut found = self.source.aliases(&lots)?;
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    pub(super) fn sites(
        &mut self,
        places: &BTreeSet<Block>,
    ) -> Result<BTreeMap<Block, BTreeSet<Block>>, S::Error> {
        self.source.sites(places)
    }

    pub(super) fn strays(
        &mut self,
        places: &BTreeMap<Block, Timestamp>,
    ) -> Result<BTreeMap<Block, Strays>, S::Error> {
        self.source.strays(places)
    }

    pub(super) fn blocks_at(&mut self, place: Block) -> Result<BTreeSet<Block>, S::Error> {
        self.source.blocks_at(place)
    }

    fn sort(&self, entries: &mut [Entry]) {
        entries.sort_by_key(|entry| self.order_of(entry));
    }

    /// All movements of the lots, by lot and time.
    pub(super) fn lot_moves(
        &mut self,
        lots: &BTreeSet<Block>,
    ) -> Result<BTreeMap<Block, Vec<LotMove>>, S::Error> {
        let keys: Vec<Block> = lots.iter().copied().collect();
        let mut by_lot: BTreeMap<Block, Vec<LotMove>> = BTreeMap::new();
        for lot_move in self.source.lot_moves(&keys)? {
            by_lot.entry(lot_move.lot).or_default().push(lot_move);
        }
        for moves in by_lot.values_mut() {
            moves.sort_by_key(|m| (m.t_lo, self.source.rank(m.shard), m.seq, m.line));
        }
        Ok(by_lot)
    }

    /// What is said of the items of these lots, or (backward) of the lots of these items; each telling with
    /// its event, in order of evaluation. Only what is told first of an item counts.
    pub(super) fn memberships(
        &mut self,
        asked: Asked<'_>,
    ) -> Result<Vec<(LotUnits, Entry)>, S::Error> {
        let told = match asked {
            Asked::ItemsOf(lots) => {
                let lots: Vec<Block> = lots.iter().copied().collect();
                self.source.lot_units(&lots)?
            }
            Asked::LotsOf(units) => self.source.lots_of(units)?,
        };
        if told.is_empty() {
            return Ok(Vec::new());
        }
        let keys = told.iter().map(|told| (told.shard, told.seq)).collect();
        let entries = self.entries(&keys)?;
        let mut by_event: BTreeMap<EventKey, Vec<LotUnits>> = BTreeMap::new();
        for told in told {
            by_event
                .entry((told.shard, told.seq))
                .or_default()
                .push(told);
        }
        let mut known: BTreeMap<(Block, Block), MemberSet> = BTreeMap::new();
        let mut found = Vec::new();
        for entry in entries {
            let told = by_event
                .remove(&(entry.shard, entry.seq))
                .unwrap_or_default();
            for mut told in told {
                let known = known.entry((told.lot, told.block)).or_default();
                told.members.subtract(known);
                known.union_with(&told.members);
                if !told.members.is_empty() {
                    found.push((told, entry.clone()));
                }
            }
        }
        Ok(found)
    }

    /// Those of these items whose lots move by a number of pieces, too.
    pub(super) fn moving(&mut self, items: &Units) -> Result<Units, S::Error> {
        let lots = self.source.lots_told(items)?;
        if lots.is_empty() {
            return Ok(Units::new());
        }
        let moves = self.lot_moves(&lots.keys().copied().collect())?;
        let mut found = Units::new();
        for (lot, blocks) in lots {
            let of_lot = moves.get(&lot).map_or(&[][..], Vec::as_slice);
            if move_by_pieces(of_lot) {
                let here = blocks
                    .iter()
                    .filter_map(|block| Some((*block, items.get(block)?)));
                found.extend(here.map(|(block, members)| (block, members.clone())));
            }
        }
        Ok(found)
    }

    /// Loads the containers of these units, theirs, and so on to the outermost; returns all of them.
    pub(super) fn load_containers(&mut self, units: &Units) -> Result<Units, S::Error> {
        let mut all = Units::new();
        let mut level = self.containers(units);
        while !level.is_empty() {
            self.load(&level)?;
            for (block, members) in &level {
                all.entry(*block).or_default().union_with(members);
            }
            let mut next = self.containers(&level);
            for (block, members) in &mut next {
                if let Some(known) = all.get(block) {
                    members.subtract(known);
                }
            }
            next.retain(|_, members| !members.is_empty());
            level = next;
        }
        Ok(all)
    }

    fn containers(&self, units: &Units) -> Units {
        let logs = units
            .iter()
            .map(|(block, mask)| (self.log_with(block, Kinds::OPENS), mask));
        let found = each_of(logs.collect(), |(log, mask)| {
            let mut found = Met::default();
            for record in log {
                if let Some(peer) = record.peer.filter(|_| Kinds::OPENS.has(record))
                    && record.members.intersects(mask)
                {
                    found.add(peer);
                }
            }
            found.into_units()
        });
        let mut all = Units::new();
        for (block, members) in found.into_iter().flatten() {
            all.entry(block).or_default().union_with(&members);
        }
        all
    }
}

fn sort_records(ranks: &BTreeMap<i32, u32>, records: &mut [Record]) {
    let rank = |shard: i32| ranks.get(&shard).copied().unwrap_or(u32::MAX);
    records.sort_by(|a, b| {
        let times = (a.t_lo, a.record_time).cmp(&(b.t_lo, b.record_time));
        let shards = || match a.shard.cmp(&b.shard) {
            Ordering::Equal => Ordering::Equal,
            _ => rank(a.shard).cmp(&rank(b.shard)),
        };
        let rest = || (a.seq, a.op, a.peer).cmp(&(b.seq, b.op, b.peer));
        times.then_with(shards).then_with(rest)
    });
}
