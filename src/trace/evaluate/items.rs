//! What the single items of a lot did, as its book needs it: a lot that moves by quantity, and items of it that
//! are known by their serials, are the same goods told of in two ways.

use std::collections::{BTreeMap, BTreeSet};

use crate::codes::{Address, Block, MemberSet};
use crate::epcis::Timestamp;
use crate::events::Entry;
use crate::trace::{EventKey, Flow, LotMove, LotRole, Op, Record, Source};

use super::amount::{Amount, is_counted};
use super::reader::{Asked, Reader, Units};

/// Items that lie loose at a place, in no container, since the last event that names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Loose {
    pub(super) place: Option<Block>,
    pub(super) since: Timestamp,
    pub(super) event: EventKey,
    pub(super) members: MemberSet,
    /// No event has named them elsewhere since they came to be.
    is_still: bool,
}

/// Items that went into a container under their serials, and that no event names anywhere else since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Packed {
    pub(super) container: Address,
    pub(super) since: Timestamp,
    pub(super) event: EventKey,
    pub(super) members: MemberSet,
}

/// Where items are by the last events that name them, as far as these say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Resting {
    pub(super) loose: Vec<Loose>,
    pub(super) packed: Vec<Packed>,
}

/// Where items were when an event named them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lay {
    /// They lay loose at this place, if it is known.
    Loose {
        place: Option<Block>,
        /// No event has named them elsewhere since they came to be.
        is_still: bool,
        /// Since when.
        since: Timestamp,
    },
    /// They went into this container under their serials.
    Inside(Address),
    /// They were on their way, or nobody says where.
    Elsewhere,
    /// No event named them before: they were stock of their lot.
    Unnamed,
}

/// What an event says of single items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Did {
    /// They came to be here.
    Began { place: Option<Block> },
    /// They are named here.
    Came {
        from: Lay,
        to: Option<Block>,
        /// Out of this container.
        out_of: Option<Address>,
    },
    /// They were taken out of a container here, where they were thought to lie loose.
    TakenOut {
        container: Address,
        place: Option<Block>,
    },
    /// They were shipped or packed here, as far as that is told.
    Left {
        from: Lay,
        at: Option<Block>,
        /// Into this container.
        into: Option<Address>,
    },
    /// They were sold, used up or ended here.
    Ended { from: Lay, at: Option<Block> },
}

/// An event of single items of a lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Singly {
    pub(super) did: Did,
    pub(super) count: u32,
    pub(super) t_lo: Timestamp,
    pub(super) event: EventKey,
}

impl Singly {
    /// The container that the items went into.
    pub(super) const fn container(&self) -> Option<Address> {
        match self.did {
            Did::Left { into, .. } => into,
            _ => None,
        }
    }
}

/// What a record says of where its members are.
enum Said {
    Begins,
    Lies,
    /// They were packed here.
    Leaves,
    /// They were shipped: the record tells where to.
    SetsOut,
    Ends,
    Nothing,
}

const fn said(record: &Record) -> Said {
    match (record.op, record.flow) {
        (Op::Commission | Op::Produce, _) => Said::Begins,
        (Op::Consume | Op::Decommission, _) | (Op::Observe, Flow::Sell | Flow::Destroy) => {
            Said::Ends
        }
        (Op::Observe, Flow::Ship | Flow::Stolen) => Said::SetsOut,
        (Op::Pack | Op::Attach | Op::SeenInside | Op::SeenAttached, _) => Said::Leaves,
        (Op::Observe, Flow::None) if record.place.is_none() => Said::Nothing,
        (Op::Observe | Op::Unpack | Op::Detach, _) => Said::Lies,
        (Op::UnpackAll | Op::DetachAll | Op::Hold | Op::Process, _) => Said::Nothing,
    }
}

/// Reads the log of a block (in order) up to a time: what these members did, and where they are in the end. Being
/// emptied out of a container is not followed: such items were last packed, and are where their own answers say.
pub(super) fn read(
    log: &[Record],
    members: &MemberSet,
    until: Timestamp,
) -> (Vec<Singly>, Resting) {
    let mut reading = Reading::default();
    for record in log.iter().filter(|record| record.t_lo <= until) {
        let mut named = record.members.to_set();
        named.intersect_with(members);
        let said = said(record);
        if !named.is_empty() && !matches!(said, Said::Nothing) {
            reading.take(record, &said, named);
        }
    }
    (reading.done, reading.resting)
}

/// A log as far as it was read.
#[derive(Default)]
struct Reading {
    done: Vec<Singly>,
    resting: Resting,
    known: MemberSet,
}

