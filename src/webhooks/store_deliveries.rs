//! Rows of deliveries: which notice goes to which webhook, and how far that is. What it says stands in the outbox.

use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};

use super::Error;
use super::view::DeliveryView;
use crate::db::schema::webhook_deliveries;
use crate::db::{self, Conn};
use crate::epcis::Timestamp;

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Waiting,
    Delivered,
    Failed,
}

impl State {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = webhook_deliveries)]
#[diesel(treat_none_as_default_value = false)]
pub(super) struct DeliveryRow {
    pub(super) webhook: String,
    pub(super) seq: i64,
    pub(super) part: i32,
    pub(super) notice: String,
    pub(super) recall: String,
    pub(super) kind: String,
    pub(super) state: String,
    pub(super) attempts: i32,
    pub(super) created_at: i64,
    pub(super) next_at: i64,
    pub(super) last_at: Option<i64>,
    pub(super) ended_at: Option<i64>,
    pub(super) error: Option<String>,
}

impl From<DeliveryRow> for DeliveryView {
    fn from(row: DeliveryRow) -> Self {
        let time = |micros: i64| Timestamp::from_micros(micros).to_string();
        let waits = row.state == State::Waiting.as_str();
        Self {
            notice: row.notice,
            kind: row.kind,
            recall: row.recall,
            state: row.state,
            attempts: row.attempts,
            created_at: time(row.created_at),
            last_attempt_at: row.last_at.map(time),
            next_attempt_at: waits.then(|| time(row.next_at)),
            ended_at: row.ended_at.map(time),
            last_error: row.error,
        }
    }
}

/// A notice to be sent now.
#[derive(QueryableByName)]
pub(super) struct Due {
    #[diesel(sql_type = BigInt)]
    pub(super) seq: i64,
    #[diesel(sql_type = Integer)]
    pub(super) part: i32,
    #[diesel(sql_type = Text)]
    pub(super) notice: String,
    #[diesel(sql_type = Text)]
    pub(super) recall: String,
    #[diesel(sql_type = Integer)]
    pub(super) attempts: i32,
    #[diesel(sql_type = Text)]
    pub(super) payload: String,
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = Text)]
    id: String,
}

#[derive(QueryableByName)]
struct WaitingRow {
    #[diesel(sql_type = BigInt)]
    waiting: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    oldest: Option<i64>,
}

/// Which deliveries of a webhook are asked for, newest first.
#[derive(Debug, Clone, Copy)]
pub struct DeliveryQuery<'a> {
    /// Only those in this state.
    pub state: Option<&'a str>,
    /// Only those before the one of this notice.
    pub after: Option<&'a str>,
    /// How many at most.
    pub rows: i64,
}

pub(super) fn insert(conn: &mut Conn, rows: Vec<DeliveryRow>) -> Result<(), Error> {
    Ok(db::bulk_insert!(
        &mut *conn,
        webhook_deliveries::table,
        rows
    )?)
}

/// An enabled webhook that nobody serves and that something is to be sent to now.
pub(super) fn due_webhook(conn: &mut Conn, now: Timestamp) -> Result<Option<String>, Error> {
    let row: Option<IdRow> = diesel::sql_query(include_str!("store_due.sql"))
        .bind::<BigInt, _>(now.micros())
        .bind::<BigInt, _>(now.micros())
        .get_result(conn)
        .optional()
        .map_err(db::Error::from)?;
    Ok(row.map(|row| row.id))
}

/// What is to be sent to a webhook next, now.
pub(super) fn next(conn: &mut Conn, webhook: &str, now: Timestamp) -> Result<Option<Due>, Error> {
    Ok(diesel::sql_query(include_str!("store_next.sql"))
        .bind::<Text, _>(webhook)
        .bind::<BigInt, _>(now.micros())
        .get_result(conn)
        .optional()
        .map_err(db::Error::from)?)
}

/// How many deliveries to enabled webhooks wait, and when the notice of the oldest was made.
pub(super) fn waiting(conn: &mut Conn) -> Result<(i64, Option<i64>), Error> {
    let row: WaitingRow = diesel::sql_query(include_str!("store_waiting.sql"))
        .get_result(conn)
        .map_err(db::Error::from)?;
    Ok((row.waiting, row.oldest))
}

/// How many deliveries were given up and not sent again since.
pub(super) fn given_up(conn: &mut Conn) -> Result<i64, Error> {
    Ok(webhook_deliveries::table
        .filter(webhook_deliveries::state.eq(State::Failed.as_str()))
        .select(count_star())
        .first(conn)
        .map_err(db::Error::from)?)
}

