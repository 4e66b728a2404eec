//! Any identifier that can stand in an event or be typed by a person, and what becomes of it: a GS1 key,
//! or a private URI.

use std::borrow::Cow;
use std::fmt;

use super::ai::Depth;
use super::element;
use super::fault::{Fault, shown};
use super::identity::Level;
use super::key::Key;
use super::link;
use super::path::{self, Address, Words};
use super::uri::{check_uri, refuse_outright};
use super::urn;

/// What a text identifies with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Identifier {
    /// A GS1 key, in whatever form it came.
    Gs1(Key),
    /// A URI of somebody's own, exactly as it came.
    Private(String),
}

/// A text read as an identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// What it identifies with.
    pub identifier: Identifier,
    /// What else a Digital Link or an element string said: application identifiers that do not
    /// identify, such as an expiry date, with their values.
    pub attributes: Vec<(String, String)>,
    /// Why it may not mean what its sender thinks; it is recorded all the same.
    pub warning: Option<String>,
}

impl Parsed {
    fn of(key: Key) -> Self {
        Self {
            identifier: Identifier::Gs1(key),
            attributes: Vec::new(),
            warning: None,
        }
    }

    fn private(text: &str) -> Self {
        Self {
            identifier: Identifier::Private(text.to_owned()),
            attributes: Vec::new(),
            warning: None,
        }
    }

    fn private_because(text: &str, fault: &Fault) -> Self {
        let warning = format!("recorded as a private URI: {fault}");
        Self {
            warning: Some(warning),
            ..Self::private(text)
        }
    }
}

impl Identifier {
    /// Reads a Digital Link on any host, an EPC URN, an element string, or any other URI.
    ///
    /// A GTIN, SSCC or GLN in a Digital Link whose length or check digit is wrong is refused, because
    /// it was most likely meant for something else that exists. A URN or another key that does not
    /// follow its scheme is a private URI, with a warning.
    ///
    /// ```
    /// use suyuan::gs1::Identifier;
    /// let link = Identifier::parse("HTTPS://TRACE.EXAMPLE/01/9521234543213/10/L1/21/S1")?;
    /// let urn = Identifier::parse("urn:epc:id:sgtin:9521234.054321.S1")?;
    /// assert_eq!(link.identifier.canonical(), urn.identifier.canonical());
    /// # Ok::<(), suyuan::gs1::Fault>(())
    /// ```
    pub fn parse(text: &str) -> Result<Parsed, Fault> {
        refuse_outright(text)?;
        if text.starts_with('(') {
            let (key, attributes) = element::read(text)?;
            return Ok(Parsed {
                attributes,
                ..Parsed::of(key)
            });
        }
        check_uri(text)?;
        if let Some(rest) = epc_urn(text) {
            return Ok(match urn::read(rest, Depth::Full) {
                Ok(Some(key)) => Parsed::of(key),
                Ok(None) => Parsed::private(text),
                Err(fault) => Parsed::private_because(text, &fault),
            });
        }
        match path::split(text) {
            Some(address) => read_address(text, address),
            None => Ok(Parsed::private(text)),
        }
    }

    /// The one spelling of what is identified: a key's canonical Digital Link, a private URI as it
    /// came.
    pub fn canonical(&self) -> Cow<'_, str> {
        match self {
            Self::Gs1(key) => Cow::Owned(key.canonical()),
            Self::Private(uri) => Cow::Borrowed(uri),
        }
    }

    /// The GS1 key, if it is one.
    pub const fn key(&self) -> Option<&Key> {
        match self {
            Self::Gs1(key) => Some(key),
            Self::Private(_) => None,
        }
    }

    /// What is identified; a private URI does not tell.
    pub fn level(&self) -> Option<Level> {
        self.key().map(Key::level)
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.canonical())
    }
}

/// What follows `urn:epc:`, whose letters may be of either case.
pub(super) fn epc_urn(text: &str) -> Option<&str> {
    let (head, rest) = text.split_at_checked("urn:epc:".len())?;
    head.eq_ignore_ascii_case("urn:epc:").then_some(rest)
}

