//! From the world into the ledger: a producer and the real ingest with a Kafka broker in this process
//! between them. The broker forgets what is not read in time, so the producer waits for the ledger.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::app::{App, Code, Problem};
use crate::db::Conn;
use crate::ingest::broker::{Broker, Producer};
use crate::ingest::{self, Counts, Options, Report};
use crate::ledger;
use crate::scenario::{SerialSource, Stream, Truth};

/// Bytes under way at most: far below what the broker keeps of one partition.
const BYTES_AHEAD: u64 = Broker::BYTES_KEPT / 5;
/// Messages under way at most.
const MESSAGES_AHEAD: usize = 5_000;
/// How often the ledger is looked at while the producer waits.
const LOOK: Duration = Duration::from_millis(10);
/// Without any progress for this long, something is wrong.
const PATIENCE: Duration = Duration::from_mins(1);

/// What went in.
#[derive(Debug)]
pub(super) struct Fed {
    /// Messages sent.
    pub(super) messages: u64,
    /// What became of their events.
    pub(super) counts: Counts,
    /// The world's truth.
    pub(super) truth: Truth,
}

/// Sends the world's messages and waits until the ledger has all of them. None when it was interrupted.
pub(super) fn feed<S: SerialSource>(
    app: &App,
    stream: Stream<S>,
    interrupted: &AtomicBool,
    progress: &mut dyn FnMut(u64),
) -> Result<Option<Fed>, Problem> {
    let producer = Producer::new(&app.config.kafka).map_err(|error| {
        Problem::new(Code::Unavailable, "the producer does not start").because(error)
    })?;
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let ingesting = scope.spawn(|| ingest::run(app, Options::ENDLESS, &stop, &mut |_| {}));
        let mut feeder = Feeder {
            app,
            producer: &producer,
            interrupted,
            has_ended: &|| ingesting.is_finished(),
            under_way: UnderWay::default(),
            progress,
        };
        let sent = feeder.send_all(stream);
        let messages = feeder.under_way.sent;
        stop.store(true, Ordering::SeqCst);
        let report = match ingesting.join() {
            Ok(report) => report?,
            Err(_) => return Err(Problem::new(Code::Internal, "ingest failed")),
        };
        complain(&report)?;
        Ok(sent?.map(|truth| Fed {
            messages,
            counts: report.counts,
            truth,
        }))
    })
}

/// A partition that is held, or an offset that never came, is a failure of the demonstration.
fn complain(report: &Report) -> Result<(), Problem> {
    if let Some(held) = report.held.first() {
        let detail = format!("{}/{} is held: {}", held.topic, held.partition, held.detail);
        return Err(Problem::new(Code::Internal, detail));
    }
    match report.counts.gaps {
        0 => Ok(()),
        gaps => Err(Problem::new(
            Code::Internal,
            format!("the broker forgot messages: {gaps} gaps"),
        )),
    }
}

struct Feeder<'a> {
    app: &'a App,
    producer: &'a Producer<'a>,
    interrupted: &'a AtomicBool,
    has_ended: &'a dyn Fn() -> bool,
    under_way: UnderWay,
    progress: &'a mut dyn FnMut(u64),
}

impl Feeder<'_> {
    fn send_all<S: SerialSource>(
        &mut self,
        mut stream: Stream<S>,
    ) -> Result<Option<Truth>, Problem> {
        let failed =
            |error| Problem::new(Code::Unavailable, "messages cannot be sent").because(error);
        for message in stream.by_ref() {
            if !self.wait(UnderWay::is_full)? {
                return Ok(None);
            }
            self.producer
                .send(message.key.as_bytes(), &message.body)
                .map_err(failed)?;
            self.under_way.send(message.body.len() as u64);
        }
        self.producer.flush().map_err(failed)?;
        if !self.wait(|under_way| !under_way.is_empty())? {
            return Ok(None);
        }
        Ok(Some(stream.finish()))
    }

    /// Waits while this is so. False when it was interrupted.
    fn wait(&mut self, while_so: fn(&UnderWay) -> bool) -> Result<bool, Problem> {
        let mut since = Instant::now();
        while while_so(&self.under_way) {
            if self.interrupted.load(Ordering::SeqCst) {
                return Ok(false);
            }
            let before = self.under_way.arrived;
            let arrived = self
                .app
                .db
                .read(|conn| arrived(conn, &self.app.config.kafka.topic))?;
            self.under_way.arrive(arrived);
            (self.progress)(arrived);
            if before < arrived {
                since = Instant::now();
                continue;
            }
            if (self.has_ended)() || PATIENCE < since.elapsed() {
                let detail = format!(
                    "ingest stands still after {arrived} of {} messages",
                    self.under_way.sent
                );
                return Err(Problem::new(Code::Internal, detail));
            }
            // Delivery reports are counted, and messages leave, only while the producer is polled.
            self.producer.delivered();
            std::thread::sleep(LOOK);
        }
        Ok(true)
    }
}

/// Messages of the topic that the ledger has.
fn arrived(conn: &mut Conn, topic: &str) -> Result<u64, ledger::Error> {
    let ours: Vec<i32> = ledger::shards(conn)?
        .into_iter()
        .filter(|shard| shard.name.topic == topic)
        .map(|shard| shard.number)
        .collect();
    let heads = ledger::heads(conn)?;
    let of_topic = heads.iter().filter(|head| ours.contains(&head.shard));
    Ok(of_topic.map(|head| head.next_offset.unsigned_abs()).sum())
}

/// What was sent and has not arrived, oldest first. Partitions go at paces of their own, so which messages
/// arrived is taken to be the oldest: the room left below what a partition keeps is there for that.
#[derive(Debug, Default)]
struct UnderWay {
    sizes: VecDeque<u64>,
    bytes: u64,
    sent: u64,
    arrived: u64,
}

impl UnderWay {
    fn send(&mut self, bytes: u64) {
        self.sizes.push_back(bytes);
        self.bytes += bytes;
        self.sent += 1;
    }

    /// So many have arrived by now.
    fn arrive(&mut self, arrived: u64) {
        while self.arrived < arrived {
            let Some(bytes) = self.sizes.pop_front() else {
                break;
            };
            self.bytes -= bytes;
            self.arrived += 1;
        }
    }

    fn is_full(&self) -> bool {
        BYTES_AHEAD <= self.bytes || MESSAGES_AHEAD <= self.sizes.len()
    }

    fn is_empty(&self) -> bool {
        self.sizes.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_producer_waits_for_bytes_and_for_messages() {
        let mut under_way = UnderWay::default();
        under_way.send(BYTES_AHEAD - 1);
        assert!(!under_way.is_full());
        under_way.send(1);
        assert!(under_way.is_full());
        under_way.arrive(1);
        assert!(!under_way.is_full());
        for _ in 0..MESSAGES_AHEAD {
            under_way.send(1);
        }
        assert!(under_way.is_full());
        under_way.arrive(under_way.sent);
        assert!(under_way.is_empty());
    }

    #[test]
    fn held_partitions_and_forgotten_messages_are_failures() {
        let mut report = Report::default();
        assert!(complain(&report).is_ok());
        report.counts.gaps = 1;
        assert!(complain(&report).is_err());
    }
}
