//! Writing a row: records into bytes.

use std::collections::HashMap;

use super::VERSION;
use super::members::Chosen;
use super::view::{BlockId, QuantityView, View};
use super::wire::{put_number, put_signed};
use super::{Unit, head, shape};
use crate::codes::BLOCK_SIZE;

/// One row of the store: some consecutive records of one (block, shard), encoded, and the columns that
/// say what is inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The lowest sequence number.
    pub first_seq: i64,
    /// The highest sequence number.
    pub last_seq: i64,
    /// How many records.
    pub n: i32,
    /// The earliest `t_lo`, in microseconds.
    pub t_min: i64,
    /// The latest `t_hi`, in microseconds.
    pub t_max: i64,
    /// The records.
    pub data: Vec<u8>,
}

/// Encodes views of one (block, shard), given in seq order; `None` when there are none.
pub(super) fn encode_views(views: &[View<'_>]) -> Option<Row> {
    let (first, last) = (views.first()?, views.last()?);
    let mut writer = Writer::new(views);
    for view in views {
        writer.put(view);
    }
    Some(Row {
        first_seq: first.seq,
        last_seq: last.seq,
        n: i32::try_from(views.len()).unwrap_or(i32::MAX),
        t_min: views.iter().map(|view| view.t_lo.micros()).min()?,
        t_max: views.iter().map(|view| view.t_hi.micros()).max()?,
        data: writer.finish(),
    })
}

/// The running state of an encoder; [`super::Decoder`] keeps the same.
struct Writer {
    dictionary: Vec<BlockId>,
    numbers: HashMap<BlockId, u64>,
    event_unit: Unit,
    record_unit: Unit,
    seq: i64,
    time: i64,
    record_time: i64,
    lag: i64,
    place: u64,
    party: u64,
    peer: i64,
    next: u16,
    body: Vec<u8>,
}

impl Writer {
    fn new(views: &[View<'_>]) -> Self {
        let event_times = || {
            views
                .iter()
                .flat_map(|view| [view.t_lo.micros(), view.t_hi.micros()])
        };
        let record_times = || views.iter().map(|view| view.record_time.micros());
        Self {
            dictionary: Vec::new(),
            numbers: HashMap::new(),
            event_unit: Unit::of(event_times),
            record_unit: Unit::of(record_times),
            seq: 0,
            time: 0,
            record_time: 0,
            lag: 0,
            place: 0,
            party: 0,
            peer: 0,
            next: 0,
            body: Vec::with_capacity(16 * views.len()),
        }
    }

    fn put(&mut self, view: &View<'_>) {
        let place = self.optional(view.place);
        let party = self.optional(view.party);
        let owner = view.owner.map(|owner| self.number(owner));
        let peer = view.peer.map(|(block, member)| self.address(block, member));
        let members = Chosen::of(view.members);
        let time = self.event_unit.divide(view.t_lo.micros());
        let span = self
            .event_unit
            .divide(view.t_hi.micros())
            .wrapping_sub(time);
        let record_time = self.record_unit.divide(view.record_time.micros());

        let lag = Unit::lag((self.event_unit, time), (self.record_unit, record_time));

        let more = shape::flag(span != 0, shape::SPAN)
            | shape::flag(view.quantity.is_some(), shape::QUANTITY)
            | shape::flag(owner.is_some(), shape::OWNER);
        self.body
            .push(head(view.op, view.flow) | if more == 0 { 0 } else { shape::MORE });
        self.body.push(
            members.mode
                | shape::flag(place == self.place, shape::SAME_PLACE)
                | shape::flag(party == self.party, shape::SAME_PARTY)
                | shape::flag(peer.is_some(), shape::PEER)
                | shape::flag(peer == Some(self.peer), shape::SAME_PEER)
                | shape::flag(lag == self.lag, shape::SAME_LAG),
        );
        if more != 0 {
            self.body.push(more);
        }
        put_number(
            &mut self.body,
            view.seq.wrapping_sub(self.seq).cast_unsigned(),
        );
        put_signed(&mut self.body, time.wrapping_sub(self.time));
        if lag != self.lag {
            put_signed(&mut self.body, record_time.wrapping_sub(self.record_time));
        }
        if span != 0 {
            put_signed(&mut self.body, span);
        }
        if place != self.place {
            put_number(&mut self.body, place);
        }
        if party != self.party {
            put_number(&mut self.body, party);
        }
        if let Some(owner) = owner {
            put_number(&mut self.body, owner);
        }
        if let Some(peer) = peer.filter(|peer| *peer != self.peer) {
            put_signed(&mut self.body, peer - self.peer);
        }
        if let Some(quantity) = view.quantity {
            self.quantity(quantity);
        }
        self.next = members.put(&mut self.body, self.next);

        (self.seq, self.time) = (view.seq, time);
        (self.record_time, self.lag) = (record_time, lag);
        (self.place, self.party) = (place, party);
        self.peer = peer.unwrap_or(self.peer);
    }

    fn quantity(&mut self, quantity: QuantityView<'_>) {
        self.body.push(
            shape::flag(quantity.amount.is_some(), shape::AMOUNT)
                | shape::flag(quantity.uom.is_some(), shape::UOM),
        );
        if let Some((digits, scale)) = quantity.amount {
            self.body.push(scale);
            put_signed(&mut self.body, digits);
        }
        if let Some(uom) = quantity.uom {
            put_number(&mut self.body, uom.len() as u64);
            self.body.extend_from_slice(uom.as_bytes());
        }
    }

    /// 0 for none, else the id's place in the dictionary, from 1.
    fn optional(&mut self, block: Option<&BlockId>) -> u64 {
        block.map_or(0, |block| self.number(block) + 1)
    }

    /// An address as one number: its block's place in the dictionary, then the member.
    fn address(&mut self, block: &BlockId, member: u16) -> i64 {
        let member = u64::from(member) % u64::from(BLOCK_SIZE);
        (self.number(block) * u64::from(BLOCK_SIZE) + member).cast_signed()
    }

    fn number(&mut self, block: &BlockId) -> u64 {
        *self.numbers.entry(*block).or_insert_with(|| {
            self.dictionary.push(*block);
            self.dictionary.len() as u64 - 1
        })
    }

    fn finish(self) -> Vec<u8> {
        let mut data = Vec::with_capacity(self.body.len() + 16 * self.dictionary.len() + 8);
        data.push(VERSION);
        data.push(self.event_unit.number() | self.record_unit.number() << 2);
        put_number(&mut data, self.dictionary.len() as u64);
        for block in &self.dictionary {
            data.extend_from_slice(block);
        }
        data.extend_from_slice(&self.body);
        data
    }
}
