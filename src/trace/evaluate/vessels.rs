//! Mixing vessels: what goes through a vessel leaves something behind, and what comes through it later may
//! take it along. Only what went *in* there mixes; what was tainted by the vessel alone does not carry
//! the taint further than the vessel would by itself.

use std::collections::{BTreeMap, BTreeSet};

use crate::codes::{Block, MemberSet};
use crate::epcis::Timestamp;
use crate::events::{Entry, EventType, Role, What};
use crate::trace::{EventKey, Source};

use super::amount::Amount;
use super::cause::{Cause, CauseId, Why};
use super::direction::Span;
use super::reach::Reason;
use super::reader::Reader;
use super::rules::{Mixing, Rules};
use super::stock::Spot;
use super::taint::Taint;

/// An event at a vessel.
#[derive(Debug, Clone)]
struct Stop {
    event: EventKey,
    t_lo: Timestamp,
    t_hi: Timestamp,
    process: Option<Block>,
    /// Lots that were there.
    lots: Vec<Block>,
    /// Between which cleanings it can lie: the number of cleanings certainly before it, and of those
    /// possibly before it.
    campaigns: (usize, usize),
}

/// A vessel with everything that happened at it, in order.
#[derive(Debug)]
struct Vessel {
    mixing: Mixing,
    stops: Vec<Stop>,
}

/// The vessels of an evaluation.
#[derive(Debug, Default)]
pub(super) struct Vessels {
    vessels: BTreeMap<Block, Vessel>,
    of_process: BTreeMap<Block, Vec<(Block, usize)>>,
    /// From which tick on a stop was spread already.
    spread: BTreeMap<(Block, usize), i64>,
}

/// Something tainted that went into a vessel.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entered {
    vessel: Block,
    stop: usize,
    tick: i64,
    cause: CauseId,
}

impl Vessels {
    /// Reads what happened at the vessels that the rules name.
    pub(super) fn read<S: Source>(
        reader: &mut Reader<'_, S>,
        rules: &Rules,
    ) -> Result<Self, S::Error> {
        let mut read = Self::default();
        let always = (
            Timestamp::from_micros(i64::MIN),
            Timestamp::from_micros(i64::MAX),
        );
        for (place, mixing) in &rules.vessels {
            let entries = reader.entries_at(*place, always.0, always.1)?;
            let ends = ends(&entries, *mixing);
            let stops = entries.iter().filter(|entry| !entry.is_cleaning());
            let stops: Vec<Stop> = stops.map(|entry| Stop::of(entry, &ends)).collect();
            for (number, stop) in stops.iter().enumerate() {
                if let Some(process) = stop.process {
                    let of_process = read.of_process.entry(process).or_default();
                    of_process.push((*place, number));
                }
            }
            let mixing = *mixing;
            read.vessels.insert(*place, Vessel { mixing, stops });
        }
        Ok(read)
    }

    /// The stops at which stock of a lot at this spot was.
    fn stops_of(&self, lot: Block, spot: Spot) -> Vec<(Block, usize)> {
        let here = |place: &Block| match spot {
            Spot::At(at) => at == *place,
            Spot::Unknown => true,
            Spot::In(..) => false,
        };
        let mut found = Vec::new();
        for (place, vessel) in self.vessels.iter().filter(|(place, _)| here(place)) {
            let stops = vessel.stops.iter().enumerate();
            let stops = stops.filter(|(_, stop)| stop.lots.contains(&lot));
            found.extend(stops.map(|(number, _)| (*place, number)));
        }
        found
    }
}

impl Stop {
    fn of(entry: &Entry, ends: &[(Timestamp, Timestamp)]) -> Self {
        let before = ends.iter().filter(|(_, t_hi)| *t_hi < entry.t_lo).count();
        let perhaps = ends.iter().filter(|(t_lo, _)| *t_lo <= entry.t_hi).count();
        let is_process = entry.event_type == EventType::Transformation;
        let lots: BTreeSet<Block> = entry
            .parts
            .iter()
            .filter(|part| !is_process && matches!(part.what, What::Quantity(_)))
            .map(|part| part.block)
            .collect();
        Self {
            event: (entry.shard, entry.seq),
            t_lo: entry.t_lo,
            t_hi: entry.t_hi,
            process: entry.process.filter(|_| is_process),
            lots: lots.into_iter().collect(),
            campaigns: (before, perhaps),
        }
    }

    const fn same_campaign(&self, other: &Self) -> bool {
        self.campaigns.0 <= other.campaigns.1 && other.campaigns.0 <= self.campaigns.1
    }
}

/// When what was in the vessel came to an end: by cleanings, and, if all of it mixes, when as much had come
/// out as had gone in.
fn ends(entries: &[Entry], mixing: Mixing) -> Vec<(Timestamp, Timestamp)> {
    let mut ends = Vec::new();
    let mut filled = Filled::default();
    for entry in entries {
        if entry.is_cleaning() {
            ends.push((entry.t_lo, entry.t_hi));
            filled = Filled::default();
        } else if mixing == Mixing::WellMixed && filled.takes(entry) {
            let just_after = Timestamp::from_micros(entry.t_hi.micros().saturating_add(1));
            ends.push((just_after, just_after));
            filled = Filled::default();
        }
    }
    ends
}

/// The unit of measure of what is in a vessel.
#[derive(Debug, Default)]
enum Uom {
    /// Nothing was counted yet.
    #[default]
    Open,
    Pieces,
    Of(String),
}

