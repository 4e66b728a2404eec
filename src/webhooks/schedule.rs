//! When what was not taken is tried again. Pure: time and chance are handed in.
//!
//! ```text
//! try  1    2    3     4      5     6     7     8 … 14
//!      5 s  20 s 80 s  5 min  21 min 85 min 5.7 h 12 h, then it is given up: 3½ days, each ± 20 %
//! ```

use std::time::Duration;

use crate::epcis::Timestamp;

/// Tries until a notice is given up.
pub const ATTEMPTS_MAX: i32 = 14;

/// The wait after the first try; each is four times as long as the one before.
const FIRST: Duration = Duration::from_secs(5);
/// The longest wait.
const LONGEST: Duration = Duration::from_hours(12);
/// The longest wait that a receiver may ask for.
const ASKED_MAX: Duration = Duration::from_hours(24);

/// How long to wait after this many tries; `None` when it is time to give up. `chance` spreads what failed together:
/// 0 is the shortest wait, 255 the longest. A receiver that asks for more time gets it.
pub(super) fn wait(attempts: i32, chance: u8, asked: Option<Duration>) -> Option<Duration> {
    if ATTEMPTS_MAX <= attempts {
        return None;
    }
    let doublings = 2 * u32::try_from(attempts - 1).unwrap_or(0);
    let steady = FIRST.saturating_mul(1 << doublings.min(20)).min(LONGEST);
    // 80 % and up to 40 % more.
    let spread = steady * 4 / 5 + steady * 2 / 5 * u32::from(chance) / 255;
    let asked = asked.unwrap_or_default().min(ASKED_MAX);
    Some(spread.max(asked))
}

/// What a receiver asks for in `Retry-After`: seconds, or a date.
pub fn asked_for(header: &str, now: Timestamp) -> Option<Duration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(header).ok()?;
    let micros = date.timestamp().as_microsecond() - now.micros();
    Some(Duration::from_micros(u64::try_from(micros).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_fourfold_up_to_twelve_hours_and_end_after_days() {
        let seconds = |attempts, chance| wait(attempts, chance, None).map(|wait| wait.as_secs());

        for (attempts, shortest, longest) in [
            (1, 4, 6),
            (2, 16, 24),
            (3, 64, 96),
            (7, 16_384, 24_576),
            (8, 34_560, 51_840),
            (13, 34_560, 51_840),
        ] {
            assert_eq!(seconds(attempts, 0), Some(shortest), "{attempts}");
            assert_eq!(seconds(attempts, 255), Some(longest), "{attempts}");
        }
        assert_eq!(seconds(ATTEMPTS_MAX, 0), None);
        let all: u64 = (1..ATTEMPTS_MAX).filter_map(|n| seconds(n, 128)).sum();
        assert!((3 * 86_400..4 * 86_400).contains(&all), "{all}");
    }

    #[test]
    fn a_receiver_may_ask_for_more_time_but_not_for_less_or_for_ever() {
        let waited = |asked| wait(1, 0, Some(Duration::from_secs(asked))).unwrap();

        assert_eq!(waited(0), Duration::from_secs(4));
        assert_eq!(waited(90), Duration::from_secs(90));
        assert_eq!(waited(10_000_000), ASKED_MAX);
        assert_eq!(wait(ATTEMPTS_MAX, 0, Some(FIRST)), None);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now: Timestamp = "1994-11-06T08:49:30Z".parse().unwrap();
        for (header, seconds) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(7)),
            ("Sun, 06 Nov 1994 08:49:00 GMT", Some(0)),
            ("-3", None),
            ("soon", None),
            ("", None),
        ] {
            let expected = seconds.map(Duration::from_secs);
            assert_eq!(asked_for(header, now), expected, "{header}");
        }
    }
}
