//! Labels of a lot's stock, spot by spot, and how they spread along its ways.

use std::collections::{BTreeMap, BTreeSet};

use crate::codes::{Address, Block, MemberSet};
use crate::trace::{LotRole, Source};

use super::cause::{Cause, CauseId, Certainty, Why};
use super::direction::Direction;
use super::flows::{Begun, flows};
use super::labels::Label;
use super::membership::{begins, spot_of};
use super::reader::{Asked, Reader, Units};
use super::stages::stages;
use super::stays::{Emptied, containers, emptied, stays};
use super::stock::{Flows, Spot, Turn, filling};
use super::taint::Taint;

/// What a label of stock says.
#[derive(Debug, Clone, Copy)]
pub(super) enum Labelled {
    /// Any of it can be affected.
    Any,
    /// Affected items, told of by their serials, can be among it.
    Among,
}

/// A lot under evaluation.
#[derive(Debug, Default)]
pub(super) struct Supply {
    /// Of stock, any of which can be affected.
    labels: BTreeMap<Spot, Label>,
    /// Of stock that affected items, told of by their serials, can be among.
    among: BTreeMap<Spot, Label>,
    pub(super) flows: Option<Flows>,
}

impl Supply {
    pub(super) fn sink(&mut self, spot: Spot, tick: i64, cause: CauseId) -> bool {
        self.sink_as(Labelled::Any, spot, tick, cause)
    }

    /// Lowers a label of either kind; whether it was not as low yet.
    pub(super) fn sink_as(&mut self, of: Labelled, spot: Spot, tick: i64, cause: CauseId) -> bool {
        let labels = match of {
            Labelled::Any => &mut self.labels,
            Labelled::Among => &mut self.among,
        };
        if labels.get(&spot).is_some_and(|held| held.tick <= tick) {
            return false;
        }
        labels.insert(spot, Label { tick, cause });
        true
    }

    pub(super) fn labels(&self) -> impl Iterator<Item = (Spot, Label)> {
        self.labels.iter().map(|(spot, label)| (*spot, *label))
    }

    pub(super) fn labels_among(&self) -> impl Iterator<Item = (Spot, Label)> {
        self.among.iter().map(|(spot, label)| (*spot, *label))
    }

    fn at_as(&self, of: Labelled, spot: Spot) -> Option<Label> {
        match of {
            Labelled::Any => at(&self.labels, spot),
            Labelled::Among => at(&self.among, spot),
        }
    }

    /// The label that holds at a spot, its own or that of items among the stock there.
    pub(super) fn any_at(&self, spot: Spot) -> Option<Label> {
        let labels = [Labelled::Any, Labelled::Among].map(|of| self.at_as(of, spot));
        let labels = labels.into_iter().flatten();
        labels.min_by_key(|label| (label.tick, label.cause))
    }

    /// The label that holds at a spot: its own, or that of stock that can be anywhere. Stock of unknown
    /// whereabouts has the earliest of all.
    pub(super) fn at(&self, spot: Spot) -> Option<Label> {
        self.at_as(Labelled::Any, spot)
    }
}

fn at(labels: &BTreeMap<Spot, Label>, spot: Spot) -> Option<Label> {
    let earliest = |labels: &mut dyn Iterator<Item = Label>| {
        labels.min_by_key(|label| (label.tick, label.cause))
    };
    match spot {
        Spot::Unknown => earliest(&mut labels.values().copied()),
        Spot::At(_) | Spot::In(..) => {
            let spots = [spot, Spot::Unknown];
            earliest(&mut spots.iter().filter_map(|spot| labels.get(spot)).copied())
        }
    }
}

impl<S: Source> Taint<'_, '_, S> {
    pub(super) fn spread_lots(&mut self, sunk: &BTreeSet<Block>) -> Result<(), S::Error> {
        self.load_flows(sunk)?;
        self.spread_to_aliases(sunk)?;
        for lot in sunk {
            let flows = self.lots.entry(*lot).or_default().flows.take();
            let flows = flows.unwrap_or_default();
            self.spread_stock(*lot, &flows, Labelled::Any);
            self.spread_stock(*lot, &flows, Labelled::Among);
            self.enter_stock(*lot, &flows);
            self.lots.entry(*lot).or_default().flows = Some(flows);
        }
        self.spread_to_items(sunk)
    }

    /// A lot's other names have its labels, spot by spot.
    fn spread_to_aliases(&mut self, sunk: &BTreeSet<Block>) -> Result<(), S::Error> {
        for alias in self.reader.aliases(sunk)? {
            for (from, to) in [(alias.lot, alias.same_as), (alias.same_as, alias.lot)] {
                if !sunk.contains(&from) {
                    continue;
                }
                let labels: Vec<_> = self
                    .lots
                    .get(&from)
                    .map(|supply| supply.labels().collect())
                    .unwrap_or_default();
                for (spot, label) in labels {
                    let cause = Cause {
                        time: self.direction.time(label.tick),
                        why: Why::SameAs(from),
                        event: None,
                        before: Some(label.cause),
                    };
                    self.sink_lot(to, spot, label.tick, || cause);
                }
            }
        }
        Ok(())
    }

