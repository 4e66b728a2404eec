//! Where units are at a time: their own records, then their containers', level by level; resolved from
//! the outermost container down. A parent's observations are never copied to its children.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::codes::{Address, Block, MemberSet, Members};
use crate::epcis::Timestamp;
use crate::trace::{EventKey, Flow, Op, Record, Source};

use super::reader::{Reader, Units, add_unit};
use super::slots::{Emptyings, Index, NONE, Slot, Slots};
use super::standing::{Answer, Fault, Standing, Standings, Whereabouts};

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

/// What a unit is in.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Holding {
    pub(super) inside: Option<(Address, Index)>,
    pub(super) also: Option<Address>,
    pub(super) attached: Option<Address>,
    /// It left when this container was emptied, which was like this then.
    pub(super) emptied: Option<(Address, Slot)>,
}

/// Units of a block whose last records are the same.
struct Alike {
    block: Block,
    slot: Slot,
    members: Members,
}

pub(super) struct Climb<'r, 's, S> {
    pub(super) reader: &'r mut Reader<'s, S>,
    at: Timestamp,
    pub(super) containers: BTreeMap<Block, Held>,
    /// Where shipments left from, and who sent them.
    pub(super) shipments: BTreeMap<EventKey, (Option<Block>, Option<Block>)>,
    pub(super) standings: Vec<Standing>,
    pub(super) numbers: HashMap<Standing, u32>,
    pub(super) inferred: HashMap<u32, u32>,
    pub(super) earlier: BTreeMap<(Address, Timestamp), Answer>,
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
            inferred: HashMap::new(),
            earlier: BTreeMap::new(),
        }
    }

    fn run(mut self, units: &Units) -> Result<Whereabouts, S::Error> {
        self.reader.load(units)?;
        let alike = self.alike(units);
        self.climb(&alike)?;
        self.read_shipments(&alike)?;
        let mut result = Whereabouts::default();
        for group in alike {
            let holding = self.holding(group.block, &group.slot);
            self.resolve(&holding)?;
            let standing = self.stand(group.block, &group.slot, &holding)?;
            result.groups.push(Standings {
                block: group.block,
                members: group.members,
                inside: holding.inside.map(|(container, _)| container),
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

    /// Folds the units and puts together those that share a slot.
    fn alike(&self, units: &Units) -> Vec<Alike> {
        let mut alike: Vec<Alike> = Vec::new();
        for (block, members) in units {
            let mut known: HashMap<Slot, usize> = HashMap::new();
            let mut last: Option<(Slot, usize)> = None;
            let slots = Slots::fold(
                self.reader.log(block),
                members,
                self.at,
                &mut Emptyings::default(),
            );
            for (member, slot) in slots.iter() {
                let index = match last {
                    Some((held, index)) if held == *slot => index,
                    _ => *known.entry(*slot).or_insert(alike.len()),
                };
                last = Some((*slot, index));
                match alike.get_mut(index) {
                    Some(group) => group.members.push(member),
                    None => alike.push(Alike {
                        block: *block,
                        slot: *slot,
                        members: Members::One(member),
                    }),
                }
            }
        }
        alike
    }

    /// Loads and folds the containers, level by level, once each.
    fn climb(&mut self, alike: &[Alike]) -> Result<(), S::Error> {
        let mut level = Units::new();
        for group in alike {
            self.peers(group.block, &group.slot, &mut level);
        }
        while !level.is_empty() {
            self.reader.load(&level)?;
            for (block, members) in &level {
                let mut all = members.clone();
                if let Some(known) = self.containers.get(block) {
                    let known: MemberSet = known.slots.iter().map(|(member, _)| member).collect();
                    all.union_with(&known);
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
        Ok(())
    }

    /// Adds the containers that a slot names and that are not folded yet.
    fn peers(&self, block: Block, slot: &Slot, level: &mut Units) {
        for index in [slot.inside, slot.also, slot.attached] {
            let Some(container) = self.record(block, index).and_then(|record| record.peer) else {
                continue;
            };
            let folded = self.containers.get(&container.block);
            if folded.is_none_or(|held| held.slots.get(container.member).is_none()) {
                add_unit(level, container);
            }
        }
    }

    pub(super) fn record(&self, block: Block, index: Index) -> Option<&Record> {
        if index == NONE {
            return None;
        }
        self.reader.log(&block).get(index as usize)
    }

    fn read_shipments(&mut self, alike: &[Alike]) -> Result<(), S::Error> {
        let mut keys = BTreeSet::new();
        let mut note = |block: Block, slot: &Slot| {
            if let Some(record) = self.record(block, slot.seen)
                && record.flow == Flow::Ship
            {
                keys.insert((record.shard, record.seq));
            }
        };
        for group in alike {
            note(group.block, &group.slot);
        }
        for (block, held) in &self.containers {
            for (_, slot) in held.slots.iter() {
                note(*block, slot);
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

    /// What a slot is in, once the emptyings of its containers are taken into account.
    fn holding(&self, block: Block, slot: &Slot) -> Holding {
        let mut holding = Holding::default();
        let (also, _) = self.open_stay(block, slot.also, Op::UnpackAll);
        match self.open_stay(block, slot.inside, Op::UnpackAll) {
            (Some(container), None) => {
                holding.inside = Some((container, slot.inside));
                holding.also = also;
            }
            (_, emptied) => {
                holding.inside = also.map(|container| (container, slot.also));
                holding.emptied = emptied;
            }
        }
        holding.attached = self.open_stay(block, slot.attached, Op::DetachAll).0;
        holding
    }

    /// The container a record put a unit in, or how that was when it was emptied since.
    fn open_stay(
        &self,
        block: Block,
        index: Index,
        ends: Op,
    ) -> (Option<Address>, Option<(Address, Slot)>) {
        let Some(record) = self.record(block, index) else {
            return (None, None);
        };
        let Some(container) = record.peer else {
            return (None, None);
        };
        let held = self.containers.get(&container.block);
        let list = held.map_or(&[][..], |held| held.emptyings.list(container.member));
        if list.is_empty() {
            return (Some(container), None);
        }
        let since = self.reader.order(record);
        let mut ended = list.iter().filter(|slot| {
            let end = self.record(container.block, slot.seen);
            end.is_some_and(|end| end.op == ends && self.reader.order(end) > since)
        });
        match ended.next() {
            Some(slot) => (None, Some((container, *slot))),
            None => (Some(container), None),
        }
    }

    /// Works out the standings of the containers of a holding, outermost first.
    fn resolve(&mut self, holding: &Holding) -> Result<(), S::Error> {
        let mut path: Vec<(Address, bool)> = Vec::new();
        let push = |path: &mut Vec<(Address, bool)>, holding: &Holding| {
            let inside = holding.inside.map(|(container, _)| container);
            let all = [inside, holding.also, holding.attached];
            path.extend(
                all.into_iter()
                    .flatten()
                    .map(|container| (container, false)),
            );
        };
        push(&mut path, holding);
        let mut entered: BTreeSet<Address> = BTreeSet::new();
        while let Some((container, ready)) = path.pop() {
            let Some(held) = self.containers.get(&container.block) else {
                continue;
            };
            let Some(slot) = held.slots.get(container.member).copied() else {
                continue;
            };
            let rank = held.slots.rank(container.member);
            if held.standings.get(rank).is_none_or(|known| *known != OPEN) {
                continue;
            }
            let holding = self.holding(container.block, &slot);
            if ready {
                let standing = self.stand(container.block, &slot, &holding)?;
                if let Some(held) = self.containers.get_mut(&container.block) {
                    held.standings[rank] = standing;
                }
            } else if entered.insert(container) {
                path.push((container, true));
                push(&mut path, &holding);
            } else {
                // Inside itself: it stands by its own records.
                let mut standing = self.own(container.block, &slot)?;
                standing.fault = Some(Fault::Nested);
                let number = self.number(standing);
                if let Some(held) = self.containers.get_mut(&container.block) {
                    held.standings[rank] = number;
                }
            }
        }
        Ok(())
    }
}
