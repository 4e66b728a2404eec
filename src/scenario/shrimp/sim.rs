//! A run is a shipment: frozen and shipped abroad, then on a truck over two stops.

use std::sync::Arc;

use crate::epcis::Timestamp;
use crate::scenario::book::Lot;
use crate::scenario::chain::{Birth, Desk, Habits, Setting, Story};
use crate::scenario::goods::{Case, Item};
use crate::scenario::outbox::later;
use crate::scenario::question::{ContainerWindow, Question};
use crate::scenario::report::{Kind, Quantity, Report, SensorElement};
use crate::scenario::serials::SerialSource;
use crate::scenario::truth::{Cause, Fate, Uom};

use super::cast::{
    CARRIER, CARTON, CATCH, COLD_STORE, EXPORTER, PROCESSOR, SHOP, SHOPS, STORES, TRAY,
};
use super::goods::{Carton, Crate, Load, Pool};

/// The break is on this share of all runs, in percent.
const FAULT_AFTER_PERCENT: u32 = 50;
const HAZARD: &str = "cold chain break";
const CARTON_GRAMS: u64 = 10_000;
/// Cartons on a pallet of the ship, and in a box.
const PALLET: usize = 24;
const BOX: usize = 8;
/// Kinds of assets of the carrier.
const BOXES: u32 = 100;
const CONTAINERS: u32 = 200;
/// Containers that take turns.
const CONTAINER_COUNT: u32 = 2;
const TRAYS_A_CARTON: u64 = 20;
/// Cartons that the second stop sends on to be processed, per mille.
const PROCESSED: u64 = 300;
/// Trays that a shop sells, per mille.
const TRAYS_SOLD: u64 = 600;

/// Minutes from the truck's loading: freezing and the ship are before it.
const FROZEN: i64 = -70 * 60;
const SHIPPED: i64 = -66 * 60;
const LANDED: i64 = -10 * 60;
const DEPARTS: i64 = 60;
const FIRST_STOP: i64 = 240;
const DEPARTS_AGAIN: i64 = 360;
const COLD: i64 = 390;
const WARM: i64 = 420;
const STILL_WARM: i64 = 450;
const COLD_AGAIN: i64 = 510;
const SECOND_STOP: i64 = 600;

/// Something to do.
#[derive(Debug)]
pub(in crate::scenario) enum Task {
    Freeze(u32),
    Landed(u32, Vec<Case>),
    Load(u32, Vec<Carton>),
    Depart(Load),
    FirstStop(Load),
    DepartAgain(Load),
    Sense(Load),
    SecondStop(Load),
    Open(usize, Crate),
    BoxReturns(usize, u32),
    Process(Vec<Item>),
    Trays(Lot, usize),
}

/// Exporter, importer, trucks and stores.
#[derive(Debug)]
pub(in crate::scenario) struct Shrimp {
    setting: Setting,
    pool: Pool,
    /// Cartons at the first stop that go on with the next truck.
    transfer: Vec<Carton>,
    /// Cartons that were warm, by their identifiers.
    warm: Vec<String>,
    container: String,
    tray_lots: u32,
}

pub(super) fn carton_lot(run: u32) -> String {
    format!("V{:05}", run + 1)
}

fn fault_run(setting: &Setting) -> u32 {
    setting.runs * FAULT_AFTER_PERCENT / 100
}

impl Shrimp {
    pub(super) fn new(setting: &Setting) -> Self {
        Self {
            setting: setting.clone(),
            pool: Pool::default(),
            transfer: Vec::new(),
            warm: Vec::new(),
            container: String::new(),
            tray_lots: 0,
        }
    }

    fn time(&self, run: u32, minutes: i64) -> Timestamp {
        Timestamp::from_micros(self.setting.at(run).micros() + minutes * 60_000_000)
    }

