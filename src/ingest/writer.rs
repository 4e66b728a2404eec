//! The thread that writes: claims shards, records batches, and knows what became of each.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::Point;
use super::batch::{self, Arrived};
use super::gauges;
use super::lease::{Lease, Leases};
use super::pace::Pace;
use super::queue::{self, Queue, Work};
use super::senders;
use super::trouble::{Trouble, chain};
use crate::app::App;
use crate::capture::{self, Batch, Content, Incoming, Receipt};
use crate::codes::Dictionary;
use crate::db::{self, DatabaseUrl};
use crate::epcis::{Fault, Timestamp};
use crate::ledger::{self, Expect, Head, Shard, ShardName};

/// Tries of a batch that fails otherwise than by the database being away, before the record is searched
/// that does it: two shards that add the same row at once can hinder each other once.
const TRIES: u32 = 3;

/// Records of a shard, one after another, that may be put aside. When more cannot be recorded, it is not they that are wrong.
const ASIDE_MAX: u32 = 10;

/// The rule of a dead letter that was put aside.
const NOT_RECORDABLE: &str = "not-recordable";

/// What the writer tells the thread that polls.
#[derive(Debug)]
pub(super) enum News {
    /// The shard is ours: records are due from `next_offset` on.
    Claimed {
        lease: Lease,
        next_offset: i64,
        epoch: i64,
        /// Kafka's time of the newest record of it in the ledger.
        newest: Option<Timestamp>,
    },
    /// A batch is in the ledger.
    Committed {
        lease: Lease,
        next_offset: i64,
        epoch: i64,
        /// Kafka's time of the last record of the batch.
        newest: Timestamp,
        receipt: Receipt,
    },
    /// Somebody else claimed the shard.
    Fenced { lease: Lease },
    /// The partition cannot go on.
    Held { lease: Lease, detail: String },
}

/// A shard that is ours.
#[derive(Debug)]
struct Claimed {
    lease: Lease,
    shard: Shard,
    next_offset: i64,
    epoch: i64,
}

/// How one try to write a batch ended.
enum Ended {
    Committed(Receipt, Head),
    Fenced,
    /// The database is away; when the batch was complete, it may have been committed all the same.
    Unknown(Option<(Receipt, Head)>, db::Error),
    /// It will not help to try for ever.
    Refused(capture::Error),
}

pub(super) struct Writer<'a> {
    app: &'a App,
    queue: &'a Queue,
    leases: &'a Leases,
    stop: &'a AtomicBool,
    watcher: &'a (dyn Fn(Point, u64) + Sync),
    tell: mpsc::Sender<News>,
    claims: BTreeMap<i32, Claimed>,
    /// Partitions whose next record could not be written: it is tried alone first.
    doubtful: BTreeSet<i32>,
    /// How many records were put aside since one of the partition was recorded.
    aside: BTreeMap<i32, u32>,
    pace: Pace,
    batches: u64,
    owner: String,
}

impl<'a> Writer<'a> {
    pub(super) fn new(
        app: &'a App,
        queue: &'a Queue,
        leases: &'a Leases,
        stop: &'a AtomicBool,
        watcher: &'a (dyn Fn(Point, u64) + Sync),
        tell: mpsc::Sender<News>,
    ) -> Self {
        Self {
            app,
            queue,
            leases,
            stop,
            watcher,
            tell,
            claims: BTreeMap::new(),
            doubtful: BTreeSet::new(),
            aside: BTreeMap::new(),
            pace: Pace::new(matches!(app.db.url(), DatabaseUrl::Sqlite(_))),
            batches: 0,
            owner: format!("ingest, process {}", std::process::id()),
        }
    }

    /// Works until the queue is closed.
    pub(super) fn run(&mut self) {
        while let Some(work) = self.queue.take() {
            match work {
                Work::Claim(lease, which) => self.claim(lease, which),
                Work::Records(records) => self.write_all(records),
            }
        }
    }

    // A listener that is gone needs no news: the process is about to end.
    fn tell(&self, news: News) {
        drop(self.tell.send(news));
    }

    fn goes_on(&self, lease: Lease) -> bool {
        !self.stop.load(Ordering::SeqCst) && self.leases.is_living(lease)
    }

