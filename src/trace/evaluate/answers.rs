//! What the last records of a unit and of its containers come to: one answer, and the others that cannot
//! be ruled out.

use std::collections::BTreeSet;

use crate::codes::{Address, Block, MemberSet};
use crate::epcis::Timestamp;
use crate::trace::{Flow, Op, Record, Source};

use super::cause::Certainty;
use super::holding::Holding;
use super::reader::{Reader, Units, add_unit};
use super::slots::{Emptyings, Slot, Slots};
use super::standing::{Answer, Fault, Standing, Status};
use super::whereabouts::{Climb, OPEN};

impl<S: Source> Climb<'_, '_, S> {
    pub(super) fn standing_of(&self, container: Address) -> Option<u32> {
        let held = self.containers.get(&container.block)?;
        held.slots.get(container.member)?;
        let number = held.standings.get(held.slots.rank(container.member))?;
        Some(*number).filter(|number| *number != OPEN)
    }

    /// The standing of a slot whose containers are worked out.
    pub(super) fn stand(
        &mut self,
        block: Block,
        slot: &Slot,
        holding: &Holding,
    ) -> Result<u32, S::Error> {
        let Some((container, packing)) = holding.inside else {
            return self.stand_alone(block, slot, holding);
        };
        let Some(outer) = self.standing_of(container) else {
            let own = self.own(block, slot)?;
            return Ok(self.number(own));
        };
        let outer = self.inferred(outer);
        if self.standings[outer as usize].answer.status == Status::Unknown {
            let own = self.own(block, slot)?;
            return Ok(self.number(own));
        }
        let apart = if packing == slot.inside {
            self.record(block, slot.apart).cloned()
        } else {
            None
        };
        if apart.is_none() && holding.also.is_none() {
            return Ok(outer);
        }
        let mut standing = self.standings[outer as usize].clone();
        if let Some(apart) = apart {
            standing = self.weigh(block, slot, &apart, container, standing)?;
        }
        if let Some(other) = holding.also.and_then(|also| self.standing_of(also)) {
            let other = self.inferred(other);
            add_other(&mut standing, self.standings[other as usize].answer);
            standing.fault = standing.fault.or(Some(Fault::PackedTwice));
        }
        Ok(self.number(standing))
    }

    /// The standing of a unit that is in nothing.
    fn stand_alone(
        &mut self,
        block: Block,
        slot: &Slot,
        holding: &Holding,
    ) -> Result<u32, S::Error> {
        if let Some((container, then)) = &holding.emptied {
            let end = self.record(container.block, then.seen);
            let end = end.map(|record| self.reader.order(record));
            let seen = self.record(block, slot.seen);
            let seen = seen.map(|record| self.reader.order(record));
            if end >= seen {
                let mut standing = self.own(container.block, then)?;
                standing.answer.certainty = standing.answer.certainty.max(Certainty::Inferred);
                return Ok(self.number(standing));
            }
        }
        let own = self.own(block, slot)?;
        if let Some(outer) = holding.attached.and_then(|outer| self.standing_of(outer)) {
            let outer = self.inferred(outer);
            if self.standings[outer as usize].answer.time >= own.answer.time {
                return Ok(outer);
            }
        }
        Ok(self.number(own))
    }

