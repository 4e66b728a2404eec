//! The book of one lot in one unit of measure: every movement takes from one account and gives to another.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::codes::{Address, Block};
use crate::epcis::Timestamp;
use crate::trace::{EventKey, LotMove, LotRole};

use super::amount::Amount;
use super::assumed::Assumed;
use super::late::Shipment;
use super::lots::{Account, EndedPart, LotFault, Unmet};
use super::packed::Packed;
use super::sightings::JustLeft;
use super::stages::{Tellings, Told};
use super::ways::agree;

/// A book under way.
#[derive(Debug, Clone, Default)]
pub(super) struct Book {
    pub(super) accounts: BTreeMap<Account, Amount>,
    pub(super) unknown: BTreeSet<Account>,
    pub(super) faults: Vec<LotFault>,
    /// What went for good into each account that nothing comes out of.
    pub(super) ended: BTreeMap<Account, Vec<EndedPart>>,
    /// What was shipped into each account of transit since it was empty.
    pub(super) shipments: BTreeMap<Account, Vec<Shipment>>,
    /// Containers that ended with what is in them.
    pub(super) closed: BTreeSet<Address>,
    /// What was shipped without an amount and not received since: by which events, and when.
    pub(super) unmet: BTreeMap<Account, Unmet>,
    /// What had been shipped into those that are empty again.
    pub(super) arrived: BTreeMap<Account, Vec<Shipment>>,
    /// Places that it came to from nobody says where.
    pub(super) entered: BTreeSet<Option<Block>>,
    /// From where it came to where, as far as that is told.
    pub(super) came: BTreeSet<(Block, Option<Block>)>,
    pub(super) tellings: Tellings,
    /// Between which accounts anything went, whoever was named.
    pub(super) went: BTreeSet<(Account, Account)>,
    pub(super) just_left: JustLeft,
    /// What left each place by number, and when at the latest.
    pub(super) left: BTreeMap<Option<Block>, Vec<(Timestamp, Amount)>>,
    /// How many items that lay at a place under their serials went along by number.
    pub(super) drawn: BTreeMap<Option<Block>, Amount>,
    pub(super) packed: Packed,
    pub(super) told: Arc<Told>,
    /// Unrecorded movements, where the book makes good what is missing by them.
    pub(super) assumed: Option<Assumed>,
}

impl Book {
    /// Books what is recorded, and nothing else.
    pub(super) fn recorded(told: Arc<Told>) -> Self {
        Self {
            told,
            ..Self::default()
        }
    }

    /// Books what is recorded, and makes good what is missing out of what is left over.
    pub(super) fn settling(told: Arc<Told>) -> Self {
        Self {
            told,
            assumed: Some(Assumed::default()),
            ..Self::default()
        }
    }

    pub(super) fn held(&self, account: Account) -> Amount {
        self.accounts.get(&account).copied().unwrap_or_default()
    }

    pub(super) fn book(&mut self, from: Account, to: Account, amount: Amount) {
        if from == to {
            return;
        }
        if amount.is_positive() {
            self.went.insert((from.nobodys(), to.nobodys()));
        }
        let held = self.accounts.entry(from).or_default();
        *held = held.minus(amount);
        if *held == Amount::ZERO {
            if let Some(shipped) = self.shipments.remove(&from) {
                self.arrived.insert(from, shipped);
            }
            if let Some(assumed) = &mut self.assumed {
                assumed.note_arrived(from);
            }
        }
        let held = self.accounts.entry(to).or_default();
        *held = held.plus(amount);
    }

    /// A movement of an amount nobody measured.
    pub(super) fn take_unknown(&mut self, lot_move: &LotMove, container: Option<Address>) {
        let (from, to) = self.sides(lot_move, container);
        self.unknown.extend([from, to]);
        if matches!(to, Account::InTransit { .. }) {
            let unmet = self.unmet.entry(to).or_insert_with(|| Unmet {
                since: lot_move.t_lo,
                events: BTreeSet::new(),
            });
            unmet.events.insert(key(lot_move));
        }
        if matches!(lot_move.role, LotRole::Received | LotRole::Returned) {
            self.unmet.retain(|way, _| !can_arrive(lot_move, way));
        }
    }

    /// A movement.
    pub(super) fn take(&mut self, lot_move: &LotMove, container: Option<Address>, amount: Amount) {
        let amount = self.beside(lot_move, amount);
        if amount == Amount::ZERO || self.is_told_again(lot_move, amount) {
            return;
        }
        match lot_move.role {
            LotRole::Seen => self.sight(lot_move, amount),
            LotRole::Received | LotRole::Returned => self.receive(lot_move, amount),
            LotRole::Made
            | LotRole::Used
            | LotRole::Shipped
            | LotRole::Packed
            | LotRole::Unpacked
            | LotRole::Sold
            | LotRole::Destroyed => self.give(lot_move, container, amount),
        }
    }

