//! Our side of the consumer group: what is assigned to us, told to the poll loop; what is revoked, given up
//! at once.
//!
//! An assignment is acknowledged empty: a partition is added to what is fetched when its shard is claimed,
//! which may take as long as the database is away, and the group does not wait for that.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use parking_lot::Mutex;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::types::RDKafkaRespErr;
use rdkafka::{ClientContext, Offset, Statistics, TopicPartitionList};

use super::client::{Failing, LastFailure};
use super::lease::Leases;

/// What the group decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Rebalanced {
    /// These partitions are ours from now on.
    Assigned(Vec<i32>),
    /// These are not any more.
    Revoked(Vec<i32>),
}

/// The consumer's context.
#[derive(Debug)]
pub(super) struct Group {
    leases: Arc<Leases>,
    inbox: Mutex<Vec<Rebalanced>>,
    fetched: Mutex<BTreeSet<i32>>,
    ends: Mutex<Option<BTreeMap<i32, i64>>>,
    failure: LastFailure,
}

impl Failing for Group {
    fn last_failure(&self) -> &LastFailure {
        &self.failure
    }
}

impl Group {
    pub(super) fn new(leases: Arc<Leases>) -> Self {
        Self {
            leases,
            inbox: Mutex::default(),
            fetched: Mutex::default(),
            ends: Mutex::default(),
            failure: LastFailure::default(),
        }
    }

    /// What the group decided since the last time.
    pub(super) fn decisions(&self) -> Vec<Rebalanced> {
        std::mem::take(&mut *self.inbox.lock())
    }

    /// Where the partitions that are fetched end; `None` until the statistics have come again.
    pub(super) fn ends(&self) -> Option<BTreeMap<i32, i64>> {
        self.ends.lock().take()
    }

    /// The partitions that are fetched now.
    pub(super) fn fetched(&self) -> BTreeSet<i32> {
        self.fetched.lock().clone()
    }
}

/// Starts to fetch a partition from `offset` on.
pub(super) fn fetch(
    consumer: &BaseConsumer<Group>,
    topic: &str,
    partition: i32,
    offset: i64,
) -> KafkaResult<()> {
    let mut list = TopicPartitionList::with_capacity(1);
    list.add_partition_offset(topic, partition, Offset::Offset(offset))?;
    consumer.incremental_assign(&list)?;
    consumer.context().fetched.lock().insert(partition);
    // A pause of an earlier assignment would go on silently.
    consumer.resume(&list)
}

/// Stops to fetch these partitions; those that are not fetched are left out.
pub(super) fn let_go(
    consumer: &BaseConsumer<Group>,
    topic: &str,
    partitions: &[i32],
) -> KafkaResult<()> {
    let mut list = TopicPartitionList::with_capacity(partitions.len());
    {
        let mut fetched = consumer.context().fetched.lock();
        for partition in partitions {
            if fetched.remove(partition) {
                list.add_partition(topic, *partition);
            }
        }
    }
    consumer.incremental_unassign(&list)
}

impl ClientContext for Group {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        // Failures also come as errors to whoever polls, who says what they mean for us.
        self.failure.note(facility, message);
        tracing::debug!(target: "librdkafka", ?level, facility, "{message}");
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(target: "librdkafka", %error, "{reason}");
    }

    fn stats(&self, statistics: Statistics) {
        // We are subscribed to one topic.
        let partitions = statistics
            .topics
            .into_values()
            .flat_map(|topic| topic.partitions);
        let ends = partitions
            .filter(|(partition, seen)| 0 <= *partition && 0 <= seen.hi_offset)
            .map(|(partition, seen)| (partition, seen.hi_offset))
            .collect();
        *self.ends.lock() = Some(ends);
    }
}

impl ConsumerContext for Group {
    fn rebalance(
        &self,
        consumer: &BaseConsumer<Self>,
        decision: RDKafkaRespErr,
        list: &mut TopicPartitionList,
    ) {
        let partitions: Vec<i32> = list
            .elements()
            .iter()
            .map(rdkafka::topic_partition_list::TopicPartitionListElem::partition)
            .collect();
        let done = if decision == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            self.inbox.lock().push(Rebalanced::Assigned(partitions));
            consumer.incremental_assign(&TopicPartitionList::new())
        } else {
            for partition in &partitions {
                self.leases.end(*partition);
            }
            let topic = list
                .elements()
                .first()
                .map(|element| element.topic().to_owned())
                .unwrap_or_default();
            self.inbox
                .lock()
                .push(Rebalanced::Revoked(partitions.clone()));
            let_go(consumer, &topic, &partitions)
        };
        if let Err(error) = done {
            tracing::warn!(%error, ?decision, "the group's decision could not be followed");
        }
    }

    fn commit_callback(&self, result: KafkaResult<()>, _: &TopicPartitionList) {
        if let Err(error) = result {
            // Kafka's offsets are for dashboards; ours are in the database.
            tracing::debug!(%error, "the advisory commit to Kafka failed");
        }
    }
}