/// What is noted of a try.
#[derive(AsChangeset)]
#[diesel(table_name = webhook_deliveries)]
#[diesel(treat_none_as_null = true)]
pub(super) struct Noted {
    pub(super) state: &'static str,
    pub(super) attempts: i32,
    pub(super) next_at: i64,
    pub(super) last_at: Option<i64>,
    pub(super) ended_at: Option<i64>,
    pub(super) error: Option<String>,
}

/// Notes a try, unless somebody else noted one meanwhile; tells whether it was noted.
pub(super) fn note(
    conn: &mut Conn,
    webhook: &str,
    due: &Due,
    noted: &Noted,
) -> Result<bool, Error> {
    let changed = diesel::update(
        webhook_deliveries::table
            .find((webhook, due.seq, due.part))
            .filter(webhook_deliveries::state.eq(State::Waiting.as_str()))
            .filter(webhook_deliveries::attempts.eq(due.attempts)),
    )
    .set(noted)
    .execute(conn)
    .map_err(db::Error::from)?;
    Ok(changed == 1)
}

/// Lets whatever waits for a webhook be tried at once.
pub(super) fn hurry(conn: &mut Conn, webhook: &str, now: Timestamp) -> Result<(), Error> {
    diesel::update(
        webhook_deliveries::table
            .filter(webhook_deliveries::webhook.eq(webhook))
            .filter(webhook_deliveries::state.eq(State::Waiting.as_str())),
    )
    .set(webhook_deliveries::next_at.eq(now.micros()))
    .execute(conn)
    .map_err(db::Error::from)?;
    Ok(())
}

/// Forgets the deliveries to a webhook that ended before a time.
pub(super) fn forget(conn: &mut Conn, webhook: &str, before: Timestamp) -> Result<(), Error> {
    diesel::delete(
        webhook_deliveries::table
            .filter(webhook_deliveries::webhook.eq(webhook))
            .filter(webhook_deliveries::ended_at.lt(before.micros())),
    )
    .execute(conn)
    .map_err(db::Error::from)?;
    Ok(())
}

/// The delivery of a notice to a webhook.
pub(super) fn one(conn: &mut Conn, webhook: &str, notice: &str) -> Result<DeliveryRow, Error> {
    let row: Option<DeliveryRow> = webhook_deliveries::table
        .filter(webhook_deliveries::webhook.eq(webhook))
        .filter(webhook_deliveries::notice.eq(notice))
        .select(DeliveryRow::as_select())
        .first(conn)
        .optional()
        .map_err(db::Error::from)?;
    row.ok_or_else(|| Error::NoDelivery {
        webhook: webhook.to_owned(),
        notice: notice.to_owned(),
    })
}

/// Lets the delivery of a notice wait as if it had never been tried, from now on.
pub(super) fn begin_anew(conn: &mut Conn, row: &DeliveryRow, now: Timestamp) -> Result<(), Error> {
    let noted = Noted {
        state: State::Waiting.as_str(),
        attempts: 0,
        next_at: now.micros(),
        last_at: row.last_at,
        ended_at: None,
        error: row.error.clone(),
    };
    diesel::update(webhook_deliveries::table.find((&row.webhook, row.seq, row.part)))
        .set(&noted)
        .execute(conn)
        .map_err(db::Error::from)?;
    Ok(())
}

/// Deliveries to a webhook, newest first.
pub(super) fn list(
    conn: &mut Conn,
    webhook: &str,
    query: DeliveryQuery<'_>,
) -> Result<Vec<DeliveryRow>, Error> {
    let mut wanted = webhook_deliveries::table
        .filter(webhook_deliveries::webhook.eq(webhook.to_owned()))
        .order((
            webhook_deliveries::seq.desc(),
            webhook_deliveries::part.desc(),
        ))
        .limit(query.rows)
        .select(DeliveryRow::as_select())
        .into_boxed();
    if let Some(state) = query.state {
        wanted = wanted.filter(webhook_deliveries::state.eq(state.to_owned()));
    }
    if let Some(after) = query.after {
        let last = one(conn, webhook, after)?;
        wanted = wanted.filter(
            webhook_deliveries::seq
                .lt(last.seq)
                .or(webhook_deliveries::seq
                    .eq(last.seq)
                    .and(webhook_deliveries::part.lt(last.part))),
        );
    }
    Ok(wanted.load(conn).map_err(db::Error::from)?)
}