    // ------------------------------------------------------------------ claims

    fn claim(&mut self, lease: Lease, which: queue::Shard) {
        self.claims.remove(&lease.partition);
        let mut trouble = Trouble::new(&self.app.ingesting);
        while self.goes_on(lease) {
            match self.try_claim(lease, which) {
                Ok((claimed, newest)) => {
                    trouble.is_over();
                    tracing::info!(
                        shard = %claimed.shard.name, next_offset = claimed.next_offset,
                        epoch = claimed.epoch, "claimed"
                    );
                    self.tell(News::Claimed {
                        lease,
                        next_offset: claimed.next_offset,
                        epoch: claimed.epoch,
                        newest,
                    });
                    self.claims.insert(lease.partition, claimed);
                    return;
                }
                Err(ledger::Error::Db(error)) if error.is_transient() => {
                    trouble.tell(&error);
                    trouble.wait(|| self.goes_on(lease));
                }
                Err(error) => {
                    return self.hold(
                        lease,
                        format!("the shard cannot be claimed: {}", chain(&error)),
                    );
                }
            }
        }
    }

    fn try_claim(
        &self,
        lease: Lease,
        which: queue::Shard,
    ) -> Result<(Claimed, Option<Timestamp>), ledger::Error> {
        let topic = &self.app.config.kafka.topic;
        self.app.db.write_in_turn(|conn| {
            let incarnation = ledger::shards(conn)?
                .into_iter()
                .map(|shard| shard.name)
                .filter(|name| name.topic == *topic && name.partition == lease.partition)
                .map(|name| name.incarnation)
                .max();
            let incarnation = match (incarnation, which) {
                (None, _) => 0,
                (Some(latest), queue::Shard::Latest) => latest,
                (Some(latest), queue::Shard::New) => latest + 1,
            };
            let name = ShardName {
                incarnation,
                ..ShardName::new(topic, lease.partition)
            };
            let shard = self.app.ledger.shard(conn, &name)?;
            let head = ledger::claim(conn, &self.app.ledger.seal, &shard, &self.owner)?;
            let newest = ledger::newest_record_time(conn, &head)?;
            let claimed = Claimed {
                lease,
                shard,
                next_offset: head.next_offset,
                epoch: head.writer_epoch,
            };
            Ok((claimed, newest))
        })
    }

    fn next_offset(&self, partition: i32) -> Option<i64> {
        let claimed = self.claims.get(&partition)?;
        Some(claimed.next_offset)
    }

    fn hold(&mut self, lease: Lease, detail: String) {
        self.claims.remove(&lease.partition);
        self.leases.end(lease.partition);
        self.tell(News::Held { lease, detail });
    }

    // ------------------------------------------------------------------ batches

    fn write_all(&mut self, records: Vec<(Lease, Arrived)>) {
        let mut by_partition: BTreeMap<i32, Vec<(Lease, Arrived)>> = BTreeMap::new();
        for (lease, arrived) in records {
            by_partition
                .entry(lease.partition)
                .or_default()
                .push((lease, arrived));
        }
        for (partition, records) in by_partition {
            let mut rest: Vec<Arrived> = Vec::with_capacity(records.len());
            let mut weight = 0;
            let count = records.len();
            for (lease, arrived) in records {
                weight += arrived.weight();
                // What came under an earlier lease comes again under this one.
                if self
                    .claims
                    .get(&partition)
                    .is_some_and(|claimed| claimed.lease == lease)
                {
                    rest.push(arrived);
                }
            }
            self.write_partition(partition, rest);
            self.queue.free(count, weight);
        }
    }

    fn write_partition(&mut self, partition: i32, mut arrived: Vec<Arrived>) {
        let mut batches = Vec::new();
        if self.doubtful.contains(&partition) && !arrived.is_empty() {
            let rest = arrived.split_off(1);
            batches.push(std::mem::replace(&mut arrived, rest));
        }
        batches.extend(batch::cut(arrived, self.pace.records()));
        for batch in batches {
            let Some(claimed) = self.claims.get(&partition) else {
                return;
            };
            let incoming = batch::incoming(claimed.next_offset, batch);
            self.write_batch(partition, &incoming);
        }
    }

