//! From a lot to its single items and back: what was filled from the stock of a lot, and marked with it, is
//! of the lot.

use std::collections::BTreeSet;

use crate::codes::{Block, Members};
use crate::trace::Source;

use super::cause::{Cause, Certainty, Why};
use super::direction::Direction;
use super::reach::Reason;
use super::reader::{Asked, Units};
use super::stock::Spot;
use super::taint::Taint;

impl<S: Source> Taint<'_, '_, S> {
    /// Forward: items that were marked with a lot take the label its stock had where that happened.
    pub(super) fn spread_to_items(&mut self, lots: &BTreeSet<Block>) -> Result<(), S::Error> {
        if self.direction == Direction::Backward {
            return Ok(());
        }
        for (told, entry) in self.reader.memberships(Asked::ItemsOf(lots))? {
            let spot = Spot::of(entry.biz_location.or(entry.read_point));
            let Some(supply) = self.lots.get(&told.lot) else {
                continue;
            };
            // Where nothing says how the lot came to be there, its stock from elsewhere was used.
            let anywhere = || {
                let may = Certainty::Inferred <= self.level;
                may.then(|| supply.at(Spot::Unknown)).flatten()
            };
            let Some(label) = supply.at(spot).or_else(anywhere) else {
                continue;
            };
            let event = (told.shard, told.seq);
            let span = self.direction.span(entry.t_lo, entry.t_hi);
            if span.hi < label.tick {
                let key = (told.block, Reason::TimeOrder, event);
                let left_out = self.excluded.entry(key).or_default();
                left_out.union_with(&told.members);
                continue;
            }
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

    /// Backward: the lot an item was marked with, from when that happened.
    pub(super) fn spread_to_lots(&mut self, sunk: &Units) -> Result<(), S::Error> {
        if self.direction == Direction::Forward {
            return Ok(());
        }
        for (told, entry) in self.reader.memberships(Asked::LotsOf(sunk))? {
            let labels = self.units.get(&told.block);
            let members = Members::from(told.members.clone());
            let found = labels.and_then(|labels| labels.earliest(&members));
            let Some((label, _)) = found else {
                continue;
            };
            let span = self.direction.span(entry.t_lo, entry.t_hi);
            let tick = label.tick.max(span.lo);
            let cause = Cause {
                time: self.direction.time(tick),
                why: Why::OfLot(told.lot),
                event: Some((told.shard, told.seq)),
                before: Some(label.cause),
            };
            let spot = Spot::of(entry.biz_location.or(entry.read_point));
            self.sink_lot(told.lot, spot, tick, || cause);
        }
        Ok(())
    }
}
