//! Taint: labels that only sink, in rounds, until nothing sinks any more.
//!
//! Rounds correct labels rather than settle them one by one: a process is all-to-all, so it may pass on
//! a label lower than the time of the input that brought it. The classes of certainty are evaluated one
//! after another, each with the ways it adds: what a class reaches first keeps that class and its
//! witness, even if a less certain way would reach it earlier.

use std::collections::{BTreeMap, BTreeSet};

use crate::codes::{Address, Block, MemberSet};
use crate::events::What;
use crate::trace::{EventKey, Op, Source};

use super::cause::{Cause, CauseId, Causes, Certainty, Why};
use super::contents::{Opened, Opening};
use super::direction::{Direction, LAST, Span};
use super::labels::{Label, Labels};
use super::reach::{Reach, ReachedProcess, ReachedStock, ReachedUnits, Reason, Rules, Seed};
use super::reader::{Reader, Units};
use super::stock::Spot;
use super::supply::Supply;

/// One side of one event of a process, as its label leaves through it.
#[derive(Debug, Clone)]
pub(super) struct Exit {
    pub(super) event: EventKey,
    pub(super) span: Span,
    pub(super) spot: Spot,
    pub(super) block: Block,
    pub(super) what: What,
}

#[derive(Debug, Default)]
pub(super) struct Process {
    pub(super) label: Option<Label>,
    exits: Option<Vec<Exit>>,
}

/// A running evaluation.
#[derive(Debug)]
pub(super) struct Taint<'r, 's, S> {
    pub(super) direction: Direction,
    pub(super) rules: &'r Rules,
    pub(super) limit: i64,
    pub(super) reader: &'r mut Reader<'s, S>,
    pub(super) causes: Causes,
    pub(super) units: BTreeMap<Block, Labels>,
    pub(super) processes: BTreeMap<Block, Process>,
    pub(super) lots: BTreeMap<Block, Supply>,
    pub(super) excluded: BTreeMap<(Block, Reason, EventKey), MemberSet>,
    /// Container windows looked into already.
    pub(super) opened: Opened,
    pub(super) level: Certainty,
    pub(super) sunk_units: Units,
    pub(super) sunk_processes: BTreeSet<Block>,
    pub(super) sunk_lots: BTreeSet<Block>,
    /// Sunk units whose containers have not been looked at since.
    pub(super) uncarried: Units,
    /// Containers through which a process was entered, to be looked into.
    pub(super) openings: Vec<Opening>,
    pub(super) frozen_units: BTreeMap<Block, (MemberSet, Vec<ReachedUnits>)>,
    pub(super) frozen_stock: BTreeMap<(Block, Spot), ReachedStock>,
    pub(super) frozen_processes: BTreeMap<Block, ReachedProcess>,
}

/// Evaluates the seeds.
pub(super) fn taint<S: Source>(
    reader: &mut Reader<'_, S>,
    direction: Direction,
    seeds: &[Seed],
    rules: &Rules,
) -> Result<Reach, S::Error> {
    let mut taint = Taint {
        direction,
        rules,
        limit: rules.limit.map_or(LAST, |limit| direction.tick(limit)),
        reader,
        causes: Causes::default(),
        units: BTreeMap::new(),
        processes: BTreeMap::new(),
        lots: BTreeMap::new(),
        excluded: BTreeMap::new(),
        opened: Opened::new(),
        level: Certainty::Asserted,
        sunk_units: Units::new(),
        sunk_processes: BTreeSet::new(),
        sunk_lots: BTreeSet::new(),
        uncarried: Units::new(),
        openings: Vec::new(),
        frozen_units: BTreeMap::new(),
        frozen_stock: BTreeMap::new(),
        frozen_processes: BTreeMap::new(),
    };
    let mut planted = taint.plan(seeds)?;
    for level in Certainty::ALL {
        taint.level = level;
        taint.sow(&mut planted);
        taint.sunk_lots.extend(taint.lots.keys().copied());
        taint.settle()?;
        taint.freeze();
    }
    Ok(taint.finish())
}

impl<S: Source> Taint<'_, '_, S> {
    /// Rounds until nothing sinks.
    fn settle(&mut self) -> Result<(), S::Error> {
        loop {
            if !self.sunk_units.is_empty() {
                let sunk = std::mem::take(&mut self.sunk_units);
                self.spread_units(&sunk)?;
            } else if !self.sunk_lots.is_empty() {
                let sunk = std::mem::take(&mut self.sunk_lots);
                self.spread_lots(&sunk)?;
            } else if !self.sunk_processes.is_empty() {
                let sunk = std::mem::take(&mut self.sunk_processes);
                self.spread_processes(&sunk)?;
            } else if self.level >= Certainty::Inferred && !self.openings.is_empty() {
                let openings = std::mem::take(&mut self.openings);
                self.open(openings)?;
            } else if self.level >= Certainty::Inferred && !self.uncarried.is_empty() {
                let sunk = std::mem::take(&mut self.uncarried);
                self.carry(&sunk)?;
            } else {
                return Ok(());
            }
        }
    }

    /// Makes a cause and lowers the labels of units with it.
    pub(super) fn sink_units(
        &mut self,
        block: Block,
        members: &MemberSet,
        tick: i64,
        cause: impl FnOnce() -> Cause,
    ) {
        if tick > self.limit {
            return;
        }
        let next = self.causes.next();
        let labels = self.units.entry(block).or_default();
        let sunk = labels.sink(members, Label { tick, cause: next });
        if sunk.is_empty() {
            return;
        }
        self.causes.add(cause());
        self.sunk_units.entry(block).or_default().union_with(&sunk);
        self.uncarried.entry(block).or_default().union_with(&sunk);
    }

