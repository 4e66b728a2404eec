//! Time as the whole system keeps it: UTC microseconds since 1970-01-01.

use std::fmt;
use std::str::FromStr;

const MICROS_PER_SECOND: i64 = 1_000_000;

/// An instant in UTC, in microseconds since the Unix epoch. Same order and equality in Rust,
/// on SQLite and on PostgreSQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

/// Why a text is not a point in time.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not an RFC 3339 date-time with a zone: {0:?}")]
pub struct NotATime(pub String);

impl Timestamp {
    /// From microseconds since 1970-01-01T00:00:00Z.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole months since January 1970, in UTC: the period of a salt key.
    pub fn utc_month(self) -> i64 {
        let zoned = self.to_jiff().to_zoned(jiff::tz::TimeZone::UTC);
        (i64::from(zoned.year()) - 1970) * 12 + i64::from(zoned.month()) - 1
    }

    /// The same instant with exactly three digits after the point, rounded half up: the form the
    /// CBV event hash is made over.
    pub fn to_millis_text(self) -> String {
        let rounded = Self((self.0 + 500).div_euclid(1000) * 1000);
        format!("{:.3}", rounded.to_jiff())
    }

    fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        })
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.to_jiff())
    }
}

impl FromStr for Timestamp {
    type Err = NotATime;

    /// RFC 3339 with an offset or `Z`; lower-case `t` and `z` pass, digits below a microsecond are
    /// cut, `:60` is the last second of its minute.
    fn from_str(text: &str) -> Result<Self, NotATime> {
        rfc3339(text.as_bytes())
            .map(Self)
            .ok_or_else(|| NotATime(text.to_owned()))
    }
}

/// `YYYY-MM-DDThh:mm:ss[.f…](Z|±hh:mm)` to microseconds.
fn rfc3339(text: &[u8]) -> Option<i64> {
    let (head, rest) = text.split_at_checked(19)?;
    let number = |from: usize, to: usize| decimal(head.get(from..to)?);
    let separators = [(4, b'-'), (7, b'-'), (13, b':'), (16, b':')];
    if separators
        .iter()
        .any(|&(at, byte)| head.get(at) != Some(&byte))
    {
        return None;
    }
    let (b'T' | b't') = head.get(10)? else {
        return None;
    };
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if 23 < hour || 59 < minute || 60 < second {
        return None;
    }
    let (fraction, zone) = fraction(rest)?;
    let days = days_from_civil(year, month, day)?;
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second.min(59) - zone_seconds(zone)?;
    Some(seconds * MICROS_PER_SECOND + fraction)
}

/// The microseconds after the point, and what follows them.
fn fraction(rest: &[u8]) -> Option<(i64, &[u8])> {
    let Some((b'.', rest)) = rest.split_first() else {
        return Some((0, rest));
    };
    let count = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    if count == 0 {
        return None;
    }
    let (digits, zone) = rest.split_at_checked(count)?;
    let micros = (0..6).fold(0, |sum, at| {
        sum * 10 + digits.get(at).map_or(0, |digit| i64::from(digit - b'0'))
    });
    Some((micros, zone))
}

/// `Z` or `±hh:mm` in seconds east of UTC.
fn zone_seconds(zone: &[u8]) -> Option<i64> {
    match zone {
        b"Z" | b"z" => Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (decimal(&[*h1, *h2])?, decimal(&[*m1, *m2])?);
            if 23 < hours || 59 < minutes {
                return None;
            }
            let seconds = hours * 3600 + minutes * 60;
            Some(if *sign == b'-' { -seconds } else { seconds })
        }
        _ => None,
    }
}

fn decimal(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |sum, digit| {
        digit
            .is_ascii_digit()
            .then(|| sum * 10 + i64::from(digit - b'0'))
    })
}

/// Days since 1970-01-01 of a date in the Gregorian calendar; `None` if there is no such day.
fn days_from_civil(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => return None,
    };
    if day < 1 || length < day {
        return None;
    }
    // Count from 1 March, so that a leap day is the last day of its year.
    let shifted = if month < 3 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn micros(text: &str) -> Option<i64> {
        text.parse::<Timestamp>().ok().map(Timestamp::micros)
    }

    #[test]
    fn every_spelling_the_standard_lets_pass_is_read() {
        let base = 1_577_934_245_000_000;
        for (text, after) in [
            ("2020-01-02T03:04:05Z", 0),
            ("2020-01-02t03:04:05z", 0),
            ("2020-01-02T03:04:05.1Z", 100_000),
            ("2020-01-02T03:04:05.123456789Z", 123_456),
            ("2020-01-02T03:04:05-00:00", 0),
            ("2020-01-02T11:04:05+08:00", 0),
            ("2020-01-01T22:34:05-04:30", 0),
        ] {
            assert_eq!(micros(text), Some(base + after), "{text}");
        }
        assert_eq!(
            micros("2016-12-31T23:59:60Z"),
            micros("2016-12-31T23:59:59Z")
        );
        assert_eq!(micros("1969-12-31T23:59:59.5Z"), Some(-500_000));
    }

    #[test]
    fn what_is_not_a_date_time_with_a_zone_is_refused() {
        for text in [
            "",
            "22-07-2026",
            "2020-01-02",
            "2020-01-02T03:04:05",
            "2020-01-02 03:04:05Z",
            "2020-01-02T03:04Z",
            "2020-01-02T03:04:05.Z",
            "2020-01-02T03:04:61Z",
            "2020-01-02T24:00:00Z",
            "2020-02-30T00:00:00Z",
            "2021-02-29T00:00:00Z",
            "2020-13-01T00:00:00Z",
            "2020-01-02T03:04:05+0800",
            "2020-01-02T03:04:05+24:00",
            "2020-01-02T03:04:05Z ",
            "二〇二〇-01-02T03:04:05Z",
        ] {
            assert_eq!(micros(text), None, "{text}");
        }
    }

    #[test]
    fn milliseconds_round_half_up_and_carry() {
        for (text, millis) in [
            ("2020-01-01T00:00:00Z", "2020-01-01T00:00:00.000Z"),
            ("2020-01-01T00:00:00.0004999Z", "2020-01-01T00:00:00.000Z"),
            ("2020-01-01T00:00:00.0005Z", "2020-01-01T00:00:00.001Z"),
            ("2019-12-31T23:59:59.9995Z", "2020-01-01T00:00:00.000Z"),
            ("1969-12-31T23:59:59.9994Z", "1969-12-31T23:59:59.999Z"),
        ] {
            let time: Timestamp = text.parse().unwrap();
            assert_eq!(time.to_millis_text(), millis, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(micros in -62_135_596_800_000_000_i64..253_402_207_199_999_999) {
            let time = Timestamp::from_micros(micros);
            prop_assert_eq!(time.to_string().parse::<Timestamp>(), Ok(time));
        }
    }
}
