//! What one event adds to the trace: records for the block logs, movements of lots, and who may have
//! been where. Pure: an [`Entry`] in, rows out; the same for live capture and for rebuild.
//!
//! | event | on each participant |
//! |---|---|
//! | object | commission, observe, decommission |
//! | aggregation, association | pack / attach, seen, unpack / detach on the children; hold on the parent, or all leave |
//! | transaction | observe |
//! | transformation | consume, produce; and one record on the process |
//! | custom type, error declaration | nothing |

use std::collections::BTreeSet;

use super::record::{Flow, LotMove, LotRole, Op, Record};
use crate::codes::{Address, Block, Members};
use crate::epcis::Timestamp;
use crate::events::{Action, Entry, EventType, Part, Quantity, Role, What};

/// Days an event of uncertain time is noted on one by one; a longer span is noted once, under
/// [`EVERY_DAY`].
const DAYS_LISTED: i64 = 31;

/// The day of a [`PlaceBlock`] whose event may have happened on any of very many days.
pub const EVERY_DAY: i32 = i32::MIN;

const MICROS_A_DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// A block some member of which may have been at a place on a UTC day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlaceBlock {
    /// The place.
    pub place: Block,
    /// Days since 1970-01-01, or [`EVERY_DAY`].
    pub day: i32,
    /// The block.
    pub block: Block,
}

/// What an event becomes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Projection {
    /// Records, each with the block whose log it belongs to.
    pub records: Vec<(Block, Record)>,
    /// Movements of lots.
    pub lot_moves: Vec<LotMove>,
    /// Who may have been where, sorted.
    pub place_blocks: BTreeSet<PlaceBlock>,
}

impl Projection {
    /// Adds what another event becomes.
    pub fn append(&mut self, mut other: Self) {
        self.records.append(&mut other.records);
        self.lot_moves.append(&mut other.lot_moves);
        self.place_blocks.append(&mut other.place_blocks);
    }
}

/// The UTC day of a time, in days since 1970-01-01.
pub fn utc_day(time: Timestamp) -> i32 {
    let day = time.micros().div_euclid(MICROS_A_DAY);
    i32::try_from(day).unwrap_or(if day < 0 { EVERY_DAY + 1 } else { i32::MAX })
}

/// What an event adds. An error declaration adds nothing of its own: it becomes a void of the event it
/// is about.
pub fn project(entry: &Entry) -> Projection {
    let mut projection = Projection::default();
    if entry.is_declaration || entry.event_type == EventType::Custom {
        return projection;
    }
    let event = Event::new(entry);
    let mut line = 0;
    for part in &entry.parts {
        let op = event.op(part.role);
        projection
            .records
            .push((part.block, event.record(op, part)));
        if let What::Quantity(quantity) = &part.what {
            projection
                .lot_moves
                .push(event.lot_move(op, part.block, line, quantity));
            line += 1;
        }
    }
    if let (EventType::Transformation, Some(process)) = (entry.event_type, entry.process) {
        projection.records.push((
            process,
            event.base(Op::Process, Flow::None, None, Members::One(0)),
        ));
    }
    projection.place_blocks = place_blocks(entry);
    projection
}

/// An event and what of it holds for all participants.
struct Event<'a> {
    entry: &'a Entry,
    flow: Flow,
    parent: Option<Address>,
    has_children: bool,
}

impl<'a> Event<'a> {
    fn new(entry: &'a Entry) -> Self {
        Self {
            entry,
            flow: flow_of(entry),
            parent: parent(&entry.parts),
            has_children: entry.parts.iter().any(|part| part.role == Role::Child),
        }
    }

    fn op(&self, role: Role) -> Op {
        let action = self.entry.action.unwrap_or(Action::Observe);
        match (self.entry.event_type, role) {
            (EventType::Object, _) => match action {
                Action::Add => Op::Commission,
                Action::Observe => Op::Observe,
                Action::Delete => Op::Decommission,
            },
            (EventType::Aggregation | EventType::Association, Role::Parent)
                if self.has_children =>
            {
                Op::Hold
            }
            (EventType::Aggregation, Role::Parent) => match action {
                Action::Delete => Op::UnpackAll,
                Action::Add | Action::Observe => Op::Observe,
            },
            (EventType::Association, Role::Parent) => match action {
                Action::Delete => Op::DetachAll,
                Action::Add | Action::Observe => Op::Observe,
            },
            // Children without a named parent have only been seen; a parent is required to change anything.
            (EventType::Aggregation | EventType::Association, _) if self.parent.is_none() => {
                Op::Observe
            }
            (EventType::Aggregation, _) => match action {
                Action::Add => Op::Pack,
                Action::Observe => Op::SeenInside,
                Action::Delete => Op::Unpack,
            },
            (EventType::Association, _) => match action {
                Action::Add => Op::Attach,
                Action::Observe => Op::SeenAttached,
                Action::Delete => Op::Detach,
            },
            (EventType::Transformation, Role::Input) => Op::Consume,
            (EventType::Transformation, Role::Output) => Op::Produce,
            (EventType::Transformation | EventType::Transaction | EventType::Custom, _) => {
                Op::Observe
            }
        }
    }

