//! What is measured, and under which names. Labels are routes, outcomes and verdicts: never an
//! identifier, so that their number stays small.

use std::time::Duration;

use actix_web::http::Method;
use metrics::{counter, describe_counter, describe_histogram, histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

use crate::capture::Receipt;

const REQUESTS: &str = "suyuan_http_requests_total";
const SECONDS: &str = "suyuan_http_request_duration_seconds";
const EVENTS: &str = "suyuan_events_total";
const SCANS: &str = "suyuan_scans_total";

/// Upper bounds of the latency buckets in seconds; the target of a scan, 10 ms, is one of them.
const BUCKETS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0,
];

/// Upper bounds of the buckets of batches, by the ends of their metrics' names: records (at most 2,000),
/// bytes (4 MiB, unless one record is larger) and seconds (transactions of 100 ms are meant).
const BATCHES: [(&str, &[f64]); 3] = [
    (
        "_batch_records",
        &[1.0, 10.0, 50.0, 100.0, 250.0, 500.0, 1000.0, 2000.0],
    ),
    (
        "_batch_bytes",
        &[
            1024.0,
            8192.0,
            65_536.0,
            262_144.0,
            1_048_576.0,
            2_097_152.0,
            4_194_304.0,
            16_777_216.0,
        ],
    ),
    (
        "_batch_seconds",
        &[0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 10.0],
    ),
];

/// Begins measuring, once a process.
pub(super) fn install() -> Result<PrometheusHandle, BuildError> {
    let mut builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full(SECONDS.to_owned()), &BUCKETS)?;
    for (ending, buckets) in BATCHES {
        builder = builder.set_buckets_for_metric(Matcher::Suffix(ending.to_owned()), buckets)?;
    }
    let handle = builder.install_recorder()?;
    describe_counter!(REQUESTS, "Requests by route, method and status");
    describe_histogram!(
        SECONDS,
        "Time to the answer by route and method, in seconds"
    );
    describe_counter!(EVENTS, "Events captured over HTTP by what became of them");
    describe_counter!(SCANS, "Scans by verdict");
    for outcome in ["recorded", "duplicate", "conflict", "refused"] {
        counter!(EVENTS, "outcome" => outcome).absolute(0);
    }
    Ok(handle)
}

/// Counts a request. Methods nobody has heard of are counted as one.
pub(super) fn request(route: &'static str, method: &Method, status: u16, duration: Duration) {
    let method = match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    };
    counter!(REQUESTS, "route" => route, "method" => method, "status" => status.to_string())
        .increment(1);
    histogram!(SECONDS, "route" => route, "method" => method).record(duration);
}

/// Counts what became of captured events.
pub(super) fn captured(receipt: &Receipt) {
    for (outcome, count) in [
        ("recorded", receipt.recorded),
        ("duplicate", receipt.duplicates),
        ("conflict", receipt.conflicts),
        ("refused", receipt.refused),
    ] {
        counter!(EVENTS, "outcome" => outcome).increment(count as u64);
    }
}

/// Counts a scan.
pub(super) fn scanned(verdict: &'static str) {
    counter!(SCANS, "verdict" => verdict).increment(1);
}
