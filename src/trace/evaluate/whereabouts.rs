//! Where units are at a time: their own records, then their containers', level by level; resolved from
//! the outermost container down. A parent's observations are never copied to its children.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::codes::{Address, Block, Members};
use crate::epcis::Timestamp;
use crate::trace::{EventKey, Flow, Op, Record, Source};

use super::reader::{Logs, Reader, Units, add_unit};
use super::slots::{Emptyings, Index, NONE, Slot, Slots};
use super::standing::{Answer, Standing, Standings, Status, Whereabouts};

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

/// Units of a block whose last records are the same.
struct Alike {
    block: Block,
    members: Members,
    last: Last,
}

/// What decides where units are.
enum Last {
    /// A packing, and nothing since.
    Packed { container: Address, index: Index },
    /// Anything else.
    Slot(Box<Slot>),
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
        let mut alike = self.alike(units);
        while self
            .climb(&alike)?
            .iter()
            .any(|block| units.contains_key(block))
        {
            alike = self.alike(units);
        }
        self.read_shipments(&alike)?;
        self.load_past(&alike)?;
        let mut result = Whereabouts::default();
        result.groups.reserve(alike.len());
        for group in alike {
            let (inside, standing) = match group.last {
                Last::Packed { container, index } => match self.contents_of(container) {
                    Some(standing) => (Some(container), standing),
                    None => self.settle(group.block, &Slot::packed(index))?,
                },
                Last::Slot(slot) => self.settle(group.block, &slot)?,
            };
            result.groups.push(Standings {
                block: group.block,
                members: group.members,
                inside,
                standing,
            });
        }
        for (block, held) in &self.containers {
            for (member, slot) in held.slots.iter() {
                if let Some((outer, _)) = self.holding(*block, slot).inside {
                    let container = Address {
                        block: *block,
                        member,
                    };
                    result.containers.insert(container, outer);
                }
            }
        }
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

    /// The standing of what is in a container that is worked out and was never emptied.
    fn contents_of(&mut self, container: Address) -> Option<u32> {
        let held = self.containers.get(&container.block)?;
        if !held.emptyings.list(container.member).is_empty() {
            return None;
        }
        let outer = self.standing_of(container)?;
        let inferred = self.inferred(outer);
        let known = self.standings[inferred as usize].answer.status != Status::Unknown;
        known.then_some(inferred)
    }

    /// Folds the units and puts together those whose last records are the same.
    fn alike(&self, units: &Units) -> Vec<Alike> {
        let mut alike: Vec<Alike> = Vec::new();
        let mut by_packing: Vec<usize> = Vec::new();
        let mut by_slot: HashMap<Slot, usize> = HashMap::new();
        for (block, members) in units {
            let records = self.reader.log(block);
            let slots = Slots::fold(records, members, self.at, &mut Emptyings::default());
            by_packing.clear();
            by_packing.resize(records.len(), usize::MAX);
            by_slot.clear();
            for (member, slot) in slots.iter() {
                let packing = records.get(slot.inside as usize);
                let container = packing.and_then(|record| record.peer);
                let container = container.filter(|_| slot.is_packed());
                let next = alike.len();
                let index = match container {
                    Some(_) => {
                        let known = &mut by_packing[slot.inside as usize];
                        *known = (*known).min(next);
                        *known
                    }
                    None => *by_slot.entry(*slot).or_insert(next),
                };
                match alike.get_mut(index) {
                    Some(group) => group.members.push(member),
                    None => alike.push(Alike {
                        block: *block,
                        members: Members::One(member),
                        last: match container {
                            Some(container) => Last::Packed {
                                container,
                                index: slot.inside,
                            },
                            None => Last::Slot(Box::new(*slot)),
                        },
                    }),
                }
            }
        }
        alike
    }

    /// Loads and folds the containers, level by level, once each. Returns the blocks that were read
    /// again, so that slots of theirs no longer hold.
    fn climb(&mut self, alike: &[Alike]) -> Result<BTreeSet<Block>, S::Error> {
        let mut again = BTreeSet::new();
        let mut level = Units::new();
        for group in alike {
            match &group.last {
                Last::Packed { container, .. } => self.unfolded(*container, &mut level),
                Last::Slot(slot) => self.peers(group.block, slot, &mut level),
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
    fn slots<'a>(&'a self, alike: &'a [Alike]) -> impl Iterator<Item = (Block, &'a Slot)> {
        let units = alike.iter().filter_map(|group| match &group.last {
            Last::Slot(slot) => Some((group.block, &**slot)),
            Last::Packed { .. } => None,
        });
        let containers = self.containers.iter().flat_map(|(block, held)| {
            let slots = held.slots.iter();
            slots.map(|(_, slot)| (*block, slot))
        });
        units.chain(containers)
    }

    /// Loads the containers that the past is asked about: of units seen apart from them, or taken out
    /// nobody says where.
    fn load_past(&mut self, alike: &[Alike]) -> Result<(), S::Error> {
        let mut asked = Units::new();
        for (block, slot) in self.slots(alike) {
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

    fn read_shipments(&mut self, alike: &[Alike]) -> Result<(), S::Error> {
        let mut keys = BTreeSet::new();
        for (block, slot) in self.slots(alike) {
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
