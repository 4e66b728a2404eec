//! The thread that polls: Kafka's messages into the queue, the writer's news into Kafka and the report.

mod partitions;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedHeaders, BorrowedMessage, Headers, Message, Timestamp as Stamp};
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::{Offset, TopicPartitionList};

use super::batch::Arrived;
use super::client::{self, Failing as _};
use super::gauges;
use super::group::Group;
use super::lease::{Lease, Leases};
use super::queue::Queue;
use super::report::{Counts, Ledgered, Report};
use super::stamp;
use super::trouble::chain;
use super::writer::News;
use super::{Error, Options};
use crate::app::{App, Clock, Ingesting, Kafka};
use crate::capture::{SIGNATURE_HEADER, Signature, Unproven};
use crate::epcis::Timestamp;
use partitions::{Assigned, Hold, RANGE_MAX};

/// Longest wait for a message: how soon news and `stop` are noticed.
const POLL: Duration = Duration::from_millis(50);
/// How long a full queue may stop the polling before the partitions are paused instead.
const ROOM: Duration = Duration::from_millis(500);
/// How often a Kafka that failed is asked whether it is back, and how long it may take to answer.
const ASK_AGAIN: (Duration, Duration) = (Duration::from_secs(2), Duration::from_millis(500));
/// How often a failure of Kafka that lasts is told again.
const TELL_AGAIN: Duration = Duration::from_secs(30);

/// Kafka failed: when that was told last, and when it was asked last whether it is back.
#[derive(Debug)]
struct Trouble {
    told: Instant,
    asked: Instant,
}

pub(super) struct Poller<'a> {
    clock: &'a Clock,
    ingesting: &'a Ingesting,
    kafka: &'a Kafka,
    topic: &'a str,
    consumer: BaseConsumer<Group>,
    options: Options<'a>,
    queue: &'a Queue,
    leases: &'a Arc<Leases>,
    news: mpsc::Receiver<News>,
    on_progress: &'a mut dyn FnMut(&Counts),
    partitions: BTreeMap<i32, Assigned>,
    holds: BTreeMap<i32, Hold>,
    /// How long was waited last before a partition was claimed again that somebody else had claimed, since the
    /// group assigned it.
    fences: BTreeMap<i32, Duration>,
    at_end: BTreeSet<i32>,
    done: Ledgered,
    joined: bool,
    paused: bool,
    quiet_since: Instant,
    trouble: Option<Trouble>,
    warned_of_stamps: bool,
}

impl<'a> Poller<'a> {
    pub(super) fn new(
        app: &'a App,
        consumer: BaseConsumer<Group>,
        options: Options<'a>,
        queue: &'a Queue,
        leases: &'a Arc<Leases>,
        news: mpsc::Receiver<News>,
        on_progress: &'a mut dyn FnMut(&Counts),
    ) -> Self {
        Self {
            clock: &app.clock,
            ingesting: &app.ingesting,
            kafka: &app.config.kafka,
            topic: &app.config.kafka.topic,
            consumer,
            options,
            queue,
            leases,
            news,
            on_progress,
            partitions: BTreeMap::new(),
            holds: BTreeMap::new(),
            fences: BTreeMap::new(),
            at_end: BTreeSet::new(),
            done: Ledgered::default(),
            joined: false,
            paused: false,
            quiet_since: Instant::now(),
            trouble: None,
            warned_of_stamps: false,
        }
    }

    /// Polls until `stop` is set, or until idle; then lets the writer finish and leaves the group.
    pub(super) fn run(&mut self, stop: &AtomicBool) -> Result<Report, Error> {
        let ended = self.turn_until(stop);
        self.queue.close();
        // The writer drops its end when the batch at hand is done.
        while let Ok(news) = self.news.recv() {
            self.hear(news);
        }
        let held: BTreeMap<i32, String> = self
            .holds
            .iter()
            .filter(|(partition, _)| self.partitions.contains_key(partition))
            .map(|(partition, hold)| (*partition, hold.detail.clone()))
            .collect();
        Ok(self.done.report(self.topic, &held, ended?))
    }

    fn turn_until(&mut self, stop: &AtomicBool) -> Result<bool, Error> {
        let until_idle = self.options.until_idle;
        while !stop.load(Ordering::SeqCst) {
            self.turn()?;
            match until_idle {
                Some(idle) if self.is_idle(idle) => return Ok(true),
                Some(_) => {}
                None => self.try_again(),
            }
        }
        Ok(false)
    }

