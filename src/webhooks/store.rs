//! Rows of webhooks: where organisations want their notices.

use diesel::dsl::count_star;
use diesel::prelude::*;

use super::Error;
use super::view::WebhookView;
use crate::db::schema::{webhook_deliveries, webhooks};
use crate::db::{self, Conn};
use crate::epcis::Timestamp;

#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = webhooks)]
pub(super) struct WebhookRow {
    pub(super) id: String,
    pub(super) org: String,
    pub(super) role: String,
    pub(super) url: String,
    pub(super) kinds: String,
    pub(super) secret: Vec<u8>,
    pub(super) old_secret: Option<Vec<u8>>,
    pub(super) old_until: Option<i64>,
    pub(super) created_at: i64,
    pub(super) created_by: String,
    pub(super) disabled_at: Option<i64>,
    pub(super) disabled_reason: Option<String>,
    pub(super) claim: i64,
    pub(super) leased_until: i64,
}

impl WebhookRow {
    pub(super) fn kinds(&self) -> impl Iterator<Item = &str> {
        self.kinds.split_whitespace()
    }

    pub(super) fn view(&self, now: Timestamp) -> WebhookView {
        let time = |micros: i64| Timestamp::from_micros(micros).to_string();
        let old_until = self.old_until.filter(|until| now.micros() < *until);
        WebhookView {
            id: self.id.clone(),
            org: self.org.clone(),
            url: self.url.clone(),
            kinds: self.kinds().map(str::to_owned).collect(),
            enabled: self.disabled_at.is_none(),
            disabled_at: self.disabled_at.map(time),
            disabled_reason: self.disabled_reason.clone(),
            old_secret_until: old_until.map(time),
            created_at: time(self.created_at),
            created_by: self.created_by.clone(),
        }
    }
}

pub(super) fn insert(conn: &mut Conn, row: WebhookRow) -> Result<(), Error> {
    diesel::insert_into(webhooks::table)
        .values(row)
        .execute(conn)
        .map_err(db::Error::from)?;
    Ok(())
}

pub(super) fn count(conn: &mut Conn, org: &str) -> Result<i64, Error> {
    Ok(webhooks::table
        .filter(webhooks::org.eq(org))
        .select(count_star())
        .first(conn)
        .map_err(db::Error::from)?)
}

/// The webhooks of an organisation or, when none is named, all; newest first.
pub(super) fn all(conn: &mut Conn, org: Option<&str>) -> Result<Vec<WebhookRow>, Error> {
    let mut query = webhooks::table
        .order(webhooks::id.desc())
        .select(WebhookRow::as_select())
        .into_boxed();
    if let Some(org) = org {
        query = query.filter(webhooks::org.eq(org.to_owned()));
    }
    Ok(query.load(conn).map_err(db::Error::from)?)
}

/// The webhooks that these organisations have, and those registered by regulators.
pub(super) fn concerned(conn: &mut Conn, orgs: &[&str]) -> Result<Vec<WebhookRow>, Error> {
    let mut found: Vec<WebhookRow> = webhooks::table
        .filter(webhooks::role.eq(super::SEES_ALL.as_str()))
        .select(WebhookRow::as_select())
        .load(conn)
        .map_err(db::Error::from)?;
    for chunk in orgs.chunks(Conn::SQLITE_ROWS) {
        let more: Vec<WebhookRow> = webhooks::table
            .filter(webhooks::role.ne(super::SEES_ALL.as_str()))
            .filter(webhooks::org.eq_any(chunk))
            .select(WebhookRow::as_select())
            .load(conn)
            .map_err(db::Error::from)?;
        found.extend(more);
    }
    Ok(found)
}

/// The webhook, if it belongs to the organisation or none is named.
pub(super) fn one(conn: &mut Conn, org: Option<&str>, id: &str) -> Result<WebhookRow, Error> {
    let row: Option<WebhookRow> = webhooks::table
        .find(id)
        .select(WebhookRow::as_select())
        .first(conn)
        .optional()
        .map_err(db::Error::from)?;
    row.filter(|row| org.is_none_or(|org| row.org == org))
        .ok_or_else(|| Error::NoWebhook(id.to_owned()))
}

/// Deletes a webhook, and what is known of its deliveries.
pub(super) fn delete(conn: &mut Conn, id: &str) -> Result<(), Error> {
    diesel::delete(webhook_deliveries::table.filter(webhook_deliveries::webhook.eq(id)))
        .execute(conn)
        .map_err(db::Error::from)?;
    diesel::delete(webhooks::table.find(id))
        .execute(conn)
        .map_err(db::Error::from)?;
    Ok(())
}

/// Puts a secret in the place of another, which goes on signing until then.
pub(super) fn set_secret(
    conn: &mut Conn,
    id: &str,
    secret: &[u8],
    old: Option<(&[u8], i64)>,
) -> Result<(), Error> {
    diesel::update(webhooks::table.find(id))
        .set((
            webhooks::secret.eq(secret),
            webhooks::old_secret.eq(old.map(|(old, _)| old)),
            webhooks::old_until.eq(old.map(|(_, until)| until)),
        ))
        .execute(conn)
        .map_err(db::Error::from)?;
    Ok(())
}

/// Disables a webhook with a reason, or enables it.
pub(super) fn set_disabled(
    conn: &mut Conn,
    id: &str,
    disabled: Option<(Timestamp, &str)>,
) -> Result<(), Error> {
    diesel::update(webhooks::table.find(id))
        .set((
            webhooks::disabled_at.eq(disabled.map(|(at, _)| at.micros())),
            webhooks::disabled_reason.eq(disabled.map(|(_, reason)| reason)),
        ))
        .execute(conn)
        .map_err(db::Error::from)?;
    Ok(())
}

/// Takes the lease of an enabled webhook that nobody has at `now`; `None` when somebody was faster.
pub(super) fn take_lease(
    conn: &mut Conn,
    id: &str,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<WebhookRow>, Error> {
    let taken = diesel::update(
        webhooks::table
            .find(id)
            .filter(webhooks::disabled_at.is_null())
            .filter(webhooks::leased_until.le(now.micros())),
    )
    .set((
        webhooks::claim.eq(webhooks::claim + 1),
        webhooks::leased_until.eq(until.micros()),
    ))
    .execute(conn)
    .map_err(db::Error::from)?;
    if taken == 0 {
        return Ok(None);
    }
    one(conn, None, id).map(Some)
}

/// Prolongs a lease. Tells whether it was still ours, of a webhook that is still enabled.
pub(super) fn keep_lease(
    conn: &mut Conn,
    id: &str,
    claim: i64,
    until: Timestamp,
) -> Result<bool, Error> {
    let kept = diesel::update(
        webhooks::table
            .find(id)
            .filter(webhooks::disabled_at.is_null())
            .filter(webhooks::claim.eq(claim)),
    )
    .set(webhooks::leased_until.eq(until.micros()))
    .execute(conn)
    .map_err(db::Error::from)?;
    Ok(kept == 1)
}

/// Gives a lease back, if it is still ours.
pub(super) fn end_lease(
    conn: &mut Conn,
    id: &str,
    claim: i64,
    now: Timestamp,
) -> Result<(), Error> {
    diesel::update(webhooks::table.find(id).filter(webhooks::claim.eq(claim)))
        .set(webhooks::leased_until.eq(now.micros()))
        .execute(conn)
        .map_err(db::Error::from)?;
    Ok(())
}
