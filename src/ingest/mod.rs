//! Kafka in: every record of a topic becomes leaves of the ledger, exactly once.
//!
//! One thread polls Kafka and one writes, with a bounded queue between them, so that polling (and with it
//! the membership in the group) goes on while the database is away. A shard's head row is lock, fence and
//! offset in one: a partition that is assigned to us is claimed there first, read from the offset found
//! there, and written only while the head is what the last batch left. Kafka's own commits are advisory.
//!
//! ```text
//! Kafka ── poll ──► queue ──► claim, batch, capture, COMMIT ──► advisory commit to Kafka
//!            ▲                            │
//!            └──── claimed, committed, fenced, held ◄───────┘
//! ```
//!
//! A record that the database does not take is put aside as a dead letter. A partition whose records cannot be recorded
//! in order (offsets lost to retention, a topic made anew, nothing can be written) is *held*: nothing of it is skipped,
//! the others go on.

mod batch;
pub mod broker;
mod client;
mod error;
mod gauges;
mod group;
mod lease;
mod pace;
mod poller;
mod queue;
mod range;
mod relay;
mod report;
mod senders;
mod stamp;
pub mod topic;
mod trouble;
mod writer;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc;
use std::time::Duration;

use rdkafka::consumer::Consumer as _;

pub use error::Error;
pub use range::Settlement;
pub use relay::relaying_beside;
pub use report::{Counts, HeldPartition, PartitionPosition, Report};

use crate::app::{App, Unsigned};
use crate::db::Conn;
use crate::parties;
use group::Group;
use lease::Leases;
use poller::Poller;
use queue::Queue;
use writer::Writer;

/// A place in the life of a batch at which a watcher is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// Its records are taken from the queue, not read yet.
    Taken,
    /// The transaction is open, the shard's head not yet locked.
    Open,
    /// Everything is inserted, the transaction not yet committed.
    Inserted,
    /// The database has committed, Kafka does not know yet.
    Committed,
}

/// How to run.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// End when nothing has come for this long and every partition is read to its end.
    pub until_idle: Option<Duration>,
    /// What the operator says of partitions that cannot go on by themselves.
    pub settlements: &'a [Settlement],
    /// Told at each point of each batch (counted from 1) on the thread that writes; it may wait.
    pub watcher: &'a (dyn Fn(Point, u64) + Sync),
}

impl Options<'_> {
    /// Runs until it is stopped.
    pub const ENDLESS: Self = Options {
        until_idle: None,
        settlements: &[],
        watcher: &|_, _| {},
    };
}

impl std::fmt::Debug for Options<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("until_idle", &self.until_idle)
            .field("settlements", &self.settlements)
            .finish_non_exhaustive()
    }
}

/// Ingests the topic of the configuration until `stop` is set, or until idle. Blocks: give it a thread.
pub fn run(
    app: &App,
    options: Options<'_>,
    stop: &AtomicBool,
    on_progress: &mut dyn FnMut(&Counts),
) -> Result<Report, Error> {
    let kafka = &app.config.kafka;
    client::check(kafka)?;
    let is_needed = kafka.unsigned == Unsigned::Record || !kafka.submitter.is_empty();
    let known = |conn: &mut Conn| parties::organisation(conn, &kafka.submitter);
    if is_needed && app.db.read(known)?.is_none() {
        return Err(Error::Configuration {
            key: "kafka.submitter",
            detail: format!("no organisation {:?}", kafka.submitter),
        });
    }
    gauges::describe();
    app.ingesting.begin(&kafka.topic);
    let done = ingest(app, options, stop, on_progress);
    app.ingesting.end();
    done
}

fn ingest(
    app: &App,
    options: Options<'_>,
    stop: &AtomicBool,
    on_progress: &mut dyn FnMut(&Counts),
) -> Result<Report, Error> {
    let kafka = &app.config.kafka;
    let leases = Arc::new(Leases::default());
    let consumer = client::consumer(kafka, Group::new(Arc::clone(&leases)))?;
    // What the operator says is checked; else a Kafka that is away is waited for.
    if options.until_idle.is_some() || !options.settlements.is_empty() {
        let poll = || drop(consumer.poll(Duration::from_millis(20)));
        let partitions = client::reach(consumer.client(), kafka, client::ANSWER_MAX, poll)?;
        for settlement in options.settlements {
            settlement.check(&kafka.topic, &partitions)?;
        }
    }
    let queue = Queue::default();
    let (tell, news) = mpsc::channel();
    std::thread::scope(|scope| {
        let mut writer = Writer::new(app, &queue, &leases, stop, options.watcher, tell);
        scope.spawn(move || writer.run());
        let mut poller = Poller::new(app, consumer, options, &queue, &leases, news, on_progress);
        poller.run(stop)
    })
}
