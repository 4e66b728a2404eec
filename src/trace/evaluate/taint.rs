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

use super::alike::each_of;
use super::blanks::Blank;
use super::cause::{Cause, CauseId, Causes, Certainty, Why};
use super::contents::{Opened, Opening};
use super::direction::{Direction, LAST, Span};
use super::entries::Entries;
use super::epochs::{rebirths, same_epoch};
use super::kinds::Kinds;
use super::labels::{Label, Labels};
use super::reach::{Reach, ReachedProcess, ReachedStock, ReachedUnits, Reason, Seed};
use super::reader::{Reader, Units};
use super::rules::Rules;
use super::stays::Stay;
use super::stock::Spot;
use super::supply::Supply;
use super::vessels::{Entered, Vessels};

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
    /// It stops the hazard.
    kills: bool,
}

impl Process {
    /// Something is reached through it, and nothing is on record that it could go on to.
    pub(super) fn is_barren(&self) -> bool {
        let leads_nowhere = self.exits.as_ref().is_some_and(Vec::is_empty);
        self.label.is_some() && leads_nowhere && !self.kills
    }
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
    /// By what the label came into each lot.
    pub(super) entries: Entries,
    pub(super) excluded: BTreeMap<(Block, Reason, EventKey), MemberSet>,
    /// Container windows looked into already.
    pub(super) opened: Opened,
    pub(super) level: Certainty,
    pub(super) sunk_units: Units,
    pub(super) sunk_processes: BTreeSet<Block>,
    pub(super) sunk_lots: BTreeSet<Block>,
    /// Sunk units whose lots have not been looked at since.
    pub(super) unmingled: Units,
    /// Sunk units whose containers have not been looked at since.
    pub(super) uncarried: Units,
    /// Containers through which a process was entered, to be looked into.
    pub(super) openings: Vec<Opening>,
    /// Forward: what was taken out of exposed containers and nothing says that it went in, to be exposed as assumed.
    pub(super) guesses: Vec<(Block, Stay, Opening)>,
    /// Exposed containers whose contents nobody recorded.
    pub(super) blanks: BTreeMap<(Address, EventKey), Blank>,
    /// Backward: items of which something is only inferred of their lots, until that has its turn.
    pub(super) deferred: Units,
    pub(super) vessels: Vessels,
    /// What went into vessels, to be mixed.
    pub(super) entered: Vec<Entered>,
    /// Sunk units, and lots as member 0, whose company has not been looked at since.
    pub(super) unmet: Units,
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
    let vessels = Vessels::read(reader, rules)?;
    let mut taint = Taint {
        direction,
        rules,
        limit: rules.limit.map_or(LAST, |limit| direction.tick(limit)),
        reader,
        causes: Causes::default(),
        units: BTreeMap::new(),
        processes: BTreeMap::new(),
        lots: BTreeMap::new(),
        entries: Entries::default(),
        excluded: BTreeMap::new(),
        opened: Opened::new(),
        level: Certainty::Asserted,
        sunk_units: Units::new(),
        sunk_processes: BTreeSet::new(),
        sunk_lots: BTreeSet::new(),
        unmingled: Units::new(),
        uncarried: Units::new(),
        openings: Vec::new(),
        guesses: Vec::new(),
        blanks: BTreeMap::new(),
        deferred: Units::new(),
        vessels,
        entered: Vec::new(),
        unmet: Units::new(),
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
                self.note_stock_unmet(&sunk);
            } else if !self.sunk_processes.is_empty() {
                let sunk = std::mem::take(&mut self.sunk_processes);
                self.spread_processes(&sunk)?;
            } else if self.level >= Certainty::Inferred && !self.openings.is_empty() {
                let openings = std::mem::take(&mut self.openings);
                self.open(openings)?;
            } else if self.level >= Certainty::Inferred && !self.uncarried.is_empty() {
                let sunk = std::mem::take(&mut self.uncarried);
                self.carry(&sunk)?;
            } else if self.level >= Certainty::Inferred && !self.unmingled.is_empty() {
                let sunk = std::mem::take(&mut self.unmingled);
                self.mingle(&sunk)?;
            } else if self.level >= Certainty::Inferred && !self.deferred.is_empty() {
                let deferred = std::mem::take(&mut self.deferred);
                self.spread_to_lots(&deferred)?;
            } else if self.level >= Certainty::Policy && !self.entered.is_empty() {
                let entered = std::mem::take(&mut self.entered);
                self.mix(entered);
            } else if self.level >= Certainty::Policy && !self.unmet.is_empty() {
                let sunk = std::mem::take(&mut self.unmet);
                self.meet(&sunk)?;
            } else if self.level == Certainty::Assumed && !self.guesses.is_empty() {
                for (block, stay, opening) in std::mem::take(&mut self.guesses) {
                    self.expose(block, &stay, &opening);
                }
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
        if self.direction == Direction::Forward {
            let unmingled = self.unmingled.entry(block).or_default();
            unmingled.union_with(&sunk);
        }
        if self.rules.contact.is_on() {
            self.unmet.entry(block).or_default().union_with(&sunk);
        }
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
        let cause = cause();
        self.note_entry(lot, spot, &cause);
        let next = self.causes.next();
        if self.lots.entry(lot).or_default().sink(spot, tick, next) {
            self.causes.add(cause);
            self.sunk_lots.insert(lot);
            if !matches!(cause.why, Why::Mixed(_)) {
                self.note_stock_in_vessel(lot, spot, tick, next);
            }
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
        if label.tick > span.hi {
            let key = (process, Reason::TimeOrder, event);
            self.excluded.insert(key, MemberSet::one(0));
            return;
        }
        if span.lo > self.limit {
            return;
        }
        let tick = match self.rules.time_order {
            Some(_) => label.tick.max(span.lo),
            None => label.tick,
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
        if tick > self.limit {
            return;
        }
        let held = self.processes.entry(process).or_default().label;
        let time = self.direction.time(tick);
        let cause = if let Some(held) = held.filter(|held| held.tick <= tick) {
            held.cause
        } else {
            let cause = self.causes.add(Cause {
                time,
                why,
                event,
                before,
            });
            self.processes.entry(process).or_default().label = Some(Label { tick, cause });
            self.sunk_processes.insert(process);
            cause
        };
        if !matches!(why, Why::Mixed(_)) {
            self.note_process_in_vessel(process, tick, cause);
        }
    }

    fn spread_units(&mut self, sunk: &Units) -> Result<(), S::Error> {
        self.reader.load(sunk)?;
        let direction = self.direction;
        let enters = direction.enters();
        let labelled = sunk.iter().filter_map(|(block, mask)| {
            let labels = self.units.get(block)?;
            let log = self.reader.log_with(block, Kinds::of(enters));
            let ending = self.reader.log_with(block, Kinds::ENDS);
            Some((*block, mask, labels, log, ending))
        });
        let entering = each_of(labelled.collect(), |(block, mask, labels, log, ending)| {
            let rebirths = rebirths(&block, ending, labels.labelled());
            let mut entering = Vec::new();
            for record in log {
                if record.op != enters || !record.members.intersects(mask) {
                    continue;
                }
                let members = same_epoch(direction, &rebirths, labels, record);
                if let (Some(process), Some((label, member))) =
                    (record.peer, labels.earliest(&members))
                {
                    let unit = Address { block, member };
                    let span = direction.span(record.t_lo, record.t_hi);
                    let event = (record.shard, record.seq);
                    entering.push((process.block, unit, label, span, event));
                }
            }
            entering
        });
        for (process, unit, label, span, event) in entering.into_iter().flatten() {
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
            let kills = held.kills;
            for exit in &exits {
                if kills {
                    self.leave_out(exit, Reason::KillStep);
                } else {
                    self.leave(*process, label, exit);
                }
            }
            self.processes.entry(*process).or_default().exits = Some(exits);
        }
        Ok(())
    }

    fn leave(&mut self, process: Block, label: Label, exit: &Exit) {
        let tolerated = self.rules.time_order;
        if tolerated.is_some_and(|by| exit.span.hi.saturating_add(by) < label.tick) {
            return self.leave_out(exit, Reason::FinishedBefore);
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

    /// What would have come out of a process is not reached.
    fn leave_out(&mut self, exit: &Exit, reason: Reason) {
        let members = match &exit.what {
            What::Members(members) => members.clone(),
            What::Quantity(_) => MemberSet::one(0),
        };
        let left_out = self.excluded.entry((exit.block, reason, exit.event));
        left_out.or_default().union_with(&members);
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
        let mut killing = self.rules.kill_steps.processes.clone();
        for entry in self.reader.entries(&keys)? {
            let Some(process) = entry.process else {
                continue;
            };
            let places = [entry.read_point, entry.biz_location];
            let kills = |place: &Block| self.rules.kill_steps.places.contains(place);
            if places.iter().flatten().any(kills) {
                killing.insert(process);
            }
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
            let held = self.processes.entry(*process).or_default();
            held.exits = Some(of_process);
            held.kills = killing.contains(process);
        }
        Ok(())
    }
}
