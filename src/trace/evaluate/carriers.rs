//! What the containers of a lot's stock did to it: they were emptied, they ended and their code began again, or an
//! event names one beside what is in it.

use std::collections::{BTreeMap, BTreeSet};

use crate::codes::{Address, Block, MemberSet};
use crate::epcis::Timestamp;
use crate::events::{Action, Entry};
use crate::trace::{EventKey, Flow, LotMove, LotRole, Op, Record, Source};

use super::amount::Amount;
use super::book::{Book, can_arrive, key};
use super::epochs::{begins, takes_along};
use super::lots::Account;
use super::reader::{Reader, Units};
use super::stays::{Emptied, containers, emptied, stays};

/// The containers that stock of one lot went into.
#[derive(Debug, Clone, Default)]
pub(super) struct Carriers {
    /// When each was emptied.
    pub(super) emptied: BTreeMap<Address, Vec<Emptied>>,
    /// When each ended with what was in it, and what became of it.
    pub(super) ended: BTreeMap<Address, Vec<Ended>>,
    /// Those that events name by themselves, and not as what something goes into.
    pub(super) named: BTreeMap<EventKey, BTreeSet<Address>>,
}

/// A container ended, or came back, or its code is used again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ended {
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

/// The containers of a lot; their logs must be loaded. `openings`: see [`openings`].
pub(super) fn carriers<S: Source>(
    reader: &Reader<'_, S>,
    lot: &Block,
    openings: &BTreeSet<EventKey>,
) -> Carriers {
    let mut found = Carriers {
        emptied: emptied(reader, lot),
        ..Carriers::default()
    };
    for container in containers(reader, lot) {
        let ends = ended(reader, container, |event| !openings.contains(&event));
        found.ended.insert(container, ends);
        for event in named(reader, container) {
            found.named.entry(event).or_default().insert(container);
        }
    }
    found
}

/// The events that name a container by itself, or one that it was in then, however deep.
fn named<S: Source>(reader: &Reader<'_, S>, container: Address) -> BTreeSet<EventKey> {
    let mut found = BTreeSet::new();
    let mut known = BTreeSet::from([container]);
    let mut open = vec![(container, Timestamp::from_micros(i64::MIN), None)];
    while let Some((carrier, from, until)) = open.pop() {
        let log = reader.log(&carrier.block).iter();
        let is_then = |time| from <= time && until.is_none_or(|until| time < until);
        let by_itself = log.filter(|record| {
            record.members.contains(carrier.member) && !is_around(record) && is_then(record.t_lo)
        });
        found.extend(by_itself.map(|record| (record.shard, record.seq)));
        let alone = MemberSet::one(carrier.member);
        for stay in stays(reader, &carrier.block, &alone, |_| true) {
            let until = [until, stay.t_out].into_iter().flatten().min();
            if known.insert(stay.container) {
                open.push((stay.container, from.max(stay.t_in), until));
            }
        }
    }
    found
}

/// The events that take something out of containers of these lots that had ended: nothing begins with them.
pub(super) fn openings<S: Source>(
    reader: &mut Reader<'_, S>,
    lots: &Units,
) -> Result<BTreeSet<EventKey>, S::Error> {
    let mut asked = BTreeSet::new();
    for container in lots.keys().flat_map(|lot| containers(reader, lot)) {
        ended(reader, container, |event| {
            asked.insert(event);
            false
        });
    }
    if asked.is_empty() {
        return Ok(asked);
    }
    let entries = reader.entries(&asked)?;
    let opens = |entry: &&Entry| entry.action == Some(Action::Delete);
    let keys = entries.iter().filter(opens);
    Ok(keys.map(|entry| (entry.shard, entry.seq)).collect())
}

/// Whether a record tells of a container that something goes into or comes out of.
const fn is_around(record: &Record) -> bool {
    matches!(record.op, Op::Hold | Op::UnpackAll | Op::DetachAll)
}

/// When a container ended with all that was in it, and what became of it. `fills`: whether what an event puts into it, or sees in it, lets it begin.
fn ended<S: Source>(
    reader: &Reader<'_, S>,
    container: Address,
    mut fills: impl FnMut(EventKey) -> bool,
) -> Vec<Ended> {
    let log = reader.log(&container.block).iter();
    let (mut stood, mut end) = (None, None);
    let mut found = Vec::new();
    for record in log.filter(|record| record.members.contains(container.member)) {
        let mut add = |then| {
            let t_lo = record.t_lo;
            found.push(Ended { t_lo, then });
        };
        if record.flow == Flow::Return && end.is_some() {
            end = None;
            add(Then::Back);
        } else if takes_along(record) {
            end = Some(share(record, record.place.or(stood)));
            add(Then::Closed);
        } else if end.is_some()
            && begins(record.op)
            && (record.op != Op::Hold || fills((record.shard, record.seq)))
            && let Some(to) = end.take()
        {
            add(Then::Again(to));
        }
        if record.flow != Flow::Ship {
            stood = record.place.or(stood);
        }
    }
    found
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
    pub(super) fn end(&mut self, container: Address, ended: &Ended) {
        let to = match ended.then {
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
            of.push((ended.t_lo, at_most));
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
        held
    }

    /// Whether an event that names containers names as much of the lot as is in them: it tells of that, which moves
    /// with them.
    pub(super) fn tells_of_contents(&self, lot_move: &LotMove, amount: Amount) -> bool {
        moves(lot_move.role) && self.inside(lot_move) == Some(amount)
    }

    /// How much is in the containers that an event names.
    fn inside(&self, lot_move: &LotMove) -> Option<Amount> {
        let containers = self.told.containers(key(lot_move))?.iter();
        let inside = containers.map(|container| self.held(Account::Inside(Some(*container))));
        Some(inside.fold(Amount::ZERO, Amount::plus))
    }

    /// How much moves that an event names beside a container: what there is not enough of besides is in it, and moves
    /// with it.
    pub(super) fn beside(&self, lot_move: &LotMove, amount: Amount) -> Amount {
        let Some(inside) = self.inside(lot_move).filter(|_| moves(lot_move.role)) else {
            return amount;
        };
        let comes = matches!(lot_move.role, LotRole::Received | LotRole::Returned);
        let is_loose = |account: &Account| match account {
            Account::Stock { place, .. } => !comes && *place == lot_move.from_place,
            other => comes && can_arrive(lot_move, other),
        };
        if self.unknown.iter().any(is_loose) {
            return amount;
        }
        let loose = self.accounts.iter();
        let loose = loose.filter(|(account, held)| is_loose(account) && held.is_positive());
        let loose = loose.fold(Amount::ZERO, |sum, (_, held)| sum.plus(*held));
        let missing = amount.minus(loose).max(Amount::ZERO);
        amount.minus(missing.min(inside.max(Amount::ZERO)))
    }
}

/// Whether such a movement can be of what is in a container that moves.
const fn moves(role: LotRole) -> bool {
    match role {
        LotRole::Shipped
        | LotRole::Received
        | LotRole::Returned
        | LotRole::Sold
        | LotRole::Destroyed
        | LotRole::Used => true,
        LotRole::Made | LotRole::Packed | LotRole::Unpacked | LotRole::Seen => false,
    }
}
