//! A run is a lot that arrives and is sold by the piece.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::scenario::book::Lot;
use crate::scenario::chain::{Desk, Habits, Setting, Story};
use crate::scenario::keys;
use crate::scenario::outbox::later;
use crate::scenario::question::Question;
use crate::scenario::report::{Kind, Quantity, Report, Transaction};
use crate::scenario::serials::SerialSource;
use crate::scenario::truth::{Cause, Fate, Uom};

use super::cast::{BONDED, COURIER, FORWARDER, FORWARDERS, MAKER, ONLINE, SHOP, SHOPS, SUPPLEMENT};

/// The recalled lot comes after this share of all, in percent.
const FAULT_AFTER_PERCENT: u32 = 40;
const HAZARD: &str = "undeclared pharmaceutical";
/// Of a lot, so much is kept for the parcels of the next run, so that lots mix, in percent.
const KEPT_PERCENT: u64 = 15;
/// What is left of a lot stays for good after so many minutes: all its parcels have arrived or are lost.
const CLOSED_AFTER: u64 = 12 * 24 * 60;

const UNTIL_SENT: (u64, u64) = (60, 10 * 60);
const ROAD: (u64, u64) = (6 * 60, 48 * 60);
const UNTIL_DELIVERED: (u64, u64) = (4 * 60, 48 * 60);

/// Shares in per mille of parcels: lost on the way to the courier, not to be delivered, and of these destroyed.
const LOST: u64 = 30;
const UNDELIVERED: u64 = 60;
const DESTROYED: u64 = 400;
/// Of what leaves: parcels for consumers, bulk to forwarders, bulk to shops; the rest are forwarders' parcels.
const TO_CONSUMERS: u64 = 800;
const TO_FORWARDERS: u64 = 80;
const TO_SHOPS: u64 = 80;
/// Shipments to shops of which a piece never arrives, per mille.
const SHORT: u64 = 250;
/// Pieces that shops sell, per mille.
const SHOP_SELLS: u64 = 600;

/// Pieces of lots, by the number of the lot.
type Pieces = Vec<(u32, u64)>;

/// A parcel under way.
#[derive(Debug)]
pub(in crate::scenario) struct Parcel {
    sscc: String,
    pieces: Pieces,
}

/// Something to do.
#[derive(Debug)]
pub(in crate::scenario) enum Task {
    Arrive(u32),
    Send(u32),
    Hand(Parcel),
    AtCourier(Parcel),
    Deliver(Parcel),
    ComesBack(Parcel),
    AtShop(usize, u32, u64),
    Close(u32),
}

/// The bonded warehouse and who it sends to.
#[derive(Debug)]
pub(in crate::scenario) struct Parcels {
    setting: Setting,
    lots: BTreeMap<u32, Lot>,
    orders: u64,
}

fn lot_number(run: u32) -> String {
    format!("SW{:05}", run + 1)
}

impl Parcels {
    pub(super) fn new(setting: &Setting) -> Self {
        Self {
            setting: setting.clone(),
            lots: BTreeMap::new(),
            orders: 0,
        }
    }

    fn fault_run(&self) -> u32 {
        self.setting.runs * FAULT_AFTER_PERCENT / 100
    }

