//! Block logs as bytes: the `data` of a `trace_log` row.
//!
//! ```text
//! version 3 | time units | dictionary size, 16-byte ids … | record, record, …
//! record = op+flow, form[, more], seq, t_lo[, record time][, t_hi − t_lo][, place][, party][, owner][, peer][, quantity], members
//! ```
//!
//! Numbers are base-128 varints of the difference to the record before (zigzag where it can be
//! negative); a record time as long after the event as that of the record before is left out; places,
//! parties, owners and peers' blocks are numbers in the dictionary; times are whole seconds
//! or milliseconds when all of the row's are. Members are one, a run, a list or a 512-byte bitmap.
//! Decoding streams, allocates nothing and passes over records that miss a mask. No I/O here: rows and
//! tiers are `store`'s business.

mod decode;
mod encode;
mod members;
mod view;
mod wire;

#[cfg(test)]
mod tests;

use std::borrow::Borrow;

pub use decode::Decoder;
pub use encode::Row;
pub use members::{List, MembersRef};
pub use view::{BlockId, QuantityView, View};
pub use wire::Malformed;

use super::record::{Flow, Op, Record};
use crate::codes::MemberSet;
use crate::epcis::Timestamp;

/// The layout written today.
const VERSION: u8 = 3;

/// Earlier layouts, which are read as well: both are today's without owners, and in the first every record time is
/// written.
const VERSIONS_BEFORE: [u8; 2] = [1, 2];

/// Encodes records of one (block, shard). They are put in seq order; records of one seq keep the order
/// they are given in. `None` when there are none.
pub fn encode<R: Borrow<Record>>(records: &[R]) -> Option<Row> {
    let mut views: Vec<View<'_>> = records
        .iter()
        .map(|record| View::of(record.borrow()))
        .collect();
    views.sort_by_key(|view| view.seq);
    encode::encode_views(&views)
}

/// Every record of a row.
pub fn decode(shard: i32, data: &[u8]) -> Result<Vec<Record>, Malformed> {
    let mut decoder = Decoder::new(data)?;
    let mut records = Vec::new();
    while let Some(view) = decoder.next_view()? {
        records.push(view.to_record(shard));
    }
    Ok(records)
}

/// The records of a row that have a member in `mask`, whole.
pub fn decode_in(shard: i32, data: &[u8], mask: &MemberSet) -> Result<Vec<Record>, Malformed> {
    let mut decoder = Decoder::new(data)?;
    let mut records = Vec::new();
    while let Some(view) = decoder.next_in(mask)? {
        records.push(view.to_record(shard));
    }
    Ok(records)
}

/// One row with the records of all of these, which belong to one (block, shard); `None` when they hold
/// no record.
pub fn merge<D: AsRef<[u8]>>(rows: &[D]) -> Result<Option<Row>, Malformed> {
    let mut views = Vec::new();
    for row in rows {
        let mut decoder = Decoder::new(row.as_ref())?;
        while let Some(view) = decoder.next_view()? {
            views.push(view);
        }
    }
    views.sort_by_key(|view| view.seq);
    Ok(encode::encode_views(&views))
}

/// Operation and flow as the first byte of a record; its highest bit is [`shape::MORE`].
const fn head(op: Op, flow: Flow) -> u8 {
    op as u8 | (flow as u8) << 4
}

const fn op_and_flow(head: u8) -> Option<(Op, Flow)> {
    match (
        Op::from_number(head & 0x0f),
        Flow::from_number(head >> 4 & 0x07),
    ) {
        (Some(op), Some(flow)) => Some((op, flow)),
        _ => None,
    }
}

/// The bits that say which fields a record has.
mod shape {
    /// In the first byte: a third byte follows.
    pub(super) const MORE: u8 = 0x80;

    /// In the second byte: how the members are written.
    pub(super) const MEMBERS: u8 = 0x03;
    /// The place is that of the record before.
    pub(super) const SAME_PLACE: u8 = 0x04;
    /// The party is that of the record before.
    pub(super) const SAME_PARTY: u8 = 0x08;
    /// There is a peer.
    pub(super) const PEER: u8 = 0x10;
    /// The peer is the last one named.
    pub(super) const SAME_PEER: u8 = 0x20;
    /// The record time is as long after `t_lo` as in the record before.
    pub(super) const SAME_LAG: u8 = 0x40;
    /// Never set.
    pub(super) const FORM_UNUSED: u8 = 0x80;

    /// In the third byte: `t_hi` differs from `t_lo`.
    pub(super) const SPAN: u8 = 0x01;
    /// There is a quantity.
    pub(super) const QUANTITY: u8 = 0x02;
    /// An owner is named.
    pub(super) const OWNER: u8 = 0x04;
    /// Never set.
    pub(super) const MORE_UNUSED: u8 = 0xf8;

    /// In a quantity's first byte: the amount is known.
    pub(super) const AMOUNT: u8 = 0x01;
    /// There is a unit of measure.
    pub(super) const UOM: u8 = 0x02;

    pub(super) const fn flag(set: bool, bit: u8) -> u8 {
        if set { bit } else { 0 }
    }
}

/// What the times of a row are whole multiples of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Unit {
    number: u8,
    micros: i64,
}

impl Unit {
    const ALL: [Self; 3] = [
        Self {
            number: 2,
            micros: 1_000_000,
        },
        Self {
            number: 1,
            micros: 1_000,
        },
        Self {
            number: 0,
            micros: 1,
        },
    ];

    /// The largest that divides all of these times.
    fn of<I: Iterator<Item = i64>>(times: impl Fn() -> I) -> Self {
        let [_, _, finest] = Self::ALL;
        Self::ALL
            .into_iter()
            .find(|unit| times().all(|time| time % unit.micros == 0))
            .unwrap_or(finest)
    }

    fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|unit| unit.number == number)
    }

    const fn number(self) -> u8 {
        self.number
    }

    const fn divide(self, micros: i64) -> i64 {
        micros / self.micros
    }

    /// How much later the second time is, in microseconds; what overflows is as good as any other number.
    const fn lag(event: (Self, i64), record: (Self, i64)) -> i64 {
        let (event_unit, event) = event;
        let (record_unit, record) = record;
        record
            .wrapping_mul(record_unit.micros)
            .wrapping_sub(event.wrapping_mul(event_unit.micros))
    }

    fn multiply(self, value: i64) -> Option<Timestamp> {
        value.checked_mul(self.micros).map(Timestamp::from_micros)
    }
}
