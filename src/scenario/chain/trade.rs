//! Cases go from site to site, are opened in shops, their items are sold; some come back.

use crate::scenario::goods::{Case, Item};
use crate::scenario::report::{Kind, Report};
use crate::scenario::serials::SerialSource;
use crate::scenario::truth::Fate;

use super::desk::Desk;

/// How shops and consumers behave. Minutes, and shares in per mille.
#[derive(Debug, Clone, Copy)]
pub(in crate::scenario) struct Habits {
    /// On the road.
    pub(in crate::scenario) road: (u64, u64),
    /// Until a case is opened, until an item is sold, until it comes back.
    pub(in crate::scenario) until_opened: (u64, u64),
    pub(in crate::scenario) until_sold: (u64, u64),
    pub(in crate::scenario) until_returned: (u64, u64),
    /// Cases whose receipt never comes.
    pub(in crate::scenario) lost: u64,
    /// Cases that are opened; the others stay in the back room.
    pub(in crate::scenario) opened: u64,
    /// Items that are sold, and that are scrapped; the others stay on the shelf.
    pub(in crate::scenario) sold: u64,
    pub(in crate::scenario) scrapped: u64,
    /// Items that come back, once.
    pub(in crate::scenario) returned: u64,
}

/// Opened cases whose items are named one by one; of the others it is said that all is out.
const NAMED_PER_MILLE: u64 = 330;
/// Of those that came back, so many are sold again and so many destroyed.
const RESOLD_PER_MILLE: u64 = 450;
const DESTROYED_PER_MILLE: u64 = 250;
/// Items in a basket.
const BASKET: usize = 3;

/// Something of the trade.
#[derive(Debug)]
pub(in crate::scenario) enum Deal {
    /// Cases leave a site for the first of the route.
    Ship {
        from: usize,
        route: Vec<usize>,
        cases: Vec<Case>,
    },
    /// Cases arrive at the first of the route.
    Arrive {
        from: usize,
        route: Vec<usize>,
        cases: Vec<Case>,
    },
    Open(usize, Case),
    Sell(usize, Vec<Item>),
    Scrap(usize, Item),
    TakeBack(usize, Item),
}

impl<T, S: SerialSource> Desk<T, S> {
    /// Sends cases over a route of sites, the last of which is a shop.
    pub(in crate::scenario) fn deliver(
        &mut self,
        from: usize,
        route: Vec<usize>,
        cases: Vec<Case>,
        minutes: (u64, u64),
    ) {
        if !cases.is_empty() {
            self.deal(minutes, Deal::Ship { from, route, cases });
        }
    }

    /// Offers items for sale at a site, where they stand open.
    pub(in crate::scenario) fn offer(&mut self, habits: &Habits, shop: usize, items: Vec<Item>) {
        let mut basket = Vec::new();
        for item in items {
            let die = self.rng.below(1000);
            if die < habits.scrapped {
                self.deal(habits.until_sold, Deal::Scrap(shop, item));
            } else if die < habits.scrapped + habits.sold {
                basket.push(item);
                if BASKET <= basket.len() {
                    let full = std::mem::take(&mut basket);
                    self.deal(habits.until_sold, Deal::Sell(shop, full));
                }
            } else {
                let fate = self.held(shop);
                item.end(fate, &mut self.book);
            }
        }
        if !basket.is_empty() {
            self.deal(habits.until_sold, Deal::Sell(shop, basket));
        }
    }

    pub(super) fn trade(&mut self, habits: &Habits, deal: Deal) {
        match deal {
            Deal::Ship { from, route, cases } => self.ship(habits, from, route, cases),
            Deal::Arrive { from, route, cases } => self.arrive(habits, from, route, cases),
            Deal::Open(shop, case) => self.open(habits, shop, case),
            Deal::Sell(shop, items) => self.sell(habits, shop, items),
            Deal::Scrap(shop, item) => self.scrap(shop, item),
            Deal::TakeBack(shop, item) => self.take_back(habits, shop, item),
        }
    }

