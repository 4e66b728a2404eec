//! A run is a lot of power banks on one of the lines; orders and returns follow.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::epcis::Timestamp;
use crate::scenario::book::Lot;
use crate::scenario::chain::{Birth, Desk, Habits, Setting, Story};
use crate::scenario::goods::{Case, Item};
use crate::scenario::keys;
use crate::scenario::question::{Question, SerialRange};
use crate::scenario::report::{Kind, Quantity, Report, Transaction};
use crate::scenario::serials::SerialSource;
use crate::scenario::truth::{Cause, Fate, Uom};

use super::cast::{
    BANK, BUNDLING, CELL, CELL_MAKER, DEALER, FULFILMENT, LINES, MAKER, ONLINE, RETURNS, SET, SHOP,
    SHOPS,
};

/// A batch of cells lasts for so many runs.
const RUNS_A_BATCH: u32 = 3;
/// The fault comes after this share of all batches, in percent.
const FAULT_AFTER_PERCENT: u32 = 35;
/// Serials of a run that are spoiled before its first unit.
pub(super) const SPOILED: u32 = 1;
const CELLS_A_BANK: u64 = 2;
const HAZARD: &str = "fire";
const CASE: usize = 12;

/// Minutes before the first run of a batch.
const CELLS_MADE: i64 = 50 * 60;
const CELLS_SHIPPED: i64 = 40 * 60;
const CELLS_RECEIVED: i64 = 20 * 60;

const ROAD: (u64, u64) = (10 * 60, 48 * 60);
const UNTIL_ORDER: (u64, u64) = (60, 6 * 24 * 60);
const UNTIL_RETURN: (u64, u64) = (24 * 60, 6 * 24 * 60);

/// Shares in per mille: cases for the platform; units ordered; orders in parcels; units that come back, and
/// that a dealer buys; parcels that come back unopened.
const PLATFORM: u64 = 650;
const ORDERED: u64 = 800;
const IN_PARCEL: u64 = 600;
const RETURNED: u64 = 90;
const TO_DEALER: u64 = 60;
const RESOLD: u64 = 600;
const DESTROYED: u64 = 250;

/// Something to do.
#[derive(Debug)]
pub(in crate::scenario) enum Task {
    CellsMade(u32),
    CellsShipped(u32),
    CellsReceived(u32),
    Assemble(u32),
    Bundle(u32, Vec<Item>),
    Ship(Vec<Case>),
    Receive(Vec<Case>),
    Order(usize, Vec<Item>),
    SendParcel(String, Vec<Item>),
    Return(Item),
    Buy(Item),
    Scrap(Item),
}

/// The maker, the platform and the dealer.
#[derive(Debug)]
pub(in crate::scenario) struct PowerBanks {
    setting: Setting,
    cells: BTreeMap<u32, Lot>,
    orders: u64,
    /// What truly has the bad cells, in the order of serials.
    named: Vec<String>,
}

/// Power banks and gift sets of a run of so many units.
pub(super) const fn shares(units: u32) -> (u32, u32) {
    let sets = if units < 16 { 1 } else { units / 8 };
    (units - sets, sets)
}

pub(super) fn bank_lot(run: u32) -> String {
    format!("P{:05}", run + 1)
}

pub(super) fn set_lot(run: u32) -> String {
    format!("G{:05}", run + 1)
}

fn cell_lot(batch: u32) -> String {
    format!("X{:04}", batch + 1)
}

fn fault_batch(setting: &Setting) -> u32 {
    (setting.runs / RUNS_A_BATCH * FAULT_AFTER_PERCENT / 100).max(1)
}

impl PowerBanks {
    pub(super) fn new(setting: &Setting) -> Self {
        Self {
            setting: setting.clone(),
            cells: BTreeMap::new(),
            orders: 0,
            named: Vec::new(),
        }
    }

    fn plan_batch<S: SerialSource>(&self, desk: &mut Desk<Task, S>, batch: u32) {
        let first = self.setting.at(batch * RUNS_A_BATCH).micros();
        let before = |minutes: i64| Timestamp::from_micros(first - minutes * 60_000_000);
        desk.at(before(CELLS_MADE), Task::CellsMade(batch));
        desk.at(before(CELLS_SHIPPED), Task::CellsShipped(batch));
        desk.at(before(CELLS_RECEIVED), Task::CellsReceived(batch));
    }

