//! How much of a lot is where, by double entry: every movement takes from one account and gives to
//! another. A negative balance is a fault in the data and stays visible; it is never clamped.

use std::collections::{BTreeMap, BTreeSet};

use crate::codes::{Address, Block};
use crate::epcis::Timestamp;
use crate::trace::{EventKey, LotMove, LotRole, Op, Record};

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

    fn book(&mut self, from: Account, to: Account, amount: Amount) {
        if from == to {
            return;
        }
        let held = self.accounts.entry(from).or_default();
        *held = held.minus(amount);
        let held = self.accounts.entry(to).or_default();
        *held = held.plus(amount);
    }

    /// What was inside a container lies where it was emptied.
    fn empty(&mut self, container: Address, emptied: &Emptied) {
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

    fn held(&self, account: Account) -> Amount {
        self.accounts.get(&account).copied().unwrap_or_default()
    }
}

/// What is booked: a movement, or a container being emptied.
enum Booking<'a> {
    Move(&'a LotMove),
    Emptied(Address, &'a Emptied),
}

impl Booking<'_> {
    fn t_lo(&self) -> Timestamp {
        match self {
            Self::Move(lot_move) => lot_move.t_lo,
            Self::Emptied(_, emptied) => emptied.t_lo,
        }
    }

    /// At equal times, what comes in is booked before what goes out.
    const fn turn(&self) -> u8 {
        match self {
            Self::Move(lot_move) => match lot_move.role {
                LotRole::Made => 0,
                LotRole::Shipped => 1,
                LotRole::Received | LotRole::Returned | LotRole::Unpacked => 2,
                LotRole::Packed
                | LotRole::Used
                | LotRole::Sold
                | LotRole::Destroyed
                | LotRole::Seen => 4,
            },
            Self::Emptied(..) => 3,
        }
    }
}

/// Books the movements of one lot (in order) up to a time; one result a unit of measure. `records` are
/// the lot's own, which tell what containers it went into; `emptied` says when those were emptied.
pub(super) fn balances(
    moves: &[LotMove],
    records: &[Record],
    emptied: &BTreeMap<Address, Vec<Emptied>>,
    until: Timestamp,
) -> Vec<Balances> {
    let mut containers: BTreeMap<EventKey, Address> = BTreeMap::new();
    for record in records {
        let packs = matches!(
            record.op,
            Op::Pack | Op::Attach | Op::Unpack | Op::Detach | Op::SeenInside | Op::SeenAttached
        );
        if let Some(container) = record.peer.filter(|_| packs) {
            containers.insert((record.shard, record.seq), container);
        }
    }
    let mut bookings: Vec<Booking<'_>> = moves.iter().map(Booking::Move).collect();
    for (container, list) in emptied {
        bookings.extend(
            list.iter()
                .map(|emptied| Booking::Emptied(*container, emptied)),
        );
    }
    bookings.retain(|booking| booking.t_lo() <= until);
    bookings.sort_by_key(|booking| (booking.t_lo(), booking.turn()));
    let mut by_uom: BTreeMap<Option<String>, Balances> = BTreeMap::new();
    for booking in bookings {
        let lot_move = match booking {
            Booking::Move(lot_move) => lot_move,
            Booking::Emptied(container, emptied) => {
                for balances in by_uom.values_mut() {
                    balances.empty(container, emptied);
                }
                continue;
            }
        };
        let uom = &lot_move.quantity.uom;
        let balances = by_uom.entry(uom.clone()).or_insert_with(|| Balances {
            uom: uom.clone(),
            ..Balances::default()
        });
        let event = (lot_move.shard, lot_move.seq);
        let container = containers.get(&event).copied();
        match lot_move.quantity.amount {
            Some((value, scale)) => match Amount::new(value, scale) {
                Some(amount) => take(balances, lot_move, container, amount),
                None => balances.faults.push(LotFault::TooFine { event }),
            },
            None => {
                let (from, to) = sides(balances, lot_move, container);
                balances.unknown.extend([from, to]);
            }
        }
    }
    for balances in by_uom.values_mut() {
        balances
            .accounts
            .retain(|_, amount| *amount != Amount::ZERO);
    }
    by_uom.into_values().collect()
}