    fn freeze<S: SerialSource>(&self, desk: &mut Desk<Task, S>, run: u32) {
        let count = self.setting.count(run);
        let name = carton_lot(run);
        let grams = (Uom::Kilograms, u64::from(count) * CARTON_GRAMS);
        let bulk = desk.commission(EXPORTER, CATCH, &name, grams);
        let mut report = desk.process(EXPORTER, EXPORTER);
        report
            .input_quantity_list
            .push(Quantity::grams(&bulk.link, bulk.left()));
        let birth = Birth {
            ware: CARTON,
            lot: &name,
            line: EXPORTER,
            site: EXPORTER,
        };
        let items = desk.bear(birth, count as usize, None, &mut report);
        desk.send(EXPORTER, report);
        let pallets = desk.pack_all(EXPORTER, items, PALLET);
        let written = |pallet: &Case| desk.written(EXPORTER, &pallet.sscc);
        let epcs: Vec<String> = pallets.iter().map(written).collect();
        // The ship leaves some hours later; what was packed is what it takes.
        let report = desk.shipment(EXPORTER, COLD_STORE, true).of(epcs);
        desk.outbox.send(EXPORTER, self.time(run, SHIPPED), report);
        desk.at(self.time(run, LANDED), Task::Landed(run, pallets));
        if run + 1 < self.setting.runs {
            desk.at(self.time(run + 1, FROZEN), Task::Freeze(run + 1));
        }
    }

    fn landed<S: SerialSource>(&self, desk: &mut Desk<Task, S>, run: u32, pallets: Vec<Case>) {
        let written = |pallet: &Case| desk.written(COLD_STORE, &pallet.sscc);
        let epcs = pallets.iter().map(written).collect();
        let report = desk.receipt(EXPORTER, COLD_STORE).of(epcs);
        desk.send(COLD_STORE, report);
        let place = desk.link(COLD_STORE);
        let lot: Arc<str> = Arc::from(carton_lot(run));
        let mut cartons = Vec::new();
        for pallet in pallets {
            let mut report = Report::new(Kind::Unpacked, "unpacking", &place).at(&place);
            report.parent_id = desk.written(COLD_STORE, &pallet.sscc);
            desk.gather(COLD_STORE, report);
            cartons.extend(pallet.open().into_iter().map(|item| Carton {
                item,
                lot: lot.clone(),
            }));
        }
        desk.at(self.time(run, 0), Task::Load(run, cartons));
    }

    /// Packs cartons into boxes at a site.
    fn boxes<S: SerialSource>(
        &mut self,
        desk: &mut Desk<Task, S>,
        site: usize,
        mut cartons: Vec<Carton>,
    ) -> Vec<Crate> {
        let place = desk.link(site);
        let mut boxes = Vec::new();
        while !cartons.is_empty() {
            let rest = cartons.split_off(BOX.min(cartons.len()));
            let full = std::mem::replace(&mut cartons, rest);
            let number = self.pool.take();
            let link = desk.asset(CARRIER, BOXES, number);
            let mut report = Report::new(Kind::Packed, "packing", &place)
                .at(&place)
                .as_("in_progress");
            report.parent_id.clone_from(&link);
            report.child_epcs = full.iter().map(|carton| carton.item.id.clone()).collect();
            desk.send(site, report);
            boxes.push(Crate {
                number,
                link,
                cartons: full,
            });
        }
        boxes
    }

    fn stow<S: SerialSource>(desk: &mut Desk<Task, S>, site: usize, into: &str, boxes: &[Crate]) {
        if boxes.is_empty() {
            return;
        }
        let place = desk.link(site);
        let mut report = Report::new(Kind::Packed, "loading", &place)
            .at(&place)
            .as_("in_progress");
        into.clone_into(&mut report.parent_id);
        report.child_epcs = boxes.iter().map(|full| full.link.clone()).collect();
        desk.send(site, report);
    }

    /// Two cartons of five are for the first stop.
    fn load<S: SerialSource>(
        &mut self,
        desk: &mut Desk<Task, S>,
        run: u32,
        mut cartons: Vec<Carton>,
    ) {
        let far = cartons.split_off(cartons.len() * 2 / 5);
        let container = desk.asset(CARRIER, CONTAINERS, run % CONTAINER_COUNT + 1);
        let boxes = [
            self.boxes(desk, COLD_STORE, cartons),
            self.boxes(desk, COLD_STORE, far),
        ];
        for stop in &boxes {
            Self::stow(desk, COLD_STORE, &container, stop);
        }
        let load = Load {
            run,
            container,
            boxes,
        };
        desk.at(self.time(run, DEPARTS), Task::Depart(load));
    }

    fn depart<S: SerialSource>(&self, desk: &mut Desk<Task, S>, load: Load) {
        let report = desk.shipment(COLD_STORE, STORES[0], true);
        desk.send(COLD_STORE, report.of(vec![load.container.clone()]));
        desk.at(self.time(load.run, FIRST_STOP), Task::FirstStop(load));
    }

