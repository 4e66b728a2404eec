//! What is on its way, told apart by the parties that are named: who sent it, who is to have it, whose it is to be.

use std::collections::BTreeMap;

use crate::codes::Block;
use crate::trace::{EventKey, LotMove, LotRole, Record};

use super::amount::Amount;
use super::assumed::{Assumed, Movement};
use super::book::{Book, can_arrive, key};
use super::lots::Account;
use super::settle::Missing;

/// The parties of a shipment, as far as its events name them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Parties {
    /// Who had it before.
    pub sender: Option<Block>,
    /// Who is to have it.
    pub receiver: Option<Block>,
    /// Who is to own it.
    pub owner: Option<Block>,
}

impl Parties {
    /// All of them.
    pub fn all(self) -> impl Iterator<Item = Block> {
        [self.sender, self.receiver, self.owner]
            .into_iter()
            .flatten()
    }

    /// What another event of the same shipment adds.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            sender: self.sender.or(other.sender),
            receiver: self.receiver.or(other.receiver),
            owner: self.owner.or(other.owner),
        }
    }
}

/// Who is named in the events of a lot.
pub(super) fn parties(moves: &[LotMove], records: &[Record]) -> BTreeMap<EventKey, Parties> {
    let mut found: BTreeMap<EventKey, Parties> = BTreeMap::new();
    for lot_move in moves {
        let named = found.entry(key(lot_move)).or_default();
        *named = named.or(Parties {
            sender: lot_move.from_party,
            receiver: lot_move.to_party,
            owner: None,
        });
    }
    for record in records {
        if let Some(named) = found.get_mut(&(record.shard, record.seq)) {
            named.owner = named.owner.or(record.owner.as_deref().copied());
        }
    }
    found
}

/// Whether two events can mean the same one, where both name one.
pub(super) fn agree(one: Option<Block>, other: Option<Block>) -> bool {
    one.is_none() || other.is_none() || one == other
}

impl Account {
    /// One end of a movement, as far as it is told.
    pub(super) fn end_at(place: Option<Block>, party: Option<Block>) -> Option<Self> {
        (place.is_some() || party.is_some()).then_some(Self::Stock { place, party })
    }

    /// Whether it is on its way to a named place.
    const fn is_towards_a_place(&self) -> bool {
        matches!(self, Self::InTransit { to: Some(_), .. })
    }

    /// Whether this differs from another shipment by its parties alone.
    fn is_beside(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::InTransit { from, to, .. },
                Self::InTransit {
                    from: left,
                    to: towards,
                    ..
                },
            ) => self != other && (from, to) == (left, towards),
            _ => false,
        }
    }
}

impl Book {
    /// The account a movement is on its way in; of a receipt, that of a shipment between the same places.
    pub(super) fn way(&self, lot_move: &LotMove) -> Account {
        let (from, to) = (lot_move.from_place, lot_move.to_place);
        let way = |parties| Account::InTransit { from, to, parties };
        if lot_move.role == LotRole::Shipped {
            return way(self.told.parties(key(lot_move)));
        }
        let plain = way(Parties::default());
        let known = self.accounts.keys().chain(&self.unknown);
        let mut known = known.filter(|account| **account == plain || account.is_beside(&plain));
        known.next().copied().unwrap_or(plain)
    }

    /// How well what is on its way fits what is received: the lowest first.
    pub(super) fn turn_of(&self, way: &Account, lot_move: &LotMove) -> (bool, bool) {
        let Account::InTransit { parties, .. } = way else {
            return (false, false);
        };
        let told = self.told.parties(key(lot_move));
        (
            !agree(parties.receiver, told.receiver),
            !agree(parties.owner, told.owner),
        )
    }

    /// Who is named to have sent what arrived from nobody says where.
    pub(super) fn sender(&self, movement: &Movement) -> Option<Account> {
        let arrived = movement.event.filter(|_| movement.received);
        Account::end_at(None, self.told.parties(arrived?).sender)
    }

    /// What was received of some may be of others that fit as well. If it was not
    /// theirs who received it, it may be something else, and have come from where there is stock.
    pub(super) fn note_either(
        &mut self,
        to: Account,
        taken: &[(Account, Amount)],
        lot_move: &LotMove,
    ) {
        let fits = |(way, _): &(Account, Amount)| self.turn_of(way, lot_move) == (false, false);
        let is_in_doubt = taken.iter().any(fits);
        for (way, part) in taken {
            if !matches!(way, Account::InTransit { .. }) {
                continue;
            }
            let turn = self.turn_of(way, lot_move);
            let is_theirs = turn == (false, false);
            let from = lot_move.from_place.or_else(|| way.place());
            let can_be = |other: &Account| match other {
                Account::InTransit { to, .. } => {
                    let fits = other != way && can_arrive(lot_move, other);
                    let is_alike = to.is_some() == way.is_towards_a_place();
                    fits && is_alike && self.turn_of(other, lot_move) == turn
                }
                Account::Stock { place, .. } => {
                    let left_there = from.is_none() || *place == from;
                    !is_theirs && left_there && self.can_give(other, to, Missing::Arrived)
                }
                _ => false,
            };
            let others = self.accounts.keys().filter(|other| can_be(other));
            let others: Vec<Account> = others.copied().collect();
            let Some(assumed) = &mut self.assumed else {
                return;
            };
            if is_in_doubt && !is_theirs {
                assumed.doubt(to, *part);
            }
            if !others.is_empty() {
                assumed.either.push((*way, *part, others));
            }
        }
    }

    /// What left the hands of one party can have left those of another at the place that fits as well.
    pub(super) fn note_hands(&mut self, from: Account, part: Amount, lot_move: &LotMove) {
        let Account::Stock {
            place,
            party: Some(party),
        } = from
        else {
            return;
        };
        let named = lot_move.from_party;
        let is_theirs = named.is_none_or(|named| named == party);
        let can_be = |other: &Account| match other {
            Account::Stock {
                place: at,
                party: Some(party),
            } => {
                let fits = named.is_none_or(|named| named == *party);
                *at == place && *other != from && fits == is_theirs
            }
            _ => false,
        };
        let others = self.accounts.keys().filter(|other| can_be(other));
        let others: Vec<Account> = others.copied().collect();
        if let Some(assumed) = self.assumed.as_mut().filter(|_| !others.is_empty()) {
            assumed.either.push((from, part, others));
        }
    }
}

impl Assumed {
    /// What is left on its way to one party, or in its hands, may be gone, and what is gone may be there still.
    pub(super) fn doubt_parties(&mut self, held: impl Fn(&Account) -> Amount) {
        for (way, part, others) in std::mem::take(&mut self.either) {
            let mut sum = Amount::ZERO;
            for other in others {
                let can_be = held(&other).min(part).max(Amount::ZERO);
                let less = self.less.entry(other).or_default();
                *less = less.plus(can_be);
                sum = sum.plus(can_be);
            }
            self.may_be_still(way, sum.min(part));
        }
    }
}
