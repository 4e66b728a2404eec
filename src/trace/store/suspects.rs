//! The second pass of an audit: which rows of the logs and lots that differ are to blame.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, HashSet};
use std::hash::BuildHasher;

use diesel::prelude::*;

use super::fault::Fault;
use super::fingerprint::records_of;
use super::log::LogRow;
use super::lots::{self, LotRow};
use super::places::PlaceRow;
use crate::codes::Block;
use crate::db::schema::trace_log;
use crate::db::{self, Conn};
use crate::events::Entry;
use crate::trace::Record;
use crate::trace::project::{PlaceBlock, project};

type Leaves = BTreeMap<i64, Vec<Record>>;

/// Logs, lots and rows that differ from the events. Hand in all events again, then ask for the names.
#[derive(Debug)]
pub struct Suspects {
    logs: BTreeMap<(Block, i32), Leaves>,
    lots: BTreeMap<(Block, i32), BTreeMap<(i64, i32), LotRow>>,
    /// Hashes of expected rows of `place_blocks` that are not there.
    pub(super) places: HashSet<u64>,
    missing_places: Vec<PlaceBlock>,
    keyed: RandomState,
}

impl Suspects {
    pub(super) fn new(keyed: RandomState) -> Self {
        Self {
            logs: BTreeMap::new(),
            lots: BTreeMap::new(),
            places: HashSet::new(),
            missing_places: Vec::new(),
            keyed,
        }
    }

    pub(super) fn add_log(&mut self, block: Block, shard: i32) {
        self.logs.insert((block, shard), Leaves::new());
    }

    pub(super) fn add_lot(&mut self, lot: Block, shard: i32) {
        self.lots.insert((lot, shard), BTreeMap::new());
    }

    /// Whether nothing differs: no second pass is needed.
    pub fn is_empty(&self) -> bool {
        self.logs.is_empty() && self.lots.is_empty() && self.places.is_empty()
    }

    /// Takes note of what an event adds to the suspects.
    pub fn expect(&mut self, entry: &Entry) {
        let projection = project(entry);
        for (block, record) in projection.records {
            if let Some(leaves) = self.logs.get_mut(&(block, record.shard)) {
                leaves.entry(record.seq).or_default().push(record);
            }
        }
        for moved in &projection.lot_moves {
            if let Some(lines) = self.lots.get_mut(&(moved.lot, moved.shard)) {
                lines.insert((moved.seq, moved.line), LotRow::of(moved));
            }
        }
        for seen in projection.place_blocks {
            let hash =
                self.keyed
                    .hash_one((seen.place.0.as_slice(), seen.day, seen.block.0.as_slice()));
            if self.places.remove(&hash) {
                self.missing_places.push(seen);
            }
        }
    }

    /// Names every row that is to blame.
    pub fn name(mut self, conn: &mut Conn, fault: &mut dyn FnMut(Fault)) -> Result<(), db::Error> {
        for ((block, shard), leaves) in std::mem::take(&mut self.logs) {
            name_rows(conn, block, shard, leaves, fault)?;
        }
        for ((lot, shard), expected) in std::mem::take(&mut self.lots) {
            name_lines(conn, lot, shard, expected, fault)?;
        }
        for seen in self.missing_places {
            fault(Fault {
                table: "place_blocks",
                key: PlaceRow::of(&seen).key(),
                column: "block",
                what: "the row is missing".to_owned(),
            });
        }
        Ok(())
    }
}

fn name_rows(
    conn: &mut Conn,
    block: Block,
    shard: i32,
    mut expected: Leaves,
    fault: &mut dyn FnMut(Fault),
) -> Result<(), db::Error> {
    let rows: Vec<LogRow> = trace_log::table
        .filter(trace_log::block.eq(block.0.as_slice()))
        .filter(trace_log::shard.eq(shard))
        .order((trace_log::first_seq, trace_log::tier))
        .select(LogRow::as_select())
        .load(conn)?;
    let mut all_read = true;
    for row in rows {
        // What cannot be read was named in the first pass.
        let Ok(records) = records_of(shard, &row) else {
            all_read = false;
            continue;
        };
        let mut leaves = Leaves::new();
        for record in records {
            leaves.entry(record.seq).or_default().push(record);
        }
        let mut wrong = None;
        for (seq, found) in leaves {
            // Every leaf is ticked off, so that what is left at the end is what is missing.
            let what = match expected.remove(&seq) {
                None => Some(format!("holds leaf {seq}, which adds nothing here")),
                Some(meant) => difference(&meant, &found)
                    .map(|field| format!("leaf {seq}: {field} is not what the event says")),
            };
            wrong = wrong.or(what);
        }
        if let Some(what) = wrong {
            fault(Fault::of_log(&row, "data", what));
        }
    }
    if let (true, Some(seq)) = (all_read, expected.keys().next()) {
        let what = format!("{} leaves are missing, the first is {seq}", expected.len());
        fault(Fault::of_missing_log(block, shard, what));
    }
    Ok(())
}

/// The first field in which records of one leaf differ.
fn difference(meant: &[Record], found: &[Record]) -> Option<&'static str> {
    if meant.len() != found.len() {
        return Some("the number of records");
    }
    meant.iter().zip(found).find_map(|(meant, found)| {
        [
            ("the earliest time", meant.t_lo == found.t_lo),
            ("the latest time", meant.t_hi == found.t_hi),
            ("the record time", meant.record_time == found.record_time),
            ("the operation", meant.op == found.op),
            ("the flow", meant.flow == found.flow),
            ("the place", meant.place == found.place),
            ("the party", meant.party == found.party),
            ("the peer", meant.peer == found.peer),
            ("the quantity", meant.quantity == found.quantity),
            ("the members", meant.members == found.members),
        ]
        .into_iter()
        .find_map(|(field, is_equal)| (!is_equal).then_some(field))
    })
}

fn name_lines(
    conn: &mut Conn,
    lot: Block,
    shard: i32,
    mut expected: BTreeMap<(i64, i32), LotRow>,
    fault: &mut dyn FnMut(Fault),
) -> Result<(), db::Error> {
    let mut complain = |row: &LotRow, column: &'static str, what: &str| {
        fault(Fault {
            table: "lot_moves",
            key: row.key(),
            column,
            what: what.to_owned(),
        });
    };
    for row in lots::rows_of(conn, lot, shard)? {
        match expected.remove(&row.line_key()) {
            None => complain(&row, "line", "no event says so"),
            Some(meant) => {
                for column in meant.differences(&row) {
                    complain(&row, column, "is not what the event says");
                }
            }
        }
    }
    for row in expected.values() {
        complain(row, "line", "the row is missing");
    }
    Ok(())
}
