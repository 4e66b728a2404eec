//! The simulation: a queue of things to do, done in the order of their times. What is in the queue is what
//! is under way, so memory grows with the pace of the plant and with what is contaminated, not with the
//! number of units.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::epcis::Timestamp;
use crate::scenario::book::Book;
use crate::scenario::keys;
use crate::scenario::outbox::{Outbox, later};
use crate::scenario::question::Question;
use crate::scenario::report::Report;
use crate::scenario::rng::Rng;
use crate::scenario::serials::SerialSource;
use crate::scenario::tale::{Tale, Told};

use super::blending::{Bulk, Material};
use super::places::{Map, WAREHOUSES};
use super::plan::{Plan, Rework};
use crate::scenario::goods::{Case, Item, Pallet};

/// Sites send what they gathered after this time.
const GATHER_SECONDS: u64 = 2 * 3_600;

/// How far beyond the window is looked: clocks differ. Nothing of this world is made within it.
const GUARD: &str = "2m";

/// Something to do.
#[derive(Debug)]
pub(super) enum Task {
    MaterialMade(Material, u32),
    MaterialShipped(Material, u32),
    MaterialReceived(Material, u32),
    BlendBegins(u32),
    BlendContinues(u32),
    BlendReady(u32),
    ReworkIntoRunning,
    Fill(usize, u32),
    SortOut(SortedOut, Vec<Item>),
    PackCases {
        last: bool,
    },
    StackPallets {
        last: bool,
    },
    Dispatch(usize),
    WarehouseReceives {
        from: usize,
        site: usize,
        pallets: Vec<Pallet>,
    },
    WarehouseBreaks(usize, Pallet),
    WarehouseTransfers(usize, Pallet),
    WarehousePicks(usize),
    WarehouseShips {
        site: usize,
        shop: usize,
        pallet: Pallet,
    },
    ShopReceivesCases {
        from: usize,
        shop: usize,
        cases: Vec<Case>,
    },
    ShopReceivesPallet {
        from: usize,
        shop: usize,
        pallet: Pallet,
    },
    ShopBreaks(usize, Pallet),
    ShopOpens(usize, Case),
    ShopSells(usize, Vec<Item>),
    ShopScraps(usize, Item),
    ShopTakesBack(usize, Item),
    SendGathered(usize),
}

/// Why tins leave the line before they are cased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SortedOut {
    Sample,
    Dented,
    ToRework(Rework),
}

/// A world under way.
#[derive(Debug)]
pub(in crate::scenario) struct Sim<S> {
    pub(super) plan: Plan,
    pub(super) map: Map,
    pub(super) serials: S,
    pub(super) rng: Rng,
    pub(super) outbox: Outbox,
    pub(super) truth: Book,
    pub(super) now: Timestamp,
    queue: BTreeMap<(Timestamp, u64), Task>,
    queued: u64,
    /// Blends that are drawn from or being made.
    pub(super) bulk: BTreeMap<u32, Bulk>,
    /// Opened tins that wait for their blend.
    pub(super) bins: [Vec<Item>; Rework::ALL.len()],
    /// Good tins at the end of each line.
    pub(super) lines: [Vec<Item>; 2],
    /// Cases that wait for a pallet.
    pub(super) stacking: Vec<Case>,
    /// Pallets that wait for a lorry, by warehouse.
    pub(super) dock: [Vec<Pallet>; WAREHOUSES],
    /// Loose cases to be picked, by warehouse.
    pub(super) loose: [Vec<Case>; WAREHOUSES],
    pub(super) sscc_serial: u64,
    pub(super) despatch_advice: u64,
}

impl<S: SerialSource> Sim<S> {
    pub(super) fn new(plan: Plan, seed: u64, serials: S, start: Timestamp) -> Self {
        let map = Map::draw();
        let outbox = Outbox::new(seed, map.senders.clone());
        let mut sim = Self {
            plan,
            map,
            serials,
            rng: Rng::new(seed, u64::from_le_bytes(*b"the tale")),
            outbox,
            truth: Book::default(),
            now: start,
            queue: BTreeMap::new(),
            queued: 0,
            bulk: BTreeMap::new(),
            bins: Default::default(),
            lines: Default::default(),
            stacking: Vec::new(),
            dock: Default::default(),
            loose: Default::default(),
            sscc_serial: 0,
            despatch_advice: 0,
        };
        sim.open_plant();
        sim
    }

