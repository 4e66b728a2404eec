//! Rows of dead letters: what was refused and why, beside its leaf.

use std::collections::HashMap;

use diesel::prelude::*;

use super::decide::Decision;
use super::letter::{Letter, LetterBytes, LetterFault, LetterId, LetterQuery};
use super::read::ReadRecord;
use super::receipt::event_pointer;
use super::{Error, Sender};
use crate::db::schema::dead_letters;
use crate::db::{self, Conn};
use crate::epcis::{Fault, Timestamp};
use crate::events::Verdict;
use crate::ledger::{self, Shard, ShardName};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = dead_letters)]
#[diesel(treat_none_as_default_value = false)]
pub(super) struct LetterRow {
    shard: i32,
    record_offset: i64,
    part: i32,
    seq: i64,
    recorded_at: i64,
    faults: String,
    submitter: String,
    replayed_at: Option<i64>,
}

impl LetterRow {
    fn into_letter(self, names: &HashMap<i32, String>) -> Result<Letter, db::Error> {
        let corrupt = |what: String| db::Error::Corrupt {
            table: "dead_letters",
            what: format!(
                "{} offset {} part {}: {what}",
                self.shard, self.record_offset, self.part
            ),
        };
        let shard = names
            .get(&self.shard)
            .cloned()
            .ok_or_else(|| corrupt("no such shard".to_owned()))?;
        let faults: Vec<LetterFault> =
            serde_json::from_str(&self.faults).map_err(|error| corrupt(error.to_string()))?;
        let id = LetterId {
            shard,
            offset: self.record_offset,
            part: self.part,
        };
        Ok(Letter {
            id: id.to_string(),
            shard: id.shard,
            offset: self.record_offset,
            part: self.part,
            seq: self.seq,
            recorded_at: Timestamp::from_micros(self.recorded_at).to_string(),
            submitter: self.submitter,
            replayed_at: self
                .replayed_at
                .map(|at| Timestamp::from_micros(at).to_string()),
            faults,
        })
    }
}

