//! Batches: from records as the broker gave them to records as the ledger takes them.

use crate::capture::{Content, Incoming, Signature, Unproven};
use crate::epcis::Timestamp;

/// Records of a batch at most: 2,000 small events make a transaction of about 100 ms.
pub(super) const RECORDS_MAX: usize = 2_000;
/// Bytes of a batch at most, unless a single record is larger.
pub(super) const BYTES_MAX: usize = 4 * 1024 * 1024;
/// What a record weighs beside its value.
const OVERHEAD: usize = 64;

/// A record as the broker gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Arrived {
    pub(super) offset: i64,
    pub(super) record_time: Timestamp,
    /// None: a tombstone.
    pub(super) value: Option<Vec<u8>>,
    /// See [`Incoming::signature`].
    pub(super) signature: Option<Result<Signature, Unproven>>,
}

impl Arrived {
    /// What it weighs in a queue.
    pub(super) fn weight(&self) -> usize {
        let signature = match &self.signature {
            Some(Ok(signature)) => signature.weight(),
            Some(Err(_)) | None => 0,
        };
        OVERHEAD + signature + self.value.as_ref().map_or(0, Vec::len)
    }
}

/// Cuts records into batches of at most `records_max` records.
pub(super) fn cut(arrived: Vec<Arrived>, records_max: usize) -> Vec<Vec<Arrived>> {
    let mut batches: Vec<Vec<Arrived>> = Vec::new();
    let mut bytes = 0;
    for record in arrived {
        let weight = record.weight();
        match batches.last_mut() {
            Some(batch) if batch.len() < records_max && bytes + weight <= BYTES_MAX => {
                bytes += weight;
                batch.push(record);
            }
            _ => {
                bytes = weight;
                batches.push(vec![record]);
            }
        }
    }
    batches
}

/// The records from `next` on as the ledger takes them: where offsets are missing, a gap stands before the
/// record after it. Records before `next` are in the ledger already.
pub(super) fn incoming(next: i64, arrived: Vec<Arrived>) -> Vec<Incoming> {
    let mut due = next;
    let mut incoming = Vec::with_capacity(arrived.len());
    for record in arrived {
        if record.offset < due {
            continue;
        }
        if due < record.offset {
            incoming.push(Incoming {
                offset: Some(record.offset - 1),
                record_time: record.record_time,
                content: Content::Gap { first: due },
                signature: None,
            });
        }
        due = record.offset + 1;
        incoming.push(Incoming {
            offset: Some(record.offset),
            record_time: record.record_time,
            content: record.value.map_or(Content::Tombstone, Content::Value),
            signature: record.signature,
        });
    }
    incoming
}

#[cfg(test)]
mod tests {
    use super::{Arrived, BYTES_MAX, cut, incoming};
    use crate::capture::Content;
    use crate::epcis::Timestamp;

    fn record(offset: i64, value: Option<&[u8]>) -> Arrived {
        Arrived {
            offset,
            record_time: Timestamp::from_micros(offset * 10),
            value: value.map(<[u8]>::to_vec),
            signature: None,
        }
    }

    fn shown(next: i64, offsets: &[i64]) -> Vec<String> {
        let arrived = offsets
            .iter()
            .map(|offset| record(*offset, Some(b"v")))
            .collect();
        incoming(next, arrived)
            .into_iter()
            .map(|incoming| {
                let offset = incoming.offset.unwrap();
                match incoming.content {
                    Content::Value(_) => format!("{offset}"),
                    Content::Tombstone => format!("{offset} empty"),
                    Content::Gap { first } => format!("{first}..={offset} missing"),
                }
            })
            .collect()
    }

    #[test]
    fn records_follow_each_other_and_jumps_become_gaps() {
        assert_eq!(shown(0, &[0, 1, 2]), ["0", "1", "2"]);
        assert_eq!(
            shown(5, &[7, 8, 12]),
            ["5..=6 missing", "7", "8", "9..=11 missing", "12"]
        );
    }

    #[test]
    fn what_the_ledger_has_already_is_left_out() {
        assert_eq!(shown(3, &[1, 2, 3, 3, 4]), ["3", "4"]);
        assert!(shown(3, &[0, 1]).is_empty());
    }

    #[test]
    fn a_record_without_a_value_is_a_tombstone_and_a_gap_has_the_time_of_the_record_after_it() {
        let incoming = incoming(0, vec![record(4, None)]);

        assert!(matches!(incoming[0].content, Content::Gap { first: 0 }));
        assert_eq!(incoming[0].record_time, incoming[1].record_time);
        assert!(matches!(incoming[1].content, Content::Tombstone));
    }

    #[test]
    fn batches_are_limited_in_records_and_bytes_and_a_huge_record_stands_alone() {
        let small: Vec<Arrived> = (0..5).map(|offset| record(offset, Some(b"v"))).collect();
        let sizes: Vec<usize> = cut(small, 2).iter().map(Vec::len).collect();
        assert_eq!(sizes, [2, 2, 1]);

        let half = vec![0; BYTES_MAX / 2];
        let huge = vec![0; 2 * BYTES_MAX];
        let large = vec![
            record(0, Some(&half)),
            record(1, Some(&half)),
            record(2, Some(&huge)),
            record(3, Some(b"v")),
        ];
        let sizes: Vec<usize> = cut(large, 10).iter().map(Vec::len).collect();
        assert_eq!(sizes, [1, 1, 1, 1]);
        assert!(cut(Vec::new(), 10).is_empty());
    }
}
