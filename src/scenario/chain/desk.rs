//! Where a world is told: its clock, its queue, its sites and its book.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::epcis::Timestamp;
use crate::scenario::book::{Book, Lot};
use crate::scenario::goods::{Case, Item, Taint};
use crate::scenario::keys;
use crate::scenario::outbox::{Outbox, later};
use crate::scenario::papers;
use crate::scenario::report::{Kind, Quantity, Report};
use crate::scenario::rng::Rng;
use crate::scenario::serials::SerialSource;
use crate::scenario::truth::{Cause, Fate, Hop, Uom};

use super::cast::Map;
use super::setting::Setting;
use super::trade::Deal;

/// Sites send what they gathered after this time.
const GATHER_SECONDS: u64 = 2 * 3_600;
/// Shelf life of everything, in days.
const SHELF_LIFE_DAYS: u64 = 540;

/// What comes next.
#[derive(Debug)]
pub(super) enum Turn<T> {
    /// Something of the world itself.
    Own(T),
    /// Something of the trade.
    Deal(Deal),
    /// A site sends what it gathered.
    Flush(usize),
}

/// How units come to be.
#[derive(Debug, Clone, Copy)]
pub(in crate::scenario) struct Birth<'a> {
    /// The product, among the world's.
    pub(in crate::scenario) ware: usize,
    /// The lot number.
    pub(in crate::scenario) lot: &'a str,
    /// Where.
    pub(in crate::scenario) line: usize,
    /// The site they are at then.
    pub(in crate::scenario) site: usize,
}

/// The desk of a world whose things to do are `T`.
#[derive(Debug)]
pub(in crate::scenario) struct Desk<T, S> {
    pub(in crate::scenario) rng: Rng,
    pub(in crate::scenario) outbox: Outbox,
    pub(in crate::scenario) book: Book,
    pub(in crate::scenario) now: Timestamp,
    map: Map,
    serials: S,
    queue: BTreeMap<(Timestamp, u64), Turn<T>>,
    numbered: u64,
    sscc_serial: u64,
    despatch_advice: u64,
}

impl<T, S: SerialSource> Desk<T, S> {
    pub(super) fn new(map: Map, setting: &Setting, serials: S) -> Self {
        Self {
            rng: Rng::new(setting.seed, u64::from_le_bytes(*b"the tale")),
            outbox: Outbox::new(setting.seed, map.senders.clone()),
            book: Book::default(),
            now: setting.start,
            map,
            serials,
            queue: BTreeMap::new(),
            numbered: 0,
            sscc_serial: 0,
            despatch_advice: 0,
        }
    }

    pub(super) fn next_at(&self) -> Option<Timestamp> {
        self.queue.first_key_value().map(|((at, _), _)| *at)
    }

    pub(super) fn queued(&self) -> usize {
        self.queue.len()
    }

    /// Takes what comes next out of the queue; the clock goes on to it.
    pub(super) fn next_turn(&mut self) -> Option<Turn<T>> {
        let ((at, _), turn) = self.queue.pop_first()?;
        self.now = at;
        Some(turn)
    }

    pub(super) fn flush(&mut self, site: usize) {
        self.outbox.flush(site, self.now);
    }

    fn put(&mut self, at: Timestamp, turn: Turn<T>) {
        self.numbered += 1;
        self.queue.insert((at.max(self.now), self.numbered), turn);
    }

    /// Puts something into the queue.
    pub(in crate::scenario) fn at(&mut self, at: Timestamp, task: T) {
        self.put(at, Turn::Own(task));
    }

    /// Puts something into the queue, so many minutes from now.
    pub(in crate::scenario) fn after(&mut self, minutes: u64, task: T) {
        self.at(later(self.now, minutes * 60), task);
    }

    /// Puts something into the queue, between so many and so many minutes from now.
    pub(in crate::scenario) fn within(&mut self, minutes: (u64, u64), task: T) {
        let at = self.between(minutes);
        self.at(at, task);
    }

    pub(super) fn deal(&mut self, minutes: (u64, u64), deal: Deal) {
        let at = self.between(minutes);
        self.put(at, Turn::Deal(deal));
    }

    fn between(&mut self, minutes: (u64, u64)) -> Timestamp {
        let seconds = self.rng.between(minutes.0 * 60, minutes.1 * 60);
        later(self.now, seconds)
    }

    /// Reports an event of now by itself.
    pub(in crate::scenario) fn send(&mut self, site: usize, report: Report) {
        self.outbox.send(site, self.now, report);
    }

    /// Reports an event of now in the site's next document.
    pub(in crate::scenario) fn gather(&mut self, site: usize, report: Report) {
        if self.outbox.gather(site, self.now, report) {
            self.put(later(self.now, GATHER_SECONDS), Turn::Flush(site));
        }
    }

    pub(in crate::scenario) fn link(&self, site: usize) -> Arc<str> {
        self.map.sites[site].link.clone()
    }

    pub(in crate::scenario) fn holder(&self, site: usize) -> Arc<str> {
        self.map.sites[site].party.clone()
    }

    /// A logistic unit as this site writes it.
    pub(in crate::scenario) fn written(&self, site: usize, sscc: &str) -> String {
        self.map.sites[site].written(sscc)
    }

    /// A lot of a product, as a canonical Digital Link.
    pub(in crate::scenario) fn lot_link(&self, ware: usize, lot: &str) -> String {
        keys::lot_link(&self.map.gtins[ware], lot)
    }

