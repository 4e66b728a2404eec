//! What is measured. Labels are topics, partitions and outcomes: never an identifier.

use metrics::{counter, describe_counter, describe_gauge, gauge};

use crate::capture::Receipt;

const EVENTS: &str = "suyuan_ingest_events_total";
const GAPS: &str = "suyuan_ingest_gaps_total";
const LAG: &str = "suyuan_ingest_lag_records";
const HELD: &str = "suyuan_ingest_held_partitions";

/// Names what is measured.
pub(super) fn describe() {
    describe_counter!(EVENTS, "Events from Kafka by what became of them");
    describe_counter!(GAPS, "Ranges of Kafka offsets that never came");
    describe_gauge!(LAG, "Kafka records that are not in the ledger yet");
    describe_gauge!(HELD, "Partitions that cannot go on");
    gauge!(HELD).set(0.0);
}

/// Counts what became of a batch.
pub(super) fn committed(receipt: &Receipt) {
    for (outcome, count) in [
        ("recorded", receipt.recorded),
        ("duplicate", receipt.duplicates),
        ("conflict", receipt.conflicts),
        ("refused", receipt.refused),
    ] {
        counter!(EVENTS, "outcome" => outcome).increment(count as u64);
    }
    counter!(GAPS).increment(receipt.gaps as u64);
}

/// A partition ends at `end` in Kafka and is in the ledger up to `next_offset`.
pub(super) fn lag(topic: &str, partition: i32, end: i64, next_offset: i64) {
    let lag = u32::try_from((end - next_offset).max(0)).unwrap_or(u32::MAX);
    gauge!(LAG, "topic" => topic.to_owned(), "partition" => partition.to_string()).set(lag);
}

/// So many partitions are held.
pub(super) fn held(partitions: usize) {
    gauge!(HELD).set(u32::try_from(partitions).unwrap_or(u32::MAX));
}
