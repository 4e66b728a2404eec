//! Digests of what the index says, whatever rows it lies in: two stores are equal when their decoded,
//! sorted records are.

use sha2::{Digest as _, Sha256};

use super::log::LogRow;
use super::lots::LotRow;
use super::voids::rows as void_rows;
use super::walk::{each_log, each_lot, each_place_block};
use crate::codes::{Address, Block, MemberSet, Members};
use crate::db::{self, Conn};
use crate::trace::Record;
use crate::trace::log::{Decoder, Malformed, QuantityView, View};

/// What the four tables say, one digest each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digest {
    /// Of `trace_log`: the records of every (block, shard) in seq order.
    pub trace_log: [u8; 32],
    /// Of `lot_moves`.
    pub lot_moves: [u8; 32],
    /// Of `voids`.
    pub voids: [u8; 32],
    /// Of `place_blocks`.
    pub place_blocks: [u8; 32],
}

/// Reads the whole index and digests it.
pub fn digest(conn: &mut Conn) -> Result<Digest, db::Error> {
    let (mut logs, mut moves, mut voided, mut places) =
        (Sha256::new(), Sha256::new(), Sha256::new(), Sha256::new());
    each_log(conn, |block, shard, rows| {
        let mut chain = Chain::default();
        for record in sorted_records(shard, &rows)? {
            chain.record(&record);
        }
        logs.update(block);
        logs.update(shard.to_le_bytes());
        logs.update(chain.finish());
        Ok::<_, db::Error>(())
    })?;
    each_lot(conn, |_, rows| {
        let mut chain = Chain::default();
        for row in &rows {
            chain.lot_row(row);
        }
        moves.update(chain.finish());
        Ok::<_, db::Error>(())
    })?;
    for row in void_rows(conn)? {
        voided.update(row.shard.to_le_bytes());
        voided.update(row.seq.to_le_bytes());
        voided.update(row.by_shard.to_le_bytes());
        voided.update(row.by_seq.to_le_bytes());
    }
    each_place_block(conn, |row| {
        places.update((row.place.len() as u64).to_le_bytes());
        places.update(&row.place);
        places.update(row.day.to_le_bytes());
        places.update((row.block.len() as u64).to_le_bytes());
        places.update(&row.block);
        Ok::<_, db::Error>(())
    })?;
    Ok(Digest {
        trace_log: logs.finalize().into(),
        lot_moves: moves.finalize().into(),
        voids: voided.finalize().into(),
        place_blocks: places.finalize().into(),
    })
}

/// All records of a (block, shard), by seq.
pub(super) fn sorted_records(shard: i32, rows: &[LogRow]) -> Result<Vec<Record>, db::Error> {
    let mut records = Vec::new();
    for row in rows {
        records.extend(records_of(shard, row).map_err(|why| row.malformed(why))?);
    }
    records.sort_by_key(|record| record.seq);
    Ok(records)
}

pub(super) fn records_of(shard: i32, row: &LogRow) -> Result<Vec<Record>, Malformed> {
    let mut decoder = Decoder::new(&row.data)?;
    let mut records = Vec::new();
    while let Some(view) = decoder.next_view()? {
        records.push(view.to_record(shard));
    }
    Ok(records)
}

/// A running digest of records or movements.
#[derive(Debug, Clone, Default)]
pub(super) struct Chain(Sha256);

impl Chain {
    pub(super) fn record(&mut self, record: &Record) {
        // Whole, so that no field is forgotten.
        let Record {
            shard: _,
            seq,
            t_lo,
            t_hi,
            record_time,
            op,
            flow,
            place,
            party,
            owner,
            peer,
            quantity: _,
            members,
        } = record;
        self.number(*seq);
        self.number(t_lo.micros());
        self.number(t_hi.micros());
        self.number(record_time.micros());
        self.0.update([*op as u8, *flow as u8]);
        self.block(*place);
        self.block(*party);
        self.block(owner.as_deref().copied());
        self.address(*peer);
        self.quantity(View::of(record).quantity);
        self.members(members);
    }

    pub(super) fn lot_row(&mut self, row: &LotRow) {
        self.bytes(Some(&row.lot));
        for number in [row.shard, row.line, row.role, row.scale] {
            self.number(number.into());
        }
        for number in [
            row.seq,
            row.t_lo,
            row.t_hi,
            row.quantity.unwrap_or_default(),
        ] {
            self.number(number);
        }
        for place in [
            &row.from_place,
            &row.to_place,
            &row.from_party,
            &row.to_party,
        ] {
            self.bytes(place.as_deref());
        }
        self.0.update([u8::from(row.quantity.is_some())]);
        self.bytes(row.uom.as_deref().map(str::as_bytes));
    }

    pub(super) fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }

    fn number(&mut self, number: i64) {
        self.0.update(number.to_le_bytes());
    }

    fn bytes(&mut self, bytes: Option<&[u8]>) {
        self.0.update([u8::from(bytes.is_some())]);
        if let Some(bytes) = bytes {
            self.0.update((bytes.len() as u64).to_le_bytes());
            self.0.update(bytes);
        }
    }

    fn block(&mut self, block: Option<Block>) {
        self.0.update([u8::from(block.is_some())]);
        if let Some(block) = block {
            self.0.update(block.0);
        }
    }

    fn address(&mut self, address: Option<Address>) {
        self.block(address.map(|address| address.block));
        if let Some(address) = address {
            self.0.update(address.member.to_le_bytes());
        }
    }

    fn quantity(&mut self, quantity: Option<QuantityView<'_>>) {
        self.0.update([u8::from(quantity.is_some())]);
        let Some(quantity) = quantity else { return };
        self.0.update([u8::from(quantity.amount.is_some())]);
        if let Some((digits, scale)) = quantity.amount {
            self.number(digits);
            self.0.update([scale]);
        }
        self.bytes(quantity.uom.map(str::as_bytes));
    }

    fn members(&mut self, members: &Members) {
        match members {
            Members::One(member) => self.run(*member, *member),
            Members::Run { first, last } => self.run(*first, *last),
            Members::Few(_) => self.set(&members.to_set()),
            Members::Set(set) => self.set(set),
        }
    }

    fn set(&mut self, set: &MemberSet) {
        self.0.update([1]);
        for word in set.words() {
            self.0.update(word.to_le_bytes());
        }
    }

    fn run(&mut self, first: u16, last: u16) {
        self.0.update([0]);
        self.0.update(first.to_le_bytes());
        self.0.update(last.to_le_bytes());
    }
}
