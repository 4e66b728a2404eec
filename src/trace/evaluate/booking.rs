//! Movements of a lot made into bookings: which account each takes from and which it gives to.

use std::collections::BTreeMap;

use crate::codes::Address;
use crate::epcis::Timestamp;
use crate::trace::{EventKey, LotMove, LotRole, Op, Record};

use super::amount::Amount;
use super::lots::{Account, Balances, LotFault};
use super::stays::Emptied;

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
        let Some((value, scale)) = lot_move.quantity.amount else {
            let (from, to) = sides(balances, lot_move, container);
            balances.unknown.extend([from, to]);
            continue;
        };
        match Amount::new(value, scale) {
            Some(amount) => take(balances, lot_move, container, amount),
            None => balances.faults.push(LotFault::TooFine { event }),
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
