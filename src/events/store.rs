//! Event rows: who came first with an id, the verdict on every event leaf, and the header columns.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::entry::{Action, CLEANING, Entry, EventType};
use super::parts;
use crate::codes::Block;
use crate::db::schema::{event_echoes, event_ids, events, verdicts};
use crate::db::{self, Conn};
use crate::epcis::Timestamp;
use crate::ledger::{SealKey, Sealer};

/// Keys of one query: stays below SQLite's 32,766 variables and PostgreSQL's plan for long lists.
const CHUNK: usize = 1_000;

/// Events of work that one question beside a time brings.
const WORK_A_QUERY: i64 = 8;

/// Who has an event id: the first event that came with it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = event_ids)]
#[diesel(treat_none_as_default_value = false)]
pub struct Claim {
    /// SHA-256 of the event id.
    pub hash: Vec<u8>,
    /// Whether it is the id's error declaration.
    pub is_declaration: bool,
    /// SHA-256 of the event's canonical form: equal content, equal hash.
    pub content: Vec<u8>,
    /// The shard's local number.
    pub shard: i32,
    /// The leaf.
    pub seq: i64,
}

/// The first sight of an id in a shard, where that is not the claim itself.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = event_echoes)]
#[diesel(treat_none_as_default_value = false)]
pub struct Echo {
    /// SHA-256 of the event id.
    pub hash: Vec<u8>,
    /// Whether it is the id's error declaration.
    pub is_declaration: bool,
    /// The shard's local number.
    pub shard: i32,
    /// SHA-256 of the event's canonical form.
    pub content: Vec<u8>,
    /// The leaf.
    pub seq: i64,
}

/// What became of an event leaf. The number stands in the store: never change one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Verdict {
    /// The first with its id: this one counts.
    First = 1,
    /// The same as the first, word for word.
    Duplicate = 2,
    /// Another content under a known id: does not count.
    Conflict = 3,
    /// The submitter may not say this: does not count.
    NotAuthorised = 4,
}

impl Verdict {
    /// The verdict with this number.
    pub const fn from_number(number: i32) -> Option<Self> {
        Some(match number {
            1 => Self::First,
            2 => Self::Duplicate,
            3 => Self::Conflict,
            4 => Self::NotAuthorised,
            _ => return None,
        })
    }
}

/// The verdict on one event leaf.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = verdicts)]
#[diesel(treat_none_as_default_value = false)]
pub struct VerdictRow {
    /// The shard's local number.
    pub shard: i32,
    /// The leaf.
    pub seq: i64,
    /// [`Verdict`]'s number.
    pub verdict: i32,
    /// The first event with the id: its shard.
    pub ref_shard: Option<i32>,
    /// The first event with the id: its leaf.
    pub ref_seq: Option<i64>,
    /// The organisation it was recorded for; empty when none was named.
    pub submitter: String,
    /// The seal over the row.
    pub seal: Vec<u8>,
}

impl VerdictRow {
    /// A row with its seal.
    pub fn sealed(
        key: &SealKey,
        (shard, seq): (i32, i64),
        verdict: Verdict,
        reference: Option<(i32, i64)>,
        submitter: &str,
    ) -> Self {
        let mut row = Self {
            shard,
            seq,
            verdict: i32::from(verdict as u8),
            ref_shard: reference.map(|(shard, _)| shard),
            ref_seq: reference.map(|(_, seq)| seq),
            submitter: submitter.to_owned(),
            seal: Vec::new(),
        };
        row.seal = row.sealer(key).done();
        row
    }

    /// The seal this row must have.
    pub fn sealer(&self, key: &SealKey) -> Sealer {
        key.row("verdicts")
            .number(self.shard.into())
            .number(self.seq)
            .number(self.verdict.into())
            .maybe(self.ref_shard.map(i64::from))
            .maybe(self.ref_seq)
            .text(&self.submitter)
    }
}

/// An id as the tables key it: hash, and whether it is a declaration.
pub type IdKey = (Vec<u8>, bool);

