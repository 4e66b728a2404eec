//! From events to messages: who names his events, who sends documents, what is late, what is sent twice.
//! Messages leave in the order in which the sites sent them.

use std::collections::{BTreeMap, BTreeSet};

use crate::epcis::Timestamp;

use super::report::{Message, Report, document};
use super::rng::Rng;

const SECOND: i64 = 1_000_000;
/// Of a thousand messages, this many are sent hours or days late …
const LATE_PER_MILLE: u64 = 15;
/// … and this many are sent once more.
const TWICE_PER_MILLE: u64 = 6;
/// A late message is late by 1 h to 48 h.
const LATE_SECONDS: (u64, u64) = (3_600, 48 * 3_600);
/// Any other is sent within a minute and a half.
const PROMPT_SECONDS: (u64, u64) = (2, 90);
/// A document holds at most this many events.
const DOCUMENT_EVENTS_MAX: usize = 40;

/// How a site writes.
#[derive(Debug, Clone)]
pub(super) struct Sender {
    /// Its GLN.
    pub(super) gln: String,
    /// Times in UTC instead of China's.
    pub(super) in_utc: bool,
    /// Gives its events ids.
    pub(super) names_events: bool,
}

/// Events on their way out.
#[derive(Debug)]
pub(super) struct Outbox {
    rng: Rng,
    ids: Rng,
    senders: Vec<Sender>,
    gathered: Vec<Vec<Report>>,
    ready: BTreeMap<(Timestamp, u64), Message>,
    sent: u64,
    omitted: BTreeSet<String>,
    losses: Rng,
    lost_percent: u8,
    pub(super) event_count: u64,
    pub(super) dropped_count: u64,
}

impl Outbox {
    pub(super) fn new(seed: u64, senders: Vec<Sender>) -> Self {
        Self {
            rng: Rng::new(seed, u64::from_le_bytes(*b"sending ")),
            ids: Rng::new(seed, u64::from_le_bytes(*b"eventids")),
            gathered: vec![Vec::new(); senders.len()],
            senders,
            ready: BTreeMap::new(),
            sent: 0,
            omitted: BTreeSet::new(),
            losses: Rng::new(seed, u64::from_le_bytes(*b"lost    ")),
            lost_percent: 0,
            event_count: 0,
            dropped_count: 0,
        }
    }

    /// From now on, events with these ids happen but are never reported.
    pub(super) fn omit(&mut self, ids: BTreeSet<String>) {
        self.omitted = ids;
    }

    /// From now on, so many of a hundred events happen but are never reported.
    pub(super) const fn lose(&mut self, percent: u8) {
        self.lost_percent = percent;
    }

    /// The next `urn:uuid`, of this seed.
    pub(super) fn next_id(&mut self) -> String {
        let bytes = uuid::Uuid::from_u64_pair(self.ids.next(), self.ids.next()).into_bytes();
        uuid::Builder::from_random_bytes(bytes)
            .into_uuid()
            .urn()
            .to_string()
    }

    /// Sends an event by itself.
    pub(super) fn send(&mut self, site: usize, at: Timestamp, report: Report) {
        if let Some(report) = self.finish(site, at, report) {
            self.dispatch(site, at, report.into_bare());
        }
    }

    /// Keeps an event for the site's next document; true if it is the first of it.
    pub(super) fn gather(&mut self, site: usize, at: Timestamp, report: Report) -> bool {
        let Some(report) = self.finish(site, at, report) else {
            return false;
        };
        self.gathered[site].push(report);
        match self.gathered[site].len() {
            DOCUMENT_EVENTS_MAX => self.flush(site, at),
            1 => return true,
            _ => {}
        }
        false
    }

    /// Sends what the site gathered; one event alone goes bare.
    pub(super) fn flush(&mut self, site: usize, at: Timestamp) {
        let mut events = std::mem::take(&mut self.gathered[site]);
        if events.len() <= 1 {
            if let Some(event) = events.pop() {
                self.dispatch(site, at, event.into_bare());
            }
            return;
        }
        self.dispatch(site, at, document(events, at));
    }

    /// The next message sent at or before this time; any, without a time.
    pub(super) fn pop(&mut self, until: Option<Timestamp>) -> Option<Message> {
        let first = self.ready.first_entry()?;
        match until {
            Some(until) if until < first.key().0 => None,
            _ => Some(first.remove()),
        }
    }

    /// How many messages wait to be sent.
    pub(super) fn waiting(&self) -> usize {
        self.ready.len()
    }

    fn finish(&mut self, site: usize, at: Timestamp, mut report: Report) -> Option<Report> {
        self.event_count += 1;
        // Drawn for all, so that omitting an event leaves the ids of the others.
        let id = self.next_id();
        if report.event_id.is_none() && self.senders[site].names_events {
            report.event_id = Some(id);
        }
        let omitted = report
            .event_id
            .as_ref()
            .is_some_and(|id| self.omitted.contains(id));
        // Drawn for all, too: a world that loses more loses what one that loses less lost, and more.
        let lost = self.losses.below(100) < u64::from(self.lost_percent);
        if omitted || lost {
            self.dropped_count += 1;
            return None;
        }
        Some(report.happened(at, self.senders[site].in_utc))
    }

    fn dispatch(&mut self, site: usize, at: Timestamp, body: Vec<u8>) {
        let (low, high) = if self.rng.per_mille(LATE_PER_MILLE) {
            LATE_SECONDS
        } else {
            PROMPT_SECONDS
        };
        let sent_at = later(at, self.rng.between(low, high));
        let message = Message {
            key: self.senders[site].gln.clone(),
            body,
            partition_hint: u32::try_from(site).unwrap_or(u32::MAX),
            recorded_at: sent_at,
        };
        if self.rng.per_mille(TWICE_PER_MILLE) {
            let again = later(sent_at, self.rng.between(1, 600));
            self.push(Message {
                recorded_at: again,
                ..message.clone()
            });
        }
        self.push(message);
    }

    fn push(&mut self, message: Message) {
        self.sent += 1;
        self.ready.insert((message.recorded_at, self.sent), message);
    }
}

/// This many seconds later.
pub(super) fn later(at: Timestamp, seconds: u64) -> Timestamp {
    Timestamp::from_micros(at.micros() + i64::try_from(seconds).unwrap_or(0) * SECOND)
}