    fn ship(&mut self, habits: &Habits, from: usize, route: Vec<usize>, cases: Vec<Case>) {
        let Some(&to) = route.first() else {
            let (place, holder) = (self.link(from), self.holder(from));
            for case in cases {
                case.stay(&place, &holder, &mut self.book);
            }
            return;
        };
        let is_last = route.len() == 1;
        let epcs = cases.iter().map(|case| self.written(from, &case.sscc));
        let epcs = epcs.collect();
        let report = self.shipment(from, to, is_last).of(epcs);
        self.send(from, report);
        if is_last && self.rng.per_mille(habits.lost) {
            let (from, to) = (self.link(from), self.link(to));
            for case in cases {
                case.end(&mut self.book, |inside| Fate::InTransit {
                    from: from.clone(),
                    to: to.clone(),
                    inside: Some(inside),
                });
            }
            return;
        }
        self.deal(habits.road, Deal::Arrive { from, route, cases });
    }

    fn arrive(
        &mut self,
        habits: &Habits,
        from: usize,
        mut route: Vec<usize>,
        mut cases: Vec<Case>,
    ) {
        let at = route.remove(0);
        let epcs = cases.iter().map(|case| self.written(at, &case.sscc));
        let epcs = epcs.collect();
        let report = self.receipt(from, at).of(epcs);
        self.send(at, report);
        let (place, holder) = (self.link(at), self.holder(at));
        for case in &mut cases {
            case.came_to(&place, self.now, None);
        }
        if !route.is_empty() {
            let from = at;
            self.deal(habits.road, Deal::Ship { from, route, cases });
            return;
        }
        for case in cases {
            if self.rng.per_mille(habits.opened) {
                self.deal(habits.until_opened, Deal::Open(at, case));
            } else {
                case.stay(&place, &holder, &mut self.book);
            }
        }
    }

    fn open(&mut self, habits: &Habits, shop: usize, case: Case) {
        let place = self.link(shop);
        let mut report = Report::new(Kind::Unpacked, "unpacking", &place)
            .at(&place)
            .as_("sellable_accessible");
        report.parent_id = self.written(shop, &case.sscc);
        let items = case.open();
        if self.rng.per_mille(NAMED_PER_MILLE) {
            report.child_epcs = items.iter().map(|item| item.id.clone()).collect();
        }
        self.send(shop, report);
        self.offer(habits, shop, items);
    }

    fn sell(&mut self, habits: &Habits, shop: usize, items: Vec<Item>) {
        let place = self.link(shop);
        let epcs = items.iter().map(|item| item.id.clone()).collect();
        let report = Report::new(Kind::Seen, "retail_selling", &place)
            .as_("retail_sold")
            .of(epcs);
        self.gather(shop, report);
        for item in items {
            let came_back = item.taint.as_ref().is_some_and(|taint| taint.was_returned);
            if self.rng.per_mille(habits.returned) && !came_back {
                self.deal(habits.until_returned, Deal::TakeBack(shop, item));
            } else {
                let fate = Fate::Sold {
                    shop: place.clone(),
                    inside: None,
                };
                item.end(fate, &mut self.book);
            }
        }
    }

    fn scrap(&mut self, shop: usize, item: Item) {
        let place = self.link(shop);
        let report = Report::new(Kind::Ended, "destroying", &place).as_("destroyed");
        self.send(shop, report.of(vec![item.id.clone()]));
        item.end(Fate::Destroyed { place }, &mut self.book);
    }

    fn take_back(&mut self, habits: &Habits, shop: usize, mut item: Item) {
        let place = self.link(shop);
        let report = Report::new(Kind::Seen, "receiving", &place)
            .at(&place)
            .as_("returned");
        self.send(shop, report.of(vec![item.id.clone()]));
        item.came_to(&place, self.now);
        if let Some(taint) = &mut item.taint {
            taint.was_returned = true;
        }
        let die = self.rng.below(1000);
        if die < RESOLD_PER_MILLE {
            self.deal(habits.until_sold, Deal::Sell(shop, vec![item]));
        } else if die < RESOLD_PER_MILLE + DESTROYED_PER_MILLE {
            self.deal(habits.until_sold, Deal::Scrap(shop, item));
        } else {
            let fate = self.held(shop);
            item.end(fate, &mut self.book);
        }
    }
}