/// The claims on these ids.
pub fn claims(conn: &mut Conn, hashes: &[&[u8]]) -> Result<BTreeMap<IdKey, Claim>, db::Error> {
    let mut found = BTreeMap::new();
    for chunk in hashes.chunks(CHUNK) {
        let rows: Vec<Claim> = event_ids::table
            .filter(event_ids::hash.eq_any(chunk))
            .select(Claim::as_select())
            .load(conn)?;
        found.extend(
            rows.into_iter()
                .map(|row| ((row.hash.clone(), row.is_declaration), row)),
        );
    }
    Ok(found)
}

/// The first sights of these ids in one shard.
pub fn echoes(
    conn: &mut Conn,
    shard: i32,
    hashes: &[&[u8]],
) -> Result<BTreeMap<IdKey, Echo>, db::Error> {
    let mut found = BTreeMap::new();
    for chunk in hashes.chunks(CHUNK) {
        let rows: Vec<Echo> = event_echoes::table
            .filter(event_echoes::hash.eq_any(chunk))
            .filter(event_echoes::shard.eq(shard))
            .select(Echo::as_select())
            .load(conn)?;
        found.extend(
            rows.into_iter()
                .map(|row| ((row.hash.clone(), row.is_declaration), row)),
        );
    }
    Ok(found)
}

/// Claims ids that nobody has; the ones somebody else has by now are passed over. Sorted by hash, so
/// that two writers never wait for each other crosswise. Tells whether all became ours.
///
/// A declaration whose event is not there yet holds that event's row until it is recorded itself: a writer
/// that brings the event at the same time waits, and then sees the declaration. Without this neither
/// would see the other, and the event would not be voided.
pub fn claim(conn: &mut Conn, mut rows: Vec<Claim>) -> Result<bool, db::Error> {
    let events: BTreeSet<&[u8]> = rows
        .iter()
        .filter(|row| !row.is_declaration)
        .map(|row| row.hash.as_slice())
        .collect();
    let held: Vec<Claim> = rows
        .iter()
        .filter(|row| row.is_declaration && !events.contains(row.hash.as_slice()))
        .map(|row| Claim {
            is_declaration: false,
            ..row.clone()
        })
        .collect();
    let wanted = rows.len() + held.len();
    rows.extend(held.iter().cloned());
    rows.sort_by(|a, b| (&a.hash, a.is_declaration).cmp(&(&b.hash, b.is_declaration)));
    let inserted = db::insert_new!(&mut *conn, event_ids::table, rows)?;
    for row in held {
        diesel::delete(event_ids::table)
            .filter(event_ids::hash.eq(row.hash))
            .filter(event_ids::is_declaration.eq(false))
            .filter(event_ids::shard.eq(row.shard))
            .filter(event_ids::seq.eq(row.seq))
            .execute(conn)?;
    }
    Ok(inserted == wanted)
}

/// Adds first sights.
pub fn insert_echoes(conn: &mut Conn, rows: Vec<Echo>) -> Result<(), db::Error> {
    db::bulk_insert!(&mut *conn, event_echoes::table, rows)
}

/// Adds verdicts.
pub fn insert_verdicts(conn: &mut Conn, rows: Vec<VerdictRow>) -> Result<(), db::Error> {
    db::bulk_insert!(&mut *conn, verdicts::table, rows)
}

/// The verdicts on the leaves `from..until` of a shard, by seq.
pub fn verdicts_of(
    conn: &mut Conn,
    shard: i32,
    from: i64,
    until: i64,
) -> Result<Vec<VerdictRow>, db::Error> {
    Ok(verdicts::table
        .filter(verdicts::shard.eq(shard))
        .filter(verdicts::seq.ge(from))
        .filter(verdicts::seq.lt(until))
        .order(verdicts::seq)
        .select(VerdictRow::as_select())
        .load(conn)?)
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = events)]
#[diesel(treat_none_as_default_value = false)]
struct EventRow {
    shard: i32,
    seq: i64,
    id: String,
    event_type: i32,
    action: Option<i32>,
    biz_step: Option<String>,
    disposition: Option<String>,
    t_lo: i64,
    t_hi: i64,
    record_time: i64,
    place: Option<Vec<u8>>,
    read_point: Option<Vec<u8>>,
    biz_location: Option<Vec<u8>>,
    from_place: Option<Vec<u8>>,
    to_place: Option<Vec<u8>>,
    from_party: Option<Vec<u8>>,
    to_party: Option<Vec<u8>>,
    from_owner: Option<Vec<u8>>,
    to_owner: Option<Vec<u8>>,
    submitter: Option<Vec<u8>>,
    process: Option<Vec<u8>>,
    is_declaration: bool,
    parts: Vec<u8>,
}