    /// The boxes for here are named when they leave the container; what waits here goes on.
    fn first_stop<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>, mut load: Load) {
        let site = STORES[0];
        let report = desk.receipt(COLD_STORE, site);
        desk.send(site, report.of(vec![load.container.clone()]));
        let here = std::mem::take(&mut load.boxes[0]);
        let place = desk.link(site);
        let mut report = Report::new(Kind::Unpacked, "unloading", &place).at(&place);
        report.parent_id.clone_from(&load.container);
        report.child_epcs = here.iter().map(|full| full.link.clone()).collect();
        desk.send(site, report);
        for full in here {
            desk.within((60, 480), Task::Open(site, full));
        }
        let waiting = std::mem::take(&mut self.transfer);
        let more = self.boxes(desk, site, waiting);
        Self::stow(desk, site, &load.container, &more);
        load.boxes[1].extend(more);
        desk.at(self.time(load.run, DEPARTS_AGAIN), Task::DepartAgain(load));
    }

    fn depart_again<S: SerialSource>(&self, desk: &mut Desk<Task, S>, load: Load) {
        let report = desk.shipment(STORES[0], STORES[1], true);
        desk.send(STORES[0], report.of(vec![load.container.clone()]));
        desk.at(self.time(load.run, COLD), Task::Sense(load));
    }

    /// The container's own sensor reports on the way; on one way it says that it is warm.
    fn sense<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>, mut load: Load) {
        let is_warm = load.run == fault_run(&self.setting);
        for minutes in [COLD, STILL_WARM] {
            let celsius = if is_warm && minutes == STILL_WARM {
                -4.5
            } else {
                -18.5
            };
            let mut report = Report::new(Kind::Seen, "sensor_reporting", "")
                .nowhere()
                .as_("in_transit")
                .of(vec![load.container.clone()]);
            report
                .sensor_element_list
                .push(SensorElement::temperature(celsius));
            let at = self.time(load.run, minutes);
            desk.outbox.send(CARRIER, at, report);
        }
        if is_warm {
            let line = desk.link(EXPORTER);
            self.warm = load.warm(self.time(load.run, WARM), &line);
            self.container.clone_from(&load.container);
        }
        desk.at(self.time(load.run, SECOND_STOP), Task::SecondStop(load));
    }

    /// Everything is taken out, in one word.
    fn second_stop<S: SerialSource>(desk: &mut Desk<Task, S>, mut load: Load) {
        let site = STORES[1];
        let report = desk.receipt(STORES[0], site);
        desk.send(site, report.of(vec![load.container.clone()]));
        let place = desk.link(site);
        let mut report = Report::new(Kind::Unpacked, "unloading", &place).at(&place);
        report.parent_id.clone_from(&load.container);
        desk.send(site, report);
        for full in std::mem::take(&mut load.boxes[1]) {
            desk.within((60, 480), Task::Open(site, full));
        }
    }

    /// A box is emptied; it goes back to be used again.
    fn open_box<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>, site: usize, full: Crate) {
        let place = desk.link(site);
        let mut report = Report::new(Kind::Unpacked, "unpacking", &place).at(&place);
        report.parent_id.clone_from(&full.link);
        if desk.rng.per_mille(500) {
            report.child_epcs = full
                .cartons
                .iter()
                .map(|carton| carton.item.id.clone())
                .collect();
        }
        desk.send(site, report);
        let report = desk.shipment(site, COLD_STORE, false);
        desk.gather(site, report.of(vec![full.link]));
        desk.within((180, 600), Task::BoxReturns(site, full.number));
        let mut cartons = full.cartons;
        for carton in &mut cartons {
            carton.item.came_to(&place, desk.now);
        }
        if site == STORES[0] && !cartons.is_empty() {
            self.transfer.push(cartons.remove(0));
        }
        let mut process = Vec::new();
        let mut rest = Vec::new();
        for carton in cartons {
            if site == STORES[1] && desk.rng.per_mille(PROCESSED) {
                process.push(carton.item);
            } else {
                rest.push(carton.item);
            }
        }
        desk.offer(&Self::HABITS, site, rest);
        if !process.is_empty() {
            let epcs = || process.iter().map(|item| item.id.clone()).collect();
            let report = desk.shipment(site, PROCESSOR, true).of(epcs());
            desk.send(site, report);
            let at = later(desk.now, 90 * 60);
            let report = desk.receipt(site, PROCESSOR).of(epcs());
            desk.outbox.send(PROCESSOR, at, report);
            desk.after(240, Task::Process(process));
        }
    }

    fn box_returns<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>, site: usize, number: u32) {
        let link = desk.asset(CARRIER, BOXES, number);
        let report = desk.receipt(site, COLD_STORE).of(vec![link]);
        desk.gather(COLD_STORE, report);
        self.pool.put_back(number);
    }

    /// Cartons become a lot of trays, which goes to a shop.
    fn process<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>, cartons: Vec<Item>) {
        self.tray_lots += 1;
        let pieces = cartons.len() as u64 * TRAYS_A_CARTON;
        let name = format!("Y{:06}", self.tray_lots);
        let link = desk.lot_link(TRAY, &name);
        let mut lot = Lot::new(link, Uom::Pieces, pieces);
        let mut report = desk.process(PROCESSOR, PROCESSOR);
        for carton in cartons {
            if carton.taint.is_some() {
                let unit = Arc::from(carton.id.as_str());
                lot.spoil(desk.now, Cause::FromUnit { unit });
            }
            report.input_epc_list.push(carton.id.clone());
            let into = lot.link.clone();
            carton.end(Fate::Consumed { into }, &mut desk.book);
        }
        report
            .output_quantity_list
            .push(Quantity::pieces(&lot.link, pieces));
        desk.send(PROCESSOR, report);
        let shop = SHOP + desk.rng.index(SHOPS);
        let sent = pieces * 3 / 4;
        desk.ship_lot(PROCESSOR, shop, Quantity::pieces(&lot.link, sent));
        desk.within((300, 1_200), Task::Trays(lot, shop));
    }

    fn trays<S: SerialSource>(desk: &mut Desk<Task, S>, mut lot: Lot, shop: usize) {
        let sent = lot.left() * 3 / 4;
        desk.receive_lot(PROCESSOR, shop, Quantity::pieces(&lot.link, sent));
        let sold = sent * TRAYS_SOLD / 1000;
        let place = desk.link(shop);
        let mut report = Report::new(Kind::Seen, "retail_selling", &place).as_("retail_sold");
        report.quantity_list.push(Quantity::pieces(&lot.link, sold));
        let at = later(desk.now, 5 * 3_600);
        desk.outbox.send(shop, at, report);
        let kept = lot.take(sent - sold);
        lot.ended(desk.held(shop), kept);
        let sold = lot.take(sold);
        let fate = Fate::Sold {
            shop: place,
            inside: None,
        };
        lot.ended(fate, sold);
        let rest = desk.held(PROCESSOR);
        lot.close(rest, &mut desk.book);
    }
}

