//! What the block logs hold: who did what, for sets of members of one block.

use std::collections::BTreeMap;

use crate::codes::{Address, Block, MemberSet, Members};
use crate::epcis::Timestamp;
use crate::events::Quantity;

/// What the event did to the structure of things. The number stands in the store: never change one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Op {
    /// Object ADD: it begins to exist.
    Commission = 1,
    /// Seen: object OBSERVE or a transaction event.
    Observe = 2,
    /// Object DELETE: it ends.
    Decommission = 3,
    /// Aggregation ADD, on the child; `peer` is the parent.
    Pack = 4,
    /// Aggregation OBSERVE, on the child; `peer` is the parent.
    SeenInside = 5,
    /// Aggregation DELETE, on the child; `peer` is the parent.
    Unpack = 6,
    /// Aggregation DELETE without children, on the parent: all leave.
    UnpackAll = 7,
    /// Transformation input; `peer` is the process.
    Consume = 8,
    /// Transformation output; `peer` is the process.
    Produce = 9,
    /// On the process itself: this event is a part of it.
    Process = 10,
    /// Association ADD, on the child; `peer` is the parent.
    Attach = 11,
    /// Association OBSERVE, on the child; `peer` is the parent.
    SeenAttached = 12,
    /// Association DELETE, on the child; `peer` is the parent.
    Detach = 13,
    /// Association DELETE without children, on the parent.
    DetachAll = 14,
    /// Aggregation or association with children named, on the parent: it is seen, and the event tells
    /// of its contents.
    Hold = 15,
}

impl Op {
    /// The operation with this number.
    pub const fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::Commission,
            2 => Self::Observe,
            3 => Self::Decommission,
            4 => Self::Pack,
            5 => Self::SeenInside,
            6 => Self::Unpack,
            7 => Self::UnpackAll,
            8 => Self::Consume,
            9 => Self::Produce,
            10 => Self::Process,
            11 => Self::Attach,
            12 => Self::SeenAttached,
            13 => Self::Detach,
            14 => Self::DetachAll,
            15 => Self::Hold,
            _ => return None,
        })
    }
}

/// What the event did to custody, read from its business step and disposition. The number stands in
/// the store: never change one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Flow {
    /// Nothing but being seen.
    None = 0,
    /// Left towards `place` / `party` (`shipping`, `departing`, `in_transit`).
    Ship = 1,
    /// Arrived (`receiving`, `arriving`, `accepting`).
    Receive = 2,
    /// Sold to a consumer (`retail_selling`, `retail_sold`, `dispensing`).
    Sell = 3,
    /// Came back (`returned`).
    Return = 4,
    /// Destroyed or disposed of.
    Destroy = 5,
    /// Stolen: nobody known has it.
    Stolen = 6,
    /// A shipment taken back before it left (`void_shipping`).
    VoidShip = 7,
}

impl Flow {
    /// The flow with this number.
    pub const fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            0 => Self::None,
            1 => Self::Ship,
            2 => Self::Receive,
            3 => Self::Sell,
            4 => Self::Return,
            5 => Self::Destroy,
            6 => Self::Stolen,
            7 => Self::VoidShip,
            _ => return None,
        })
    }
}

/// One record of a block's log: an event, as far as it concerns some members of one block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The shard's local number (rows never mix shards).
    pub shard: i32,
    /// The event's leaf.
    pub seq: i64,
    /// Earliest time of the event.
    pub t_lo: Timestamp,
    /// Latest time of the event; equal to `t_lo` when exact.
    pub t_hi: Timestamp,
    /// When the event was recorded.
    pub record_time: Timestamp,
    /// What it did to structure.
    pub op: Op,
    /// What it did to custody.
    pub flow: Flow,
    /// Where the members are afterwards: `bizLocation`, else `readPoint`; when shipped, the place they
    /// go to if it is named, else none.
    pub place: Option<Block>,
    /// Who has them afterwards, when the event names a party: the destination's possessor, else its owner.
    pub party: Option<Block>,
    /// Who owns them afterwards, when the event names an owner. Aside, since few events do.
    pub owner: Option<Box<Block>>,
    /// The parent or the process.
    pub peer: Option<Address>,
    /// For lots and classes: how much. Aside, since records of single items are very many.
    pub quantity: Option<Box<Quantity>>,
    /// Which members of the block.
    pub members: Members,
}

