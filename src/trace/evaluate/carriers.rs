//! What the containers of a lot's stock did to it: they were emptied, they ended and their code began again, or an
//! event names one beside what is in it.

use std::collections::{BTreeMap, BTreeSet};

use crate::codes::{Address, Block, MemberSet};
use crate::epcis::Timestamp;
use crate::events::{Action, Entry};
use crate::trace::{EventKey, LotMove, LotRole, Op, Record, Source};

use super::amount::Amount;
use super::book::{Book, can_arrive, key};
use super::endings::{Ending, endings};
use super::items::Singly;
use super::kinds::Kinds;
use super::lots::Account;
use super::reader::{Reader, Units, add_unit};
use super::stays::{Emptied, Stay, containers, emptied, stays};

/// The containers that stock of one lot, or items of it, went into.
#[derive(Debug, Clone, Default)]
pub(super) struct Carriers {
    /// When each was emptied.
    pub(super) emptied: BTreeMap<Address, Vec<Emptied>>,
    /// When each ended with what was in it, and what became of it.
    pub(super) ended: BTreeMap<Address, Vec<Ending>>,
    /// Those that events name by themselves, and not as what something goes into.
    pub(super) named: BTreeMap<EventKey, BTreeSet<Address>>,
}

/// The containers of a lot that moved so, and of its items; their logs must be loaded. `openings`: see [`openings`].
pub(super) fn carriers<S: Source>(
    reader: &Reader<'_, S>,
    lot: &Block,
    (moves, items): (&[LotMove], &[Singly]),
    openings: &BTreeSet<EventKey>,
) -> Carriers {
    let mut all = containers(reader, lot);
    all.extend(items.iter().filter_map(Singly::container));
    let events = moves.iter().filter(|lot_move| moves_along(lot_move.role));
    Carriers {
        emptied: emptied(reader, &all),
        ended: ended(reader, &all, |event| !openings.contains(&event)),
        named: named(reader, &all, &events.map(key).collect()),
    }
}

/// A container of a lot, or one that it was in, from when to when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Carried {
    carrier: u16,
    container: Address,
    from: Timestamp,
    until: Option<Timestamp>,
}

impl Carried {
    /// How it went on in an outer container, if they were in there together.
    fn within(self, stay: &Stay) -> Option<Self> {
        let from = self.from.max(stay.t_in);
        let until = [self.until, stay.t_out].into_iter().flatten().min();
        let is_any = until.is_none_or(|until| from < until);
        is_any.then_some(Self {
            carrier: stay.container.member,
            container: self.container,
            from,
            until,
        })
    }
}

/// Those of the events that name a container by itself, or one that it was in then, however deep.
fn named<S: Source>(
    reader: &Reader<'_, S>,
    containers: &BTreeSet<Address>,
    events: &BTreeSet<EventKey>,
) -> BTreeMap<EventKey, BTreeSet<Address>> {
    let mut found: BTreeMap<EventKey, BTreeSet<Address>> = BTreeMap::new();
    if events.is_empty() {
        return found;
    }
    let mut known: BTreeMap<Block, BTreeSet<Carried>> = BTreeMap::new();
    for container in containers {
        known.entry(container.block).or_default().insert(Carried {
            carrier: container.member,
            container: *container,
            from: Timestamp::from_micros(i64::MIN),
            until: None,
        });
    }
    let mut level = known.clone();
    while !level.is_empty() {
        let mut next: BTreeMap<Block, BTreeSet<Carried>> = BTreeMap::new();
        for (block, carried) in level {
            let mut by_carrier: BTreeMap<u16, Vec<Carried>> = BTreeMap::new();
            for one in carried {
                by_carrier.entry(one.carrier).or_default().push(one);
            }
            let mask: MemberSet = by_carrier.keys().copied().collect();
            let log = reader.log(&block).iter();
            for record in log.filter(|record| !is_around(record)) {
                let event = (record.shard, record.seq);
                if !events.contains(&event) {
                    continue;
                }
                record.members.for_each_in(&mask, |member| {
                    let of = by_carrier.get(&member).into_iter().flatten();
                    let then = of.filter(|one| {
                        one.from <= record.t_lo && one.until.is_none_or(|end| record.t_lo < end)
                    });
                    let then = then.map(|one| one.container);
                    found.entry(event).or_default().extend(then);
                });
            }
            for stay in stays(reader, &block, &mask, |_| true) {
                let of = stay.members.iter().filter_map(|one| by_carrier.get(&one));
                let outer = of.flatten().filter_map(|one| one.within(&stay));
                let outer_block = stay.container.block;
                let known = known.entry(outer_block).or_default();
                let new: BTreeSet<Carried> = outer.filter(|one| known.insert(*one)).collect();
                if !new.is_empty() {
                    next.entry(outer_block).or_default().extend(new);
                }
            }
        }
        level = next;
    }
    found.retain(|_, containers| !containers.is_empty());
    found
}

/// The events that take something out of containers of these lots that had ended: nothing begins with them.
pub(super) fn openings<S: Source>(
    reader: &mut Reader<'_, S>,
    lots: &Units,
) -> Result<BTreeSet<EventKey>, S::Error> {
    let mut asked = BTreeSet::new();
    let all = lots
        .keys()
        .flat_map(|lot| containers(reader, lot))
        .collect();
    ended(reader, &all, |event| {
        asked.insert(event);
        false
    });
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

/// How containers ended; see [`endings`].
fn ended<S: Source>(
    reader: &Reader<'_, S>,
    containers: &BTreeSet<Address>,
    mut fills: impl FnMut(EventKey) -> bool,
) -> BTreeMap<Address, Vec<Ending>> {
    let mut units = Units::new();
    for container in containers {
        add_unit(&mut units, *container);
    }
    let mut found = BTreeMap::new();
    for (block, members) in units {
        let log = reader.log_with(&block, Kinds::TAKES_ALONG);
        let of_block = endings(log, &members, &mut fills).into_iter();
        found.extend(of_block.map(|(member, list)| (Address { block, member }, list)));
    }
    found
}

impl Book {
    /// Whether an event that names containers names as much of the lot as is in them: it tells of that, which moves
    /// with them.
    pub(super) fn tells_of_contents(&self, lot_move: &LotMove, amount: Amount) -> bool {
        moves_along(lot_move.role) && self.inside(lot_move) == Some(amount)
    }

    /// How much is in the containers that an event names.
    fn inside(&self, lot_move: &LotMove) -> Option<Amount> {
        let containers = self.told.containers(key(lot_move))?.iter();
        let inside = containers.map(|container| {
            let inside = Account::Inside(Some(*container));
            self.held(inside).plus(self.packed_in(&inside))
        });
        Some(inside.fold(Amount::ZERO, Amount::plus))
    }

    /// How much moves that an event names beside a container: what there is not enough of besides is in it, and moves
    /// with it.
    pub(super) fn beside(&self, lot_move: &LotMove, amount: Amount) -> Amount {
        let Some(inside) = self.inside(lot_move).filter(|_| moves_along(lot_move.role)) else {
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
const fn moves_along(role: LotRole) -> bool {
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
