//! What an ingesting process tells when it ends.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::capture::Receipt;

/// What became of the events so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// Events that count now.
    pub recorded: u64,
    /// Events that were known already, word for word.
    pub duplicates: u64,
    /// Events whose id is known with other content.
    pub conflicts: u64,
    /// Events and records that break a rule.
    pub refused: u64,
    /// Ranges of offsets that never came.
    pub gaps: u64,
}

impl Counts {
    pub(super) fn add(&mut self, receipt: &Receipt) {
        self.recorded += receipt.recorded as u64;
        self.duplicates += receipt.duplicates as u64;
        self.conflicts += receipt.conflicts as u64;
        self.refused += receipt.refused as u64;
        self.gaps += receipt.gaps as u64;
    }
}

/// How far a partition is in the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PartitionPosition {
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// The offset that is due next.
    pub next_offset: i64,
    /// The epoch of our claim.
    pub epoch: i64,
}

/// A partition that cannot go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeldPartition {
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// The offset that is due next and cannot be recorded.
    pub next_offset: Option<i64>,
    /// Why.
    pub detail: String,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Report {
    /// Sums over all partitions.
    #[serde(flatten)]
    pub counts: Counts,
    /// The partitions that were ours, in order.
    pub positions: Vec<PartitionPosition>,
    /// Partitions that cannot go on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<HeldPartition>,
    /// Whether it ended because nothing more came.
    #[serde(skip)]
    pub idle: bool,
}

/// The report in the making.
#[derive(Debug, Default)]
pub(super) struct Ledgered {
    pub(super) counts: Counts,
    /// Partition → (next offset, epoch).
    pub(super) positions: BTreeMap<i32, (i64, i64)>,
}

impl Ledgered {
    pub(super) fn report(&self, topic: &str, held: &BTreeMap<i32, String>, idle: bool) -> Report {
        Report {
            counts: self.counts,
            positions: self
                .positions
                .iter()
                .map(|(partition, (next_offset, epoch))| PartitionPosition {
                    topic: topic.to_owned(),
                    partition: *partition,
                    next_offset: *next_offset,
                    epoch: *epoch,
                })
                .collect(),
            held: held
                .iter()
                .map(|(partition, detail)| HeldPartition {
                    topic: topic.to_owned(),
                    partition: *partition,
                    next_offset: self.positions.get(partition).map(|(next, _)| *next),
                    detail: detail.clone(),
                })
                .collect(),
            idle,
        }
    }
}