    fn turn(&mut self) -> Result<(), Error> {
        let waits = self
            .partitions
            .values()
            .any(|state| matches!(state, Assigned::Claiming(_)));
        let patience = if waits { POLL / 10 } else { POLL };
        let arrived = match self.consumer.poll(patience) {
            None => None,
            Some(Ok(message)) => Some(Taken::from(&message)),
            Some(Err(KafkaError::PartitionEOF(partition))) => {
                self.at_end.insert(partition);
                self.kafka_is_back();
                None
            }
            Some(Err(error)) => {
                self.kafka_failed(error)?;
                None
            }
        };
        // First the group's decision: a message of a partition that is revoked is not ours any more.
        for decision in self.consumer.context().decisions() {
            self.follow(decision);
        }
        while let Ok(news) = self.news.try_recv() {
            self.hear(news);
        }
        if let Some(taken) = arrived {
            self.kafka_is_back();
            self.arrived(taken);
        }
        self.ask_whether_kafka_is_back();
        self.measure_lag();
        if self.paused && self.queue.is_half_empty() {
            self.pause(false);
        }
        Ok(())
    }

    // ------------------------------------------------------------------ the writer's news

    fn hear(&mut self, news: News) {
        match news {
            News::Claimed {
                lease,
                next_offset,
                epoch,
                newest,
            } => {
                self.done
                    .positions
                    .insert(lease.partition, (next_offset, epoch));
                if let Some(newest) = newest {
                    gauges::newest(self.topic, lease.partition, newest);
                }
                if self.leases.is_living(lease) {
                    self.begin(lease, next_offset);
                }
            }
            News::Committed {
                lease,
                next_offset,
                epoch,
                newest,
                receipt,
            } => {
                self.quiet_since = Instant::now();
                self.done
                    .positions
                    .insert(lease.partition, (next_offset, epoch));
                gauges::committed(&receipt);
                gauges::newest(self.topic, lease.partition, newest);
                self.done.counts.add(&receipt);
                if self.holds.remove(&lease.partition).is_some() {
                    self.tell_partitions();
                    tracing::info!(topic = self.topic, partition = lease.partition, "goes on");
                }
                (self.on_progress)(&self.done.counts);
                if self.leases.is_living(lease) {
                    self.commit_to_kafka(lease.partition, next_offset);
                }
            }
            News::Fenced { lease } => {
                if self.is_current(lease) {
                    self.fenced(lease.partition);
                }
            }
            News::Held { lease, detail } => {
                if self.is_current(lease) {
                    self.hold(lease.partition, detail);
                }
            }
        }
    }

    fn is_current(&self, lease: Lease) -> bool {
        matches!(
            self.partitions.get(&lease.partition),
            Some(Assigned::Claiming(ours) | Assigned::Fetching(ours)) if *ours == lease
        )
    }

    fn commit_to_kafka(&self, partition: i32, next_offset: i64) {
        let mut list = TopicPartitionList::with_capacity(1);
        let committed = list
            .add_partition_offset(self.topic, partition, Offset::Offset(next_offset))
            .and_then(|()| self.consumer.commit(&list, CommitMode::Async));
        if let Err(error) = committed {
            tracing::debug!(partition, %error, "the advisory commit to Kafka failed");
        }
    }

    // ------------------------------------------------------------------ messages

    fn arrived(&mut self, taken: Taken) {
        let Some(Assigned::Fetching(lease)) = self.partitions.get(&taken.partition) else {
            return;
        };
        let lease = *lease;
        self.at_end.remove(&taken.partition);
        self.quiet_since = Instant::now();
        let record_time = self.record_time(taken.stamp);
        if !self.paused && !self.queue.has_room(ROOM) {
            self.pause(true);
        }
        self.queue.record(
            lease,
            Arrived {
                offset: taken.offset,
                record_time,
                value: taken.value,
                signature: taken.signature,
            },
        );
    }

    fn record_time(&mut self, stamp: Stamp) -> Timestamp {
        if !stamp::is_the_brokers(stamp) && !self.warned_of_stamps {
            self.warned_of_stamps = true;
            tracing::warn!(
                topic = self.topic,
                "the topic keeps the producers' times as record times (message.timestamp.type is not LogAppendTime)"
            );
        }
        stamp::record_time(stamp, self.clock.now())
    }

    /// Pauses or resumes everything that is fetched; polling goes on either way.
    fn pause(&mut self, pause: bool) {
        let mut list = TopicPartitionList::new();
        for partition in self.consumer.context().fetched() {
            list.add_partition(self.topic, partition);
        }
        let done = if pause {
            self.consumer.pause(&list)
        } else {
            self.consumer.resume(&list)
        };
        tracing::debug!(pause, "fetching is paused or goes on");
        if let Err(error) = done {
            tracing::warn!(%error, pause, "the partitions could not be paused or resumed");
        }
        self.paused = pause;
    }