impl Uom {
    /// Whether an amount has this unit; the first one decides.
    fn agrees(&mut self, uom: Option<&str>) -> bool {
        if matches!(self, Self::Open) {
            *self = uom.map_or(Self::Pieces, |uom| Self::Of(uom.to_owned()));
        }
        match (&*self, uom) {
            (Self::Pieces, None) => true,
            (Self::Of(known), Some(uom)) => known == uom,
            (Self::Open | Self::Pieces | Self::Of(_), _) => false,
        }
    }
}

/// How much is in a vessel, as far as that can be told.
#[derive(Debug, Default)]
struct Filled {
    uom: Uom,
    amount: Amount,
    is_unknown: bool,
}

impl Filled {
    /// Counts what an event put in and took out; whether it left the vessel empty.
    fn takes(&mut self, entry: &Entry) -> bool {
        let mut took = false;
        for part in &entry.parts {
            let is_in = match part.role {
                Role::Input => true,
                Role::Output => false,
                Role::Object | Role::Parent | Role::Child => continue,
            };
            let What::Quantity(quantity) = &part.what else {
                self.is_unknown = true;
                continue;
            };
            let amount = quantity
                .amount
                .and_then(|(value, scale)| Amount::new(value, scale));
            let same_uom = self.uom.agrees(quantity.uom.as_deref());
            let Some(amount) = amount.filter(|_| same_uom) else {
                self.is_unknown = true;
                continue;
            };
            if is_in {
                self.amount = self.amount.plus(amount);
            } else {
                self.amount = self.amount.minus(amount);
                took = true;
            }
        }
        took && !self.is_unknown && !self.amount.is_positive()
    }
}

impl<S: Source> Taint<'_, '_, S> {
    /// A process is reached; what of it happened at a vessel went in there.
    pub(super) fn note_process_in_vessel(&mut self, process: Block, tick: i64, cause: CauseId) {
        let at = self.vessels.of_process.get(&process).cloned();
        for (vessel, stop) in at.into_iter().flatten() {
            self.enter_vessel(vessel, stop, tick, cause);
        }
    }

    /// Stock of a lot with this label lies at a spot; if that is a vessel, it is in there.
    pub(super) fn note_stock_in_vessel(
        &mut self,
        lot: Block,
        spot: Spot,
        tick: i64,
        cause: CauseId,
    ) {
        for (vessel, stop) in self.vessels.stops_of(lot, spot) {
            self.enter_vessel(vessel, stop, tick, cause);
        }
    }

    fn enter_vessel(&mut self, vessel: Block, stop: usize, tick: i64, cause: CauseId) {
        if self.rules.kill_steps.places.contains(&vessel) {
            return;
        }
        let known = self.vessels.spread.get(&(vessel, stop));
        if known.is_some_and(|known| *known <= tick) {
            return;
        }
        self.vessels.spread.insert((vessel, stop), tick);
        self.entered.push(Entered {
            vessel,
            stop,
            tick,
            cause,
        });
    }

    /// Taints what went through vessels after (backward: before) what is tainted went in.
    pub(super) fn mix(&mut self, entered: Vec<Entered>) {
        for entered in entered {
            let Some(vessel) = self.vessels.vessels.get(&entered.vessel) else {
                continue;
            };
            let Some(into) = vessel.stops.get(entered.stop) else {
                continue;
            };
            let span = self.direction.span(into.t_lo, into.t_hi);
            if entered.tick > span.hi {
                continue;
            }
            let from = entered.tick.max(span.lo);
            let mut reached: Vec<(Stop, i64)> = Vec::new();
            let mut left_out: Vec<(Stop, Reason)> = Vec::new();
            let mut ordered: Vec<(Span, &Stop)> = vessel
                .stops
                .iter()
                .map(|stop| (self.direction.span(stop.t_lo, stop.t_hi), stop))
                .filter(|(span, _)| span.hi >= from)
                .collect();
            ordered.sort_by_key(|(span, stop)| (span.lo, stop.event));
            for (of_stop, stop) in ordered {
                let within = match vessel.mixing {
                    Mixing::PlugFlow { band } => of_stop.lo <= span.hi.saturating_add(band),
                    Mixing::UntilCleaned | Mixing::WellMixed => true,
                };
                if !into.same_campaign(stop) {
                    left_out.push((stop.clone(), Reason::Cleaned));
                    break;
                } else if !within {
                    left_out.push((stop.clone(), Reason::BeyondBand));
                    break;
                }
                reached.push((stop.clone(), from.max(of_stop.lo)));
            }
            for (stop, tick) in reached {
                self.mix_into(&entered, &stop, tick);
            }
            for (stop, reason) in left_out {
                for block in stop.process.iter().chain(&stop.lots) {
                    let key = (*block, reason, stop.event);
                    self.excluded.insert(key, MemberSet::one(0));
                }
            }
        }
    }

    fn mix_into(&mut self, entered: &Entered, stop: &Stop, tick: i64) {
        let why = Why::Mixed(entered.vessel);
        let event = Some(stop.event);
        if let Some(process) = stop.process {
            self.reach_process(process, tick, Some(entered.cause), why, event);
        }
        let time = self.direction.time(tick);
        for lot in &stop.lots {
            let cause = Cause {
                time,
                why,
                event,
                before: Some(entered.cause),
            };
            self.sink_lot(*lot, Spot::At(entered.vessel), tick, || cause);
        }
    }
}
