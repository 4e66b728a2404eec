//! Contact, where a policy says that it is enough: what was in a container or at a place together with
//! something tainted, or after it while it was still dangerous.

use std::collections::{BTreeMap, BTreeSet};

use crate::codes::{Address, Block, MemberSet, Members};
use crate::epcis::Timestamp;
use crate::trace::{EventKey, Flow, Op, Source};

use super::cause::{Cause, CauseId, Why};
use super::contents::Opening;
use super::direction::Direction;
use super::labels::Label;
use super::reader::{Reader, Units};
use super::stays::{Stay, emptied_at, stays};
use super::stock::{Spot, filling};
use super::taint::Taint;

const BEGIN: Timestamp = Timestamp::from_micros(i64::MIN);
const FOREVER: Timestamp = Timestamp::from_micros(i64::MAX);

/// Members of a block at a place, from a time until another.
#[derive(Debug, Clone)]
struct Visit {
    block: Block,
    members: MemberSet,
    from: Timestamp,
    until: Timestamp,
    event: EventKey,
}

/// Earliest and latest times of some events, in order.
type Times = Vec<(Timestamp, Timestamp)>;

impl<S: Source> Taint<'_, '_, S> {
    /// Looks at the company of what sank.
    pub(super) fn meet(&mut self, sunk: &Units) -> Result<(), S::Error> {
        self.reader.load(sunk)?;
        self.reader.load_containers(sunk)?;
        if self.rules.contact.containers {
            self.meet_in_containers(sunk)?;
        }
        for place in &self.rules.contact.places {
            let mut tainted = Vec::new();
            for (block, mask) in sunk {
                if block.is_quantified() {
                    self.lie_at(*block, *place, &mut tainted);
                    continue;
                }
                for visit in presence(self.reader, block, mask, *place) {
                    let labels = self.units.get(block);
                    let members = Members::from(visit.members.clone());
                    if let Some((label, _)) = labels.and_then(|labels| labels.earliest(&members)) {
                        tainted.push((visit, label));
                    }
                }
            }
            self.meet_at(*place, &tainted)?;
        }
        Ok(())
    }

    /// Notes lots whose labels sank: they have company, too.
    pub(super) fn note_stock_unmet(&mut self, sunk: &BTreeSet<Block>) {
        if self.rules.contact.is_on() {
            let lots = sunk.iter().map(|lot| (*lot, MemberSet::one(0)));
            self.unmet.extend(lots);
        }
    }

    /// Whether stock has as low a label at a spot, its own or that of stock that can be anywhere.
    pub(super) fn is_labelled(&self, lot: Block, spot: Spot, tick: i64) -> bool {
        let label = self.lots.get(&lot).and_then(|supply| supply.at(spot));
        label.is_some_and(|label| label.tick <= tick)
    }

    /// When stock of a lot lay at a place, by itself or in containers, with the labels it had there. A label that
    /// was given to the stock of one place needs no record of its coming there.
    fn lie_at(&self, lot: Block, place: Block, tainted: &mut Vec<(Visit, Label)>) {
        let Some(supply) = self.lots.get(&lot) else {
            return;
        };
        let alone = MemberSet::one(0);
        let mut came = visits(self.reader, &lot, &alone, place);
        let spot = Spot::At(place);
        if came.is_empty() && supply.labels().any(|(known, _)| known == spot) {
            came.push(Visit {
                block: lot,
                members: alone.clone(),
                from: BEGIN,
                until: FOREVER,
                event: (0, 0),
            });
        }
        let label = supply.at(spot);
        tainted.extend(came.into_iter().filter_map(|visit| Some((visit, label?))));
        for stay in stays(self.reader, &lot, &alone, |_| true) {
            let label = self.label_inside(lot, &stay);
            let came = carried(self.reader, &lot, &stay, place);
            tainted.extend(came.into_iter().filter_map(|visit| Some((visit, label?))));
        }
    }

    /// The label of a lot's stock in a container.
    fn label_inside(&self, lot: Block, stay: &Stay) -> Option<Label> {
        let emptied = emptied_at(self.reader, stay.container);
        let spot = filling(stay.container, &emptied, stay.t_in);
        self.lots.get(&lot)?.at(spot)
    }