    fn record(&self, op: Op, part: &Part) -> Record {
        // What a process used up is not carried on: the event's step speaks of what came out of it.
        let flow = if op == Op::Consume {
            Flow::None
        } else {
            self.flow
        };
        match &part.what {
            What::Members(members) => self.base(op, flow, None, Members::from(members.clone())),
            What::Quantity(quantity) => self.base(op, flow, Some(quantity), Members::One(0)),
        }
    }

    fn base(&self, op: Op, flow: Flow, quantity: Option<&Quantity>, members: Members) -> Record {
        let entry = self.entry;
        Record {
            shard: entry.shard,
            seq: entry.seq,
            t_lo: entry.t_lo,
            t_hi: entry.t_hi,
            record_time: entry.record_time,
            op,
            flow,
            place: place_after(entry, flow),
            party: party_after(entry, flow),
            owner: owner_after(entry, flow).map(Box::new),
            peer: self.peer(op),
            quantity: quantity.cloned().map(Box::new),
            members,
        }
    }

    fn peer(&self, op: Op) -> Option<Address> {
        match op {
            Op::Pack | Op::SeenInside | Op::Unpack | Op::Attach | Op::SeenAttached | Op::Detach => {
                self.parent
            }
            Op::Consume | Op::Produce => {
                self.entry.process.map(|block| Address { block, member: 0 })
            }
            Op::Commission
            | Op::Observe
            | Op::Decommission
            | Op::UnpackAll
            | Op::Process
            | Op::DetachAll
            | Op::Hold => None,
        }
    }

    fn lot_move(&self, op: Op, lot: Block, line: i32, quantity: &Quantity) -> LotMove {
        let entry = self.entry;
        let role = lot_role(op, self.flow);
        let here = entry.biz_location.or(entry.read_point);
        let left = entry.from_place.or(entry.happened_at());
        let (from_place, to_place) = match role {
            LotRole::Made | LotRole::Unpacked | LotRole::Seen => (None, here),
            LotRole::Used | LotRole::Packed | LotRole::Sold | LotRole::Destroyed => (here, None),
            LotRole::Shipped if self.flow == Flow::Stolen => (here, None),
            LotRole::Shipped => (left, entry.to_place),
            LotRole::Returned if self.flow == Flow::VoidShip => (entry.to_place, left),
            LotRole::Received | LotRole::Returned => (entry.from_place, here.or(entry.to_place)),
        };
        let (from_party, to_party) = if self.flow == Flow::VoidShip {
            (entry.to_party, entry.from_party)
        } else {
            (entry.from_party, entry.to_party)
        };
        LotMove {
            lot,
            shard: entry.shard,
            seq: entry.seq,
            line,
            role,
            from_place,
            to_place,
            from_party,
            to_party,
            quantity: quantity.clone(),
            t_lo: entry.t_lo,
            t_hi: entry.t_hi,
        }
    }
}

fn parent(parts: &[Part]) -> Option<Address> {
    let part = parts.iter().find(|part| part.role == Role::Parent)?;
    let member = match &part.what {
        What::Members(members) => members.iter().next()?,
        What::Quantity(_) => 0,
    };
    Some(Address {
        block: part.block,
        member,
    })
}

/// Where the participants are after an event that moves them so.
pub(super) fn place_after(entry: &Entry, flow: Flow) -> Option<Block> {
    let here = entry.biz_location.or(entry.read_point);
    match flow {
        Flow::Ship => entry.to_place,
        Flow::Receive | Flow::Return => here.or(entry.to_place),
        Flow::VoidShip => here.or(entry.from_place),
        Flow::None | Flow::Sell | Flow::Destroy | Flow::Stolen => here,
    }
}

