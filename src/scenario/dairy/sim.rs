//! A run is a day's milk in one silo: collected, mixed, drawn to the pasteuriser and the cheese room.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::epcis::Timestamp;
use crate::scenario::book::Lot;
use crate::scenario::chain::{Birth, Desk, Habits, Setting, Story};
use crate::scenario::outbox::later;
use crate::scenario::question::{KillStep, PlaceWindow, Policies, Question, Vessel};
use crate::scenario::report::{Kind, Quantity, Report};
use crate::scenario::serials::SerialSource;
use crate::scenario::truth::{Cause, Fate, Uom};

use super::cast::{
    BAKERY, CARTON, CAST, CHEESE, CHEESE_ROOM, CREAM, DAIRY, DETERGENT, DETERGENT_MAKER, FARM,
    FILLER, PASTEURISED, PASTEURISER, RAW, SHOP, SHOPS, SILO_MILK, SILOS, WAREHOUSE,
};
use super::{LISTERIA, RESIDUE, is_residue};

const FARMS: usize = 3;
/// A silo is cleaned after so many fillings.
const CYCLE: u32 = 3;
/// The fault comes after this share of all cycles, in percent.
const FAULT_AFTER_PERCENT: u32 = 35;
/// Raw milk for a carton, and for a wheel of cheese.
const CARTON_GRAMS: u64 = 260;
const WHEEL_GRAMS: u64 = 5_000;
/// Of the milk that is pasteurised, so much becomes cream, in per mille.
const CREAM_PER_MILLE: u64 = 60;
/// Detergent for a cleaning, and lots of it: one a so many runs.
const DETERGENT_GRAMS: u64 = 4_000;
const RUNS_A_DETERGENT: u32 = 30;
/// The step that empties a silo of what stays behind.
const CLEANING: &str = "https://muyuan.example/steps/cleaning";
const CASE: usize = 12;

/// Minutes from the milking of a run.
const SHIPPED: u64 = 60;
const RECEIVED: u64 = 150;
const INTAKE: u64 = 200;
const FILLED: u64 = 230;
const PASTEURISED_AT: u64 = 300;
const CHEESE_AT: u64 = 330;
const CARTONS_AT: u64 = 360;
const CLEANED: u64 = 420;

/// Something to do in a run.
#[derive(Debug, Clone, Copy)]
pub(in crate::scenario) enum Task {
    Detergent(u32),
    Milked(u32),
    Shipped(u32),
    Received(u32),
    Intake(u32),
    Filled(u32),
    Pasteurised(u32),
    Cheese(u32),
    Cartons(u32),
    CreamArrives(u32),
    Cleaned(u32),
}

/// A day's milk under way.
#[derive(Debug, Default)]
struct Day {
    farms: Vec<Lot>,
    silo: Option<Lot>,
    process: String,
    pasteurised: Option<Lot>,
    cream: Option<Lot>,
}

/// The dairy.
#[derive(Debug)]
pub(in crate::scenario) struct Dairy {
    setting: Setting,
    days: BTreeMap<u32, Day>,
    /// Whether what stayed behind in each silo is affected.
    heels: [bool; 2],
}

/// Cartons and wheels of a run of so many units.
pub(super) const fn shares(units: u32) -> (u32, u32) {
    let wheels = if units < 12 { 1 } else { units / 6 };
    (units - wheels, wheels)
}

pub(super) fn carton_lot(run: u32) -> String {
    format!("K{:05}", run + 1)
}

pub(super) fn cheese_lot(run: u32) -> String {
    format!("Q{:05}", run + 1)
}

fn silo_of(run: u32) -> usize {
    (run % 2) as usize
}

/// The run in which the fault begins: in silo 1, in the middle of a cycle for a farm's milk, at the beginning
/// of one for a cleaning.
fn fault_run(setting: &Setting) -> u32 {
    let cycles = setting.runs / 2 / CYCLE;
    let cycle = (cycles * FAULT_AFTER_PERCENT / 100).max(1);
    let filling = cycle * CYCLE + u32::from(!is_residue(setting));
    filling * 2
}

/// The farm whose milk it is, among those of the silo.
const FAULTY_FARM: usize = 1;

impl Dairy {
    pub(super) fn new(setting: &Setting) -> Self {
        Self {
            setting: setting.clone(),
            days: BTreeMap::new(),
            heels: [false; 2],
        }
    }

    fn time(&self, run: u32, minutes: u64) -> Timestamp {
        later(self.setting.at(run), minutes * 60)
    }

    fn farm_lot(run: u32, farm: usize) -> String {
        format!("R{:05}-{}", run + 1, farm + 1)
    }