    fn spread_stock(&mut self, lot: Block, flows: &Flows, of: Labelled) {
        let mut moved = true;
        while moved {
            moved = false;
            for way in flows.ways.iter().filter(|way| way.certainty <= self.level) {
                let (from, to) = match self.direction {
                    Direction::Forward => (way.from, way.to),
                    Direction::Backward => (way.to, way.from),
                };
                let span = self.direction.span(way.t_lo, way.t_hi);
                let supply = self.lots.get(&lot);
                let Some(label) = supply.and_then(|supply| supply.at_as(of, from)) else {
                    continue;
                };
                let tick = label.tick.max(span.lo);
                if label.tick > span.hi || tick > self.limit {
                    continue;
                }
                let next = self.causes.next();
                let supply = self.lots.entry(lot).or_default();
                if supply.sink_as(of, to, tick, next) {
                    moved = true;
                    self.causes.add(Cause {
                        time: self.direction.time(tick),
                        why: Why::Moved {
                            lot,
                            from,
                            to,
                            is_recorded: way.certainty != Certainty::Assumed,
                        },
                        event: Some(way.event),
                        before: Some(label.cause),
                    });
                }
            }
        }
    }

    fn enter_stock(&mut self, lot: Block, flows: &Flows) {
        let turns = match self.direction {
            Direction::Forward => &flows.used,
            Direction::Backward => &flows.made,
        };
        let unit = Address {
            block: lot,
            member: 0,
        };
        let level = self.level;
        for turn in turns.iter().filter(|turn| turn.certainty <= level) {
            let label = self
                .lots
                .get(&lot)
                .and_then(|supply| supply.any_at(turn.spot));
            if let Some(label) = label {
                let span = self.direction.span(turn.t_lo, turn.t_hi);
                self.enter(turn.process, unit, label, span, turn.event);
            }
        }
    }

    /// Reads the flows of lots, where they are not known yet.
    pub(super) fn load_flows(&mut self, lots: &BTreeSet<Block>) -> Result<(), S::Error> {
        let unknown = |lot: &&Block| {
            let known = self.lots.get(*lot);
            known.is_none_or(|supply| supply.flows.is_none())
        };
        let wanted: BTreeSet<Block> = lots.iter().filter(unknown).copied().collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let logs: Units = wanted.iter().map(|lot| (*lot, MemberSet::one(0))).collect();
        self.reader.load(&logs)?;
        self.reader.load_containers(&logs)?;
        let mut moves = self.reader.lot_moves(&wanted)?;
        let stages = stages(self.reader, &moves)?;
        for lot in wanted {
            let moves = moves.remove(&lot).unwrap_or_default();
            let emptied = emptied(self.reader, &containers(self.reader, &lot));
            let read = |reader: &Reader<'_, S>, begun: BTreeSet<Begun>| {
                flows(&moves, reader.log(&lot), &begun, &emptied, &stages)
            };
            let mut flows = read(self.reader, BTreeSet::new());
            let is_made = moves.iter().any(|m| m.role == LotRole::Made);
            let turns_up = flows.ways.iter().any(|way| way.from == Spot::Unknown);
            if turns_up && !is_made {
                let begun = begun(self.reader, lot)?;
                if !begun.is_empty() {
                    flows = read(self.reader, begun);
                }
            }
            flows.is_named = !moves.is_empty();
            if self.direction == Direction::Forward {
                let inside = self.used_inside(&lot, &emptied);
                flows.used.extend(inside);
            }
            self.lots.entry(lot).or_default().flows = Some(flows);
        }
        Ok(())
    }

    /// Where the lot was used up by the use of a container it was in.
    fn used_inside(
        &self,
        lot: &Block,
        emptied: &BTreeMap<Address, Vec<Emptied>>,
    ) -> BTreeSet<Turn> {
        let mut turns = BTreeSet::new();
        for stay in stays(self.reader, lot, &MemberSet::one(0), |_| true) {
            let ends = emptied.get(&stay.container).map_or(&[][..], Vec::as_slice);
            let spot = filling(stay.container, ends, stay.t_in);
            for used in self.uses(stay.container) {
                if stay.meets(used.t_lo, used.t_hi) {
                    turns.insert(Turn {
                        spot,
                        process: used.process,
                        t_lo: used.t_lo,
                        t_hi: used.t_hi,
                        event: used.event,
                        certainty: Certainty::Inferred,
                    });
                }
            }
        }
        turns
    }
}

/// Where items of a lot came to be: they are stock of it from then on.
fn begun<S: Source>(reader: &mut Reader<'_, S>, lot: Block) -> Result<BTreeSet<Begun>, S::Error> {
    let told = reader.memberships(Asked::ItemsOf(&[lot].into()))?;
    let told = told.iter().filter(|(told, entry)| begins(told, entry));
    Ok(told
        .map(|(_, entry)| (entry.t_lo, spot_of(entry)))
        .collect())
}
