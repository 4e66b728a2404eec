//! Projecting: from events that count to the tables that answer questions. Capture does it batch by
//! batch, rebuild over the whole ledger.

use super::Error;
use super::address;
use super::read::Accepted;
use crate::codes::Dictionary;
use crate::db::Conn;
use crate::epcis::Timestamp;
use crate::events::{self, Entry};
use crate::trace::{self, EventKey, LotUnits};

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

/// What events add to the trace index.
#[derive(Debug, Default)]
pub struct Projected {
    /// The events, addressed.
    pub entries: Vec<Entry>,
    /// Items that the events say are of lots.
    pub lot_units: Vec<LotUnits>,
    /// Events with the declarations that void them.
    pub voids: Vec<(EventKey, EventKey)>,
}

/// Writes the projections of events of one shard: their rows and the trace index.
pub(super) fn project(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    shard: i32,
    known: &[Known],
) -> Result<(), Error> {
    let projected = project_events(conn, dictionary, shard, known)?;
    trace::record(conn, &projected.entries)?;
    trace::add_lot_units(conn, &projected.lot_units)?;
    Ok(trace::void(conn, &projected.voids)?)
}

/// Writes the rows of events of one shard and tells what they add to the trace index.
pub fn project_events(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    shard: i32,
    known: &[Known],
) -> Result<Projected, Error> {
    if known.is_empty() {
        return Ok(Projected::default());
    }
    let (entries, lot_units) = address::entries(conn, dictionary, shard, known)?;
    events::insert(conn, &entries)?;
    Ok(Projected {
        entries,
        lot_units,
        voids: voids(conn, shard, known)?,
    })
}

/// A declaration voids the event with the same id, whichever of the two came first.
fn voids(conn: &mut Conn, shard: i32, known: &[Known]) -> Result<Vec<(EventKey, EventKey)>, Error> {
    let hashes: Vec<&[u8]> = known
        .iter()
        .map(|known| known.event.id_hash.as_slice())
        .collect();
    let claims = events::claims(conn, &hashes)?;
    let mut voids: Vec<(EventKey, EventKey)> = known
        .iter()
        .filter_map(|known| {
            let other = claims.get(&(known.event.id_hash.to_vec(), !known.event.is_declaration))?;
            let here = (shard, known.seq);
            let there = (other.shard, other.seq);
            Some(if known.event.is_declaration {
                (there, here)
            } else {
                (here, there)
            })
        })
        .collect();
    voids.sort_unstable();
    voids.dedup();
    Ok(voids)
}
