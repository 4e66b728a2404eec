//! Comparing two block logs: the same records, whatever rows they lie in; and each row's own columns
//! against what its `data` says.

use std::collections::BTreeMap;

use diesel::prelude::*;
use sha2::{Digest as _, Sha256};

use super::fingerprint::{Chain, records_of, sorted_records};
use super::log::{LogRow, tier_of};
use super::walk::each_log;
use crate::db::schema::trace_log;
use crate::db::{self, Conn};
use crate::ledger::{Bad, hex};
use crate::trace::Record;
use crate::trace::log as codec;

/// What the block logs say: how many rows they lie in, and a digest of the records alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogDigest {
    /// Rows.
    pub rows: u64,
    /// Over the decoded records of every (block, shard) in seq order.
    pub hash: [u8; 32],
}

/// Digests the block logs.
pub fn log_digest(conn: &mut Conn) -> Result<LogDigest, db::Error> {
    let mut hash = Sha256::new();
    let mut count = 0;
    each_log(conn, |block, shard, rows| {
        count += rows.len() as u64;
        hash.update((block.len() as u64).to_be_bytes());
        hash.update(block);
        hash.update(shard.to_be_bytes());
        // Damaged rows have a digest of their own: their bytes.
        match sorted_records(shard, &rows) {
            Ok(records) => hash.update(digest_of(&records)),
            Err(_) => rows.iter().for_each(|row| hash.update(&row.data)),
        }
        Ok::<_, db::Error>(())
    })?;
    Ok(LogDigest {
        rows: count,
        hash: hash.finalize().into(),
    })
}

/// Names every row of the live block logs that differs from what was made from the ledger.
pub fn compare(live: &mut Conn, made: &mut Conn) -> Result<Vec<Bad>, db::Error> {
    let mut bad = Vec::new();
    let mut due: BTreeMap<(Vec<u8>, i32), [u8; 32]> = BTreeMap::new();
    each_log(made, |block, shard, rows| {
        due.insert(
            (block.to_vec(), shard),
            digest_of(&sorted_records(shard, &rows)?),
        );
        Ok::<_, db::Error>(())
    })?;
    let mut differing = Vec::new();
    each_log(live, |block, shard, rows| {
        for row in &rows {
            columns(row, &mut bad);
        }
        let found = sorted_records(shard, &rows)
            .map(|records| digest_of(&records))
            .ok();
        let key = (block.to_vec(), shard);
        match due.remove(&key) {
            None => bad.extend(rows.iter().map(|row| named(row, None, "no row", "a row"))),
            Some(due) if found != Some(due) => differing.push(key),
            Some(_) => {}
        }
        Ok::<_, db::Error>(())
    })?;
    for (block, shard) in due.into_keys() {
        let key = [
            ("block".to_owned(), hex(&block)),
            ("shard".to_owned(), shard.to_string()),
        ]
        .into();
        bad.push(Bad::of_row("trace_log", key, None, "a row", "no row"));
    }
    for (block, shard) in differing {
        let expected = sorted_records(shard, &rows_of(made, &block, shard)?)?;
        name_rows(live, &block, shard, &expected, &mut bad)?;
    }
    Ok(bad)
}

/// A row's columns against its data.
fn columns(row: &LogRow, bad: &mut Vec<Bad>) {
    let records = match records_of(row.shard, row) {
        Ok(records) => records,
        Err(why) => {
            bad.push(named(row, Some("data"), "packed records", &why.to_string()));
            return;
        }
    };
    let Some(due) = codec::encode(&records) else {
        bad.push(named(row, Some("data"), "records", "none"));
        return;
    };
    let pairs = [
        ("tier", tier_of(due.n).into(), row.tier.into()),
        ("first_seq", due.first_seq, row.first_seq),
        ("last_seq", due.last_seq, row.last_seq),
        ("n", due.n.into(), row.n.into()),
        ("t_min", due.t_min, row.t_min),
        ("t_max", due.t_max, row.t_max),
    ];
    for (column, due, found) in pairs {
        if due != found {
            bad.push(named(
                row,
                Some(column),
                &due.to_string(),
                &found.to_string(),
            ));
        }
    }
}

/// Names every row of a log that holds a record not expected, and what stands in no row.
fn name_rows(
    conn: &mut Conn,
    block: &[u8],
    shard: i32,
    expected: &[Record],
    bad: &mut Vec<Bad>,
) -> Result<(), db::Error> {
    let mut missing = by_leaf(expected);
    let mut all_read = true;
    for row in rows_of(conn, block, shard)? {
        // What cannot be read is named already.
        let Ok(records) = records_of(shard, &row) else {
            all_read = false;
            continue;
        };
        let mut wrong = None;
        for (seq, found) in by_leaf(&records) {
            // Every leaf is ticked off, so that what is left at the end is what is missing.
            let what = match missing.remove(&seq) {
                None => Some(format!(
                    "a record of seq {seq} that the event does not make"
                )),
                Some(due) => difference(&due, &found)
                    .map(|field| format!("another {field} in the record of seq {seq}")),
            };
            wrong = wrong.or(what);
        }
        if let Some(found) = wrong {
            bad.push(named(
                &row,
                Some("data"),
                "the records of the events",
                &found,
            ));
        }
    }
    if let (true, Some(seq)) = (all_read, missing.keys().next()) {
        let key = [
            ("block".to_owned(), hex(block)),
            ("shard".to_owned(), shard.to_string()),
            ("first_seq".to_owned(), seq.to_string()),
        ];
        bad.push(Bad::of_row(
            "trace_log",
            key.into(),
            None,
            "a row with the record of this seq",
            "no row",
        ));
    }
    Ok(())
}