impl Reading {
    fn take(&mut self, record: &Record, said: &Said, mut named: MemberSet) {
        let mut rest = named.clone();
        let mut still = self.take_loose(record, said, &mut rest);
        let mut unnamed = rest.clone();
        unnamed.subtract(&self.known);
        self.known.union_with(&named);
        if matches!(said, Said::Begins) && !rest.is_empty() {
            still.union_with(&rest);
            let place = record.place;
            self.tell(record, Did::Began { place }, &rest);
        }
        rest.subtract(&unnamed);
        self.take_packed(record, said, &mut rest);
        self.take_elsewhere(record, said, Lay::Elsewhere, &rest);
        self.take_elsewhere(record, said, Lay::Unnamed, &unnamed);
        let Resting { loose, packed } = &mut self.resting;
        loose.retain(|group| !group.members.is_empty());
        packed.retain(|group| !group.members.is_empty());
        let (since, event) = (record.t_lo, (record.shard, record.seq));
        match said {
            Said::Begins | Said::Lies => {
                named.subtract(&still);
                for (members, is_still) in [(named, false), (still, true)] {
                    if !members.is_empty() {
                        loose.push(Loose {
                            place: record.place,
                            since,
                            event,
                            members,
                            is_still,
                        });
                    }
                }
            }
            Said::Leaves => {
                if let Some(container) = record.peer {
                    packed.push(Packed {
                        container,
                        since,
                        event,
                        members: named,
                    });
                }
            }
            Said::SetsOut | Said::Ends | Said::Nothing => {}
        }
    }

    /// Takes those that lay loose; which of them no event has named elsewhere.
    fn take_loose(&mut self, record: &Record, said: &Said, rest: &mut MemberSet) -> MemberSet {
        let at = record.place.filter(|_| !matches!(said, Said::SetsOut));
        let (to, out_of, into) = (record.place, out_of(record), into(record, said));
        let mut still = MemberSet::new();
        let mut done = Vec::new();
        for group in &mut self.resting.loose {
            let mut of_group = group.members.clone();
            of_group.intersect_with(rest);
            if of_group.is_empty() {
                continue;
            }
            rest.subtract(&of_group);
            group.members.subtract(&of_group);
            let (place, is_still, since) = (group.place, group.is_still, group.since);
            let from = Lay::Loose {
                place,
                is_still,
                since,
            };
            let did = match said {
                Said::Begins | Said::Lies if place == record.place => {
                    let Some(container) = out_of else {
                        if is_still {
                            still.union_with(&of_group);
                        }
                        continue;
                    };
                    Did::TakenOut { container, place }
                }
                Said::Begins | Said::Lies => Did::Came { from, to, out_of },
                Said::Leaves | Said::SetsOut => Did::Left { from, at, into },
                Said::Ends => Did::Ended { from, at },
                Said::Nothing => continue,
            };
            done.push((did, of_group));
        }
        for (did, members) in done {
            self.tell(record, did, &members);
        }
        still
    }

    /// Takes those that went into containers. What sets out in one is in it still, unless it came out by number.
    fn take_packed(&mut self, record: &Record, said: &Said, rest: &mut MemberSet) {
        let stays = matches!(said, Said::SetsOut);
        let mut taken = Vec::new();
        for group in &mut self.resting.packed {
            let mut of_group = group.members.clone();
            of_group.intersect_with(rest);
            if of_group.is_empty() {
                continue;
            }
            rest.subtract(&of_group);
            if !stays {
                group.members.subtract(&of_group);
            }
            taken.push((group.container, of_group));
        }
        for (container, members) in taken {
            if into(record, said) != Some(container) {
                self.take_elsewhere(record, said, Lay::Inside(container), &members);
            }
        }
    }

    /// Takes those that did not lie loose.
    fn take_elsewhere(&mut self, record: &Record, said: &Said, from: Lay, members: &MemberSet) {
        if members.is_empty() {
            return;
        }
        let at = record.place.filter(|_| !matches!(said, Said::SetsOut));
        let into = into(record, said);
        let did = match said {
            Said::Lies => Did::Came {
                from,
                to: record.place,
                out_of: out_of(record),
            },
            Said::Leaves => Did::Left { from, at, into },
            Said::SetsOut if from != Lay::Elsewhere => Did::Left { from, at, into },
            Said::Ends => Did::Ended { from, at },
            Said::Begins | Said::SetsOut | Said::Nothing => return,
        };
        self.tell(record, did, members);
    }

    fn tell(&mut self, record: &Record, did: Did, members: &MemberSet) {
        self.done.push(Singly {
            did,
            count: members.len(),
            t_lo: record.t_lo,
            event: (record.shard, record.seq),
        });
    }
}

fn out_of(record: &Record) -> Option<Address> {
    record.peer.filter(|_| record.op == Op::Unpack)
}

fn into(record: &Record, said: &Said) -> Option<Address> {
    record.peer.filter(|_| matches!(said, Said::Leaves))
}

/// A time in which one item lay loose at a place, or was in a container that it went into under its serial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lying {
    /// Where it lay loose.
    pub(super) place: Option<Block>,
    pub(super) inside: Option<Address>,
    pub(super) since: Timestamp,
    /// The next event that names it.
    pub(super) next: Option<Next>,
}