    /// Nobody reported that it was made, nor that it was sent.
    fn arrive<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>, run: u32) {
        let pieces = u64::from(self.setting.count(run));
        let link = desk.lot_link(SUPPLEMENT, &lot_number(run));
        let mut lot = Lot::new(link, Uom::Pieces, pieces);
        if run == self.fault_run() {
            lot.spoil(desk.now, Cause::Named);
        }
        desk.book.unit_count += pieces;
        desk.receive_lot(MAKER, BONDED, Quantity::pieces(&lot.link, pieces));
        self.lots.insert(run, lot);
        desk.after(120, Task::Send(run));
        desk.after(CLOSED_AFTER, Task::Close(run));
        if run + 1 < self.setting.runs {
            desk.at(self.setting.at(run + 1), Task::Arrive(run + 1));
        }
    }

    /// So many pieces ended so.
    fn ended<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>, run: u32, fate: Fate, n: u64) {
        desk.book.fates.add(&fate, n);
        if let Some(lot) = self.lots.get_mut(&run) {
            lot.ended(fate, n);
        }
    }

    fn all_ended<S: SerialSource>(
        &mut self,
        desk: &mut Desk<Task, S>,
        parcel: &Parcel,
        fate: &Fate,
    ) {
        for (run, n) in &parcel.pieces {
            self.ended(desk, *run, fate.clone(), *n);
        }
    }

    /// Takes pieces of a lot from the shelf, as far as it has them.
    fn take(&mut self, run: u32, n: u64, keep: u64) -> u64 {
        self.lots.get_mut(&run).map_or(0, |lot| {
            let free = lot.left().saturating_sub(keep);
            lot.take(n.min(free))
        })
    }

    /// All of the day's lot leaves but what is kept; the first shipments are one of every kind.
    fn send_all<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>, run: u32) {
        let keep = self
            .lots
            .get(&run)
            .map_or(0, |lot| lot.left() * KEPT_PERCENT / 100);
        for nth in 0.. {
            let die = match nth {
                0 => 0,
                1 => TO_CONSUMERS,
                2 => TO_CONSUMERS + TO_FORWARDERS,
                3 => 999,
                _ => desk.rng.below(1000),
            };
            let wanted = desk.rng.between(1, 3);
            let n = self.take(run, wanted, keep);
            if n == 0 {
                return;
            }
            if die < TO_CONSUMERS {
                let parcel = self.fill(desk, run, n);
                desk.within(UNTIL_SENT, Task::Hand(parcel));
            } else if die < TO_CONSUMERS + TO_FORWARDERS {
                self.bulk_to_forwarder(desk, run, n);
            } else if die < TO_CONSUMERS + TO_FORWARDERS + TO_SHOPS {
                let shop = SHOP + desk.rng.index(SHOPS);
                let amount = self.amount(run, n);
                desk.ship_lot(BONDED, shop, amount);
                desk.within(ROAD, Task::AtShop(shop, run, n));
            } else {
                let parcel = self.fill(desk, run, n);
                self.parcel_to_forwarder(desk, &parcel);
            }
        }
    }

    fn amount(&self, run: u32, n: u64) -> Quantity {
        let link = self.lots.get(&run).map_or("", |lot| &*lot.link);
        Quantity::pieces(link, n)
    }

    /// A parcel of a lot's pieces, and one of the lot before while there is any.
    fn fill<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>, run: u32, n: u64) -> Parcel {
        let mut pieces = vec![(run, n)];
        if let Some(before) = run.checked_sub(1) {
            // Half of what was kept stays for good.
            let keep = u64::from(self.setting.count(before)) * KEPT_PERCENT / 200;
            let more = self.take(before, 1, keep);
            if 0 < more {
                pieces.push((before, more));
            }
        }
        let sscc = desk.new_sscc(BONDED, 2);
        let place = desk.link(BONDED);
        let mut report = Report::new(Kind::Packed, "packing", &place)
            .at(&place)
            .as_("in_progress");
        report.parent_id = keys::sscc_link(&sscc);
        report.child_quantity_list = pieces
            .iter()
            .map(|(run, n)| self.amount(*run, *n))
            .collect();
        desk.send(BONDED, report);
        Parcel { sscc, pieces }
    }

    fn lost_fate<S: SerialSource>(desk: &Desk<Task, S>, to: usize, inside: Option<&str>) -> Fate {
        Fate::InTransit {
            from: desk.link(BONDED),
            to: desk.link(to),
            inside: inside.map(|sscc| Arc::from(keys::sscc_link(sscc))),
        }
    }

    fn bulk_to_forwarder<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>, run: u32, n: u64) {
        let to = FORWARDER + desk.rng.index(FORWARDERS);
        let amount = self.amount(run, n);
        desk.ship_lot(BONDED, to, amount);
        let fate = Self::lost_fate(desk, to, None);
        self.ended(desk, run, fate, n);
    }

    fn parcel_to_forwarder<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>, parcel: &Parcel) {
        let to = FORWARDER + desk.rng.index(FORWARDERS);
        let report = desk.shipment(BONDED, to, true);
        let report = report.of(vec![keys::sscc_link(&parcel.sscc)]);
        let at = later(desk.now, 3_600);
        desk.outbox.send(BONDED, at, report);
        let fate = Self::lost_fate(desk, to, Some(&parcel.sscc));
        self.all_ended(desk, parcel, &fate);
    }

    /// The courier takes a parcel; now and then it is never seen again.
    fn hand<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>, parcel: Parcel) {
        let report = desk.shipment(BONDED, COURIER, false);
        desk.send(BONDED, report.of(vec![keys::sscc_link(&parcel.sscc)]));
        if desk.rng.per_mille(LOST) {
            let fate = Self::lost_fate(desk, COURIER, Some(&parcel.sscc));
            self.all_ended(desk, &parcel, &fate);
        } else {
            desk.within(ROAD, Task::AtCourier(parcel));
        }
    }

    fn at_courier<S: SerialSource>(desk: &mut Desk<Task, S>, parcel: Parcel) {
        let report = desk.receipt(BONDED, COURIER);
        let written = desk.written(COURIER, &parcel.sscc);
        desk.send(COURIER, report.of(vec![written]));
        if desk.rng.per_mille(UNDELIVERED) {
            desk.within(UNTIL_DELIVERED, Task::ComesBack(parcel));
        } else {
            desk.within(UNTIL_DELIVERED, Task::Deliver(parcel));
        }
    }

    /// The online shop reports the sale by order and parcel: that is all that is known of the consumer.
    fn deliver<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>, parcel: &Parcel) {
        self.orders += 1;
        let shop = desk.link(ONLINE);
        let mut report = Report::new(Kind::Seen, "retail_selling", &shop)
            .as_("retail_sold")
            .of(vec![keys::sscc_link(&parcel.sscc)]);
        report.biz_transaction_list.push(Transaction {
            kind: "po",
            biz_transaction: format!("urn:uuid:{}", uuid::Uuid::from_u128(self.orders.into())),
        });
        desk.gather(ONLINE, report);
        let inside = Some(Arc::from(keys::sscc_link(&parcel.sscc)));
        self.all_ended(desk, parcel, &Fate::Sold { shop, inside });
    }

    /// Nobody was at home: the parcel is opened in the warehouse, its pieces lie there or are destroyed.
    fn comes_back<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>, parcel: &Parcel) {
        let place = desk.link(BONDED);
        let link = keys::sscc_link(&parcel.sscc);
        let report = Report::new(Kind::Seen, "receiving", &place)
            .at(&place)
            .as_("returned")
            .of(vec![link.clone()]);
        desk.send(BONDED, report);
        let mut report = Report::new(Kind::Unpacked, "unpacking", &place).at(&place);
        report.parent_id = link;
        desk.outbox.send(BONDED, later(desk.now, 3_600), report);
        let fate = if desk.rng.per_mille(DESTROYED) {
            let mut report = Report::new(Kind::Ended, "destroying", &place).as_("destroyed");
            report.quantity_list = parcel
                .pieces
                .iter()
                .map(|(run, n)| self.amount(*run, *n))
                .collect();
            desk.outbox.send(BONDED, later(desk.now, 7_200), report);
            Fate::Destroyed { place }
        } else {
            desk.held(BONDED)
        };
        self.all_ended(desk, parcel, &fate);
    }

    /// A shop receives what was sent, or a piece less.
    fn at_shop<S: SerialSource>(
        &mut self,
        desk: &mut Desk<Task, S>,
        (shop, run, n): (usize, u32, u64),
    ) {
        let missing = u64::from(1 < n && desk.rng.per_mille(SHORT));
        let arrived = n - missing;
        let amount = self.amount(run, arrived);
        desk.receive_lot(BONDED, shop, amount);
        if 0 < missing {
            let fate = Self::lost_fate(desk, shop, None);
            self.ended(desk, run, fate, missing);
        }
        let sold = arrived * SHOP_SELLS / 1000;
        if 0 < sold {
            let place = desk.link(shop);
            let mut report = Report::new(Kind::Seen, "retail_selling", &place).as_("retail_sold");
            report.quantity_list.push(self.amount(run, sold));
            desk.outbox.send(shop, later(desk.now, 36_000), report);
            let fate = Fate::Sold {
                shop: place,
                inside: None,
            };
            self.ended(desk, run, fate, sold);
        }
        let fate = desk.held(shop);
        self.ended(desk, run, fate, arrived - sold);
    }

    fn close_lot<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>, run: u32) {
        let Some(lot) = self.lots.remove(&run) else {
            return;
        };
        let fate = desk.held(BONDED);
        desk.book.fates.add(&fate, lot.left());
        lot.close(fate, &mut desk.book);
    }
}

