//! What single items did, in the book of their lot. An item that no event has named since it came to be is stock
//! of the lot; from the first event that names it elsewhere its serial tells of it, and the lot's quantity has
//! it no more.

use std::cmp::Reverse;

use crate::codes::Block;
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
    /// the same event says of the lot by number.
    pub(super) fn take_singly(&mut self, did: Did, amount: Amount, with: Option<&LotMove>) {
        let there = with.map(|lot_move| self.sides(lot_move, None).1);
        match did {
            Did::Began { .. } => {}
            Did::Came { from, to } => {
                let came = Account::Singly(to);
                let mut rest = self.take_from(there, came, amount);
                let lay = match from {
                    Lay::Loose(place) => Account::Singly(place),
                    Lay::Elsewhere => Account::Singly(None),
                };
                rest = self.take_from(Some(lay), came, rest);
                rest = self.take_where(came, rest, |account| {
                    matches!(account, Account::InTransit { to: towards, .. } if *towards == to)
                });
                if let Lay::Loose(place) = from {
                    self.take_where(came, rest, |account| account.is_stock_at(place));
                }
            }
            Did::Left { place, is_still } => {
                self.leave(there, (place, is_still), Account::Singly(None), amount);
            }
            Did::Ended { from, is_still } => {
                let to = Account::SinglyEnded;
                if let Lay::Loose(place) = from {
                    self.leave(there, (place, is_still), to, amount);
                } else {
                    self.take_from(Some(Account::Singly(None)), to, amount);
                }
            }
        }
    }

    fn leave(
        &mut self,
        there: Option<Account>,
        (place, is_still): (Option<Block>, bool),
        to: Account,
        amount: Amount,
    ) {
        let mut rest = self.take_from(there, to, amount);
        if !is_still {
            rest = self.take_from(Some(Account::Singly(place)), to, rest);
        }
        self.take_where(to, rest, |account| account.is_stock_at(place));
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
        }
        has_some
    }

    /// Takes up to an amount out of an account; the rest comes back.
    fn take_from(&mut self, from: Option<Account>, to: Account, amount: Amount) -> Amount {
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