    pub(super) fn sink_lot(
        &mut self,
        lot: Block,
        spot: Spot,
        tick: i64,
        cause: impl FnOnce() -> Cause,
    ) {
        if tick > self.limit {
            return;
        }
        let supply = self.lots.entry(lot).or_default();
        if supply.sink(spot, tick, self.causes.next()) {
            self.causes.add(cause());
            self.sunk_lots.insert(lot);
        }
    }

    /// A process takes the label of a unit or lot that enters it, if that is in time.
    pub(super) fn enter(
        &mut self,
        process: Block,
        unit: Address,
        label: Label,
        span: Span,
        event: EventKey,
    ) {
        let mut leave_out = |reason| {
            let key = (process, reason, event);
            self.excluded.insert(key, MemberSet::one(0));
        };
        if label.tick > span.hi {
            return leave_out(Reason::TimeOrder);
        }
        if self.rules.kill_steps.contains(&process) {
            return leave_out(Reason::KillStep);
        }
        let tick = if self.rules.time_ordered {
            label.tick.max(span.lo)
        } else {
            label.tick
        };
        let why = Why::Entered { unit, process };
        self.reach_process(process, tick, Some(label.cause), why, Some(event));
    }

    pub(super) fn reach_process(
        &mut self,
        process: Block,
        tick: i64,
        before: Option<CauseId>,
        why: Why,
        event: Option<EventKey>,
    ) {
        let held = &mut self.processes.entry(process).or_default().label;
        if tick > self.limit || held.is_some_and(|held| held.tick <= tick) {
            return;
        }
        let time = self.direction.time(tick);
        let cause = self.causes.add(Cause {
            time,
            why,
            event,
            before,
        });
        *held = Some(Label { tick, cause });
        self.sunk_processes.insert(process);
    }

    fn spread_units(&mut self, sunk: &Units) -> Result<(), S::Error> {
        self.reader.load(sunk)?;
        let enters = self.direction.enters();
        let mut entering = Vec::new();
        for (block, mask) in sunk {
            let Some(labels) = self.units.get(block) else {
                continue;
            };
            for record in self.reader.log(block) {
                if record.op != enters || !record.members.intersects(mask) {
                    continue;
                }
                if let (Some(process), Some((label, member))) =
                    (record.peer, labels.earliest(&record.members))
                {
                    let unit = Address {
                        block: *block,
                        member,
                    };
                    let span = self.direction.span(record.t_lo, record.t_hi);
                    let event = (record.shard, record.seq);
                    entering.push((process.block, unit, label, span, event));
                }
            }
        }
        for (process, unit, label, span, event) in entering {
            self.enter(process, unit, label, span, event);
        }
        self.spread_to_lots(sunk)
    }

    fn spread_processes(&mut self, sunk: &BTreeSet<Block>) -> Result<(), S::Error> {
        self.load_exits(sunk)?;
        for process in sunk {
            let Some(held) = self.processes.get_mut(process) else {
                continue;
            };
            let (Some(label), Some(exits)) = (held.label, held.exits.take()) else {
                continue;
            };
            for exit in &exits {
                self.leave(*process, label, exit);
            }
            self.processes.entry(*process).or_default().exits = Some(exits);
        }
        Ok(())
    }

    fn leave(&mut self, process: Block, label: Label, exit: &Exit) {
        if self.rules.time_ordered && exit.span.hi < label.tick {
            let key = (exit.block, Reason::FinishedBefore, exit.event);
            let members = match &exit.what {
                What::Members(members) => members.clone(),
                What::Quantity(_) => MemberSet::one(0),
            };
            self.excluded.entry(key).or_default().union_with(&members);
            return;
        }
        let tick = label.tick.max(exit.span.lo);
        let cause = Cause {
            time: self.direction.time(tick),
            why: Why::Left(process),
            event: Some(exit.event),
            before: Some(label.cause),
        };
        match &exit.what {
            What::Members(members) => {
                self.sink_units(exit.block, members, tick, || cause);
                self.note_opening(exit, members, tick, label.cause);
            }
            What::Quantity(_) => self.sink_lot(exit.block, exit.spot, tick, || cause),
        }
    }

    /// Reads through what the label leaves these processes, where it is not known yet.
    fn load_exits(&mut self, processes: &BTreeSet<Block>) -> Result<(), S::Error> {
        let mut wanted = Units::new();
        for process in processes {
            if self.processes.entry(*process).or_default().exits.is_none() {
                wanted.insert(*process, MemberSet::one(0));
            }
        }
        self.reader.load(&wanted)?;
        let mut keys = BTreeSet::new();
        for process in wanted.keys() {
            let parts = self.reader.log(process).iter();
            let parts = parts.filter(|record| record.op == Op::Process);
            keys.extend(parts.map(|record| (record.shard, record.seq)));
        }
        let mut exits: BTreeMap<Block, Vec<Exit>> = BTreeMap::new();
        for entry in self.reader.entries(&keys)? {
            let Some(process) = entry.process else {
                continue;
            };
            let leaves = self.direction.leaves();
            let span = self.direction.span(entry.t_lo, entry.t_hi);
            let spot = Spot::of(entry.biz_location.or(entry.read_point));
            let event = (entry.shard, entry.seq);
            let of_process = exits.entry(process).or_default();
            for part in entry.parts.into_iter().filter(|part| part.role == leaves) {
                of_process.push(Exit {
                    event,
                    span,
                    spot,
                    block: part.block,
                    what: part.what,
                });
            }
        }
        for process in wanted.keys() {
            let of_process = exits.remove(process).unwrap_or_default();
            self.processes.entry(*process).or_default().exits = Some(of_process);
        }
        Ok(())
    }
}
