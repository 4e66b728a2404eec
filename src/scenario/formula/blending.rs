//! Before the lines: materials are bought, blends are made, in one report or in pieces, and opened tins go
//! back in.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::epcis::Timestamp;
use crate::scenario::book::Lot;
use crate::scenario::keys;
use crate::scenario::outbox::later;
use crate::scenario::report::{Kind, Quantity, Report};
use crate::scenario::serials::SerialSource;
use crate::scenario::truth::{Cause, Fate, Uom};

use super::places::{MILK, PLANT, PREMIX};
use super::plan::{Rework, TIN_GRAMS};
use super::sim::{Sim, Task};

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

/// What is bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Material {
    Milk,
    Premix,
}

/// A lot of blended powder.
#[derive(Debug)]
pub(super) struct Bulk {
    pub(super) lot: Lot,
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
        let grams = u64::from(self.grams_a_blend(material)) * u64::from(BLENDS_A_LOT);
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
        Quantity::grams(&lot, self.grams_a_blend(material).into())
    }

    pub(super) fn blend_begins(&mut self, blend: u32) {
        let link = keys::lot_link(&self.map.bulk, &format!("B{:05}", blend + 1));
        let lot = Lot::new(link, Uom::Kilograms, self.plan.blend_grams().into());
        let process = Some(self.outbox.next_id());
        self.bulk.insert(blend, Bulk { lot, process });
        // Nobody draws from the blend before the last one any more.
        let drawn_from = self.bulk.split_off(&blend.saturating_sub(2));
        self.close(drawn_from);
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
            report.output_quantity_list.push(Quantity::grams(
                &bulk.lot.link,
                self.plan.blend_grams().into(),
            ));
            report.ilmd = Some(self.ilmd(&bulk.lot.link));
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
        let grams = report.input_epc_list.len() as u64 * u64::from(TIN_GRAMS);
        if let Some(bulk) = self.bulk.get_mut(&blend) {
            bulk.lot.grow(grams);
            report
                .output_quantity_list
                .push(Quantity::grams(&bulk.lot.link, grams));
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
        if let Some(tin) = tins.iter().find(|tin| tin.taint.is_some()) {
            let unit = Arc::from(tin.id.as_str());
            bulk.lot.spoil(self.now, Cause::FromUnit { unit });
        }
        for tin in tins {
            let into = bulk.lot.link.clone();
            tin.end(Fate::Consumed { into }, &mut self.truth);
        }
        opened
    }

    /// Keeps these blends; what is left of the others stays in the plant.
    fn close(&mut self, kept: BTreeMap<u32, Bulk>) {
        let (place, holder) = (self.link(PLANT), self.holder(PLANT));
        for bulk in std::mem::replace(&mut self.bulk, kept).into_values() {
            let rest = Fate::Held {
                place: place.clone(),
                holder: holder.clone(),
                inside: None,
            };
            bulk.lot.close(rest, &mut self.truth);
        }
    }

    /// The campaign is over.
    pub(super) fn close_plant(&mut self) {
        self.close(BTreeMap::new());
    }
}
