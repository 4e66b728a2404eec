//! Moments at which validity begins and ends: RFC 3339 with an offset, or a date, which is its first instant
//! in China Standard Time (UTC+8), the zone of every region code there is. In the ledger they are RFC 3339.

use crate::epcis::Timestamp;

/// Reads a moment: `2026-01-01T08:00:00+08:00`, or `2026-01-01` for 2026-01-01T00:00:00+08:00.
pub fn parse_moment(text: &str) -> Result<Timestamp, String> {
    let is_date = text.len() == 10 && text.is_ascii();
    let read = if is_date {
        format!("{text}T00:00:00+08:00").parse()
    } else {
        text.parse::<Timestamp>()
    };
    read.map_err(|_no_moment| {
        format!("not a date (2026-01-01) or an RFC 3339 date-time with a zone: {text:?}")
    })
}

/// How a moment stands in an order.
pub(super) mod needed {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    use super::Timestamp;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
    pub(in crate::credentials) fn serialize<S: Serializer>(
        moment: &Timestamp,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_str(moment)
    }

    pub(in crate::credentials) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Timestamp, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(D::Error::custom)
    }
}

/// How a moment that may be absent stands in an order.
pub(super) mod maybe {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    use super::Timestamp;

    #[expect(clippy::ref_option, reason = "serde hands it over so")]
    pub(in crate::credentials) fn serialize<S: Serializer>(
        moment: &Option<Timestamp>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match moment {
            Some(moment) => to.collect_str(moment),
            None => to.serialize_none(),
        }
    }

    pub(in crate::credentials) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        let text: Option<String> = Option::deserialize(from)?;
        text.map(|text| text.parse().map_err(D::Error::custom))
            .transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::parse_moment;

    #[test]
    fn a_date_begins_at_midnight_in_china() {
        for (text, expected) in [
            ("2026-01-01", Some("2025-12-31T16:00:00Z")),
            ("2026-01-01T00:00:00+08:00", Some("2025-12-31T16:00:00Z")),
            ("2026-01-01T00:00:00Z", Some("2026-01-01T00:00:00Z")),
            ("2026-02-30", None),
            ("2026-1-1", None),
            ("2026-01-01T00:00:00", None),
            ("明年一月", None),
            ("", None),
        ] {
            let read = parse_moment(text).ok().map(|moment| moment.to_string());
            assert_eq!(read.as_deref(), expected, "{text}");
        }
    }
}