    // ------------------------------------------------------------------ Kafka's health

    fn kafka_failed(&mut self, error: KafkaError) -> Result<(), Error> {
        if let KafkaError::MessageConsumptionFatal(_) = error {
            return Err(Error::Fatal(error));
        }
        self.quiet_since = Instant::now();
        if error.rdkafka_error_code() == Some(RDKafkaErrorCode::AutoOffsetReset) {
            self.find_lost_offsets();
            return Ok(());
        }
        let now = Instant::now();
        match &mut self.trouble {
            Some(trouble) if trouble.told.elapsed() < TELL_AGAIN => return Ok(()),
            Some(trouble) => trouble.told = now,
            none => {
                *none = Some(Trouble {
                    told: now,
                    asked: now,
                });
            }
        }
        let why = self.consumer.context().last_failure().told();
        tracing::warn!(error = chain(&error), why, "Kafka failed: trying on");
        self.ingesting.kafka_is_lost();
        Ok(())
    }

    fn kafka_is_back(&mut self) {
        if self.trouble.take().is_some() {
            tracing::info!("Kafka is back");
            if self.joined {
                self.ingesting.kafka_is_reached();
            }
        }
    }

    /// A topic in which nothing new comes does not show that Kafka is back.
    fn ask_whether_kafka_is_back(&mut self) {
        let (interval, patience) = ASK_AGAIN;
        let Some(trouble) = &mut self.trouble else {
            return;
        };
        if trouble.asked.elapsed() < interval {
            return;
        }
        trouble.asked = Instant::now();
        if client::reach(self.consumer.client(), self.kafka, patience, || ()).is_ok() {
            self.kafka_is_back();
        }
    }

    /// How many records of each partition that is ours are not in the ledger: where Kafka says that it
    /// ends, less the next offset of the shard's head.
    fn measure_lag(&self) {
        let Some(ends) = self.consumer.context().ends() else {
            return;
        };
        for (partition, state) in &self.partitions {
            let end = match state {
                Assigned::Claiming(_) | Assigned::Fetching(_) => ends.get(partition).copied(),
                // What is not fetched has no statistics.
                Assigned::Held { .. } if self.trouble.is_none() => self
                    .consumer
                    .fetch_watermarks(self.topic, *partition, ASK_AGAIN.1)
                    .ok()
                    .map(|(_, end)| end),
                Assigned::Fenced { .. } | Assigned::Held { .. } => None,
            };
            if let Some((end, (next_offset, _))) = end.zip(self.done.positions.get(partition)) {
                gauges::lag(self.topic, *partition, end, *next_offset);
            }
        }
    }

    /// Whether everything is read, written, and quiet for long enough, with Kafka there to say so.
    fn is_idle(&mut self, idle: Duration) -> bool {
        let is_read = self
            .partitions
            .iter()
            .all(|(partition, state)| match state {
                Assigned::Claiming(_) => false,
                Assigned::Fetching(_) => self.at_end.contains(partition),
                Assigned::Fenced { .. } | Assigned::Held { .. } => true,
            });
        if !self.joined || !is_read || self.quiet_since.elapsed() < idle || !self.queue.is_idle() {
            return false;
        }
        let fetched = self.consumer.context().fetched();
        let answers = fetched.first().is_none_or(|partition| {
            self.consumer
                .fetch_watermarks(self.topic, *partition, RANGE_MAX)
                .is_ok()
        });
        if !answers {
            self.quiet_since = Instant::now();
        }
        answers
    }
}

/// A message, taken off the client.
struct Taken {
    partition: i32,
    offset: i64,
    stamp: Stamp,
    value: Option<Vec<u8>>,
    signature: Option<Result<Signature, Unproven>>,
}

impl Taken {
    fn from(message: &BorrowedMessage<'_>) -> Self {
        Self {
            partition: message.partition(),
            offset: message.offset(),
            stamp: message.timestamp(),
            value: message.payload().map(<[u8]>::to_vec),
            signature: message.headers().and_then(signature),
        }
    }
}

/// The signature among a message's headers.
fn signature(headers: &BorrowedHeaders) -> Option<Result<Signature, Unproven>> {
    let mut found = headers.iter().filter(|one| one.key == SIGNATURE_HEADER);
    let first = found.next()?;
    if found.next().is_some() {
        return Some(Err(Unproven::Several));
    }
    Some(Signature::parse(first.value.unwrap_or_default()))
}