impl Story for Parcels {
    type Task = Task;

    /// There are no cases of single items.
    const HABITS: Habits = Habits {
        road: (0, 0),
        until_opened: (0, 0),
        until_sold: (0, 0),
        until_returned: (0, 0),
        lost: 0,
        opened: 0,
        sold: 0,
        scrapped: 0,
        returned: 0,
    };

    fn open<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>) {
        desk.at(self.setting.at(0), Task::Arrive(0));
    }

    fn perform<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>, task: Task) {
        match task {
            Task::Arrive(run) => self.arrive(desk, run),
            Task::Send(run) => self.send_all(desk, run),
            Task::Hand(parcel) => self.hand(desk, parcel),
            Task::AtCourier(parcel) => Self::at_courier(desk, parcel),
            Task::Deliver(parcel) => self.deliver(desk, &parcel),
            Task::ComesBack(parcel) => self.comes_back(desk, &parcel),
            Task::AtShop(shop, run, n) => self.at_shop(desk, (shop, run, n)),
            Task::Close(run) => self.close_lot(desk, run),
        }
    }

    fn close<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>) -> (Question, Option<Question>) {
        let link = desk.lot_link(SUPPLEMENT, &lot_number(self.fault_run()));
        let question = Question::of_lots(vec![link], HAZARD);
        (question.clone(), Some(question))
    }
}
