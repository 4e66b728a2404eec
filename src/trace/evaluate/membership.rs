//! From a lot to its single items and back: what was filled from the stock of a lot, and marked with it, is
//! of the lot.

use std::collections::BTreeSet;

use crate::codes::{Block, BlockKind, Members};
use crate::epcis::Timestamp;
use crate::events::{Action, Entry, EventType, Role};
use crate::trace::{LotUnits, Source};

use super::cause::{Cause, Certainty, Why};
use super::direction::Direction;
use super::labels::Label;
use super::reach::Reason;
use super::reader::{Asked, Units};
use super::stock::{Flows, Spot};
use super::taint::Taint;

impl<S: Source> Taint<'_, '_, S> {
    /// Forward: items that were marked with a lot take the label its stock had where that happened.
    pub(super) fn spread_to_items(&mut self, lots: &BTreeSet<Block>) -> Result<(), S::Error> {
        if self.direction == Direction::Backward {
            return Ok(());
        }
        for (told, entry) in self.reader.memberships(Asked::ItemsOf(lots))? {
            let infers = Certainty::Inferred <= self.level;
            let Some(supply) = self.lots.get(&told.lot) else {
                continue;
            };
            if !infers && is_inferred(&told, &entry) {
                continue;
            }
            let spot = spot_of(&entry);
            let here = supply.at(spot);
            // Where nothing says how the lot came to be there, its stock from elsewhere was used.
            let is_from_elsewhere = || {
                let flows = supply.flows.as_ref();
                infers && flows.is_none_or(|flows| is_open(flows, spot, entry.t_hi))
            };
            let anywhere = || {
                is_from_elsewhere()
                    .then(|| supply.at(Spot::Unknown))
                    .flatten()
            };
            let event = (told.shard, told.seq);
            let span = self.direction.span(entry.t_lo, entry.t_hi);
            let in_time = |label: &Label| label.tick <= span.hi;
            let found = here.filter(in_time);
            let Some(label) = found.or_else(|| anywhere().filter(in_time)) else {
                if here.or_else(anywhere).is_some() {
                    let key = (told.block, Reason::TimeOrder, event);
                    let left_out = self.excluded.entry(key).or_default();
                    left_out.union_with(&told.members);
                }
                continue;
            };
            let tick = label.tick.max(span.lo);
            let cause = Cause {
                time: self.direction.time(tick),
                why: Why::OfLot(told.lot),
                event: Some(event),
                before: Some(label.cause),
            };
            self.sink_units(told.block, &told.members, tick, || cause);
        }
        Ok(())
    }

    /// Backward: the lot an item was marked with, from when that happened: its stock there, and where nothing says
    /// how the lot came to be there, its stock from elsewhere.
    pub(super) fn spread_to_lots(&mut self, sunk: &Units) -> Result<(), S::Error> {
        if self.direction == Direction::Forward {
            return Ok(());
        }
        let all = self.reader.memberships(Asked::LotsOf(sunk))?;
        self.load_flows(&all.iter().map(|(told, _)| told.lot).collect())?;
        let infers = Certainty::Inferred <= self.level;
        for (told, entry) in all {
            let labels = self.units.get(&told.block);
            let members = Members::from(told.members.clone());
            let found = labels.and_then(|labels| labels.earliest(&members));
            let Some((label, _)) = found else {
                continue;
            };
            let spot = spot_of(&entry);
            let flows = self.lots.get(&told.lot);
            let flows = flows.and_then(|supply| supply.flows.as_ref());
            let is_open = flows.is_some_and(|flows| is_open(flows, spot, entry.t_hi));
            if !infers && (is_open || is_inferred(&told, &entry)) {
                let deferred = self.deferred.entry(told.block).or_default();
                deferred.union_with(&told.members);
            }
            if !infers && is_inferred(&told, &entry) {
                continue;
            }
            let span = self.direction.span(entry.t_lo, entry.t_hi);
            if span.hi < label.tick {
                // It mattered before it was of the lot.
                continue;
            }
            let tick = label.tick.max(span.lo);
            let cause = Cause {
                time: self.direction.time(tick),
                why: Why::OfLot(told.lot),
                event: Some((told.shard, told.seq)),
                before: Some(label.cause),
            };
            self.sink_lot(told.lot, spot, tick, || cause);
            if infers && is_open {
                self.sink_lot(told.lot, Spot::Unknown, tick, || cause);
            }
        }
        Ok(())
    }
}

/// Whether it is by its code alone that items are known to be of the lot: it was issued for it, and nobody recorded
/// in which event they came to be.
fn is_inferred(told: &LotUnits, entry: &Entry) -> bool {
    told.block.kind() == Some(BlockKind::Computed) && !begins(told, entry)
}

/// Whether items came to be in the event that tells of their lot.
pub(super) fn begins(told: &LotUnits, entry: &Entry) -> bool {
    let adds = entry.event_type == EventType::Object && entry.action == Some(Action::Add);
    let mut parts = entry.parts.iter();
    adds || parts.any(|part| part.role == Role::Output && part.block == told.block)
}

/// Where items were when an event told of their lot.
pub(super) fn spot_of(entry: &Entry) -> Spot {
    Spot::of(entry.biz_location.or(entry.read_point))
}

/// Whether nothing says how stock of a lot had come to a spot by a time: none was made there, nor came from another.
fn is_open(flows: &Flows, spot: Spot, by: Timestamp) -> bool {
    let mut ways = flows.ways.iter();
    let came = ways.any(|way| way.to == spot && way.from != Spot::Unknown && way.t_lo <= by);
    let made = |spot| {
        flows
            .made
            .iter()
            .any(|turn| turn.spot == spot && turn.t_lo <= by)
    };
    spot != Spot::Unknown && !came && !made(spot)
}
