//! What is measured of webhooks. There are no labels: what concerns one webhook is told by its deliveries.

use std::time::Duration;

use metrics::{counter, describe_counter, describe_gauge, gauge};

use crate::epcis::Timestamp;
use crate::webhooks::{Backlog, Tried};

const PENDING: &str = "suyuan_webhook_pending";
const AGE: &str = "suyuan_webhook_oldest_seconds";
const GIVEN_UP: &str = "suyuan_webhook_failed";
const DELIVERED: &str = "suyuan_webhook_delivered_total";
const FAILURES: &str = "suyuan_webhook_failures_total";
const DISABLED: &str = "suyuan_webhook_disabled_total";

/// Names what is measured: each time it is, because it can be measured before the process has made itself ready to
/// be asked.
fn describe() {
    describe_gauge!(
        PENDING,
        "Deliveries of notices that wait, to webhooks that are enabled"
    );
    describe_gauge!(
        AGE,
        "Age of the oldest notice that waits for an enabled webhook, in seconds; 0 when there is none"
    );
    describe_gauge!(
        GIVEN_UP,
        "Deliveries that were given up and not sent again since"
    );
    describe_counter!(DELIVERED, "Notices that this process delivered to webhooks");
    describe_counter!(FAILURES, "Tries of this process to deliver that failed");
    describe_counter!(
        DISABLED,
        "Webhooks that were disabled because their receivers are gone"
    );
    for name in [DELIVERED, FAILURES, DISABLED] {
        counter!(name).increment(0);
    }
}

/// So much is to be sent now.
pub(super) fn backlog(backlog: Backlog, now: Timestamp) {
    describe();
    let since = backlog.oldest.map_or(0, |oldest| {
        u64::try_from(now.micros() - oldest.micros()).unwrap_or(0)
    });
    gauge!(PENDING).set(amount(backlog.waiting));
    gauge!(AGE).set(Duration::from_micros(since).as_secs_f64());
    gauge!(GIVEN_UP).set(amount(backlog.given_up));
}

/// A delivery was tried.
pub(super) fn tried(tried: Tried) {
    match tried {
        Tried::Delivered => counter!(DELIVERED).increment(1),
        Tried::Again | Tried::GivenUp => counter!(FAILURES).increment(1),
        Tried::Disabled => {
            counter!(FAILURES).increment(1);
            counter!(DISABLED).increment(1);
        }
    }
}

fn amount(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
