//! Sightings: a lot is seen at a place by an amount that the books do not have there. Nobody recorded how it came;
//! whoever has the place may have it, and where it was it may still be.

use std::collections::BTreeMap;

use crate::codes::Block;
use crate::epcis::Timestamp;
use crate::trace::{EventKey, LotMove};

use super::amount::{Amount, Bounds};
use super::assumed::{Assumed, Why};
use super::book::{Book, key};
use super::lots::{Account, GapKind};
use super::settle::{At, Gaps, Missing};
use super::stages::is_within_a_day;

/// A sighting of so much at a place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sighting {
    place: Block,
    amount: Amount,
    time: Timestamp,
    event: EventKey,
}

/// A sighting of what is on its way to somewhere else, and perhaps still where it was seen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Passing {
    way: Account,
    at: Account,
    amount: Amount,
    seen: At,
}

/// What left places lately: at one time, place by place.
#[derive(Debug, Clone, Default)]
pub(super) struct JustLeft {
    time: Option<Timestamp>,
    parts: BTreeMap<Option<Block>, Amount>,
}

impl JustLeft {
    pub(super) fn note(&mut self, place: Option<Block>, amount: Amount, time: Timestamp) {
        if self.time != Some(time) {
            self.parts.clear();
        }
        self.time = Some(time);
        let part = self.parts.entry(place).or_default();
        *part = part.plus(amount);
    }
}

impl Book {
    /// So much of the lot is at a place. What the books have there, what left it at that very time, what is on its
    /// way there, and what is in containers or moves under serials can be that; so can what is on its way elsewhere.
    /// The rest came out of what is left over in other places.
    pub(super) fn sight(&mut self, lot_move: &LotMove, amount: Amount) {
        let Some(place) = lot_move
            .to_place
            .filter(|_| self.told.is_sighting(lot_move))
        else {
            return;
        };
        let (time, event) = (lot_move.t_lo, key(lot_move));
        let Some(amount) = self.note_sighting(place, amount, (time, event)) else {
            return;
        };
        let Some(not_here) = self.not_here(place, amount, time) else {
            return;
        };
        let at = Account::Stock {
            place: Some(place),
            party: lot_move.to_party,
        };
        let rest = self.pass(at, not_here, (time, Some(event)));
        if let Some(assumed) = self.assumed.as_mut().filter(|_| not_here.is_positive()) {
            assumed.puzzling.insert(place);
        }
        if !rest.is_positive() {
            return;
        }
        let from_nowhere = self.fetch_for(Missing::Sighted, at, rest, lot_move);
        if let Some(assumed) = &mut self.assumed {
            assumed.doubt(at, rest.minus(from_nowhere));
        }
    }

    /// How much the event tells of in all; nothing where the same amount was told of before that day.
    fn note_sighting(
        &mut self,
        place: Block,
        amount: Amount,
        (time, event): (Timestamp, EventKey),
    ) -> Option<Amount> {
        let sightings = &mut self.assumed.as_mut()?.sightings;
        // Several lines of an event are so many parts of what was seen.
        let last = sightings.pop_if(|last| (last.place, last.event) == (place, event));
        let amount = last.map_or(amount, |last| last.amount.plus(amount));
        let lately = sightings.iter().rev();
        let mut lately = lately.take_while(|known| is_within_a_day(known.time, time));
        let is_again = lately.any(|known| (known.place, known.amount) == (place, amount));
        sightings.push(Sighting {
            place,
            amount,
            time,
            event,
        });
        (!is_again).then_some(amount)
    }

    /// How much of what was seen the books do not have there; nothing where they cannot tell.
    fn not_here(&self, place: Block, amount: Amount, time: Timestamp) -> Option<Amount> {
        let is_here = |at: &Option<Block>| at.is_some_and(|at| self.told.are_one_site(place, at));
        let can_be_here = |account: &Account| match account {
            Account::Stock { place: at, .. } => is_here(at),
            Account::Singly(at) => at.is_none() || is_here(at),
            Account::InTransit { to, .. } => is_here(to),
            Account::Inside(_) => true,
            Account::Made
            | Account::Used
            | Account::Sold(_)
            | Account::Destroyed(_)
            | Account::Stolen(_)
            | Account::Unrecorded(_)
            | Account::SinglyEnded => false,
        };
        if self.unknown.iter().any(can_be_here) {
            return None;
        }
        let mut rest = amount;
        for (account, held) in &self.accounts {
            if can_be_here(account) && held.is_positive() {
                rest = rest.minus(*held);
            }
        }
        if self.just_left.time == Some(time) {
            for (at, left) in &self.just_left.parts {
                if is_here(at) {
                    rest = rest.minus(*left);
                }
            }
        }
        Some(rest).filter(|rest| rest.is_positive())
    }

    /// Notes what is on its way to somewhere else as passing; what is beyond that comes back.
    fn pass(&mut self, at: Account, amount: Amount, seen: At) -> Amount {
        let mut rest = amount;
        let Some(assumed) = &mut self.assumed else {
            return rest;
        };
        for (way, held) in &self.accounts {
            let part = (*held).min(rest);
            if matches!(way, Account::InTransit { .. }) && part.is_positive() {
                rest = rest.minus(part);
                assumed.passing.push(Passing {
                    way: *way,
                    at,
                    amount: part,
                    seen,
                });
            }
        }
        rest
    }

    /// What left a place afterwards was there, and what was seen elsewhere was less, or came back.
    pub(super) fn reclaim(&mut self, from: Account, wanted: Amount) -> bool {
        let Some(assumed) = &mut self.assumed else {
            return false;
        };
        let mut rest = wanted;
        let mut back: Vec<(Account, Amount)> = Vec::new();
        for movement in &mut assumed.movements {
            let here = movement.why == Why::Seen && movement.from == Some(from);
            let taken = back.iter().filter(|(account, _)| *account == movement.to);
            let taken = taken.fold(Amount::ZERO, |sum, (_, part)| sum.plus(*part));
            let there = self.accounts.get(&movement.to).copied().unwrap_or_default();
            let part = movement.amount.min(rest).min(there.minus(taken));
            if here && part.is_positive() {
                rest = rest.minus(part);
                back.push((movement.to, part));
                *movement = movement.without(part);
            }
        }
        for (to, part) in &back {
            assumed.take_back(from, *to, *part);
        }
        assumed
            .movements
            .retain(|movement| movement.bounds.hi.is_positive());
        for (to, part) in &back {
            self.book(*to, from, *part);
        }
        !back.is_empty()
    }

    /// What was seen on its way and never arrived may be where it was seen.
    pub(super) fn strand(&mut self, assumed: &mut Assumed, gaps: &mut Gaps) {
        for passing in std::mem::take(&mut assumed.passing) {
            let part = self.held(passing.way).min(passing.amount);
            if !part.is_positive() {
                continue;
            }
            let less = assumed.less.entry(passing.way).or_default();
            *less = less.plus(part);
            let more = assumed.more.entry(passing.at).or_default();
            *more = more.plus(part);
            self.accounts.entry(passing.at).or_default();
            let bounds = Bounds {
                lo: Amount::ZERO,
                hi: part,
            };
            let left = passing.way.place().map(|_| passing.way.end());
            let (since, event) = passing.seen;
            gaps.add(
                (GapKind::NotReceived, left, Some(passing.at.end())),
                bounds,
                since,
                event,
            );
        }
    }
}

impl Assumed {
    /// All that was on this way is gone from it: nothing of it is where it was seen.
    pub(super) fn note_arrived(&mut self, way: Account) {
        self.passing.retain(|passing| passing.way != way);
    }
}