    /// Does the next thing; false when nothing is left.
    fn do_next(&mut self) -> bool {
        let Some(((at, _), task)) = self.queue.pop_first() else {
            return false;
        };
        self.now = at;
        match task {
            Task::MaterialMade(material, lot) => self.material_made(material, lot),
            Task::MaterialShipped(material, lot) => self.material_shipped(material, lot),
            Task::MaterialReceived(material, lot) => self.material_received(material, lot),
            Task::BlendBegins(blend) => self.blend_begins(blend),
            Task::BlendContinues(blend) => self.blend_continues(blend),
            Task::BlendReady(blend) => self.blend_ready(blend),
            Task::ReworkIntoRunning => self.rework_into_running(),
            Task::Fill(line, tray) => self.fill(line, tray),
            Task::SortOut(why, tins) => self.sort_out(why, tins),
            Task::PackCases { last } => self.pack_cases(last),
            Task::StackPallets { last } => self.stack_pallets(last),
            Task::Dispatch(warehouse) => self.dispatch(warehouse),
            Task::WarehouseReceives {
                from,
                site,
                pallets,
            } => self.warehouse_receives(from, site, pallets),
            Task::WarehouseBreaks(site, pallet) => self.warehouse_breaks(site, pallet),
            Task::WarehouseTransfers(site, pallet) => self.warehouse_transfers(site, pallet),
            Task::WarehousePicks(site) => self.warehouse_picks(site),
            Task::WarehouseShips { site, shop, pallet } => self.warehouse_ships(site, shop, pallet),
            Task::ShopReceivesCases { from, shop, cases } => {
                self.shop_receives_cases(from, shop, cases);
            }
            Task::ShopReceivesPallet { from, shop, pallet } => {
                self.shop_receives_pallet(from, shop, pallet);
            }
            Task::ShopBreaks(shop, pallet) => self.shop_breaks(shop, pallet),
            Task::ShopOpens(shop, case) => self.shop_opens(shop, case),
            Task::ShopSells(shop, tins) => self.shop_sells(shop, tins),
            Task::ShopScraps(shop, tin) => self.shop_scraps(shop, tin),
            Task::ShopTakesBack(shop, tin) => self.shop_takes_back(shop, tin),
            Task::SendGathered(site) => self.outbox.flush(site, self.now),
        }
        true
    }

    /// Puts something into the queue.
    pub(super) fn at(&mut self, at: Timestamp, task: Task) {
        self.queued += 1;
        self.queue.insert((at.max(self.now), self.queued), task);
    }

    /// Puts something into the queue, between so many and so many minutes from now.
    pub(super) fn within(&mut self, minutes: (u64, u64), task: Task) {
        let seconds = self.rng.between(minutes.0 * 60, minutes.1 * 60);
        self.at(later(self.now, seconds), task);
    }

    /// Reports an event of now by itself.
    pub(super) fn send(&mut self, site: usize, report: Report) {
        self.outbox.send(site, self.now, report);
    }

    /// Reports an event in the site's next document.
    pub(super) fn gather(&mut self, site: usize, at: Timestamp, report: Report) {
        if self.outbox.gather(site, at, report) {
            self.at(later(at, GATHER_SECONDS), Task::SendGathered(site));
        }
    }

    /// A new logistic unit of the site's keeper: extension digit 0 for cases, 1 for pallets.
    pub(super) fn new_sscc(&mut self, site: usize, extension: u32) -> String {
        self.sscc_serial += 1;
        keys::sscc(extension, self.map.prefixes[site], self.sscc_serial)
    }

    pub(super) fn link(&self, site: usize) -> Arc<str> {
        self.map.sites[site].link.clone()
    }

    pub(super) fn holder(&self, site: usize) -> Arc<str> {
        self.map.sites[site].party.clone()
    }
}

impl<S: SerialSource> Tale for Sim<S> {
    fn next_at(&self) -> Option<Timestamp> {
        self.queue.first_key_value().map(|((at, _), _)| *at)
    }

    fn step(&mut self) -> bool {
        self.do_next()
    }

    fn queued(&self) -> usize {
        self.queue.len()
    }

    fn outbox(&mut self) -> &mut Outbox {
        &mut self.outbox
    }

    fn finish(&mut self) -> Told {
        self.close_plant();
        let question = Question::of_window(&self.plan.window(), GUARD);
        Told {
            plain_question: Some(question.clone()),
            question,
            book: std::mem::take(&mut self.truth),
        }
    }
}
