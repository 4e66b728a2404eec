//! What happens in a load: every step, day by day.

use super::map::{HALL, SHOP, WAREHOUSE, WAREHOUSES, line};
use super::{DAYS, Deed, LINES, Load, Step};
use crate::epcis::Timestamp;
use crate::scenario::rng::Rng;

const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3_600 * SECOND;
pub(super) const DAY: i64 = 24 * HOUR;

/// Items that one event makes at most.
const ITEMS_AN_EVENT: usize = 1_000;
const ITEMS_A_CASE: usize = 24;
const CASES_A_PALLET: usize = 40;
/// Pallets on a truck to a warehouse.
const PALLETS_A_TRUCK: usize = 10;
/// Pallets of one delivery to a shop.
const PALLETS_A_DELIVERY: usize = 2;

/// Of a thousand pallets, this many stay in the packing hall …
const STAY_AT_PLANT: u64 = 100;
/// … of those that left, this many stay in the warehouse …
const STAY_IN_WAREHOUSE: u64 = 100;
/// … and of a thousand deliveries, this many have not arrived.
const ON_THE_WAY: u64 = 100;
/// Of a thousand pallets in shops, this many are taken apart …
const TAKEN_APART: u64 = 400;
/// … and of a thousand cases of those, this many are opened, and half of each is sold.
const OPENED: u64 = 600;

/// Purposes of chance: the order of packing does not change what becomes of a pallet.
const SHUFFLE: u64 = 1;
const FATE: u64 = 2;

/// A packed container with what is in it.
struct Packed {
    container: u32,
    units: Vec<u32>,
}

/// Plans every day.
pub(super) fn make(load: &mut Load) {
    let mut chance = Chance {
        shuffle: load.rng(SHUFFLE),
        fate: load.rng(FATE),
    };
    let items = load.item_count() as usize;
    // The cases of a day fill up before the next day's: at most one is short a day.
    let case_bound = items / ITEMS_A_CASE + DAYS as usize;
    let first_pallet = load.item_count() + u32::try_from(case_bound).unwrap_or(u32::MAX);
    let mut next = Next {
        case: load.item_count(),
        pallet: first_pallet,
    };
    for day in 0..DAYS {
        let mut plan = DayPlan {
            load: &mut *load,
            start: 0,
            chance: &mut chance,
        };
        plan.start = plan.load.plan.start.micros() + i64::from(day) * DAY;
        let made = plan.make_items(day);
        let cases = plan.pack(&made, ITEMS_A_CASE, &mut next.case, 15 * HOUR, 5 * HOUR);
        let numbers: Vec<u32> = cases.iter().map(|case| case.container).collect();
        let pallets = plan.pack(&numbers, CASES_A_PALLET, &mut next.pallet, 20 * HOUR, HOUR);
        plan.send_out(&pallets, &cases);
    }
    load.case_count = first_pallet - load.item_count();
    load.pallet_count = next.pallet - first_pallet;
}

struct Next {
    case: u32,
    pallet: u32,
}

struct Chance {
    shuffle: Rng,
    fate: Rng,
}

struct DayPlan<'a> {
    load: &'a mut Load,
    start: i64,
    chance: &'a mut Chance,
}

/// The k-th of n moments spread over a span.
fn moment(from: i64, span: i64, k: usize, n: usize) -> i64 {
    let part = i128::from(span) * k as i128 / n.max(1) as i128;
    from + i64::try_from(part).unwrap_or(span)
}

