//! Rows of the outbox: notices that wait to be sent, and those that were. What goes to webhooks waits beside them.

use diesel::dsl::{count_star, min};
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::Error;
use super::notice::{Addressed, Given, Notice, notices};
use super::store::{self, Task};
use super::store_versions;
use crate::db::schema::outbox;
use crate::db::{self, Conn};
use crate::epcis::Timestamp;
use crate::webhooks::{self, Told};

/// Notices that were not sent yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// How many.
    pub count: i64,
    /// When the order of the oldest was given.
    pub oldest: Option<Timestamp>,
}

#[derive(Insertable, QueryableByName)]
#[diesel(table_name = outbox)]
#[diesel(treat_none_as_default_value = false)]
struct OutboxRow {
    seq: i64,
    part: i32,
    id: String,
    key: String,
    kind: String,
    payload: String,
    created_at: i64,
    published_at: Option<i64>,
}

impl From<Notice> for OutboxRow {
    fn from(notice: Notice) -> Self {
        Self {
            seq: notice.seq,
            part: notice.part,
            id: notice.id,
            key: notice.key,
            kind: notice.kind,
            payload: notice.payload,
            created_at: notice.created_at.micros(),
            published_at: None,
        }
    }
}

impl From<OutboxRow> for Notice {
    fn from(row: OutboxRow) -> Self {
        Self {
            seq: row.seq,
            part: row.part,
            id: row.id,
            key: row.key,
            kind: row.kind,
            payload: row.payload,
            created_at: Timestamp::from_micros(row.created_at),
        }
    }
}

/// Puts the notices of an order that was just applied into the outbox, in the transaction of the order.
/// `before` are the tasks as they were.
pub(super) fn tell(
    conn: &mut Conn,
    recall: &str,
    given: Given<'_>,
    before: &[Task],
) -> Result<(), Error> {
    let case = store::case(conn, recall)?;
    let summary = store_versions::version(conn, recall, case.version)?.summary;
    let after = store::tasks(conn, recall)?;
    let notices = notices(given, &case, &summary, (before, &after))?;
    let told: Vec<Told<'_>> = notices.iter().map(told).collect();
    webhooks::enqueue(conn, &told, case.org.as_deref(), given.giver.at)?;
    let notices = notices.into_iter().map(|addressed| addressed.notice);
    let rows: Vec<OutboxRow> = notices.map(OutboxRow::from).collect();
    Ok(db::bulk_insert!(&mut *conn, outbox::table, rows)?)
}

fn told(addressed: &Addressed) -> Told<'_> {
    let notice = &addressed.notice;
    Told {
        seq: notice.seq,
        part: notice.part,
        id: &notice.id,
        recall: &notice.key,
        kind: &notice.kind,
        holder: addressed.holder.as_deref(),
    }
}

/// The first notices that were not sent yet, in the order in which they are to be sent. On PostgreSQL they are
/// locked until the transaction ends, and whoever asks meanwhile waits for it: ask inside a write there.
pub fn unsent(conn: &mut Conn, limit: i64) -> Result<Vec<Notice>, Error> {
    let lock = if conn.is_sqlite() { "" } else { " FOR UPDATE" };
    let query = include_str!("store_outbox_unsent.sql").trim_end();
    let rows: Vec<OutboxRow> = diesel::sql_query(format!("{query}{lock}"))
        .bind::<BigInt, _>(limit)
        .load(conn)
        .map_err(db::Error::from)?;
    Ok(rows.into_iter().map(Notice::from).collect())
}

/// Notes that these notices were sent.
pub fn mark_sent(conn: &mut Conn, notices: &[Notice], at: Timestamp) -> Result<(), Error> {
    let ids: Vec<&str> = notices.iter().map(|notice| notice.id.as_str()).collect();
    diesel::update(outbox::table.filter(outbox::id.eq_any(ids)))
        .set(outbox::published_at.eq(at.micros()))
        .execute(conn)
        .map_err(db::Error::from)?;
    Ok(())
}

/// How many notices wait to be sent, and since when.
pub fn waiting(conn: &mut Conn) -> Result<Waiting, Error> {
    let (count, oldest): (i64, Option<i64>) = outbox::table
        .filter(outbox::published_at.is_null())
        .select((count_star(), min(outbox::created_at)))
        .first(conn)
        .map_err(db::Error::from)?;
    Ok(Waiting {
        count,
        oldest: oldest.map(Timestamp::from_micros),
    })
}
