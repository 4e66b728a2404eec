//! Time as the whole system keeps it: UTC microseconds since 1970-01-01.

use std::fmt;
use std::str::FromStr;

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
        let refuse = || NotATime(text.to_owned());
        let parsed: jiff::Timestamp = text.parse().ok().ok_or_else(refuse)?;
        Ok(Self(parsed.as_microsecond()))
    }
}