    /// Whether there is as much as a movement takes where it takes it from, or nobody can tell.
    pub(super) fn covers(&self, lot_move: &LotMove, container: Option<Address>) -> bool {
        let Some((value, scale)) = lot_move.quantity.amount else {
            return true;
        };
        let amount = Amount::new(value, scale).unwrap_or_default();
        let (from, _) = self.sides(lot_move, container);
        let is_source = |account: &Account| match lot_move.role {
            LotRole::Received | LotRole::Returned => can_arrive(lot_move, account),
            LotRole::Unpacked => *account == from,
            _ => matches!(account, Account::Stock { place, .. } if *place == lot_move.from_place),
        };
        let sources = self
            .accounts
            .iter()
            .filter(|(account, _)| is_source(account));
        let there = sources.filter(|(_, held)| held.is_positive());
        let packed = self.packed_in(&from);
        let there = there.fold(packed, |sum, (_, held)| sum.plus(*held));
        amount <= there || self.unknown.iter().any(is_source)
    }

    fn give(&mut self, lot_move: &LotMove, container: Option<Address>, amount: Amount) {
        let mut rest = amount;
        let mut sent = Amount::ZERO;
        loop {
            let (from, to) = self.sides(lot_move, container);
            let held = self.held(from);
            let says_nothing = from == Account::Made || self.unknown.contains(&from);
            if says_nothing || rest <= held {
                if from == Account::Made {
                    rest = self.note_made(to, rest);
                }
                self.send(from, to, rest, lot_move);
                return self.note_hands(from, rest, lot_move);
            }
            if held.is_positive() && from != to {
                // The rest may be there in other hands.
                self.send(from, to, held, lot_move);
                self.note_hands(from, held, lot_move);
                rest = rest.minus(held);
                sent = sent.plus(held);
                continue;
            }
            if self.draw_singly(from, rest)
                || self.draw_packed(from, rest)
                || self.reclaim(from, rest)
            {
                continue;
            }
            if lot_move.role == LotRole::Shipped {
                rest = self.note_shipped(lot_move, rest);
                if rest == Amount::ZERO {
                    return;
                }
            }
            let by = rest.minus(self.spare_at_site(from).max(Amount::ZERO));
            self.fetch(from, rest, (to, sent), lot_move);
            self.send(from, to, rest, lot_move);
            if by.is_positive() {
                self.faults.push(LotFault::Overdrawn {
                    account: from,
                    by,
                    event: key(lot_move),
                });
            }
            return;
        }
    }

    /// How much lies in other parts of the site of an account, less what is missing in it already: nobody records
    /// every way within a site.
    fn spare_at_site(&self, account: Account) -> Amount {
        let at_site = |other: &Account| {
            let is_stock = matches!(other, Account::Stock { .. });
            is_stock && self.told.is_within_site(other.place(), account.place())
        };
        let others = self.accounts.iter().filter(|(other, _)| at_site(other));
        let missing = self.held(account).min(Amount::ZERO);
        others.fold(missing, |sum, (_, held)| sum.plus(*held))
    }

    /// Stock left a place by number.
    pub(super) fn note_left(&mut self, place: Option<Block>, amount: Amount, time: Timestamp) {
        let left = self.left.entry(place).or_default();
        left.push((time, amount));
    }

    /// How much left a place by number at a time or later.
    pub(super) fn left_since(&self, place: Option<Block>, since: Timestamp) -> Amount {
        let left = self.left.get(&place).into_iter().flatten();
        let left = left.filter(|(time, _)| since <= *time);
        left.fold(Amount::ZERO, |sum, (_, left)| sum.plus(*left))
    }

    fn send(&mut self, from: Account, to: Account, amount: Amount, lot_move: &LotMove) {
        let sets_out = matches!(to, Account::InTransit { .. }) && from != to;
        let shipment = sets_out.then(|| self.shipment(lot_move, amount));
        self.book(from, to, amount);
        if to.is_end() {
            let ended = self.ended.entry(to).or_default();
            ended.push(EndedPart {
                time: lot_move.t_hi,
                amount,
                from,
            });
        }
        self.tellings.note_left(from.place());
        if let Account::Stock { place, .. } = from {
            self.note_left(place, amount, lot_move.t_hi);
            self.just_left.note(place, amount, lot_move.t_lo);
        }
        if let Some(shipment) = shipment {
            self.shipments.entry(to).or_default().push(shipment);
        }
    }

