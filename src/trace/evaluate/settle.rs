//! What is missing at one place and left over at another is one movement that nobody recorded. The book
//! that settles books such movements as soon as something is missing; a record of one that comes later,
//! by its time, is that movement's and moves nothing more.
//!
//! Whoever it was taken from may still have it all, if it came from elsewhere after all; where several
//! could have given it, each may have less. Both are kept, so that the bounds of every part hold.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::codes::Block;
use crate::epcis::Timestamp;
use crate::trace::{EventKey, LotMove, LotRole};

use super::amount::{Amount, Bounds};
use super::book::{Book, key};
use super::lots::{Account, Gap, GapKind};

/// A movement that is not recorded in full.
#[derive(Debug, Clone)]
struct Movement {
    /// Where it came from, if that can be told.
    from: Option<Account>,
    to: Account,
    /// How much of it is booked.
    amount: Amount,
    /// How much it can have been.
    bounds: Bounds,
    shipped: bool,
    received: bool,
    /// What was missing was used up, sold or destroyed: it cannot come back.
    is_spent: bool,
    since: Timestamp,
    event: Option<EventKey>,
}

/// What a settling book assumes.
#[derive(Debug, Clone, Default)]
pub(super) struct Assumed {
    movements: Vec<Movement>,
    /// What may still be in an account though it is booked out of it.
    more: BTreeMap<Account, Amount>,
    /// What may have gone out of an account though it is booked out of another.
    less: BTreeMap<Account, Amount>,
}

impl Assumed {
    fn relieve(&mut self, account: Option<Account>, amount: Amount) {
        if let Some(more) = account.and_then(|account| self.more.get_mut(&account)) {
            *more = more.minus(amount).max(Amount::ZERO);
        }
    }

    /// Marks up to `rest` of the movements that fit; what of `rest` they do not cover comes back.
    fn mark(
        &mut self,
        mut rest: Amount,
        fits: impl Fn(&Movement) -> bool,
        mark: impl Fn(&mut Movement),
    ) -> Amount {
        let mut marked = Vec::new();
        for movement in &mut self.movements {
            let part = movement.amount.min(rest);
            if part.is_positive() && fits(movement) {
                let mut of_it = movement.part(part);
                *movement = movement.without(part);
                mark(&mut of_it);
                rest = rest.minus(part);
                marked.push(of_it);
            }
        }
        for of_it in marked {
            self.relieve(of_it.from, of_it.amount);
            self.drop_alternatives(&of_it);
            if !(of_it.shipped && of_it.received) {
                self.movements.push(of_it);
            }
        }
        self.movements
            .retain(|movement| movement.bounds.hi.is_positive());
        rest
    }

    /// What a movement turned out to be is not what others can have been.
    fn drop_alternatives(&mut self, known: &Movement) {
        for other in &mut self.movements {
            let alike =
                (other.since, other.event, other.to) == (known.since, known.event, known.to);
            if alike && other.amount == Amount::ZERO {
                let gone = other.bounds.hi.min(known.amount);
                *other = other.without(gone);
                if let Some(less) = other.from.and_then(|from| self.less.get_mut(&from)) {
                    *less = less.minus(gone).max(Amount::ZERO);
                }
            }
        }
    }
}

impl Movement {
    fn part(&self, amount: Amount) -> Self {
        Self {
            amount,
            bounds: Bounds::exact(amount),
            ..self.clone()
        }
    }

    fn without(&self, amount: Amount) -> Self {
        let less = |bound: Amount| bound.minus(amount).max(Amount::ZERO);
        Self {
            amount: less(self.amount),
            bounds: Bounds {
                lo: less(self.bounds.lo),
                hi: less(self.bounds.hi),
            },
            ..self.clone()
        }
    }

    const fn kind(&self) -> GapKind {
        match (self.shipped, self.received) {
            (true, _) => GapKind::NotReceived,
            (false, true) => GapKind::NotShipped,
            (false, false) => GapKind::NotRecorded,
        }
    }
}

/// How likely an account is where something missing came from: the lowest first.
fn turn(source: &Account, to: Option<Block>) -> u8 {
    match source {
        Account::InTransit { to: known, .. } if known.is_some() && *known == to => 0,
        Account::InTransit { to: None, .. } => 1,
        Account::InTransit { .. } => 3,
        _ => 2,
    }
}

