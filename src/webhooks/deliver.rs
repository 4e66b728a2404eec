//! What is to be sent, and how it went. Whoever sends takes a webhook's lease, so that of all processes one sends to
//! it at a time, and each recall's notices in their order; whoever ends without a word leaves it to the next when the
//! lease is over, and what was sent and not noted is sent again with the same id.

use std::collections::BTreeSet;
use std::time::Duration;

use super::store::{self, WebhookRow};
use super::store_deliveries::{self, DeliveryRow, Due, Noted, State};
use super::{Error, Failure, Outcome, SEES_ALL, SealingKey, Secret, schedule};
use crate::db::Conn;
use crate::epcis::Timestamp;
use crate::parties;

/// How long whoever sends to a webhook keeps the others away with each notice: longer than one takes.
const LEASE: Duration = Duration::from_secs(30);

/// How long a delivery is told of after it ended.
const KEPT: Duration = Duration::from_hours(90 * 24);

/// A notice that was just put into the outbox.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// Its place in the outbox.
    pub seq: i64,
    /// Its place in the outbox.
    pub part: i32,
    /// Its id.
    pub id: &'a str,
    /// The recall it is about.
    pub recall: &'a str,
    /// Its kind.
    pub kind: &'a str,
    /// Whose task it tells of; none of an order's own notice.
    pub holder: Option<&'a str>,
}

impl Told<'_> {
    /// Whether it is this webhook's business: a recall's conductor and regulators are told everything, a holder what
    /// concerns its task, others nothing.
    fn concerns(
        &self,
        webhook: &WebhookRow,
        conductor: Option<&str>,
        seeing_all: &BTreeSet<String>,
    ) -> bool {
        let sees_all = webhook.role == SEES_ALL.as_str() && seeing_all.contains(&webhook.org);
        let org = Some(webhook.org.as_str());
        let is_readable = sees_all || conductor == org || self.holder == org;
        let is_any = webhook.kinds().next().is_none();
        is_readable && (is_any || webhook.kinds().any(|kind| kind == self.kind))
    }
}

/// Lets the notices of an order wait for the webhooks they concern, in the transaction of the order.
pub fn enqueue(
    conn: &mut Conn,
    notices: &[Told<'_>],
    conductor: Option<&str>,
    at: Timestamp,
) -> Result<(), Error> {
    let holders = notices.iter().filter_map(|notice| notice.holder);
    let orgs: BTreeSet<&str> = holders.chain(conductor).collect();
    let orgs: Vec<&str> = orgs.into_iter().collect();
    let webhooks = store::concerned(conn, &orgs)?;
    let seeing_all = who_sees_all(conn, &webhooks)?;
    let mut rows = Vec::new();
    for webhook in &webhooks {
        let concerned = notices
            .iter()
            .filter(|notice| notice.concerns(webhook, conductor, &seeing_all));
        rows.extend(concerned.map(|notice| DeliveryRow {
            webhook: webhook.id.clone(),
            seq: notice.seq,
            part: notice.part,
            notice: notice.id.to_owned(),
            recall: notice.recall.to_owned(),
            kind: notice.kind.to_owned(),
            state: State::Waiting.as_str().to_owned(),
            attempts: 0,
            created_at: at.micros(),
            next_at: at.micros(),
            last_at: None,
            ended_at: None,
            error: None,
        }));
    }
    store_deliveries::insert(conn, rows)
}

/// The organisations that are told everything: who registered as a regulator and is none any more is not.
fn who_sees_all(conn: &mut Conn, webhooks: &[WebhookRow]) -> Result<BTreeSet<String>, Error> {
    let orgs: BTreeSet<String> = webhooks
        .iter()
        .filter(|webhook| webhook.role == SEES_ALL.as_str())
        .map(|webhook| webhook.org.clone())
        .collect();
    let orgs: Vec<String> = orgs.into_iter().collect();
    let known = parties::organisations(conn, &orgs)?;
    let still = known
        .into_values()
        .filter(|known| known.role == SEES_ALL.as_str());
    Ok(still.map(|known| known.id).collect())
}

/// What waits for webhooks that are enabled, and what was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog {
    /// Deliveries that wait.
    pub waiting: i64,
    /// When the notice of the oldest of them was made.
    pub oldest: Option<Timestamp>,
    /// Deliveries that were given up.
    pub given_up: i64,
}

/// How much there is to send.
pub fn backlog(conn: &mut Conn) -> Result<Backlog, Error> {
    let (waiting, oldest) = store_deliveries::waiting(conn)?;
    Ok(Backlog {
        waiting,
        oldest: oldest.map(Timestamp::from_micros),
        given_up: store_deliveries::given_up(conn)?,
    })
}

/// A webhook that something is to be sent to now, and that nobody sends to.
pub fn due(conn: &mut Conn, now: Timestamp) -> Result<Option<String>, Error> {
    store_deliveries::due_webhook(conn, now)
}

/// A webhook whose lease we have.
#[derive(Debug)]
pub struct Claimed {
    /// Its id.
    pub webhook: String,
    /// Where notices are sent.
    pub url: String,
    /// The secrets that sign, the new one first; why none could be opened.
    secrets: Result<Vec<Secret>, Error>,
    claim: i64,
}

