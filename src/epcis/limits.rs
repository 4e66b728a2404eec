//! How much one document and one event may hold, and what the clock says.

use super::Timestamp;

/// Bytes of one body: a full document of [`EVENTS_MAX`] events of 3 KiB each is 30 MiB.
pub const BODY_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Events in one document.
pub const EVENTS_MAX: usize = 10_000;

/// Identifiers in all lists of one event: a pallet of cartons of single items stays below 100,000.
pub const EPCS_MAX: usize = 100_000;

/// How far ahead of the clock an event may claim to have happened: a day covers wrong time zones.
pub const FUTURE_MICROS_MAX: i64 = 24 * 3600 * 1_000_000;

/// Limits for reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the body; [`BODY_BYTES_MAX`].
    pub body_bytes_max: usize,
    /// Events of a document; [`EVENTS_MAX`].
    pub events_max: usize,
    /// Identifiers and quantities of an event; [`EPCS_MAX`].
    pub epcs_max: usize,
    /// The time of reading. When given, an event more than [`FUTURE_MICROS_MAX`] after it is refused;
    /// leave it out to read what was accepted before.
    pub now: Option<Timestamp>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes_max: BODY_BYTES_MAX,
            events_max: EVENTS_MAX,
            epcs_max: EPCS_MAX,
            now: None,
        }
    }
}

impl Limits {
    /// The default limits, with the clock at `now`.
    pub fn at(now: Timestamp) -> Self {
        Self {
            now: Some(now),
            ..Self::default()
        }
    }
}
