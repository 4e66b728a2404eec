//! Projecting: from events that count to the tables that answer questions. Capture does it batch by
//! batch, rebuild over the whole ledger.

use super::Error;
use super::address;
use super::read::Accepted;
use crate::codes::Dictionary;
use crate::db::Conn;
use crate::epcis::Timestamp;
use crate::events::{self, Entry};
use crate::trace;

/// An event that counts, at its place in a shard.
#[derive(Debug, Clone)]
pub struct Known {
    /// Its leaf.
    pub seq: i64,
    /// When it was recorded.
    pub record_time: Timestamp,
    /// The organisation it was recorded for; empty when none was named.
    pub submitter: String,
    /// The event.
    pub event: Box<Accepted>,
}

/// Writes the projections of events of one shard: their rows, their voids and the trace index.
pub(super) fn project(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    shard: i32,
    known: &[Known],
) -> Result<(), Error> {
    let entries = project_events(conn, dictionary, shard, known)?;
    Ok(trace::record(conn, &entries)?)
}

/// Writes the rows and voids of events of one shard and tells their entries, for the trace index.
pub fn project_events(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    shard: i32,
    known: &[Known],
) -> Result<Vec<Entry>, Error> {
    if known.is_empty() {
        return Ok(Vec::new());
    }
    let entries = address::entries(conn, dictionary, shard, known)?;
    events::insert(conn, &entries)?;
    void(conn, shard, known)?;
    Ok(entries)
}

/// A declaration voids the event with the same id, whichever of the two came first.
fn void(conn: &mut Conn, shard: i32, known: &[Known]) -> Result<(), Error> {
    let hashes: Vec<&[u8]> = known
        .iter()
        .map(|known| known.event.id_hash.as_slice())
        .collect();
    let claims = events::claims(conn, &hashes)?;
    let mut voids = Vec::new();
    for known in known {
        let other = claims.get(&(known.event.id_hash.to_vec(), !known.event.is_declaration));
        let Some(other) = other else { continue };
        let here = (shard, known.seq);
        let there = (other.shard, other.seq);
        voids.push(if known.event.is_declaration {
            (there, here)
        } else {
            (here, there)
        });
    }
    voids.sort_unstable();
    voids.dedup();
    Ok(trace::void(conn, &voids)?)
}