impl DayPlan<'_> {
    fn step(&mut self, time: i64, deed: Deed, site: usize, units: Vec<u32>) -> &mut Step {
        let index = self.load.steps.len();
        self.load.steps.push(Step {
            time: Timestamp::from_micros(time),
            deed,
            site: number(site),
            from: None,
            container: None,
            units,
        });
        &mut self.load.steps[index]
    }

    /// Both lines make their share; what comes back stands in the order of packing.
    fn make_items(&mut self, day: u32) -> Vec<u32> {
        let mut all = Vec::new();
        for of_line in 0..LINES {
            let made: Vec<u32> = self.load.share(day * LINES + of_line).collect();
            let events = made.len().div_ceil(ITEMS_AN_EVENT);
            for (k, items) in made.chunks(ITEMS_AN_EVENT).enumerate() {
                let time = moment(self.start + 6 * HOUR, 8 * HOUR, k, events) + i64::from(of_line);
                self.step(time, Deed::Make, line(of_line), items.to_vec());
            }
            all.extend(made);
        }
        if self.load.plan.is_shuffled {
            for last in (1..all.len()).rev() {
                let other = self.chance.shuffle.index(last + 1);
                all.swap(last, other);
            }
        }
        all
    }

    /// Fills containers, one after the other.
    fn pack(
        &mut self,
        units: &[u32],
        size: usize,
        next: &mut u32,
        hour: i64,
        span: i64,
    ) -> Vec<Packed> {
        let count = units.len().div_ceil(size);
        let mut packed = Vec::with_capacity(count);
        for (k, units) in units.chunks(size).enumerate() {
            let container = *next;
            *next += 1;
            let time = moment(self.start + hour, span, k, count);
            let step = self.step(time, Deed::Pack, HALL, units.to_vec());
            step.container = Some(container);
            packed.push(Packed {
                container,
                units: units.to_vec(),
            });
        }
        packed
    }

    /// Pallets to warehouses, truck by truck.
    fn send_out(&mut self, pallets: &[Packed], cases: &[Packed]) {
        let leaving: Vec<&Packed> = pallets
            .iter()
            .filter(|_| !self.chance.fate.per_mille(STAY_AT_PLANT))
            .collect();
        let trucks = leaving.len().div_ceil(PALLETS_A_TRUCK);
        for (k, truck) in leaving.chunks(PALLETS_A_TRUCK).enumerate() {
            let warehouse = WAREHOUSE + k % WAREHOUSES;
            let leaves = moment(self.start + 22 * HOUR, HOUR, k, trucks);
            self.carry(truck, HALL, warehouse, leaves, Some(8 * HOUR));
            self.deliver(truck, warehouse, leaves + 14 * HOUR, cases);
        }
    }

    /// A truck's pallets to shops.
    fn deliver(&mut self, truck: &[&Packed], warehouse: usize, from: i64, cases: &[Packed]) {
        let leaving: Vec<&Packed> = truck
            .iter()
            .filter(|_| !self.chance.fate.per_mille(STAY_IN_WAREHOUSE))
            .copied()
            .collect();
        let deliveries = leaving.len().div_ceil(PALLETS_A_DELIVERY);
        for (k, pallets) in leaving.chunks(PALLETS_A_DELIVERY).enumerate() {
            let shop = SHOP + self.chance.fate.index(self.load.sites.len() - SHOP);
            let leaves = moment(from, HOUR, k, deliveries);
            if self.chance.fate.per_mille(ON_THE_WAY) {
                self.carry(pallets, warehouse, shop, leaves, None);
                continue;
            }
            self.carry(pallets, warehouse, shop, leaves, Some(6 * HOUR));
            for pallet in pallets {
                if self.chance.fate.per_mille(TAKEN_APART) {
                    self.take_apart(pallet, shop, leaves + DAY, cases);
                }
            }
        }
    }

    fn carry(
        &mut self,
        pallets: &[&Packed],
        from: usize,
        to: usize,
        leaves: i64,
        takes: Option<i64>,
    ) {
        let units: Vec<u32> = pallets.iter().map(|pallet| pallet.container).collect();
        if let Some(takes) = takes {
            let arrival = self.step(leaves + takes, Deed::Receive, to, units.clone());
            arrival.from = Some(number(from));
        }
        let departure = self.step(leaves, Deed::Ship, to, units);
        departure.from = Some(number(from));
    }

    /// A pallet in a shop: cases off, some opened, half of what is in them sold in the days after.
    fn take_apart(&mut self, pallet: &Packed, shop: usize, from: i64, cases: &[Packed]) {
        self.step(from, Deed::Empty, shop, Vec::new()).container = Some(pallet.container);
        let Some(first) = cases.first().map(|case| case.container) else {
            return;
        };
        for (k, case) in pallet.units.iter().enumerate() {
            if !self.chance.fate.per_mille(OPENED) {
                continue;
            }
            let opened = moment(from + HOUR, 3 * HOUR, k, CASES_A_PALLET);
            self.step(opened, Deed::Empty, shop, Vec::new()).container = Some(*case);
            let Some(case) = cases.get((case - first) as usize) else {
                continue;
            };
            let sold: Vec<u32> = case.units.iter().step_by(2).copied().collect();
            let days = i64::try_from(self.chance.fate.between(1, 5)).unwrap_or(1);
            self.step(opened + days * DAY, Deed::Sell, shop, sold);
        }
    }
}

fn number(site: usize) -> u32 {
    u32::try_from(site).unwrap_or(u32::MAX)
}
