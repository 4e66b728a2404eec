//! What there is to look at: blocks with records, in order, and the newest event.

use diesel::prelude::*;

use crate::codes::Block;
use crate::db::schema::{events, trace_log};
use crate::db::{self, Conn};
use crate::epcis::Timestamp;
use crate::ledger::Position;

/// The next blocks that have records, from this one on, in order.
pub(super) fn blocks_from(
    conn: &mut Conn,
    first: &[u8],
    limit: i64,
) -> Result<Vec<Block>, db::Error> {
    let found: Vec<Vec<u8>> = trace_log::table
        .filter(trace_log::block.ge(first))
        .select(trace_log::block)
        .distinct()
        .order(trace_log::block)
        .limit(limit)
        .load(conn)?;
    let block = |bytes: Vec<u8>| {
        bytes
            .try_into()
            .map(Block)
            .map_err(|bytes: Vec<u8>| db::Error::Corrupt {
                table: "trace_log",
                what: format!("block has {} bytes and not 16", bytes.len()),
            })
    };
    found.into_iter().map(block).collect()
}

/// When the last event before the position was recorded.
pub(super) fn newest(conn: &mut Conn, position: &Position) -> Result<Option<Timestamp>, db::Error> {
    let mut newest = None;
    for (shard, size) in &position.0 {
        let last: Option<i64> = events::table
            .filter(events::shard.eq(*shard))
            .filter(events::seq.lt(*size))
            .order(events::seq.desc())
            .select(events::record_time)
            .first(conn)
            .optional()?;
        newest = newest.max(last);
    }
    Ok(newest.map(Timestamp::from_micros))
}
