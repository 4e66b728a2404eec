//! One record of a log while it lies in the bytes: nothing allocated.

use super::members::MembersRef;
use crate::codes::{Address, Block};
use crate::epcis::Timestamp;
use crate::events::Quantity;
use crate::trace::record::{Flow, Op, Record};

/// A block's id where it lies: a reference to it costs less to hand around than its bytes.
pub type BlockId = [u8; 16];

/// A quantity, its unit borrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuantityView<'a> {
    /// The digits and how many of them stand after the point; `None` = some, unknown.
    pub amount: Option<(i64, u8)>,
    /// UN/CEFACT Rec 20 code; `None` = a count of pieces.
    pub uom: Option<&'a str>,
}

/// What [`Record`] says, borrowed from the bytes of a row or from a record.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The event's leaf.
    pub seq: i64,
    /// Earliest time of the event.
    pub t_lo: Timestamp,
    /// Latest time of the event.
    pub t_hi: Timestamp,
    /// When the event was recorded.
    pub record_time: Timestamp,
    /// What it did to structure.
    pub op: Op,
    /// What it did to custody.
    pub flow: Flow,
    /// Where the members are afterwards.
    pub place: Option<&'a BlockId>,
    /// Who has them afterwards.
    pub party: Option<&'a BlockId>,
    /// Who owns them afterwards, when the event says so.
    pub owner: Option<&'a BlockId>,
    /// The parent or the process: its block and member.
    pub peer: Option<(&'a BlockId, u16)>,
    /// For lots and classes: how much.
    pub quantity: Option<QuantityView<'a>>,
    /// Which members of the block.
    pub members: MembersRef<'a>,
}

impl<'a> View<'a> {
    /// A record, borrowed.
    pub fn of(record: &'a Record) -> Self {
        Self {
            seq: record.seq,
            t_lo: record.t_lo,
            t_hi: record.t_hi,
            record_time: record.record_time,
            op: record.op,
            flow: record.flow,
            place: record.place.as_ref().map(|place| &place.0),
            party: record.party.as_ref().map(|party| &party.0),
            owner: record.owner.as_ref().map(|owner| &owner.0),
            peer: record
                .peer
                .as_ref()
                .map(|peer| (&peer.block.0, peer.member)),
            quantity: record.quantity.as_ref().map(|quantity| QuantityView {
                amount: quantity.amount,
                uom: quantity.uom.as_deref(),
            }),
            members: MembersRef::of(&record.members),
        }
    }

    /// The same as a record of its own.
    pub fn to_record(&self, shard: i32) -> Record {
        Record {
            shard,
            seq: self.seq,
            t_lo: self.t_lo,
            t_hi: self.t_hi,
            record_time: self.record_time,
            op: self.op,
            flow: self.flow,
            place: self.place.copied().map(Block),
            party: self.party.copied().map(Block),
            owner: self.owner.copied().map(Block).map(Box::new),
            peer: self.peer.map(|(block, member)| Address {
                block: Block(*block),
                member,
            }),
            quantity: self.quantity.map(|quantity| {
                Box::new(Quantity {
                    amount: quantity.amount,
                    uom: quantity.uom.map(str::to_owned),
                })
            }),
            members: self.members.to_members(),
        }
    }
}
