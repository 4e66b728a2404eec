//! Dead letters: what was refused and why, beside its leaf.

use diesel::prelude::*;

use super::Error;
use super::read::ReadRecord;
use crate::db::schema::dead_letters;
use crate::db::{self, Conn};

#[derive(Insertable)]
#[diesel(table_name = dead_letters)]
#[diesel(treat_none_as_default_value = false)]
pub(super) struct LetterRow {
    shard: i32,
    record_offset: i64,
    part: i32,
    seq: i64,
    recorded_at: i64,
    faults: String,
}

/// The refused records and events of a batch.
pub(super) fn dead_letters(shard: i32, first_seq: i64, records: &[ReadRecord]) -> Vec<LetterRow> {
    let mut next = first_seq;
    let mut letters = Vec::new();
    for record in records {
        let first = next;
        next += i64::try_from(record.shape.leaf_count()).unwrap_or(i64::MAX);
        for (part, outcome) in record.shape.outcomes() {
            let Err(faults) = outcome else { continue };
            let listed: Vec<_> = faults
                .iter()
                .map(|fault| serde_json::json!({"pointer": fault.pointer, "rule": fault.rule, "detail": fault.detail}))
                .collect();
            letters.push(LetterRow {
                shard,
                record_offset: record.offset.unwrap_or(first),
                part: i32::try_from(part).unwrap_or(i32::MAX),
                seq: first + i64::try_from(part).unwrap_or(i64::MAX),
                recorded_at: record.record_time.micros(),
                // U+0000 can stand in what a fault quotes, and PostgreSQL refuses it in text.
                faults: serde_json::Value::Array(listed)
                    .to_string()
                    .replace("\\u0000", "\\ufffd"),
            });
        }
    }
    letters
}

pub(super) fn insert_dead_letters(conn: &mut Conn, rows: Vec<LetterRow>) -> Result<(), Error> {
    Ok(db::bulk_insert!(&mut *conn, dead_letters::table, rows)?)
}
