//! The plant: materials come in, powder is blended, two lines fill tins, sieves break, tins are opened again,
//! cases are packed and stacked.

use std::sync::Arc;

use crate::epcis::Timestamp;
use crate::scenario::keys;
use crate::scenario::outbox::later;
use crate::scenario::report::{
    Destination, Ilmd, Kind, Quantity, Report, Source, Transaction, local,
};
use crate::scenario::serials::SerialSource;
use crate::scenario::truth::{AffectedBulk, Cause, Fate, Hop};

use super::goods::{Case, Packing, Pallet, Taint, Tin};
use super::places::{MILK, PLANT, PREMIX, WAREHOUSE, WAREHOUSES};
use super::plan::{BLEND_TRAYS, CASE, PALLET, Rework, TIN_GRAMS, lot_number};
use super::sim::{Sim, SortedOut, Task};

/// Blends made from one lot of each material.
const BLENDS_A_LOT: u32 = 5;
/// Share of premix in a blend, in per mille.
const PREMIX_PER_MILLE: u32 = 20;
/// A material lot is dried three and a half days before its first blend, shipped a day later and so on.
const MADE_BEFORE_SECONDS: u64 = 84 * 3_600;
const SHIPPED_AFTER_SECONDS: u64 = 24 * 3_600;
const RECEIVED_AFTER_SECONDS: u64 = 30 * 3_600;
/// Blending begins half an hour before the blend is ready; premix and rework come in after ten minutes.
const BLENDING_SECONDS: u64 = 30 * 60;
const SECOND_INPUT_SECONDS: u64 = 10 * 60;
/// Shelf life in days.
const SHELF_LIFE_DAYS: u64 = 730;
/// Every so many trays of a line one tin becomes a sample; every so many, one is dented and destroyed.
const SAMPLE_EVERY: u32 = 7;
const DENTED_EVERY: u32 = 5;
/// Pallets that stay in the plant's store, per mille.
const KEPT_PER_MILLE: u64 = 60;

/// What is bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Material {
    Milk,
    Premix,
}

/// A lot of blended powder.
#[derive(Debug)]
pub(super) struct Bulk {
    pub(super) link: Arc<str>,
    /// From when on it holds contaminated rework.
    pub(super) tainted_since: Option<Timestamp>,
    /// The process that makes it.
    process: Option<String>,
}

impl<S: SerialSource> Sim<S> {
    /// Puts what is planned for the first blend and the first trays into the queue; the rest follows.
    pub(super) fn open_plant(&mut self) {
        self.order_materials(0);
        self.plan_blend(0);
        for line in 0..2 {
            self.at(self.plan.filled_at(line, 0), Task::Fill(line, 0));
        }
    }

    fn order_materials(&mut self, lot: u32) {
        let first_blend = self.plan.blend_ready_at(lot * BLENDS_A_LOT);
        let made = i64::try_from(MADE_BEFORE_SECONDS).unwrap_or(0) * 1_000_000;
        let made_at = Timestamp::from_micros(first_blend.micros() - made);
        self.at(made_at, Task::MaterialMade(Material::Milk, lot));
        self.at(
            later(made_at, 1_800),
            Task::MaterialMade(Material::Premix, lot),
        );
    }

    fn plan_blend(&mut self, blend: u32) {
        let ready_at = self.plan.blend_ready_at(blend);
        let begins = i64::try_from(BLENDING_SECONDS).unwrap_or(0) * 1_000_000;
        let begins_at = Timestamp::from_micros(ready_at.micros() - begins);
        self.at(begins_at, Task::BlendBegins(blend));
        self.at(
            later(begins_at, SECOND_INPUT_SECONDS),
            Task::BlendContinues(blend),
        );
        self.at(ready_at, Task::BlendReady(blend));
    }

    fn supplier(material: Material) -> usize {
        match material {
            Material::Milk => MILK,
            Material::Premix => PREMIX,
        }
    }

    fn material_lot(&self, material: Material, lot: u32) -> String {
        match material {
            Material::Milk => keys::lot_link(&self.map.milk, &format!("M{:04}", lot + 1)),
            Material::Premix => keys::lot_link(&self.map.premix, &format!("P{:04}", lot + 1)),
        }
    }

    fn grams_a_blend(&self, material: Material) -> u32 {
        let premix = self.plan.blend_grams() / 1000 * PREMIX_PER_MILLE;
        match material {
            Material::Milk => self.plan.blend_grams() - premix,
            Material::Premix => premix,
        }
    }

    fn material_quantity(&self, material: Material, lot: u32) -> Quantity {
        let grams = self.grams_a_blend(material).saturating_mul(BLENDS_A_LOT);
        Quantity::grams(&self.material_lot(material, lot), grams)
    }

