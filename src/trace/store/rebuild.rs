//! Writing the index again from the events: rows of 1,024 records at once, no tiers to climb.

use std::collections::BTreeMap;

use super::log::{LogRow, TIER_2_RECORDS};
use super::{log, lots, places};
use crate::codes::Block;
use crate::db::{self, Conn};
use crate::events::Entry;
use crate::trace::log::{self as codec};
use crate::trace::project::{Projection, project};
use crate::trace::record::Record;

/// Records of one log that wait as they are; then they are packed (some 14 bytes each) and wait on.
const LOOSE_RECORDS_MAX: usize = 64;

/// Records that wait in all logs together before everything is written: about 300 MB packed.
const WAITING_RECORDS_MAX: usize = 20_000_000;

/// Rows of one insert.
const ROWS_A_WRITE: usize = 256;

/// Writes the index from events, handed in shard by shard in seq order. [`super::clear`] it first; voids
/// are told to [`super::void`] as ever.
#[derive(Debug, Default)]
pub struct Rebuild {
    logs: BTreeMap<(i32, Block), Waiting>,
    waiting_records: usize,
    rest: Projection,
    rows: Vec<LogRow>,
}

/// Records of one (shard, block) that are not written yet.
#[derive(Debug, Default)]
struct Waiting {
    packed: Vec<Vec<u8>>,
    packed_records: usize,
    loose: Vec<Record>,
}

impl Waiting {
    const fn len(&self) -> usize {
        self.packed_records + self.loose.len()
    }

    fn pack(&mut self) {
        if let Some(row) = codec::encode(&self.loose) {
            self.packed.push(row.data);
            self.packed_records += self.loose.len();
            self.loose.clear();
        }
    }

    fn into_row(mut self, shard: i32, block: Block) -> Result<Option<LogRow>, db::Error> {
        self.pack();
        let row = codec::merge(&self.packed).map_err(|why| db::Error::Corrupt {
            table: "trace_log",
            what: format!("block {block:?} shard {shard}, while rebuilding: {why}"),
        })?;
        Ok(row.map(|row| LogRow::new(block, shard, row)))
    }
}

impl Rebuild {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an event.
    pub fn add(&mut self, conn: &mut Conn, entry: &Entry) -> Result<(), db::Error> {
        let mut projection = project(entry);
        let mut full = Vec::new();
        for (block, record) in projection.records.drain(..) {
            let key = (record.shard, block);
            let waiting = self.logs.entry(key).or_default();
            if LOOSE_RECORDS_MAX <= waiting.loose.len() {
                waiting.pack();
            }
            waiting.loose.push(record);
            self.waiting_records += 1;
            if TIER_2_RECORDS as usize <= waiting.len() {
                full.push(key);
            }
        }
        self.rest.append(projection);
        for key in full {
            self.finish_log(key)?;
        }
        if WAITING_RECORDS_MAX < self.waiting_records {
            self.finish_logs(conn)?;
        }
        if ROWS_A_WRITE <= self.rows.len() || Conn::SQLITE_ROWS <= self.rest.place_blocks.len() {
            self.write(conn)?;
        }
        Ok(())
    }

    /// Writes what is left.
    pub fn finish(mut self, conn: &mut Conn) -> Result<(), db::Error> {
        self.finish_logs(conn)?;
        self.write(conn)
    }

    fn finish_log(&mut self, key: (i32, Block)) -> Result<(), db::Error> {
        // One event may have filled a log with several records: it is finished once.
        let Some(waiting) = self.logs.remove(&key) else {
            return Ok(());
        };
        self.waiting_records -= waiting.len();
        self.rows.extend(waiting.into_row(key.0, key.1)?);
        Ok(())
    }

    fn finish_logs(&mut self, conn: &mut Conn) -> Result<(), db::Error> {
        self.waiting_records = 0;
        for ((shard, block), waiting) in std::mem::take(&mut self.logs) {
            self.rows.extend(waiting.into_row(shard, block)?);
            if ROWS_A_WRITE <= self.rows.len() {
                self.write(conn)?;
            }
        }
        Ok(())
    }

    fn write(&mut self, conn: &mut Conn) -> Result<(), db::Error> {
        log::insert_rows(conn, std::mem::take(&mut self.rows))?;
        let rest = std::mem::take(&mut self.rest);
        lots::insert(conn, &rest.lot_moves)?;
        places::insert(conn, &rest.place_blocks)
    }
}