    /// Writes a batch; a record that cannot be written is searched for and put aside, or else waited at.
    fn write_batch(&mut self, partition: i32, incoming: &[Incoming]) {
        if incoming.is_empty() {
            return;
        }
        let Err(error) = self.write_persistently(partition, incoming, None) else {
            return;
        };
        if let [before @ .., _] = incoming
            && !before.is_empty()
        {
            let (first, second) = incoming.split_at(incoming.len() / 2);
            self.write_batch(partition, first);
            return self.write_batch(partition, second);
        }
        if self.put_aside(partition, incoming, &error) {
            return;
        }
        let Some(claimed) = self.claims.get(&partition) else {
            return;
        };
        let detail = format!(
            "offset {} cannot be recorded: {}",
            claimed.next_offset,
            chain(&error)
        );
        let lease = claimed.lease;
        self.doubtful.insert(partition);
        self.hold(lease, detail);
    }

    /// Refuses a record that cannot be written, so that the partition goes on: its bytes are kept, and nothing is made
    /// of them. What does not lie in the record is not helped by that: then it is false.
    fn put_aside(&mut self, partition: i32, incoming: &[Incoming], error: &capture::Error) -> bool {
        let is_value = |record: &Incoming| matches!(record.content, Content::Value(_));
        let before = self.aside.get(&partition).copied().unwrap_or_default();
        if !error.may_lie_in_the_record() || !incoming.iter().all(is_value) || ASIDE_MAX <= before {
            return false;
        }
        let why = chain(error);
        let fault = Fault {
            pointer: String::new(),
            rule: NOT_RECORDABLE,
            detail: format!("the database does not take what this says: {why}"),
        };
        let due = self.next_offset(partition);
        if let Err(error) = self.write_persistently(partition, incoming, Some(&fault)) {
            tracing::warn!(
                partition,
                error = chain(&error),
                "not even its refusal can be recorded"
            );
            return false;
        }
        let now = self.next_offset(partition);
        // Else it is not ours any more, or we shall stop: whoever reads it again comes to the same.
        if let (Some(offset), Some(now)) = (due, now)
            && offset < now
        {
            self.aside.insert(partition, before + 1);
            gauges::put_aside();
            tracing::error!(
                partition,
                offset,
                error = why,
                "a record that cannot be recorded is a dead letter now"
            );
        }
        true
    }

    /// Tries until the batch is in the ledger, is not ours any more, or fails for another reason than the
    /// database being away.
    fn write_persistently(
        &mut self,
        partition: i32,
        incoming: &[Incoming],
        refusal: Option<&Fault>,
    ) -> Result<(), capture::Error> {
        let mut trouble = Trouble::new(&self.app.ingesting);
        let mut perhaps: Option<(Receipt, Head)> = None;
        let mut refusals = 0;
        loop {
            let Some(claimed) = self.claims.get(&partition) else {
                return Ok(());
            };
            let lease = claimed.lease;
            if !self.goes_on(lease) {
                return Ok(());
            }
            let began = Instant::now();
            match self.try_write(partition, incoming, refusal) {
                Ended::Committed(receipt, head) => {
                    trouble.is_over();
                    self.committed(partition, incoming, receipt, &head, began.elapsed());
                    return Ok(());
                }
                Ended::Unknown(complete, error) => {
                    perhaps = complete.or(perhaps);
                    trouble.tell(&error);
                    trouble.wait(|| self.goes_on(lease));
                }
                Ended::Fenced => {
                    return self.fenced(partition, incoming, perhaps, &mut trouble);
                }
                Ended::Refused(error) if refusals + 1 < TRIES => {
                    tracing::warn!(
                        partition,
                        error = chain(&error),
                        "a batch failed; trying again"
                    );
                    refusals += 1;
                    trouble.wait(|| self.goes_on(lease));
                }
                Ended::Refused(error) => return Err(error),
            }
        }
    }

