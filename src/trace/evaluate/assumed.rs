//! Movements of a lot that are not recorded in full, and what they leave in doubt.

use std::collections::BTreeMap;

use crate::codes::Block;
use crate::epcis::Timestamp;
use crate::trace::EventKey;

use super::amount::{Amount, Bounds};
use super::lots::{Account, GapKind};

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
}

/// What a settling book assumes.
#[derive(Debug, Clone, Default)]
pub(super) struct Assumed {
    pub(super) movements: Vec<Movement>,
    /// What may still be in an account though it is booked out of it.
    pub(super) more: BTreeMap<Account, Amount>,
    /// What may have gone out of an account though it is booked out of another.
    pub(super) less: BTreeMap<Account, Amount>,
    /// What may not have come to an account: it is more than was shipped there.
    pub(super) doubt: BTreeMap<Account, Amount>,
    /// What may not be at all, by the place it is said to come from.
    pub(super) extra: BTreeMap<Option<Block>, Amount>,
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

    /// A record that came late tells of it, too.
    fn believe(&mut self, known: &Movement) {
        let left = known.from.and_then(|from| from.place());
        let doubted = [self.doubt.get_mut(&known.to), self.extra.get_mut(&left)];
        for doubted in doubted.into_iter().flatten() {
            *doubted = doubted.minus(known.amount).max(Amount::ZERO);
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
            ..self.clone()
        }
    }

    pub(super) fn without(&self, amount: Amount) -> Self {
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

    pub(super) const fn kind(&self) -> GapKind {
        match (self.shipped, self.received) {
            (true, _) => GapKind::NotReceived,
            (false, true) => GapKind::NotShipped,
            (false, false) => GapKind::NotRecorded,
        }
    }
}
