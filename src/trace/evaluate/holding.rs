//! What units are in, and the order in which their containers are worked out.

use std::collections::BTreeSet;

use crate::codes::{Address, Block};
use crate::trace::{Op, Source};

use super::slots::{Index, NONE, Slot};
use super::standing::Fault;
use super::whereabouts::{Climb, OPEN};

/// What a unit is in.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Holding {
    pub(super) inside: Option<(Address, Index)>,
    pub(super) also: Option<Address>,
    pub(super) attached: Option<Address>,
    /// It left when this container was emptied, which was like this then.
    pub(super) emptied: Option<(Address, Slot)>,
}

impl Holding {
    /// Of something in this container, whatever says so.
    pub(super) fn within(container: Address) -> Self {
        Self {
            inside: Some((container, NONE)),
            ..Self::default()
        }
    }
}

impl<S: Source> Climb<'_, '_, S> {
    /// What a slot is in, once the emptyings of its containers are taken into account.
    pub(super) fn holding(&self, block: Block, slot: &Slot) -> Holding {
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
    pub(super) fn resolve(&mut self, holding: &Holding) -> Result<(), S::Error> {
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
