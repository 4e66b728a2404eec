//! Any identifier that can stand in an event or be typed by a person, and what becomes of it: a GS1 key,
//! or a private URI.

use std::borrow::Cow;
use std::fmt;

use super::ai::Depth;
use super::element;
use super::fault::{Fault, shown};
use super::identity::Level;
use super::key::Key;
use super::link::{self, Address, Words};
use super::urn;

/// Longer texts are no identifiers: longest key (30) and two qualifiers (28 each), all
/// percent-encoded, take 258 bytes; the rest is room for hosts, stems and queries.
pub const IDENTIFIER_MAX_BYTES: usize = 2048;

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
        match link::split(text) {
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

fn refuse_outright(text: &str) -> Result<(), Fault> {
    if text.is_empty() {
        return Err(Fault::Empty);
    }
    if IDENTIFIER_MAX_BYTES < text.len() {
        return Err(Fault::TooLong { found: text.len() });
    }
    match text.chars().find(|c| c.is_control()) {
        Some(found) => Err(Fault::ControlCharacter {
            found: u32::from(found),
        }),
        None => Ok(()),
    }
}

/// A URI: a scheme, a colon, something after it, and only the characters a URI may hold.
fn check_uri(text: &str) -> Result<(), Fault> {
    let no_identifier = || Fault::NoIdentifier { found: shown(text) };
    let (scheme, rest) = text.split_once(':').ok_or_else(no_identifier)?;
    let mut letters = scheme.bytes();
    let begins = letters
        .next()
        .is_some_and(|byte| byte.is_ascii_alphabetic());
    let goes_on =
        letters.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    if !begins || !goes_on || rest.is_empty() {
        return Err(no_identifier());
    }
    if let Some(found) = rest.chars().find(|c| !is_uri_character(*c)) {
        return Err(Fault::UriCharacter { found });
    }
    let mut escapes = rest.split('%').skip(1);
    if escapes.all(|after| after.len() >= 2 && after.bytes().take(2).all(|b| b.is_ascii_hexdigit()))
    {
        Ok(())
    } else {
        Err(Fault::PercentEncoding { found: shown(text) })
    }
}

const fn is_uri_character(c: char) -> bool {
    c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}')
}