impl Book {
    /// Takes what is missing in an account out of what is left over in others. What nobody has came in from
    /// nobody says where.
    pub(super) fn fetch(&mut self, to: Account, missing: Amount, lot_move: &LotMove) {
        let at = (lot_move.t_lo, Some(key(lot_move)));
        let rest = self.find(to, missing, false, at);
        let Some(assumed) = self.assumed.as_mut().filter(|_| rest.is_positive()) else {
            return;
        };
        assumed.movements.push(Movement {
            from: None,
            to,
            amount: rest,
            bounds: Bounds::exact(rest),
            shipped: false,
            received: false,
            is_spent: matches!(
                lot_move.role,
                LotRole::Used | LotRole::Sold | LotRole::Destroyed
            ),
            since: at.0,
            event: at.1,
        });
        self.book(Account::Unrecorded(to.place()), to, rest);
    }

    /// What is made was missing before, if anything was: the clocks differ. What is left of it comes back.
    pub(super) fn note_made(&mut self, to: Account, amount: Amount) -> Amount {
        let mut rest = amount;
        for here in [true, false] {
            let Some(assumed) = &mut self.assumed else {
                return rest;
            };
            let mut met = Vec::new();
            for movement in &mut assumed.movements {
                let open = movement.from.is_none() && !movement.received;
                let part = movement.amount.min(rest);
                let is_here = movement.to.place() == to.place();
                if open && is_here == here && part.is_positive() {
                    rest = rest.minus(part);
                    met.push(movement.part(part));
                    *movement = movement.without(part);
                }
            }
            assumed
                .movements
                .retain(|movement| movement.bounds.hi.is_positive());
            for movement in met {
                let entered = Account::Unrecorded(movement.to.place());
                self.book(Account::Made, entered, movement.amount);
                if let Some(assumed) = self.assumed.as_mut().filter(|_| !here) {
                    let more = assumed.more.entry(to).or_default();
                    *more = more.plus(movement.amount);
                    self.accounts.entry(to).or_default();
                    assumed.movements.push(Movement {
                        from: Some(to),
                        ..movement
                    });
                }
            }
        }
        rest
    }

    /// What arrives was missing here before and used up, if anything was: so much of it is accounted for.
    pub(super) fn pay(&mut self, from: Account, to: Account, amount: Amount) -> Amount {
        let Some(assumed) = &mut self.assumed else {
            return amount;
        };
        let mut rest = amount;
        for movement in &mut assumed.movements {
            let open = movement.from.is_none() && !movement.received && movement.is_spent;
            let part = movement.amount.min(rest);
            if open && movement.to.place() == to.place() && part.is_positive() {
                rest = rest.minus(part);
                *movement = movement.without(part);
            }
        }
        assumed
            .movements
            .retain(|movement| movement.bounds.hi.is_positive());
        self.book(from, Account::Unrecorded(to.place()), amount.minus(rest));
        rest
    }

    /// What arrives and was not shipped left where there is stock of what was made; what nobody can have
    /// had comes back.
    pub(super) fn appear(&mut self, to: Account, amount: Amount, lot_move: &LotMove) -> Amount {
        let at = (lot_move.t_lo, Some(key(lot_move)));
        let mut rest = amount;
        if self.held(Account::Made).is_negative() {
            rest = self.find(to, amount, true, at);
        }
        if let Some(assumed) = &mut self.assumed {
            let here = |movement: &Movement| {
                movement.to.place() == to.place() && !movement.received && !movement.shipped
            };
            rest = assumed.mark(rest, here, |movement| movement.received = true);
        }
        self.enter(to, rest, at)
    }

    fn enter(&mut self, to: Account, amount: Amount, (since, event): At) -> Amount {
        if let Some(assumed) = self.assumed.as_mut().filter(|_| amount.is_positive()) {
            assumed.movements.push(Movement {
                from: None,
                to,
                amount,
                bounds: Bounds::exact(amount),
                shipped: false,
                received: true,
                is_spent: false,
                since,
                event,
            });
        }
        amount
    }

    /// What arrives from a place that it says it left, and that did not ship it.
    pub(super) fn arrive(
        &mut self,
        from: Account,
        to: Account,
        amount: Amount,
        lot_move: &LotMove,
    ) {
        let at = (lot_move.t_lo, Some(key(lot_move)));
        let missing = amount.minus(self.held(from).max(Amount::ZERO));
        let mut rest = amount;
        if let Some(assumed) = self.assumed.as_mut().filter(|_| missing.is_positive()) {
            let known = |movement: &Movement| {
                let same = movement.from.and_then(|known| known.place()) == from.place();
                same && movement.to.place() == to.place() && !movement.received
            };
            let left = assumed.mark(missing, known, |movement| movement.received = true);
            rest = rest.minus(missing.minus(left));
        }
        let missing = rest.minus(self.held(from).max(Amount::ZERO));
        if missing.is_positive() {
            self.fetch(from, missing, lot_move);
        }
        self.book(from, to, rest);
        if let Some(assumed) = self.assumed.as_mut().filter(|_| rest.is_positive()) {
            assumed.movements.push(Movement {
                from: Some(from),
                to,
                amount: rest,
                bounds: Bounds::exact(rest),
                shipped: false,
                received: true,
                is_spent: false,
                since: at.0,
                event: at.1,
            });
        }
    }

