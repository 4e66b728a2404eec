//! What units are in, and the order in which their containers are worked out.

use std::collections::BTreeSet;

use crate::codes::{Address, Block, MemberSet};
use crate::trace::Source;

use super::alike::each_of;
use super::distinct::Distinct;
use super::nested::{Outer, nested};
use super::reader::Units;
use super::sight::{Stood, add_other};
use super::slots::{Emptied, Emptyings, Index, OPEN, Slot, Slots};
use super::standing::{Answer, Fault, Status};
use super::whereabouts::Climb;

/// The containers of one block: their slots, and their standings as far as worked out.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) slots: Slots,
    pub(super) emptyings: Emptyings,
    /// By rank: the standing that a container gives to its contents.
    contents: Vec<u32>,
    /// By rank: the same where it is known, so that it tells of what is inside.
    telling: Vec<u32>,
}

impl Held {
    pub(super) fn new(slots: Slots, emptyings: Emptyings) -> Self {
        let contents = vec![OPEN; slots.len()];
        Self {
            slots,
            emptyings,
            telling: contents.clone(),
            contents,
        }
    }

    /// The standing that a container gives to its contents, once it is worked out.
    pub(super) fn contents_of(&self, member: u16) -> Option<u32> {
        self.number(&self.contents, member)
    }

    /// The same, where it tells something.
    pub(super) fn tells(&self, member: u16) -> Option<u32> {
        self.number(&self.telling, member)
    }

    fn number(&self, numbers: &[u32], member: u16) -> Option<u32> {
        let number = numbers.get(self.slots.rank_of(member)?).copied();
        number.filter(|number| *number != OPEN)
    }
}

/// What a unit is in.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Holding<'a> {
    pub(super) inside: Option<(Address, Index)>,
    pub(super) also: Option<Address>,
    pub(super) attached: Option<Address>,
    /// It left when its container was emptied.
    pub(super) emptied: Option<Emptied<'a>>,
}

impl Holding<'_> {
    /// What it is in, else what it is fixed to.
    pub(super) fn around(&self) -> Option<Address> {
        let inside = self.inside.map(|(container, _)| container);
        inside.or(self.attached)
    }

    fn containers(&self) -> impl Iterator<Item = Address> {
        let inside = self.inside.map(|(container, _)| container);
        [inside, self.also, self.attached].into_iter().flatten()
    }
}

impl Stood {
    /// The same as it holds of what is inside. What has a number came from outside, and is that already.
    fn inferred(self) -> Self {
        match self {
            Self::Own(standing) => Self::Own(standing.inferred()),
            known @ Self::Known(_) => known,
        }
    }
}

impl<S: Source> Climb<'_, '_, S> {
    /// Works out the standings of all containers, outermost first, and of what left them when they were
    /// emptied.
    pub(super) fn resolve_all(&mut self) {
        let sight = self.sight();
        let left_behind = each_of(sight.containers.iter().collect(), |(block, held)| {
            let mut distinct = Distinct::default();
            let slots = held.emptyings.slots();
            let numbers: Vec<u32> = slots
                .map(|then| distinct.add(sight.left_behind(*block, then)))
                .collect();
            (*block, distinct, numbers)
        });
        for (block, distinct, numbers) in left_behind {
            let all = self.standings.add_all(distinct);
            let emptyings = self.containers.get_mut(&block);
            let emptyings = emptyings
                .into_iter()
                .flat_map(|held| held.emptyings.iter_mut());
            for (emptying, number) in emptyings.zip(numbers) {
                emptying.standing = all[number as usize];
            }
        }
        let levels = std::mem::take(&mut self.levels);
        for level in levels.iter().rev() {
            self.resolve_level(level);
        }
        // Those that are inside one another, in such a one, or in one of a level further in.
        let mut open = Outer::new();
        for (block, members) in levels.iter().flatten() {
            self.add_open(*block, members, &mut open);
        }
        let mut path = Vec::new();
        for together in nested(&open) {
            self.resolve_nested(&together, &mut path);
        }
        for (block, members) in levels.iter().flatten() {
            for member in members.iter() {
                let block = *block;
                self.resolve(Address { block, member }, &mut path);
            }
        }
    }