    pub(super) fn material_made(&mut self, material: Material, lot: u32) {
        let site = Self::supplier(material);
        let link = self.link(site);
        let mut report = Report::new(Kind::Born, "commissioning", &link)
            .at(&link)
            .as_("active");
        report
            .quantity_list
            .push(self.material_quantity(material, lot));
        report.ilmd = Some(self.ilmd(&self.material_lot(material, lot)));
        self.send(site, report);
        self.at(
            later(self.now, SHIPPED_AFTER_SECONDS),
            Task::MaterialShipped(material, lot),
        );
        let next = (lot + 1) * BLENDS_A_LOT;
        if material == Material::Milk && next < self.plan.blends() {
            self.order_materials(lot + 1);
        }
    }

    pub(super) fn material_shipped(&mut self, material: Material, lot: u32) {
        let site = Self::supplier(material);
        let mut report = self.shipment(site, PLANT, &self.link(site), true);
        report
            .quantity_list
            .push(self.material_quantity(material, lot));
        self.send(site, report);
        self.at(
            later(self.now, RECEIVED_AFTER_SECONDS),
            Task::MaterialReceived(material, lot),
        );
    }

    pub(super) fn material_received(&mut self, material: Material, lot: u32) {
        let mut report = self.receipt(Self::supplier(material), PLANT);
        report
            .quantity_list
            .push(self.material_quantity(material, lot));
        self.send(PLANT, report);
    }

    /// Every third blend is reported as one event, the others in pieces that share the process.
    fn in_pieces(blend: u32) -> bool {
        !blend.is_multiple_of(3)
    }

    fn blending(&self, blend: u32) -> Report {
        let mut report =
            Report::new(Kind::Transformed, "commissioning", &self.map.blend).at(&self.link(PLANT));
        report.transformation_id = self.bulk.get(&blend).and_then(|bulk| bulk.process.clone());
        report
    }

    fn input(&self, material: Material, blend: u32) -> Quantity {
        let lot = self.material_lot(material, blend / BLENDS_A_LOT);
        Quantity::grams(&lot, self.grams_a_blend(material))
    }

    pub(super) fn blend_begins(&mut self, blend: u32) {
        let link = Arc::from(keys::lot_link(
            &self.map.bulk,
            &format!("B{:05}", blend + 1),
        ));
        let process = Some(self.outbox.next_id());
        self.bulk.insert(
            blend,
            Bulk {
                link,
                tainted_since: None,
                process,
            },
        );
        // The blend before the last one is empty by now.
        self.bulk = self.bulk.split_off(&blend.saturating_sub(2));
        if Self::in_pieces(blend) {
            let mut report = self.blending(blend);
            report
                .input_quantity_list
                .push(self.input(Material::Milk, blend));
            self.send(PLANT, report);
        }
    }

    /// The bin that goes into this blend while it is made.
    fn rework_for(&self, blend: u32) -> Option<Rework> {
        [Rework::Clean, Rework::Next, Rework::Second]
            .into_iter()
            .find(|rework| self.plan.rework_blend(*rework) == Some(blend))
    }

    pub(super) fn blend_continues(&mut self, blend: u32) {
        let mut report = self.blending(blend);
        report
            .input_quantity_list
            .push(self.input(Material::Premix, blend));
        if let Some(rework) = self.rework_for(blend) {
            report.input_epc_list = self.open_bin(rework, blend);
        }
        // A blend with rework is always in pieces: the tins are scanned when they are opened.
        if Self::in_pieces(blend) || !report.input_epc_list.is_empty() {
            if !Self::in_pieces(blend) {
                report
                    .input_quantity_list
                    .push(self.input(Material::Milk, blend));
            }
            self.send(PLANT, report);
        }
    }

    pub(super) fn blend_ready(&mut self, blend: u32) {
        let mut report = self.blending(blend).as_("active");
        if !Self::in_pieces(blend) && self.rework_for(blend).is_none() {
            report.input_quantity_list = vec![
                self.input(Material::Milk, blend),
                self.input(Material::Premix, blend),
            ];
            report.transformation_id = None;
        }
        if let Some(bulk) = self.bulk.get(&blend) {
            report
                .output_quantity_list
                .push(Quantity::grams(&bulk.link, self.plan.blend_grams()));
            report.ilmd = Some(self.ilmd(&bulk.link));
        }
        self.send(PLANT, report);
        if blend + 1 < self.plan.blends() {
            self.plan_blend(blend + 1);
        }
        if self.plan.rework_blend(Rework::Running) == Some(blend) {
            self.at(self.plan.running_rework_at(), Task::ReworkIntoRunning);
        }
    }

    /// Tins are opened over the blend that both lines draw from: what they fill later holds the powder, what
    /// they filled before does not.
    pub(super) fn rework_into_running(&mut self) {
        let Some(blend) = self.plan.rework_blend(Rework::Running) else {
            return;
        };
        let mut report = self.blending(blend);
        report.transformation_id = None;
        report.input_epc_list = self.open_bin(Rework::Running, blend);
        let grams = u32::try_from(report.input_epc_list.len()).unwrap_or(0) * TIN_GRAMS;
        if let Some(bulk) = self.bulk.get(&blend) {
            report
                .output_quantity_list
                .push(Quantity::grams(&bulk.link, grams));
        }
        self.send(PLANT, report);
    }