fn read_address(text: &str, address: Address<'_>) -> Result<Parsed, Fault> {
    let ours_to_judge = address.is_canonical();
    let Some(found) = link::find(address.path, Words::Accepted) else {
        return Ok(explain_missing_key(text, address));
    };
    if !ours_to_judge && !found.looks_like_a_key() {
        return Ok(Parsed::private(text));
    }
    let alone = found.unqualified(Depth::Full);
    if !ours_to_judge && !found.has_only_qualifiers() && alone.is_err() {
        return Ok(Parsed::private(text));
    }
    found.refuse_control_characters()?;
    if let Err(fault) = alone {
        let vital = matches!(found.ai.code(), "00" | "01" | "414" | "415" | "417");
        return if vital && (ours_to_judge || !found.in_words) {
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
        link::find(shorter, Words::Refused).is_some_and(|found| found.key(Depth::Full).is_ok());
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

    #[track_caller]
    fn private(text: &str) -> Option<String> {
        let parsed = Identifier::parse(text).unwrap();
        assert_eq!(parsed.identifier, Identifier::Private(text.to_owned()));
        parsed.warning
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
    fn a_wrong_gtin_sscc_or_gln_in_a_link_is_refused_with_what_was_expected() {
        for (text, reason) in [
            (
                "https://shop.example/01/09521234543214",
                "GTIN (01) 09521234543214: expected check digit 3, found 4",
            ),
            (
                "https://shop.example/01/952123454321",
                "GTIN (01) 00952123454321: expected check digit 4, found 1",
            ),
            (
                "https://shop.example/01/095212345432131/21/S",
                "GTIN (01): expected 14 digits, found \"095212345432131\"",
            ),
            (
                "https://id.gs1.org/01/95212",
                "GTIN (01): expected 14 digits, found \"95212\"",
            ),
            (
                "https://id.gs1.org/01/abc",
                "GTIN (01): expected 14 digits, found \"abc\"",
            ),
            (
                "https://id.gs1.org/gtin/abc",
                "GTIN (01): expected 14 digits, found \"abc\"",
            ),
            (
                "https://shop.example/01/00000000000000",
                "GTIN (01): expected a number that can be issued, found \"00000000000000\"",
            ),
            (
                "https://shop.example/00/095212345000000011",
                "SSCC (00) 095212345000000011: expected check digit 8, found 1",
            ),
            (
                "https://shop.example/414/952000000000",
                "GLN of a place (414): expected 13 digits, found \"952000000000\"",
            ),
            (
                "https://shop.example/417/9520000000003",
                "GLN of a party (417) 9520000000003: expected check digit 4, found 3",
            ),
        ] {
            assert_eq!(Identifier::parse(text).unwrap_err().to_string(), reason);
        }
    }

    #[test]
    fn another_key_that_fails_its_scheme_is_private_with_a_warning() {
        for (text, reason) in [
            (
                "https://id.gs1.org/8003/09521234543214A",
                "GRAI (8003) 09521234543214A: expected check digit 3, found 4",
            ),
            (
                "https://shop.example/8006/095212345432130301",
                "ITIP (8006): expected a piece between 01 and the total, found \"095212345432130301\"",
            ),
            (
                "https://id.gs1.org/8004/ABC",
                "GIAI (8004): expected a company prefix, at least 4 digits, at its beginning, found \"ABC\"",
            ),
            (
                "https://shop.example/01/09521234543213/10/%E6%89%B9A",
                "lot (10): expected 1 to 20 characters of the GS1 set 82, found \"批A\"",
            ),
            (
                "https://shop.example/01/09521234543213/21/S/10/L",
                "GTIN (01) takes the qualifiers 22, 10, 21 or 235 in this order, found (10)",
            ),
            (
                "https://shop.example/01/09521234543213/reviews/all",
                "GTIN (01) takes the qualifiers 22, 10, 21 or 235 in this order, found (reviews)",
            ),
            (
                "https://shop.example/01/09521234543213/21",
                "a GS1 key is expected (01, 00, 414 …), found \"/01/09521234543213/21\"",
            ),
            (
                "https://shop.example/01/09521234543213?21=S",
                "(21) belongs in the path of a Digital Link, found in its query",
            ),
            (
                "https://shop.example/party/12345678",
                "GLN of a party (417): expected 13 digits, found \"12345678\"",
            ),
            (
                "urn:epc:id:sgtin:9521234.54321.S",
                "urn:epc:id:sgtin: expected company prefix and item reference, 13 digits together, and a \
                 serial number, found \"9521234.54321.S\"",
            ),
            (
                "urn:epc:idpat:sgtin:9521234.*.*",
                "urn:epc:idpat:sgtin: expected company prefix and item reference, 13 digits together, \
                 and a serial number, found \"9521234.*.*\"",
            ),
        ] {
            assert_eq!(
                private(text),
                Some(format!("recorded as a private URI: {reason}"))
            );
        }
    }

    #[test]
    fn other_uris_are_private_exactly_as_they_came() {
        for text in [
            "https://brand.example/item/01/2",
            "https://brand.example/01/2024",
            "https://brand.example/01/2024-review",
            "https://brand.example/01/12345678/comments/7",
            "https://brand.example/8004/2024-11",
            "https://brand.example/",
            "https://brand.example",
            "https://brand.example/a b/../%7e/?q=%E6%89%B9#x",
            "urn:uuid:0190f3c2-7c1e-7000-8000-000000000001",
            "urn:gdst:example.org:product:lot:class:processor.2u.v1-0122-2022",
            "urn:epc:id:bic:CSQU3054383",
            "tag:brand.example,2026:pallet/7",
            "ex:thing",
            "mailto:a@brand.example",
        ] {
            let text = text.replace(' ', "%20");
            assert_eq!(private(&text), None, "{text}");
        }
    }

    #[test]
    fn what_is_no_identifier_is_refused() {
        let long = format!("https://brand.example/{}", "x".repeat(IDENTIFIER_MAX_BYTES));
        for text in [
            "",
            " ",
            "hello",
            "09521234543213",
            "0109521234543213",
            "1:2",
            ":x",
            "ex:",
            "_:b1",
            "https://brand.example/a b",
            "https://brand.example/批",
            "https://brand.example/<x>",
            "https://brand.example/100%",
            "https://brand.example/%zz",
            "urn:x\u{0}",
            "urn:x\n",
            "urn:x\u{85}",
            "https://id.gs1.org/01/09521234543213/21/S%00",
            "https://brand.example/01/09521234543213/10/L%0A",
            "(01)09521234543214",
            "(01)09521234543213(21)S\u{1d}",
            "(8003)09521234543214",
            " https://id.gs1.org/01/09521234543213",
            &long,
        ] {
            assert!(Identifier::parse(text).is_err(), "{text:?}");
        }
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
