//! An event found by its id, with the document it came in.

use sha2::{Digest, Sha256};

use crate::app::{self, EventVersion, Problem};
use crate::db::Conn;
use crate::epcis::{self, Event, Limits};
use crate::events;
use crate::ledger;

/// A version of an event: the event itself, or the declaration of its error.
#[derive(Debug)]
pub(in crate::web) struct Found {
    /// The event as it was sent, and its place.
    pub(in crate::web) version: EventVersion,
    /// The envelope of the document it came in; none for a bare event.
    pub(super) envelope: Option<Vec<u8>>,
}

impl Found {
    /// The event, typed.
    pub(super) fn event(&self) -> Option<Event> {
        let slice = self.version.event.get().as_bytes();
        epcis::read_event_with_context(slice, self.envelope.as_deref(), &Limits::default())
            .ok()?
            .event
            .ok()
    }
}

/// The event with this id and, after it, the declaration of its error when there is one.
pub(super) fn find(conn: &mut Conn, id: &str) -> Result<Vec<Found>, Problem> {
    let versions = app::event_versions(conn, id)?;
    let hash = Sha256::digest(id.as_bytes());
    let claims = events::claims(conn, &[hash.as_slice()])?;
    let mut found = Vec::with_capacity(versions.len());
    for (version, claim) in versions.into_iter().zip(claims.into_values()) {
        let part = ledger::entries(conn, claim.shard, claim.seq, 1)?
            .first()
            .map_or(0, |entry| i64::from(entry.part));
        let envelope = if part == 0 {
            None
        } else {
            ledger::payload(conn, claim.shard, claim.seq - part)?.map(|payload| payload.bytes)
        };
        found.push(Found { version, envelope });
    }
    Ok(found)
}