    fn meet_in_containers(&mut self, sunk: &Units) -> Result<(), S::Error> {
        let mut found: Vec<(Stay, Label)> = Vec::new();
        for (block, mask) in sunk {
            if block.is_quantified() {
                for stay in stays(self.reader, block, mask, |_| true) {
                    let label = self.label_inside(*block, &stay);
                    found.extend(label.map(|label| (stay, label)));
                }
                continue;
            }
            for stay in stays(self.reader, block, mask, |_| true) {
                let members = Members::from(stay.members.clone());
                let labels = self.units.get(block);
                if let Some((label, _)) = labels.and_then(|labels| labels.earliest(&members)) {
                    found.push((stay, label));
                }
            }
        }
        let containers: BTreeSet<Address> = found.iter().map(|(stay, _)| stay.container).collect();
        let cleaned = self.cleanings(&containers)?;
        for (stay, label) in found {
            let t_out = stay.t_out.unwrap_or(FOREVER);
            let span = self.direction.span(stay.t_in, t_out);
            if label.tick > span.hi {
                continue;
            }
            let tick = label.tick.max(span.lo);
            let cleaned = cleaned.get(&stay.container).map_or(&[][..], Vec::as_slice);
            let linger = self.rules.contact.linger.unwrap_or(i64::MAX);
            let (from, until) = match self.direction {
                Direction::Forward => {
                    let lingers = t_out.micros().saturating_add(linger);
                    let next = cleaned.iter().filter(|(lo, _)| t_out <= *lo);
                    let next = next.map(|(_, hi)| hi.micros()).min();
                    let until = next.map_or(lingers, |next| next.min(lingers));
                    (self.direction.time(tick), Timestamp::from_micros(until))
                }
                Direction::Backward => {
                    // One that was taken out at the very end of that time counts; one that was put in
                    // when this one was taken out does not.
                    let lingers = stay.t_in.micros().saturating_sub(linger);
                    let last = cleaned.iter().filter(|(_, hi)| *hi <= stay.t_in);
                    let last = last.map(|(lo, _)| lo.micros()).max();
                    let from = last.map_or(lingers, |last| last.max(lingers));
                    let before_end = t_out.micros().saturating_sub(1);
                    let until = self.direction.time(tick).micros().min(before_end);
                    let from = Timestamp::from_micros(from.saturating_sub(1));
                    (from, Timestamp::from_micros(until))
                }
            };
            let cause = self.causes.add(Cause {
                time: self.direction.time(tick),
                why: Why::Beside(stay.container),
                event: Some(stay.opened),
                before: Some(label.cause),
            });
            self.openings.push(Opening {
                block: stay.container.block,
                members: MemberSet::one(stay.container.member),
                from,
                until,
                tick,
                cause,
                is_deep: false,
            });
        }
        Ok(())
    }

    /// When containers were cleaned.
    fn cleanings(
        &mut self,
        containers: &BTreeSet<Address>,
    ) -> Result<BTreeMap<Address, Times>, S::Error> {
        let mut seen: BTreeMap<EventKey, Vec<Address>> = BTreeMap::new();
        for container in containers {
            let log = self.reader.log(&container.block).iter();
            let seen_alone = log.filter(|record| {
                record.op == Op::Observe && record.members.contains(container.member)
            });
            for record in seen_alone {
                let of_event = seen.entry((record.shard, record.seq)).or_default();
                of_event.push(*container);
            }
        }
        let mut cleaned: BTreeMap<Address, Times> = BTreeMap::new();
        for entry in self.reader.entries(&seen.keys().copied().collect())? {
            if entry.is_cleaning() {
                let of_event = seen.get(&(entry.shard, entry.seq));
                for container in of_event.into_iter().flatten() {
                    let times = cleaned.entry(*container).or_default();
                    times.push((entry.t_lo, entry.t_hi));
                }
            }
        }
        Ok(cleaned)
    }

    /// What was at the place with these, or after them while the place was still dangerous.
    fn meet_at(&mut self, place: Block, tainted: &[(Visit, Label)]) -> Result<(), S::Error> {
        if tainted.is_empty() {
            return Ok(());
        }
        let others = self.reader.blocks_at(place)?;
        let all: Units = others
            .iter()
            .map(|block| (*block, MemberSet::all()))
            .collect();
        self.reader.load(&all)?;
        let linger = self.rules.contact.linger.unwrap_or_default();
        for block in others {
            for visit in visits(self.reader, &block, &MemberSet::all(), place) {
                let theirs = self.direction.span(visit.from, visit.until);
                let mut best: Option<(i64, CauseId)> = None;
                for (source, label) in tainted {
                    let ours = self.direction.span(source.from, source.until);
                    let from = label.tick.max(ours.lo);
                    let meets = label.tick <= ours.hi
                        && theirs.lo <= ours.hi.saturating_add(linger)
                        && from <= theirs.hi;
                    let tick = from.max(theirs.lo);
                    if meets && best.is_none_or(|(known, _)| tick < known) {
                        best = Some((tick, label.cause));
                    }
                }
                if let Some((tick, before)) = best {
                    self.met(place, &visit, tick, before);
                }
            }
        }
        Ok(())
    }

