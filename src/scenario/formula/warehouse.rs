//! Dispatch and the four warehouses: pallets arrive by their number alone, some stay, some go on, some are
//! broken and their cases picked, loose or onto mixed pallets, for the shops.

use crate::scenario::report::{Kind, Report};
use crate::scenario::serials::SerialSource;
use crate::scenario::truth::Fate;

use super::places::{Map, PLANT, SHOPS_A_WAREHOUSE, WAREHOUSE, WAREHOUSES};
use super::sim::{Sim, Task};
use crate::scenario::goods::{Case, Pallet};

/// Minutes on the road and in the yard.
const ROAD_TO_WAREHOUSE: (u64, u64) = (6 * 60, 40 * 60);
const ROAD_TO_SHOP: (u64, u64) = (2 * 60, 20 * 60);
const BEFORE_BREAKING: (u64, u64) = (60, 24 * 60);
const BEFORE_TRANSFER: (u64, u64) = (4 * 60, 24 * 60);
const BEFORE_PICKING: (u64, u64) = (60, 48 * 60);
const LOADING: (u64, u64) = (20, 90);
/// Of a hundred pallets, so many stay as they are, and so many go on to another warehouse.
const STAYS_PERCENT: u64 = 12;
const TRANSFER_PERCENT: u64 = 10;
/// Half of the broken pallets lose only some of their cases.
const PARTLY_PER_MILLE: u64 = 500;
/// Of the loose cases, so many stay in the warehouse.
const LOOSE_STAYS_PER_MILLE: u64 = 200;
/// Cases a shop is sent at once.
const PICK_CASES: (u64, u64) = (3, 6);
/// Half of what is picked goes on a new pallet.
const ON_PALLET_PER_MILLE: u64 = 500;
/// Shipments whose receipt never comes.
const LOST_RECEIPT_PER_MILLE: u64 = 10;

impl<S: SerialSource> Sim<S> {
    /// A lorry takes all pallets that wait for a warehouse.
    pub(super) fn dispatch(&mut self, warehouse: usize) {
        let pallets = std::mem::take(&mut self.dock[warehouse - WAREHOUSE]);
        if pallets.is_empty() {
            return;
        }
        let epcs = pallets
            .iter()
            .map(|pallet| self.map.sites[PLANT].written(&pallet.sscc))
            .collect();
        let dock = self.map.dock.clone();
        let report = self.shipment(PLANT, warehouse, &dock, false).of(epcs);
        self.send(PLANT, report);
        self.within(
            ROAD_TO_WAREHOUSE,
            Task::WarehouseReceives {
                from: PLANT,
                site: warehouse,
                pallets,
            },
        );
    }

    /// Only the pallets are scanned at the gate.
    pub(super) fn warehouse_receives(&mut self, from: usize, site: usize, pallets: Vec<Pallet>) {
        let epcs = pallets
            .iter()
            .map(|pallet| self.map.sites[site].written(&pallet.sscc))
            .collect();
        let report = self.receipt(from, site).of(epcs);
        self.send(site, report);
        let place = self.link(site);
        for mut pallet in pallets {
            pallet.came_to(&place, self.now);
            let die = self.rng.below(100);
            // A pallet goes on once at most.
            let goes_on = from == PLANT && die < STAYS_PERCENT + TRANSFER_PERCENT;
            if die < STAYS_PERCENT {
                self.keep(site, pallet.cases);
            } else if goes_on {
                self.within(BEFORE_TRANSFER, Task::WarehouseTransfers(site, pallet));
            } else {
                self.within(BEFORE_BREAKING, Task::WarehouseBreaks(site, pallet));
            }
        }
    }

    /// Cases stay in a warehouse for good.
    fn keep(&mut self, site: usize, cases: Vec<Case>) {
        let (place, holder) = (self.link(site), self.holder(site));
        for case in cases {
            case.stay(&place, &holder, &mut self.truth);
        }
    }

