//! Containment as intervals: from when to when members of a block were inside a container. The end is
//! their own removal or the container's unpack-all, whichever is first, or that the container's code was
//! withdrawn; being packed elsewhere does not end it, since nothing says that they left. Of a lot some may be taken
//! out and the rest stay.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::codes::{Address, Block, MemberSet};
use crate::epcis::Timestamp;
use crate::trace::{EventKey, Flow, Op, Record, Source};

use super::amount::Amount;
use super::endings::{Then, endings};
use super::epochs::{rebirths, takes_along, withdraws};
use super::filled::{Filled, Inside, Key, amount};
use super::kinds::Kinds;
use super::reader::{Order, Reader};

/// An interval inside a container: `[t_in, t_out)`, as wide as uncertain times allow.
#[derive(Debug, Clone)]
pub(super) struct Stay {
    pub(super) container: Address,
    pub(super) members: MemberSet,
    pub(super) t_in: Timestamp,
    /// `None`: no end is known.
    pub(super) t_out: Option<Timestamp>,
    pub(super) opened: EventKey,
    order: Order,
    attached: bool,
    /// Of a lot, how much of it was in the container; this stay's part begins at a number.
    amounts: (Arc<Vec<Inside>>, usize),
}

impl Stay {
    /// A stay that only the removal at its end tells of.
    pub(super) fn told_at_its_end<S: Source>(
        reader: &Reader<'_, S>,
        removal: &Record,
        (container, members): (Address, MemberSet),
        t_in: Timestamp,
    ) -> Self {
        Self {
            container,
            members,
            t_in,
            t_out: Some(removal.t_hi),
            opened: (removal.shard, removal.seq),
            order: reader.order(removal),
            attached: attaches(removal.op),
            amounts: (Arc::new(told(removal, t_in).into_iter().collect()), 0),
        }
    }

    /// Of a lot, how much of it at least was in the container at some time of a window, by unit of measure.
    pub(super) fn amounts_within(
        &self,
        from: Timestamp,
        until: Timestamp,
    ) -> BTreeMap<Option<String>, Amount> {
        let (all, first) = &self.amounts;
        let mut most: BTreeMap<Option<String>, Amount> = BTreeMap::new();
        for inside in all.get(*first..).unwrap_or_default() {
            let ends = self.t_out.is_some_and(|t_out| t_out <= inside.since);
            if until < inside.since || (ends && self.t_in < inside.since) {
                continue;
            }
            let known = most.entry(inside.uom.clone()).or_default();
            *known = if inside.since <= from {
                inside.amount
            } else {
                inside.amount.max(*known)
            };
        }
        most
    }

    /// Whether the interval meets `from..=until`.
    pub(super) fn meets(&self, from: Timestamp, until: Timestamp) -> bool {
        self.t_in <= until && self.t_out.is_none_or(|t_out| t_out > from)
    }
}

