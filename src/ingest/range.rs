//! Whether the broker still has the records that are due, and what the operator says when it has not.

use std::collections::BTreeSet;

use super::Error;

/// An operator's word on a partition that cannot go on by itself. Without it, nothing is skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    /// Records before this offset are lost; the ledger shall say so with a gap and go on.
    Lost {
        /// The partition.
        partition: i32,
        /// The first offset that is there.
        before: i64,
    },
    /// The topic was made anew: its records go into a new shard.
    Anew {
        /// The partition.
        partition: i32,
    },
}

impl Settlement {
    /// Refuses one for a partition that the topic has not.
    pub(super) fn check(self, topic: &str, partitions: &BTreeSet<i32>) -> Result<(), Error> {
        let (option, partition) = match self {
            Self::Lost { partition, .. } => ("--accept-loss", partition),
            Self::Anew { partition } => ("--begin-anew", partition),
        };
        if partitions.contains(&partition) {
            return Ok(());
        }
        Err(Error::NoPartition {
            option,
            topic: topic.to_owned(),
            partition,
            count: partitions.len(),
        })
    }
}

/// What the broker has of a partition, seen from the offset that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Range {
    /// What is due is there or still to come.
    Whole,
    /// The records before this offset are gone.
    Lost { due: i64, low: i64 },
    /// The partition ends before what is due.
    Short { due: i64, high: i64 },
}

impl Range {
    /// A partition with the offsets `low..high`, of which `due` is the next.
    pub(super) const fn of(due: i64, (low, high): (i64, i64)) -> Self {
        if due < low {
            Self::Lost { due, low }
        } else if high < due {
            Self::Short { due, high }
        } else {
            Self::Whole
        }
    }

    /// Whether the operator settled it.
    pub(super) fn is_settled(self, partition: i32, settlements: &[Settlement]) -> bool {
        settlements
            .iter()
            .any(|settlement| match (*settlement, self) {
                (
                    Settlement::Lost {
                        partition: said,
                        before,
                    },
                    Self::Lost { low, .. },
                ) => said == partition && low <= before,
                (Settlement::Anew { partition: said }, Self::Short { .. }) => said == partition,
                (Settlement::Lost { .. } | Settlement::Anew { .. }, _) => false,
            })
    }
}

impl std::fmt::Display for Range {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Whole => f.write_str("every offset is there"),
            Self::Lost { due, low } => write!(
                f,
                "offsets {due}..={} were removed from the topic before they were recorded (retention)",
                low - 1
            ),
            Self::Short { due, high } => write!(
                f,
                "the partition ends at offset {high}, before the ledger's next offset {due}: the topic was made anew or cut back"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Range, Settlement};

    #[test]
    fn what_is_due_is_there_lost_or_beyond_the_end() {
        for (due, offsets, expected) in [
            (0, (0, 0), Range::Whole),
            (5, (5, 9), Range::Whole),
            (9, (5, 9), Range::Whole),
            (4, (5, 9), Range::Lost { due: 4, low: 5 }),
            (10, (5, 9), Range::Short { due: 10, high: 9 }),
        ] {
            assert_eq!(Range::of(due, offsets), expected);
        }
        let text = Range::of(4, (7, 9)).to_string();
        assert!(text.contains("4..=6"), "{text}");
    }

    #[test]
    fn a_settlement_is_for_one_partition_one_fault_and_no_more_than_was_said() {
        let lost = Range::of(4, (7, 9));
        let short = Range::of(10, (0, 9));
        let loss = |partition, before| [Settlement::Lost { partition, before }];
        let anew = |partition| [Settlement::Anew { partition }];

        assert!(lost.is_settled(1, &loss(1, 7)));
        assert!(
            !lost.is_settled(1, &loss(1, 6)),
            "more is lost than was said"
        );
        assert!(!lost.is_settled(1, &loss(2, 7)));
        assert!(!lost.is_settled(1, &anew(1)));
        assert!(short.is_settled(1, &anew(1)));
        assert!(!short.is_settled(1, &anew(2)));
        assert!(!short.is_settled(1, &loss(1, 100)));
        assert!(!Range::Whole.is_settled(1, &anew(1)));
    }
}
