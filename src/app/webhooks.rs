//! Webhooks as every entrance looks after them: policy, one transaction, one verb. An organisation has its own; an
//! admin and the operator look after everybody's, but are told nobody's secrets unless they act for it.

use std::net::ToSocketAddrs as _;

use super::{App, Problem};
use crate::parties::{self, Action, Caller, Role};
use crate::recall;
use crate::webhooks::{
    self, DELIVERY_STATES, DeliveryQuery, DeliveryView, Error, Misaddressed, NewWebhook,
    Registration, Target, WebhookView,
};

/// A webhook to register.
#[derive(Debug, Clone, Copy)]
pub struct NewTarget<'a> {
    /// Where notices are sent.
    pub url: &'a str,
    /// The kinds that are sent; all when none is named.
    pub kinds: &'a [String],
}

/// Registers a webhook for the organisation the caller acts for.
pub fn register_webhook(
    app: &App,
    caller: &Caller,
    wanted: NewTarget<'_>,
) -> Result<NewWebhook, Problem> {
    parties::may(caller, Action::RegisterWebhooks)?;
    let org = caller.org().ok_or(Error::NoOneNamed)?;
    let mut kinds = wanted.kinds.to_vec();
    kinds.sort_unstable();
    kinds.dedup();
    if let Some(unknown) = kinds
        .iter()
        .find(|kind| !recall::KINDS.contains(&kind.as_str()))
    {
        return Err(Error::NoKind(unknown.clone()).into());
    }
    let rules = app.config.webhooks.rules();
    let target = rules.read(wanted.url).map_err(Error::from)?;
    let found = look_up(&target).map_err(Error::from)?;
    rules.check(found).map_err(Error::from)?;
    let role = match caller {
        Caller::Key { role, .. } => Some(*role),
        Caller::Operator { .. } | Caller::Anyone => None,
    };
    let registration = Registration {
        org,
        role,
        by: &caller.name(),
        target: &target,
        kinds: &kinds,
    };
    let now = app.clock.now();
    Ok(app
        .db
        .write(|conn| webhooks::register(conn, &app.webhook_key, registration, now))?)
}

/// Every address that the host has now.
fn look_up(target: &Target) -> Result<Vec<std::net::IpAddr>, Misaddressed> {
    let found = target.host_and_port().to_socket_addrs();
    let found = found.map_err(|_unknown| Misaddressed::Unresolved)?;
    Ok(found.map(|address| address.ip()).collect())
}

/// The caller's webhooks, newest first.
pub fn list_webhooks(app: &App, caller: &Caller) -> Result<Vec<WebhookView>, Problem> {
    parties::may(caller, Action::ManageWebhooks)?;
    let now = app.clock.now();
    Ok(app
        .db
        .read(|conn| webhooks::list(conn, whose(caller), now))?)
}

/// One of them.
pub fn show_webhook(app: &App, caller: &Caller, id: &str) -> Result<WebhookView, Problem> {
    parties::may(caller, Action::ManageWebhooks)?;
    let now = app.clock.now();
    Ok(app
        .db
        .read(|conn| webhooks::show(conn, whose(caller), id, now))?)
}

/// Deletes it, and what waits for it.
pub fn delete_webhook(app: &App, caller: &Caller, id: &str) -> Result<WebhookView, Problem> {
    parties::may(caller, Action::ManageWebhooks)?;
    let now = app.clock.now();
    Ok(app
        .db
        .write(|conn| webhooks::remove(conn, whose(caller), id, now))?)
}

/// Makes a new secret for it; the one before signs too for so many hours.
pub fn rotate_webhook(
    app: &App,
    caller: &Caller,
    id: &str,
    overlap_hours: i64,
) -> Result<NewWebhook, Problem> {
    parties::may(caller, Action::RegisterWebhooks)?;
    let now = app.clock.now();
    let (key, whose) = (&app.webhook_key, whose(caller));
    Ok(app
        .db
        .write(|conn| webhooks::rotate(conn, key, whose, id, overlap_hours, now))?)
}

/// Stops sending to it.
pub fn disable_webhook(app: &App, caller: &Caller, id: &str) -> Result<WebhookView, Problem> {
    parties::may(caller, Action::ManageWebhooks)?;
    let now = app.clock.now();
    let reason = format!("disabled by {}", caller.name());
    Ok(app
        .db
        .write(|conn| webhooks::disable(conn, whose(caller), id, &reason, now))?)
}

/// Sends to it again.
pub fn enable_webhook(app: &App, caller: &Caller, id: &str) -> Result<WebhookView, Problem> {
    parties::may(caller, Action::ManageWebhooks)?;
    let now = app.clock.now();
    Ok(app
        .db
        .write(|conn| webhooks::enable(conn, whose(caller), id, now))?)
}

/// Its deliveries, newest first.
pub fn webhook_deliveries(
    app: &App,
    caller: &Caller,
    id: &str,
    query: DeliveryQuery<'_>,
) -> Result<Vec<DeliveryView>, Problem> {
    parties::may(caller, Action::ManageWebhooks)?;
    if let Some(state) = query.state.filter(|state| !DELIVERY_STATES.contains(state)) {
        return Err(Error::NoState(state.to_owned()).into());
    }
    Ok(app
        .db
        .read(|conn| webhooks::deliveries(conn, whose(caller), id, query))?)
}

/// Sends it a notice again.
pub fn resend_notice(
    app: &App,
    caller: &Caller,
    id: &str,
    notice: &str,
) -> Result<DeliveryView, Problem> {
    parties::may(caller, Action::ManageWebhooks)?;
    let now = app.clock.now();
    Ok(app
        .db
        .write(|conn| webhooks::resend(conn, whose(caller), id, notice, now))?)
}

/// Whose webhooks the caller looks after; everybody's, if nobody's in particular.
fn whose(caller: &Caller) -> Option<&str> {
    match caller {
        Caller::Key {
            role: Role::Admin, ..
        } => None,
        Caller::Operator { org, .. } => org.as_deref(),
        Caller::Anyone => Some(""),
        Caller::Key { org, .. } => Some(org),
    }
}
