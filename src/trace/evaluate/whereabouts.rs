//! Where units are at a time: their own records, then their containers', level by level; resolved from
//! the outermost container down. A parent's observations are never copied to its children.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicBool;

use rustc_hash::FxHashMap;

use crate::codes::{Address, Block};
use crate::epcis::Timestamp;
use crate::trace::{EventKey, Flow, Source};

use super::alike::{Folded, each_of};
use super::distinct::Distinct;
use super::holding::Held;
use super::past::position;
use super::reader::{Logs, Reader, Units, add_unit};
use super::sight::{Earlier, Nested, Shipments, Sight};
use super::slots::{OPEN, Slot, Slots};
use super::standing::Whereabouts;

/// Where these units are at this time, as far as the source sees; `with_containers`: and what the containers
/// around them are in.
pub(super) fn whereabouts<S: Source>(
    reader: &mut Reader<'_, S>,
    units: &Units,
    at: Timestamp,
    with_containers: bool,
) -> Result<Whereabouts, S::Error> {
    Climb::new(reader, at).run(units, with_containers)
}

pub(super) struct Climb<'r, 's, S> {
    pub(super) reader: &'r mut Reader<'s, S>,
    at: Timestamp,
    pub(super) containers: FxHashMap<Block, Held>,
    /// The containers by how far out they are: those of units, theirs, and so on.
    pub(super) levels: Vec<Units>,
    shipments: Shipments,
    earlier: Earlier,
    pub(super) nested: Nested,
    pub(super) standings: Distinct,
}

/// What slots ask for before they can stand.
#[derive(Debug, Default)]
struct Asked {
    shipments: Vec<EventKey>,
    past: Vec<(Address, Timestamp)>,
}

impl Asked {
    /// The same, each once.
    fn once(mut self) -> Self {
        self.shipments.sort_unstable();
        self.shipments.dedup();
        self.past.sort_unstable();
        self.past.dedup();
        self
    }

    fn by(&mut self, sight: &Sight<'_>, block: Block, slot: &Slot) {
        if let Some(record) = sight.record(block, slot.seen)
            && record.flow == Flow::Ship
        {
            self.shipments.push((record.shard, record.seq));
        }
        sight.asks_past(block, slot, &mut self.past);
    }
}

impl<'r, 's, S: Source> Climb<'r, 's, S> {
    fn new(reader: &'r mut Reader<'s, S>, at: Timestamp) -> Self {
        Self {
            reader,
            at,
            containers: FxHashMap::default(),
            levels: Vec::new(),
            shipments: BTreeMap::new(),
            earlier: BTreeMap::new(),
            nested: Nested::new(),
            standings: Distinct::default(),
        }
    }

    fn run(mut self, units: &Units, with_containers: bool) -> Result<Whereabouts, S::Error> {
        self.reader.load(units)?;
        let mut folded = self.fold(units);
        while self
            .climb(&folded)?
            .iter()
            .any(|block| units.contains_key(block))
        {
            folded = self.fold(units);
        }
        self.read_asked(&folded)?;
        self.resolve_all();
        let sight = self.sight();
        let told: Vec<AtomicBool> = std::iter::repeat_with(AtomicBool::default)
            .take(self.standings.len())
            .collect();
        let mut placed = each_of(folded, |folded| folded.place(&sight, &told));
        let containers = if with_containers {
            self.around()
        } else {
            BTreeMap::new()
        };
        let numbers: Vec<Vec<u32>> = placed
            .iter_mut()
            .map(|placed| self.standings.add_all(std::mem::take(&mut placed.distinct)))
            .collect();
        // Standings of containers alone are nobody's.
        let mut last = vec![OPEN; self.standings.len()];
        for number in numbers.iter().flatten() {
            last[*number as usize] = 0;
        }
        for (number, told) in last.iter_mut().zip(told) {
            if told.into_inner() {
                *number = 0;
            }
        }
        let used = last.iter_mut().filter(|number| **number != OPEN);
        for (next, number) in (0..).zip(used) {
            *number = next;
        }
        let blocks = each_of(
            placed.into_iter().zip(numbers).collect(),
            |(placed, own)| placed.numbered(&own, &last),
        );
        let standings = self.standings.into_list().zip(&last);
        let standings = standings.filter(|(_, number)| **number != OPEN);
        Ok(Whereabouts {
            blocks,
            standings: standings.map(|(standing, _)| standing).collect(),
            containers,
        })
    }

