//! A run is a lot of toys on the spray line.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::epcis::Timestamp;
use crate::scenario::book::Lot;
use crate::scenario::chain::{Birth, Desk, Habits, Setting, Story};
use crate::scenario::keys;
use crate::scenario::question::Question;
use crate::scenario::report::{Kind, Quantity, Report};
use crate::scenario::serials::SerialSource;
use crate::scenario::truth::{Cause, Fate, Uom};

use super::cast::{
    BODY, CAST, FURNITURE, MAKER, MOULDER, OWN_PAINT, PAINT, PAINTER, RECLAIMED, SHOP, SHOPS,
    SPRAY, TOY, WAREHOUSE,
};

/// A paint lot lasts for so many runs, in so many deliveries.
pub(super) const RUNS_A_PAINT: u32 = 4;
pub(super) const DELIVERIES: u32 = 2;
const RUNS_A_DELIVERY: u32 = RUNS_A_PAINT / DELIVERIES;
/// The last run of a paint lot keeps its reclaimed paint for this run of the next one.
const KEEPS: u32 = RUNS_A_PAINT - 1;
const REUSED_AFTER: u32 = 3;
/// The fault comes after this share of all paint lots, in percent.
const FAULT_AFTER_PERCENT: u32 = 35;
/// Paint for a toy; a third of it misses.
const TOY_GRAMS: u64 = 30;
const MISSES: u64 = 3;
/// Of a delivery, so much more is bought than is needed, in per mille.
const SPARE_PER_MILLE: u64 = 100;
const HAZARD: &str = "lead";
const CASE: usize = 10;

/// Minutes before a run.
const PAINT_MADE: u64 = 60 * 60;
const PAINT_SHIPPED: u64 = 40 * 60;
const PAINT_RECEIVED: u64 = 20 * 60;

/// Something to do.
#[derive(Debug, Clone, Copy)]
pub(in crate::scenario) enum Task {
    PaintMade(u32),
    PaintSold(u32),
    PaintShipped(u32, u32),
    PaintReceived(u32, u32),
    Bodies(u32),
    Sprayed(u32),
    Wasted(u32),
}

/// The toy maker and his suppliers.
#[derive(Debug)]
pub(in crate::scenario) struct Toys {
    setting: Setting,
    /// Lots of paint at the supplier, by number.
    paints: BTreeMap<u32, Lot>,
    /// Deliveries at the toy maker, by number of paint lot and delivery.
    own: BTreeMap<(u32, u32), Lot>,
    /// Reclaimed paint, by the run it comes from.
    reclaimed: BTreeMap<u32, Lot>,
}

pub(super) fn supplier_lot(paint: u32) -> String {
    keys::lot_link(&CAST.gtin(PAINT), &supplier_number(paint))
}

fn supplier_number(paint: u32) -> String {
    format!("CH{:04}", paint + 1)
}

pub(super) fn own_lot(paint: u32, delivery: u32) -> String {
    keys::lot_link(&CAST.gtin(OWN_PAINT), &own_number(paint, delivery))
}

fn own_number(paint: u32, delivery: u32) -> String {
    format!("HL{:05}", paint * DELIVERIES + delivery + 1)
}

pub(super) fn toy_lot(run: u32) -> String {
    format!("T{:05}", run + 1)
}

fn body_lot(run: u32) -> String {
    format!("B{:05}", run + 1)
}

fn fault_paint(setting: &Setting) -> u32 {
    (setting.runs / RUNS_A_PAINT * FAULT_AFTER_PERCENT / 100).max(1)
}

impl Toys {
    pub(super) fn new(setting: &Setting) -> Self {
        Self {
            setting: setting.clone(),
            paints: BTreeMap::new(),
            own: BTreeMap::new(),
            reclaimed: BTreeMap::new(),
        }
    }

    fn before(&self, run: u32, minutes: u64) -> Timestamp {
        let early = i64::try_from(minutes).unwrap_or(0) * 60_000_000;
        Timestamp::from_micros(self.setting.at(run).micros() - early)
    }

    /// The paint of a delivery: for its runs, and some to spare.
    fn delivered(&self, paint: u32, delivery: u32) -> u64 {
        let first = paint * RUNS_A_PAINT + delivery * RUNS_A_DELIVERY;
        let runs = (first..first + RUNS_A_DELIVERY).filter(|run| *run < self.setting.runs);
        let toys: u64 = runs.map(|run| u64::from(self.setting.count(run))).sum();
        let needed = toys.max(1) * TOY_GRAMS;
        needed + needed * SPARE_PER_MILLE / 1000
    }

