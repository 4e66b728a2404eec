//! Where units are at a time: their own records, then their containers', level by level; resolved from
//! the outermost container down. A parent's observations are never copied to its children.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::codes::{Address, Block};
use crate::epcis::Timestamp;
use crate::trace::{EventKey, Flow, Op, Record, Source};

use super::alike::{Contents, Folded, each_of};
use super::holding::Holding;
use super::reader::{Logs, Reader, Units, add_unit};
use super::slots::{Emptyings, Index, NONE, Ranks, Slot, Slots};
use super::standing::{Answer, Standing, Status, Whereabouts};

/// A standing not worked out yet.
pub(super) const OPEN: u32 = u32::MAX;

/// Where these units are at this time, as far as the source sees.
pub(super) fn whereabouts<S: Source>(
    reader: &mut Reader<'_, S>,
    units: &Units,
    at: Timestamp,
) -> Result<Whereabouts, S::Error> {
    Climb::new(reader, at).run(units)
}

/// The containers of one block: their slots, and their standings as far as worked out.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) slots: Slots,
    pub(super) emptyings: Emptyings,
    pub(super) standings: Vec<u32>,
}

pub(super) struct Climb<'r, 's, S> {
    pub(super) reader: &'r mut Reader<'s, S>,
    at: Timestamp,
    pub(super) containers: BTreeMap<Block, Held>,
    /// Where shipments left from, and who sent them.
    pub(super) shipments: BTreeMap<EventKey, (Option<Block>, Option<Block>)>,
    pub(super) standings: Vec<Standing>,
    pub(super) numbers: HashMap<Standing, u32>,
    /// By standing: the one that it gives to contents.
    pub(super) inferred: Vec<u32>,
    pub(super) earlier: BTreeMap<(Address, Timestamp), Answer>,
    /// Logs of containers of the past.
    pub(super) past: Logs,
}

impl<'r, 's, S: Source> Climb<'r, 's, S> {
    fn new(reader: &'r mut Reader<'s, S>, at: Timestamp) -> Self {
        Self {
            reader,
            at,
            containers: BTreeMap::new(),
            shipments: BTreeMap::new(),
            standings: Vec::new(),
            numbers: HashMap::new(),
            inferred: Vec::new(),
            earlier: BTreeMap::new(),
            past: Logs::default(),
        }
    }

    fn run(mut self, units: &Units) -> Result<Whereabouts, S::Error> {
        self.reader.load(units)?;
        let mut folded = self.fold(units);
        while self
            .climb(&folded)?
            .iter()
            .any(|block| units.contains_key(block))
        {
            folded = self.fold(units);
        }
        self.read_shipments(&folded)?;
        self.load_past(&folded)?;
        let contents = self.contents(&folded)?;
        let placed = each_of(folded, |folded| folded.place(&contents));
        let mut result = Whereabouts::default();
        result
            .groups
            .reserve(placed.iter().map(|placed| placed.groups.len()).sum());
        for mut placed in placed {
            for (index, slot) in placed.open {
                let group = &mut placed.groups[index];
                (group.inside, group.standing) = self.settle(group.block, &slot)?;
            }
            result.groups.append(&mut placed.groups);
        }
        let containers = self.containers.iter().flat_map(|(block, held)| {
            let outer = |(member, slot)| {
                let (outer, _) = self.holding(*block, slot).inside?;
                let container = Address {
                    block: *block,
                    member,
                };
                Some((container, outer))
            };
            held.slots.iter().filter_map(outer)
        });
        result.containers = containers.collect();
        result.standings = self.standings;
        Ok(result)
    }

    /// The container and the standing of a slot, once its containers are worked out.
    fn settle(&mut self, block: Block, slot: &Slot) -> Result<(Option<Address>, u32), S::Error> {
        let holding = self.holding(block, slot);
        self.resolve(&holding)?;
        let standing = self.stand(block, slot, &holding)?;
        Ok((holding.inside.map(|(container, _)| container), standing))
    }

    /// By block and rank of containers the standing of what was packed into them and not seen since; open where
    /// that takes a closer look.
    fn contents(&mut self, folded: &[Folded]) -> Result<Contents, S::Error> {
        let mut packed = Units::new();
        for (block, members) in folded.iter().flat_map(|folded| &folded.containers) {
            packed.entry(*block).or_default().union_with(members);
        }
        let mut contents = Contents::new();
        for (block, members) in packed {
            let mut of_block = vec![OPEN; members.len() as usize];
            for (standing, member) in of_block.iter_mut().zip(members.iter()) {
                let container = Address { block, member };
                *standing = self.contents_of(container)?.unwrap_or(OPEN);
            }
            contents.insert(block, (Ranks::of(members), of_block));
        }
        Ok(contents)
    }