fn by_leaf(records: &[Record]) -> BTreeMap<i64, Vec<&Record>> {
    let mut leaves: BTreeMap<i64, Vec<&Record>> = BTreeMap::new();
    for record in records {
        leaves.entry(record.seq).or_default().push(record);
    }
    leaves
}

/// The first field in which records of one leaf differ.
fn difference(due: &[&Record], found: &[&Record]) -> Option<&'static str> {
    if due.len() != found.len() {
        return Some("number of records");
    }
    due.iter().zip(found).find_map(|(due, found)| {
        [
            ("earliest time", due.t_lo == found.t_lo),
            ("latest time", due.t_hi == found.t_hi),
            ("record time", due.record_time == found.record_time),
            ("operation", due.op == found.op),
            ("flow", due.flow == found.flow),
            ("place", due.place == found.place),
            ("party", due.party == found.party),
            ("owner", due.owner == found.owner),
            ("peer", due.peer == found.peer),
            ("quantity", due.quantity == found.quantity),
            ("set of members", due.members == found.members),
        ]
        .into_iter()
        .find_map(|(field, is_equal)| (!is_equal).then_some(field))
    })
}

fn rows_of(conn: &mut Conn, block: &[u8], shard: i32) -> Result<Vec<LogRow>, db::Error> {
    Ok(trace_log::table
        .filter(trace_log::block.eq(block))
        .filter(trace_log::shard.eq(shard))
        .order((trace_log::first_seq, trace_log::tier))
        .select(LogRow::as_select())
        .load(conn)?)
}

fn named(row: &LogRow, column: Option<&str>, expected: &str, found: &str) -> Bad {
    let key = [
        ("block".to_owned(), hex(&row.block)),
        ("shard".to_owned(), row.shard.to_string()),
        ("tier".to_owned(), row.tier.to_string()),
        ("first_seq".to_owned(), row.first_seq.to_string()),
    ];
    Bad::of_row("trace_log", key.into(), column, expected, found)
}

fn digest_of(records: &[Record]) -> [u8; 32] {
    let mut chain = Chain::default();
    for record in records {
        chain.record(record);
    }
    chain.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::{Address, Block, Members};
    use crate::epcis::Timestamp;
    use crate::events::Quantity;
    use crate::trace::{Flow, Op};

    fn record() -> Record {
        Record {
            shard: 0,
            seq: 1,
            t_lo: Timestamp::from_micros(1),
            t_hi: Timestamp::from_micros(2),
            record_time: Timestamp::from_micros(3),
            op: Op::Observe,
            flow: Flow::None,
            place: None,
            party: None,
            owner: None,
            peer: None,
            quantity: None,
            members: Members::One(0),
        }
    }

    /// A change of a record, by the name of its field.
    type Change = (&'static str, fn(&mut Record));

    #[test]
    fn every_field_of_a_record_is_compared_and_digested() {
        const BLOCK: Block = Block([7; 16]);
        let changes: [Change; 11] = [
            ("earliest time", |record| {
                record.t_lo = Timestamp::from_micros(0);
            }),
            ("latest time", |record| {
                record.t_hi = Timestamp::from_micros(8);
            }),
            ("operation", |record| record.op = Op::Commission),
            ("flow", |record| record.flow = Flow::Ship),
            ("place", |record| record.place = Some(BLOCK)),
            ("party", |record| record.party = Some(BLOCK)),
            ("owner", |record| record.owner = Some(Box::new(BLOCK))),
            ("peer", |record| {
                record.peer = Some(Address {
                    block: BLOCK,
                    member: 0,
                });
            }),
            ("quantity", |record| {
                record.quantity = Some(Box::new(Quantity {
                    amount: None,
                    uom: None,
                }));
            }),
            ("set of members", |record| record.members = Members::One(1)),
            ("record time", |record| {
                record.record_time = Timestamp::from_micros(8);
            }),
        ];
        let same = record();
        for (field, change) in changes {
            let mut changed = record();
            change(&mut changed);
            assert_eq!(difference(&[&same], &[&changed]), Some(field));
            assert_ne!(digest_of(&[changed]), digest_of(&[record()]), "{field}");
        }
        assert_eq!(difference(&[&same], &[&record()]), None);
        assert_eq!(digest_of(&[same]), digest_of(&[record()]));
    }
}