    /// A shipment of what is not there any more is the late record of a movement that was assumed.
    pub(super) fn note_shipped(&mut self, lot_move: &LotMove, amount: Amount) -> Amount {
        let Some(assumed) = &mut self.assumed else {
            return amount;
        };
        let fits = |movement: &Movement| {
            let from = movement.from.and_then(|from| from.place());
            let to = lot_move.to_place;
            let from_fits = movement.from.is_some() && from == lot_move.from_place;
            !movement.shipped && from_fits && (to.is_none() || to == movement.to.place())
        };
        assumed.mark(amount, fits, |movement| movement.shipped = true)
    }

    /// What is received of a movement that was assumed and has been shipped by now.
    pub(super) fn note_received(&mut self, lot_move: &LotMove, amount: Amount) -> Amount {
        let Some(assumed) = &mut self.assumed else {
            return amount;
        };
        let fits = |movement: &Movement| {
            let from = movement.from.and_then(|from| from.place());
            let from_fits = lot_move.from_place.is_none() || from == lot_move.from_place;
            let open = movement.shipped && !movement.received;
            open && from_fits && movement.to.place() == lot_move.to_place
        };
        assumed.mark(amount, fits, |movement| movement.received = true)
    }

    /// Books what is missing in an account out of what is left over in others, the likeliest first; what
    /// nobody has comes back. `arrives`: it arrived, and only what was made can have.
    fn find(&mut self, to: Account, missing: Amount, arrives: bool, (since, event): At) -> Amount {
        let mut rest = missing;
        if self.assumed.is_none() {
            return rest;
        }
        for tier in 0..=3 {
            let mut sources: Vec<(Amount, Account)> = self
                .accounts
                .iter()
                .filter(|(account, held)| {
                    self.can_give(account, to, arrives)
                        && held.is_positive()
                        && turn(account, to.place()) == tier
                })
                .map(|(account, held)| (*held, *account))
                .collect();
            sources.sort_by_key(|(held, account)| (Reverse(*held), *account));
            let whole = sources
                .iter()
                .fold(Amount::ZERO, |sum, (held, _)| sum.plus(*held));
            let wanted = rest.min(whole);
            for (held, source) in sources {
                if !wanted.is_positive() {
                    break;
                }
                let part = held.min(rest);
                let bounds = Bounds {
                    lo: wanted.minus(whole.minus(held)).max(Amount::ZERO),
                    hi: wanted.min(held),
                };
                self.book(source, to, part);
                rest = rest.minus(part);
                let Some(assumed) = &mut self.assumed else {
                    break;
                };
                let more = assumed.more.entry(source).or_default();
                *more = more.plus(part);
                let less = assumed.less.entry(source).or_default();
                *less = less.plus(bounds.hi.minus(part));
                let shipped = matches!(source, Account::InTransit { .. });
                // Shipped to one place and received at another, or never really gone: nothing is missing.
                let is_recorded = shipped && (arrives || source.place() == to.place());
                if !is_recorded {
                    assumed.movements.push(Movement {
                        from: Some(source.end()),
                        to,
                        amount: part,
                        bounds,
                        shipped,
                        received: arrives,
                        is_spent: false,
                        since,
                        event,
                    });
                }
            }
        }
        rest
    }

    fn can_give(&self, source: &Account, to: Account, arrives: bool) -> bool {
        let elsewhere = source.place() != to.place() || matches!(to, Account::Inside(_));
        match source {
            Account::Stock { place, .. } => {
                elsewhere && *source != to && !(arrives && self.entered.contains(place))
            }
            Account::Inside(_) => *source != to,
            Account::InTransit { .. } => true,
            Account::Made
            | Account::Used
            | Account::Sold
            | Account::Destroyed
            | Account::Unrecorded(_)
            | Account::Singly(_)
            | Account::SinglyEnded => false,
        }
    }

