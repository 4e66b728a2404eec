//! How much of a lot is where, by double entry: every movement takes from one account and gives to
//! another. A negative balance is a fault in the data and stays visible; it is never clamped.

use std::collections::{BTreeMap, BTreeSet};

use crate::codes::{Address, Block};
use crate::trace::EventKey;

use super::amount::{Amount, Bounds};
use super::stays::Emptied;

/// Where an amount of a lot is booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// Came to be: the negative of all that was made.
    Made,
    /// Stock at a place, in a party's hands if one was named.
    Stock {
        /// The place.
        place: Option<Block>,
        /// The party.
        party: Option<Block>,
    },
    /// Shipped and not received.
    InTransit {
        /// From where.
        from: Option<Block>,
        /// To where.
        to: Option<Block>,
    },
    /// In a container.
    Inside(Option<Address>),
    /// Used up in processes.
    Used,
    /// Sold to consumers.
    Sold,
    /// Destroyed or ended.
    Destroyed,
    /// Came from nobody says where: the negative of it.
    Unrecorded,
}

impl Account {
    /// Whether somebody has what is booked here, so that it counts as a part of the lot.
    pub const fn is_part(&self) -> bool {
        !matches!(self, Self::Made | Self::Unrecorded)
    }
}

/// What is wrong with the movements of a lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LotFault {
    /// More left an account than was in it.
    Overdrawn {
        /// The account.
        account: Account,
        /// How much was missing.
        by: Amount,
        /// The event.
        event: EventKey,
    },
    /// More was received than was shipped.
    NotShipped {
        /// How much.
        by: Amount,
        /// The event.
        event: EventKey,
    },
    /// An amount with more digits than are kept: not booked.
    TooFine {
        /// The event.
        event: EventKey,
    },
}

/// The balances of a lot in one unit of measure.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Balances {
    /// The unit of measure; none for pieces.
    pub uom: Option<String>,
    /// What is booked where; accounts that came to nothing are left out.
    pub accounts: BTreeMap<Account, Amount>,
    /// Accounts that an unknown amount went into or out of: their balance says nothing.
    pub unknown: BTreeSet<Account>,
    /// What is wrong.
    pub faults: Vec<LotFault>,
}

impl Balances {
    /// How much of the lot there is or was: all that is booked on anybody.
    pub fn total(&self) -> Amount {
        let parts = self
            .accounts
            .iter()
            .filter(|(account, amount)| account.is_part() && amount.is_positive());
        parts.fold(Amount::ZERO, |sum, (_, amount)| sum.plus(*amount))
    }

    /// At least and at most how much of each account is tainted, when `tainted` of the lot is and
    /// nobody can tell which.
    pub fn bounds(&self, tainted: Amount) -> BTreeMap<Account, Bounds> {
        let total = self.total();
        let parts = self.accounts.iter();
        let parts = parts.filter(|(account, amount)| account.is_part() && amount.is_positive());
        parts
            .map(|(account, amount)| (*account, Bounds::of(*amount, tainted, total)))
            .collect()
    }

    /// Shipped and never received: dark edges, with how much.
    pub fn dark(&self) -> impl Iterator<Item = (Account, Amount)> {
        let transit = self.accounts.iter().filter(|(account, amount)| {
            matches!(account, Account::InTransit { .. }) && amount.is_positive()
        });
        transit.map(|(account, amount)| (*account, *amount))
    }

    pub(super) fn book(&mut self, from: Account, to: Account, amount: Amount) {
        if from == to {
            return;
        }
        let held = self.accounts.entry(from).or_default();
        *held = held.minus(amount);
        let held = self.accounts.entry(to).or_default();
        *held = held.plus(amount);
    }

    /// What was inside a container lies where it was emptied.
    pub(super) fn empty(&mut self, container: Address, emptied: &Emptied) {
        let inside = Account::Inside(Some(container));
        let to = Account::Stock {
            place: emptied.place,
            party: None,
        };
        let held = self.held(inside);
        if held.is_positive() {
            self.book(inside, to, held);
        }
        if self.unknown.contains(&inside) {
            self.unknown.insert(to);
        }
    }

    pub(super) fn held(&self, account: Account) -> Amount {
        self.accounts.get(&account).copied().unwrap_or_default()
    }
}
