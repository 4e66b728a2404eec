//! Containers in a taint: what was inside an exposed container is exposed, and using a container up
//! uses up what is inside it. Nothing else passes between a container and its contents.

use std::collections::{BTreeMap, BTreeSet};

use crate::codes::{Address, Block, MemberSet, Members};
use crate::epcis::Timestamp;
use crate::events::{Role, What};
use crate::trace::{EventKey, Op, Record, Source};

use super::alike::each_of;
use super::cause::{Cause, CauseId, Why};
use super::direction::Direction;
use super::kinds::Kinds;
use super::reach::Reason;
use super::reader::{Units, add_unit};
use super::stays::{Stay, emptied_at, stays};
use super::stock::filling;
use super::taint::{Exit, Taint};
use super::unpacked::{hollow, unrecorded};

/// Containers to look into: what was inside them in `from..=until` is reached.
#[derive(Debug, Clone)]
pub(super) struct Opening {
    pub(super) block: Block,
    pub(super) members: MemberSet,
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
    /// The contents are reached at this tick, or when they came in if that is later.
    pub(super) tick: i64,
    pub(super) cause: CauseId,
    /// Whether what is inside the contents is reached too.
    pub(super) is_deep: bool,
}

/// The windows, by block, that were looked into already.
pub(super) type Opened = BTreeMap<(Block, Timestamp, Timestamp, i64), MemberSet>;

/// A container used up in a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Use {
    pub(super) process: Block,
    pub(super) t_lo: Timestamp,
    pub(super) t_hi: Timestamp,
    pub(super) event: EventKey,
}

/// What an aggregation says can be inside a container.
#[derive(Debug, Default)]
struct Contents {
    /// Units and lots (as member 0) by container.
    children: Units,
    containers: BTreeSet<Address>,
}

impl<S: Source> Taint<'_, '_, S> {
    /// Backward, what went into a process may have been full.
    pub(super) fn note_opening(
        &mut self,
        exit: &Exit,
        members: &MemberSet,
        tick: i64,
        cause: CauseId,
    ) {
        if self.direction == Direction::Backward && tick <= self.limit {
            self.openings.push(Opening {
                block: exit.block,
                members: members.clone(),
                from: self.direction.time(exit.span.hi),
                until: self.direction.time(exit.span.lo),
                tick,
                cause,
                is_deep: true,
            });
        }
    }

    /// Looks into containers, one level; what is reached inside is looked into next.
    pub(super) fn open(&mut self, mut openings: Vec<Opening>) -> Result<(), S::Error> {
        for opening in &mut openings {
            let key = (opening.block, opening.from, opening.until, opening.tick);
            let known = self.opened.entry(key).or_default();
            opening.members.subtract(known);
            known.union_with(&opening.members);
        }
        openings.retain(|opening| !opening.members.is_empty());
        let mut outer = Units::new();
        for opening in &openings {
            let members = outer.entry(opening.block).or_default();
            members.union_with(&opening.members);
        }
        self.reader.load(&outer)?;
        let contents = self.contents(&outer)?;
        self.reader.load(&contents.children)?;
        let mut by_container: BTreeMap<Address, Vec<usize>> = BTreeMap::new();
        for (index, opening) in openings.iter().enumerate() {
            let of_block = contents.containers.range(
                Address {
                    block: opening.block,
                    member: 0,
                }..=Address {
                    block: opening.block,
                    member: u16::MAX,
                },
            );
            for container in of_block.filter(|c| opening.members.contains(c.member)) {
                by_container.entry(*container).or_default().push(index);
            }
        }
        let mut inside: BTreeMap<Address, Vec<(Timestamp, Option<Timestamp>)>> = BTreeMap::new();
        let mut note = |stay: &Stay| {
            let times = inside.entry(stay.container).or_default();
            times.push((stay.t_in, stay.t_out));
        };
        for (block, mask) in &contents.children {
            let found = stays(self.reader, block, mask, |container| {
                by_container.contains_key(container)
            });
            for stay in &found {
                note(stay);
                for index in by_container.get(&stay.container).into_iter().flatten() {
                    self.expose(*block, stay, &openings[*index]);
                }
            }
            if self.direction == Direction::Backward {
                continue;
            }
            for stay in unrecorded(self.reader, block, mask, |c| by_container.contains_key(c)) {
                note(&stay);
                for index in by_container.get(&stay.container).into_iter().flatten() {
                    let opening = &openings[*index];
                    if stay.meets(opening.from, opening.until) {
                        self.guesses.push((*block, stay.clone(), opening.clone()));
                    }
                }
            }
        }
        if self.direction == Direction::Forward {
            self.note_hollow(&openings, &inside);
        }
        Ok(())
    }

