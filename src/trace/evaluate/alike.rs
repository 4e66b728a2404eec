//! The units of one block, put together by their last records: most were packed and not seen since, and the
//! container tells where they are. Blocks are folded and placed one by one, by as many threads as there are.

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::codes::{Address, Block, MemberSet, Members};
use crate::epcis::Timestamp;
use crate::trace::Record;

use super::distinct::{Distinct, Numbered};
use super::reader::{Met, Units};
use super::sight::Sight;
use super::slots::{OPEN, Slot, Slots};
use super::standing::{Standings, Together};

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
    /// By group when its packing was; of the others, no matter.
    times: Vec<Timestamp>,
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
    /// Whether groups at the end are out of order.
    has_apart: bool,
    /// Their standings, which may have no number yet.
    pub(super) distinct: Distinct,
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
            times: Vec::with_capacity(slots.len()),
            slots: Vec::new(),
        };
        let mut containers = Met::default();
        let mut by_packing = vec![usize::MAX; records.len()];
        let mut by_slot: FxHashMap<Slot, usize> = FxHashMap::default();
        for (member, slot) in slots.iter() {
            let next = folded.groups.len();
            let packing = records.get(slot.inside as usize);
            let packing = packing.filter(|_| slot.is_packed());
            let container = packing.and_then(|record| record.peer);
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
            folded.times.push(packing.map_or(at, |record| record.t_lo));
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

    /// Places the units, once their containers are worked out, and notes in `told` the standings that have numbers
    /// and are theirs.
    pub(super) fn place(mut self, sight: &Sight<'_>, told: &[AtomicBool]) -> Placed {
        let block = self.block;
        let tell = |number: u32| {
            let told = &told[number as usize];
            if !told.load(Ordering::Relaxed) {
                told.store(true, Ordering::Relaxed);
            }
        };
        for (index, (group, time)) in self.groups.iter_mut().zip(self.times).enumerate() {
            let Some(container) = group.inside else {
                continue;
            };
            match sight.packed(block, container, (group.standing, time)) {
                Some((inside, standing)) => {
                    group.inside = inside;
                    group.standing = standing;
                    tell(standing);
                }
                None => self.slots.push((index, Slot::packed(group.standing))),
            }
        }
        let mut placed = Placed {
            block,
            groups: self.groups,
            own: Vec::new(),
            has_apart: false,
            distinct: Distinct::default(),
        };
        for (index, slot) in self.slots {
            let holding = sight.holding(block, &slot);
            let group = &mut placed.groups[index];
            group.inside = holding.around();
            let stood = sight.stand(block, &slot, &holding);
            group.standing = OPEN;
            match placed.distinct.number(stood) {
                Numbered::Known(number) => {
                    group.standing = number;
                    tell(number);
                }
                Numbered::Own(number) => placed.own.push((index, number)),
            }
        }
        let of_block = |member| Address { block, member };
        for (container, number) in sight.nested.range(of_block(0)..=of_block(u16::MAX)) {
            if placed.set_apart(container.member, *number) {
                tell(*number);
            }
        }
        placed
    }
}

impl Placed {
    /// Gives one of the units a standing of its own, if it is among them.
    fn set_apart(&mut self, member: u16, standing: u32) -> bool {
        let mut groups = self.groups.iter_mut();
        let Some(index) = groups.position(|group| group.members.contains(member)) else {
            return false;
        };
        let alone = Together {
            members: Members::One(member),
            inside: self.groups[index].inside,
            standing,
        };
        let mut others = self.groups[index].members.to_set();
        others.remove(member);
        if others.is_empty() {
            self.groups[index] = alone;
            self.own.retain(|(own, _)| *own != index);
        } else {
            self.groups[index].members = Members::from(others);
            self.groups.push(alone);
            self.has_apart = true;
        }
        true
    }

    /// The units with the last numbers of their standings: `own` has those of [`Placed::distinct`] until then,
    /// `last` the last by the one until then.
    pub(super) fn numbered(mut self, own: &[u32], last: &[u32]) -> Standings {
        for (index, number) in self.own {
            self.groups[index].standing = own[number as usize];
        }
        for group in &mut self.groups {
            group.standing = last[group.standing as usize];
        }
        if self.has_apart {
            self.groups.sort_by_key(|group| group.members.first());
        }
        Standings {
            block: self.block,
            groups: self.groups,
        }
    }
}
