//! Seeds, made into labels: what is named, and what took part in events at a place within a window.

use std::collections::BTreeSet;

use crate::codes::{Block, MemberSet};
use crate::epcis::Timestamp;
use crate::events::{Entry, EventType, What};
use crate::trace::{EventKey, Source};

use super::cause::{Cause, Certainty, Why};
use super::contents::Opening;
use super::direction::{Direction, FIRST};
use super::reach::{Seed, Window};
use super::stock::Spot;
use super::taint::Taint;

/// A seed in the ground: it takes effect with its class.
#[derive(Debug)]
pub(super) struct Planted {
    certainty: Certainty,
    tick: i64,
    why: Why,
    event: Option<EventKey>,
    what: Target,
}

#[derive(Debug)]
enum Target {
    Units {
        block: Block,
        members: MemberSet,
        window: (Timestamp, Timestamp),
    },
    Stock {
        lot: Block,
        spot: Spot,
    },
    Process(Block),
}

impl<S: Source> Taint<'_, '_, S> {
    pub(super) fn plan(&mut self, seeds: &[Seed]) -> Result<Vec<Planted>, S::Error> {
        let mut planted = Vec::new();
        for seed in seeds {
            match seed {
                Seed::Units { units, window } => {
                    for (block, members) in units {
                        planted.push(self.listed(*block, members, None, window));
                    }
                }
                Seed::Lot { lot, place, window } => {
                    planted.push(self.listed(*lot, &MemberSet::one(0), *place, window));
                }
                Seed::Place {
                    place,
                    window,
                    guard,
                } => self.plan_place(*place, window, *guard, &mut planted)?,
            }
        }
        Ok(planted)
    }

    fn listed(
        &self,
        block: Block,
        members: &MemberSet,
        place: Option<Block>,
        window: &Window,
    ) -> Planted {
        let what = if block.is_quantified() {
            Target::Stock {
                lot: block,
                spot: Spot::of(place),
            }
        } else {
            Target::Units {
                block,
                members: members.clone(),
                window: bounds(window, 0),
            }
        };
        Planted {
            certainty: Certainty::Asserted,
            tick: self.start(window, 0),
            why: Why::Listed,
            event: None,
            what,
        }
    }

    fn plan_place(
        &mut self,
        place: Block,
        window: &Window,
        guard: i64,
        planted: &mut Vec<Planted>,
    ) -> Result<(), S::Error> {
        let guard = guard.max(0);
        let (from, until) = bounds(window, guard);
        let inner = bounds(window, 0);
        for entry in self.reader.entries_at(place, from, until)? {
            if entry.t_lo <= inner.1 && entry.t_hi >= inner.0 {
                self.plan_event(place, &entry, window, 0, Certainty::Asserted, planted);
            }
            if guard > 0 {
                self.plan_event(place, &entry, window, guard, Certainty::Policy, planted);
            }
        }
        Ok(())
    }

    fn plan_event(
        &self,
        place: Block,
        entry: &Entry,
        window: &Window,
        guard: i64,
        certainty: Certainty,
        planted: &mut Vec<Planted>,
    ) {
        let start = self.start(window, guard);
        let tick = start.max(self.direction.span(entry.t_lo, entry.t_hi).lo);
        let mut plant = |what| {
            planted.push(Planted {
                certainty,
                tick,
                why: Why::AtPlace(place),
                event: Some((entry.shard, entry.seq)),
                what,
            });
        };
        if let (EventType::Transformation, Some(process)) = (entry.event_type, entry.process) {
            plant(Target::Process(process));
            return;
        }
        let spots: BTreeSet<Spot> = [
            entry.biz_location.or(entry.read_point),
            entry.from_place.or(entry.happened_at()),
        ]
        .into_iter()
        .flatten()
        .map(Spot::At)
        .collect();
        for part in &entry.parts {
            match &part.what {
                What::Members(members) => plant(Target::Units {
                    block: part.block,
                    members: members.clone(),
                    window: bounds(window, guard),
                }),
                What::Quantity(_) => {
                    for spot in &spots {
                        plant(Target::Stock {
                            lot: part.block,
                            spot: *spot,
                        });
                    }
                }
            }
        }
    }

    /// The tick that a window opens at.
    fn start(&self, window: &Window, guard: i64) -> i64 {
        let (from, until) = bounds(window, guard);
        let end = match self.direction {
            Direction::Forward => window.from.map(|_| from),
            Direction::Backward => window.until.map(|_| until),
        };
        end.map_or(FIRST, |end| self.direction.tick(end))
    }

    /// Lets the seeds of the class at hand take effect.
    pub(super) fn sow(&mut self, planted: &mut Vec<Planted>) {
        let level = self.level;
        for seed in planted.extract_if(.., |seed| seed.certainty == level) {
            let time = self.direction.time(seed.tick);
            let cause = Cause {
                time,
                why: seed.why,
                event: seed.event,
                before: None,
            };
            match seed.what {
                Target::Units {
                    block,
                    members,
                    window: (from, until),
                } => {
                    self.sink_units(block, &members, seed.tick, || cause);
                    let opened = self.causes.add(cause);
                    let start = match self.direction {
                        Direction::Forward => from,
                        Direction::Backward => until,
                    };
                    self.openings.push(Opening {
                        block,
                        members,
                        from,
                        until,
                        tick: self.direction.tick(start),
                        cause: opened,
                    });
                }
                Target::Stock { lot, spot } => self.sink_lot(lot, spot, seed.tick, || cause),
                Target::Process(process) => {
                    self.reach_process(process, seed.tick, None, seed.why, seed.event);
                }
            }
        }
    }
}

/// The ends of a window with its guard; the ends of time where it is open.
fn bounds(window: &Window, guard: i64) -> (Timestamp, Timestamp) {
    let from = window
        .from
        .map_or(FIRST, |from| from.micros().saturating_sub(guard));
    let until = window
        .until
        .map_or(i64::MAX, |until| until.micros().saturating_add(guard));
    (Timestamp::from_micros(from), Timestamp::from_micros(until))
}
