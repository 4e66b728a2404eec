//! The fold of a block's records to what each member was last known to do, as of a time: which record
//! saw it last, which put it where it is, who was last named to have it.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::codes::{Address, MemberSet};
use crate::epcis::Timestamp;
use crate::trace::{Flow, Op, Record};

use super::epochs::{Ended, Gone, begins, takes_along, withdraws};
use super::reader::Order;

/// The number of a record in its block's log.
pub(super) type Index = u32;

/// No record.
pub(super) const NONE: Index = Index::MAX;

/// What a member was last known to do, by the numbers of the records that say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Slot {
    /// The last record of it.
    pub(super) seen: Index,
    /// The last that says where it stood, shipments aside.
    pub(super) stood: Index,
    /// The last that names who has it.
    pub(super) held: Index,
    /// The packing it is in, as far as its own records say.
    pub(super) inside: Index,
    /// An earlier packing elsewhere that it was never taken out of.
    pub(super) also: Index,
    /// The last time it was seen by itself while inside.
    pub(super) apart: Index,
    /// What it is fixed to.
    pub(super) attached: Index,
}

impl Slot {
    const EMPTY: Self = Self {
        seen: NONE,
        stood: NONE,
        held: NONE,
        inside: NONE,
        also: NONE,
        apart: NONE,
        attached: NONE,
    };

    /// Of a unit whose last record is this packing.
    pub(super) const fn packed(index: Index) -> Self {
        Self {
            seen: index,
            stood: index,
            held: index,
            inside: index,
            ..Self::EMPTY
        }
    }

    /// Whether its container alone tells where it is.
    pub(super) const fn is_packed(&self) -> bool {
        self.inside != NONE
            && self.seen == self.inside
            && self.also == NONE
            && self.attached == NONE
    }

    /// The containers that a slot names: what it is in, may be in as well, and is fixed to.
    pub(super) fn containers(&self, records: &[Record]) -> impl Iterator<Item = Address> {
        let peer = |index: Index| records.get(index as usize)?.peer;
        let named = [self.inside, self.also, self.attached];
        named.into_iter().filter_map(peer)
    }

    fn apply(&mut self, index: Index, records: &[Record]) {
        let record = &records[index as usize];
        let peer_of = |index: Index| records.get(index as usize).and_then(|record| record.peer);
        match record.op {
            Op::Pack | Op::SeenInside => {
                if self.inside != NONE && peer_of(self.inside) != record.peer {
                    self.also = self.inside;
                }
                self.inside = index;
                self.apart = NONE;
            }
            Op::Unpack => {
                if record.peer.is_none() || peer_of(self.also) == record.peer {
                    self.also = NONE;
                }
                if record.peer.is_none() || peer_of(self.inside) == record.peer {
                    self.inside = std::mem::replace(&mut self.also, NONE);
                    self.apart = NONE;
                }
            }
            Op::Attach | Op::SeenAttached => self.attached = index,
            Op::Detach => self.attached = NONE,
            Op::Commission
            | Op::Observe
            | Op::Decommission
            | Op::UnpackAll
            | Op::Consume
            | Op::Produce
            | Op::Process
            | Op::DetachAll
            | Op::Hold => {
                if self.inside != NONE {
                    self.apart = index;
                }
            }
        }
        let moves_on = record.flow == Flow::Ship;
        let elsewhere = |held: Index| {
            let held = records.get(held as usize).and_then(|record| record.place);
            record.place.is_some() && held.is_some() && record.place != held
        };
        if record.party.is_some() {
            self.held = index;
        } else if moves_on || (self.held != NONE && elsewhere(self.held)) {
            self.held = NONE;
        }
        if !moves_on && record.place.is_some() {
            self.stood = index;
        }
        self.seen = index;
    }
}

/// Some members of a block, numbered in order.
#[derive(Debug)]
pub(super) struct Ranks {
    members: MemberSet,
    /// How many members stand before each word.
    before: [u16; 64],
}