impl EventRow {
    fn of(entry: &Entry) -> Self {
        let bytes = |block: Option<Block>| block.map(|block| block.0.to_vec());
        Self {
            shard: entry.shard,
            seq: entry.seq,
            id: entry.id.clone(),
            event_type: i32::from(entry.event_type as u8),
            action: entry.action.map(|action| i32::from(action as u8)),
            biz_step: entry.biz_step.clone(),
            disposition: entry.disposition.clone(),
            t_lo: entry.t_lo.micros(),
            t_hi: entry.t_hi.micros(),
            record_time: entry.record_time.micros(),
            place: bytes(entry.happened_at()),
            read_point: bytes(entry.read_point),
            biz_location: bytes(entry.biz_location),
            from_place: bytes(entry.from_place),
            to_place: bytes(entry.to_place),
            from_party: bytes(entry.from_party),
            to_party: bytes(entry.to_party),
            from_owner: bytes(entry.from_owner),
            to_owner: bytes(entry.to_owner),
            submitter: bytes(entry.submitter),
            process: bytes(entry.process),
            is_declaration: entry.is_declaration,
            parts: parts::pack(&entry.parts),
        }
    }

    fn into_entry(self) -> Result<Entry, db::Error> {
        let corrupt = |what: &str| db::Error::Corrupt {
            table: "events",
            what: format!("shard {} seq {}: {what}", self.shard, self.seq),
        };
        let block = |bytes: &Option<Vec<u8>>| match bytes {
            None => Ok(None),
            Some(bytes) => bytes
                .as_slice()
                .try_into()
                .map(|id| Some(Block(id)))
                .map_err(|_wrong| corrupt("a block is 16 bytes")),
        };
        let time = Timestamp::from_micros;
        let event_type = [
            EventType::Object,
            EventType::Aggregation,
            EventType::Association,
            EventType::Transaction,
            EventType::Transformation,
            EventType::Custom,
        ]
        .into_iter()
        .find(|known| i32::from(*known as u8) == self.event_type)
        .ok_or_else(|| corrupt("unknown event_type"))?;
        let action = match self.action {
            None => None,
            Some(number) => Some(
                [Action::Add, Action::Observe, Action::Delete]
                    .into_iter()
                    .find(|known| i32::from(*known as u8) == number)
                    .ok_or_else(|| corrupt("unknown action"))?,
            ),
        };
        Ok(Entry {
            shard: self.shard,
            seq: self.seq,
            event_type,
            action,
            t_lo: time(self.t_lo),
            t_hi: time(self.t_hi),
            record_time: time(self.record_time),
            read_point: block(&self.read_point)?,
            biz_location: block(&self.biz_location)?,
            from_place: block(&self.from_place)?,
            to_place: block(&self.to_place)?,
            from_party: block(&self.from_party)?,
            to_party: block(&self.to_party)?,
            from_owner: block(&self.from_owner)?,
            to_owner: block(&self.to_owner)?,
            submitter: block(&self.submitter)?,
            process: block(&self.process)?,
            is_declaration: self.is_declaration,
            parts: parts::unpack(&self.parts).map_err(|damaged| corrupt(&damaged.to_string()))?,
            id: self.id,
            biz_step: self.biz_step,
            disposition: self.disposition,
        })
    }
}

/// Adds event rows.
pub fn insert(conn: &mut Conn, entries: &[Entry]) -> Result<(), db::Error> {
    let rows: Vec<EventRow> = entries.iter().map(EventRow::of).collect();
    db::bulk_insert!(&mut *conn, events::table, rows)
}

/// The events with these keys, in the order of keys; unknown ones are passed over.
pub fn by_keys(conn: &mut Conn, keys: &[(i32, i64)]) -> Result<Vec<Entry>, db::Error> {
    let mut by_shard: BTreeMap<i32, Vec<i64>> = BTreeMap::new();
    for (shard, seq) in keys {
        by_shard.entry(*shard).or_default().push(*seq);
    }
    let mut found = Vec::with_capacity(keys.len());
    for (shard, seqs) in by_shard {
        for chunk in seqs.chunks(CHUNK) {
            let rows: Vec<EventRow> = events::table
                .filter(events::shard.eq(shard))
                .filter(events::seq.eq_any(chunk))
                .order(events::seq)
                .select(EventRow::as_select())
                .load(conn)?;
            for row in rows {
                found.push(row.into_entry()?);
            }
        }
    }
    Ok(found)
}

