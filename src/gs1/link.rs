//! GS1 Digital Link: keys as web addresses, `https://any.host/any/stem/01/…/21/…?17=…`.

use super::ai::{Ai, Depth};
use super::fault::{Fault, shown};
use super::key::Key;
use super::path::{Words, find, readable};

/// A Digital Link read strictly: what a resolver serves. Words instead of numbers, unknown qualifiers,
/// identity in the query and wrong attributes are all refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What it is about.
    pub key: Key,
    /// Attributes (application identifier, value) as they come in the query.
    pub attributes: Vec<(String, String)>,
}

impl Link {
    /// Reads path and query as they stand in a request, still percent-encoded. A slash at the end is
    /// tolerated; parameters whose name is no number are left to others.
    ///
    /// ```
    /// use suyuan::gs1::Link;
    /// let link = Link::parse("/01/09521234543213/10/A%2F1", Some("17=271200&linkType=gs1:pip"))?;
    /// assert_eq!(link.key.lot(), Some("A/1"));
    /// assert_eq!(link.attributes, [("17".to_owned(), "271200".to_owned())]);
    /// assert!(Link::parse("/01/09521234543213", Some("10=A1")).is_err());
    /// # Ok::<(), suyuan::gs1::Fault>(())
    /// ```
    pub fn parse(path: &str, query: Option<&str>) -> Result<Self, Fault> {
        let Some(found) = find(path, Words::Refused) else {
            return Err(Fault::NoKey { found: shown(path) });
        };
        let key = found.key(Depth::Full)?;
        let attributes = attributes(&key, query)?;
        Ok(Self { key, attributes })
    }
}

/// The attributes of a query: every parameter whose name is a number. In a query, `+` is a space.
pub(super) fn attributes(key: &Key, query: Option<&str>) -> Result<Vec<(String, String)>, Fault> {
    let mut attributes: Vec<(String, String)> = Vec::new();
    for parameter in query.unwrap_or_default().split('&') {
        let Some((code, value)) = parameter.split_once('=') else {
            continue;
        };
        if code.is_empty() || !code.bytes().all(|byte| byte.is_ascii_digit()) {
            continue;
        }
        let Some(ai) = Ai::find(code) else {
            return Err(Fault::Attribute { ai: shown(code) });
        };
        if key.primary() == ai.code() || key.could_take(code) {
            return Err(Fault::InQuery { ai: shown(code) });
        }
        if !ai.is_attribute() {
            return Err(Fault::Attribute { ai: shown(code) });
        }
        if attributes.iter().any(|(known, _)| known == code) {
            return Err(Fault::Repeated { ai: shown(code) });
        }
        let value = readable(&value.replace('+', " "))?;
        ai.check_as(code, &value, Depth::Full)?;
        attributes.push((code.to_owned(), value));
    }
    Ok(attributes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ITEM: &str = "/01/09521234543213/21/S1";

    #[test]
    fn the_right_most_key_wins_whatever_stands_before_it() {
        for path in [
            "/01/09521234543213/21/S1",
            "/01/09521234543213/21/S1/",
            "/some/stem/of/any/length/01/09521234543213/21/S1",
            "/00/095212345000000018/01/09521234543213/21/S1",
            "/01/9521234543213/21/S1",
            "/01/09521234543213/21/%53%31",
        ] {
            let link = Link::parse(path, None).unwrap();
            assert_eq!(
                link.key.canonical(),
                "https://id.gs1.org/01/09521234543213/21/S1",
                "{path}"
            );
        }
    }

    #[test]
    fn a_lot_may_look_like_an_application_identifier() {
        let link = Link::parse("/01/09521234543213/10/00/21/01", None).unwrap();

        assert_eq!(
            (link.key.lot(), link.key.serial()),
            (Some("00"), Some("01"))
        );
    }

    #[test]
    fn plus_is_itself_in_a_path_and_a_space_in_a_query() {
        assert_eq!(
            Link::parse("/01/09521234543213/10/A+B", None)
                .unwrap()
                .key
                .lot(),
            Some("A+B")
        );
        assert!(Link::parse(ITEM, Some("240=A+B")).is_err());
    }

    #[test]
    fn a_segment_is_decoded_once() {
        let link = Link::parse("/01/09521234543213/21/ABC%2540X", None).unwrap();

        assert_eq!(link.key.serial(), Some("ABC%40X"));
    }

    #[test]
    fn attributes_are_kept_and_other_parameters_left_to_others() {
        let link =
            Link::parse(ITEM, Some("17=271200&linkType=all&x&3103=001250&91=a%2Bb")).unwrap();

        let attributes: Vec<_> = link
            .attributes
            .iter()
            .map(|(ai, value)| (&**ai, &**value))
            .collect();
        assert_eq!(
            attributes,
            [("17", "271200"), ("3103", "001250"), ("91", "a+b")]
        );
        assert!(
            Link::parse(
                "/00/095212345000000018",
                Some("02=09521234543213&37=5&10=L")
            )
            .is_ok()
        );
    }

    #[test]
    fn malformed_paths_and_queries_are_refused() {
        for path in [
            "",
            "/",
            "/01",
            "/01/",
            "/01/09521234543214",
            "/01/0952123454321",
            "/01/00000000000000",
            "/01/09521234543213/foo",
            "/01/09521234543213/foo/bar",
            "/01/09521234543213/21/",
            "/01/09521234543213/21",
            "/01/09521234543213/21/S/10/L",
            "/01/09521234543213/21/%E6%89%B9",
            "/01/09521234543213/21/%00",
            "/01/09521234543213/21/%zz",
            "/gtin/09521234543213",
            "/01/09521234543213/ser/S",
            "/21/S1",
            "/04/09521234543213",
        ] {
            assert!(Link::parse(path, None).is_err(), "{path}");
        }
        for query in [
            "21=S2",
            "10=L",
            "01=09521234543213",
            "17=271301",
            "04=1",
            "17=271231&17=271231",
            "8200=x",
        ] {
            assert!(Link::parse(ITEM, Some(query)).is_err(), "{query}");
        }
    }
}
