//! Records of movements that come late, by their time. What arrived or was missing may have been shipped at a time that
//! a clock tells later; a shipment of days later is another movement.

use crate::codes::Block;
use crate::epcis::Timestamp;
use crate::trace::{EventKey, LotMove};

use super::amount::Amount;
use super::assumed::Movement;
use super::book::{Book, key};
use super::lots::Account;
use super::stages::{Told, is_within_a_day};
use super::ways::agree;

/// What was shipped.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shipment {
    pub(super) time: Timestamp,
    pub(super) event: EventKey,
    pub(super) amount: Amount,
    /// How much lay then where it was to go.
    was_there: Amount,
}

/// Who is named to have received what was assumed to have moved.
fn receiver(told: &Told, movement: &Movement) -> Option<Block> {
    let named = movement.event.map(|event| told.parties(event));
    named.unwrap_or_default().receiver
}

impl Book {
    /// What is about to be shipped.
    pub(super) fn shipment(&self, lot_move: &LotMove, amount: Amount) -> Shipment {
        let lies = |account: &Account| matches!(account, Account::Stock { place, .. } if *place == lot_move.to_place);
        let there = self.accounts.iter().filter(|(account, _)| lies(account));
        let there = there.filter(|(_, held)| held.is_positive());
        Shipment {
            time: lot_move.t_lo,
            event: key(lot_move),
            amount,
            was_there: match lot_move.to_place {
                Some(_) => there.fold(Amount::ZERO, |sum, (_, held)| sum.plus(*held)),
                None => amount,
            },
        }
    }

    /// What arrives was missing here before and used up, if anything was: so much of it is accounted for.
    /// What was used up days before was something else.
    pub(super) fn pay(
        &mut self,
        from: Account,
        to: Account,
        amount: Amount,
        lot_move: &LotMove,
    ) -> Amount {
        let Some(assumed) = &mut self.assumed else {
            return amount;
        };
        let mut rest = amount;
        for movement in &mut assumed.movements {
            let open = movement.from.is_none() && !movement.received && movement.is_spent;
            let open = open && is_within_a_day(movement.since, lot_move.t_lo);
            let part = movement.amount.min(rest);
            if open && movement.to.place() == to.place() && part.is_positive() {
                rest = rest.minus(part);
                *movement = movement.without(part);
            }
        }
        assumed
            .movements
            .retain(|movement| movement.bounds.hi.is_positive());
        self.book(from, Account::Unrecorded(to.place()), amount.minus(rest));
        rest
    }

    /// A shipment of what is not there any more is the late record of a movement that was assumed.
    pub(super) fn note_shipped(&mut self, lot_move: &LotMove, amount: Amount) -> Amount {
        let Some(assumed) = &mut self.assumed else {
            return amount;
        };
        let named = self.told.parties(key(lot_move)).receiver;
        let fits = |movement: &Movement| {
            let from = movement.from.and_then(|from| from.place());
            let to = lot_move.to_place;
            let from_fits = movement.from.is_some() && from == lot_move.from_place;
            let to_fits = to.is_none() || to == movement.to.place();
            let open = !movement.shipped && is_within_a_day(movement.since, lot_move.t_lo);
            open && from_fits && to_fits && agree(named, receiver(&self.told, movement))
        };
        assumed.mark(amount, fits, |movement| movement.shipped = true)
    }

    /// What is received of a movement that was assumed and has been shipped by now.
    pub(super) fn note_received(&mut self, lot_move: &LotMove, amount: Amount) -> Amount {
        let Some(assumed) = &mut self.assumed else {
            return amount;
        };
        let named = self.told.parties(key(lot_move)).receiver;
        let fits = |movement: &Movement| {
            let from = movement.from.and_then(|from| from.place());
            let from_fits = lot_move.from_place.is_none() || from == lot_move.from_place;
            let open = movement.shipped && !movement.received;
            let is_theirs = agree(named, receiver(&self.told, movement));
            open && from_fits && is_theirs && movement.to.place() == lot_move.to_place
        };
        assumed.mark(amount, fits, |movement| movement.received = true)
    }

    /// What arrived before it left, by the clocks, is one movement. If it had gone on by then it may be two.
    pub(super) fn meet_late_shipments(&mut self) {
        let ways = self.accounts.iter().filter(|(account, held)| {
            matches!(account, Account::InTransit { .. }) && held.is_positive()
        });
        let ways: Vec<Account> = ways.map(|(account, _)| *account).collect();
        for way in ways {
            let shipments = self.shipments.get(&way).cloned().unwrap_or_default();
            for shipment in shipments {
                self.meet_late_shipment(way, &shipment);
            }
        }
    }

    fn meet_late_shipment(&mut self, way: Account, shipment: &Shipment) {
        let Account::InTransit { from, to, parties } = way else {
            return;
        };
        let mut rest = self.held(way).min(shipment.amount);
        let Some(assumed) = &mut self.assumed else {
            return;
        };
        let mut met = Vec::new();
        for movement in &mut assumed.movements {
            let from_fits = movement.from.is_none_or(|known| known.place() == from);
            let to_fits = to.is_none() || to == movement.to.place();
            let fits = from_fits
                && to_fits
                && agree(parties.receiver, receiver(&self.told, movement))
                && is_within_a_day(movement.since, shipment.time);
            let open = movement.received && !movement.shipped;
            let part = movement.amount.min(rest);
            if open && fits && part.is_positive() {
                rest = rest.minus(part);
                met.push(movement.part(part));
                *movement = movement.without(part);
            }
        }
        for movement in &met {
            assumed.meet(movement);
        }
        assumed
            .movements
            .retain(|movement| movement.bounds.hi.is_positive());
        let mut gone_on = Amount::ZERO;
        for movement in met {
            let unrecorded = Account::Unrecorded(movement.to.place());
            let came = movement.from.unwrap_or(unrecorded);
            gone_on = gone_on.plus(movement.amount);
            self.book(way, came, movement.amount);
            let part = gone_on.minus(shipment.was_there).min(movement.amount);
            if let Some(assumed) = self.assumed.as_mut().filter(|_| part.is_positive()) {
                assumed.may_be_still(way, part);
                let less = assumed.less.entry(came).or_default();
                *less = less.plus(part);
            }
        }
    }
}