    fn plan_paint<S: SerialSource>(&self, desk: &mut Desk<Task, S>, paint: u32) {
        let first = paint * RUNS_A_PAINT;
        desk.at(self.before(first, PAINT_MADE), Task::PaintMade(paint));
        desk.at(self.before(first, PAINT_RECEIVED), Task::PaintSold(paint));
        for delivery in 0..DELIVERIES {
            let run = first + delivery * RUNS_A_DELIVERY;
            desk.at(
                self.before(run, PAINT_SHIPPED),
                Task::PaintShipped(paint, delivery),
            );
            desk.at(
                self.before(run, PAINT_RECEIVED),
                Task::PaintReceived(paint, delivery),
            );
        }
    }

    fn paint_made<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>, paint: u32) {
        let needed: u64 = (0..DELIVERIES)
            .map(|delivery| self.delivered(paint, delivery))
            .sum();
        // The furniture maker gets half of what the toy maker gets, and as much stays.
        let amount = (Uom::Kilograms, needed * 2);
        let mut lot = desk.commission(PAINTER, PAINT, &supplier_number(paint), amount);
        if paint == fault_paint(&self.setting) {
            lot.spoil(desk.now, Cause::Named);
        }
        self.paints.insert(paint, lot);
        if (paint + 1) * RUNS_A_PAINT < self.setting.runs {
            self.plan_paint(desk, paint + 1);
        }
        // Its last delivery is long gone.
        if let Some(old) = paint
            .checked_sub(2)
            .and_then(|old| self.paints.remove(&old))
        {
            let rest = desk.held(PAINTER);
            old.close(rest, &mut desk.book);
        }
    }

    fn paint_sold<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>, paint: u32) {
        let Some(lot) = self.paints.get_mut(&paint) else {
            return;
        };
        let grams = lot.take(lot.left() / 4);
        lot.ended(desk.held(FURNITURE), grams);
        let link = lot.link.clone();
        desk.ship_lot(PAINTER, FURNITURE, Quantity::grams(&link, grams));
        desk.receive_lot(PAINTER, FURNITURE, Quantity::grams(&link, grams));
    }

    fn paint_shipped<S: SerialSource>(
        &mut self,
        desk: &mut Desk<Task, S>,
        paint: u32,
        delivery: u32,
    ) {
        let grams = self.delivered(paint, delivery);
        let Some(lot) = self.paints.get_mut(&paint) else {
            return;
        };
        let grams = lot.take(grams);
        let own = own_lot(paint, delivery);
        let renamed = Fate::Renamed {
            lot: Arc::from(own.as_str()),
        };
        lot.ended(renamed, grams);
        let mut received = Lot::new(own, Uom::Kilograms, grams);
        if lot.is_affected() {
            received.spoil(desk.now, Cause::Named);
        }
        let link = lot.link.clone();
        self.own.insert((paint, delivery), received);
        desk.ship_lot(PAINTER, MAKER, Quantity::grams(&link, grams));
    }

    /// What arrives is named by the toy maker's own number, and by no other.
    fn paint_received<S: SerialSource>(&self, desk: &mut Desk<Task, S>, paint: u32, delivery: u32) {
        if let Some(lot) = self.own.get(&(paint, delivery)) {
            let amount = Quantity::grams(&lot.link, lot.left());
            desk.receive_lot(PAINTER, MAKER, amount);
        }
    }

    fn bodies<S: SerialSource>(&self, desk: &mut Desk<Task, S>, run: u32) {
        let pieces = u64::from(self.setting.count(run));
        let lot = desk.commission(MOULDER, BODY, &body_lot(run), (Uom::Pieces, pieces));
        desk.ship_lot(MOULDER, MAKER, Quantity::pieces(&lot.link, pieces));
        desk.receive_lot(MOULDER, MAKER, Quantity::pieces(&lot.link, pieces));
        if run + 1 < self.setting.runs {
            self.plan_run(desk, run + 1);
        }
    }

    fn plan_run<S: SerialSource>(&self, desk: &mut Desk<Task, S>, run: u32) {
        desk.at(self.before(run, 120), Task::Bodies(run));
        desk.at(self.setting.at(run), Task::Sprayed(run));
    }

    fn sprayed<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>, run: u32) {
        let (paint, of_paint) = (run / RUNS_A_PAINT, run % RUNS_A_PAINT);
        let toys = self.setting.count(run);
        let pieces = u64::from(toys);
        let name = toy_lot(run);
        let into: Arc<str> = Arc::from(desk.lot_link(TOY, &name));
        let mut report = desk.process(SPRAY, MAKER);
        let mut cause = None;
        let own = self.own.get_mut(&(paint, of_paint / RUNS_A_DELIVERY));
        let again = run
            .checked_sub(REUSED_AFTER)
            .filter(|from| *from % RUNS_A_PAINT == KEEPS);
        let mut reused = again.and_then(|from| self.reclaimed.remove(&from));
        let grams = pieces * TOY_GRAMS;
        for (lot, grams) in [(own, grams), (reused.as_mut(), u64::MAX)] {
            let Some(lot) = lot else { continue };
            cause = cause.or_else(|| lot.passes_on());
            let used = lot.use_up(grams, &into);
            report
                .input_quantity_list
                .push(Quantity::grams(&lot.link, used));
        }
        if let Some(lot) = reused {
            let rest = desk.held(MAKER);
            lot.close(rest, &mut desk.book);
        }
        let body = desk.lot_link(BODY, &body_lot(run));
        report
            .input_quantity_list
            .push(Quantity::pieces(&body, pieces));
        let link = desk.lot_link(RECLAIMED, &format!("R{:05}", run + 1));
        let mut caught = Lot::new(link, Uom::Kilograms, grams.div_ceil(MISSES));
        if let Some(cause) = &cause {
            caught.spoil(desk.now, cause.clone());
        }
        report
            .output_quantity_list
            .push(Quantity::grams(&caught.link, caught.left()));
        let birth = Birth {
            ware: TOY,
            lot: &name,
            line: SPRAY,
            site: MAKER,
        };
        let items = desk.bear(birth, toys as usize, cause.as_ref(), &mut report);
        desk.send(MAKER, report);
        self.reclaimed.insert(run, caught);
        if of_paint != KEEPS {
            desk.within((60, 300), Task::Wasted(run));
        }
        self.close_deliveries(desk, paint);
        for case in desk.pack_all(MAKER, items, CASE) {
            let shop = SHOP + desk.rng.index(SHOPS);
            desk.deliver(MAKER, vec![WAREHOUSE, shop], vec![case], (120, 1_440));
        }
    }

    /// Half of the reclaimed paint is thrown away, the rest stays.
    fn wasted<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>, run: u32) {
        let Some(mut lot) = self.reclaimed.remove(&run) else {
            return;
        };
        let grams = lot.take(lot.left().div_ceil(2));
        let place = desk.link(MAKER);
        let mut report = Report::new(Kind::Ended, "destroying", &place).as_("destroyed");
        report.quantity_list.push(Quantity::grams(&lot.link, grams));
        desk.send(MAKER, report);
        lot.ended(Fate::Destroyed { place }, grams);
        let rest = desk.held(MAKER);
        lot.close(rest, &mut desk.book);
    }

    /// Deliveries of paint lots before this one are no longer drawn from.
    fn close_deliveries<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>, paint: u32) {
        let kept = self.own.split_off(&(paint, 0));
        for lot in std::mem::replace(&mut self.own, kept).into_values() {
            let rest = desk.held(MAKER);
            lot.close(rest, &mut desk.book);
        }
    }
}