/// A notice on its way.
pub struct Parcel {
    due: Due,
}

impl std::fmt::Debug for Parcel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parcel")
            .field("notice", &self.due.notice)
            .finish_non_exhaustive()
    }
}

impl Parcel {
    /// The notice's id.
    pub fn id(&self) -> &str {
        &self.due.notice
    }

    /// The recall it is about.
    pub fn recall(&self) -> &str {
        &self.due.recall
    }

    /// What it says.
    pub fn payload(&self) -> &str {
        &self.due.payload
    }
}

impl Claimed {
    /// The value of `webhook-signature` of what is sent at that second.
    pub fn sign(&self, parcel: &Parcel, seconds: i64) -> Result<String, Failure> {
        match &self.secrets {
            Ok(secrets) => Ok(super::signatures(
                secrets,
                parcel.id(),
                seconds,
                parcel.payload(),
            )),
            Err(_) => Err(Failure::Unsigned),
        }
    }

    /// Why it cannot be signed, if it cannot.
    pub fn sealing(&self) -> Option<&Error> {
        self.secrets.as_ref().err()
    }
}

/// Takes the lease of a webhook; `None` when somebody was faster. Call it inside a write.
pub fn claim(
    conn: &mut Conn,
    key: &SealingKey,
    id: &str,
    now: Timestamp,
) -> Result<Option<Claimed>, Error> {
    let Some(row) = store::take_lease(conn, id, now, after(now, LEASE))? else {
        return Ok(None);
    };
    let old = row.old_secret.as_deref();
    let old = old.filter(|_| row.old_until.is_some_and(|until| now.micros() < until));
    let sealed = std::iter::once(row.secret.as_slice()).chain(old);
    Ok(Some(Claimed {
        secrets: sealed.map(|sealed| key.open(id, sealed)).collect(),
        webhook: row.id,
        url: row.url,
        claim: row.claim,
    }))
}

/// The next notice for a webhook whose lease we have, which is prolonged for it; `None` when there is none, or the
/// lease is not ours any more. Call it inside a write.
pub fn begin(conn: &mut Conn, claimed: &Claimed, now: Timestamp) -> Result<Option<Parcel>, Error> {
    if !store::keep_lease(conn, &claimed.webhook, claimed.claim, after(now, LEASE))? {
        return Ok(None);
    }
    let due = store_deliveries::next(conn, &claimed.webhook, now)?;
    Ok(due.map(|due| Parcel { due }))
}

/// Gives a lease back, and forgets deliveries to the webhook that ended long ago. Call it inside a write.
pub fn give_back(conn: &mut Conn, claimed: &Claimed, now: Timestamp) -> Result<(), Error> {
    let kept = i64::try_from(KEPT.as_micros()).unwrap_or(i64::MAX);
    let before = Timestamp::from_micros(now.micros().saturating_sub(kept));
    store_deliveries::forget(conn, &claimed.webhook, before)?;
    store::end_lease(conn, &claimed.webhook, claimed.claim, now)
}

/// What a try led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tried {
    /// It is delivered.
    Delivered,
    /// It is tried again later.
    Again,
    /// It was tried often enough.
    GivenUp,
    /// The webhook is disabled, and the notice waits.
    Disabled,
}

/// Notes how a try went, `chance` spreading the next ones. What somebody else noted meanwhile stays. Call it inside a
/// write.
pub fn note(
    conn: &mut Conn,
    claimed: &Claimed,
    parcel: &Parcel,
    outcome: Outcome,
    chance: u8,
    now: Timestamp,
) -> Result<Tried, Error> {
    let attempts = parcel.due.attempts + 1;
    let waiting = |error: String, next_at: Timestamp| Noted {
        state: State::Waiting.as_str(),
        attempts,
        next_at: next_at.micros(),
        last_at: Some(now.micros()),
        ended_at: None,
        error: Some(error),
    };
    let ended = |state: State, error: Option<String>| Noted {
        state: state.as_str(),
        ended_at: Some(now.micros()),
        error,
        ..waiting(String::new(), now)
    };
    let (tried, noted) = match outcome {
        Outcome::Delivered => (Tried::Delivered, ended(State::Delivered, None)),
        Outcome::Gone => (
            Tried::Disabled,
            waiting(Failure::Answered(410).to_string(), now),
        ),
        Outcome::Failed { failure, asked } => {
            let error = failure.to_string();
            match schedule::wait(attempts, chance, asked) {
                Some(wait) => (Tried::Again, waiting(error, after(now, wait))),
                None => (Tried::GivenUp, ended(State::Failed, Some(error))),
            }
        }
    };
    let is_noted = store_deliveries::note(conn, &claimed.webhook, &parcel.due, &noted)?;
    if is_noted && tried == Tried::Disabled {
        let reason = "the receiver answered 410 Gone";
        store::set_disabled(conn, &claimed.webhook, Some((now, reason)))?;
    }
    Ok(tried)
}

fn after(now: Timestamp, wait: Duration) -> Timestamp {
    let micros = i64::try_from(wait.as_micros()).unwrap_or(i64::MAX);
    Timestamp::from_micros(now.micros().saturating_add(micros))
}