    fn farm_site(run: u32, farm: usize) -> usize {
        FARM + silo_of(run) * FARMS + farm
    }

    /// The grams of milk a run needs.
    fn grams(&self, run: u32) -> (u64, u64) {
        let (cartons, wheels) = shares(self.setting.count(run));
        (
            u64::from(cartons) * CARTON_GRAMS,
            u64::from(wheels) * WHEEL_GRAMS,
        )
    }

    fn plan<S: SerialSource>(&self, desk: &mut Desk<Task, S>, run: u32) {
        let tasks = [
            (0, Task::Milked(run)),
            (SHIPPED, Task::Shipped(run)),
            (RECEIVED, Task::Received(run)),
            (INTAKE, Task::Intake(run)),
            (FILLED, Task::Filled(run)),
            (PASTEURISED_AT, Task::Pasteurised(run)),
            (CHEESE_AT, Task::Cheese(run)),
            (CARTONS_AT, Task::Cartons(run)),
        ];
        for (minutes, task) in tasks {
            desk.at(self.time(run, minutes), task);
        }
        if run / 2 % CYCLE == CYCLE - 1 {
            desk.at(self.time(run, CLEANED), Task::Cleaned(run));
        }
    }

    fn milked<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>, run: u32) {
        let (milk, cheese) = self.grams(run);
        let share = (milk + cheese).div_ceil(FARMS as u64);
        let mut day = Day {
            process: desk.outbox.next_id(),
            ..Day::default()
        };
        for farm in 0..FARMS {
            let lot = Self::farm_lot(run, farm);
            let site = Self::farm_site(run, farm);
            let mut lot = desk.commission(site, RAW[silo_of(run)], &lot, (Uom::Kilograms, share));
            let is_faulty = run == fault_run(&self.setting) && farm == FAULTY_FARM;
            if is_faulty && !is_residue(&self.setting) {
                lot.spoil(desk.now, Cause::Named);
            }
            day.farms.push(lot);
        }
        self.days.insert(run, day);
        if run + 1 < self.setting.runs {
            self.plan(desk, run + 1);
        }
    }

    fn moved<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>, run: u32, arrives: bool) {
        let Some(day) = self.days.get(&run) else {
            return;
        };
        for (farm, lot) in day.farms.iter().enumerate() {
            let site = Self::farm_site(run, farm);
            let amount = Quantity::grams(&lot.link, lot.left());
            if arrives {
                desk.receive_lot(site, DAIRY, amount);
            } else {
                desk.ship_lot(site, DAIRY, amount);
            }
        }
    }

    /// Every third filling is reported as one event, the others in pieces that share the process.
    fn in_pieces(run: u32) -> bool {
        !run.is_multiple_of(3)
    }

    fn filling<S: SerialSource>(&self, desk: &Desk<Task, S>, run: u32) -> Report {
        let mut report = desk.process(SILOS[silo_of(run)], DAIRY);
        if let Some(day) = self.days.get(&run).filter(|_| Self::in_pieces(run)) {
            report.transformation_id = Some(day.process.clone());
        }
        report
    }

    /// The milk of the farms runs into the silo.
    fn intake<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>, run: u32) {
        if Self::in_pieces(run) {
            let mut report = self.filling(desk, run);
            report.disposition = "";
            report.input_quantity_list = self.raw_milk(run);
            desk.send(DAIRY, report);
        }
    }

    fn raw_milk(&self, run: u32) -> Vec<Quantity> {
        let day = self.days.get(&run);
        let farms = day.into_iter().flat_map(|day| &day.farms);
        farms
            .map(|lot| Quantity::grams(&lot.link, lot.left()))
            .collect()
    }

    fn filled<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>, run: u32) {
        let mut report = self.filling(desk, run);
        if !Self::in_pieces(run) {
            report.input_quantity_list = self.raw_milk(run);
        }
        let silo = silo_of(run);
        let unrinsed = is_residue(&self.setting) && run == fault_run(&self.setting);
        let Some(day) = self.days.get_mut(&run) else {
            return;
        };
        let total = day.farms.iter().map(Lot::left).sum();
        let link = desk.lot_link(SILO_MILK, &format!("S{}-{:05}", silo + 1, run + 1));
        let mut lot = Lot::new(link, Uom::Kilograms, total);
        let by_farm = day.farms.iter().find_map(Lot::passes_on);
        let by_silo = self.heels[silo].then(|| Cause::FromVessel {
            vessel: desk.link(SILOS[silo]),
        });
        let in_window = unrinsed.then_some(Cause::MadeInWindow);
        if let Some(cause) = in_window.or(by_farm).or(by_silo) {
            lot.spoil(desk.now, cause);
        }
        self.heels[silo] = lot.is_affected();
        for mut farm in day.farms.drain(..) {
            farm.use_up(u64::MAX, &lot.link);
            let rest = desk.held(DAIRY);
            farm.close(rest, &mut desk.book);
        }
        report
            .output_quantity_list
            .push(Quantity::grams(&lot.link, total));
        day.silo = Some(lot);
        desk.send(DAIRY, report);
    }

    fn pasteurised<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>, run: u32) {
        let (milk, _) = self.grams(run);
        let stops = !is_residue(&self.setting);
        let Some(day) = self.days.get_mut(&run) else {
            return;
        };
        let Some(silo) = &mut day.silo else { return };
        let cream = milk * CREAM_PER_MILLE / 1000;
        let name = |what: char| format!("{what}{:05}", run + 1);
        let link = desk.lot_link(PASTEURISED, &name('P'));
        let mut bulk = Lot::new(link, Uom::Kilograms, milk - cream);
        let link = desk.lot_link(CREAM, &name('C'));
        let mut cream = Lot::new(link, Uom::Kilograms, cream);
        if let Some(cause) = silo.passes_on().filter(|_| !stops) {
            bulk.spoil(desk.now, cause.clone());
            cream.spoil(desk.now, cause);
        }
        let mut report = desk.process(PASTEURISER, DAIRY);
        let used = silo.use_up(milk, &bulk.link);
        report
            .input_quantity_list
            .push(Quantity::grams(&silo.link, used));
        for lot in [&bulk, &cream] {
            report
                .output_quantity_list
                .push(Quantity::grams(&lot.link, lot.left()));
        }
        desk.send(DAIRY, report);
        desk.ship_lot(DAIRY, BAKERY, Quantity::grams(&cream.link, cream.left()));
        desk.within((120, 600), Task::CreamArrives(run));
        day.pasteurised = Some(bulk);
        day.cream = Some(cream);
    }

    fn cream_arrives<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>, run: u32) {
        let Some(cream) = self.days.get_mut(&run).and_then(|day| day.cream.take()) else {
            return;
        };
        desk.receive_lot(DAIRY, BAKERY, Quantity::grams(&cream.link, cream.left()));
        let rest = desk.held(BAKERY);
        cream.close(rest, &mut desk.book);
        self.forget(run);
    }

    /// Raw milk becomes cheese, without heat.
    fn cheese<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>, run: u32) {
        let (_, wheels) = shares(self.setting.count(run));
        let taken = self.days.get_mut(&run).and_then(|day| day.silo.take());
        let Some(silo) = taken else { return };
        Self::make(desk, silo, (CHEESE, &cheese_lot(run), CHEESE_ROOM), wheels);
    }

    fn cartons<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>, run: u32) {
        let (cartons, _) = shares(self.setting.count(run));
        let taken = self
            .days
            .get_mut(&run)
            .and_then(|day| day.pasteurised.take());
        let Some(bulk) = taken else { return };
        Self::make(desk, bulk, (CARTON, &carton_lot(run), FILLER), cartons);
        self.forget(run);
    }

    /// All that is left of a bulk lot becomes units, which go to the shops.
    fn make<S: SerialSource>(
        desk: &mut Desk<Task, S>,
        mut bulk: Lot,
        (ware, lot, line): (usize, &str, usize),
        count: u32,
    ) {
        let mut report = desk.process(line, DAIRY);
        let into: Arc<str> = Arc::from(desk.lot_link(ware, lot));
        let used = bulk.use_up(u64::MAX, &into);
        report
            .input_quantity_list
            .push(Quantity::grams(&bulk.link, used));
        let birth = Birth {
            ware,
            lot,
            line,
            site: DAIRY,
        };
        let items = desk.bear(
            birth,
            count as usize,
            bulk.passes_on().as_ref(),
            &mut report,
        );
        desk.send(DAIRY, report);
        let rest = desk.held(DAIRY);
        bulk.close(rest, &mut desk.book);
        for case in desk.pack_all(DAIRY, items, CASE) {
            let shop = SHOP + desk.rng.index(SHOPS);
            // Some cases never leave the dairy.
            let route = if desk.rng.per_mille(60) {
                Vec::new()
            } else {
                vec![WAREHOUSE, shop]
            };
            desk.deliver(DAIRY, route, vec![case], (60, 480));
        }
    }

    fn forget(&mut self, run: u32) {
        let is_done = self.days.get(&run).is_some_and(|day| {
            day.silo.is_none() && day.pasteurised.is_none() && day.cream.is_none()
        });
        if is_done {
            self.days.remove(&run);
        }
    }

    fn detergent_lot(lot: u32) -> String {
        format!("D{:04}", lot + 1)
    }

    fn detergent<S: SerialSource>(&self, desk: &mut Desk<Task, S>, lot: u32) {
        let grams = DETERGENT_GRAMS * u64::from(RUNS_A_DETERGENT);
        let name = Self::detergent_lot(lot);
        let made = desk.commission(DETERGENT_MAKER, DETERGENT, &name, (Uom::Kilograms, grams));
        desk.ship_lot(DETERGENT_MAKER, DAIRY, Quantity::grams(&made.link, grams));
        desk.receive_lot(DETERGENT_MAKER, DAIRY, Quantity::grams(&made.link, grams));
        let next = (lot + 1) * RUNS_A_DETERGENT;
        if next < self.setting.runs {
            desk.at(self.setting.at(next), Task::Detergent(lot + 1));
        }
    }

    /// The silo is cleaned; only the bad cleaning leaves something behind, which the next filling takes up.
    fn cleaned<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>, run: u32) {
        let silo = silo_of(run);
        let lot = desk.lot_link(DETERGENT, &Self::detergent_lot(run / RUNS_A_DETERGENT));
        let mut report =
            Report::new(Kind::Seen, CLEANING, &desk.link(SILOS[silo])).at(&desk.link(DAIRY));
        report
            .quantity_list
            .push(Quantity::grams(&lot, DETERGENT_GRAMS));
        desk.send(DAIRY, report);
        self.heels[silo] = false;
    }

    /// The question: the silo while it was filled for the first time, or the farm's lot.
    fn question(&self) -> Question {
        let run = fault_run(&self.setting);
        if is_residue(&self.setting) {
            let window = PlaceWindow {
                place: CAST.place(SILOS[0]),
                from: self.time(run, INTAKE - 60).to_string(),
                until: self.time(run, FILLED + 60).to_string(),
                guard: Some("10m".to_owned()),
            };
            return Question {
                places: vec![window],
                hazard: Some(RESIDUE.to_owned()),
                ..Question::default()
            };
        }
        let lot =
            crate::scenario::keys::lot_link(&CAST.gtin(RAW[0]), &Self::farm_lot(run, FAULTY_FARM));
        Question::of_lots(vec![lot], LISTERIA)
    }
}

