//! What single items did, in the book of their lot. An item that no event has named since it came to be is stock
//! of the lot; from the first event that names it elsewhere its serial tells of it, and the lot's quantity has
//! it no more.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::codes::Block;
use crate::epcis::Timestamp;
use crate::trace::LotMove;

use super::amount::Amount;
use super::book::Book;
use super::items::{Did, Lay};
use super::lots::Account;

impl Book {
    /// Items came to be, that nothing made by number covers.
    pub(super) fn begin(&mut self, place: Option<Block>, amount: Amount) {
        let to = Account::Stock { place, party: None };
        let rest = self.note_made(to, amount);
        self.book(Account::Made, to, rest);
    }

    /// Items did something. What is not there is told of by number already, and nothing moves twice. `with`: what
    /// the same event says of the lot by number. How many came out of what was on its way by number comes back.
    pub(super) fn take_singly(
        &mut self,
        did: Did,
        amount: Amount,
        with: Option<&LotMove>,
    ) -> Amount {
        let there = with.map(|lot_move| self.sides(lot_move, None).1);
        match did {
            Did::Began { .. } => {}
            Did::Came { from, to, out_of } => {
                let came = Account::Singly(to);
                let inside = out_of.map(|container| Account::Inside(Some(container)));
                let rest = self.take_out(from, out_of, came, amount);
                let rest = self.take_from(inside, came, rest);
                let rest = self.take_named(there, from, (to, came), rest);
                let named = rest;
                let rest = self.take_coming(to, came, named);
                let carried = named.minus(rest);
                if from != Lay::Unnamed {
                    let rest = self.take_lying(to, came, rest);
                    self.take_left_behind(from, came, rest);
                }
                return carried;
            }
            // They had gone into it by number.
            Did::TakenOut { container, place } => {
                let inside = Account::Inside(Some(container));
                self.take_from(Some(inside), Account::Singly(place), amount);
            }
            Did::Left {
                from: Lay::Inside(container),
                at,
                into: None,
            } => {
                self.take_released(container, (at, Account::Singly(None)), amount);
            }
            Did::Left { from, at, into } => {
                let rest = self.leave(there, from, (at, Account::Singly(None)), amount);
                if let Some(container) = into {
                    self.packed.put_in(container, amount.minus(rest));
                }
            }
            Did::Ended { from, at } => {
                self.leave(there, from, (at, Account::SinglyEnded), amount);
            }
        }
        Amount::ZERO
    }

    /// Items are gone from where an event names them: as stock that lies there, or that was on its way there. How many
    /// were nowhere comes back.
    fn leave(
        &mut self,
        there: Option<Account>,
        from: Lay,
        (at, to): (Option<Block>, Account),
        amount: Amount,
    ) -> Amount {
        let at = match from {
            Lay::Loose { place, .. } => at.or(place),
            Lay::Inside(_) | Lay::Elsewhere | Lay::Unnamed => at,
        };
        let rest = self.take_named(there, from, (at, to), amount);
        let rest = self.take_lying(at, to, rest);
        let rest = self.take_coming(at, to, rest);
        self.take_left_behind(from, to, rest)
    }

    /// Takes what the event itself tells of by number, then what the items' own events tell of; what of this went
    /// along by number lies where they are named.
    fn take_named(
        &mut self,
        there: Option<Account>,
        from: Lay,
        (at, to): (Option<Block>, Account),
        amount: Amount,
    ) -> Amount {
        let rest = self.take_from(there, to, amount);
        match from {
            Lay::Loose {
                place,
                is_still: false,
                since,
            } => {
                let drawn = self.drawn.get(&place).copied().unwrap_or_default();
                let most = drawn.min(rest);
                let mut left = most;
                if place != at {
                    left = self.take_lying(at, to, most);
                }
                let went_along = most.minus(left);
                if went_along.is_positive() {
                    self.drawn.insert(place, drawn.minus(went_along));
                }
                let rest = rest.minus(went_along);
                let swapped = self.swap((place, since), (at, to), rest);
                self.take_from(Some(Account::Singly(place)), to, rest.minus(swapped))
            }
            Lay::Inside(container) => self.take_packed(container, (at, to), rest),
            Lay::Elsewhere => self.take_from(Some(Account::Singly(None)), to, rest),
            Lay::Loose { is_still: true, .. } | Lay::Unnamed => rest,
        }
    }