    fn met(&mut self, place: Block, visit: &Visit, tick: i64, before: CauseId) {
        let cause = Cause {
            time: self.direction.time(tick),
            why: Why::Near(place),
            event: Some(visit.event),
            before: Some(before),
        };
        if visit.block.is_quantified() {
            if !self.is_labelled(visit.block, Spot::At(place), tick) {
                self.sink_lot(visit.block, Spot::At(place), tick, || cause);
            }
            return;
        }
        let known = self.causes.next();
        self.sink_units(visit.block, &visit.members, tick, || cause);
        if self.causes.next() != known {
            self.openings.push(Opening {
                block: visit.block,
                members: visit.members.clone(),
                from: visit.from,
                until: visit.until,
                tick,
                cause: known,
                is_deep: true,
            });
        }
    }
}

/// When members of a block were at a place, by their own records.
fn visits<S: Source>(
    reader: &Reader<'_, S>,
    block: &Block,
    mask: &MemberSet,
    place: Block,
) -> Vec<Visit> {
    let mut open: Vec<Visit> = Vec::new();
    let mut done = Vec::new();
    for record in reader.log(block) {
        let mut members = record.members.to_set();
        members.intersect_with(mask);
        if members.is_empty() {
            continue;
        }
        let gone = !matches!(
            record.flow,
            Flow::None | Flow::Receive | Flow::Return | Flow::VoidShip
        ) || matches!(record.op, Op::Consume | Op::Decommission);
        let here = record.place == Some(place) && !gone;
        if here || block.is_quantified() {
            // Of a lot some may have stayed.
            for visit in &open {
                members.subtract(&visit.members);
            }
            if here && !members.is_empty() {
                open.push(Visit {
                    block: *block,
                    members,
                    from: record.t_lo,
                    until: FOREVER,
                    event: (record.shard, record.seq),
                });
            }
        } else if gone || record.place.is_some() {
            for visit in &mut open {
                if visit.members.intersects(&members) {
                    let mut left = visit.clone();
                    left.members.intersect_with(&members);
                    left.until = record.t_hi;
                    visit.members.subtract(&members);
                    done.push(left);
                }
            }
            open.retain(|visit| !visit.members.is_empty());
        }
    }
    done.extend(open);
    done
}

/// When members of a block were at a place, by themselves or in containers. The containers' logs must be
/// loaded.
fn presence<S: Source>(
    reader: &Reader<'_, S>,
    block: &Block,
    mask: &MemberSet,
    place: Block,
) -> Vec<Visit> {
    let mut found = visits(reader, block, mask, place);
    for stay in stays(reader, block, mask, |_| true) {
        found.extend(carried(reader, block, &stay, place));
    }
    found
}

/// When members of a block were at a place in a container, which may have been in others.
fn carried<S: Source>(
    reader: &Reader<'_, S>,
    block: &Block,
    stay: &Stay,
    place: Block,
) -> Vec<Visit> {
    let mut found = Vec::new();
    let mut outer = vec![(stay.container, stay.t_in, stay.t_out.unwrap_or(FOREVER))];
    let mut seen = BTreeSet::new();
    while let Some((container, from, until)) = outer.pop() {
        if !seen.insert((container, from, until)) {
            continue;
        }
        let alone = MemberSet::one(container.member);
        for visit in visits(reader, &container.block, &alone, place) {
            let clipped = (visit.from.max(from), visit.until.min(until));
            if clipped.0 <= clipped.1 {
                found.push(Visit {
                    block: *block,
                    members: stay.members.clone(),
                    from: clipped.0,
                    until: clipped.1,
                    event: visit.event,
                });
            }
        }
        for wider in stays(reader, &container.block, &alone, |_| true) {
            if wider.meets(from, until) {
                let t_out = wider.t_out.unwrap_or(FOREVER).min(until);
                outer.push((wider.container, wider.t_in.max(from), t_out));
            }
        }
    }
    found
}