impl Story for Shrimp {
    type Task = Task;

    const HABITS: Habits = Habits {
        road: (2 * 60, 20 * 60),
        until_opened: (30, 600),
        until_sold: (60, 5 * 24 * 60),
        until_returned: (600, 2 * 24 * 60),
        lost: 0,
        opened: 800,
        sold: 600,
        scrapped: 20,
        returned: 30,
    };

    fn open<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>) {
        desk.at(self.time(0, FROZEN), Task::Freeze(0));
    }

    fn perform<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>, task: Task) {
        match task {
            Task::Freeze(run) => self.freeze(desk, run),
            Task::Landed(run, pallets) => self.landed(desk, run, pallets),
            Task::Load(run, cartons) => self.load(desk, run, cartons),
            Task::Depart(load) => self.depart(desk, load),
            Task::FirstStop(load) => self.first_stop(desk, load),
            Task::DepartAgain(load) => self.depart_again(desk, load),
            Task::Sense(load) => self.sense(desk, load),
            Task::SecondStop(load) => Self::second_stop(desk, load),
            Task::Open(site, full) => self.open_box(desk, site, full),
            Task::BoxReturns(site, number) => self.box_returns(desk, site, number),
            Task::Process(cartons) => self.process(desk, cartons),
            Task::Trays(lot, shop) => Self::trays(desk, lot, shop),
        }
    }

    fn close<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>) -> (Question, Option<Question>) {
        for carton in std::mem::take(&mut self.transfer) {
            let fate = desk.held(STORES[0]);
            carton.item.end(fate, &mut desk.book);
        }
        let run = fault_run(&self.setting);
        let hazard = Some(HAZARD.to_owned());
        let window = ContainerWindow {
            unit: self.container.clone(),
            from: self.time(run, WARM).to_string(),
            until: self.time(run, COLD_AGAIN).to_string(),
        };
        let question = Question {
            containers: vec![window],
            hazard: hazard.clone(),
            ..Question::default()
        };
        let plain = Question {
            units: std::mem::take(&mut self.warm),
            hazard,
            ..Question::default()
        };
        (question, Some(plain))
    }
}