/// The stays of these members in the containers that `counts` lets pass. The containers' own logs must
/// be loaded for their unpack-alls to count.
pub(super) fn stays<S: Source>(
    reader: &Reader<'_, S>,
    block: &Block,
    mask: &MemberSet,
    counts: impl Fn(&Address) -> bool,
) -> Vec<Stay> {
    let mut done = Vec::new();
    let mut open: BTreeMap<Address, Vec<Stay>> = BTreeMap::new();
    let mut filled = Filled::default();
    let mut amounts: BTreeMap<Key, Vec<Inside>> = BTreeMap::new();
    for record in reader.log(block) {
        if Kinds::OPENS.has(record) {
            let Some(container) = record.peer.filter(&counts) else {
                continue;
            };
            let mut members = record.members.to_set();
            members.intersect_with(mask);
            if !members.is_empty() {
                let list = open.entry(container).or_default();
                let mut first = 0;
                if block.is_quantified() {
                    let key = (container, attaches(record.op));
                    let emptied = if list.is_empty() {
                        None
                    } else {
                        empty_before(reader, container, record)
                    };
                    filled.put_in(key, record, emptied);
                    let of_key = amounts.entry(key).or_default();
                    first = of_key.len();
                    of_key.extend(filled.known(key, record));
                }
                list.push(Stay {
                    container,
                    members,
                    t_in: record.t_lo,
                    t_out: None,
                    opened: (record.shard, record.seq),
                    order: reader.order(record),
                    attached: attaches(record.op),
                    amounts: (Arc::default(), first),
                });
            }
        } else if let Op::Unpack | Op::Detach = record.op {
            let left = record.members.to_set();
            let concerned = open
                .iter_mut()
                .filter(|(container, _)| record.peer.is_none_or(|peer| peer == **container));
            for (container, list) in concerned {
                if !block.is_quantified() || all_out(reader, &mut filled, *container, record) {
                    close(list, record, &left, &mut done);
                } else {
                    let key = (*container, attaches(record.op));
                    let left = filled.known(key, record);
                    amounts.entry(key).or_default().extend(left);
                }
            }
        }
    }
    done.extend(open.into_values().flatten());
    let amounts: BTreeMap<Key, Arc<Vec<Inside>>> = amounts
        .into_iter()
        .map(|(key, of_key)| (key, Arc::new(of_key)))
        .collect();
    for stay in &mut done {
        if let Some(of_key) = amounts.get(&(stay.container, stay.attached)) {
            stay.amounts.0 = Arc::clone(of_key);
        }
        if let Some(end) = ended(reader, stay) {
            stay.t_out = Some(stay.t_out.map_or(end, |t_out| t_out.min(end)));
        }
    }
    done.sort_by_key(|stay| (stay.order, stay.container, stay.members.first()));
    done
}

/// How much of a lot a record names, as being inside since a time.
fn told(record: &Record, since: Timestamp) -> Option<Inside> {
    let (uom, amount) = amount(record);
    amount.map(|amount| Inside { since, uom, amount })
}

/// Whether a removal of a lot can have left nothing of it in the container: so much was taken out as had gone in, or
/// nobody says how much.
fn all_out<S: Source>(
    reader: &Reader<'_, S>,
    filled: &mut Filled,
    container: Address,
    removal: &Record,
) -> bool {
    let key = (container, attaches(removal.op));
    let (_, amount) = amount(removal);
    let emptied = emptied_before(reader, container, removal);
    if removal.peer.is_some() {
        filled.take_out(key, removal, emptied);
    }
    let all_out = amount.is_none() || !filled.can_have(key, emptied);
    if all_out {
        filled.empty(key);
    }
    all_out
}

pub(super) const fn attaches(op: Op) -> bool {
    matches!(op, Op::Attach | Op::SeenAttached | Op::Detach)
}

/// Ends the stays of those who left; what of a stay remains stays open.
fn close(list: &mut Vec<Stay>, record: &Record, left: &MemberSet, done: &mut Vec<Stay>) {
    for stay in list.iter_mut() {
        if stay.attached != attaches(record.op) || !stay.members.intersects(left) {
            continue;
        }
        let mut gone = stay.clone();
        gone.members.intersect_with(left);
        gone.t_out = Some(record.t_hi);
        stay.members.subtract(left);
        done.push(gone);
    }
    list.retain(|stay| !stay.members.is_empty());
}

/// When the container was emptied after the stay began, or its code withdrawn.
fn ended<S: Source>(reader: &Reader<'_, S>, stay: &Stay) -> Option<Timestamp> {
    let ends = if stay.attached {
        Op::DetachAll
    } else {
        Op::UnpackAll
    };
    let block = &stay.container.block;
    let kinds = Kinds::of(ends).and(Kinds::of(Op::Decommission));
    let mut records = reader.log_with(block, kinds).iter();
    let record = records.find(|record| {
        (record.op == ends || withdraws(record))
            && record.members.contains(stay.container.member)
            && reader.order(record) > stay.order
    });
    // A container that begins again is another one, whatever was never taken out of the first: up to just before.
    let alone = MemberSet::one(stay.container.member);
    let again = rebirths(block, reader.log_with(block, Kinds::ENDS), &alone);
    let again = again.iter().map(|rebirth| rebirth.time);
    let again = again.chain(begun_again(reader, stay.container));
    let again = again.filter(|time| *time > stay.order.time).min();
    let again = again.map(|time| Timestamp::from_micros(time.micros().saturating_sub(1)));
    record
        .map(|record| record.t_hi)
        .into_iter()
        .chain(again)
        .min()
}