impl Story for Toys {
    type Task = Task;

    const HABITS: Habits = Habits {
        road: (6 * 60, 48 * 60),
        until_opened: (30, 48 * 60),
        until_sold: (60, 10 * 24 * 60),
        until_returned: (24 * 60, 8 * 24 * 60),
        lost: 15,
        opened: 800,
        sold: 650,
        scrapped: 15,
        returned: 120,
    };

    fn open<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>) {
        self.plan_paint(desk, 0);
        self.plan_run(desk, 0);
    }

    fn perform<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>, task: Task) {
        match task {
            Task::PaintMade(paint) => self.paint_made(desk, paint),
            Task::PaintSold(paint) => self.paint_sold(desk, paint),
            Task::PaintShipped(paint, delivery) => self.paint_shipped(desk, paint, delivery),
            Task::PaintReceived(paint, delivery) => self.paint_received(desk, paint, delivery),
            Task::Bodies(run) => self.bodies(desk, run),
            Task::Sprayed(run) => self.sprayed(desk, run),
            Task::Wasted(run) => self.wasted(desk, run),
        }
    }

    fn close<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>) -> (Question, Option<Question>) {
        for lot in std::mem::take(&mut self.paints).into_values() {
            let rest = desk.held(PAINTER);
            lot.close(rest, &mut desk.book);
        }
        self.close_deliveries(desk, u32::MAX);
        for lot in std::mem::take(&mut self.reclaimed).into_values() {
            let rest = desk.held(MAKER);
            lot.close(rest, &mut desk.book);
        }
        let paint = fault_paint(&self.setting);
        let named = vec![supplier_lot(paint)];
        let mut all = named.clone();
        all.extend((0..DELIVERIES).map(|delivery| own_lot(paint, delivery)));
        (
            Question::of_lots(named, HAZARD),
            Some(Question::of_lots(all, HAZARD)),
        )
    }
}