    fn cells_made<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>, batch: u32) {
        let first = batch * RUNS_A_BATCH;
        let runs = (first..first + RUNS_A_BATCH).filter(|run| *run < self.setting.runs);
        let banks: u64 = runs
            .map(|run| u64::from(shares(self.setting.count(run)).0))
            .sum();
        // One cell in twenty is left over.
        let pieces = banks * CELLS_A_BANK + banks.div_ceil(10);
        let lot = desk.commission(CELL_MAKER, CELL, &cell_lot(batch), (Uom::Pieces, pieces));
        self.cells.insert(batch, lot);
        if (batch + 1) * RUNS_A_BATCH < self.setting.runs {
            self.plan_batch(desk, batch + 1);
        }
    }

    fn cells_moved<S: SerialSource>(&self, desk: &mut Desk<Task, S>, batch: u32, arrive: bool) {
        let Some(lot) = self.cells.get(&batch) else {
            return;
        };
        let amount = Quantity::pieces(&lot.link, lot.left());
        if arrive {
            desk.receive_lot(CELL_MAKER, MAKER, amount);
        } else {
            desk.ship_lot(CELL_MAKER, MAKER, amount);
        }
    }

    fn assemble<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>, run: u32) {
        let batch = run / RUNS_A_BATCH;
        let (banks, sets) = shares(self.setting.count(run));
        let name = bank_lot(run);
        let line = LINES[(run % 2) as usize];
        let into: Arc<str> = Arc::from(desk.lot_link(BANK, &name));
        let mut report = desk.process(line, MAKER);
        if let Some(lot) = self.cells.get_mut(&batch) {
            let used = lot.use_up(u64::from(banks) * CELLS_A_BANK, &into);
            report
                .input_quantity_list
                .push(Quantity::pieces(&lot.link, used));
        }
        desk.spoil_serials(BANK, &name, SPOILED as usize);
        let is_bad = batch == fault_batch(&self.setting);
        let birth = Birth {
            ware: BANK,
            lot: &name,
            line,
            site: MAKER,
        };
        let cause = is_bad.then_some(Cause::Named);
        let mut items = desk.bear(birth, banks as usize, cause.as_ref(), &mut report);
        desk.send(MAKER, report);
        if is_bad {
            self.named.extend(items.iter().map(|item| item.id.clone()));
        }
        if run % RUNS_A_BATCH == RUNS_A_BATCH - 1
            && let Some(lot) = self.cells.remove(&batch)
        {
            let rest = desk.held(MAKER);
            lot.close(rest, &mut desk.book);
        }
        let bundled = items.split_off(items.len().saturating_sub(sets as usize));
        desk.after(120, Task::Bundle(run, bundled));
        Self::distribute(desk, items);
        if run + 1 < self.setting.runs {
            desk.at(self.setting.at(run + 1), Task::Assemble(run + 1));
        }
    }

    /// Each goes into a gift set with a serial of its own.
    fn bundle<S: SerialSource>(desk: &mut Desk<Task, S>, run: u32, banks: Vec<Item>) {
        let name = set_lot(run);
        let mut sets = Vec::new();
        for bank in banks {
            let mut report = desk.process(BUNDLING, MAKER);
            report.input_epc_list.push(bank.id.clone());
            let birth = Birth {
                ware: SET,
                lot: &name,
                line: BUNDLING,
                site: MAKER,
            };
            let cause = bank.taint.is_some().then(|| Cause::FromUnit {
                unit: Arc::from(bank.id.as_str()),
            });
            let set = desk.bear(birth, 1, cause.as_ref(), &mut report);
            desk.send(MAKER, report);
            let into = set.first().map_or("", |set| set.id.as_str());
            let fate = Fate::Consumed {
                into: Arc::from(into),
            };
            bank.end(fate, &mut desk.book);
            sets.extend(set);
        }
        Self::distribute(desk, sets);
    }

    fn distribute<S: SerialSource>(desk: &mut Desk<Task, S>, items: Vec<Item>) {
        for case in desk.pack_all(MAKER, items, CASE) {
            if desk.rng.per_mille(PLATFORM) {
                desk.within((60, 600), Task::Ship(vec![case]));
            } else {
                let shop = SHOP + desk.rng.index(SHOPS);
                desk.deliver(MAKER, vec![shop], vec![case], (60, 600));
            }
        }
    }

    fn ship<S: SerialSource>(desk: &mut Desk<Task, S>, cases: Vec<Case>) {
        let epcs = cases.iter().map(|case| desk.written(MAKER, &case.sscc));
        let epcs = epcs.collect();
        let report = desk.shipment(MAKER, FULFILMENT, true).of(epcs);
        desk.send(MAKER, report);
        desk.within(ROAD, Task::Receive(cases));
    }

    fn receive<S: SerialSource>(desk: &mut Desk<Task, S>, cases: Vec<Case>) {
        let epcs = cases
            .iter()
            .map(|case| desk.written(FULFILMENT, &case.sscc));
        let epcs = epcs.collect();
        let report = desk.receipt(MAKER, FULFILMENT).of(epcs);
        desk.send(FULFILMENT, report);
        let place = desk.link(FULFILMENT);
        for mut case in cases {
            case.came_to(&place, desk.now, None);
            let mut report = Report::new(Kind::Unpacked, "unpacking", &place).at(&place);
            report.parent_id = desk.written(FULFILMENT, &case.sscc);
            desk.gather(FULFILMENT, report);
            for item in case.open() {
                Self::stock(desk, FULFILMENT, item);
            }
        }
    }

    /// Something lies at a site until it is ordered, or for good.
    fn stock<S: SerialSource>(desk: &mut Desk<Task, S>, site: usize, item: Item) {
        if desk.rng.per_mille(ORDERED) {
            desk.within(UNTIL_ORDER, Task::Order(site, vec![item]));
        } else {
            let fate = desk.held(site);
            item.end(fate, &mut desk.book);
        }
    }

    /// A parcel is packed for the consumer, or the till reports the sale alone.
    fn order<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>, site: usize, items: Vec<Item>) {
        if site == FULFILMENT && desk.rng.per_mille(IN_PARCEL) {
            let parcel = desk.pack(site, items);
            desk.after(180, Task::SendParcel(parcel.sscc.clone(), parcel.items));
            return;
        }
        let shop = if site == DEALER { DEALER } else { ONLINE };
        let mut report = Report::new(Kind::Seen, "retail_selling", &desk.link(shop))
            .as_("retail_sold")
            .of(items.iter().map(|item| item.id.clone()).collect());
        report.biz_transaction_list.push(self.next_order());
        desk.send(shop, report);
        for item in items {
            Self::sold(desk, shop, item, None);
        }
    }

    fn next_order(&mut self) -> Transaction {
        self.orders += 1;
        Transaction {
            kind: "po",
            biz_transaction: format!("urn:uuid:{}", uuid::Uuid::from_u128(self.orders.into())),
        }
    }

    /// The parcel leaves for the consumer, who opens it and tells nobody.
    fn send_parcel<S: SerialSource>(
        &mut self,
        desk: &mut Desk<Task, S>,
        sscc: &str,
        items: Vec<Item>,
    ) {
        let mut report = Report::new(Kind::Seen, "shipping", &desk.link(ONLINE))
            .as_("retail_sold")
            .of(vec![keys::sscc_link(sscc)]);
        report.biz_transaction_list.push(self.next_order());
        desk.send(ONLINE, report);
        let parcel: Arc<str> = Arc::from(keys::sscc_link(sscc));
        for item in items {
            Self::sold(desk, ONLINE, item, Some(parcel.clone()));
        }
    }

    fn sold<S: SerialSource>(
        desk: &mut Desk<Task, S>,
        shop: usize,
        item: Item,
        inside: Option<Arc<str>>,
    ) {
        let came_back = item.taint.as_ref().is_some_and(|taint| taint.was_returned);
        let die = desk.rng.below(1000);
        if die < RETURNED && !came_back {
            desk.within(UNTIL_RETURN, Task::Return(item));
        } else if die < RETURNED + TO_DEALER && shop != DEALER {
            desk.within(UNTIL_RETURN, Task::Buy(item));
        } else {
            let shop = desk.link(shop);
            item.end(Fate::Sold { shop, inside }, &mut desk.book);
        }
    }

    fn came_back<S: SerialSource>(desk: &mut Desk<Task, S>, site: usize, item: &mut Item) {
        let place = desk.link(site);
        let report = Report::new(Kind::Seen, "receiving", &place)
            .at(&place)
            .as_("returned")
            .of(vec![item.id.clone()]);
        desk.send(site, report);
        item.came_to(&place, desk.now);
        if let Some(taint) = &mut item.taint {
            taint.was_returned = true;
        }
    }

    fn take_back<S: SerialSource>(desk: &mut Desk<Task, S>, mut item: Item) {
        Self::came_back(desk, RETURNS, &mut item);
        let die = desk.rng.below(1000);
        if die < RESOLD {
            desk.within(UNTIL_ORDER, Task::Order(RETURNS, vec![item]));
        } else if die < RESOLD + DESTROYED {
            desk.within((60, 600), Task::Scrap(item));
        } else {
            let fate = desk.held(RETURNS);
            item.end(fate, &mut desk.book);
        }
    }

    fn scrap<S: SerialSource>(desk: &mut Desk<Task, S>, item: Item) {
        let place = desk.link(RETURNS);
        let report = Report::new(Kind::Ended, "destroying", &place)
            .as_("destroyed")
            .of(vec![item.id.clone()]);
        desk.send(RETURNS, report);
        item.end(Fate::Destroyed { place }, &mut desk.book);
    }
}

