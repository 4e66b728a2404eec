//! Where a key stands in a web address: found, not yet judged.

use super::ai::{Ai, Depth};
use super::fault::{Fault, shown};
use super::identity::CANONICAL_HOST;
use super::key::Key;
use super::percent::decode;

/// No key is shorter than a GTIN-8; a shorter value behind `/01/` on somebody's web site is just a path.
const KEY_LENGTH_MIN: usize = 8;

/// Words that stood for application identifiers before version 1.3 of the standard.
const WORDS: [(&str, &str); 24] = [
    ("cpid", "8010"),
    ("cpsn", "8011"),
    ("cpv", "22"),
    ("gcn", "255"),
    ("gdti", "253"),
    ("giai", "8004"),
    ("ginc", "401"),
    ("gln", "414"),
    ("glnx", "254"),
    ("gmn", "8013"),
    ("grai", "8003"),
    ("gsin", "402"),
    ("gsrn", "8018"),
    ("gsrnp", "8017"),
    ("gtin", "01"),
    ("itip", "8006"),
    ("lot", "10"),
    ("party", "417"),
    ("payTo", "415"),
    ("refno", "8020"),
    ("ser", "21"),
    ("srin", "8019"),
    ("sscc", "00"),
    ("tpx", "235"),
];

/// The parts of an `http` or `https` address that matter here, still encoded; the fragment is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Address<'a> {
    pub(super) host: &'a str,
    pub(super) path: &'a str,
    pub(super) query: Option<&'a str>,
}

impl Address<'_> {
    pub(super) fn is_canonical(&self) -> bool {
        self.host.eq_ignore_ascii_case(CANONICAL_HOST)
    }
}

/// Takes a web address apart; `None` when it is none.
pub(super) fn split(text: &str) -> Option<Address<'_>> {
    let (scheme, rest) = text.split_once("://")?;
    if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
        return None;
    }
    let rest = rest.split('#').next()?;
    let (rest, query) = match rest.split_once('?') {
        Some((rest, query)) => (rest, Some(query)),
        None => (rest, None),
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit('@').next()?;
    let host = host.split(':').next()?;
    (!host.is_empty()).then_some(Address { host, path, query })
}

/// Whether words may stand for numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    Accepted,
    Refused,
}

/// What stands in a path where a key should: nothing of it checked, nothing decoded.
#[derive(Debug)]
pub(super) struct Found<'a> {
    pub(super) ai: &'static Ai,
    /// Some part of it is a word instead of a number.
    pub(super) in_words: bool,
    value: &'a str,
    qualifiers: Vec<(&'a str, &'a str)>,
}

/// Finds the key in a path: the right-most application identifier of a key, counting back from the end
/// in pairs.
pub(super) fn find(path: &str, words: Words) -> Option<Found<'_>> {
    let path = path.strip_suffix('/').unwrap_or(path);
    let segments: Vec<&str> = path.split('/').collect();
    let mut qualifiers = Vec::new();
    let mut in_words = false;
    for pair in segments.rchunks_exact(2) {
        let [segment, value] = pair else { return None };
        let code = number_of(segment, words);
        in_words |= code != *segment;
        if let Some(ai) = Ai::find(code).filter(|ai| ai.is_primary()) {
            qualifiers.reverse();
            return Some(Found {
                ai,
                in_words,
                value,
                qualifiers,
            });
        }
        qualifiers.push((code, *value));
    }
    None
}

fn number_of(segment: &str, words: Words) -> &str {
    if words == Words::Refused {
        return segment;
    }
    WORDS
        .iter()
        .find_map(|(word, number)| (*word == segment).then_some(*number))
        .unwrap_or(segment)
}

impl Found<'_> {
    /// The value of the key, decoded.
    pub(super) fn value(&self) -> Result<String, Fault> {
        readable(self.value)
    }

    /// Whether the value looks like a key at all, rather than like somebody's page number. Such an
    /// address is not taken for a Digital Link on a host we know nothing of.
    pub(super) fn looks_like_a_key(&self) -> bool {
        let digits = self.value.bytes().take_while(u8::is_ascii_digit).count();
        let least = if self.ai.exact_length().is_some() {
            self.value.len()
        } else {
            self.ai.leading_digits().min(KEY_LENGTH_MIN)
        };
        KEY_LENGTH_MIN <= self.value.len() && least <= digits
    }

    /// Whether everything behind the key is a qualifier it takes.
    pub(super) fn has_only_qualifiers(&self) -> bool {
        self.qualifiers.iter().all(|(code, _)| self.ai.takes(code))
    }

    /// The key alone, decoded and checked.
    pub(super) fn unqualified(&self, depth: Depth) -> Result<Key, Fault> {
        Key::unqualified(self.ai.code(), &self.value()?, depth)
    }

    /// The key with its qualifiers, decoded and checked.
    pub(super) fn key(&self, depth: Depth) -> Result<Key, Fault> {
        let mut key = self.unqualified(depth)?;
        for (code, value) in &self.qualifiers {
            key.qualify(code, &readable(value)?, depth)?;
        }
        Ok(key)
    }

    /// Refuses control characters behind a `%`.
    pub(super) fn refuse_control_characters(&self) -> Result<(), Fault> {
        let values = self.qualifiers.iter().map(|(_, value)| *value);
        for value in values.chain([self.value]) {
            if let Some(found) =
                decode(value).and_then(|text| text.chars().find(|c| c.is_control()))
            {
                return Err(Fault::ControlCharacter {
                    found: u32::from(found),
                });
            }
        }
        Ok(())
    }
}

pub(super) fn readable(segment: &str) -> Result<String, Fault> {
    decode(segment).ok_or_else(|| Fault::PercentEncoding {
        found: shown(segment),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_apart() {
        let address = |text| split(text).map(|a: Address<'_>| (a.host, a.path, a.query));

        assert_eq!(
            address("https://a.example/x?y=1#z"),
            Some(("a.example", "/x", Some("y=1")))
        );
        assert_eq!(
            address("HTTP://me@A.example:80/x#?"),
            Some(("A.example", "/x", None))
        );
        assert_eq!(address("https://a.example"), Some(("a.example", "", None)));
        assert_eq!(address("https:///x"), None);
        assert_eq!(address("ftp://a.example/x"), None);
        assert_eq!(address("urn:x"), None);
    }
}
