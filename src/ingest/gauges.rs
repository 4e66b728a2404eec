//! What is measured. Labels are topics, partitions and outcomes: never an identifier.

use std::time::Duration;

use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};

use crate::capture::{Content, Incoming, Receipt};
use crate::epcis::Timestamp;
use crate::recall::Waiting;

const EVENTS: &str = "suyuan_ingest_events_total";
const GAPS: &str = "suyuan_ingest_gaps_total";
const PUT_ASIDE: &str = "suyuan_ingest_not_recordable_total";
const LAG: &str = "suyuan_ingest_lag_records";
const HELD: &str = "suyuan_ingest_held_partitions";
const NEWEST: &str = "suyuan_ingest_newest_record_timestamp_seconds";
const NOTICES: &str = "suyuan_outbox_pending";
const NOTICES_AGE: &str = "suyuan_outbox_oldest_seconds";
const NOTICES_SENT: &str = "suyuan_outbox_published_total";
const NOTICES_FAILED: &str = "suyuan_outbox_failures_total";
// `web` gives the histograms their buckets by the ends of these names.
const BATCH_RECORDS: &str = "suyuan_ingest_batch_records";
const BATCH_BYTES: &str = "suyuan_ingest_batch_bytes";
const BATCH_SECONDS: &str = "suyuan_ingest_batch_seconds";

/// What can become of an event, in the order of [`committed`].
const OUTCOMES: [&str; 4] = ["recorded", "duplicate", "conflict", "refused"];

/// Names what is measured.
pub(super) fn describe() {
    describe_counter!(EVENTS, "Events from Kafka by what became of them");
    describe_counter!(GAPS, "Ranges of Kafka offsets that never came");
    describe_counter!(
        PUT_ASIDE,
        "Records that the database did not take, refused one by one"
    );
    describe_gauge!(LAG, "Kafka records that are not in the ledger yet");
    describe_gauge!(HELD, "Partitions that cannot go on");
    describe_gauge!(
        NEWEST,
        "Kafka's time of the newest record in the ledger, in seconds since 1970"
    );
    describe_histogram!(BATCH_RECORDS, "Records of a committed batch, gaps included");
    describe_histogram!(BATCH_BYTES, "Bytes of the values of a committed batch");
    describe_histogram!(
        BATCH_SECONDS,
        "Time from the reading of a batch to its commit, in seconds"
    );
    gauge!(HELD).set(0.0);
    for outcome in OUTCOMES {
        counter!(EVENTS, "outcome" => outcome).increment(0);
    }
    counter!(GAPS).increment(0);
    counter!(PUT_ASIDE).increment(0);
}

/// A record could not be recorded, and was refused instead.
pub(super) fn put_aside() {
    counter!(PUT_ASIDE).increment(1);
}

/// Measures a batch that is in the ledger, and the time from its reading to its commit.
pub(super) fn batch(incoming: &[Incoming], took: Duration) {
    let bytes = incoming
        .iter()
        .map(|record| match &record.content {
            Content::Value(value) => value.len(),
            Content::Tombstone | Content::Gap { .. } => 0,
        })
        .sum();
    histogram!(BATCH_RECORDS).record(amount(incoming.len()));
    histogram!(BATCH_BYTES).record(amount(bytes));
    histogram!(BATCH_SECONDS).record(took);
}

/// Names what is measured of the outbox: each time it is, because it can be measured before the process has
/// made itself ready to be asked.
fn describe_notices() {
    describe_gauge!(
        NOTICES,
        "Notices in the outbox that Kafka does not have yet"
    );
    describe_gauge!(
        NOTICES_AGE,
        "Age of the oldest notice that Kafka does not have yet, in seconds; 0 when there is none"
    );
    describe_counter!(
        NOTICES_SENT,
        "Notices that Kafka has confirmed to this process"
    );
    describe_counter!(
        NOTICES_FAILED,
        "Tries to send a batch of notices that failed"
    );
    counter!(NOTICES_SENT).increment(0);
    counter!(NOTICES_FAILED).increment(0);
}

/// So many notices wait now, and since then.
pub(super) fn notices_waiting(waiting: Waiting, now: Timestamp) {
    describe_notices();
    let since = waiting.oldest.map_or(0, |oldest| {
        u64::try_from(now.micros() - oldest.micros()).unwrap_or(0)
    });
    gauge!(NOTICES).set(u32::try_from(waiting.count).unwrap_or(u32::MAX));
    gauge!(NOTICES_AGE).set(Duration::from_micros(since).as_secs_f64());
}

/// Kafka has so many notices more.
pub(super) fn notices_sent(notices: usize) {
    counter!(NOTICES_SENT).increment(notices as u64);
}

/// A batch of notices was not sent.
pub(super) fn notices_failed() {
    counter!(NOTICES_FAILED).increment(1);
}

fn amount(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The newest record of a partition in the ledger has this time of Kafka's.
pub(super) fn newest(topic: &str, partition: i32, time: Timestamp) {
    // A time before 1970 is nobody's append time.
    let since = Duration::from_micros(u64::try_from(time.micros()).unwrap_or(0));
    gauge!(NEWEST, "topic" => topic.to_owned(), "partition" => partition.to_string())
        .set(since.as_secs_f64());
}

/// Counts what became of a batch.
pub(super) fn committed(receipt: &Receipt) {
    let counts = [
        receipt.recorded,
        receipt.duplicates,
        receipt.conflicts,
        receipt.refused,
    ];
    for (outcome, count) in OUTCOMES.into_iter().zip(counts) {
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
    gauge!(HELD).set(amount(partitions));
}
