//! The sixty shops: they receive by case or pallet, open cases, sell tins, take some back, scrap a few.

use crate::scenario::report::{Kind, Report};
use crate::scenario::serials::SerialSource;
use crate::scenario::truth::Fate;

use super::places::Map;
use super::sim::{Sim, Task};
use crate::scenario::goods::{Case, Item, Pallet};

const BEFORE_BREAKING: (u64, u64) = (30, 180);
const BEFORE_OPENING: (u64, u64) = (30, 48 * 60);
const BEFORE_SALE: (u64, u64) = (30, 4 * 24 * 60);
const BEFORE_SCRAP: (u64, u64) = (30, 24 * 60);
const BEFORE_RETURN: (u64, u64) = (24 * 60, 5 * 24 * 60);
/// Cases that are opened; the others stay in the back room.
const OPENED_PER_MILLE: u64 = 800;
/// Opened cases whose tins are named one by one; of the others it is said that all is out.
const NAMED_PER_MILLE: u64 = 330;
/// Tins scrapped, and tins sold; the others stay on the shelf.
const SCRAPPED_PER_MILLE: u64 = 15;
const SOLD_PER_MILLE: u64 = 650;
/// Tins in a basket at the till.
const BASKET: (u64, u64) = (1, 4);
/// Tins that come back, once, a third of them to another shop of the chain.
const RETURNED_PER_MILLE: u64 = 35;
const ELSEWHERE_PER_MILLE: u64 = 330;
/// Of those that came back, so many are sold again and so many destroyed.
const RESOLD_PERCENT: u64 = 40;
const DESTROYED_PERCENT: u64 = 25;

impl<S: SerialSource> Sim<S> {
    /// Every case is scanned at the back door.
    pub(super) fn shop_receives_cases(&mut self, from: usize, shop: usize, mut cases: Vec<Case>) {
        let epcs = cases
            .iter()
            .map(|case| self.map.sites[shop].written(&case.sscc))
            .collect();
        let report = self.receipt(from, shop).of(epcs);
        self.send(shop, report);
        let place = self.link(shop);
        for case in &mut cases {
            case.scanned();
            case.came_to(&place, self.now, None);
        }
        self.put_away(shop, cases);
    }

    /// Only the pallet is scanned.
    pub(super) fn shop_receives_pallet(&mut self, from: usize, shop: usize, mut pallet: Pallet) {
        let report = self
            .receipt(from, shop)
            .of(vec![self.map.sites[shop].written(&pallet.sscc)]);
        self.send(shop, report);
        let place = self.link(shop);
        pallet.came_to(&place, self.now);
        self.within(BEFORE_BREAKING, Task::ShopBreaks(shop, pallet));
    }

    /// All cases leave the pallet; nobody says which.
    pub(super) fn shop_breaks(&mut self, shop: usize, pallet: Pallet) {
        let place = self.link(shop);
        let mut report = Report::new(Kind::Unpacked, "unpacking", &place).at(&place);
        report.parent_id = self.map.sites[shop].written(&pallet.sscc);
        self.send(shop, report);
        self.put_away(shop, pallet.cases);
    }

    fn put_away(&mut self, shop: usize, cases: Vec<Case>) {
        let (place, holder) = (self.link(shop), self.holder(shop));
        for case in cases {
            if self.rng.per_mille(OPENED_PER_MILLE) {
                self.within(BEFORE_OPENING, Task::ShopOpens(shop, case));
            } else {
                case.stay(&place, &holder, &mut self.truth);
            }
        }
    }

    pub(super) fn shop_opens(&mut self, shop: usize, mut case: Case) {
        let place = self.link(shop);
        let mut report = Report::new(Kind::Unpacked, "unpacking", &place)
            .at(&place)
            .as_("sellable_accessible");
        report.parent_id = self.map.sites[shop].written(&case.sscc);
        case.scanned();
        let mut tins = case.open();
        if self.rng.per_mille(NAMED_PER_MILLE) {
            report.child_epcs = tins.iter().map(|tin| tin.id.clone()).collect();
            tins.iter_mut().for_each(Item::scanned);
        }
        self.send(shop, report);
        let mut basket = Vec::new();
        let mut basket_size = self.rng.between(BASKET.0, BASKET.1);
        for tin in tins {
            let die = self.rng.below(1000);
            if die < SCRAPPED_PER_MILLE {
                self.within(BEFORE_SCRAP, Task::ShopScraps(shop, tin));
            } else if die < SCRAPPED_PER_MILLE + SOLD_PER_MILLE {
                basket.push(tin);
                if basket_size <= basket.len() as u64 {
                    self.within(
                        BEFORE_SALE,
                        Task::ShopSells(shop, std::mem::take(&mut basket)),
                    );
                    basket_size = self.rng.between(BASKET.0, BASKET.1);
                }
            } else {
                self.shelve(shop, tin);
            }
        }
        if !basket.is_empty() {
            self.within(BEFORE_SALE, Task::ShopSells(shop, basket));
        }
    }

    /// A tin stays in the shop for good.
    fn shelve(&mut self, shop: usize, tin: Item) {
        let fate = Fate::Held {
            place: self.link(shop),
            holder: self.holder(shop),
            inside: None,
        };
        tin.end(fate, &mut self.truth);
    }

    /// The till reports several sales in a document.
    pub(super) fn shop_sells(&mut self, shop: usize, tins: Vec<Item>) {
        let place = self.link(shop);
        let epcs = tins.iter().map(|tin| tin.id.clone()).collect();
        let report = Report::new(Kind::Seen, "retail_selling", &place)
            .as_("retail_sold")
            .of(epcs);
        self.gather(shop, self.now, report);
        for mut tin in tins {
            tin.scanned();
            let returned_before = tin.taint.as_ref().is_some_and(|taint| taint.was_returned);
            if self.rng.per_mille(RETURNED_PER_MILLE) && !returned_before {
                let elsewhere = self.rng.per_mille(ELSEWHERE_PER_MILLE);
                let to = if elsewhere {
                    Map::sister_shop(shop)
                } else {
                    shop
                };
                self.within(BEFORE_RETURN, Task::ShopTakesBack(to, tin));
            } else {
                tin.end(
                    Fate::Sold {
                        shop: place.clone(),
                        inside: None,
                    },
                    &mut self.truth,
                );
            }
        }
    }

    pub(super) fn shop_scraps(&mut self, shop: usize, mut tin: Item) {
        let place = self.link(shop);
        let report = Report::new(Kind::Ended, "destroying", &place).as_("destroyed");
        self.send(shop, report.of(vec![tin.id.clone()]));
        tin.scanned();
        tin.end(Fate::Destroyed { place }, &mut self.truth);
    }

    pub(super) fn shop_takes_back(&mut self, shop: usize, mut tin: Item) {
        let place = self.link(shop);
        let report = Report::new(Kind::Seen, "receiving", &place)
            .at(&place)
            .as_("returned");
        self.send(shop, report.of(vec![tin.id.clone()]));
        tin.scanned();
        tin.came_to(&place, self.now);
        if let Some(taint) = &mut tin.taint {
            taint.was_returned = true;
        }
        let die = self.rng.below(100);
        if die < RESOLD_PERCENT {
            self.within(BEFORE_SALE, Task::ShopSells(shop, vec![tin]));
        } else if die < RESOLD_PERCENT + DESTROYED_PERCENT {
            self.within(BEFORE_SCRAP, Task::ShopScraps(shop, tin));
        } else {
            self.shelve(shop, tin);
        }
    }
}