impl Ranks {
    pub(super) fn of(members: MemberSet) -> Self {
        let mut before = [0; 64];
        let mut count: u16 = 0;
        for (slot, word) in before.iter_mut().zip(members.words()) {
            *slot = count;
            count += u16::try_from(word.count_ones()).unwrap_or_default();
        }
        Self { members, before }
    }

    /// Where the member stands among them, if it is one of them.
    pub(super) fn of_member(&self, member: u16) -> Option<usize> {
        self.members.contains(member).then(|| self.rank(member))
    }

    fn rank(&self, member: u16) -> usize {
        let word = usize::from(member) / 64 % 64;
        let lower = self.members.words()[word] & ((1_u64 << (member % 64)) - 1);
        usize::from(self.before[word]) + lower.count_ones() as usize
    }
}

/// The slots of some members of a block.
#[derive(Debug)]
pub(super) struct Slots {
    ranks: Ranks,
    of_rank: Vec<Slot>,
}

impl Slots {
    /// Folds the records up to a time.
    pub(super) fn fold(records: &[Record], members: &MemberSet, at: Timestamp) -> Self {
        let mut ended = Ended::default();
        let again = |record: &Record, members: &MemberSet| ended.again(record, members);
        Self::fold_each(records, (members, at), again, |_, _, _, _| {})
    }

    /// The same of containers, with what they were like whenever they were emptied. One whose code is withdrawn
    /// leaves its contents where it was; one that begins again after it had ended holds nothing of what it held.
    pub(super) fn fold_containers(
        records: &[Record],
        members: &MemberSet,
        at: Timestamp,
        shards: &BTreeMap<i32, u32>,
    ) -> (Self, Emptyings) {
        let mut found = Vec::new();
        let (mut ended, mut gone) = (Ended::default(), Gone::default());
        let again = |record: &Record, members: &MemberSet| {
            let again = ended.again(record, members);
            match (again, gone.again(record, members)) {
                (Some(mut again), Some(others)) => {
                    again.union_with(&others);
                    Some(again)
                }
                (again, others) => again.or(others),
            }
        };
        let slots = Self::fold_each(
            records,
            (members, at),
            again,
            |member, (before, slot), record, begins_again| {
                let is_emptied = matches!(record.op, Op::UnpackAll | Op::DetachAll);
                let then = if !begins_again && withdraws(record) {
                    let last = records.get(before.seen as usize);
                    let is_gone = last.is_some_and(takes_along);
                    if is_gone || record.place.is_none() {
                        before
                    } else {
                        slot
                    }
                } else if begins_again || is_emptied {
                    slot
                } else {
                    return;
                };
                found.push((member, record.op, *then, Order::of(record, shards)));
            },
        );
        (slots, Emptyings::new(found))
    }

    /// Calls `note` with each member that a record moved on, as it was before and after, and before that with each
    /// that it lets begin again, as `again` says: what was said of it was said of another.
    fn fold_each(
        records: &[Record],
        (members, at): (&MemberSet, Timestamp),
        mut again: impl FnMut(&Record, &MemberSet) -> Option<MemberSet>,
        mut note: impl FnMut(u16, (&Slot, &Slot), &Record, bool),
    ) -> Self {
        let ranks = Ranks::of(members.clone());
        let mut of_rank = vec![Slot::EMPTY; members.len() as usize];
        for (index, record) in (0..).zip(records) {
            if record.t_lo > at {
                break;
            }
            if let Some(again) = again(record, &ranks.members) {
                for member in again.iter() {
                    if let Some(slot) = of_rank.get_mut(ranks.rank(member)) {
                        note(member, (slot, slot), record, true);
                        *slot = Slot::EMPTY;
                    }
                }
            }
            record.members.for_each_in(&ranks.members, |member| {
                if let Some(slot) = of_rank.get_mut(ranks.rank(member)) {
                    let before = *slot;
                    slot.apply(index, records);
                    note(member, (&before, slot), record, false);
                }
            });
        }
        Self { ranks, of_rank }
    }

    pub(super) const fn members(&self) -> &MemberSet {
        &self.ranks.members
    }

