//! Codes that were issued for a lot are of that lot, though no event says so: told by the events in which
//! they came to be, or, where nobody recorded that, by the first that names them.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::load::load;
use super::voids::Voids;
use super::{KEYS_A_QUERY, block};
use crate::codes::{self, Batch, Block, BlockKind, ComputedBlock, Derived, MemberSet};
use crate::db::schema::blocks;
use crate::db::{self, Conn};
use crate::gs1::{Identifier, Key};
use crate::ledger::Position;
use crate::trace::{LotUnits, Op, Record};

/// The issued items of these lots that events before the position name; `size` is how much of
/// `control/0` counts there.
pub(super) fn issued_units(
    conn: &mut Conn,
    lots: &[Block],
    (position, size): (&Position, i64),
    voids: &mut Option<Voids>,
) -> Result<Vec<LotUnits>, db::Error> {
    let mut lot_of: BTreeMap<Block, Block> = BTreeMap::new();
    let mut issued: BTreeMap<Block, MemberSet> = BTreeMap::new();
    for (lot, base) in bases(conn, lots, BlockKind::Lot)? {
        let Ok(parsed) = Identifier::parse(&base) else {
            continue;
        };
        let key = parsed.identifier.key();
        let Some((gtin, name)) = key.and_then(|key| Some((key.gtin()?, key.lot()?))) else {
            continue;
        };
        for batch in codes::batches_of_lot(conn, gtin, name)? {
            if size <= batch.seq {
                continue;
            }
            for (block, first, last) in batch.blocks() {
                lot_of.insert(block, lot);
                let members = issued.entry(block).or_default();
                members.insert_run(first, last);
            }
        }
    }
    begun(conn, &issued, &lot_of, position, voids)
}

/// The lots that these items were issued for, as far as events before the position name the items.
pub(super) fn issued_lots(
    conn: &mut Conn,
    items: &BTreeMap<Block, MemberSet>,
    (position, size): (&Position, i64),
    voids: &mut Option<Voids>,
) -> Result<Vec<LotUnits>, db::Error> {
    let mut lot_of: BTreeMap<Block, Block> = BTreeMap::new();
    let mut issued: BTreeMap<Block, MemberSet> = BTreeMap::new();
    let wanted: Vec<Block> = items.keys().copied().collect();
    for (block, base) in bases(conn, &wanted, BlockKind::Computed)? {
        let computed = ComputedBlock::from_base(&base);
        let (Some(computed), Some(members)) = (computed, items.get(&block)) else {
            continue;
        };
        let batch = codes::batch_numbered(conn, computed.gtin(), computed.batch())?;
        let Some(batch) = batch.filter(|batch| batch.seq < size) else {
            continue;
        };
        let Some(lot) = lot_block(&batch) else {
            continue;
        };
        lot_of.insert(block, lot);
        issued.insert(block, members.clone());
    }
    begun(conn, &issued, &lot_of, position, voids)
}

/// The lots that the codes of these blocks were issued for, at whatever time.
pub(super) fn lots_issued_for(
    conn: &mut Conn,
    wanted: &[Block],
) -> Result<Vec<(Block, Block)>, db::Error> {
    let mut by_batch: BTreeMap<_, Option<Block>> = BTreeMap::new();
    let mut found = Vec::new();
    for (block, base) in bases(conn, wanted, BlockKind::Computed)? {
        let Some(computed) = ComputedBlock::from_base(&base) else {
            continue;
        };
        let key = (computed.gtin(), computed.batch());
        let lot = if let Some(known) = by_batch.get(&key) {
            *known
        } else {
            let batch = codes::batch_numbered(conn, key.0, key.1)?;
            let lot = batch.as_ref().and_then(lot_block);
            by_batch.insert(key, lot);
            lot
        };
        found.extend(lot.map(|lot| (block, lot)));
    }
    Ok(found)
}

fn lot_block(batch: &Batch) -> Option<Block> {
    let lot = Identifier::Gs1(Key::of_lot(batch.gtin, &batch.lot));
    match Derived::of_quantity(&lot) {
        Derived::At(address, _) => Some(address.block),
        Derived::Intern { .. } | Derived::MaybeComputed { .. } => None,
    }
}

/// In which events these items came to be; of an item of which nobody recorded that, the first that names it.
fn begun(
    conn: &mut Conn,
    issued: &BTreeMap<Block, MemberSet>,
    lot_of: &BTreeMap<Block, Block>,
    position: &Position,
    voids: &mut Option<Voids>,
) -> Result<Vec<LotUnits>, db::Error> {
    let mut found = Vec::new();
    if issued.is_empty() {
        return Ok(found);
    }
    for (block, records) in load(conn, issued, position, voids)? {
        let (Some(lot), Some(mask)) = (lot_of.get(&block), issued.get(&block)) else {
            continue;
        };
        let told = |(record, members): (&Record, MemberSet)| LotUnits {
            lot: *lot,
            block,
            shard: record.shard,
            seq: record.seq,
            members,
        };
        found.extend(tellings(&records, mask).into_iter().map(told));
    }
    Ok(found)
}

/// The records of a log by which these items are told of, each with which of them.
fn tellings<'r>(records: &'r [Record], mask: &MemberSet) -> Vec<(&'r Record, MemberSet)> {
    let begins = |record: &Record| matches!(record.op, Op::Commission | Op::Produce);
    let of = |record: &Record, mask: &MemberSet| {
        let mut members = record.members.to_set();
        members.intersect_with(mask);
        members
    };
    let mut rest = mask.clone();
    let mut found = Vec::new();
    for record in records.iter().filter(|record| begins(record)) {
        let members = of(record, mask);
        rest.subtract(&members);
        found.push((record, members));
    }
    let mut others: Vec<&Record> = records.iter().filter(|record| !begins(record)).collect();
    let time = |record: &&Record| (record.t_lo, record.record_time);
    others.sort_by_key(time);
    // Of events of one time, the evaluation takes the first.
    for of_time in others.chunk_by(|a, b| time(a) == time(b)) {
        if rest.is_empty() {
            break;
        }
        let named = of_time.iter().map(|record| (*record, of(record, &rest)));
        let named: Vec<_> = named.filter(|(_, members)| !members.is_empty()).collect();
        for (_, members) in &named {
            rest.subtract(members);
        }
        found.extend(named);
    }
    found
}

/// The bases of those of these blocks that are of a kind.
fn bases(
    conn: &mut Conn,
    wanted: &[Block],
    kind: BlockKind,
) -> Result<Vec<(Block, String)>, db::Error> {
    let mut found = Vec::new();
    for wanted in wanted.chunks(KEYS_A_QUERY) {
        let rows: Vec<(Vec<u8>, String)> = blocks::table
            .filter(blocks::block.eq_any(wanted.iter().map(|block| block.0.as_slice())))
            .filter(blocks::kind.eq(i32::from(kind as u8)))
            .select((blocks::block, blocks::base))
            .order(blocks::block)
            .load(conn)?;
        for (bytes, base) in rows {
            found.push((block("blocks", "block", &bytes, || base.clone())?, base));
        }
    }
    Ok(found)
}
