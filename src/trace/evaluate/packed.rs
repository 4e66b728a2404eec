//! Items that went into containers under their serials, in the book of their lot. They are booked as told of by their
//! serials; how many of them are in which container is kept beside, since what comes out may be told of by number.

use std::collections::BTreeMap;

use crate::codes::{Address, Block};

use super::amount::Amount;
use super::book::Book;
use super::items::Lay;
use super::lots::Account;

/// How many items are in containers under their serials.
#[derive(Debug, Clone, Default)]
pub(super) struct Packed {
    inside: BTreeMap<Address, Amount>,
    /// How many were taken out by number.
    drawn: BTreeMap<Address, Amount>,
    /// Where the containers were emptied last, with items in them.
    poured: BTreeMap<Address, Account>,
}

impl Packed {
    /// Items went into a container.
    pub(super) fn put_in(&mut self, container: Address, amount: Amount) {
        let held = self.inside.entry(container).or_default();
        *held = held.plus(amount);
        self.poured.remove(&container);
    }

    /// Items came out of it, as many as are in it at most; how many.
    fn take_out(&mut self, container: Address, wanted: Amount) -> Amount {
        let held = self.inside.entry(container).or_default();
        let part = wanted.min(*held);
        *held = held.minus(part);
        part
    }

    /// How many are in each container.
    pub(super) fn into_inside(self) -> BTreeMap<Address, Amount> {
        let mut inside = self.inside;
        inside.retain(|_, held| held.is_positive());
        inside
    }
}

/// All items that their serials tell to be in containers or on their way.
const AWAY: Account = Account::Singly(None);

impl Book {
    /// How many items are in a container under their serials, if the account is one.
    pub(super) fn packed_in(&self, account: &Account) -> Amount {
        let Account::Inside(Some(container)) = account else {
            return Amount::ZERO;
        };
        self.packed
            .inside
            .get(container)
            .copied()
            .unwrap_or_default()
    }

    /// A movement by number takes items out of a container that they went into under their serials, when there is
    /// nothing else in it.
    pub(super) fn draw_packed(&mut self, from: Account, wanted: Amount) -> bool {
        let Account::Inside(Some(container)) = from else {
            return false;
        };
        let part = self.packed.take_out(container, wanted);
        if !part.is_positive() {
            return false;
        }
        self.book(AWAY, from, part);
        let drawn = self.packed.drawn.entry(container).or_default();
        *drawn = drawn.plus(part);
        true
    }

    /// A container was emptied, or is another one from now on: what was in it under its serial is there, under its
    /// serial.
    pub(super) fn pour_packed(&mut self, container: Address, to: Account) {
        let Some(held) = self.packed.inside.remove(&container) else {
            return;
        };
        let to = match to {
            Account::Stock { place, .. } => Account::Singly(place),
            _ => Account::SinglyEnded,
        };
        let rest = self.take_from(Some(AWAY), to, held);
        if rest < held {
            self.packed.poured.insert(container, to);
        }
    }

    /// Items are taken out of the container that they went into under their serials, by name; the rest comes back.
    pub(super) fn take_out(
        &mut self,
        from: Lay,
        out_of: Option<Address>,
        to: Account,
        amount: Amount,
    ) -> Amount {
        match (from, out_of) {
            (Lay::Inside(container), Some(named)) if container == named => {
                let part = self.packed.take_out(container, amount);
                let rest = self.take_from(Some(AWAY), to, part);
                amount.minus(part).plus(rest)
            }
            _ => amount,
        }
    }

    /// Items that went into a container under their serials are named elsewhere: they came out of it, or nobody recorded
    /// that they did. The rest comes back.
    pub(super) fn take_packed(
        &mut self,
        container: Address,
        (at, to): (Option<Block>, Account),
        amount: Amount,
    ) -> Amount {
        let rest = self.take_released(container, (at, to), amount);
        let part = self.packed.take_out(container, rest);
        let missing = self.take_from(Some(AWAY), to, part);
        let rest = rest.minus(part).plus(missing);
        self.take_from(Some(AWAY), to, rest)
    }

    /// The same of those that came out: they are of what was taken out by number, or lay where it was emptied.
    pub(super) fn take_released(
        &mut self,
        container: Address,
        (at, to): (Option<Block>, Account),
        amount: Amount,
    ) -> Amount {
        let drawn = self.packed.drawn.get(&container).copied();
        let drawn = drawn.unwrap_or_default();
        let most = drawn.min(amount);
        let left = self.take_lying(at, to, most);
        let left = self.take_coming(at, to, left);
        let went_along = most.minus(left);
        if went_along.is_positive() {
            self.packed.drawn.insert(container, drawn.minus(went_along));
        }
        let rest = amount.minus(went_along);
        let poured = self.packed.poured.get(&container).copied();
        self.take_from(poured, to, rest)
    }
}