/// The party named to have the participants after an event that moves them so.
pub(super) const fn party_after(entry: &Entry, flow: Flow) -> Option<Block> {
    match flow {
        Flow::VoidShip => entry.from_party,
        Flow::None
        | Flow::Ship
        | Flow::Receive
        | Flow::Sell
        | Flow::Return
        | Flow::Destroy
        | Flow::Stolen => entry.to_party,
    }
}

/// Who is named to own the participants after an event that moves them so.
pub(super) const fn owner_after(entry: &Entry, flow: Flow) -> Option<Block> {
    match flow {
        Flow::VoidShip => entry.from_owner,
        Flow::None
        | Flow::Ship
        | Flow::Receive
        | Flow::Sell
        | Flow::Return
        | Flow::Destroy
        | Flow::Stolen => entry.to_owner,
    }
}

/// What an event says of custody.
pub(super) fn flow_of(entry: &Entry) -> Flow {
    flow(entry.biz_step.as_deref(), entry.disposition.as_deref())
}

/// What a step and a disposition say of custody. A disposition that ends custody counts with any step;
/// apart from that the step, which says what was done, goes before the disposition, which may be older.
fn flow(biz_step: Option<&str>, disposition: Option<&str>) -> Flow {
    let of_step = match biz_step {
        Some("shipping" | "departing" | "transporting" | "consigning") => Flow::Ship,
        Some("receiving" | "arriving" | "accepting") => Flow::Receive,
        Some("retail_selling" | "dispensing") => Flow::Sell,
        Some("destroying") => Flow::Destroy,
        Some("void_shipping") => Flow::VoidShip,
        _ => Flow::None,
    };
    match (of_step, disposition) {
        (Flow::VoidShip, _) => Flow::VoidShip,
        (_, Some("stolen")) => Flow::Stolen,
        (_, Some("destroyed" | "disposed")) => Flow::Destroy,
        (Flow::None | Flow::Ship, Some("retail_sold" | "dispensed")) => Flow::Sell,
        (Flow::None | Flow::Receive, Some("returned")) => Flow::Return,
        (Flow::None, Some("in_transit")) => Flow::Ship,
        (flow, _) => flow,
    }
}

/// The side a lot has. Inside a container it moves with the container, so an aggregation moves it in or
/// out and nothing else.
const fn lot_role(op: Op, flow: Flow) -> LotRole {
    match op {
        Op::Commission | Op::Produce => LotRole::Made,
        Op::Consume => LotRole::Used,
        Op::Pack | Op::Attach => LotRole::Packed,
        Op::Unpack | Op::Detach => LotRole::Unpacked,
        Op::SeenInside
        | Op::SeenAttached
        | Op::UnpackAll
        | Op::DetachAll
        | Op::Hold
        | Op::Process => LotRole::Seen,
        Op::Decommission => match flow {
            Flow::Sell => LotRole::Sold,
            _ => LotRole::Destroyed,
        },
        Op::Observe => match flow {
            Flow::None => LotRole::Seen,
            // Stolen stock left towards nobody knows where: it is not gone.
            Flow::Ship | Flow::Stolen => LotRole::Shipped,
            Flow::Receive => LotRole::Received,
            Flow::Sell => LotRole::Sold,
            Flow::Return | Flow::VoidShip => LotRole::Returned,
            Flow::Destroy => LotRole::Destroyed,
        },
    }
}

/// Every participant's block at the place the event happened and at the place its objects were then
/// said to be, on every day it may have happened.
fn place_blocks(entry: &Entry) -> BTreeSet<PlaceBlock> {
    let (first, last) = (utc_day(entry.t_lo), utc_day(entry.t_hi.max(entry.t_lo)));
    let days = if i64::from(last) - i64::from(first) < DAYS_LISTED {
        first..=last
    } else {
        EVERY_DAY..=EVERY_DAY
    };
    let places: BTreeSet<Block> = entry
        .read_point
        .into_iter()
        .chain(entry.biz_location)
        .collect();
    let blocks: BTreeSet<Block> = entry.parts.iter().map(|part| part.block).collect();
    let mut rows = BTreeSet::new();
    for place in places {
        for day in days.clone() {
            rows.extend(blocks.iter().map(|block| PlaceBlock {
                place,
                day,
                block: *block,
            }));
        }
    }
    rows
}

#[cfg(test)]
mod tests;