    /// What is known so far.
    pub(super) fn sight(&self) -> Sight<'_> {
        let (logs, ranks) = self.reader.loaded();
        Sight {
            logs,
            ranks,
            containers: &self.containers,
            shipments: &self.shipments,
            earlier: &self.earlier,
            nested: &self.nested,
            standings: &self.standings,
        }
    }

    /// Which container each container is in.
    fn around(&self) -> BTreeMap<Address, Address> {
        let sight = self.sight();
        let around = each_of(self.containers.iter().collect(), |(block, held)| {
            let block = *block;
            let outer = |(member, slot)| {
                let outer = sight.holding(block, slot).around()?;
                Some((Address { block, member }, outer))
            };
            held.slots.iter().filter_map(outer).collect::<Vec<_>>()
        });
        around.into_iter().flatten().collect()
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
            self.add_unfolded(&folded.containers, &mut level);
        }
        while !level.is_empty() {
            again.append(&mut self.reader.load(&level)?);
            let (logs, shards) = self.reader.loaded();
            let known = level.iter().map(|(block, members)| {
                let mut all = members.clone();
                if let Some(known) = self.containers.get(block) {
                    all.union_with(known.slots.members());
                }
                (*block, members, all, logs.of(block))
            });
            let at = self.at;
            let held = each_of(known.collect(), |(block, members, all, log)| {
                let (slots, emptyings) = Slots::fold_containers(log, &all, at, shards);
                let mut outer = Units::new();
                for slot in members.iter().filter_map(|member| slots.get(member)) {
                    for container in slot.containers(log) {
                        add_unit(&mut outer, container);
                    }
                }
                (block, Held::new(slots, emptyings), outer)
            });
            let mut found = Vec::with_capacity(held.len());
            for (block, held, outer) in held {
                self.containers.insert(block, held);
                found.push(outer);
            }
            self.levels.push(std::mem::take(&mut level));
            for outer in &found {
                self.add_unfolded(outer, &mut level);
            }
        }
        Ok(again)
    }

    /// Adds those of the containers that are not folded yet.
    fn add_unfolded(&self, containers: &Units, level: &mut Units) {
        for (block, members) in containers {
            let mut members = members.clone();
            if let Some(held) = self.containers.get(block) {
                members.subtract(held.slots.members());
            }
            if !members.is_empty() {
                level.entry(*block).or_default().union_with(&members);
            }
        }
    }

    /// Reads what the slots of units and containers ask for: where shipments left from, and where containers
    /// were.
    fn read_asked(&mut self, folded: &[Folded]) -> Result<(), S::Error> {
        let sight = self.sight();
        let by_units = each_of(folded.iter().collect(), |folded: &Folded| {
            let mut asked = Asked::default();
            for slot in folded.slots() {
                asked.by(&sight, folded.block, slot);
            }
            asked.once()
        });
        let by_containers = each_of(self.containers.iter().collect(), |(block, held)| {
            let mut asked = Asked::default();
            for (_, slot) in held.slots.iter() {
                asked.by(&sight, *block, slot);
            }
            asked.once()
        });
        let mut shipments = BTreeSet::new();
        let mut past = BTreeSet::new();
        for asked in by_units.into_iter().chain(by_containers) {
            shipments.extend(asked.shipments);
            past.extend(asked.past);
        }
        for entry in self.reader.entries(&shipments)? {
            let from = entry.from_place.or(entry.happened_at());
            let sender = entry.from_party.or(entry.submitter);
            let key = (entry.shard, entry.seq);
            self.shipments.insert(key, (from, sender));
        }
        // Logs of their own: loading more into those at hand would renumber their records.
        let mut logs = Logs::default();
        self.reader.swap(&mut logs);
        let done = self.read_past(past);
        self.reader.swap(&mut logs);
        done
    }

    fn read_past(&mut self, asked: BTreeSet<(Address, Timestamp)>) -> Result<(), S::Error> {
        let mut containers = Units::new();
        for (container, _) in &asked {
            add_unit(&mut containers, *container);
        }
        self.reader.load(&containers)?;
        self.reader.load_containers(&containers)?;
        for (container, time) in asked {
            let answer = position(self.reader, container, time)?;
            self.earlier.insert((container, time), answer);
        }
        Ok(())
    }
}
