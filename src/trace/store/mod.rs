//! The trace index in the database: block logs in tiers, movements of lots, voids, and who may have been
//! where. All of it is a projection: [`Rebuild`] writes it again from the events, [`compare()`] names
//! the rows in which one made anew differs.
//!
//! | table | written by | read by |
//! |---|---|---|
//! | `trace_log` | [`log`]: one row a (block, shard) and batch; full tiers become one row, and [`compact()`] puts the rest together | [`load()`] |
//! | `lot_moves` | [`lots`] | [`lots`] |
//! | `lot_units` | [`units`] | [`units`] |
//! | `voids` | [`voids`] | [`voids`] |
//! | `place_blocks` | [`places`] | [`places`] |

mod compact;
mod compare;
mod fingerprint;
mod issued;
mod load;
mod log;
mod lots;
mod places;
mod rebuild;
mod source;
mod strays;
mod units;
mod voids;
mod walk;

use diesel::prelude::*;

pub use compact::{Compacted, LogKey, compact, scattered};
pub use compare::{LogDigest, compare, log_digest};
pub use fingerprint::{Digest, digest};
pub use load::load;
pub use log::{LogShape, log_shape};
pub use places::blocks_at;
pub use rebuild::Rebuild;
pub use source::{StoreSource, lots_of_class, places_inside};
pub use units::{add_lot_units, seen_blocks};
pub use voids::{Voids, void};

use super::project::{Projection, project};
use crate::codes::Block;
use crate::db::schema::{lot_moves, lot_units, place_blocks, trace_log, voids as voids_table};
use crate::db::{self, Conn};
use crate::events::Entry;

/// Blocks (or lots, or leaves) one query asks for.
const KEYS_A_QUERY: usize = 256;

/// Adds what a batch of events says, in the batch's transaction. Error declarations add nothing here:
/// tell them to [`void`].
pub fn record(conn: &mut Conn, entries: &[Entry]) -> Result<(), db::Error> {
    let mut all = Projection::default();
    for entry in entries {
        all.append(project(entry));
    }
    log::append(conn, all.records)?;
    lots::insert(conn, &all.lot_moves)?;
    places::insert(conn, &all.place_blocks)
}

/// Empties the index, voids too.
pub fn clear(conn: &mut Conn) -> Result<(), db::Error> {
    diesel::delete(trace_log::table).execute(conn)?;
    diesel::delete(lot_moves::table).execute(conn)?;
    diesel::delete(lot_units::table).execute(conn)?;
    diesel::delete(voids_table::table).execute(conn)?;
    diesel::delete(place_blocks::table).execute(conn)?;
    Ok(())
}

fn bytes(block: Option<Block>) -> Option<Vec<u8>> {
    block.map(|block| block.0.to_vec())
}

/// A block's id out of a column; `row` says which row when it is none.
fn block(
    table: &'static str,
    column: &str,
    bytes: &[u8],
    row: impl FnOnce() -> String,
) -> Result<Block, db::Error> {
    bytes
        .try_into()
        .map(Block)
        .map_err(|_wrong_length| db::Error::Corrupt {
            table,
            what: format!("{}: {column} has {} bytes and not 16", row(), bytes.len()),
        })
}
