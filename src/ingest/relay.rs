//! Kafka out: the notices of the outbox go to their topic, in their order, each at least once.
//!
//! A notice is noted as sent only when all replicas in sync have it. Whoever ends between the two leaves it to be
//! sent again with the same id. Notices are sent from the oldest on, each record has the recall as its key, and the
//! client either delivers what it was given in order or stops: so whoever leaves out what he has read already
//! reads every recall's notices in order, however many processes send them. On PostgreSQL the notices of a batch
//! are locked while they are sent, so that other replicas do not send them too.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rdkafka::error::KafkaError;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};

use super::broker::Deliveries;
use super::{client, gauges};
use crate::app::{self, App};
use crate::db::{self, DatabaseUrl};
use crate::recall::{self, Notice};

/// Notices of one batch.
const BATCH: i64 = 500;
/// Wait for new notices when there are none.
const EVERY: Duration = Duration::from_millis(500);
/// Wait after a failure.
const RETRY: Duration = Duration::from_secs(5);
/// How often it is looked whether Kafka has a batch.
const LOOK: Duration = Duration::from_millis(50);
/// How long Kafka may take for a batch, and how long when the process is about to end.
const PATIENCE: Duration = Duration::from_secs(30);
const PATIENCE_AT_END: Duration = Duration::from_secs(5);

/// Why a batch of notices was not sent.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("Kafka refuses the notices")]
    Kafka(#[source] KafkaError),
    #[error("the topic {0} did not take the notices in time")]
    Late(String),
    #[error(transparent)]
    Recall(#[from] recall::Error),
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Does the work, and meanwhile sends the notices of the outbox to `kafka.notices`, if there are brokers and such
/// a topic. What cannot be sent is logged, kept and tried again. `watcher` is told of each batch (counted from
/// 1) that Kafka has and the database does not know yet; it may wait.
pub fn relaying_beside<T>(
    app: &App,
    watcher: &(dyn Fn(u64) + Sync),
    work: impl FnOnce() -> T,
) -> T {
    let kafka = &app.config.kafka;
    if kafka.brokers.is_empty() || kafka.notices.is_empty() {
        return work();
    }
    app::beside(|stop| Relay::new(app, watcher, stop).run(), work)
}

struct Relay<'a> {
    app: &'a App,
    watcher: &'a (dyn Fn(u64) + Sync),
    stop: &'a AtomicBool,
    /// Made with the first notice, and anew after a failure.
    sender: Option<Sender>,
    batches: u64,
}

impl<'a> Relay<'a> {
    fn new(app: &'a App, watcher: &'a (dyn Fn(u64) + Sync), stop: &'a AtomicBool) -> Self {
        Self {
            app,
            watcher,
            stop,
            sender: None,
            batches: 0,
        }
    }

    /// Sends until it is stopped; what waits by then is sent still, unless that fails.
    fn run(&mut self) {
        loop {
            let is_over = self.stop.load(Ordering::SeqCst);
            let rest = match self.round() {
                Ok(0) => EVERY,
                Ok(sent) => {
                    gauges::notices_sent(sent);
                    continue;
                }
                Err(error) => {
                    let topic = &self.app.config.kafka.notices;
                    tracing::warn!(
                        topic,
                        error = &error as &dyn std::error::Error,
                        "notices are not sent; they stay and are tried again"
                    );
                    gauges::notices_failed();
                    self.sender = None;
                    RETRY
                }
            };
            if is_over {
                return;
            }
            app::rest(self.stop, rest);
        }
    }

    /// Sends one batch and tells how many notices it had.
    fn round(&mut self) -> Result<usize, Error> {
        let app = self.app;
        let waiting = app.db.read(recall::waiting)?;
        gauges::notices_waiting(waiting, app.clock.now());
        if waiting.count == 0 {
            return Ok(0);
        }
        if matches!(app.db.url(), DatabaseUrl::Sqlite(_)) {
            // Its only writer is not kept waiting for Kafka.
            let notices = app.db.read(|conn| recall::unsent(conn, BATCH))?;
            self.send(&notices)?;
            app.db
                .write(|conn| recall::mark_sent(conn, &notices, app.clock.now()))?;
            return Ok(notices.len());
        }
        app.db.write(|conn| {
            let notices = recall::unsent(conn, BATCH)?;
            self.send(&notices)?;
            recall::mark_sent(conn, &notices, app.clock.now())?;
            Ok(notices.len())
        })
    }

    fn send(&mut self, notices: &[Notice]) -> Result<(), Error> {
        if notices.is_empty() {
            return Ok(());
        }
        let sender = match self.sender.take() {
            Some(sender) => sender,
            None => Sender::new(self.app)?,
        };
        let sender = self.sender.insert(sender);
        sender.send(notices, self.stop)?;
        self.batches += 1;
        (self.watcher)(self.batches);
        Ok(())
    }
}

/// A client that delivers in order or not at all.
struct Sender {
    inner: BaseProducer<Deliveries>,
    topic: String,
    given: u64,
}

impl Sender {
    fn new(app: &App) -> Result<Self, Error> {
        let kafka = &app.config.kafka;
        let mut config = client::producer_properties(kafka);
        config
            .set("acks", "all")
            .set("enable.idempotence", "true")
            // One that cannot be delivered stops all after it, and none is given up while others go on.
            .set("enable.gapless.guarantee", "true")
            .set("message.timeout.ms", "0")
            .set("linger.ms", "5");
        Ok(Self {
            inner: config
                .create_with_context(Deliveries::default())
                .map_err(Error::Kafka)?,
            topic: kafka.notices.clone(),
            given: 0,
        })
    }

    /// Sends, and waits until Kafka has them all. After a failure the client is of no use any more.
    fn send(&mut self, notices: &[Notice], stop: &AtomicBool) -> Result<(), Error> {
        for notice in notices {
            let header = |key, value| Header {
                key,
                value: Some(value),
            };
            let headers = OwnedHeaders::new()
                .insert(header("id", notice.id.as_str()))
                .insert(header("kind", notice.kind.as_str()));
            let record = BaseRecord::to(&self.topic)
                .key(notice.key.as_str())
                .payload(notice.payload.as_str())
                .headers(headers);
            self.inner
                .send(record)
                .map_err(|(error, _)| Error::Kafka(error))?;
            self.given += 1;
        }
        let began = Instant::now();
        loop {
            self.inner.poll(LOOK);
            let deliveries = self.inner.context();
            if let Some(error) = deliveries.failure.get() {
                return Err(Error::Kafka(error.clone()));
            }
            if deliveries.delivered.load(Ordering::SeqCst) == self.given {
                return Ok(());
            }
            let patience = if stop.load(Ordering::SeqCst) {
                PATIENCE_AT_END
            } else {
                PATIENCE
            };
            if patience < began.elapsed() {
                return Err(Error::Late(self.topic.clone()));
            }
        }
    }
}