/// The side a lot has in a movement of its quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum LotRole {
    /// Made or commissioned: stock appears at `to_place`.
    Made = 1,
    /// Used up in a process: stock leaves `from_place`.
    Used = 2,
    /// Shipped: leaves `from_place` towards `to_place`.
    Shipped = 3,
    /// Received at `to_place`.
    Received = 4,
    /// Packed into a container at `from_place`.
    Packed = 5,
    /// Taken out of a container at `to_place`.
    Unpacked = 6,
    /// Sold to consumers from `from_place`.
    Sold = 7,
    /// Came back to `to_place`.
    Returned = 8,
    /// Destroyed or ended at `from_place`.
    Destroyed = 9,
    /// Seen at `to_place`; nothing moves.
    Seen = 10,
}

impl LotRole {
    /// Whether stock that nobody made came to where it is by this, if nothing was told of it before: it was received,
    /// came back, or was taken out of a container.
    pub const fn brings(self) -> bool {
        matches!(self, Self::Received | Self::Returned | Self::Unpacked)
    }

    /// The role with this number.
    pub const fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::Made,
            2 => Self::Used,
            3 => Self::Shipped,
            4 => Self::Received,
            5 => Self::Packed,
            6 => Self::Unpacked,
            7 => Self::Sold,
            8 => Self::Returned,
            9 => Self::Destroyed,
            10 => Self::Seen,
            _ => return None,
        })
    }
}

impl LotMove {
    /// What of it tells where the lot came from ([`begins_nowhere`]).
    pub const fn told(&self) -> (LotRole, Timestamp) {
        (self.role, self.t_lo)
    }
}

/// Whether nothing says where a lot that moved like this came from: nobody made it, and it was somewhere before
/// anything brought it there.
pub fn begins_nowhere(moves: impl Iterator<Item = (LotRole, Timestamp)>) -> bool {
    let (mut brought, mut seen): (Option<Timestamp>, Option<Timestamp>) = (None, None);
    for (role, time) in moves {
        let first = match role {
            LotRole::Made => return false,
            role if role.brings() => &mut brought,
            _ => &mut seen,
        };
        *first = Some(first.map_or(time, |first| first.min(time)));
    }
    seen.is_some_and(|seen| brought.is_none_or(|brought| seen < brought))
}

/// One movement of a quantity of a lot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LotMove {
    /// The lot.
    pub lot: Block,
    /// The event's shard.
    pub shard: i32,
    /// The event's leaf.
    pub seq: i64,
    /// Which line of the event's quantities, from 0.
    pub line: i32,
    /// What moved.
    pub role: LotRole,
    /// From where, when known.
    pub from_place: Option<Block>,
    /// To where, when known.
    pub to_place: Option<Block>,
    /// From whose custody, when named.
    pub from_party: Option<Block>,
    /// Into whose custody, when named.
    pub to_party: Option<Block>,
    /// How much.
    pub quantity: Quantity,
    /// Earliest time of the event.
    pub t_lo: Timestamp,
    /// Latest time of the event.
    pub t_hi: Timestamp,
}

/// Two lots that are one under two names: a supplier's and the receiver's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Alias {
    /// One name.
    pub lot: Block,
    /// The other.
    pub same_as: Block,
}

/// Items that an event says are of a lot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LotUnits {
    /// The lot.
    pub lot: Block,
    /// The items' block.
    pub block: Block,
    /// The event's shard.
    pub shard: i32,
    /// The event's leaf.
    pub seq: i64,
    /// Which items of the block.
    pub members: MemberSet,
}

impl LotUnits {
    /// All items that are told of, whichever event told.
    pub fn united(told: Vec<Self>) -> BTreeMap<Block, MemberSet> {
        let mut units: BTreeMap<Block, MemberSet> = BTreeMap::new();
        for told in told {
            let members = units.entry(told.block).or_default();
            members.union_with(&told.members);
        }
        units
    }
}