    /// The slots in order of members.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u16, &Slot)> {
        self.ranks.members.iter().zip(&self.of_rank)
    }

    pub(super) fn get(&self, member: u16) -> Option<&Slot> {
        self.of_rank.get(self.ranks.of_member(member)?)
    }

    /// Where the member stands among those that have slots, if it is one of them.
    pub(super) fn rank_of(&self, member: u16) -> Option<usize> {
        self.ranks.of_member(member)
    }

    pub(super) const fn len(&self) -> usize {
        self.of_rank.len()
    }
}

/// A standing not worked out yet.
pub(super) const OPEN: u32 = u32::MAX;

/// A container that was emptied, whose code was withdrawn, or that began again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Emptying {
    op: Op,
    time: Timestamp,
    /// The standing of what left it then and was not seen since.
    pub(super) standing: u32,
    /// Its number among those of its block.
    number: u32,
}

/// The same, among those of its block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Emptied<'a> {
    all: &'a Emptyings,
    mark: &'a Emptying,
}

impl Emptied<'_> {
    pub(super) const fn standing(&self) -> u32 {
        self.mark.standing
    }

    /// Whether it was before or after something; `order`: when exactly that was, asked for only where the time
    /// does not decide.
    pub(super) fn compared(
        &self,
        time: Timestamp,
        order: impl FnOnce() -> Option<Order>,
    ) -> Ordering {
        self.mark.time.cmp(&time).then_with(|| {
            let (_, exact) = &self.all.after[self.mark.number as usize];
            order().map_or(Ordering::Less, |order| exact.cmp(&order))
        })
    }
}

/// What containers of one block were like right after each time they were emptied. What is asked for each of
/// millions of units lies apart from what is asked for few.
#[derive(Debug)]
pub(super) struct Emptyings {
    ranks: Ranks,
    /// By rank where its list begins, and where the last ends.
    starts: Vec<usize>,
    list: Vec<Emptying>,
    /// By number: what the container was last known to do then, and the exact order.
    after: Vec<(Slot, Order)>,
}

impl Emptyings {
    fn new(mut found: Vec<(u16, Op, Slot, Order)>) -> Self {
        found.sort_by_key(|(member, ..)| *member);
        let members: MemberSet = found.iter().map(|(member, ..)| *member).collect();
        let mut starts = Vec::with_capacity(members.len() as usize + 1);
        let mut last = None;
        for (start, (member, ..)) in found.iter().enumerate() {
            if last.replace(*member) != Some(*member) {
                starts.push(start);
            }
        }
        starts.push(found.len());
        let list = (0..)
            .zip(&found)
            .map(|(number, (_, op, _, order))| Emptying {
                op: *op,
                time: order.time,
                standing: OPEN,
                number,
            });
        Self {
            ranks: Ranks::of(members),
            starts,
            list: list.collect(),
            after: found
                .into_iter()
                .map(|(_, _, slot, order)| (slot, order))
                .collect(),
        }
    }

    /// The first that ends what began in a container at a time; `ends`: by being emptied, or by its code being
    /// withdrawn or used again. `order` is when exactly it began, and is asked for only where the time does not decide.
    pub(super) fn first(
        &self,
        member: u16,
        ends: Op,
        time: Timestamp,
        order: impl Fn() -> Option<Order>,
    ) -> Option<Emptied<'_>> {
        let rank = self.ranks.of_member(member)?;
        let list = &self.list[self.starts[rank]..self.starts[rank + 1]];
        let ends = |op: Op| op == ends || op == Op::Decommission || begins(op);
        let mut list = list
            .iter()
            .filter(|mark| ends(mark.op))
            .map(|mark| Emptied { all: self, mark });
        list.find(|emptied| emptied.compared(time, &order).is_gt())
    }

    /// What the containers were last known to do right after they were emptied, by number.
    pub(super) fn slots(&self) -> impl Iterator<Item = &Slot> {
        self.after.iter().map(|(slot, _)| slot)
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Emptying> {
        self.list.iter_mut()
    }
}