    pub(super) fn warehouse_transfers(&mut self, site: usize, pallet: Pallet) {
        let other = WAREHOUSE + (site - WAREHOUSE + 1) % WAREHOUSES;
        let place = self.link(site);
        let epcs = vec![self.map.sites[site].written(&pallet.sscc)];
        let report = self.shipment(site, other, &place, false).of(epcs);
        self.send(site, report);
        let task = Task::WarehouseReceives {
            from: site,
            site: other,
            pallets: vec![pallet],
        };
        self.within(ROAD_TO_WAREHOUSE, task);
    }

    /// A pallet is broken: wholly, in one word, or some of its cases are taken off and named.
    pub(super) fn warehouse_breaks(&mut self, site: usize, mut pallet: Pallet) {
        let place = self.link(site);
        let mut report = Report::new(Kind::Unpacked, "unpacking", &place).at(&place);
        report.parent_id = self.map.sites[site].written(&pallet.sscc);
        let partly = self.rng.per_mille(PARTLY_PER_MILLE) && 1 < pallet.cases.len();
        if partly {
            let on_top = pallet.cases.split_off(pallet.cases.len() / 2);
            let stays = std::mem::replace(&mut pallet.cases, on_top);
            self.keep(site, stays);
            for case in &mut pallet.cases {
                case.scanned();
            }
            report.child_epcs = pallet
                .cases
                .iter()
                .map(|case| self.map.sites[site].written(&case.sscc))
                .collect();
        }
        self.send(site, report);
        let mut loose = 0;
        for case in pallet.cases {
            if self.rng.per_mille(LOOSE_STAYS_PER_MILLE) {
                self.keep(site, vec![case]);
            } else {
                self.loose[site - WAREHOUSE].push(case);
                loose += 1;
            }
        }
        for _ in 0..u64::div_ceil(loose, PICK_CASES.0) {
            self.within(BEFORE_PICKING, Task::WarehousePicks(site));
        }
    }

    /// Some loose cases, of whichever pallets, are picked for a shop.
    pub(super) fn warehouse_picks(&mut self, site: usize) {
        let wanted = self.rng.between(PICK_CASES.0, PICK_CASES.1);
        let mut cases = Vec::new();
        for _ in 0..wanted {
            let at = self.rng.index(self.loose[site - WAREHOUSE].len());
            if at < self.loose[site - WAREHOUSE].len() {
                cases.push(self.loose[site - WAREHOUSE].swap_remove(at));
            }
        }
        if cases.is_empty() {
            return;
        }
        let shop = Map::shop_of(site, self.rng.index(SHOPS_A_WAREHOUSE));
        if self.rng.per_mille(ON_PALLET_PER_MILLE) {
            let place = self.link(site);
            let pallet = self.stack(site, cases, &place);
            self.within(LOADING, Task::WarehouseShips { site, shop, pallet });
            return;
        }
        let report = self.shipment(site, shop, &self.link(site), true);
        let report = report.of(cases
            .iter()
            .map(|case| self.map.sites[site].written(&case.sscc))
            .collect());
        self.send(site, report);
        for case in &mut cases {
            case.scanned();
        }
        if self.rng.per_mille(LOST_RECEIPT_PER_MILLE) {
            self.lose(site, shop, cases);
        } else {
            self.within(
                ROAD_TO_SHOP,
                Task::ShopReceivesCases {
                    from: site,
                    shop,
                    cases,
                },
            );
        }
    }

    /// A mixed pallet leaves for a shop.
    pub(super) fn warehouse_ships(&mut self, site: usize, shop: usize, pallet: Pallet) {
        let epcs = vec![self.map.sites[site].written(&pallet.sscc)];
        let report = self.shipment(site, shop, &self.link(site), true).of(epcs);
        self.send(site, report);
        if self.rng.per_mille(LOST_RECEIPT_PER_MILLE) {
            self.lose(site, shop, pallet.cases);
        } else {
            self.within(
                ROAD_TO_SHOP,
                Task::ShopReceivesPallet {
                    from: site,
                    shop,
                    pallet,
                },
            );
        }
    }

    /// Cases leave and never arrive.
    fn lose(&mut self, from: usize, to: usize, cases: Vec<Case>) {
        let (from, to) = (self.link(from), self.link(to));
        for case in cases {
            case.end(&mut self.truth, |inside| Fate::InTransit {
                from: from.clone(),
                to: to.clone(),
                inside: Some(inside),
            });
        }
    }
}
