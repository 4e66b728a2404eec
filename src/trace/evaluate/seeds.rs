//! Seeds, made into labels: what is named, and what took part in events at a place within a window.

use std::collections::{BTreeMap, BTreeSet};

use crate::codes::{Block, MemberSet};
use crate::epcis::Timestamp;
use crate::events::{Entry, EventType, Role, What};
use crate::trace::project::flow_of;
use crate::trace::{EventKey, Flow, Op, Record, Source};

use super::cause::{Cause, Certainty, Meets, Why};
use super::contents::Opening;
use super::direction::{Direction, FIRST};
use super::reach::{Reason, Seed, Window};
use super::reader::Units;
use super::rules::Starts;
use super::stock::Spot;
use super::taint::Taint;

/// How long after a window a process is looked for that had begun within or before it: a week. A process that
/// was recorded nowhere for longer is not known to have run.
const PROCESS_SPAN: i64 = 7 * 24 * 60 * 60 * 1_000_000;

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

/// How an event was found that a place and a window are asked for.
#[derive(Debug, Clone, Copy)]
struct Found {
    place: Block,
    meets: Meets,
    certainty: Certainty,
}

impl Found {
    const fn by_policy(place: Block, meets: Meets) -> Self {
        Self {
            place,
            meets,
            certainty: Certainty::Policy,
        }
    }
}

