//! The units of one block, put together by their last records: most were packed and not seen since, and the
//! container tells where they are. Blocks are folded and placed one by one, by as many threads as there are.

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::codes::{Block, MemberSet, Members};
use crate::epcis::Timestamp;
use crate::trace::Record;

use super::reader::{Met, Units};
use super::sight::{Sight, Stood};
use super::slots::{OPEN, Slot, Slots};
use super::standing::{Standing, Standings, Together};

/// Blocks up to which other threads are not worth while.
const BLOCKS_ALONE: usize = 4;

/// Does the same with every block's share, in parallel where there are many.
pub(super) fn each_of<T: Send, U: Send>(
    shares: Vec<T>,
    work: impl Fn(T) -> U + Send + Sync,
) -> Vec<U> {
    if shares.len() <= BLOCKS_ALONE {
        shares.into_iter().map(work).collect()
    } else {
        shares.into_par_iter().map(work).collect()
    }
}

/// The units of a block, those whose last records are the same put together.
#[derive(Debug)]
pub(super) struct Folded {
    pub(super) block: Block,
    /// The containers that the units' last records name.
    pub(super) containers: Units,
    /// Those that a packing alone decides are inside its container, and have its record's number for a standing
    /// until they are placed.
    groups: Vec<Together>,
    /// The slots of the other groups, by group.
    slots: Vec<(usize, Slot)>,
}

/// The units of a block, by where they are.
#[derive(Debug)]
pub(super) struct Placed {
    block: Block,
    groups: Vec<Together>,
    /// The groups that have a standing of their own, and which.
    own: Vec<(usize, u32)>,
    /// Standings that may have no number yet, no two equal.
    pub(super) standings: Vec<Standing>,
    /// The numbers of the other groups' standings.
    pub(super) told: FxHashSet<u32>,
}

impl Folded {
    /// Folds a block's records up to a time and puts together the units whose last records are the same.
    pub(super) fn of(block: Block, members: &MemberSet, records: &[Record], at: Timestamp) -> Self {
        let slots = Slots::fold(records, members, at);
        let mut folded = Self {
            block,
            containers: Units::new(),
            // Shuffled goods have a group each.
            groups: Vec::with_capacity(slots.len()),
            slots: Vec::new(),
        };
        let mut containers = Met::default();
        let mut by_packing = vec![usize::MAX; records.len()];
        let mut by_slot: FxHashMap<Slot, usize> = FxHashMap::default();
        for (member, slot) in slots.iter() {
            let next = folded.groups.len();
            let packing = records.get(slot.inside as usize);
            let container = packing.and_then(|record| record.peer);
            let container = container.filter(|_| slot.is_packed());
            let index = match container {
                Some(_) => {
                    let known = &mut by_packing[slot.inside as usize];
                    *known = (*known).min(next);
                    *known
                }
                None => *by_slot.entry(*slot).or_insert(next),
            };
            if let Some(group) = folded.groups.get_mut(index) {
                group.members.push(member);
                continue;
            }
            if let Some(container) = container {
                containers.add(container);
            } else {
                for container in slot.containers(records) {
                    containers.add(container);
                }
                folded.slots.push((next, *slot));
            }
            folded.groups.push(Together {
                members: Members::One(member),
                inside: container,
                standing: slot.inside,
            });
        }
        folded.containers = containers.into_units();
        folded
    }

    /// The slots of the units that a packing alone does not decide.
    pub(super) fn slots(&self) -> impl Iterator<Item = &Slot> {
        self.slots.iter().map(|(_, slot)| slot)
    }

    /// Places the units, once their containers are worked out.
    pub(super) fn place(mut self, sight: &Sight<'_>) -> Placed {
        let block = self.block;
        let mut told = FxHashSet::default();
        for (index, group) in self.groups.iter_mut().enumerate() {
            let Some(container) = group.inside else {
                continue;
            };
            match sight.packed(block, container, group.standing) {
                Some((inside, standing)) => {
                    group.inside = inside;
                    group.standing = standing;
                    told.insert(standing);
                }
                None => self.slots.push((index, Slot::packed(group.standing))),
            }
        }
        let mut placed = Placed {
            block,
            groups: self.groups,
            own: Vec::new(),
            standings: Vec::new(),
            told,
        };
        let mut numbers: FxHashMap<Standing, u32> = FxHashMap::default();
        for (index, slot) in self.slots {
            let holding = sight.holding(block, &slot);
            let group = &mut placed.groups[index];
            group.inside = holding.inside.map(|(container, _)| container);
            match sight.stand(block, &slot, &holding) {
                Stood::Known(number) => {
                    group.standing = number;
                    placed.told.insert(number);
                }
                Stood::Own(standing) => {
                    let next = u32::try_from(placed.standings.len()).unwrap_or(OPEN);
                    let number = *numbers.entry(standing).or_insert_with_key(|standing| {
                        placed.standings.push(standing.clone());
                        next
                    });
                    group.standing = OPEN;
                    placed.own.push((index, number));
                }
            }
        }
        placed
    }
}

impl Placed {
    /// The units with the last numbers of their standings: `own` has those of [`Placed::standings`] until then,
    /// `last` the last by the one until then.
    pub(super) fn numbered(mut self, own: &[u32], last: &[u32]) -> Standings {
        for (index, number) in self.own {
            self.groups[index].standing = own[number as usize];
        }
        for group in &mut self.groups {
            group.standing = last[group.standing as usize];
        }
        Standings {
            block: self.block,
            groups: self.groups,
        }
    }
}