impl Story for Dairy {
    type Task = Task;

    const HABITS: Habits = Habits {
        road: (2 * 60, 20 * 60),
        until_opened: (30, 600),
        until_sold: (30, 3 * 24 * 60),
        until_returned: (600, 2 * 24 * 60),
        lost: 15,
        opened: 850,
        sold: 700,
        scrapped: 30,
        returned: 10,
    };

    fn open<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>) {
        desk.at(self.setting.start, Task::Detergent(0));
        self.plan(desk, 0);
    }

    fn perform<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>, task: Task) {
        match task {
            Task::Detergent(lot) => self.detergent(desk, lot),
            Task::Milked(run) => self.milked(desk, run),
            Task::Shipped(run) => self.moved(desk, run, false),
            Task::Received(run) => self.moved(desk, run, true),
            Task::Intake(run) => self.intake(desk, run),
            Task::Filled(run) => self.filled(desk, run),
            Task::Pasteurised(run) => self.pasteurised(desk, run),
            Task::Cheese(run) => self.cheese(desk, run),
            Task::Cartons(run) => self.cartons(desk, run),
            Task::CreamArrives(run) => self.cream_arrives(desk, run),
            Task::Cleaned(run) => self.cleaned(desk, run),
        }
    }

    fn close<S: SerialSource>(&mut self, desk: &mut Desk<Task, S>) -> (Question, Option<Question>) {
        for day in std::mem::take(&mut self.days).into_values() {
            for lot in [day.silo, day.pasteurised, day.cream].into_iter().flatten() {
                let rest: Fate = desk.held(DAIRY);
                lot.close(rest, &mut desk.book);
            }
        }
        let vessel = |silo: usize| Vessel {
            vessel: CAST.place(silo),
            mixing: "until_cleaned",
        };
        let policies = Policies {
            vessels: SILOS.into_iter().map(vessel).collect(),
            kill_steps: vec![KillStep {
                place: CAST.place(PASTEURISER),
                stops: vec![LISTERIA],
            }],
            ..Policies::default()
        };
        let question = Question {
            policies: Some(policies),
            ..self.question()
        };
        // Without vessels and kill steps another answer is right.
        (question, None)
    }
}
