//! What an evaluation has come to: the results of each class, kept for good once they are reached.

use crate::codes::Members;
use crate::trace::Source;

use super::blanks::{self, Blank};
use super::cause::Why;
use super::reach::{Excluded, Reach, ReachedProcess, ReachedStock, ReachedUnits, Reason};
use super::reader::Units;
use super::taint::Taint;

impl<S: Source> Taint<'_, '_, S> {
    /// Everything reached for the first time gets the class at hand, for good.
    pub(super) fn freeze(&mut self) {
        for (block, labels) in &self.units {
            let (known, groups) = self.frozen_units.entry(*block).or_default();
            if labels.labelled().is_subset(known) {
                continue;
            }
            let mut new = labels.labelled().clone();
            new.subtract(known);
            known.union_with(&new);
            for (label, members) in labels.groups(&new) {
                groups.push(ReachedUnits {
                    block: *block,
                    members,
                    time: self.direction.time(label.tick),
                    certainty: self.level,
                    cause: label.cause,
                });
            }
        }
        for (lot, supply) in &self.lots {
            for (spot, label) in supply.labels().chain(supply.labels_among()) {
                self.frozen_stock
                    .entry((*lot, spot))
                    .or_insert(ReachedStock {
                        lot: *lot,
                        spot,
                        time: self.direction.time(label.tick),
                        certainty: self.level,
                        cause: label.cause,
                    });
            }
        }
        for (process, held) in &self.processes {
            if let Some(label) = held.label {
                self.frozen_processes
                    .entry(*process)
                    .or_insert(ReachedProcess {
                        process: *process,
                        time: self.direction.time(label.tick),
                        certainty: self.level,
                        cause: label.cause,
                    });
            }
        }
    }

    /// What the records of processes and containers do not say.
    fn take_blanks(&mut self) -> Vec<Blank> {
        let hollow = std::mem::take(&mut self.blanks);
        let mut found: Vec<Blank> = hollow.into_values().collect();
        for (process, held) in &self.processes {
            if held.is_barren() {
                let log = self.reader.log(process);
                found.extend(blanks::of_process(self.direction, *process, log));
            }
        }
        found
    }

    pub(super) fn finish(mut self) -> Reach {
        let blanks = self.take_blanks();
        let mut excluded = Vec::new();
        let mut went_in = Units::new();
        for ((block, reason, _), members) in &self.excluded {
            if *reason == Reason::WentIn {
                went_in.entry(*block).or_default().union_with(members);
            }
        }
        for ((block, reason, event), mut members) in self.excluded {
            // What went into work in the window is not left out for what it did outside.
            if let Some(within) = went_in
                .get(&block)
                .filter(|_| reason == Reason::OutsideWindow)
            {
                members.subtract(within);
            }
            if let Some(labels) = self.units.get(&block) {
                members.subtract(labels.labelled());
            }
            let as_whole =
                self.frozen_processes.contains_key(&block) || self.lots.contains_key(&block);
            if !members.is_empty() && !as_whole {
                excluded.push(Excluded {
                    block,
                    members: Members::from(members),
                    reason,
                    event,
                });
            }
        }
        let mut units: Vec<ReachedUnits> = self
            .frozen_units
            .into_values()
            .flat_map(|(_, groups)| groups)
            .collect();
        let since = self.lots.iter().filter_map(|(lot, supply)| {
            let ticks = supply.labels().chain(supply.labels_among());
            let first = ticks.map(|(_, label)| label.tick).min()?;
            Some((*lot, self.direction.time(first)))
        });
        let since = since.collect();
        // A name that was only ever given to another lot is no lot of its own.
        let causes = &self.causes;
        let lots = &self.lots;
        let is_real = |stock: &ReachedStock| {
            let cause = causes.get(stock.cause);
            let is_alias = cause.is_some_and(|cause| matches!(cause.why, Why::SameAs(_)));
            let flows = lots
                .get(&stock.lot)
                .and_then(|supply| supply.flows.as_ref());
            !is_alias || flows.is_some_and(|flows| flows.is_named)
        };
        let stock = self.frozen_stock.into_values();
        let stock = stock.filter(is_real).collect();
        units.sort_by_key(|group| (group.block, group.members.first()));
        Reach {
            direction: self.direction,
            limit: self.rules.limit,
            units,
            stock,
            since,
            processes: self.frozen_processes.into_values().collect(),
            excluded,
            blanks,
            entries: self.entries,
            causes: self.causes,
        }
    }
}
