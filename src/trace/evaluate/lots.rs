//! How much of a lot is where, by double entry: every movement takes from one account and gives to
//! another. A negative balance is a fault in the data and stays visible; it is never clamped.

use std::collections::{BTreeMap, BTreeSet};

use crate::codes::{Address, Block};
use crate::epcis::Timestamp;
use crate::trace::EventKey;

use super::amount::{Amount, Bounds};
use super::stock::Spot;
use super::ways::Parties;

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
        /// Who is named.
        parties: Parties,
    },
    /// In a container.
    Inside(Option<Address>),
    /// Used up in processes.
    Used,
    /// Sold to consumers at this place.
    Sold(Option<Block>),
    /// Destroyed or ended at this place.
    Destroyed(Option<Block>),
    /// Stolen at this place: nobody knows where it is.
    Stolen(Option<Block>),
    /// Came to this place from nobody says where: the negative of it.
    Unrecorded(Option<Block>),
    /// Items that their own events tell of: loose at this place, or on their way. No part of the lot's quantity.
    Singly(Option<Block>),
    /// Items that their own events tell to be sold, used up or ended.
    SinglyEnded,
}

impl Account {
    /// Whether somebody has what is booked here, so that it counts as a part of the lot.
    pub const fn is_part(&self) -> bool {
        !matches!(
            self,
            Self::Made | Self::Unrecorded(_) | Self::Singly(_) | Self::SinglyEnded
        )
    }

    /// Whether what is booked here is used up, sold, destroyed or stolen.
    pub const fn is_end(&self) -> bool {
        matches!(
            self,
            Self::Used | Self::Sold(_) | Self::Destroyed(_) | Self::Stolen(_)
        )
    }

    /// Where what is on its way left and where it goes to, as far as that is told.
    pub fn ends(&self) -> (Option<Self>, Option<Self>) {
        match *self {
            Self::InTransit { from, to, parties } => (
                Self::end_at(from, parties.sender),
                Self::end_at(to, parties.receiver),
            ),
            _ => (None, None),
        }
    }

    /// The place it lies at, left or ended at, where it is one.
    pub const fn place(&self) -> Option<Block> {
        match self {
            Self::Stock { place, .. }
            | Self::Unrecorded(place)
            | Self::Singly(place)
            | Self::Sold(place)
            | Self::Destroyed(place)
            | Self::Stolen(place) => *place,
            Self::InTransit { from, .. } => *from,
            Self::Made | Self::Inside(_) | Self::Used | Self::SinglyEnded => None,
        }
    }

    /// Whether stock that was at this spot can be booked here now.
    pub fn can_be_of(&self, spot: Spot) -> bool {
        let at = |place| spot == Spot::At(place);
        match self {
            Self::Stock { place, .. } => place.is_none_or(at),
            Self::InTransit { from, to, .. } => from.is_none_or(at) || to.is_some_and(at),
            Self::Inside(Some(container)) => {
                matches!(spot, Spot::In(known, _) if known == *container)
            }
            Self::Inside(None)
            | Self::Used
            | Self::Sold(_)
            | Self::Destroyed(_)
            | Self::Stolen(_) => true,
            Self::Made | Self::Unrecorded(_) | Self::Singly(_) | Self::SinglyEnded => false,
        }
    }

    /// The same, in nobody's hands.
    pub(super) fn nobodys(self) -> Self {
        match self {
            Self::Stock { place, .. } => Self::Stock { place, party: None },
            Self::InTransit { from, to, .. } => Self::InTransit {
                from,
                to,
                parties: Parties::default(),
            },
            other => other,
        }
    }

    /// The same stock, as one end of a movement.
    pub(super) const fn end(&self) -> Self {
        match self {
            Self::InTransit { from: place, .. } | Self::Stolen(place) => Self::Stock {
                place: *place,
                party: None,
            },
            _ => *self,
        }
    }
}

/// Which record of a movement is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GapKind {
    /// It left and never arrived.
    NotReceived,
    /// It arrived and never left.
    NotShipped,
    /// It is missing where it was used, and left over elsewhere: nobody recorded that it moved.
    NotRecorded,
}

/// A movement of a lot that was not recorded, or not recorded in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// Which record is missing.
    pub kind: GapKind,
    /// Where it came from, if that can be told.
    pub from: Option<Account>,
    /// Where it went to, if that can be told.
    pub to: Option<Account>,
    /// How much.
    pub amount: Bounds,
    /// Since when.
    pub since: Timestamp,
    /// The events that tell of it.
    pub events: BTreeSet<EventKey>,
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

