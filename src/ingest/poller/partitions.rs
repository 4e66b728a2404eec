//! The partitions that are ours: claimed, fetched, held, let go.

use std::time::{Duration, Instant};

use rdkafka::consumer::Consumer;

use super::Poller;
use crate::ingest::gauges;
use crate::ingest::group::{self, Rebalanced};
use crate::ingest::lease::Lease;
use crate::ingest::queue::Shard;
use crate::ingest::range::Range;
use crate::ingest::trouble::chain;

/// How long Kafka may take to say which offsets a partition has.
pub(super) const RANGE_MAX: Duration = Duration::from_secs(2);
/// First and longest wait before a partition that does not go on is tried again: what held it may be mended, and
/// whoever claimed it may be gone.
const AGAIN: (Duration, Duration) = (Duration::from_secs(5), Duration::from_mins(10));

/// A partition that the group assigned to us.
#[derive(Debug)]
pub(super) enum Assigned {
    /// Its shard is being claimed.
    Claiming(Lease),
    /// It is fetched.
    Fetching(Lease),
    /// Somebody else claimed the shard. Mostly the group has given it to him and will tell. But a member that stood
    /// still while it claimed may have come last, and not be a member any more: then nobody writes the shard,
    /// and it is claimed again then.
    Fenced { again: Instant },
    /// It cannot go on; it is tried again then.
    Held { again: Instant },
}

/// Why a partition was held last, and how long until it is tried again. Forgotten when it goes on.
#[derive(Debug)]
pub(super) struct Hold {
    pub(super) detail: String,
    wait: Duration,
}

impl Poller<'_> {
    pub(super) fn follow(&mut self, decision: Rebalanced) {
        self.quiet_since = Instant::now();
        match decision {
            Rebalanced::Assigned(partitions) => {
                tracing::info!(topic = self.topic, ?partitions, "assigned");
                self.joined = true;
                if self.trouble.is_none() {
                    self.ingesting.kafka_is_reached();
                }
                for partition in partitions {
                    self.fences.remove(&partition);
                    self.claim(partition, Shard::Latest);
                }
                self.tell_partitions();
            }
            Rebalanced::Revoked(partitions) => {
                tracing::info!(topic = self.topic, ?partitions, "revoked");
                for partition in partitions {
                    self.partitions.remove(&partition);
                    self.holds.remove(&partition);
                    self.at_end.remove(&partition);
                    // Whoever gets it tells of it from now on.
                    gauges::lag(self.topic, partition, 0, 0);
                }
                self.tell_partitions();
            }
        }
    }

    fn claim(&mut self, partition: i32, shard: Shard) {
        let lease = self.leases.begin(partition);
        self.at_end.remove(&partition);
        self.partitions.insert(partition, Assigned::Claiming(lease));
        self.queue.claim(lease, shard);
    }

    /// Claims again what does not go on and is due. What somebody else claimed is left alone while Kafka is away:
    /// he may have it by now.
    pub(super) fn try_again(&mut self) {
        let now = Instant::now();
        let has_kafka = self.trouble.is_none();
        let due: Vec<i32> = self
            .partitions
            .iter()
            .filter(|(_, state)| match state {
                Assigned::Held { again } => *again <= now,
                Assigned::Fenced { again } => has_kafka && *again <= now,
                Assigned::Claiming(_) | Assigned::Fetching(_) => false,
            })
            .map(|(partition, _)| *partition)
            .collect();
        for partition in due {
            self.claim(partition, Shard::Latest);
        }
    }

    /// The shard is claimed: fetches from what is due, if the broker still has it.
    pub(super) fn begin(&mut self, lease: Lease, next_offset: i64) {
        let partition = lease.partition;
        let range = self.range(partition, next_offset);
        let is_settled = range.is_settled(partition, self.options.settlements);
        let from = match range {
            Range::Whole => next_offset,
            Range::Lost { low, .. } if is_settled => {
                tracing::warn!(topic = self.topic, partition, "goes on with a gap: {range}");
                low
            }
            Range::Short { .. } if is_settled => {
                tracing::warn!(topic = self.topic, partition, "begins a new shard: {range}");
                return self.claim(partition, Shard::New);
            }
            Range::Lost { .. } | Range::Short { .. } => {
                return self.hold(partition, range.to_string());
            }
        };
        match group::fetch(&self.consumer, self.topic, partition, from) {
            Ok(()) => {
                self.partitions.insert(partition, Assigned::Fetching(lease));
                if self.paused {
                    self.pause(true);
                }
            }
            Err(error) => self.hold(
                partition,
                format!("the partition cannot be fetched: {}", chain(&error)),
            ),
        }
    }

    /// What the broker has. One that does not answer now says so again when it is fetched from.
    fn range(&self, partition: i32, next_offset: i64) -> Range {
        self.consumer
            .fetch_watermarks(self.topic, partition, RANGE_MAX)
            .map_or(Range::Whole, |offsets| Range::of(next_offset, offsets))
    }

    pub(super) fn fenced(&mut self, partition: i32) {
        self.let_go(partition);
        let (first, longest) = AGAIN;
        let before = self.fences.get(&partition);
        let wait = before.map_or(first, |wait| (*wait * 2).min(longest));
        self.fences.insert(partition, wait);
        let again = Instant::now() + wait;
        self.partitions
            .insert(partition, Assigned::Fenced { again });
        self.tell_partitions();
    }

    pub(super) fn hold(&mut self, partition: i32, detail: String) {
        self.leases.end(partition);
        self.let_go(partition);
        let (first, longest) = AGAIN;
        let before = self.holds.remove(&partition);
        if before.as_ref().is_none_or(|hold| hold.detail != detail) {
            tracing::error!(topic = self.topic, partition, "held: {detail}");
        }
        let wait = before.map_or(first, |hold| (hold.wait * 2).min(longest));
        let again = Instant::now() + wait;
        self.partitions.insert(partition, Assigned::Held { again });
        self.holds.insert(partition, Hold { detail, wait });
        self.tell_partitions();
    }

    /// Tells which partitions go on, and which are held: one that is tried again is held until something
    /// of it was recorded.
    pub(super) fn tell_partitions(&self) {
        let (held, going) = self
            .partitions
            .iter()
            .filter(|(_, state)| !matches!(state, Assigned::Fenced { .. }))
            .map(|(partition, _)| *partition)
            .partition(|partition| self.holds.contains_key(partition));
        self.ingesting.partitions(going, held);
        gauges::held(self.holds.len());
    }

    pub(super) fn let_go(&mut self, partition: i32) {
        self.at_end.remove(&partition);
        if let Err(error) = group::let_go(&self.consumer, self.topic, &[partition]) {
            tracing::warn!(partition, %error, "the partition could not be let go");
        }
    }

    /// An offset that we asked for is not there. Which partition's, the error does not say: each one is
    /// claimed anew, and held when its offsets are gone.
    pub(super) fn find_lost_offsets(&mut self) {
        for partition in self.consumer.context().fetched() {
            self.let_go(partition);
            self.claim(partition, Shard::Latest);
        }
    }
}
