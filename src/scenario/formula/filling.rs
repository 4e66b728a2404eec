//! The lines: trays of tins are filled, a sieve breaks, some tins are taken out, the others are cased and
//! stacked.

use std::sync::Arc;

use crate::scenario::keys;
use crate::scenario::outbox::later;
use crate::scenario::report::{Kind, Quantity, Report};
use crate::scenario::serials::SerialSource;
use crate::scenario::truth::{Cause, Fate, Hop};

use super::places::{PLANT, WAREHOUSE, WAREHOUSES};
use super::plan::{BLEND_TRAYS, CASE, PALLET, Rework, TIN_GRAMS, lot_number};
use super::sim::{Sim, SortedOut, Task};
use crate::scenario::goods::{Case, Item, Packing, Pallet, Taint};

/// Every so many trays of a line one tin becomes a sample; every so many, one is dented and destroyed.
const SAMPLE_EVERY: u32 = 7;
const DENTED_EVERY: u32 = 5;
/// Pallets that stay in the plant's store, per mille.
const KEPT_PER_MILLE: u64 = 60;

impl<S: SerialSource> Sim<S> {
    /// A line closes a tray of tins, filled from the running blend.
    pub(super) fn fill(&mut self, line: usize, tray: u32) {
        let count = self.plan.tins(line, tray);
        let lot = lot_number(self.now);
        let serials = self.serials.take(&self.map.tin, &lot, count as usize);
        self.truth.unit_count += serials.len() as u64;
        let cause = self.cause(line, tray);
        let lot_name: Arc<str> = Arc::from(lot.as_str());
        let mut tins: Vec<Item> = serials
            .iter()
            .map(|serial| Item {
                id: keys::item_link(&self.map.tin, serial),
                taint: cause
                    .clone()
                    .map(|cause| Box::new(self.taint(line, &lot_name, cause))),
            })
            .collect();
        if !tins.is_empty() {
            let mut report = Report::new(Kind::Transformed, "commissioning", &self.map.lines[line])
                .at(&self.link(PLANT))
                .as_("active");
            if let Some(bulk) = self.bulk.get_mut(&(tray / BLEND_TRAYS)) {
                let grams = u64::from(count) * u64::from(TIN_GRAMS);
                let into = Arc::from(keys::lot_link(&self.map.tin, &lot));
                let used = bulk.lot.use_up(grams, &into);
                report
                    .input_quantity_list
                    .push(Quantity::grams(&bulk.lot.link, used));
            }
            report.output_epc_list = tins.iter().map(|tin| tin.id.clone()).collect();
            report.ilmd = Some(self.ilmd(&lot));
            self.send(PLANT, report);
            self.take_out(line, tray, &mut tins);
            self.lines[line].append(&mut tins);
        }
        self.after_tray(line, tray);
    }

    fn taint(&self, line: usize, lot: &Arc<str>, cause: Cause) -> Taint {
        Taint {
            lot: lot.clone(),
            line: self.map.lines[line].clone(),
            since: self.now,
            cause,
            was_returned: false,
            hops: vec![Hop {
                at: self.now,
                place: self.link(PLANT),
                carried_by: None,
            }],
            packings: Vec::new(),
        }
    }

    /// What is wrong with the tins of this tray.
    fn cause(&self, line: usize, tray: u32) -> Option<Cause> {
        let (from, until) = self.plan.window_trays;
        if line == 1 && (from..until).contains(&tray) {
            return Some(Cause::MadeInWindow);
        }
        self.bulk.get(&(tray / BLEND_TRAYS))?.lot.passes_on()
    }

    /// Samples, dented tins and tins for rework leave the line.
    fn take_out(&mut self, line: usize, tray: u32, tins: &mut Vec<Item>) {
        for (every, why) in [
            (SAMPLE_EVERY, SortedOut::Sample),
            (DENTED_EVERY, SortedOut::Dented),
        ] {
            if tray.is_multiple_of(every)
                && let Some(tin) = tins.pop()
            {
                self.within((2, 4), Task::SortOut(why, vec![tin]));
            }
        }
        for rework in Rework::ALL {
            let (from_line, from_tray, count) = self.plan.rework_source(rework);
            if (from_line, from_tray) == (line, tray) && self.plan.rework_blend(rework).is_some() {
                let keep = tins.len().saturating_sub(count as usize);
                let taken = tins.split_off(keep);
                self.within((2, 4), Task::SortOut(SortedOut::ToRework(rework), taken));
            }
        }
    }

    fn after_tray(&mut self, line: usize, tray: u32) {
        let next = tray + 1;
        let last = self.plan.trays <= next;
        if !last {
            self.at(self.plan.filled_at(line, next), Task::Fill(line, next));
        }
        // Line 2 closes the last tray of all.
        let last = last && line == 1 && self.plan.last_tray_at() <= self.now;
        self.at(later(self.now, 90), Task::PackCases { last });
    }