    /// Ends the settling: what is known of each part, and the gaps.
    pub(super) fn settle(mut self) -> (BTreeMap<Account, Bounds>, Vec<Gap>, Amount) {
        self.meet_late_shipments();
        let mut gaps = Gaps::default();
        let assumed = self.assumed.take().unwrap_or_default();
        for movement in &assumed.movements {
            gaps.add(
                (movement.kind(), movement.from, Some(movement.to.end())),
                movement.bounds,
                movement.since,
                movement.event,
            );
        }
        let none = Amount::ZERO;
        let of = |of: &BTreeMap<Account, Amount>, account| of.get(account).copied().unwrap_or(none);
        let total = self
            .accounts
            .iter()
            .filter(|(account, held)| account.is_part() && held.is_positive())
            .fold(none, |sum, (_, held)| sum.plus(*held));
        let mut parts = BTreeMap::new();
        for account in self.accounts.keys().filter(|account| account.is_part()) {
            let held = self.held(*account).max(none);
            let bounds = Bounds {
                lo: held.minus(of(&assumed.less, account)).max(none),
                hi: held.plus(of(&assumed.more, account)).min(total),
            };
            if bounds.hi.is_positive() {
                parts.insert(*account, bounds);
            }
            if let (Account::InTransit { from, to }, true) = (account, held.is_positive()) {
                let stock = |place| Account::Stock { place, party: None };
                let ends = (from.map(|_| stock(*from)), to.map(|_| stock(*to)));
                let shipped = self.shipments.get(account).map_or(&[][..], Vec::as_slice);
                let first = shipped.first().copied();
                let since = first.map_or(Timestamp::from_micros(i64::MIN), |(time, _)| time);
                let bounds = Bounds {
                    lo: bounds.lo,
                    hi: held,
                };
                gaps.add((GapKind::NotReceived, ends.0, ends.1), bounds, since, None);
                gaps.tell((GapKind::NotReceived, ends.0, ends.1), shipped);
            }
        }
        (parts, gaps.list(), total)
    }

    /// What arrived before it left, by the clocks, is one movement.
    fn meet_late_shipments(&mut self) {
        let transit: Vec<Account> = self
            .accounts
            .iter()
            .filter(|(account, held)| {
                matches!(account, Account::InTransit { .. }) && held.is_positive()
            })
            .map(|(account, _)| *account)
            .collect();
        for account in transit {
            let Account::InTransit { from, to } = account else {
                continue;
            };
            let held = self.held(account);
            let Some(assumed) = &mut self.assumed else {
                return;
            };
            let mut rest = held;
            let mut met = Vec::new();
            for movement in &mut assumed.movements {
                let from_fits = movement.from.is_none_or(|known| known.place() == from);
                let to_fits = to.is_none() || to == movement.to.place();
                let open = movement.received && !movement.shipped;
                let part = movement.amount.min(rest);
                if open && from_fits && to_fits && part.is_positive() {
                    rest = rest.minus(part);
                    met.push(movement.part(part));
                    *movement = movement.without(part);
                }
            }
            for movement in &met {
                assumed.relieve(movement.from, movement.amount);
                assumed.drop_alternatives(movement);
            }
            assumed
                .movements
                .retain(|movement| movement.bounds.hi.is_positive());
            for movement in met {
                let unrecorded = Account::Unrecorded(movement.to.place());
                let came = movement.from.unwrap_or(unrecorded);
                self.book(account, came, movement.amount);
            }
        }
    }
}

/// When something was found missing, and by which event.
type At = (Timestamp, Option<EventKey>);

/// What tells gaps apart.
type GapKey = (GapKind, Option<Account>, Option<Account>);

/// Gaps by what tells them apart.
#[derive(Default)]
struct Gaps(BTreeMap<GapKey, Gap>);

impl Gaps {
    fn add(&mut self, key: GapKey, amount: Bounds, since: Timestamp, event: Option<EventKey>) {
        let (kind, from, to) = key;
        let gap = self.0.entry(key).or_insert(Gap {
            kind,
            from,
            to,
            amount: Bounds::exact(Amount::ZERO),
            since,
            events: BTreeSet::new(),
        });
        gap.amount = gap.amount.plus(amount);
        gap.since = gap.since.min(since);
        gap.events.extend(event);
    }

    fn tell(&mut self, key: GapKey, events: &[(Timestamp, EventKey)]) {
        if let Some(gap) = self.0.get_mut(&key) {
            gap.events.extend(events.iter().map(|(_, event)| *event));
        }
    }

    fn list(self) -> Vec<Gap> {
        self.0.into_values().collect()
    }
}