    /// Notes the containers that were emptied later and that nothing is on record to have been in.
    fn note_hollow(
        &mut self,
        openings: &[Opening],
        inside: &BTreeMap<Address, Vec<(Timestamp, Option<Timestamp>)>>,
    ) {
        for opening in openings {
            let log = self
                .reader
                .log_with(&opening.block, Kinds::of(Op::UnpackAll));
            let mut emptied = MemberSet::new();
            for record in log.iter().filter(|record| record.op == Op::UnpackAll) {
                record.members.add_to(&mut emptied);
            }
            emptied.intersect_with(&opening.members);
            for member in emptied.iter() {
                let container = Address {
                    block: opening.block,
                    member,
                };
                let stays = inside.get(&container).map_or(&[][..], Vec::as_slice);
                let window = (opening.from, opening.until);
                for blank in hollow(self.reader, container, stays, window) {
                    self.blanks.insert((container, blank.event), blank);
                }
            }
        }
    }

    pub(super) fn expose(&mut self, block: Block, stay: &Stay, opening: &Opening) {
        if !stay.meets(opening.from, opening.until) {
            let key = (block, Reason::DisjointInterval, stay.opened);
            let left_out = self.excluded.entry(key).or_default();
            left_out.union_with(&stay.members);
            return;
        }
        let forever = Timestamp::from_micros(i64::MAX);
        let t_out = stay.t_out.unwrap_or(forever);
        let came = self.direction.span(stay.t_in, t_out).lo;
        let tick = opening.tick.max(came);
        let cause = Cause {
            time: self.direction.time(tick),
            why: Why::Inside(stay.container),
            event: Some(stay.opened),
            before: Some(opening.cause),
        };
        if tick > self.limit {
            return;
        }
        if block.is_quantified() {
            let emptied = emptied_at(self.reader, stay.container);
            let spot = filling(stay.container, &emptied, stay.t_in);
            let amounts = stay.amounts_within(opening.from, opening.until);
            self.entries.note_inside(block, amounts);
            if opening.is_deep || !self.is_labelled(block, spot, tick) {
                self.sink_lot(block, spot, tick, || cause);
            }
            return;
        }
        let inner = self.causes.next();
        let before = self.causes.count();
        self.sink_units(block, &stay.members, tick, || cause);
        let cause = if self.causes.count() > before {
            inner
        } else {
            opening.cause
        };
        if opening.is_deep {
            self.openings.push(Opening {
                block,
                members: stay.members.clone(),
                from: opening.from.max(stay.t_in),
                until: opening.until.min(t_out),
                tick,
                cause,
                is_deep: true,
            });
        }
    }

    /// Everything that aggregations of these containers ever named as their contents.
    fn contents(&mut self, outer: &Units) -> Result<Contents, S::Error> {
        let logs = outer.iter().map(|(block, mask)| {
            let log = self.reader.log_with(block, Kinds::of(Op::Hold));
            (log, mask)
        });
        let holds = each_of(logs.collect(), |(log, mask)| {
            let of_mask = |record: &&Record| record.members.intersects(mask);
            let holds = log.iter().filter(|record| record.op == Op::Hold);
            let holds = holds.filter(of_mask);
            holds
                .map(|record| (record.shard, record.seq))
                .collect::<Vec<_>>()
        });
        let keys = holds.into_iter().flatten().collect();
        let mut contents = Contents::default();
        for entry in self.reader.entries(&keys)? {
            for part in &entry.parts {
                match (part.role, &part.what) {
                    (Role::Parent, What::Members(members)) => {
                        let member = members.iter().map(|member| Address {
                            block: part.block,
                            member,
                        });
                        contents.containers.extend(member);
                    }
                    (Role::Child, What::Members(members)) => {
                        let of_block = contents.children.entry(part.block).or_default();
                        of_block.union_with(members);
                    }
                    (Role::Child, What::Quantity(_)) => {
                        let lot = Address {
                            block: part.block,
                            member: 0,
                        };
                        add_unit(&mut contents.children, lot);
                    }
                    (Role::Object | Role::Input | Role::Output, _)
                    | (Role::Parent, What::Quantity(_)) => {}
                }
            }
        }
        Ok(contents)
    }

