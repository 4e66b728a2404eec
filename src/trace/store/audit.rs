//! Whether the index says what the events say. First pass: [`Audit::expect`] every event, then
//! [`Audit::check`] digests log by log and lot by lot, names rows that contradict themselves and keeps
//! the rest that differs as [`Suspects`]. Only when there are some, a second pass over the events names
//! their rows one by one.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::BuildHasher;

use super::fault::Fault;
use super::fingerprint::{Chain, records_of};
use super::log::{LogRow, is_tier_of};
use super::lots::LotRow;
use super::suspects::Suspects;
use super::voids::{VoidRow, rows as void_rows};
use super::walk::{each_log, each_lot, each_place_block};
use crate::codes::Block;
use crate::db::{self, Conn};
use crate::events::Entry;
use crate::trace::project::project;
use crate::trace::{EventKey, Record};

/// What the index must say: some 150 bytes a log and lot, 16 a row of `place_blocks`.
#[derive(Debug, Default)]
pub struct Audit {
    logs: BTreeMap<(Block, i32), Chain>,
    lots: BTreeMap<(Block, i32), Chain>,
    places: HashSet<u64>,
    voids: BTreeSet<VoidRow>,
    keyed: RandomState,
}

impl Audit {
    /// Expects an empty index.
    pub fn new() -> Self {
        Self::default()
    }

    /// Expects what an event adds. Hand events in by seq within each shard.
    pub fn expect(&mut self, entry: &Entry) {
        let projection = project(entry);
        for (block, record) in &projection.records {
            self.logs
                .entry((*block, record.shard))
                .or_default()
                .record(record);
        }
        for moved in &projection.lot_moves {
            self.lots
                .entry((moved.lot, moved.shard))
                .or_default()
                .lot_row(&LotRow::of(moved));
        }
        for seen in &projection.place_blocks {
            let hash =
                self.keyed
                    .hash_one((seen.place.0.as_slice(), seen.day, seen.block.0.as_slice()));
            self.places.insert(hash);
        }
    }

    /// Expects that an event is void by its declaration.
    pub fn expect_void(&mut self, event: EventKey, declaration: EventKey) {
        self.voids.insert(VoidRow::of(event, declaration));
    }

    /// Reads the whole index: names what is wrong in itself and gives what needs the second pass.
    pub fn check(
        mut self,
        conn: &mut Conn,
        fault: &mut dyn FnMut(Fault),
    ) -> Result<Suspects, db::Error> {
        let mut suspects = Suspects::new(self.keyed.clone());
        self.check_logs(conn, &mut suspects, fault)?;
        self.check_lots(conn, &mut suspects)?;
        self.check_voids(conn, fault)?;
        each_place_block(conn, |row| {
            if !self.places.remove(&self.keyed.hash_one((
                row.place.as_slice(),
                row.day,
                row.block.as_slice(),
            ))) {
                fault(Fault {
                    table: "place_blocks",
                    key: row.key(),
                    column: "block",
                    what: "no event says so".to_owned(),
                });
            }
            Ok::<_, db::Error>(())
        })?;
        suspects.places = self.places;
        Ok(suspects)
    }

    fn check_logs(
        &mut self,
        conn: &mut Conn,
        suspects: &mut Suspects,
        fault: &mut dyn FnMut(Fault),
    ) -> Result<(), db::Error> {
        each_log(conn, |block, shard, rows| {
            let expected = self.logs.remove(&(block, shard)).unwrap_or_default();
            let mut records = Vec::new();
            for row in &rows {
                match records_of(shard, row) {
                    Ok(found) => {
                        check_columns(row, &found, fault);
                        records.extend(found);
                    }
                    Err(why) => fault(Fault::of_log(row, "data", why.to_string())),
                }
            }
            records.sort_by_key(|record| record.seq);
            let mut chain = Chain::default();
            for record in &records {
                chain.record(record);
            }
            if chain.finish() != expected.finish() {
                suspects.add_log(block, shard);
            }
            Ok::<_, db::Error>(())
        })?;
        for (block, shard) in std::mem::take(&mut self.logs).into_keys() {
            fault(Fault::of_missing_log(
                block,
                shard,
                "the whole log is missing",
            ));
        }
        Ok(())
    }

    fn check_lots(&mut self, conn: &mut Conn, suspects: &mut Suspects) -> Result<(), db::Error> {
        each_lot(conn, |lot, rows| {
            let mut chains: BTreeMap<i32, Chain> = BTreeMap::new();
            for row in &rows {
                chains.entry(row.shard).or_default().lot_row(row);
            }
            for (shard, chain) in chains {
                let expected = self.lots.remove(&(lot, shard)).unwrap_or_default();
                if chain.finish() != expected.finish() {
                    suspects.add_lot(lot, shard);
                }
            }
            Ok::<_, db::Error>(())
        })?;
        for (lot, shard) in std::mem::take(&mut self.lots).into_keys() {
            suspects.add_lot(lot, shard);
        }
        Ok(())
    }

    fn check_voids(
        &mut self,
        conn: &mut Conn,
        fault: &mut dyn FnMut(Fault),
    ) -> Result<(), db::Error> {
        let mut complain = |row: &VoidRow, what: &str| {
            fault(Fault {
                table: "voids",
                key: row.key(),
                column: "by_seq",
                what: what.to_owned(),
            });
        };
        for row in void_rows(conn)? {
            if !self.voids.remove(&row) {
                complain(&row, "no declaration says so");
            }
        }
        for row in &self.voids {
            complain(row, "the row is missing");
        }
        Ok(())
    }
}

/// Whether the columns of a row say what its data holds.
fn check_columns(row: &LogRow, records: &[Record], fault: &mut dyn FnMut(Fault)) {
    let seqs = || records.iter().map(|record| record.seq);
    let count = i32::try_from(records.len()).unwrap_or(i32::MAX);
    let wrong = [
        ("tier", !is_tier_of(row.tier, count)),
        ("first_seq", seqs().min() != Some(row.first_seq)),
        ("last_seq", seqs().max() != Some(row.last_seq)),
        ("n", row.n != count),
        (
            "t_min",
            records.iter().map(|record| record.t_lo.micros()).min() != Some(row.t_min),
        ),
        (
            "t_max",
            records.iter().map(|record| record.t_hi.micros()).max() != Some(row.t_max),
        ),
    ];
    for (column, _) in wrong.into_iter().filter(|(_, is_wrong)| *is_wrong) {
        fault(Fault::of_log(
            row,
            column,
            "is not what the records in data say",
        ));
    }
}