/// The events of a shard with seq in `from..until`, in order.
pub fn range(conn: &mut Conn, shard: i32, from: i64, until: i64) -> Result<Vec<Entry>, db::Error> {
    let rows: Vec<EventRow> = events::table
        .filter(events::shard.eq(shard))
        .filter(events::seq.ge(from))
        .filter(events::seq.lt(until))
        .order(events::seq)
        .select(EventRow::as_select())
        .load(conn)?;
    rows.into_iter().map(EventRow::into_entry).collect()
}

/// The events that happened at one of these places (read point, else location) with a time that meets
/// `from..=until`, in ledger order.
pub fn at_places(
    conn: &mut Conn,
    places: &[Block],
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<Entry>, db::Error> {
    let keys: Vec<&[u8]> = places.iter().map(|block| block.0.as_slice()).collect();
    let mut found = Vec::new();
    for chunk in keys.chunks(CHUNK) {
        let rows: Vec<EventRow> = events::table
            .filter(events::place.eq_any(chunk))
            .filter(events::t_lo.le(until.micros()))
            .filter(events::t_hi.ge(from.micros()))
            .order((events::shard, events::seq))
            .select(EventRow::as_select())
            .load(conn)?;
        for row in rows {
            found.push(row.into_entry()?);
        }
    }
    Ok(found)
}

/// The transformations at one of these places that began in `from..=until`, in ledger order.
pub fn processes_at(
    conn: &mut Conn,
    places: &[Block],
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<Entry>, db::Error> {
    let keys: Vec<&[u8]> = places.iter().map(|block| block.0.as_slice()).collect();
    let mut found = Vec::new();
    for chunk in keys.chunks(CHUNK) {
        let rows: Vec<EventRow> = events::table
            .filter(events::place.eq_any(chunk))
            .filter(events::t_lo.le(until.micros()))
            .filter(events::t_lo.ge(from.micros()))
            .filter(events::event_type.eq(i32::from(EventType::Transformation as u8)))
            .order((events::shard, events::seq))
            .select(EventRow::as_select())
            .load(conn)?;
        for row in rows {
            found.push(row.into_entry()?);
        }
    }
    Ok(found)
}

/// Which side of a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Ended before it.
    Before,
    /// Began after it.
    After,
}

/// Events of work ([`Entry::is_work`]) at exactly this place, on one side of a time, nearest first; the first
/// `passed` of them are passed over, and a few of them come.
pub fn work_beside(
    conn: &mut Conn,
    place: Block,
    side: Side,
    time: Timestamp,
    passed: usize,
) -> Result<Vec<Entry>, db::Error> {
    let begins = events::event_type
        .eq(i32::from(EventType::Object as u8))
        .and(events::action.eq(i32::from(Action::Add as u8)))
        .assume_not_null();
    let work = events::event_type
        .eq(i32::from(EventType::Transformation as u8))
        .or(begins)
        .or(events::biz_step
            .like(format!("%{CLEANING}"))
            .assume_not_null());
    let of_place = events::table
        .filter(events::place.eq(place.0.as_slice()))
        .filter(work)
        .select(EventRow::as_select())
        .offset(i64::try_from(passed).unwrap_or(i64::MAX))
        .limit(WORK_A_QUERY)
        .into_boxed();
    let rows: Vec<EventRow> = match side {
        Side::Before => of_place
            // The first lets the index stop where the second, which decides, cannot.
            .filter(events::t_lo.lt(time.micros()))
            .filter(events::t_hi.lt(time.micros()))
            .order((events::t_lo.desc(), events::shard, events::seq))
            .load(conn)?,
        Side::After => of_place
            .filter(events::t_lo.gt(time.micros()))
            .order((events::t_lo, events::shard, events::seq))
            .load(conn)?,
    };
    rows.into_iter().map(EventRow::into_entry).collect()
}

/// Empties the projection.
pub fn clear(conn: &mut Conn) -> Result<(), db::Error> {
    diesel::delete(events::table).execute(conn)?;
    Ok(())
}