/// An event that names an item after that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Next {
    pub(super) time: Timestamp,
    pub(super) event: EventKey,
    /// Where it was then; none where the record alone does not tell.
    pub(super) place: Option<Block>,
    /// It takes it out of this container.
    pub(super) out_of: Option<Address>,
}

/// When and where one item lay loose, or was in a container, up to a time, in order.
pub(super) fn lying(log: &[Record], member: u16, until: Timestamp) -> Vec<Lying> {
    let mut found: Vec<Lying> = Vec::new();
    let mut lies = false;
    for record in log.iter().filter(|record| record.t_lo <= until) {
        let said = said(record);
        if !record.members.contains(member) || matches!(said, Said::Nothing) {
            continue;
        }
        let last = found.last_mut().filter(|_| lies);
        if let Some(last) = last {
            last.next = Some(Next {
                time: record.t_lo,
                event: (record.shard, record.seq),
                place: record.place.filter(|_| !matches!(said, Said::SetsOut)),
                out_of: out_of(record),
            });
        }
        let inside = into(record, &said);
        let is_loose = matches!(said, Said::Begins | Said::Lies);
        lies = is_loose || inside.is_some();
        if lies {
            found.push(Lying {
                place: record.place.filter(|_| is_loose),
                inside,
                since: record.t_lo,
                next: None,
            });
        }
    }
    found
}

/// Whether events tell of a number of pieces of a lot.
pub(super) fn is_counted_in_pieces(moves: &[LotMove]) -> bool {
    moves.iter().any(|m| is_counted(m.quantity.uom.as_deref()))
}

/// Whether pieces of a lot went from one place or state to another by quantity.
pub(super) fn move_by_pieces(moves: &[LotMove]) -> bool {
    let goes = |m: &&LotMove| !matches!(m.role, LotRole::Made | LotRole::Seen);
    let mut going = moves.iter().filter(goes);
    going.any(|m| is_counted(m.quantity.uom.as_deref()))
}

/// What the items of these lots did up to a time, lot by lot, in no order.
pub(super) fn of_lots<S: Source>(
    reader: &mut Reader<'_, S>,
    lots: &BTreeSet<Block>,
    until: Timestamp,
) -> Result<BTreeMap<Block, Vec<Singly>>, S::Error> {
    let mut found: BTreeMap<Block, Vec<Singly>> = BTreeMap::new();
    if lots.is_empty() {
        return Ok(found);
    }
    let mut items: BTreeMap<Block, Units> = BTreeMap::new();
    let mut all = Units::new();
    for (told, _) in reader.memberships(Asked::ItemsOf(lots))? {
        let of_lot = items.entry(told.lot).or_default();
        let members = of_lot.entry(told.block).or_default();
        members.union_with(&told.members);
        all.entry(told.block).or_default().union_with(&told.members);
    }
    reader.load(&all)?;
    for (lot, units) in items {
        let of_lot = found.entry(lot).or_default();
        for (block, members) in units {
            let (done, _) = read(reader.log(&block), &members, until);
            of_lot.extend(done);
        }
    }
    reader.load_containers(&all)?;
    say_where_they_left(reader, found.values_mut().flatten())?;
    Ok(found)
}

/// Records of shipments tell where to; where from, their events do.
fn say_where_they_left<'a, S: Source>(
    reader: &mut Reader<'_, S>,
    done: impl Iterator<Item = &'a mut Singly>,
) -> Result<(), S::Error> {
    let is_open = |singly: &&mut Singly| matches!(singly.did, Did::Left { at: None, .. });
    let mut open: Vec<&mut Singly> = done.filter(is_open).collect();
    let events: BTreeSet<EventKey> = open.iter().map(|singly| singly.event).collect();
    if events.is_empty() {
        return Ok(());
    }
    let entries = reader.entries(&events)?;
    let left = |entry: &Entry| Some(((entry.shard, entry.seq), left_at(entry)?));
    let left: BTreeMap<EventKey, Block> = entries.iter().filter_map(left).collect();
    for singly in &mut open {
        if let Did::Left { at, .. } = &mut singly.did {
            *at = left.get(&singly.event).copied();
        }
    }
    Ok(())
}

/// Where what an event ships was before.
pub(super) fn left_at(entry: &Entry) -> Option<Block> {
    entry.from_place.or(entry.happened_at())
}

/// How many pieces of a lot were made by quantity; none when nobody says how many.
pub(super) fn made_by_quantity(
    moves: &[LotMove],
    uom: Option<&str>,
    until: Timestamp,
) -> Option<Amount> {
    let made = moves
        .iter()
        .filter(|m| m.role == LotRole::Made && m.quantity.uom.as_deref() == uom && m.t_lo <= until);
    let amounts = made.map(|m| {
        let (value, scale) = m.quantity.amount?;
        Amount::new(value, scale)
    });
    let amounts: Option<Vec<_>> = amounts.collect();

    amounts.map(|amounts| amounts.into_iter().fold(Amount::ZERO, Amount::plus))
}