    /// Items that lay under their serials at one place are named at another, to which stock went by number: they went
    /// along, and as much of that stock stayed. How many.
    fn swap(
        &mut self,
        (place, since): (Option<Block>, Timestamp),
        (at, to): (Option<Block>, Account),
        amount: Amount,
    ) -> Amount {
        let singly = Account::Singly(place);
        let left = self.left_since(place, since);
        let most = self.held(singly).min(left).min(amount);
        let leads = place.zip(at).is_some_and(|(from, at)| self.leads(from, at));
        if !leads || !most.is_positive() {
            return Amount::ZERO;
        }
        let swapped = most.minus(self.take_lying(at, to, most));
        self.book(singly, Account::Stock { place, party: None }, swapped);
        swapped
    }

    /// Whether stock that lay at a place came to another by number, over others and in containers too.
    fn leads(&self, from: Block, to: Block) -> bool {
        let stock_at = |place| Account::Stock {
            place: Some(place),
            party: None,
        };
        let is_way = |account: &Account| {
            matches!(
                account,
                Account::Stock { .. } | Account::Inside(_) | Account::InTransit { .. }
            )
        };
        let first = stock_at(from);
        let (mut known, mut open) = (BTreeSet::from([first]), vec![first]);
        while let Some(account) = open.pop() {
            let nexts = self.went.iter().filter(|(left, _)| *left == account);
            let nexts = nexts.map(|(_, next)| *next).filter(is_way);
            open.extend(nexts.filter(|next| known.insert(*next)));
        }
        from != to && known.contains(&stock_at(to))
    }

    /// Takes what is on its way there by number.
    pub(super) fn take_coming(&mut self, at: Option<Block>, to: Account, amount: Amount) -> Amount {
        self.take_where(
            to,
            amount,
            |account| matches!(account, Account::InTransit { to: towards, .. } if *towards == at),
        )
    }

    /// Takes what lies there by number.
    pub(super) fn take_lying(&mut self, at: Option<Block>, to: Account, amount: Amount) -> Amount {
        self.take_where(to, amount, |account| account.is_stock_at(at))
    }

    /// Takes what lies by number where the items were before: nobody recorded that they left.
    fn take_left_behind(&mut self, from: Lay, to: Account, amount: Amount) -> Amount {
        match from {
            Lay::Loose { place, .. } => self.take_lying(place, to, amount),
            Lay::Inside(_) | Lay::Elsewhere | Lay::Unnamed => amount,
        }
    }

    /// A movement by number takes along items that lie there under their serials, when there is no other stock.
    pub(super) fn draw_singly(&mut self, from: Account, wanted: Amount) -> bool {
        let Account::Stock { place, .. } = from else {
            return false;
        };
        let singly = Account::Singly(place);
        let part = self.held(singly).min(wanted);
        let has_some = place.is_some() && part.is_positive();
        if has_some {
            self.book(singly, from, part);
            let drawn = self.drawn.entry(place).or_default();
            *drawn = drawn.plus(part);
        }
        has_some
    }

    /// Takes up to an amount out of an account; the rest comes back.
    pub(super) fn take_from(
        &mut self,
        from: Option<Account>,
        to: Account,
        amount: Amount,
    ) -> Amount {
        let Some(from) = from else {
            return amount;
        };
        let part = self.held(from).min(amount);
        if !part.is_positive() {
            return amount;
        }
        self.book(from, to, part);
        amount.minus(part)
    }

    /// The same out of all accounts that fit, the largest first.
    fn take_where(
        &mut self,
        to: Account,
        amount: Amount,
        fits: impl Fn(&Account) -> bool,
    ) -> Amount {
        let mut sources: Vec<Account> = self
            .accounts
            .keys()
            .copied()
            .filter(|of| fits(of))
            .collect();
        sources.sort_by_key(|account| Reverse(self.held(*account)));
        sources
            .into_iter()
            .fold(amount, |rest, from| self.take_from(Some(from), to, rest))
    }
}

impl Account {
    fn is_stock_at(&self, place: Option<Block>) -> bool {
        matches!(self, Self::Stock { place: at, .. } if *at == place)
    }
}