    pub(super) fn sort_out(&mut self, why: SortedOut, tins: Vec<Item>) {
        let lab = self.map.lab.clone();
        let epcs = tins.iter().map(|tin| tin.id.clone()).collect();
        let report = match why {
            SortedOut::Sample => Report::new(Kind::Seen, "sampling", &lab)
                .at(&lab)
                .as_("unavailable"),
            SortedOut::Dented => {
                Report::new(Kind::Ended, "destroying", &self.map.pack).as_("destroyed")
            }
            SortedOut::ToRework(_) => Report::new(Kind::Seen, "inspecting", &lab)
                .at(&lab)
                .as_("non_conformant"),
        };
        self.send(PLANT, report.of(epcs));
        let holder = self.holder(PLANT);
        for mut tin in tins {
            match why {
                SortedOut::Sample => {
                    tin.came_to(&lab, self.now);
                    let fate = Fate::Held {
                        place: lab.clone(),
                        holder: holder.clone(),
                        inside: None,
                    };
                    tin.end(fate, &mut self.truth);
                }
                SortedOut::Dented => {
                    tin.end(
                        Fate::Destroyed {
                            place: self.map.pack.clone(),
                        },
                        &mut self.truth,
                    );
                }
                SortedOut::ToRework(rework) => {
                    tin.came_to(&lab, self.now);
                    self.bins[rework as usize].push(tin);
                }
            }
        }
    }

    /// Packs full cases, line by line; at the very end also what is left.
    pub(super) fn pack_cases(&mut self, last: bool) {
        for line in 0..2 {
            while (CASE as usize) <= self.lines[line].len()
                || (last && !self.lines[line].is_empty())
            {
                let rest = self.lines[line].split_off((CASE as usize).min(self.lines[line].len()));
                let tins = std::mem::replace(&mut self.lines[line], rest);
                self.pack_case(tins);
            }
        }
        self.at(later(self.now, 120), Task::StackPallets { last });
    }

    fn pack_case(&mut self, tins: Vec<Item>) {
        let sscc = self.new_sscc(PLANT, 0);
        let children = tins.iter().map(|tin| tin.id.clone()).collect();
        let pack = self.map.pack.clone();
        let (report, packed) = self.packing(PLANT, &sscc, children, &pack);
        self.gather(PLANT, self.now, report);
        self.stacking.push(Case {
            sscc,
            items: tins,
            packed: Some(packed),
            stacked: None,
            hops: Vec::new(),
        });
    }

    /// A packing event, always with an id, and what to remember of it.
    pub(super) fn packing(
        &mut self,
        site: usize,
        parent: &str,
        children: Vec<String>,
        read_point: &str,
    ) -> (Report, Packing) {
        let place = self.link(site);
        let event = self.outbox.next_id();
        let mut report = Report::new(Kind::Packed, "packing", read_point)
            .at(&place)
            .as_("in_progress");
        report.parent_id = self.map.sites[site].written(parent);
        report.child_epcs = children;
        report.event_id = Some(event.clone());
        (
            report,
            Packing {
                event: Arc::from(event),
                place,
            },
        )
    }

    /// Stacks cases into a pallet with a new number.
    pub(super) fn stack(&mut self, site: usize, mut cases: Vec<Case>, read_point: &str) -> Pallet {
        let sscc = self.new_sscc(site, 1);
        let children = cases
            .iter()
            .map(|case| self.map.sites[site].written(&case.sscc))
            .collect();
        let (report, packing) = self.packing(site, &sscc, children, read_point);
        self.send(site, report);
        for case in &mut cases {
            case.stacked = Some(packing.clone());
        }
        Pallet { sscc, cases }
    }

    pub(super) fn stack_pallets(&mut self, last: bool) {
        while PALLET <= self.stacking.len() || (last && !self.stacking.is_empty()) {
            let rest = self.stacking.split_off(PALLET.min(self.stacking.len()));
            let cases = std::mem::replace(&mut self.stacking, rest);
            let pallet = self.stack(PLANT, cases, &self.map.pack.clone());
            if self.rng.per_mille(KEPT_PER_MILLE) {
                let (place, holder) = (self.link(PLANT), self.holder(PLANT));
                for case in pallet.cases {
                    case.stay(&place, &holder, &mut self.truth);
                }
                continue;
            }
            let warehouse = self.rng.index(WAREHOUSES);
            self.dock[warehouse].push(pallet);
            self.within((120, 360), Task::Dispatch(WAREHOUSE + warehouse));
        }
    }
}