    /// The head is not what it was: our own batch, whose commit we heard nothing of, or somebody else's.
    fn fenced(
        &mut self,
        partition: i32,
        incoming: &[Incoming],
        perhaps: Option<(Receipt, Head)>,
        trouble: &mut Trouble<'_>,
    ) -> Result<(), capture::Error> {
        let Some(claimed) = self.claims.get(&partition) else {
            return Ok(());
        };
        let lease = claimed.lease;
        let began = Instant::now();
        if let Some((receipt, ours)) = perhaps {
            while self.goes_on(lease) {
                match self.app.db.read(|conn| ledger::head(conn, ours.shard)) {
                    Ok(head) if head == ours => {
                        trouble.is_over();
                        tracing::info!(partition, "the commit whose answer was lost has happened");
                        self.committed(partition, incoming, receipt, &ours, began.elapsed());
                        return Ok(());
                    }
                    Ok(_) => break,
                    Err(ledger::Error::Db(error)) if error.is_transient() => {
                        trouble.tell(&error);
                        trouble.wait(|| self.goes_on(lease));
                    }
                    Err(error) => return Err(error.into()),
                }
            }
        }
        tracing::warn!(
            partition,
            "another process writes this shard now: letting it go"
        );
        self.claims.remove(&partition);
        self.leases.end(partition);
        self.tell(News::Fenced { lease });
        Ok(())
    }

    fn committed(
        &mut self,
        partition: i32,
        incoming: &[Incoming],
        receipt: Receipt,
        head: &Head,
        took: Duration,
    ) {
        (self.watcher)(Point::Committed, self.batches);
        tracing::debug!(
            batch = self.batches,
            partition,
            next_offset = head.next_offset,
            "batch committed"
        );
        let Some(claimed) = self.claims.get_mut(&partition) else {
            return;
        };
        claimed.next_offset = head.next_offset;
        self.doubtful.remove(&partition);
        self.aside.remove(&partition);
        let Some(last) = incoming.last() else {
            return;
        };
        gauges::batch(incoming, took);
        let news = News::Committed {
            lease: claimed.lease,
            next_offset: head.next_offset,
            epoch: claimed.epoch,
            newest: last.record_time,
            receipt,
        };
        self.tell(news);
    }

    /// Tries once; where there is a reason, to refuse the records for it.
    fn try_write(
        &mut self,
        partition: i32,
        incoming: &[Incoming],
        refusal: Option<&Fault>,
    ) -> Ended {
        let Some(claimed) = self.claims.get(&partition) else {
            return Ended::Fenced;
        };
        let app = self.app;
        self.batches += 1;
        let number = self.batches;
        (self.watcher)(Point::Taken, number);
        let whose = match senders::whose(app, incoming) {
            Ok(whose) => whose,
            Err(error) if error.is_transient() => return Ended::Unknown(None, error),
            Err(error) => return Ended::Refused(error.into()),
        };
        let records = match refusal {
            None => capture::read_all(incoming.to_vec()),
            Some(fault) => {
                let records = incoming.iter().cloned();
                records
                    .map(|record| capture::refused(record, fault))
                    .collect()
            }
        };
        let batch = Batch {
            shard: &claimed.shard,
            expect: Expect::Exactly {
                next_offset: claimed.next_offset,
                writer_epoch: claimed.epoch,
            },
            parts: senders::parts(&app.config.kafka, &whose, records),
        };
        let dictionary = Dictionary {
            master: &app.master,
            seal: &app.ledger.seal,
        };
        let began = Instant::now();
        let mut complete = None;
        let written: Result<(), capture::Error> = app.db.write_in_turn(|conn| {
            tracing::debug!(
                batch = number,
                partition,
                records = incoming.len(),
                "batch open"
            );
            (self.watcher)(Point::Open, number);
            let done = capture::record(conn, &app.ledger, dictionary, batch)?;
            (self.watcher)(Point::Inserted, number);
            let head = done.head.clone();
            complete = Some((done.whole(), head));
            Ok(())
        });
        match written {
            Ok(()) => {
                self.pace.saw(incoming.len(), began.elapsed());
                match complete {
                    Some((receipt, head)) => Ended::Committed(receipt, head),
                    None => Ended::Fenced,
                }
            }
            Err(capture::Error::Db(error) | capture::Error::Ledger(ledger::Error::Db(error)))
                if error.is_transient() =>
            {
                Ended::Unknown(complete, error)
            }
            Err(capture::Error::Ledger(ledger::Error::Fenced { .. })) => Ended::Fenced,
            Err(error) => Ended::Refused(error),
        }
    }
}
