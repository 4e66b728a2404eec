//! What is on its way, told apart by the parties that are named: who sent it, who is to have it, whose it is to be.

use std::collections::BTreeMap;

use crate::codes::Block;
use crate::trace::{EventKey, LotMove, LotRole, Record};

use super::amount::Amount;
use super::assumed::{Assumed, Movement};
use super::book::{Book, key};
use super::lots::Account;

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

    /// What was received of some may be of others that differ by their parties alone and fit as well.
    pub(super) fn note_either(&mut self, taken: &[(Account, Amount)], lot_move: &LotMove) {
        for (way, part) in taken {
            let turn = self.turn_of(way, lot_move);
            let others = self
                .accounts
                .keys()
                .filter(|other| way.is_beside(other) && self.turn_of(other, lot_move) == turn);
            let others: Vec<Account> = others.copied().collect();
            if let Some(assumed) = self.assumed.as_mut().filter(|_| !others.is_empty()) {
                assumed.either.push((*way, *part, others));
            }
        }
    }
}

impl Assumed {
    /// What is left on its way to one party may have been received, and what was received may be on its way still.
    pub(super) fn doubt_parties(&mut self, held: impl Fn(&Account) -> Amount) {
        for (way, part, others) in std::mem::take(&mut self.either) {
            let mut sum = Amount::ZERO;
            for other in others {
                let can_be = held(&other).min(part).max(Amount::ZERO);
                let less = self.less.entry(other).or_default();
                *less = less.plus(can_be);
                sum = sum.plus(can_be);
            }
            let more = self.more.entry(way).or_default();
            *more = more.plus(sum.min(part));
        }
    }
}