    /// Empties a bin into a blend; the opened tins.
    fn open_bin(&mut self, rework: Rework, blend: u32) -> Vec<String> {
        let tins = std::mem::take(&mut self.bins[rework as usize]);
        let opened = tins.iter().map(|tin| tin.id.clone()).collect();
        let Some(bulk) = self.bulk.get_mut(&blend) else {
            return opened;
        };
        if bulk.tainted_since.is_none() && tins.iter().any(|tin| tin.taint.is_some()) {
            bulk.tainted_since = Some(self.now);
            self.truth.bulk.push(AffectedBulk {
                id: bulk.link.clone(),
                since: self.now,
            });
        }
        for tin in tins {
            tin.end(
                Fate::Reworked {
                    bulk: bulk.link.clone(),
                },
                &mut self.truth,
            );
        }
        opened
    }

    /// A line closes a tray of tins, filled from the running blend.
    pub(super) fn fill(&mut self, line: usize, tray: u32) {
        let count = self.plan.tins(line, tray);
        let lot = lot_number(self.now);
        let serials = self.serials.take(&self.map.tin, &lot, count as usize);
        self.truth.unit_count += serials.len() as u64;
        let cause = self.cause(line, tray);
        let lot_name: Arc<str> = Arc::from(lot.as_str());
        let mut tins: Vec<Tin> = serials
            .iter()
            .map(|serial| Tin {
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
            if let Some(bulk) = self.bulk.get(&(tray / BLEND_TRAYS)) {
                report
                    .input_quantity_list
                    .push(Quantity::grams(&bulk.link, count.saturating_mul(TIN_GRAMS)));
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
            filled_at: self.now,
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
        let (from, until) = self.plan.window;
        if line == 1 && (from..until).contains(&tray) {
            return Some(Cause::FilledInWindow);
        }
        let bulk = self.bulk.get(&(tray / BLEND_TRAYS))?;
        let since = bulk.tainted_since?;
        (since <= self.now).then(|| Cause::FilledFromRework {
            bulk: bulk.link.clone(),
        })
    }

    /// Samples, dented tins and tins for rework leave the line.
    fn take_out(&mut self, line: usize, tray: u32, tins: &mut Vec<Tin>) {
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

    pub(super) fn sort_out(&mut self, why: SortedOut, tins: Vec<Tin>) {
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

    fn pack_case(&mut self, tins: Vec<Tin>) {
        let sscc = self.new_sscc(PLANT, 0);
        let children = tins.iter().map(|tin| tin.id.clone()).collect();
        let pack = self.map.pack.clone();
        let (report, packed) = self.packing(PLANT, &sscc, children, &pack);
        self.gather(PLANT, self.now, report);
        self.stacking.push(Case {
            sscc,
            tins,
            packed,
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
        report.parent_id = self.written(site, parent);
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
            .map(|case| self.written(site, &case.sscc))
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

    fn ilmd(&self, lot: &str) -> Ilmd {
        let lot = lot.rsplit('/').next().unwrap_or(lot).to_owned();
        let expires = local(later(self.now, SHELF_LIFE_DAYS * 24 * 3_600));
        Ilmd {
            lot_number: lot,
            expires_on: expires.get(..10).unwrap_or_default().to_owned(),
        }
    }

    /// A shipping event between two sites. The owner changes with the goods, or stays.
    pub(super) fn shipment(
        &mut self,
        from: usize,
        to: usize,
        read_point: &str,
        sold: bool,
    ) -> Report {
        self.despatch_advice += 1;
        let mut report = Report::new(Kind::Seen, "shipping", read_point).as_("in_transit");
        report.biz_transaction_list.push(Transaction {
            kind: "desadv",
            biz_transaction: format!(
                "urn:epcglobal:cbv:bt:{}:D{:06}",
                self.map.senders[from].gln, self.despatch_advice
            ),
        });
        let party = |site: usize| self.map.sites[site].party_link.clone();
        report.source_list.push(Source {
            kind: "possessing_party",
            source: party(from),
        });
        report.destination_list = vec![
            Destination {
                kind: "possessing_party",
                destination: party(to),
            },
            Destination {
                kind: "location",
                destination: self.link(to).to_string(),
            },
        ];
        if sold {
            report.source_list.push(Source {
                kind: "owning_party",
                source: party(from),
            });
            report.destination_list.push(Destination {
                kind: "owning_party",
                destination: party(to),
            });
        }
        report
    }

    /// A receiving event.
    pub(super) fn receipt(&self, from: usize, to: usize) -> Report {
        let place = self.link(to);
        let mut report = Report::new(Kind::Seen, "receiving", &place)
            .at(&place)
            .as_("in_progress");
        let party = |site: usize| self.map.sites[site].party_link.clone();
        report.source_list.push(Source {
            kind: "possessing_party",
            source: party(from),
        });
        report.destination_list.push(Destination {
            kind: "possessing_party",
            destination: party(to),
        });
        report
    }
}