    /// What a unit's own last record says.
    pub(super) fn own(&mut self, block: Block, slot: &Slot) -> Result<Standing, S::Error> {
        let mut answer = Answer::UNKNOWN;
        if let Some(record) = self.record(block, slot.seen) {
            let stood = self
                .record(block, slot.stood)
                .and_then(|record| record.place);
            let place = record.place.or(stood);
            let key = (record.shard, record.seq);
            let left_place_unsaid = record.op == Op::Unpack && record.place.is_none();
            let left = record.peer.filter(|_| left_place_unsaid);
            let time = record.t_lo;
            let shipment = self.shipments.get(&key).copied();
            let (from, sender) = shipment.unwrap_or((stood, None));
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
                time: Some(time),
            };
            if let Some(container) = left
                && let Status::Here(known) = self.earlier(container, time)?.status
            {
                answer.status = Status::Here(known.or(place));
                answer.certainty = Certainty::Inferred;
            }
        }
        Ok(Standing {
            answer,
            others: Vec::new(),
            fault: None,
        })
    }

    /// A unit was seen by itself while inside: does that agree with where its container was?
    fn weigh(
        &mut self,
        block: Block,
        slot: &Slot,
        apart: &Record,
        container: Address,
        outer: Standing,
    ) -> Result<Standing, S::Error> {
        let then = self.earlier(container, apart.t_lo)?;
        let own = self.own(block, slot)?;
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
            return Ok(if own_counts { own } else { outer });
        }
        let (mut standing, other) = if later { (own, outer) } else { (outer, own) };
        add_other(&mut standing, other.answer);
        standing.fault = Some(Fault::SeenApart);
        Ok(standing)
    }

    /// Where a container was earlier, conflicts aside.
    fn earlier(&mut self, container: Address, time: Timestamp) -> Result<Answer, S::Error> {
        if let Some(known) = self.earlier.get(&(container, time)) {
            return Ok(*known);
        }
        // Its own logs: loading more into those at hand would renumber their records.
        self.reader.swap(&mut self.past);
        let answer = position(self.reader, container, time);
        self.reader.swap(&mut self.past);
        let answer = answer?;
        self.earlier.insert((container, time), answer);
        Ok(answer)
    }

    pub(super) fn inferred(&mut self, number: u32) -> u32 {
        if let Some(known) = self.inferred.get(number as usize)
            && *known != OPEN
        {
            return *known;
        }
        let mut standing = self.standings[number as usize].clone();
        let answers = std::iter::once(&mut standing.answer).chain(&mut standing.others);
        for answer in answers {
            answer.certainty = answer.certainty.max(Certainty::Inferred);
        }
        let inferred = self.number(standing);
        self.inferred.resize(self.standings.len(), OPEN);
        self.inferred[number as usize] = inferred;
        inferred
    }

    pub(super) fn number(&mut self, standing: Standing) -> u32 {
        if let Some(known) = self.numbers.get(&standing) {
            return *known;
        }
        let number = u32::try_from(self.standings.len()).unwrap_or(OPEN);
        self.standings.push(standing.clone());
        self.numbers.insert(standing, number);
        number
    }
}

fn add_other(standing: &mut Standing, other: Answer) {
    let same = |known: &Answer| known.status == other.status && known.party == other.party;
    if !same(&standing.answer) && !standing.others.iter().any(same) {
        standing.others.push(other);
    }
}

/// Where one container was at a time: its own records, else those of the containers it was in, outwards,
/// whichever is nearest. Conflicts are not looked for.
fn position<S: Source>(
    reader: &mut Reader<'_, S>,
    unit: Address,
    time: Timestamp,
) -> Result<Answer, S::Error> {
    let mut seen = BTreeSet::new();
    let mut unit = unit;
    let mut best = Answer::UNKNOWN;
    while seen.insert(unit) {
        let mut alone = Units::new();
        add_unit(&mut alone, unit);
        reader.load(&alone)?;
        let log = reader.log(&unit.block);
        let members = MemberSet::one(unit.member);
        let slots = Slots::fold(log, &members, time, &mut Emptyings::default());
        let Some(slot) = slots.get(unit.member).copied() else {
            break;
        };
        if let Some(record) = log.get(slot.seen as usize) {
            let stood = log.get(slot.stood as usize).and_then(|record| record.place);
            let status = match record.flow {
                Flow::Ship => Status::InTransit {
                    from: stood,
                    to: record.place,
                    sender: None,
                },
                _ => Status::Here(record.place.or(stood)),
            };
            let answer = Answer {
                status,
                party: None,
                certainty: Certainty::Asserted,
                event: Some((record.shard, record.seq)),
                time: Some(record.t_lo),
            };
            if answer.time >= best.time {
                best = answer;
            }
        }
        match log.get(slot.inside as usize).and_then(|record| record.peer) {
            Some(outer) => unit = outer,
            None => break,
        }
    }
    Ok(best)
}
