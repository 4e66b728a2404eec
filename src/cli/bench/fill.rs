//! Fills our side: master data, codes, then every event through capture, batch by batch, as from a topic.

use std::time::{Duration, Instant};

use indicatif::ProgressBar;
use rayon::prelude::*;

use crate::app::{App, Code, Problem};
use crate::capture::{self, Authority, Batch, Content, Incoming};
use crate::codes::{self, Dictionary, ItemNumber, SerialBook};
use crate::epcis::Timestamp;
use crate::gs1::Gtin;
use crate::ledger::{Expect, Giver, ShardName};
use crate::parties;
use crate::scenario::load::{ITEMS_A_LOT, Load, Step};

/// Events of one transaction.
const EVENTS_A_BATCH: usize = 1_000;
/// Identifiers of one transaction: it ends where either is reached.
const UNITS_A_BATCH: usize = 50_000;
/// From an event to its record.
const RECORDING_MICROS: i64 = 2_500_000;

/// The codes of a load.
#[derive(Debug)]
pub(super) struct Serials {
    lots: Vec<(Gtin, SerialBook, u32)>,
}

impl Serials {
    /// The serial of an item.
    pub(super) fn of(&self, item: u32) -> String {
        let lot = self.lots.get((item / ITEMS_A_LOT) as usize);
        lot.and_then(|(_, book, batch)| {
            let number = ItemNumber::new(*batch, item % ITEMS_A_LOT).ok()?;
            Some(book.issue(number).as_str().to_owned())
        })
        .unwrap_or_default()
    }

    /// The item with this number in this product's batch.
    pub(super) fn item(&self, gtin: Gtin, number: ItemNumber) -> Option<u32> {
        let lot = self
            .lots
            .iter()
            .position(|(known, _, batch)| *known == gtin && *batch == number.batch())?;
        Some(u32::try_from(lot).ok()? * ITEMS_A_LOT + number.index())
    }
}

/// How long capturing took.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Filled {
    pub(super) events: u64,
    pub(super) bytes: u64,
    /// From bodies to committed rows.
    pub(super) time: Duration,
    /// The part of it in the database's transactions.
    pub(super) writing: Duration,
}

/// What has no business going wrong here.
pub(super) fn broken(detail: impl Into<String>) -> Problem {
    Problem::new(Code::Internal, detail)
}

/// Imports the master data and issues the codes.
pub(super) fn prepare(app: &App, load: &Load) -> Result<Serials, Problem> {
    let giver = Giver {
        by: "cli:bench".to_owned(),
        on_behalf_of: None,
        at: app.clock.now(),
    };
    let world = load.world();
    let csv = |write: &dyn Fn(&mut Vec<u8>) -> std::io::Result<()>| {
        let mut bytes = Vec::new();
        write(&mut bytes)
            .map(|()| bytes)
            .map_err(|error| broken("the master data cannot be written").because(error))
    };
    let parties_csv = csv(&|out| world.write_parties_csv(out))?;
    let places_csv = csv(&|out| world.write_places_csv(out))?;
    let products_csv = csv(&|out| world.write_products_csv(out))?;
    let dictionary = dictionary(app);
    app.db.write(|conn| {
        let ledger = &app.ledger;
        let done = [
            parties::import_organisations(conn, ledger, &giver, &parties_csv, false)?,
            parties::import_places(conn, ledger, &giver, &places_csv, false)?,
            parties::import_products(conn, ledger, &giver, &products_csv, false)?,
        ];
        if let Some(fault) = done.iter().flat_map(|done| &done.refused).next() {
            return Err(broken(format!("the master data was refused: {fault:?}")));
        }
        let mut lots = Vec::new();
        for lot in load.lots() {
            let request = codes::Request {
                gtin: Gtin::parse(&lot.gtin).map_err(|error| broken(error.to_string()))?,
                lot: lot.lot,
                count: lot.count.into(),
                request_id: None,
            };
            let batch = codes::issue(conn, ledger, dictionary, &giver, &request)?;
            lots.push((batch.gtin, batch.book(&app.master), batch.number));
        }
        Ok(Serials { lots })
    })
}

pub(super) const fn dictionary(app: &App) -> Dictionary<'_> {
    Dictionary {
        master: &app.master,
        seal: &app.ledger.seal,
    }
}

/// Captures every event. Writing the bodies is not timed: they would come from outside.
pub(super) fn capture(
    app: &App,
    load: &Load,
    serials: &Serials,
    bar: &ProgressBar,
) -> Result<Filled, Problem> {
    let name = ShardName::new("suyuan.events", 0);
    let serial = |item: u32| serials.of(item);
    let mut filled = Filled::default();
    let mut first = 0;
    while first < load.steps().len() {
        let count = batch_size(&load.steps()[first..]);
        let incoming: Vec<Incoming> = (first..first + count)
            .into_par_iter()
            .map(|number| Incoming {
                offset: i64::try_from(number).ok(),
                record_time: record_time(&load.steps()[number]),
                content: Content::Value(load.body(number, &serial)),
            })
            .collect();
        filled.bytes += incoming
            .iter()
            .map(|record| bytes(&record.content))
            .sum::<u64>();
        let started = Instant::now();
        let records = capture::read_all(incoming);
        let writing = Instant::now();
        let receipt = app.db.write(|conn| {
            let shard = app.ledger.shard(conn, &name)?;
            let batch = Batch {
                shard: &shard,
                expect: Expect::Any,
                records,
                submitter: "load-maker",
                authority: Authority::Any,
            };
            capture::record(conn, &app.ledger, dictionary(app), batch)
                .map(|(receipt, _)| receipt)
                .map_err(Problem::from)
        })?;
        filled.writing += writing.elapsed();
        filled.time += started.elapsed();
        if receipt.recorded != count {
            return Err(broken(format!("not every event was recorded: {receipt:?}")));
        }
        filled.events += count as u64;
        first += count;
        bar.inc(count as u64);
    }
    Ok(filled)
}

fn batch_size(steps: &[Step]) -> usize {
    let mut units = 0;
    let fits = steps.iter().take(EVENTS_A_BATCH).take_while(|step| {
        let before = units;
        units += step.units.len() + 1;
        before < UNITS_A_BATCH
    });
    fits.count()
}

fn record_time(step: &Step) -> Timestamp {
    Timestamp::from_micros(step.time.micros() + RECORDING_MICROS)
}

const fn bytes(content: &Content) -> u64 {
    match content {
        Content::Value(value) => value.len() as u64,
        Content::Tombstone | Content::Gap { .. } => 0,
    }
}