/// When the code of a container was used again after it had ended with what was in it. What goes into it may be of
/// the one that ended.
fn begun_again<S: Source>(reader: &Reader<'_, S>, container: Address) -> Vec<Timestamp> {
    let log = reader.log_with(&container.block, Kinds::TAKES_ALONG);
    let told = endings(log, &MemberSet::one(container.member), |_| false);
    let again = told.into_values().flatten();
    let again = again.filter(|ending| matches!(ending.then, Then::Again(_)));
    again.map(|ending| ending.t_lo).collect()
}

/// When a container was emptied, and where.
#[derive(Debug, Clone, Copy)]
pub(super) struct Emptied {
    pub(super) t_lo: Timestamp,
    pub(super) t_hi: Timestamp,
    pub(super) place: Option<Block>,
    pub(super) event: EventKey,
}

/// When the container was emptied, or its code withdrawn. Its log must be loaded.
pub(super) fn emptied_at<S: Source>(reader: &Reader<'_, S>, container: Address) -> Vec<Emptied> {
    let empties = Kinds::of(Op::UnpackAll).and(Kinds::of(Op::DetachAll));
    let ends = empties.and(Kinds::of(Op::Decommission));
    let log = reader.log_with(&container.block, ends).iter();
    let mut found = Vec::new();
    let (mut stood, mut is_gone) = (None, false);
    for record in log.filter(|record| record.members.contains(container.member)) {
        let is_withdrawn = withdraws(record) && !is_gone;
        if empties.has(record) || is_withdrawn {
            found.push(Emptied {
                t_lo: record.t_lo,
                t_hi: record.t_hi,
                place: record.place.or(stood.filter(|_| is_withdrawn)),
                event: (record.shard, record.seq),
            });
        }
        is_gone = takes_along(record);
        if record.flow != Flow::Ship {
            stood = record.place.or(stood);
        }
    }
    found
}

/// When the container was emptied last before this record.
pub(super) fn emptied_before<S: Source>(
    reader: &Reader<'_, S>,
    container: Address,
    record: &Record,
) -> Option<Timestamp> {
    let emptied = emptied_at(reader, container);
    let ends = emptied.iter().map(|emptied| emptied.t_hi);
    ends.filter(|end| *end < record.t_lo).max()
}

/// When nothing was left in the container last, before this record puts something into it: it was emptied, or ended with
/// what was in it.
pub(super) fn empty_before<S: Source>(
    reader: &Reader<'_, S>,
    container: Address,
    record: &Record,
) -> Option<Timestamp> {
    let log = reader.log_with(&container.block, Kinds::TAKES_ALONG).iter();
    let ends = log.filter(|end| takes_along(end) && end.members.contains(container.member));
    let ends = ends.map(|end| end.t_hi).filter(|end| *end < record.t_lo);
    ends.max().max(emptied_before(reader, container, record))
}

/// When these containers were emptied.
pub(super) fn emptied<S: Source>(
    reader: &Reader<'_, S>,
    containers: &BTreeSet<Address>,
) -> BTreeMap<Address, Vec<Emptied>> {
    containers
        .iter()
        .map(|container| (*container, emptied_at(reader, *container)))
        .collect()
}

/// The containers that something of a lot went into.
pub(super) fn containers<S: Source>(reader: &Reader<'_, S>, lot: &Block) -> BTreeSet<Address> {
    let log = reader.log(lot).iter();
    log.filter_map(|record| record.peer.filter(|_| Kinds::OPENS.has(record)))
        .collect()
}