impl<S: Source> Taint<'_, '_, S> {
    pub(super) fn plan(&mut self, seeds: &[Seed]) -> Result<Vec<Planted>, S::Error> {
        let mut planted = Vec::new();
        for (number, seed) in (0_u32..).zip(seeds) {
            match seed {
                Seed::Units { units, window } => {
                    for (block, members) in units {
                        planted.push(self.listed(number, *block, members, None, window));
                    }
                }
                Seed::Lot { lot, place, window } => {
                    let one = MemberSet::one(0);
                    planted.push(self.listed(number, *lot, &one, *place, window));
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
        number: u32,
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
            why: Why::Listed(number),
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
        let entries = self.reader.entries_at(place, from, until)?;
        for entry in &entries {
            let is_within = entry.t_lo <= inner.1 && entry.t_hi >= inner.0;
            if is_within {
                let found = Found {
                    place,
                    meets: Meets::Window,
                    certainty: Certainty::Asserted,
                };
                self.plan_event(entry, found, window, 0, planted);
            }
            if guard > 0 {
                let meets = if is_within {
                    Meets::Widened(guard)
                } else {
                    Meets::Guard(guard)
                };
                self.plan_event(
                    entry,
                    Found::by_policy(place, meets),
                    window,
                    guard,
                    planted,
                );
            }
        }
        let around = self.reader.work_around(place, from, until)?;
        let mut running = BTreeMap::new();
        if self.rules.starts == Starts::Previous {
            for (key, at) in self.begun_within(&entries, &around, from, until) {
                let is_late = at.is_some_and(|at| inner.1 <= at);
                let guard = if is_late { guard } else { 0 };
                running.insert(key, Meets::Began { at, guard });
            }
            let ran = self.running(place, from, until)?.into_iter();
            running.extend(ran.map(|key| (key, Meets::Ran)));
        }
        for entry in around.iter().filter(|entry| !entry.is_cleaning()) {
            if !running.contains_key(&(entry.shard, entry.seq)) {
                self.leave_outside(entry);
            }
        }
        for entry in self.reader.entries(&running.keys().copied().collect())? {
            if let Some(meets) = running.get(&(entry.shard, entry.seq)) {
                let found = Found::by_policy(place, *meets);
                self.plan_event(&entry, found, window, guard, planted);
            }
        }
        Ok(())
    }

    /// Events after the window of processes that had begun before it: they ran all the while.
    fn running(
        &mut self,
        place: Block,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<BTreeSet<EventKey>, S::Error> {
        let after = Timestamp::from_micros(until.micros().saturating_add(1));
        let horizon = Timestamp::from_micros(until.micros().saturating_add(PROCESS_SPAN));
        let later = self.reader.processes_at(place, after, horizon)?;
        let logs: Units = later
            .iter()
            .filter_map(|entry| entry.process)
            .map(|process| (process, MemberSet::one(0)))
            .collect();
        self.reader.load(&logs)?;
        let began_before = |process: Block| {
            let log = self.reader.log(&process).iter();
            let parts: Vec<_> = log.filter(|record| record.op == Op::Process).collect();
            let before = parts.iter().any(|part| part.t_lo < from);
            let within = |part: &&&Record| part.t_lo <= until && part.t_hi >= from;
            before && !parts.iter().any(|part| within(&part))
        };
        let running = later
            .iter()
            .filter(|entry| entry.process.is_some_and(began_before));
        Ok(running.map(|entry| (entry.shard, entry.seq)).collect())
    }

    /// The nearest work after the window, where it began within it: at the end of the work before it at the
    /// same place, or nobody says when. Each with that end.
    fn begun_within(
        &self,
        within: &[Entry],
        around: &[Entry],
        from: Timestamp,
        until: Timestamp,
    ) -> BTreeMap<EventKey, Option<Timestamp>> {
        if self.direction == Direction::Backward {
            return BTreeMap::new();
        }
        let horizon = until.micros().saturating_add(PROCESS_SPAN);
        let is_stamp = |entry: &&Entry| {
            until < entry.t_lo && entry.t_lo.micros() <= horizon && entry.t_lo == entry.t_hi
        };
        let stamps = around.iter().filter(is_stamp);
        let begun = stamps.filter_map(|entry| {
            let of_place = |other: &&Entry| other.happened_at() == entry.happened_at();
            let within = within.iter().filter(|other| other.is_work());
            let before = around.iter().filter(|other| other.t_hi < from);
            let last = within
                .chain(before)
                .filter(of_place)
                .map(|other| other.t_hi)
                .max();
            let began = !entry.is_cleaning() && last.is_none_or(|last| last < until);
            began.then_some(((entry.shard, entry.seq), last))
        });
        begun.collect()
    }

    /// What took part in the nearest event outside a window was looked at and is left out.
    fn leave_outside(&mut self, entry: &Entry) {
        self.leave_parts_out(entry, Reason::OutsideWindow, |_| true);
    }

    fn leave_parts_out(&mut self, entry: &Entry, reason: Reason, is_left: impl Fn(Role) -> bool) {
        for part in entry.parts.iter().filter(|part| is_left(part.role)) {
            let members = match &part.what {
                What::Members(members) => members.clone(),
                What::Quantity(_) => MemberSet::one(0),
            };
            let key = (part.block, reason, (entry.shard, entry.seq));
            self.excluded.entry(key).or_default().union_with(&members);
        }
    }

    /// An event at a place takes effect: of work, what comes out of it; of anything else, all that took part.
    fn plan_event(
        &mut self,
        entry: &Entry,
        found: Found,
        window: &Window,
        guard: i64,
        planted: &mut Vec<Planted>,
    ) {
        let start = self.start(window, guard);
        let tick = start.max(self.direction.span(entry.t_lo, entry.t_hi).lo);
        let mut plant = |what| {
            planted.push(Planted {
                certainty: found.certainty,
                tick,
                why: Why::AtPlace {
                    place: found.place,
                    meets: found.meets,
                },
                event: Some((entry.shard, entry.seq)),
                what,
            });
        };
        if let (EventType::Transformation, Some(process)) = (entry.event_type, entry.process) {
            plant(Target::Process(process));
            let leaves = self.direction.leaves();
            let enters = |role| matches!(role, Role::Input | Role::Output) && role != leaves;
            self.leave_parts_out(entry, Reason::WentIn, enters);
            return;
        }
        let here = entry.biz_location.or(entry.read_point);
        let left = entry.from_place.or(entry.happened_at());
        // What arrived took part; what stayed where it had come from did not.
        let left = left.filter(|_| !matches!(flow_of(entry), Flow::Receive | Flow::Return));
        let spots: BTreeSet<Spot> = [here, left].into_iter().flatten().map(Spot::At).collect();
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
                        is_deep: true,
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
