//! Where units are at a time: their own records, then their containers', level by level; resolved from
//! the outermost container down. A parent's observations are never copied to its children.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::codes::{Address, Block, MemberSet, Members};
use crate::epcis::Timestamp;
use crate::trace::{EventKey, Flow, Op, Record, Source};

use super::cause::Certainty;
use super::reader::{Reader, Units, add_unit};
use super::slots::{Emptyings, Index, NONE, Slot, Slots};
use super::standing::{Answer, Fault, Standing, Standings, Status, Whereabouts};

/// A standing not worked out yet.
const OPEN: u32 = u32::MAX;

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
struct Held {
    slots: Slots,
    emptyings: Emptyings,
    standings: Vec<u32>,
}

/// What a unit is in.
#[derive(Debug, Clone, Copy, Default)]
struct Holding {
    inside: Option<(Address, Index)>,
    also: Option<Address>,
    attached: Option<Address>,
    /// It left when this container was emptied, which was like this then.
    emptied: Option<(Address, Slot)>,
}

/// Units of a block whose last records are the same.
struct Alike {
    block: Block,
    slot: Slot,
    members: Members,
}

struct Climb<'r, 's, S> {
    reader: &'r mut Reader<'s, S>,
    at: Timestamp,
    containers: BTreeMap<Block, Held>,
    /// Where shipments left from, and who sent them.
    shipments: BTreeMap<EventKey, (Option<Block>, Option<Block>)>,
    standings: Vec<Standing>,
    numbers: HashMap<Standing, u32>,
    inferred: HashMap<u32, u32>,
    earlier: BTreeMap<(Address, Timestamp), Answer>,
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

    fn record(&self, block: Block, index: Index) -> Option<&Record> {
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

    fn standing_of(&self, container: Address) -> Option<u32> {
        let held = self.containers.get(&container.block)?;
        held.slots.get(container.member)?;
        let number = held.standings.get(held.slots.rank(container.member))?;
        Some(*number).filter(|number| *number != OPEN)
    }

    /// The standing of a slot whose containers are worked out.
    fn stand(&mut self, block: Block, slot: &Slot, holding: &Holding) -> Result<u32, S::Error> {
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
    fn own(&mut self, block: Block, slot: &Slot) -> Result<Standing, S::Error> {
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
            _ if same_event => (true, false),
            (_, None) => (true, false),
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
            (Status::Consumed(_) | Status::Unknown, Some(_)) => (true, false),
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
        let answer = position(self.reader, container, time)?;
        self.earlier.insert((container, time), answer);
        Ok(answer)
    }

    fn inferred(&mut self, number: u32) -> u32 {
        if let Some(known) = self.inferred.get(&number) {
            return *known;
        }
        let mut standing = self.standings[number as usize].clone();
        let answers = std::iter::once(&mut standing.answer).chain(&mut standing.others);
        for answer in answers {
            answer.certainty = answer.certainty.max(Certainty::Inferred);
        }
        let inferred = self.number(standing);
        self.inferred.insert(number, inferred);
        inferred
    }

    fn number(&mut self, standing: Standing) -> u32 {
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
