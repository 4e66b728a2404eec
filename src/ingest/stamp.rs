//! Record times, from the stamps on Kafka's messages.

use rdkafka::message::Timestamp as Stamp;

use crate::epcis::Timestamp;

/// How far in the future a time may lie that a producer set: it is a claim, and clocks differ.
const AHEAD_MAX_MICROS: i64 = 3_600_000_000;

/// Whether the broker set the stamp when it appended the message.
pub(super) const fn is_the_brokers(stamp: Stamp) -> bool {
    matches!(stamp, Stamp::LogAppendTime(_))
}

/// The broker's time as it is; a producer's time when it can be true; else now.
pub(super) fn record_time(stamp: Stamp, now: Timestamp) -> Timestamp {
    let micros = |millis: i64| millis.saturating_mul(1000);
    match stamp {
        Stamp::LogAppendTime(millis) => Timestamp::from_micros(micros(millis)),
        Stamp::CreateTime(millis)
            if 0 <= millis && micros(millis) <= now.micros().saturating_add(AHEAD_MAX_MICROS) =>
        {
            Timestamp::from_micros(micros(millis))
        }
        Stamp::CreateTime(_) | Stamp::NotAvailable => now,
    }
}

#[cfg(test)]
mod tests {
    use super::{is_the_brokers, record_time};
    use crate::epcis::Timestamp;
    use rdkafka::message::Timestamp as Stamp;

    const NOW: Timestamp = Timestamp::from_micros(1_790_000_000_000_000);

    #[test]
    fn the_brokers_time_is_taken_as_it_is_and_a_producers_when_it_can_be_true() {
        let now = NOW.micros();
        let minute = 60_000;
        for (stamp, expected) in [
            (Stamp::LogAppendTime(7), 7_000),
            (Stamp::LogAppendTime(now), now * 1000),
            (Stamp::CreateTime(7), 7_000),
            (Stamp::CreateTime(now / 1000 + minute), now + minute * 1000),
            (Stamp::CreateTime(now / 1000 + 100 * minute), now),
            (Stamp::CreateTime(i64::MAX), now),
            (Stamp::CreateTime(-5), now),
            (Stamp::NotAvailable, now),
        ] {
            assert_eq!(record_time(stamp, NOW).micros(), expected, "{stamp:?}");
        }
        assert!(is_the_brokers(Stamp::LogAppendTime(1)));
        assert!(!is_the_brokers(Stamp::CreateTime(1)));
    }
}