/// The refused records and events of a batch, and the events that their submitter may not say.
pub(super) fn dead_letters(
    shard: i32,
    first_seq: i64,
    records: &[ReadRecord],
    decisions: &[Decision],
    senders: &[Sender<'_>],
) -> Vec<LetterRow> {
    let mut next = first_seq;
    let mut letters = Vec::new();
    let mut decisions = decisions.iter();
    for record in records {
        let first = next;
        next += i64::try_from(record.shape.leaf_count()).unwrap_or(i64::MAX);
        for (part, outcome) in record.shape.outcomes() {
            let faults = if let Err(faults) = outcome {
                listed(faults)
            } else {
                let verdict = decisions.next().map(|decision| decision.verdict);
                if verdict != Some(Verdict::NotAuthorised) {
                    continue;
                }
                let (rule, detail) = senders[record.part].authority.refusal();
                listed(&[Fault {
                    pointer: event_pointer(&record.shape, part),
                    rule,
                    detail: detail.to_owned(),
                }])
            };
            letters.push(LetterRow {
                shard,
                record_offset: record.offset.unwrap_or(first),
                part: i32::try_from(part).unwrap_or(i32::MAX),
                seq: first + i64::try_from(part).unwrap_or(i64::MAX),
                recorded_at: record.record_time.micros(),
                faults,
                submitter: senders[record.part].org.to_owned(),
                replayed_at: None,
            });
        }
    }
    letters
}

fn listed(faults: &[Fault]) -> String {
    let listed: Vec<_> = faults
        .iter()
        .map(|fault| serde_json::json!({"pointer": fault.pointer, "rule": fault.rule, "detail": fault.detail}))
        .collect();
    // U+0000 can stand in what a fault quotes, and PostgreSQL refuses it in text.
    serde_json::Value::Array(listed)
        .to_string()
        .replace("\\u0000", "\\ufffd")
}

pub(super) fn insert_dead_letters(conn: &mut Conn, rows: Vec<LetterRow>) -> Result<(), Error> {
    Ok(db::bulk_insert!(&mut *conn, dead_letters::table, rows)?)
}

/// Letters in the order of shard, offset and part. Shards are in the order in which this ledger met them;
/// one that it does not know is an error, but for `http/0`, which is there from the beginning.
pub fn letters(conn: &mut Conn, query: LetterQuery<'_>) -> Result<Vec<Letter>, Error> {
    let shards = ledger::shards(conn)?;
    let number = |name: &str| {
        number_of(&shards, name).ok_or_else(|| ledger::Error::NoShard(name.to_owned()))
    };
    let mut rows = dead_letters::table
        .order((
            dead_letters::shard,
            dead_letters::record_offset,
            dead_letters::part,
        ))
        .limit(query.rows)
        .select(LetterRow::as_select())
        .into_boxed();
    if let Some(name) = query.shard {
        let found = number(name);
        // Ours is made with its first record.
        if found.is_err() && name == ShardName::http().to_string() {
            return Ok(Vec::new());
        }
        rows = rows.filter(dead_letters::shard.eq(found?));
    }
    if let Some(offset) = query.offset {
        rows = rows.filter(dead_letters::record_offset.eq(offset));
    }
    if let Some(part) = query.part {
        rows = rows.filter(dead_letters::part.eq(part));
    }
    if let Some(submitter) = query.submitter {
        rows = rows.filter(dead_letters::submitter.eq(submitter.to_owned()));
    }
    if !query.all {
        rows = rows.filter(dead_letters::replayed_at.is_null());
    }
    if let Some(after) = query.after {
        let number = number(&after.shard)?;
        let same_record = dead_letters::record_offset
            .eq(after.offset)
            .and(dead_letters::part.gt(after.part));
        let same_shard = dead_letters::shard
            .eq(number)
            .and(dead_letters::record_offset.gt(after.offset).or(same_record));
        rows = rows.filter(dead_letters::shard.gt(number).or(same_shard));
    }
    let rows: Vec<LetterRow> = rows.load(conn).map_err(db::Error::from)?;
    let names: HashMap<i32, String> = shards
        .into_iter()
        .map(|shard| (shard.number, shard.name.to_string()))
        .collect();
    rows.into_iter()
        .map(|row| Ok(row.into_letter(&names)?))
        .collect()
}

fn number_of(shards: &[Shard], name: &str) -> Option<i32> {
    shards
        .iter()
        .find(|shard| shard.name.to_string() == name)
        .map(|shard| shard.number)
}

/// The bytes of a letter, from the ledger.
pub fn letter_bytes(conn: &mut Conn, letter: &Letter) -> Result<LetterBytes, Error> {
    let shards = ledger::shards(conn)?;
    let shard = number_of(&shards, &letter.shard).unwrap_or_default();
    let mut payload = |seq: i64| -> Result<Vec<u8>, Error> {
        let found = ledger::payload(conn, shard, seq)?;
        found.map(|found| found.bytes).ok_or(Error::Damaged {
            shard,
            seq,
            what: "no payload".to_owned(),
        })
    };
    let bytes = payload(letter.seq)?;
    let envelope = match letter.part {
        0 => None,
        part => Some(payload(letter.seq - i64::from(part))?),
    };
    Ok(LetterBytes { bytes, envelope })
}

/// Notes that a letter was submitted again and recorded; false when somebody noted it before.
pub fn mark_replayed(conn: &mut Conn, letter: &Letter, at: Timestamp) -> Result<bool, Error> {
    let shards = ledger::shards(conn)?;
    let key = (
        number_of(&shards, &letter.shard).unwrap_or_default(),
        letter.offset,
        letter.part,
    );
    let marked = diesel::update(dead_letters::table.find(key))
        .filter(dead_letters::replayed_at.is_null())
        .set(dead_letters::replayed_at.eq(at.micros()))
        .execute(conn)
        .map_err(db::Error::from)?;
    Ok(marked == 1)
}