    /// Forward: units inside a container that is used up are used up with it.
    pub(super) fn carry(&mut self, sunk: &Units) -> Result<(), S::Error> {
        if self.direction == Direction::Backward {
            return Ok(());
        }
        let containers = self.reader.load_containers(sunk)?;
        let used = self.used_up(&containers);
        if used.is_empty() {
            return Ok(());
        }
        let mut uses: BTreeMap<Address, Vec<Use>> = BTreeMap::new();
        for (block, mask) in sunk {
            for stay in stays(self.reader, block, mask, |c| used.contains(c)) {
                let of_container = uses
                    .entry(stay.container)
                    .or_insert_with(|| self.uses(stay.container));
                let members = Members::from(stay.members.clone());
                let labels = self.units.get(block);
                let Some((label, member)) = labels.and_then(|labels| labels.earliest(&members))
                else {
                    continue;
                };
                let unit = Address {
                    block: *block,
                    member,
                };
                for used in of_container.clone() {
                    if stay.meets(used.t_lo, used.t_hi) {
                        let span = self.direction.span(used.t_lo, used.t_hi);
                        self.enter(used.process, unit, label, span, used.event);
                    }
                }
            }
        }
        Ok(())
    }

    /// Those of the containers that went into a process, or were inside one that did.
    fn used_up(&self, containers: &Units) -> BTreeSet<Address> {
        let mut used = BTreeSet::new();
        let mut nested: Vec<(Address, Address)> = Vec::new();
        for (block, mask) in containers {
            for record in self.reader.log_with(block, Kinds::of(Op::Consume)) {
                if record.op == Op::Consume {
                    record.members.for_each_in(mask, |member| {
                        used.insert(Address {
                            block: *block,
                            member,
                        });
                    });
                }
            }
        }
        if used.is_empty() {
            return used;
        }
        for (block, mask) in containers {
            for record in self.reader.log_with(block, Kinds::OPENS) {
                let Some(peer) = record.peer.filter(|_| Kinds::OPENS.has(record)) else {
                    continue;
                };
                record.members.for_each_in(mask, |member| {
                    let inner = Address {
                        block: *block,
                        member,
                    };
                    nested.push((peer, inner));
                });
            }
        }
        nested.sort_unstable();
        let mut open: Vec<Address> = used.iter().copied().collect();
        while let Some(outer) = open.pop() {
            let start = nested.partition_point(|(peer, _)| *peer < outer);
            for (_, inner) in nested[start..]
                .iter()
                .take_while(|(peer, _)| *peer == outer)
            {
                if used.insert(*inner) {
                    open.push(*inner);
                }
            }
        }
        used
    }

    /// The processes that used up a container, by itself or inside another. Its logs and those of its
    /// containers must be loaded.
    pub(super) fn uses(&self, container: Address) -> Vec<Use> {
        let mut uses = Vec::new();
        let always = (Timestamp::from_micros(i64::MIN), None);
        let mut open: Vec<(Address, Timestamp, Option<Timestamp>)> =
            vec![(container, always.0, always.1)];
        let mut seen = BTreeSet::new();
        while let Some((unit, from, until)) = open.pop() {
            if !seen.insert((unit, from, until)) {
                continue;
            }
            for record in self.reader.log(&unit.block) {
                let inside = record.t_hi >= from && until.is_none_or(|until| record.t_lo < until);
                if record.op != Op::Consume || !inside || !record.members.contains(unit.member) {
                    continue;
                }
                if let Some(process) = record.peer {
                    uses.push(Use {
                        process: process.block,
                        t_lo: record.t_lo,
                        t_hi: record.t_hi,
                        event: (record.shard, record.seq),
                    });
                }
            }
            let alone = MemberSet::one(unit.member);
            for stay in stays(self.reader, &unit.block, &alone, |_| true) {
                let until_closed = until.unwrap_or(Timestamp::from_micros(i64::MAX));
                if stay.meets(from, until_closed) {
                    let out = match (stay.t_out, until) {
                        (Some(a), Some(b)) => Some(a.min(b)),
                        (a, b) => a.or(b),
                    };
                    open.push((stay.container, from.max(stay.t_in), out));
                }
            }
        }
        uses.sort_unstable();
        uses.dedup();
        uses
    }
}
