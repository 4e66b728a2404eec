//! The units of one block, put together by their last records: most were packed and not seen since, and the
//! container tells where they are. Blocks are folded and placed one by one, by as many threads as there are.

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;

use crate::codes::{Address, Block, MemberSet, Members};
use crate::epcis::Timestamp;
use crate::trace::Record;

use super::reader::Units;
use super::slots::{Emptyings, Index, Ranks, Slot, Slots};
use super::standing::Standings;
use super::whereabouts::OPEN;

/// Blocks up to which other threads are not worth while.
const BLOCKS_ALONE: usize = 4;

/// By block of containers: which, and by their rank the standing of what is in them, or [`OPEN`].
pub(super) type Contents = BTreeMap<Block, (Ranks, Vec<u32>)>;

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

/// Units of a block whose last records are the same.
#[derive(Debug)]
struct Alike {
    members: Members,
    last: Last,
}

/// What decides where units are.
#[derive(Debug)]
enum Last {
    /// A packing, and nothing since.
    Packed { container: Address, index: Index },
    /// Anything else.
    Slot(Box<Slot>),
}

/// The units of a block.
#[derive(Debug)]
pub(super) struct Folded {
    pub(super) block: Block,
    /// The containers that units were packed into and not seen since.
    pub(super) containers: Units,
    alike: Vec<Alike>,
}

/// The units of a block, by where they are.
#[derive(Debug)]
pub(super) struct Placed {
    pub(super) groups: Vec<Standings>,
    /// Groups that take a closer look, with their slots.
    pub(super) open: Vec<(usize, Slot)>,
}

impl Folded {
    /// Folds a block's records up to a time and puts together the units whose last records are the same.
    pub(super) fn of(block: Block, members: &MemberSet, records: &[Record], at: Timestamp) -> Self {
        let slots = Slots::fold(records, members, at, &mut Emptyings::default());
        let mut folded = Self {
            block,
            containers: Units::new(),
            alike: Vec::new(),
        };
        let alike = &mut folded.alike;
        let mut by_packing = vec![usize::MAX; records.len()];
        let mut by_slot: HashMap<Slot, usize> = HashMap::new();
        let mut last: Option<(Block, MemberSet)> = None;
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
            if let Some(group) = alike.get_mut(index) {
                group.members.push(member);
                continue;
            }
            alike.push(Alike {
                members: Members::One(member),
                last: match container {
                    Some(container) => Last::Packed {
                        container,
                        index: slot.inside,
                    },
                    None => Last::Slot(Box::new(*slot)),
                },
            });
            match (&mut last, container) {
                (_, None) => {}
                (Some((open, members)), Some(container)) if *open == container.block => {
                    members.insert(container.member);
                }
                (last, Some(container)) => {
                    let next = (container.block, MemberSet::one(container.member));
                    add(&mut folded.containers, last.replace(next));
                }
            }
        }
        add(&mut folded.containers, last);
        folded
    }

    /// The slots of the units that a packing alone does not decide.
    pub(super) fn slots(&self) -> impl Iterator<Item = &Slot> {
        self.alike.iter().filter_map(|group| match &group.last {
            Last::Slot(slot) => Some(&**slot),
            Last::Packed { .. } => None,
        })
    }

    /// Places what its container tells of.
    pub(super) fn place(self, contents: &Contents) -> Placed {
        let block = self.block;
        let mut open = Vec::new();
        let mut of_block: Option<(Block, &(Ranks, Vec<u32>))> = None;
        let place = |(index, group): (usize, Alike)| {
            let (inside, standing) = match group.last {
                Last::Slot(slot) => {
                    open.push((index, *slot));
                    (None, OPEN)
                }
                Last::Packed {
                    container,
                    index: packing,
                } => {
                    if of_block.is_none_or(|(known, _)| known != container.block) {
                        of_block = contents
                            .get(&container.block)
                            .map(|known| (container.block, known));
                    }
                    let standing = of_block.and_then(|(_, (ranks, standings))| {
                        standings.get(ranks.of_member(container.member)?).copied()
                    });
                    let standing = standing.unwrap_or(OPEN);
                    if standing == OPEN {
                        open.push((index, Slot::packed(packing)));
                    }
                    (Some(container), standing)
                }
            };
            Standings {
                block,
                members: group.members,
                inside,
                standing,
            }
        };
        let groups = self.alike.into_iter().enumerate().map(place).collect();
        Placed { groups, open }
    }
}

fn add(units: &mut Units, more: Option<(Block, MemberSet)>) {
    if let Some((block, members)) = more {
        units.entry(block).or_default().union_with(&members);
    }
}