impl Story for PowerBanks {
    type Task = Task;

    const HABITS: Habits = Habits {
        road: (6 * 60, 48 * 60),
        until_opened: (30, 48 * 60),
        until_sold: (60, 10 * 24 * 60),
        until_returned: (24 * 60, 8 * 24 * 60),
        lost: 15,
        opened: 800,
        sold: 650,
        scrapped: 10,
        returned: 60,
    };

    fn open<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>) {
        self.plan_batch(desk, 0);
        desk.at(self.setting.at(0), Task::Assemble(0));
    }

    fn perform<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>, task: Task) {
        match task {
            Task::CellsMade(batch) => self.cells_made(desk, batch),
            Task::CellsShipped(batch) => self.cells_moved(desk, batch, false),
            Task::CellsReceived(batch) => self.cells_moved(desk, batch, true),
            Task::Assemble(run) => self.assemble(desk, run),
            Task::Bundle(run, banks) => Self::bundle(desk, run, banks),
            Task::Ship(cases) => Self::ship(desk, cases),
            Task::Receive(cases) => Self::receive(desk, cases),
            Task::Order(site, items) => self.order(desk, site, items),
            Task::SendParcel(sscc, items) => self.send_parcel(desk, &sscc, items),
            Task::Return(item) => Self::take_back(desk, item),
            Task::Buy(mut item) => {
                Self::came_back(desk, DEALER, &mut item);
                Self::stock(desk, DEALER, item);
            }
            Task::Scrap(item) => Self::scrap(desk, item),
        }
    }

    fn close<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>) -> (Question, Option<Question>) {
        for lot in std::mem::take(&mut self.cells).into_values() {
            let rest = desk.held(MAKER);
            lot.close(rest, &mut desk.book);
        }
        let named = std::mem::take(&mut self.named);
        let hazard = Some(HAZARD.to_owned());
        let range = SerialRange {
            from: named.first().cloned().unwrap_or_default(),
            to: named.last().cloned().unwrap_or_default(),
        };
        let question = Question {
            ranges: vec![range],
            hazard: hazard.clone(),
            ..Question::default()
        };
        let plain = Question {
            units: named,
            hazard,
            ..Question::default()
        };
        (question, Some(plain))
    }
}
