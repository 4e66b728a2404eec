//! What the last records of a unit and of its containers come to: one answer, and the others that cannot be
//! ruled out. Everything that is asked here is loaded and worked out before, so that threads can share it.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::codes::{Address, Block};
use crate::epcis::Timestamp;
use crate::trace::{EventKey, Flow, Op, Record};

use super::cause::Certainty;
use super::distinct::Distinct;
use super::holding::{Held, Holding};
use super::reader::{Logs, Order};
use super::slots::{Emptied, Index, NONE, Slot};
use super::standing::{Answer, Fault, Standing, Status};

/// Where shipments left from, and who sent them.
pub(super) type Shipments = BTreeMap<EventKey, (Option<Block>, Option<Block>)>;

/// Where containers were at times, conflicts aside.
pub(super) type Earlier = BTreeMap<(Address, Timestamp), Answer>;

/// Containers that are inside one another, with the numbers of their standings.
pub(super) type Nested = BTreeMap<Address, u32>;

/// What is known so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sight<'a> {
    pub(super) logs: &'a Logs,
    pub(super) ranks: &'a BTreeMap<i32, u32>,
    pub(super) containers: &'a FxHashMap<Block, Held>,
    pub(super) shipments: &'a Shipments,
    pub(super) earlier: &'a Earlier,
    pub(super) nested: &'a Nested,
    pub(super) standings: &'a Distinct,
}

/// The standing of a unit.
#[derive(Debug)]
pub(super) enum Stood {
    /// One that has a number.
    Known(u32),
    /// One that may have none.
    Own(Standing),
}

/// What is in a container, or left it when it was emptied.
#[derive(Debug, Clone, Copy)]
struct Stay<'a> {
    container: Address,
    emptied: Option<Emptied<'a>>,
}