    /// A new logistic unit of the site's keeper.
    pub(in crate::scenario) fn new_sscc(&mut self, site: usize, extension: u32) -> String {
        self.sscc_serial += 1;
        keys::sscc(extension, self.map.prefixes[site], self.sscc_serial)
    }

    /// A returnable asset of the site's keeper.
    pub(in crate::scenario) fn asset(&self, site: usize, kind: u32, serial: u32) -> String {
        keys::asset_link(self.map.prefixes[site], kind, serial)
    }

    /// To stay at a site for good, unpacked.
    pub(in crate::scenario) fn held(&self, site: usize) -> Fate {
        Fate::Held {
            place: self.link(site),
            holder: self.holder(site),
            inside: None,
        }
    }

    /// A shipping event between two sites. The owner changes with the goods, or stays.
    pub(in crate::scenario) fn shipment(&mut self, from: usize, to: usize, sold: bool) -> Report {
        self.despatch_advice += 1;
        let sender = (self.map.senders[from].gln.as_str(), self.despatch_advice);
        let sites = (&self.map.sites[from], &self.map.sites[to]);
        papers::shipment(sender, sites, &self.map.sites[from].link, sold)
    }

    /// A receiving event.
    pub(in crate::scenario) fn receipt(&self, from: usize, to: usize) -> Report {
        papers::receipt(&self.map.sites[from], &self.map.sites[to])
    }

    /// A lot comes to be at a site.
    pub(in crate::scenario) fn commission(
        &mut self,
        site: usize,
        ware: usize,
        lot: &str,
        (uom, amount): (Uom, u64),
    ) -> Lot {
        let link = self.lot_link(ware, lot);
        let place = self.link(site);
        let mut report = Report::new(Kind::Born, "commissioning", &place)
            .at(&place)
            .as_("active");
        report.quantity_list.push(Quantity::of(&link, uom, amount));
        report.ilmd = Some(papers::ilmd(lot, self.now, SHELF_LIFE_DAYS));
        self.send(site, report);
        Lot::new(link, uom, amount)
    }

    /// Some amount of a lot leaves a site for another.
    pub(in crate::scenario) fn ship_lot(&mut self, from: usize, to: usize, amount: Quantity) {
        let mut report = self.shipment(from, to, true);
        report.quantity_list.push(amount);
        self.send(from, report);
    }

    /// Some amount of a lot arrives.
    pub(in crate::scenario) fn receive_lot(&mut self, from: usize, to: usize, amount: Quantity) {
        let mut report = self.receipt(from, to);
        report.quantity_list.push(amount);
        self.send(to, report);
    }

    /// A process at a line of a site: inputs and outputs are still to be named.
    pub(in crate::scenario) fn process(&self, line: usize, site: usize) -> Report {
        Report::new(Kind::Transformed, "commissioning", &self.link(line))
            .at(&self.link(site))
            .as_("active")
    }

    /// Units come to be. The event that says so is still to be sent: see [`Self::process`].
    pub(in crate::scenario) fn bear(
        &mut self,
        birth: Birth<'_>,
        count: usize,
        cause: Option<&Cause>,
        report: &mut Report,
    ) -> Vec<Item> {
        let gtin = &self.map.gtins[birth.ware];
        let serials = self.serials.take(gtin, birth.lot, count);
        self.book.unit_count += serials.len() as u64;
        let lot: Arc<str> = Arc::from(birth.lot);
        let taint = |cause| Taint {
            lot: lot.clone(),
            line: self.link(birth.line),
            since: self.now,
            cause,
            was_returned: false,
            hops: vec![Hop {
                at: self.now,
                place: self.link(birth.site),
                carried_by: None,
            }],
            packings: Vec::new(),
        };
        let items: Vec<Item> = serials
            .iter()
            .map(|serial| Item {
                id: keys::item_link(gtin, serial),
                taint: cause.map(|cause| Box::new(taint(cause.clone()))),
            })
            .collect();
        report
            .output_epc_list
            .extend(items.iter().map(|item| item.id.clone()));
        report.ilmd = Some(papers::ilmd(birth.lot, self.now, SHELF_LIFE_DAYS));
        items
    }

    /// Serials are taken and spoiled: nothing ever bears them.
    pub(in crate::scenario) fn spoil_serials(&mut self, ware: usize, lot: &str, count: usize) {
        self.serials.take(&self.map.gtins[ware], lot, count);
    }

    /// Packs items into a case, at a read point of the site.
    pub(in crate::scenario) fn pack(&mut self, site: usize, items: Vec<Item>) -> Case {
        let sscc = self.new_sscc(site, 0);
        let place = self.link(site);
        let mut report = Report::new(Kind::Packed, "packing", &place)
            .at(&place)
            .as_("in_progress");
        report.parent_id = self.written(site, &sscc);
        report.child_epcs = items.iter().map(|item| item.id.clone()).collect();
        self.gather(site, report);
        Case {
            sscc,
            items,
            packed: None,
            stacked: None,
            hops: Vec::new(),
        }
    }

    /// Packs items into cases of this many, the last with what is left.
    pub(in crate::scenario) fn pack_all(
        &mut self,
        site: usize,
        mut items: Vec<Item>,
        case: usize,
    ) -> Vec<Case> {
        let mut cases = Vec::new();
        while !items.is_empty() {
            let rest = items.split_off(case.min(items.len()));
            let full = std::mem::replace(&mut items, rest);
            cases.push(self.pack(site, full));
        }
        cases
    }
}