fn read_address(text: &str, address: Address<'_>) -> Result<Parsed, Fault> {
    let on_canonical_host = address.is_canonical();
    let Some(found) = path::find(address.path, Words::Accepted) else {
        return Ok(explain_missing_key(text, address));
    };
    if !on_canonical_host && !found.looks_like_a_key() {
        return Ok(Parsed::private(text));
    }
    let alone = found.unqualified(Depth::Full);
    if !on_canonical_host && !found.has_only_qualifiers() && alone.is_err() {
        return Ok(Parsed::private(text));
    }
    found.refuse_control_characters()?;
    if let Err(fault) = alone {
        let vital = matches!(found.ai.code(), "00" | "01" | "414" | "415" | "417");
        return if vital && (on_canonical_host || !found.in_words) {
            Err(fault)
        } else {
            Ok(Parsed::private_because(text, &fault))
        };
    }
    let key = match found.key(Depth::Full) {
        Ok(key) => key,
        Err(fault) => return Ok(Parsed::private_because(text, &fault)),
    };
    let words_warning = || {
        "the words in this Digital Link are out of date; write application identifiers as numbers"
            .to_owned()
    };
    let warning = found.in_words.then(words_warning);
    match link::attributes(&key, address.query) {
        Ok(attributes) => Ok(Parsed {
            attributes,
            warning,
            ..Parsed::of(key)
        }),
        Err(fault @ Fault::InQuery { .. }) => Ok(Parsed::private_because(text, &fault)),
        Err(fault) => Ok(Parsed {
            warning: Some(format!("attributes left out: {fault}")),
            ..Parsed::of(key)
        }),
    }
}

/// A web address without a key is private; it gets a warning where a key was probably meant.
fn explain_missing_key(text: &str, address: Address<'_>) -> Parsed {
    let path = address.path.strip_suffix('/').unwrap_or(address.path);
    let shorter = path.rsplit_once('/').map_or("", |(shorter, _)| shorter);
    let nearly =
        path::find(shorter, Words::Refused).is_some_and(|found| found.key(Depth::Full).is_ok());
    if nearly || address.is_canonical() {
        Parsed::private_because(text, &Fault::NoKey { found: shown(path) })
    } else {
        Parsed::private(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn canonical(text: &str) -> String {
        let parsed = Identifier::parse(text).unwrap();
        assert!(
            parsed.identifier.key().is_some(),
            "{text}: {:?}",
            parsed.warning
        );
        parsed.identifier.canonical().into_owned()
    }

    #[test]
    fn one_item_has_one_canonical_form() {
        for text in [
            "https://id.gs1.org/01/09521234543213/21/S1",
            "HTTPS://ID.GS1.ORG/01/09521234543213/21/S1",
            "http://shop.example:8080/p/01/9521234543213/22/V/10/L/21/S1/?17=271231#top",
            "https://shop.example/gtin/9521234543213/ser/S1",
            "urn:epc:id:sgtin:9521234.054321.S1",
            "URN:EPC:id:sgtin:9521234.054321.S1",
            "(01)09521234543213(21)S1",
            "(21)S1(10)L(01)9521234543213",
        ] {
            assert_eq!(
                canonical(text),
                "https://id.gs1.org/01/09521234543213/21/S1",
                "{text}"
            );
        }
    }

    #[test]
    fn a_lot_beside_a_serial_is_still_known() {
        let parsed = Identifier::parse("https://id.gs1.org/01/09521234543213/10/L/21/S").unwrap();

        assert_eq!(parsed.identifier.key().and_then(Key::lot), Some("L"));
    }

    #[test]
    fn attributes_come_along_and_wrong_ones_are_left_out_with_a_warning() {
        let parsed =
            Identifier::parse("https://shop.example/01/09521234543213/10/L?17=271231&x=1").unwrap();
        assert_eq!(parsed.attributes, [("17".to_owned(), "271231".to_owned())]);
        assert_eq!(parsed.warning, None);

        let parsed =
            Identifier::parse("https://shop.example/01/09521234543213/10/L?17=271331").unwrap();
        assert_eq!(
            parsed.identifier.canonical(),
            "https://id.gs1.org/01/09521234543213/10/L"
        );
        assert_eq!(parsed.attributes, []);
        assert_eq!(
            parsed.warning.as_deref(),
            Some(
                "attributes left out: expiration date (17): expected a date YYMMDD, found \"271331\""
            )
        );
    }

    #[test]
    fn words_for_numbers_are_understood_with_a_warning() {
        let parsed = Identifier::parse("https://shop.example/gtin/9521234543213/lot/L").unwrap();

        assert_eq!(
            parsed.identifier.canonical(),
            "https://id.gs1.org/01/09521234543213/10/L"
        );
        assert!(
            parsed
                .warning
                .is_some_and(|warning| warning.contains("out of date"))
        );
    }
}