    /// What arrives comes out of what was shipped here, then out of what was shipped to nobody says where,
    /// then (returned) out of what was sold; else out of the place it says it came from.
    fn receive(&mut self, lot_move: &LotMove, amount: Amount) {
        let to = Account::Stock {
            place: lot_move.to_place,
            party: lot_move.to_party,
        };
        let fits = |account: &Account| can_arrive(lot_move, account);
        let mut sources: Vec<Account> = self.accounts.keys().copied().filter(fits).collect();
        sources.sort_by_key(|account| {
            let turn = match account {
                Account::InTransit { to: None, .. } => 1,
                Account::Singly(_) => 2,
                // What was sold here comes back here.
                Account::Sold(at) | Account::Stolen(at) if *at != lot_move.to_place => 3,
                _ => 0,
            };
            let is_other = self.held(*account) != amount;
            (turn, self.turn_of(account, lot_move), is_other)
        });
        let mut rest = amount;
        let mut taken = Vec::new();
        for from in sources {
            let part = self.held(from).min(rest);
            if part.is_positive() {
                let free = match from {
                    Account::InTransit { from: left, .. } => {
                        self.came.extend(left.map(|left| (left, lot_move.to_place)));
                        self.pay(from, to, part, lot_move)
                    }
                    _ => part,
                };
                self.book(from, to, free);
                rest = rest.minus(part);
                taken.push((from, part));
            }
        }
        self.note_either(to, &taken, lot_move);
        if lot_move.role == LotRole::Returned {
            self.tellings.note_back(lot_move.to_place, amount);
        }
        rest = self.note_received(lot_move, rest);
        if let Some(from) = lot_move.from_place {
            self.came.insert((from, lot_move.to_place));
        }
        // It is more than was shipped: shipped too little by the records, or counted too much.
        let is_in_doubt = rest < amount;
        if !rest.is_positive() {
            return;
        }
        if let Some(unknown) = self.unknown.iter().copied().find(|account| fits(account)) {
            return self.book(unknown, to, rest);
        }
        self.faults.push(LotFault::NotShipped {
            by: rest,
            event: key(lot_move),
        });
        if lot_move.from_place.is_some() {
            let from = self.stock_at(lot_move);
            return self.arrive(from, to, rest, (is_in_doubt, lot_move));
        }
        let nowhere = self.appear(to, rest, lot_move);
        if is_in_doubt {
            self.doubt(to, rest, nowhere);
        }
        let rest = nowhere;
        self.book(Account::Unrecorded(lot_move.to_place), to, rest);
        if rest.is_positive() {
            self.entered.insert(lot_move.to_place);
        }
    }

    /// The accounts a movement is between.
    pub(super) fn sides(
        &self,
        lot_move: &LotMove,
        container: Option<Address>,
    ) -> (Account, Account) {
        let left = || self.stock_at(lot_move);
        let came = Account::Stock {
            place: lot_move.to_place,
            party: lot_move.to_party,
        };
        match lot_move.role {
            LotRole::Made => (Account::Made, came),
            LotRole::Used => (left(), Account::Used),
            LotRole::Shipped if self.told.is_stolen(lot_move) => {
                (left(), Account::Stolen(lot_move.from_place))
            }
            LotRole::Shipped => (left(), self.way(lot_move)),
            LotRole::Received => (self.way(lot_move), came),
            LotRole::Packed => (left(), Account::Inside(container)),
            LotRole::Unpacked => (Account::Inside(container), came),
            LotRole::Sold => (left(), Account::Sold(lot_move.from_place)),
            LotRole::Returned => (Account::Sold(lot_move.to_place), came),
            LotRole::Destroyed => (left(), Account::Destroyed(lot_move.from_place)),
            LotRole::Seen => (came, came),
        }
    }

    /// The stock a movement leaves: of the party that is named, else whatever is at the place.
    pub(super) fn stock_at(&self, lot_move: &LotMove) -> Account {
        let place = lot_move.from_place;
        let exact = Account::Stock {
            place,
            party: lot_move.from_party,
        };
        let here = self.accounts.iter().filter(|(account, amount)| {
            matches!(account, Account::Stock { place: at, .. } if *at == place)
                && amount.is_positive()
        });
        let mut here: Vec<Account> = here.map(|(account, _)| *account).collect();
        if here.contains(&exact) || here.is_empty() {
            return exact;
        }
        here.sort_by_key(|account| std::cmp::Reverse(self.held(*account)));
        here.first().copied().unwrap_or(exact)
    }
}

/// Whether what arrives, or comes back, can be what is booked here.
pub(super) fn can_arrive(lot_move: &LotMove, account: &Account) -> bool {
    match account {
        Account::InTransit { from, to, parties } => {
            let from_fits = lot_move.from_place.is_none() || *from == lot_move.from_place;
            let is_theirs = to.is_none() && agree(parties.receiver, lot_move.to_party);
            from_fits && (is_theirs || to.is_some() && *to == lot_move.to_place)
        }
        Account::Sold(_) | Account::Stolen(_) => lot_move.role == LotRole::Returned,
        Account::Made
        | Account::Stock { .. }
        | Account::Inside(_)
        | Account::Used
        | Account::Destroyed(_)
        | Account::Unrecorded(_)
        | Account::SinglyEnded => false,
        // What set out under its serial may be received by number.
        Account::Singly(place) => place.is_none(),
    }
}

/// The event of a movement.
pub(super) const fn key(lot_move: &LotMove) -> EventKey {
    (lot_move.shard, lot_move.seq)
}
