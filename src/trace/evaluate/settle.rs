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
use super::assumed::{Movement, Why};
use super::book::{Book, key};
use super::late::Shipment;
use super::lots::{Account, Gap, GapKind};
use super::stages::is_within_a_day;

/// What is missing where it is looked for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Missing {
    /// It was used, shipped, packed, sold or destroyed there. The same event moved some of it already.
    There {
        /// To where it did.
        to: Account,
        /// How much.
        sent: Amount,
    },
    /// It arrived there, and only what was made can have.
    Arrived,
    /// It was seen there.
    Sighted,
    /// It set out from there towards a place. What had come from there before did not go back for it.
    SetOut {
        towards: Option<Block>,
        /// It is more than was shipped.
        is_in_doubt: bool,
    },
}

impl Missing {
    /// How much of what an account holds can be what is missing: not what the same event put there.
    fn free(self, account: &Account, held: Amount) -> Amount {
        match self {
            Self::There { to, sent } if to == *account => held.minus(sent),
            _ => held,
        }
    }
}

impl Book {
    /// How likely an account is where something missing came from: the lowest first.
    fn turn(&self, source: &Account, to: Option<Block>) -> u8 {
        match source {
            Account::InTransit { to: known, .. } if known.is_some() && *known == to => 0,
            Account::Stock { place, .. } if self.told.is_within_site(*place, to) => 1,
            Account::InTransit { to: None, .. } => 2,
            Account::InTransit { .. } => 4,
            // Stolen goods turn up last.
            Account::Stolen(_) => 5,
            _ => 3,
        }
    }

    /// Takes what is missing in an account out of what is left over in others. What nobody has came in from
    /// nobody says where.
    pub(super) fn fetch(
        &mut self,
        at: Account,
        missing: Amount,
        (to, sent): (Account, Amount),
        lot_move: &LotMove,
    ) {
        self.fetch_for(Missing::There { to, sent }, at, missing, lot_move);
    }