    /// Works out the standings of those of these containers whose own containers are worked out.
    fn resolve_level(&mut self, level: &Units) {
        let sight = self.sight();
        let stood = each_of(level.iter().collect(), |(block, members)| {
            let block = *block;
            let held = sight.containers.get(&block);
            let mut distinct = Distinct::default();
            let stood = members.iter().filter_map(|member| {
                let slot = held?.slots.get(member)?;
                let holding = sight.holding(block, slot);
                let ready = !holding.containers().any(|outer| sight.is_open(outer));
                let stood = ready.then(|| sight.stand(block, slot, &holding))?;
                Some((Address { block, member }, distinct.number(stood.inferred())))
            });
            let stood: Vec<_> = stood.collect();
            (distinct, stood)
        });
        for (distinct, stood) in stood {
            let own = self.standings.add_all(distinct);
            for (container, number) in stood {
                self.settle(container, number.among(&own));
            }
        }
    }

    /// Adds what those of these containers are in that are not worked out yet.
    fn add_open(&self, block: Block, members: &MemberSet, open: &mut Outer) {
        let sight = self.sight();
        let Some(held) = self.containers.get(&block) else {
            return;
        };
        for member in members.iter() {
            let container = Address { block, member };
            if let Some(slot) = held.slots.get(member).filter(|_| sight.is_open(container)) {
                let around = sight.holding(block, slot);
                let around = around.containers().filter(|outer| sight.is_open(*outer));
                open.insert(container, around.collect());
            }
        }
    }

    /// Works out the standings of containers that are inside one another: each keeps what it would be without the
    /// others, and may be where they are.
    fn resolve_nested(&mut self, together: &BTreeSet<Address>, path: &mut Vec<(Address, bool)>) {
        let mut stood = Vec::with_capacity(together.len());
        for container in together {
            let Some(slot) = self.slot_of(*container) else {
                continue;
            };
            let holding = self.sight().holding(container.block, &slot);
            let outside = holding.inside.map(|(outer, _)| outer);
            let outside = outside.filter(|outer| !together.contains(outer));
            let around: Vec<Address> = holding.containers().collect();
            for outer in around.into_iter().filter(|o| !together.contains(o)) {
                self.resolve(outer, path);
            }
            let sight = self.sight();
            let standing = match outside {
                Some(_) => {
                    let holding = sight.holding(container.block, &slot);
                    match sight.stand(container.block, &slot, &holding) {
                        Stood::Known(number) => self.standings.get(number).clone(),
                        Stood::Own(standing) => standing,
                    }
                }
                None => sight.own(container.block, &slot),
            };
            stood.push((*container, standing));
        }
        let answers: BTreeSet<Answer> = stood
            .iter()
            .map(|(_, standing)| standing.clone().inferred().answer)
            .collect();
        for (container, mut standing) in stood {
            for answer in &answers {
                add_other(&mut standing, *answer);
            }
            standing.fault = Some(Fault::Nested);
            let contents = self.standings.add(standing.clone().inferred());
            let number = self.standings.add(standing);
            self.nested.insert(container, number);
            self.settle(container, contents);
        }
    }

    fn slot_of(&self, container: Address) -> Option<Slot> {
        let held = self.containers.get(&container.block)?;
        held.slots.get(container.member).copied()
    }

    /// Works out the standing of a container, those around it first. Those that are inside one another are worked
    /// out before.
    fn resolve(&mut self, container: Address, path: &mut Vec<(Address, bool)>) {
        path.push((container, false));
        let mut entered: BTreeSet<Address> = BTreeSet::new();
        while let Some((container, ready)) = path.pop() {
            let sight = self.sight();
            let Some(held) = sight.containers.get(&container.block) else {
                continue;
            };
            let Some(slot) = held.slots.get(container.member) else {
                continue;
            };
            if held.contents_of(container.member).is_some() {
                continue;
            }
            let holding = sight.holding(container.block, slot);
            let stood = if ready || !holding.containers().any(|outer| sight.is_open(outer)) {
                sight.stand(container.block, slot, &holding)
            } else if entered.insert(container) {
                path.push((container, true));
                path.extend(holding.containers().map(|outer| (outer, false)));
                continue;
            } else {
                continue;
            };
            let contents = match stood.inferred() {
                Stood::Known(number) => number,
                Stood::Own(standing) => self.standings.add(standing),
            };
            self.settle(container, contents);
        }
    }

    /// Notes what a container gives to its contents.
    fn settle(&mut self, container: Address, contents: u32) {
        let is_known = self.standings.get(contents).answer.status != Status::Unknown;
        if let Some(held) = self.containers.get_mut(&container.block)
            && let Some(rank) = held.slots.rank_of(container.member)
        {
            held.contents[rank] = contents;
            if is_known {
                held.telling[rank] = contents;
            }
        }
    }
}
