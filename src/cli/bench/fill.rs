//! Fills our side: master data, codes, then every event through capture, batch by batch, as from a topic.

use std::time::{Duration, Instant};

use indicatif::ProgressBar;
use rayon::prelude::*;

use crate::app::{App, Code, Problem};
use crate::capture::{self, Authority, Batch, Content, Incoming, Part, Recorded};
use crate::codes::{self, Dictionary};
use crate::epcis::Timestamp;
use crate::gs1::Gtin;
use crate::ledger::{Expect, Giver, ShardName};
use crate::parties;
use crate::scenario::load::{Load, Step};

use super::serials::Serials;

/// From an event to its record.
const RECORDING_MICROS: i64 = 2_500_000;

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

/// Imports the master data and, unless the items have foreign serials, issues the codes.
pub(super) fn prepare(app: &App, load: &Load, foreign: bool) -> Result<Serials, Problem> {
    let giver = Giver {
        by: "cli:bench".to_owned(),
        on_behalf_of: None,
        at: app.clock.now(),
    };
    let mut world = load.world();
    if foreign {
        for product in &mut world.products {
            "stored".clone_into(&mut product.mode);
        }
    }
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
        if foreign {
            return Ok(Serials::Foreign);
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
        Ok(Serials::Issued(lots))
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
    let mut feed = Feed::new(app, load, serials, BatchSize::LARGE);
    while feed.next_event() < load.steps().len() {
        bar.inc(feed.capture_batch(load.steps().len())?);
    }
    Ok(feed.filled)
}

/// What a transaction holds at most: it ends where either is reached.
#[derive(Debug, Clone, Copy)]
pub(super) struct BatchSize {
    events: usize,
    units: usize,
}

impl BatchSize {
    /// For filling.
    const LARGE: Self = Self {
        events: 1_000,
        units: 50_000,
    };
    /// As they come in live.
    pub(super) const LIVE: Self = Self {
        events: 200,
        units: 10_000,
    };

    fn of(self, steps: &[Step]) -> usize {
        let mut units = 0;
        let fits = steps.iter().take(self.events).take_while(|step| {
            let before = units;
            units += step.units.len() + 1;
            before < self.units
        });
        fits.count()
    }
}

/// The events of a load on their way in, as from a topic with one partition.
#[derive(Debug)]
pub(super) struct Feed<'a> {
    app: &'a App,
    load: &'a Load,
    serials: &'a Serials,
    size: BatchSize,
    next: usize,
    filled: Filled,
}

impl<'a> Feed<'a> {
    pub(super) fn new(app: &'a App, load: &'a Load, serials: &'a Serials, size: BatchSize) -> Self {
        Self {
            app,
            load,
            serials,
            size,
            next: 0,
            filled: Filled::default(),
        }
    }

    /// The number of the event that comes next.
    pub(super) const fn next_event(&self) -> usize {
        self.next
    }

    /// Captures a batch of events before this one, and tells how many they were.
    pub(super) fn capture_batch(&mut self, until: usize) -> Result<u64, Problem> {
        let Self {
            app, load, serials, ..
        } = *self;
        let name = ShardName::new("suyuan.events", 0);
        let serial = |item: u32| serials.of(item);
        let first = self.next;
        let count = self.size.of(&load.steps()[first..until]);
        let incoming: Vec<Incoming> = (first..first + count)
            .into_par_iter()
            .map(|number| Incoming {
                offset: i64::try_from(number).ok(),
                record_time: record_time(&load.steps()[number]),
                content: Content::Value(load.body(number, &serial)),
                signature: None,
            })
            .collect();
        self.filled.bytes += incoming
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
                parts: vec![Part {
                    submitter: "load-maker",
                    authority: Authority::Any,
                    records,
                }],
            };
            capture::record(conn, &app.ledger, dictionary(app), batch)
                .map(Recorded::whole)
                .map_err(Problem::from)
        })?;
        self.filled.writing += writing.elapsed();
        self.filled.time += started.elapsed();
        if receipt.recorded != count {
            return Err(broken(format!("not every event was recorded: {receipt:?}")));
        }
        self.filled.events += count as u64;
        self.next += count;
        Ok(count as u64)
    }
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
