//! Movements of a lot that are not recorded in full, and what they leave in doubt.

use std::collections::{BTreeMap, BTreeSet};

use crate::codes::Block;
use crate::epcis::Timestamp;
use crate::trace::EventKey;

use super::amount::{Amount, Bounds};
use super::lots::{Account, GapKind};
use super::sightings::{Passing, Sighting};

/// What a movement is assumed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// It was missing, or arrived.
    Missing,
    /// It arrived and says where from: if it was something else, it is there still.
    SaysFrom,
    /// It was seen, and no more.
    Seen,
}

/// A movement that is not recorded in full.
#[derive(Debug, Clone)]
pub(super) struct Movement {
    /// Where it came from, if that can be told.
    pub(super) from: Option<Account>,
    pub(super) to: Account,
    /// How much of it is booked.
    pub(super) amount: Amount,
    /// How much it can have been.
    pub(super) bounds: Bounds,
    pub(super) shipped: bool,
    pub(super) received: bool,
    /// What was missing was used up, sold or destroyed: it cannot come back.
    pub(super) is_spent: bool,
    pub(super) since: Timestamp,
    pub(super) event: Option<EventKey>,
    /// What it may have been instead: of what was on its way elsewhere at the time, so much each.
    pub(super) instead: Vec<(Account, Amount)>,
    pub(super) why: Why,
}

/// What a settling book assumes.
#[derive(Debug, Clone, Default)]
pub(super) struct Assumed {
    pub(super) movements: Vec<Movement>,
    /// What may still be in an account though it is booked out of it.
    pub(super) more: BTreeMap<Account, Amount>,
    /// What may be on its way still though it is booked as received.
    pub(super) still: BTreeMap<Account, Amount>,
    /// What may have gone out of an account though it is booked out of another.
    pub(super) less: BTreeMap<Account, Amount>,
    /// What may not have come to an account: it is more than was shipped there.
    pub(super) doubt: BTreeMap<Account, Amount>,
    /// What may not be at all, by the place it is said to come from.
    pub(super) extra: BTreeMap<Option<Block>, Amount>,
    /// What was seen where, so far.
    pub(super) sightings: Vec<Sighting>,
    /// What was seen of what is on its way elsewhere.
    pub(super) passing: Vec<Passing>,
    /// What was taken out of one account, and those that it may have been of instead.
    pub(super) either: Vec<(Account, Amount, Vec<Account>)>,
    /// Places where more was seen, or left, than the books have there.
    pub(super) puzzling: BTreeSet<Block>,
}

impl Assumed {
    /// What arrived may be less, by so much.
    pub(super) fn doubt(&mut self, to: Account, amount: Amount) {
        let doubt = self.doubt.entry(to).or_default();
        *doubt = doubt.plus(amount);
    }

    /// What came from there may not be at all.
    pub(super) fn doubt_being(&mut self, from: Option<Block>, amount: Amount) {
        let extra = self.extra.entry(from).or_default();
        *extra = extra.plus(amount);
    }

    /// What was received, or met, may have been something else.
    pub(super) fn may_be_still(&mut self, account: Account, amount: Amount) {
        for of in [&mut self.more, &mut self.still] {
            let sum = of.entry(account).or_default();
            *sum = sum.plus(amount);
        }
    }

    /// All of an account went into another, and what is in doubt of the one is of the other.
    pub(super) fn carry_over(&mut self, from: Account, to: Account) {
        for of in [&mut self.more, &mut self.less, &mut self.doubt] {
            if let Some(amount) = of.remove(&from) {
                let sum = of.entry(to).or_default();
                *sum = sum.plus(amount);
            }
        }
    }

    /// A record that came late tells of it, too.
    fn believe(&mut self, known: &Movement) {
        let left = known.from.and_then(|from| from.place());
        let doubted = [self.doubt.get_mut(&known.to), self.extra.get_mut(&left)];
        for doubted in doubted.into_iter().flatten() {
            *doubted = doubted.minus(known.amount).max(Amount::ZERO);
        }
    }

    /// What arrived may be what was on its way elsewhere and has not arrived there: then there is less of that, and
    /// what it was booked out of still has it.
    pub(super) fn divert(&mut self, held: impl Fn(&Account) -> Amount) {
        for movement in &self.movements {
            let mut sum = Amount::ZERO;
            for (way, amount) in &movement.instead {
                let part = held(way).min(*amount).max(Amount::ZERO);
                let less = self.less.entry(*way).or_default();
                *less = less.plus(part);
                sum = sum.plus(part);
            }
            if let Some(from) = movement.from.filter(|_| movement.why == Why::SaysFrom) {
                let more = self.more.entry(from).or_default();
                *more = more.plus(sum.min(movement.amount));
            }
        }
    }

    /// A movement has been recorded by now.
    pub(super) fn meet(&mut self, known: &Movement) {
        self.relieve(known.from, known.amount);
        self.drop_alternatives(known);
        self.believe(known);
    }

    fn relieve(&mut self, account: Option<Account>, amount: Amount) {
        if let Some(more) = account.and_then(|account| self.more.get_mut(&account)) {
            *more = more.minus(amount).max(Amount::ZERO);
        }
    }

    /// What was seen there and booked out of here did not go, or came back.
    pub(super) fn take_back(&mut self, from: Account, to: Account, amount: Amount) {
        self.relieve(Some(from), amount);
        if let Some(doubt) = self.doubt.get_mut(&to) {
            *doubt = doubt.minus(amount).max(Amount::ZERO);
        }
    }

    /// Marks up to `rest` of the movements that fit; what of `rest` they do not cover comes back.
    pub(super) fn mark(
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
            self.meet(&of_it);
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
    pub(super) fn part(&self, amount: Amount) -> Self {
        Self {
            amount,
            bounds: Bounds::exact(amount),
            instead: self.instead_up_to(amount),
            ..self.clone()
        }
    }

    pub(super) fn without(&self, amount: Amount) -> Self {
        let less = |bound: Amount| bound.minus(amount).max(Amount::ZERO);
        Self {
            instead: self.instead_up_to(less(self.amount)),
            amount: less(self.amount),
            bounds: Bounds {
                lo: less(self.bounds.lo),
                hi: less(self.bounds.hi),
            },
            ..self.clone()
        }
    }

    fn instead_up_to(&self, amount: Amount) -> Vec<(Account, Amount)> {
        let instead = self.instead.iter();
        instead
            .map(|(way, part)| (*way, (*part).min(amount)))
            .collect()
    }

    pub(super) const fn kind(&self) -> GapKind {
        match (self.shipped, self.received) {
            (true, _) => GapKind::NotReceived,
            (false, true) => GapKind::NotShipped,
            (false, false) => GapKind::NotRecorded,
        }
    }
}
