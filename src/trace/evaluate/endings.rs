//! Containers that end with what is in them: what becomes of that, and when the code begins again.

use std::collections::BTreeMap;

use crate::codes::{Address, Block, MemberSet};
use crate::epcis::Timestamp;
use crate::trace::{EventKey, Flow, Op, Record};

use super::amount::Amount;
use super::book::Book;
use super::epochs::{begins, takes_along};
use super::lots::{Account, EndedPart};
use super::stays::Emptied;

/// A container ended, or came back, or its code is used again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ending {
    pub(super) t_lo: Timestamp,
    pub(super) then: Then,
}

/// What became of a container that ended with what was in it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Then {
    /// It ended: nothing leaves it that nobody records.
    Closed,
    /// It came back.
    Back,
    /// Its code is used again: what was in it is booked here. Until then what befell it befell what was in it.
    Again(Account),
}

/// What is known of a container as records go by.
#[derive(Default)]
struct Life {
    stood: Option<Block>,
    /// Where its contents are booked since it ended.
    end: Option<Account>,
    endings: Vec<Ending>,
}

/// When these members of a block ended with all that was in them, and what became of them, by their log (in order).
/// `fills`: whether what an event puts into one, or sees in it, lets it begin.
pub(super) fn endings(
    log: &[Record],
    mask: &MemberSet,
    mut fills: impl FnMut(EventKey) -> bool,
) -> BTreeMap<u16, Vec<Ending>> {
    let mut lives: BTreeMap<u16, Life> = BTreeMap::new();
    for record in log {
        record.members.for_each_in(mask, |member| {
            lives.entry(member).or_default().live(record, &mut fills);
        });
    }
    let told = lives.into_iter();
    let told = told.map(|(member, life)| (member, life.endings));
    told.filter(|(_, endings)| !endings.is_empty()).collect()
}

impl Life {
    fn live(&mut self, record: &Record, mut fills: impl FnMut(EventKey) -> bool) {
        let then = if record.flow == Flow::Return && self.end.take().is_some() {
            Some(Then::Back)
        } else if takes_along(record) {
            self.end = Some(share(record, record.place.or(self.stood)));
            Some(Then::Closed)
        } else if self.end.is_some()
            && begins(record.op)
            && (record.op != Op::Hold || fills((record.shard, record.seq)))
        {
            self.end.take().map(Then::Again)
        } else {
            None
        };
        let t_lo = record.t_lo;
        self.endings.extend(then.map(|then| Ending { t_lo, then }));
        if record.flow != Flow::Ship {
            self.stood = record.place.or(self.stood);
        }
    }
}

/// Where the contents of a container are booked that ended by a record.
const fn share(record: &Record, place: Option<Block>) -> Account {
    match record.flow {
        Flow::Sell => Account::Sold(place),
        Flow::Destroy => Account::Destroyed(place),
        Flow::Stolen => Account::Stolen(place),
        _ => Account::Used,
    }
}

impl Book {
    /// What was inside a container lies where it was emptied.
    pub(super) fn empty(&mut self, container: Address, emptied: &Emptied) {
        let to = Account::Stock {
            place: emptied.place,
            party: None,
        };
        self.pour(container, to);
    }

    /// A container ended with what was inside, or did not after all, or is another one from now on.
    pub(super) fn end(&mut self, container: Address, ending: &Ending) {
        let to = match ending.then {
            Then::Closed => {
                self.closed.insert(container);
                return;
            }
            Then::Back => {
                self.closed.remove(&container);
                return;
            }
            Then::Again(to) => to,
        };
        self.closed.remove(&container);
        let inside = Account::Inside(Some(container));
        let more = self
            .assumed
            .as_ref()
            .and_then(|assumed| assumed.more.get(&inside));
        let more = more.copied().unwrap_or_default();
        let at_most = self.pour(container, to).plus(more);
        if at_most.is_positive() {
            let of = self.ended.entry(to).or_default();
            of.push(EndedPart {
                time: ending.t_lo,
                amount: at_most,
                from: inside,
            });
        }
    }

    fn pour(&mut self, container: Address, to: Account) -> Amount {
        let inside = Account::Inside(Some(container));
        let held = self.held(inside).max(Amount::ZERO);
        if held.is_positive() {
            self.book(inside, to, held);
        }
        if let Some(assumed) = &mut self.assumed {
            assumed.carry_over(inside, to);
        }
        if self.unknown.remove(&inside) {
            self.unknown.insert(to);
        }
        self.pour_packed(container, to);
        held
    }
}
