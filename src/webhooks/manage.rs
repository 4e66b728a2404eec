//! The verbs over webhooks. Each takes whose webhooks the caller may touch: an organisation, or everybody's.

use uuid::Uuid;

use super::store::{self, WebhookRow};
use super::store_deliveries::{self, DeliveryQuery, State};
use super::{DeliveryView, Error, NewWebhook, SealingKey, Secret, Target, WebhookView};
use crate::db::Conn;
use crate::epcis::Timestamp;
use crate::parties::{self, Role};

/// Webhooks of an organisation at most: each costs a delivery for every notice.
const WEBHOOKS_MAX: i64 = 10;
/// How long an old secret may go on signing, in hours: a week.
const OVERLAP_MAX: i64 = 7 * 24;
/// Micros of an hour.
const HOUR: i64 = 3_600 * 1_000_000;

/// The names of the states of deliveries.
pub const DELIVERY_STATES: [&str; 3] = [
    State::Waiting.as_str(),
    State::Delivered.as_str(),
    State::Failed.as_str(),
];

/// A webhook to register. That its address may be sent to was checked.
#[derive(Debug, Clone, Copy)]
pub struct Registration<'a> {
    /// Whose it is.
    pub org: &'a str,
    /// As what it registers; what that organisation is, unless said.
    pub role: Option<Role>,
    /// Who registers it.
    pub by: &'a str,
    /// Where notices are sent.
    pub target: &'a Target,
    /// The kinds that are sent; all when none is named.
    pub kinds: &'a [String],
}

/// Registers a webhook, enabled.
pub fn register(
    conn: &mut Conn,
    key: &SealingKey,
    wanted: Registration<'_>,
    now: Timestamp,
) -> Result<NewWebhook, Error> {
    let known = parties::organisation(conn, wanted.org)?
        .ok_or_else(|| Error::NoOrganisation(wanted.org.to_owned()))?;
    let count = store::count(conn, wanted.org)?;
    if WEBHOOKS_MAX <= count {
        let org = wanted.org.to_owned();
        return Err(Error::TooMany { org, count });
    }
    let id = format!("wh_{}", Uuid::now_v7().simple());
    let secret = Secret::random()?;
    let row = WebhookRow {
        secret: key.seal(&id, &secret)?,
        id,
        org: known.id,
        role: wanted.role.map_or(known.role, |role| role.to_string()),
        url: wanted.target.as_str().to_owned(),
        kinds: wanted.kinds.join(" "),
        old_secret: None,
        old_until: None,
        created_at: now.micros(),
        created_by: wanted.by.to_owned(),
        disabled_at: None,
        disabled_reason: None,
        claim: 0,
        leased_until: 0,
    };
    let webhook = row.view(now);
    store::insert(conn, row)?;
    Ok(NewWebhook { webhook, secret })
}

/// Webhooks, newest first.
pub fn list(
    conn: &mut Conn,
    whose: Option<&str>,
    now: Timestamp,
) -> Result<Vec<WebhookView>, Error> {
    let rows = store::all(conn, whose)?;
    Ok(rows.iter().map(|row| row.view(now)).collect())
}

/// A webhook.
pub fn show(
    conn: &mut Conn,
    whose: Option<&str>,
    id: &str,
    now: Timestamp,
) -> Result<WebhookView, Error> {
    Ok(store::one(conn, whose, id)?.view(now))
}

/// Deletes a webhook and what waits for it; gives it as it was.
pub fn remove(
    conn: &mut Conn,
    whose: Option<&str>,
    id: &str,
    now: Timestamp,
) -> Result<WebhookView, Error> {
    let row = store::one(conn, whose, id)?;
    store::delete(conn, id)?;
    Ok(row.view(now))
}

/// Makes a new secret. The one before signs too for so many hours, so that receivers can change over meanwhile.
pub fn rotate(
    conn: &mut Conn,
    key: &SealingKey,
    whose: Option<&str>,
    id: &str,
    overlap_hours: i64,
    now: Timestamp,
) -> Result<NewWebhook, Error> {
    if !(0..=OVERLAP_MAX).contains(&overlap_hours) {
        return Err(Error::Overlap(OVERLAP_MAX));
    }
    let row = store::one(conn, whose, id)?;
    let secret = Secret::random()?;
    let sealed = key.seal(id, &secret)?;
    let until = now.micros() + overlap_hours * HOUR;
    let old = (0 < overlap_hours).then_some((row.secret.as_slice(), until));
    store::set_secret(conn, id, &sealed, old)?;
    let webhook = store::one(conn, whose, id)?.view(now);
    Ok(NewWebhook { webhook, secret })
}

/// Stops sending; what comes meanwhile waits. A webhook that is disabled keeps its first reason.
pub fn disable(
    conn: &mut Conn,
    whose: Option<&str>,
    id: &str,
    reason: &str,
    now: Timestamp,
) -> Result<WebhookView, Error> {
    if store::one(conn, whose, id)?.disabled_at.is_none() {
        store::set_disabled(conn, id, Some((now, reason)))?;
    }
    show(conn, whose, id, now)
}

/// Sends again, and first what waited.
pub fn enable(
    conn: &mut Conn,
    whose: Option<&str>,
    id: &str,
    now: Timestamp,
) -> Result<WebhookView, Error> {
    if store::one(conn, whose, id)?.disabled_at.is_some() {
        store::set_disabled(conn, id, None)?;
        store_deliveries::hurry(conn, id, now)?;
    }
    show(conn, whose, id, now)
}

/// The deliveries of a webhook, newest first.
pub fn deliveries(
    conn: &mut Conn,
    whose: Option<&str>,
    id: &str,
    query: DeliveryQuery<'_>,
) -> Result<Vec<DeliveryView>, Error> {
    store::one(conn, whose, id)?;
    let rows = store_deliveries::list(conn, id, query)?;
    Ok(rows.into_iter().map(DeliveryView::from).collect())
}

/// Sends a notice again, whatever became of it, with the same id and a new count of tries; what waits already is
/// tried at once.
pub fn resend(
    conn: &mut Conn,
    whose: Option<&str>,
    id: &str,
    notice: &str,
    now: Timestamp,
) -> Result<DeliveryView, Error> {
    store::one(conn, whose, id)?;
    let row = store_deliveries::one(conn, id, notice)?;
    store_deliveries::begin_anew(conn, &row, now)?;
    store_deliveries::one(conn, id, notice).map(DeliveryView::from)
}