    /// The same; how much nobody has comes back.
    pub(super) fn fetch_for(
        &mut self,
        why: Missing,
        to: Account,
        missing: Amount,
        lot_move: &LotMove,
    ) -> Amount {
        let at = (lot_move.t_lo, Some(key(lot_move)));
        let rest = self.find(to, missing, why, at);
        let Some(assumed) = self.assumed.as_mut().filter(|_| rest.is_positive()) else {
            return rest;
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
            instead: Vec::new(),
            why: Why::Missing,
        });
        if let Missing::SetOut {
            is_in_doubt: true, ..
        } = why
        {
            assumed.doubt_being(to.place(), rest);
        }
        self.book(Account::Unrecorded(to.place()), to, rest);
        rest
    }

    /// What arrived beyond what was shipped may have been counted wrong; what of it nobody can have had may not be.
    pub(super) fn doubt(&mut self, to: Account, amount: Amount, nowhere: Amount) {
        if let Some(assumed) = &mut self.assumed {
            assumed.doubt(to, amount);
            assumed.doubt_being(None, nowhere);
        }
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

    /// What arrives and was not shipped left where there is stock of what was made; what nobody can have
    /// had comes back.
    pub(super) fn appear(&mut self, to: Account, amount: Amount, lot_move: &LotMove) -> Amount {
        let at = (lot_move.t_lo, Some(key(lot_move)));
        let mut rest = amount;
        if self.held(Account::Made).is_negative() {
            rest = self.find(to, amount, Missing::Arrived, at);
        }
        if let Some(assumed) = &mut self.assumed {
            let here = |movement: &Movement| {
                let open = !movement.received && !movement.shipped;
                open && movement.to.place() == to.place() && is_within_a_day(movement.since, at.0)
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
                instead: Vec::new(),
                why: Why::Missing,
            });
        }
        amount
    }

    /// What arrives from a place that it says it left, and that did not ship it; in doubt when it comes with
    /// what was shipped.
    pub(super) fn arrive(
        &mut self,
        from: Account,
        to: Account,
        amount: Amount,
        (is_in_doubt, lot_move): (bool, &LotMove),
    ) {
        let at = (lot_move.t_lo, Some(key(lot_move)));
        let missing = amount.minus(self.held(from).max(Amount::ZERO));
        let mut rest = amount;
        if let Some(assumed) = self.assumed.as_mut().filter(|_| missing.is_positive()) {
            let known = |movement: &Movement| {
                let same = movement.from.and_then(|known| known.place()) == from.place();
                let open = !movement.received && is_within_a_day(movement.since, at.0);
                open && same && movement.to.place() == to.place()
            };
            let left = assumed.mark(missing, known, |movement| movement.received = true);
            rest = rest.minus(missing.minus(left));
        }
        self.draw_singly(from, rest.minus(self.held(from).max(Amount::ZERO)));
        let missing = rest.minus(self.held(from).max(Amount::ZERO));
        if missing.is_positive() {
            let why = Missing::SetOut {
                towards: to.place(),
                is_in_doubt,
            };
            self.fetch_for(why, from, missing, lot_move);
        }
        let was_there = rest.minus(missing.max(Amount::ZERO));
        let mut instead = self.under_way_elsewhere(to.place(), was_there);
        instead.retain(|(way, _)| way.place() == from.place());
        self.book(from, to, rest);
        self.note_left(from.place(), rest, lot_move.t_hi);
        if let Some(assumed) = self.assumed.as_mut().filter(|_| rest.is_positive()) {
            if is_in_doubt {
                let more = assumed.more.entry(from).or_default();
                *more = more.plus(was_there);
                assumed.doubt(to, rest);
            }
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
                instead,
                why: if is_in_doubt {
                    Why::Missing
                } else {
                    Why::SaysFrom
                },
            });
        }
    }

    /// Books what is missing in an account out of what is left over in others, the likeliest first; what
    /// nobody has comes back.
    fn find(&mut self, to: Account, missing: Amount, why: Missing, (since, event): At) -> Amount {
        let mut rest = missing;
        if self.assumed.is_none() {
            return rest;
        }
        let arrives = matches!(why, Missing::Arrived);
        for tier in 0..=5 {
            let mut sources: Vec<(Amount, Account)> = self
                .accounts
                .iter()
                .filter(|(account, _)| {
                    self.can_give(account, to, why) && self.turn(account, to.place()) == tier
                })
                .map(|(account, held)| (why.free(account, *held), *account))
                .filter(|(free, _)| free.is_positive())
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
                if let Account::Stock { place, .. } = source {
                    self.note_left(place, part, since);
                }
                rest = rest.minus(part);
                let mut instead = Vec::new();
                if let Account::Stock { .. } | Account::Inside(_) = source {
                    instead = self.under_way_elsewhere(to.place(), part);
                }
                let Some(assumed) = &mut self.assumed else {
                    break;
                };
                // Nobody records every way within a site: it came from there, and nowhere else.
                if !self.told.is_within_site(source.place(), to.place()) {
                    let more = assumed.more.entry(source).or_default();
                    *more = more.plus(part);
                    assumed.puzzling.extend(to.place());
                }
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
                        instead,
                        why: if matches!(why, Missing::Sighted) {
                            Why::Seen
                        } else {
                            Why::Missing
                        },
                    });
                }
            }
        }
        rest
    }

    /// What is on its way, and not to there: up to an amount of each.
    fn under_way_elsewhere(&self, there: Option<Block>, most: Amount) -> Vec<(Account, Amount)> {
        let ways = self.accounts.iter().filter(|(account, _)| {
            matches!(account, Account::InTransit { to, .. } if to.is_some() && *to != there)
        });
        let ways = ways.map(|(way, held)| (*way, (*held).min(most)));
        ways.filter(|(_, part)| part.is_positive()).collect()
    }

    pub(super) fn can_give(&self, source: &Account, to: Account, why: Missing) -> bool {
        let elsewhere = source.place() != to.place() || matches!(to, Account::Inside(_));
        match (source, why) {
            (Account::Stock { place, .. }, Missing::SetOut { towards, .. }) => {
                let came_from_there = |from| self.came.contains(&(from, *place));
                elsewhere && *place != towards && !to.place().is_some_and(came_from_there)
            }
            (Account::Stock { place, .. }, Missing::Arrived) => {
                elsewhere && *source != to && !self.entered.contains(place)
            }
            (Account::Stock { .. }, Missing::There { .. } | Missing::Sighted) => {
                elsewhere && *source != to
            }
            (Account::Inside(container), why) => {
                let is_closed = container.is_some_and(|inside| self.closed.contains(&inside));
                *source != to && !is_closed && !matches!(why, Missing::Sighted)
            }
            (Account::InTransit { from, .. }, Missing::SetOut { is_in_doubt, .. }) => {
                !(is_in_doubt && *from == to.place())
            }
            // What is in containers, or on its way, can be what was seen, where it is.
            (Account::InTransit { .. }, why) => !matches!(why, Missing::Sighted),
            (Account::Stolen(_), _) => true,
            (
                Account::Made
                | Account::Used
                | Account::Sold(_)
                | Account::Destroyed(_)
                | Account::Unrecorded(_)
                | Account::Singly(_)
                | Account::SinglyEnded,
                _,
            ) => false,
        }
    }

    /// Ends the settling: what is known of each part, and the gaps.
    pub(super) fn settle(mut self) -> Settled {
        self.meet_late_shipments();
        let mut gaps = Gaps::default();
        let mut assumed = self.assumed.take().unwrap_or_default();
        assumed.divert(|account| self.held(*account));
        assumed.doubt_parties(|account| self.held(*account));
        self.strand(&mut assumed, &mut gaps);
        for movement in &assumed.movements {
            gaps.add(
                (
                    movement.kind(),
                    movement.from.or_else(|| self.sender(movement)),
                    Some(movement.to.end()),
                ),
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
            let mut less = of(&assumed.less, account).plus(of(&assumed.doubt, account));
            // What arrived elsewhere beyond what was shipped there may be of this.
            if let Account::InTransit { from, .. } = account {
                less = less.plus(assumed.extra.get(from).copied().unwrap_or(none));
            }
            let bounds = Bounds {
                lo: held.minus(less).max(none),
                hi: held.plus(of(&assumed.more, account)).min(total),
            };
            if bounds.hi.is_positive() {
                parts.insert(*account, bounds);
            }
            let under_way = held.plus(of(&assumed.still, account));
            if matches!(account, Account::InTransit { .. }) && under_way.is_positive() {
                let ends = account.ends();
                let shipped = self.shipments.get(account);
                let shipped = shipped.or_else(|| self.arrived.get(account));
                let shipped = shipped.map_or(&[][..], Vec::as_slice);
                let first = shipped.first().map(|shipment| shipment.time);
                let since = first.unwrap_or(Timestamp::from_micros(i64::MIN));
                let bounds = Bounds {
                    lo: bounds.lo,
                    hi: under_way.min(bounds.hi),
                };
                gaps.add((GapKind::NotReceived, ends.0, ends.1), bounds, since, None);
                gaps.tell((GapKind::NotReceived, ends.0, ends.1), shipped);
            }
        }
        let extra = assumed.extra.values();
        Settled {
            parts,
            gaps: gaps.list(),
            total,
            doubtful: extra.fold(none, |sum, extra| sum.plus(*extra)).min(total),
            puzzling: assumed.puzzling,
        }
    }
}

/// What is known of a lot in the end.
pub(super) struct Settled {
    pub(super) parts: BTreeMap<Account, Bounds>,
    pub(super) gaps: Vec<Gap>,
    pub(super) total: Amount,
    /// How much of the total may not be.
    pub(super) doubtful: Amount,
    /// Places where more was seen, or left, than the books have there.
    pub(super) puzzling: BTreeSet<Block>,
}

/// When something was found missing, and by which event.
pub(super) type At = (Timestamp, Option<EventKey>);

/// What tells gaps apart.
pub(super) type GapKey = (GapKind, Option<Account>, Option<Account>);

/// Gaps by what tells them apart.
#[derive(Default)]
pub(super) struct Gaps(BTreeMap<GapKey, Gap>);

impl Gaps {
    pub(super) fn add(
        &mut self,
        key: GapKey,
        amount: Bounds,
        since: Timestamp,
        event: Option<EventKey>,
    ) {
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

    fn tell(&mut self, key: GapKey, shipped: &[Shipment]) {
        if let Some(gap) = self.0.get_mut(&key) {
            gap.events
                .extend(shipped.iter().map(|shipment| shipment.event));
        }
    }

    fn list(self) -> Vec<Gap> {
        self.0.into_values().collect()
    }
}
