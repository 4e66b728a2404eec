//! A Kafka broker inside this process, for demonstrations: nothing to install, nothing to keep.
//!
//! It keeps 5 MiB or 100,000 messages a partition and forgets the rest, so whoever produces must not run
//! far ahead of whoever consumes. What it held is gone with it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use rdkafka::ClientContext;
use rdkafka::error::KafkaError;
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, Producer as _, ProducerContext};
use rdkafka::types::RDKafkaErrorCode;

use super::client::{self, Failing, LastFailure};
use crate::app::Kafka;

/// How long a full queue is waited for before trying again.
const ROOM: Duration = Duration::from_millis(20);
/// How long Kafka is waited for before looking whether to go on.
const ASK: Duration = Duration::from_millis(500);
/// How long the last messages may take.
const FLUSH_MAX: Duration = Duration::from_mins(1);

/// A broker in this process.
pub struct Broker {
    cluster: MockCluster<'static, rdkafka::producer::DefaultProducerContext>,
}

impl std::fmt::Debug for Broker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Broker")
            .field("address", &self.address())
            .finish_non_exhaustive()
    }
}

/// Why the broker or a producer failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Kafka refused or cannot be reached.
    #[error("Kafka: {what}")]
    Kafka {
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        #[source]
        cause: KafkaError,
    },
    /// Whoever sends was told to end before Kafka had everything.
    #[error("stopped before Kafka had everything")]
    Stopped,
    /// A message was not delivered.
    #[error("the topic {topic} does not take the messages")]
    Undelivered {
        /// The topic.
        topic: String,
        /// Why the first one was not.
        #[source]
        cause: KafkaError,
    },
}

fn failed(what: &'static str) -> impl FnOnce(KafkaError) -> Error {
    move |cause| Error::Kafka { what, cause }
}

impl Broker {
    /// Messages of a partition that are kept at most; older ones are forgotten.
    pub const MESSAGES_KEPT: u64 = 100_000;
    /// Bytes of a partition that are kept at most; older ones are forgotten.
    pub const BYTES_KEPT: u64 = 5 * 1024 * 1024;

    /// Starts a broker on a free loopback port, with one topic.
    pub fn start(topic: &str, partitions: i32) -> Result<Self, Error> {
        let cluster = MockCluster::new(1).map_err(failed("the broker does not start"))?;
        cluster
            .create_topic(topic, partitions, 1)
            .map_err(failed("the topic cannot be made"))?;
        Ok(Self { cluster })
    }

    /// Its address, for `[kafka] brokers`.
    pub fn address(&self) -> String {
        self.cluster.bootstrap_servers()
    }
}

/// Sends messages to the topic of a configuration, in order, each once.
pub struct Producer<'a> {
    inner: BaseProducer<Deliveries>,
    kafka: Kafka,
    stop: Option<&'a AtomicBool>,
}

impl std::fmt::Debug for Producer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Producer")
            .field("topic", &self.kafka.topic)
            .finish_non_exhaustive()
    }
}

/// Counts what was delivered and keeps why the first message was not.
#[derive(Debug, Default, Clone)]
pub(super) struct Deliveries {
    pub(super) delivered: Arc<AtomicU64>,
    pub(super) failure: Arc<OnceLock<KafkaError>>,
    last: LastFailure,
}

impl Failing for Deliveries {
    fn last_failure(&self) -> &LastFailure {
        &self.last
    }
}

impl ClientContext for Deliveries {
    fn log(&self, level: rdkafka::config::RDKafkaLogLevel, facility: &str, message: &str) {
        self.last.note(facility, message);
        tracing::debug!(target: "librdkafka", ?level, facility, "{message}");
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(target: "librdkafka", %error, "{reason}");
    }
}

impl ProducerContext for Deliveries {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        match result {
            Ok(_) => {
                self.delivered.fetch_add(1, Ordering::SeqCst);
            }
            Err((error, _)) => {
                // The first failure is told; those after it are its consequences.
                drop(self.failure.set(error.clone()));
            }
        }
    }
}

impl<'a> Producer<'a> {
    /// A producer for `[kafka] topic`.
    pub fn new(kafka: &Kafka) -> Result<Self, Error> {
        let mut config = client::producer_properties(kafka);
        config
            .set("enable.idempotence", "true")
            .set("linger.ms", "5")
            .set("compression.type", "zstd");
        Ok(Self {
            inner: config
                .create_with_context(Deliveries::default())
                .map_err(failed("the producer does not start"))?,
            kafka: kafka.clone(),
            stop: None,
        })
    }

    /// Waits for Kafka only until this is set.
    #[must_use]
    pub const fn until(mut self, stop: &'a AtomicBool) -> Self {
        self.stop = Some(stop);
        self
    }

    fn goes_on(&self) -> Result<(), Error> {
        if self.stop.is_some_and(|stop| stop.load(Ordering::SeqCst)) {
            return Err(Error::Stopped);
        }
        Ok(())
    }

    /// Fails when Kafka or the topic is not there. A topic that the broker makes when it is asked for takes a moment.
    pub fn reach(&self) -> Result<(), super::Error> {
        let until = Instant::now() + client::ANSWER_MAX;
        loop {
            let poll = || {
                self.inner.poll(ROOM);
            };
            let found = client::reach(self.inner.client(), &self.kafka, ASK, poll);
            if found.is_ok() || until < Instant::now() || self.goes_on().is_err() {
                return found.map(drop);
            }
            std::thread::sleep(ROOM);
        }
    }

    /// Sends one message; waits while too many are on their way. Messages of one key stay in order. Fails
    /// once any earlier message was not delivered.
    pub fn send(&self, key: &[u8], payload: &[u8]) -> Result<(), Error> {
        let mut unsent = BaseRecord::to(&self.kafka.topic).key(key).payload(payload);
        loop {
            match self.inner.send(unsent) {
                Ok(()) => {
                    self.inner.poll(Duration::ZERO);
                    return self.check();
                }
                Err((cause, record))
                    if cause.rdkafka_error_code() == Some(RDKafkaErrorCode::QueueFull) =>
                {
                    self.inner.poll(ROOM);
                    self.check()?;
                    self.goes_on()?;
                    unsent = record;
                }
                Err((cause, _)) => {
                    return Err(Error::Kafka {
                        what: "a message cannot be sent",
                        cause,
                    });
                }
            }
        }
    }

    /// Messages that the broker has so far.
    pub fn delivered(&self) -> u64 {
        self.inner.poll(Duration::ZERO);
        self.inner.context().delivered.load(Ordering::SeqCst)
    }

    /// Waits until the broker has everything; fails when something was lost.
    pub fn flush(&self) -> Result<(), Error> {
        let until = Instant::now() + FLUSH_MAX;
        loop {
            match self.inner.flush(ASK) {
                Ok(()) => return self.check(),
                Err(cause) if until < Instant::now() => {
                    return Err(failed("messages are not delivered in time")(cause));
                }
                Err(_) => {
                    self.check()?;
                    self.goes_on()?;
                }
            }
        }
    }

    fn check(&self) -> Result<(), Error> {
        match self.inner.context().failure.get() {
            None => Ok(()),
            Some(cause) => Err(Error::Undelivered {
                topic: self.kafka.topic.clone(),
                cause: cause.clone(),
            }),
        }
    }
}