/// The accounts a movement is between.
fn sides(
    balances: &Balances,
    lot_move: &LotMove,
    container: Option<Address>,
) -> (Account, Account) {
    let left = || stock_at(balances, lot_move);
    let came = Account::Stock {
        place: lot_move.to_place,
        party: lot_move.to_party,
    };
    match lot_move.role {
        LotRole::Made => (Account::Made, came),
        LotRole::Used => (left(), Account::Used),
        LotRole::Shipped => (
            left(),
            Account::InTransit {
                from: lot_move.from_place,
                to: lot_move.to_place,
            },
        ),
        LotRole::Received => (
            Account::InTransit {
                from: lot_move.from_place,
                to: lot_move.to_place,
            },
            came,
        ),
        LotRole::Packed => (left(), Account::Inside(container)),
        LotRole::Unpacked => (Account::Inside(container), came),
        LotRole::Sold => (left(), Account::Sold),
        LotRole::Returned => (Account::Sold, came),
        LotRole::Destroyed => (left(), Account::Destroyed),
        LotRole::Seen => (came, came),
    }
}

/// The stock a movement leaves: of the party that is named, else whatever is at the place.
fn stock_at(balances: &Balances, lot_move: &LotMove) -> Account {
    let place = lot_move.from_place;
    let exact = Account::Stock {
        place,
        party: lot_move.from_party,
    };
    let here = balances.accounts.iter().filter(|(account, amount)| {
        matches!(account, Account::Stock { place: at, .. } if *at == place) && amount.is_positive()
    });
    let mut here: Vec<Account> = here.map(|(account, _)| *account).collect();
    if here.contains(&exact) || here.is_empty() {
        return exact;
    }
    here.sort_by_key(|account| std::cmp::Reverse(balances.held(*account)));
    here.first().copied().unwrap_or(exact)
}

fn take(balances: &mut Balances, lot_move: &LotMove, container: Option<Address>, amount: Amount) {
    let event = (lot_move.shard, lot_move.seq);
    match lot_move.role {
        LotRole::Seen => {}
        LotRole::Received | LotRole::Returned => receive(balances, lot_move, amount),
        LotRole::Made
        | LotRole::Used
        | LotRole::Shipped
        | LotRole::Packed
        | LotRole::Unpacked
        | LotRole::Sold
        | LotRole::Destroyed => {
            let mut rest = amount;
            loop {
                let (from, to) = sides(balances, lot_move, container);
                let held = balances.held(from);
                if from == Account::Made || held >= rest {
                    balances.book(from, to, rest);
                    return;
                }
                if held.is_positive() && from != to {
                    // The rest may be there in other hands.
                    balances.book(from, to, held);
                    rest = rest.minus(held);
                    continue;
                }
                balances.book(from, to, rest);
                balances.faults.push(LotFault::Overdrawn {
                    account: from,
                    by: rest,
                    event,
                });
                return;
            }
        }
    }
}

/// What arrives comes out of what was shipped here, then out of what was shipped to nobody says where,
/// then (returned) out of what was sold; else out of the place it says it came from.
fn receive(balances: &mut Balances, lot_move: &LotMove, amount: Amount) {
    let event = (lot_move.shard, lot_move.seq);
    let to = Account::Stock {
        place: lot_move.to_place,
        party: lot_move.to_party,
    };
    let fits = |account: &Account| match account {
        Account::InTransit { from, to } => {
            let from_fits = lot_move.from_place.is_none() || *from == lot_move.from_place;
            from_fits && (to.is_none() || *to == lot_move.to_place)
        }
        Account::Sold => lot_move.role == LotRole::Returned,
        Account::Made
        | Account::Stock { .. }
        | Account::Inside(_)
        | Account::Used
        | Account::Destroyed
        | Account::Unrecorded => false,
    };
    let mut sources: Vec<Account> = balances.accounts.keys().copied().filter(fits).collect();
    sources.sort_by_key(|account| matches!(account, Account::InTransit { to: None, .. }));
    let mut rest = amount;
    for from in sources {
        let part = balances.held(from).min(rest);
        if part.is_positive() {
            balances.book(from, to, part);
            rest = rest.minus(part);
        }
    }
    if !rest.is_positive() {
        return;
    }
    let from = match lot_move.from_place {
        Some(_) => stock_at(balances, lot_move),
        None => Account::Unrecorded,
    };
    balances.book(from, to, rest);
    balances
        .faults
        .push(LotFault::NotShipped { by: rest, event });
}