impl<'a> Sight<'a> {
    pub(super) fn record(&self, block: Block, index: Index) -> Option<&'a Record> {
        if index == NONE {
            return None;
        }
        self.logs.of(&block).get(index as usize)
    }

    fn order(&self, record: &Record) -> Order {
        Order::of(record, self.ranks)
    }

    /// What a slot is in, once the emptyings of its containers are taken into account.
    pub(super) fn holding(&self, block: Block, slot: &Slot) -> Holding<'a> {
        let still_in = |index: Index, ends: Op| {
            let stay = self.stay(block, index, ends)?;
            stay.emptied.is_none().then_some(stay.container)
        };
        let also = still_in(slot.also, Op::UnpackAll);
        let mut holding = Holding {
            attached: still_in(slot.attached, Op::DetachAll),
            ..Holding::default()
        };
        match self.stay(block, slot.inside, Op::UnpackAll) {
            Some(Stay {
                container,
                emptied: None,
            }) => {
                holding.inside = Some((container, slot.inside));
                holding.also = also;
            }
            stay => {
                holding.inside = also.map(|container| (container, slot.also));
                holding.emptied = stay.and_then(|stay| stay.emptied);
            }
        }
        holding
    }

    /// The container a record put a unit in, and how that was when it was emptied since.
    fn stay(&self, block: Block, index: Index, ends: Op) -> Option<Stay<'a>> {
        let record = self.record(block, index)?;
        let container = record.peer?;
        let held = self.containers.get(&container.block);
        Some(Stay {
            container,
            emptied: held.and_then(|held| {
                let order = || Some(self.order(record));
                held.emptyings
                    .first(container.member, ends, record.t_lo, order)
            }),
        })
    }

    /// What is said of what this record packed into the container at this time, and that was not seen since: what
    /// it is in, and its standing. `None` where the container does not tell. Records of millions of units lie far
    /// apart: this one is looked at only where the time does not decide.
    pub(super) fn packed(
        &self,
        block: Block,
        container: Address,
        (packing, time): (Index, Timestamp),
    ) -> Option<(Option<Address>, u32)> {
        let held = self.containers.get(&container.block)?;
        let order = || self.record(block, packing).map(|record| self.order(record));
        let emptyings = &held.emptyings;
        let emptied = emptyings.first(container.member, Op::UnpackAll, time, order);
        match emptied {
            Some(emptied) => Some((None, emptied.standing())),
            None => Some((Some(container), held.tells(container.member)?)),
        }
    }

    /// Whether the standing of a container is still to be worked out.
    pub(super) fn is_open(&self, container: Address) -> bool {
        let held = self.containers.get(&container.block);
        held.is_some_and(|held| {
            held.slots.rank_of(container.member).is_some()
                && held.contents_of(container.member).is_none()
        })
    }

    fn told_by(&self, container: Address) -> Option<u32> {
        let held = self.containers.get(&container.block)?;
        held.contents_of(container.member)
    }

    fn standing(&self, number: u32) -> &'a Standing {
        self.standings.get(number)
    }

    /// The standing of a slot whose containers are worked out.
    pub(super) fn stand(&self, block: Block, slot: &Slot, holding: &Holding<'_>) -> Stood {
        let Some((container, packing)) = holding.inside else {
            return self.stand_alone(block, slot, holding);
        };
        let held = self.containers.get(&container.block);
        let Some(number) = held.and_then(|held| held.tells(container.member)) else {
            return Stood::Own(self.own(block, slot));
        };
        let apart = self
            .record(block, slot.apart)
            .filter(|_| packing == slot.inside);
        if apart.is_none() && holding.also.is_none() {
            return Stood::Known(number);
        }
        let mut standing = self.standing(number).clone();
        if let Some(apart) = apart {
            standing = self.weigh(block, slot, apart, container, standing);
        }
        if let Some(other) = holding.also.and_then(|also| self.told_by(also)) {
            add_other(&mut standing, self.standing(other).answer);
            standing.fault = standing.fault.or(Some(Fault::PackedTwice));
        }
        Stood::Own(standing)
    }

    /// The standing of a unit that is in nothing.
    fn stand_alone(&self, block: Block, slot: &Slot, holding: &Holding<'_>) -> Stood {
        if let Some(emptied) = &holding.emptied {
            let seen = self.record(block, slot.seen);
            let is_last = |record: &Record| {
                let order = || Some(self.order(record));
                emptied.compared(record.t_lo, order).is_gt()
            };
            if seen.is_none_or(is_last) {
                return Stood::Known(emptied.standing());
            }
        }
        let own = self.own(block, slot);
        if let Some(outer) = holding.attached.and_then(|outer| self.told_by(outer))
            && self.standing(outer).answer.time >= own.answer.time
        {
            return Stood::Known(outer);
        }
        Stood::Own(own)
    }

    /// The standing of what left a container when it was emptied: a code that ended ends nothing that was inside.
    pub(super) fn left_behind(&self, container: Block, then: &Slot) -> Standing {
        let mut standing = self.own(container, then).inferred();
        if let Status::Ended(place) = standing.answer.status {
            standing.answer.status = Status::Here(place);
        }
        standing
    }

    /// What a unit's own last record says.
    pub(super) fn own(&self, block: Block, slot: &Slot) -> Standing {
        let mut answer = Answer::UNKNOWN;
        if let Some(record) = self.record(block, slot.seen) {
            let stood = self
                .record(block, slot.stood)
                .and_then(|record| record.place);
            let place = record.place.or(stood);
            let key = (record.shard, record.seq);
            let shipment = self
                .shipments
                .get(&key)
                .filter(|_| record.flow == Flow::Ship);
            let (from, sender) = shipment.copied().unwrap_or((stood, None));
            answer = Answer {
                status: match (record.flow, record.op, record.peer) {
                    (Flow::Ship, ..) => Status::InTransit {
                        from: from.or(stood),
                        to: record.place,
                        sender,
                    },
                    (Flow::Sell, ..) => Status::Sold(place),
                    (Flow::Destroy, ..) => Status::Destroyed(place),
                    (Flow::Stolen, ..) => Status::Stolen(place),
                    (_, Op::Consume, Some(process)) => Status::Consumed(process.block),
                    (_, Op::Decommission, _) => Status::Ended(place),
                    (Flow::None | Flow::Receive | Flow::Return | Flow::VoidShip, ..) => {
                        Status::Here(place)
                    }
                },
                party: self
                    .record(block, slot.held)
                    .and_then(|record| record.party),
                certainty: Certainty::Asserted,
                event: Some(key),
                time: Some(record.t_lo),
            };
            if let Some(asked) = taken_out(record)
                && let Status::Here(known) = self.earlier(asked).status
            {
                answer.status = Status::Here(known.or(place));
                answer.certainty = Certainty::Inferred;
            }
        }
        Standing {
            answer,
            others: Vec::new(),
            fault: None,
        }
    }

    /// A unit was seen by itself while inside: does that agree with where its container was?
    fn weigh(
        &self,
        block: Block,
        slot: &Slot,
        apart: &Record,
        container: Address,
        outer: Standing,
    ) -> Standing {
        let then = self.earlier((container, apart.t_lo));
        let own = self.own(block, slot);
        let ends = !matches!(apart.flow, Flow::None | Flow::Receive | Flow::VoidShip)
            || matches!(apart.op, Op::Consume | Op::Decommission);
        let same_event = then.event == Some((apart.shard, apart.seq));
        let (agrees, arrived) = match (then.status, apart.place) {
            (Status::Consumed(_) | Status::Unknown, _) | (_, None) => (true, false),
            _ if same_event => (true, false),
            (_, Some(_)) if apart.flow == Flow::Ship => (false, false),
            (Status::InTransit { to, .. }, Some(place)) => {
                let possible = to.is_none_or(|to| to == place);
                (possible, possible)
            }
            (
                Status::Here(at)
                | Status::Sold(at)
                | Status::Destroyed(at)
                | Status::Stolen(at)
                | Status::Ended(at),
                Some(place),
            ) => (at.is_none_or(|at| at == place), false),
        };
        let later = own.answer.time >= outer.answer.time && !same_event;
        let own_counts = ends || (arrived && later);
        if agrees {
            return if own_counts { own } else { outer };
        }
        let (mut standing, other) = if later { (own, outer) } else { (outer, own) };
        add_other(&mut standing, other.answer);
        standing.fault = Some(Fault::SeenApart);
        standing
    }

    fn earlier(&self, asked: (Address, Timestamp)) -> Answer {
        self.earlier.get(&asked).copied().unwrap_or(Answer::UNKNOWN)
    }

    /// What must be known of the past before this slot can stand: where containers were, and when.
    pub(super) fn asks_past(
        &self,
        block: Block,
        slot: &Slot,
        asked: &mut Vec<(Address, Timestamp)>,
    ) {
        asked.extend(self.record(block, slot.seen).and_then(taken_out));
        if slot.apart == NONE {
            return;
        }
        if let Some(apart) = self.record(block, slot.apart)
            && let Some((container, packing)) = self.holding(block, slot).inside
            && packing == slot.inside
        {
            asked.push((container, apart.t_lo));
        }
    }
}

/// The container that a record took a unit out of, where it does not say where that was.
fn taken_out(record: &Record) -> Option<(Address, Timestamp)> {
    let container = record
        .peer
        .filter(|_| record.op == Op::Unpack && record.place.is_none())?;
    Some((container, record.t_lo))
}

pub(super) fn add_other(standing: &mut Standing, other: Answer) {
    let same = |known: &Answer| known.status == other.status && known.party == other.party;
    if !same(&standing.answer) && !standing.others.iter().any(same) {
        standing.others.push(other);
    }
}