    /// The standing of what is in a container that was never emptied.
    fn contents_of(&mut self, container: Address) -> Result<Option<u32>, S::Error> {
        let held = self.containers.get(&container.block);
        if held.is_none_or(|held| !held.emptyings.list(container.member).is_empty()) {
            return Ok(None);
        }
        self.resolve(&Holding::within(container))?;
        let Some(outer) = self.standing_of(container) else {
            return Ok(None);
        };
        let inferred = self.inferred(outer);
        let known = self.standings[inferred as usize].answer.status != Status::Unknown;
        Ok(known.then_some(inferred))
    }

    /// Folds the units.
    fn fold(&self, units: &Units) -> Vec<Folded> {
        let at = self.at;
        let logs = units
            .iter()
            .map(|(block, members)| (*block, members, self.reader.log(block)));
        each_of(logs.collect(), |(block, members, records)| {
            Folded::of(block, members, records, at)
        })
    }

    /// Loads and folds the containers, level by level, once each. Returns the blocks that were read
    /// again, so that slots of theirs no longer hold.
    fn climb(&mut self, folded: &[Folded]) -> Result<BTreeSet<Block>, S::Error> {
        let mut again = BTreeSet::new();
        let mut level = Units::new();
        for folded in folded {
            for (block, members) in &folded.containers {
                let mut members = members.clone();
                if let Some(held) = self.containers.get(block) {
                    members.subtract(held.slots.members());
                }
                if !members.is_empty() {
                    level.entry(*block).or_default().union_with(&members);
                }
            }
            for slot in folded.slots() {
                self.peers(folded.block, slot, &mut level);
            }
        }
        while !level.is_empty() {
            again.append(&mut self.reader.load(&level)?);
            for (block, members) in &level {
                let mut all = members.clone();
                if let Some(known) = self.containers.get(block) {
                    all.union_with(known.slots.members());
                }
                let mut emptyings = Emptyings::default();
                let slots = Slots::fold(self.reader.log(block), &all, self.at, &mut emptyings);
                let standings = vec![OPEN; slots.len()];
                let held = Held {
                    slots,
                    emptyings,
                    standings,
                };
                self.containers.insert(*block, held);
            }
            let mut next = Units::new();
            for (block, members) in &level {
                if let Some(held) = self.containers.get(block) {
                    for slot in members.iter().filter_map(|member| held.slots.get(member)) {
                        self.peers(*block, slot, &mut next);
                    }
                }
            }
            level = next;
        }
        Ok(again)
    }

    /// Adds the containers that a slot names and that are not folded yet.
    fn peers(&self, block: Block, slot: &Slot, level: &mut Units) {
        for index in [slot.inside, slot.also, slot.attached] {
            if let Some(container) = self.record(block, index).and_then(|record| record.peer) {
                self.unfolded(container, level);
            }
        }
    }

    fn unfolded(&self, container: Address, level: &mut Units) {
        let folded = self.containers.get(&container.block);
        if folded.is_none_or(|held| !held.slots.members().contains(container.member)) {
            add_unit(level, container);
        }
    }

    pub(super) fn record(&self, block: Block, index: Index) -> Option<&Record> {
        if index == NONE {
            return None;
        }
        self.reader.log(&block).get(index as usize)
    }

    /// The slots that count: those of units that a packing alone does not decide, and of containers.
    fn slots<'a>(&'a self, folded: &'a [Folded]) -> impl Iterator<Item = (Block, &'a Slot)> {
        let units = folded
            .iter()
            .flat_map(|folded| folded.slots().map(|slot| (folded.block, slot)));
        let containers = self.containers.iter().flat_map(|(block, held)| {
            let slots = held.slots.iter();
            slots.map(|(_, slot)| (*block, slot))
        });
        units.chain(containers)
    }

    /// Loads the containers that the past is asked about: of units seen apart from them, or taken out
    /// nobody says where.
    fn load_past(&mut self, folded: &[Folded]) -> Result<(), S::Error> {
        let mut asked = Units::new();
        for (block, slot) in self.slots(folded) {
            let last = self.record(block, slot.seen);
            let taken_out = last.filter(|last| last.op == Op::Unpack && last.place.is_none());
            let packing = self
                .record(block, slot.inside)
                .filter(|_| slot.apart != NONE);
            for record in taken_out.into_iter().chain(packing) {
                if let Some(container) = record.peer {
                    add_unit(&mut asked, container);
                }
            }
        }
        self.reader.swap(&mut self.past);
        let loaded = self.reader.load(&asked);
        let loaded = loaded.and_then(|_| self.reader.load_containers(&asked));
        self.reader.swap(&mut self.past);
        loaded.map(|_| ())
    }

    fn read_shipments(&mut self, folded: &[Folded]) -> Result<(), S::Error> {
        let mut keys = BTreeSet::new();
        for (block, slot) in self.slots(folded) {
            if let Some(record) = self.record(block, slot.seen)
                && record.flow == Flow::Ship
            {
                keys.insert((record.shard, record.seq));
            }
        }
        for entry in self.reader.entries(&keys)? {
            let from = entry.from_place.or(entry.happened_at());
            let sender = entry.from_party.or(entry.submitter);
            let key = (entry.shard, entry.seq);
            self.shipments.insert(key, (from, sender));
        }
        Ok(())
    }
}