/// A shipment of nobody says how much, and nobody says that all of it was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmet {
    /// When it left.
    pub since: Timestamp,
    /// The events that tell of it.
    pub events: BTreeSet<EventKey>,
}

/// An amount that was used up, sold, destroyed or stolen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndedPart {
    /// When, at the latest.
    pub time: Timestamp,
    /// How much.
    pub amount: Amount,
    /// Where it was before.
    pub from: Account,
}

/// The balances of a lot in one unit of measure.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Balances {
    /// The unit of measure; none for pieces.
    pub uom: Option<String>,
    /// What is booked where, as recorded; accounts that came to nothing are left out. A negative one is a
    /// fault in the data.
    pub accounts: BTreeMap<Account, Amount>,
    /// Accounts that an unknown amount went into or out of: their balance says nothing.
    pub unknown: BTreeSet<Account>,
    /// What was shipped without an amount, and not so received since.
    pub unmet: BTreeMap<Account, Unmet>,
    /// What is wrong.
    pub faults: Vec<LotFault>,
    /// How much is where when what is missing at one place is what is left over at another. Only parts, and
    /// nothing negative: the sum of the least is at most the total, that of the most at least.
    pub parts: BTreeMap<Account, Bounds>,
    /// Movements nobody recorded in full, sorted.
    pub gaps: Vec<Gap>,
    /// How much each event made of it, where that is known.
    pub made: BTreeMap<EventKey, Amount>,
    /// How much each event used up of it, where that is known.
    pub used: BTreeMap<EventKey, Amount>,
    /// How much of it each event names, where that is known.
    pub told: BTreeMap<EventKey, Amount>,
    /// What was used up, sold, destroyed or stolen, amount by amount.
    pub ended: BTreeMap<Account, Vec<EndedPart>>,
    /// How much of its stock left each place by number, all told.
    pub left: BTreeMap<Option<Block>, Amount>,
    /// How many items are in each container under their serials.
    pub packed: BTreeMap<Address, Amount>,
    /// How many of the items that each event names came out of what was on its way by quantity.
    pub carried: BTreeMap<EventKey, Amount>,
    /// How much of the lot there is or was at most, each gap counted once.
    pub total: Amount,
    /// How much of the total may not be: more was received than was shipped, and nobody can have had it.
    pub doubtful: Amount,
}

impl Balances {
    /// Every account that anything is said of.
    pub fn named(&self) -> impl Iterator<Item = &Account> {
        let gaps = self.gaps.iter();
        let ends = gaps.flat_map(|gap| gap.from.iter().chain(&gap.to));
        let accounts = self.accounts.keys().chain(self.parts.keys());
        accounts.chain(&self.unknown).chain(ends)
    }

    /// Whether any event says that it was made or came from somewhere. A lot of which none does begins, for
    /// the records, where it was used.
    pub fn began(&self) -> bool {
        let begins = |account: &Account| matches!(account, Account::Made | Account::Unrecorded(_));
        self.accounts.keys().chain(&self.unknown).any(begins)
    }

    /// At least and at most how much of the lot there is or was.
    pub fn whole(&self) -> Bounds {
        let parts = self.parts.values();
        let least = parts.fold(Amount::ZERO, |sum, part| sum.plus(part.lo));
        Bounds {
            lo: self.total.minus(self.doubtful).max(least).min(self.total),
            hi: self.total,
        }
    }

    /// What of a part can be of stock that lay somewhere, as `can_be` says, at a time or later: what ended before, or
    /// left from elsewhere, is left out.
    pub(in crate::trace) fn ended_of(
        &self,
        (account, part): (Account, Bounds),
        since: Timestamp,
        can_be: impl Fn(&Account) -> bool,
    ) -> Bounds {
        let Some(ended) = self.ended.get(&account) else {
            return part;
        };
        let counts = |ended: &&EndedPart| since <= ended.time && can_be(&ended.from);
        let counted = ended.iter().filter(counts);
        let counted = counted.fold(Amount::ZERO, |sum, ended| sum.plus(ended.amount));
        Bounds {
            lo: part.lo.min(counted),
            hi: part.hi.min(counted),
        }
    }

    /// At least and at most how much of each part is tainted, when `tainted` of the lot is and nobody can
    /// tell which.
    pub fn bounds(&self, tainted: Amount) -> BTreeMap<Account, Bounds> {
        let parts = self.parts.iter();
        parts
            .map(|(account, part)| {
                let rest = self.total.minus(part.lo);
                (*account, part.tainted(tainted, rest))
            })
            .collect()
    }
}
