//! What a key identifies, and the one spelling of it.

use std::fmt;

use super::key::Key;
use super::percent::{Keep, encode, encode_into};

/// The host of canonical Digital Links.
pub const CANONICAL_HOST: &str = "id.gs1.org";

/// The canonical identifier of the place that has the GLN of a party: one GLN can stand for an organisation and for
/// where it sits. None of what is no party.
pub fn seat_of(party: &str) -> Option<String> {
    let rest = party
        .strip_prefix("https://")?
        .strip_prefix(CANONICAL_HOST)?;
    let gln = rest.strip_prefix("/417/")?;
    Some(format!("https://{CANONICAL_HOST}/414/{gln}"))
}

/// What a key identifies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// A kind of thing: a GTIN, a model, a type of document or returnable asset.
    Class,
    /// A lot of a product.
    Lot,
    /// One thing: a serialised item, a logistic unit, an asset, a shipment.
    Instance,
    /// A place.
    Place,
    /// A party.
    Party,
    /// Something that does not move through a supply chain: a payment.
    Other,
}

impl Key {
    /// What the key identifies.
    pub fn level(&self) -> Level {
        let has_serial = self.serial().is_some();
        match self.primary {
            "01" | "8006" if !has_serial && self.lot().is_some() => Level::Lot,
            "01" | "8006" | "8003" | "253" | "255" | "8010" if !has_serial => Level::Class,
            "8013" => Level::Class,
            "414" => Level::Place,
            "417" => Level::Party,
            "415" if self.qualifiers.is_empty() => Level::Party,
            "415" => Level::Other,
            // 01, 8006, 8003, 253, 255, 8010 with a serial; 00, 401, 402, 8004, 8017, 8018.
            _ => Level::Instance,
        }
    }

    /// The class behind a lot or an instance: without lot and serial. A key that has no class is its
    /// own.
    #[must_use]
    pub fn class(&self) -> Self {
        let head = self
            .head_length()
            .and_then(|length| self.value.get(..length));
        let kept = |code: &str| !matches!(code, "10" | "21" | "22" | "235" | "8011");
        Self {
            primary: self.primary,
            value: head.unwrap_or(&self.value).to_owned(),
            qualifiers: self
                .qualifiers
                .iter()
                .filter(|(code, _)| kept(code))
                .cloned()
                .collect(),
        }
    }

    /// The lot behind an item, when the key names it.
    pub fn lot_key(&self) -> Option<Self> {
        let lot = self.lot()?.to_owned();
        Some(Self {
            qualifiers: vec![("10", lot)],
            ..self.class()
        })
    }

    /// The qualifiers that identify: not the variant, and no lot beside a serial number.
    pub(super) fn identifying(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let has_serial = self.qualifier("21").is_some();
        self.qualifiers()
            .filter(move |(code, _)| *code != "22" && !(*code == "10" && has_serial))
    }

    /// The key reduced to what identifies.
    #[must_use]
    pub fn identity(&self) -> Self {
        Self {
            primary: self.primary,
            value: self.value.clone(),
            qualifiers: self
                .identifying()
                .map(|(code, value)| (code, value.to_owned()))
                .collect(),
        }
    }

    /// What the canonical forms of all serial numbers of one series have in common: the canonical form
    /// up to the serial number.
    ///
    /// ```
    /// use suyuan::gs1::Key;
    /// let key = Key::new("01", "09521234543213", &[("10", "L1"), ("21", "7")])?;
    /// assert_eq!(key.series().as_deref(), Some("https://id.gs1.org/01/09521234543213/21/"));
    /// # Ok::<(), suyuan::gs1::Fault>(())
    /// ```
    pub fn series(&self) -> Option<String> {
        let serial = encode(self.serial()?, Keep::Unreserved);
        let mut canonical = self.canonical();
        canonical.truncate(canonical.len().checked_sub(serial.len())?);
        Some(canonical)
    }

    /// The one spelling of what the key identifies: a Digital Link on `id.gs1.org`.
    pub fn canonical(&self) -> String {
        self.write_link(CANONICAL_HOST, Keep::Unreserved, self.identifying())
    }

    /// The Digital Link on a host (with a port or a path, if you like) that says all the key says.
    pub fn digital_link(&self, host: &str) -> String {
        self.write_link(
            host.trim_end_matches('/'),
            Keep::Unreserved,
            self.qualifiers(),
        )
    }

    pub(super) fn write_link<'a>(
        &'a self,
        host: &str,
        keep: Keep,
        qualifiers: impl Iterator<Item = (&'static str, &'a str)>,
    ) -> String {
        let mut link = format!("https://{host}");
        for (code, value) in std::iter::once((self.primary, self.value.as_str())).chain(qualifiers)
        {
            link.push('/');
            link.push_str(code);
            link.push('/');
            encode_into(&mut link, value, keep);
        }
        link
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.canonical())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GTIN: &str = "09521234543213";
    const GLN: &str = "9520000000004";

    fn key(primary: &str, value: &str, qualifiers: &[(&str, &str)]) -> Key {
        Key::new(primary, value, qualifiers).unwrap()
    }

    #[test]
    fn every_key_has_its_level() {
        let gsrn = crate::gs1::check_digit("95212340000000001").unwrap();
        let gsrn = format!("95212340000000001{gsrn}");
        let gsin = format!(
            "9521234000000001{}",
            crate::gs1::check_digit("9521234000000001").unwrap()
        );
        let [first, second] = crate::gs1::check_pair("9521234M").unwrap();
        let model = format!("9521234M{first}{second}");
        for (primary, value, qualifiers, level) in [
            ("00", "095212345000000018", &[][..], Level::Instance),
            ("01", GTIN, &[], Level::Class),
            ("01", GTIN, &[("22", "V")], Level::Class),
            ("01", GTIN, &[("10", "L")], Level::Lot),
            ("01", GTIN, &[("21", "S")], Level::Instance),
            ("01", GTIN, &[("10", "L"), ("21", "S")], Level::Instance),
            ("01", GTIN, &[("235", "T")], Level::Instance),
            ("253", "9521234543213", &[], Level::Class),
            ("253", "9521234543213A", &[], Level::Instance),
            ("255", "9521234543213", &[], Level::Class),
            ("255", "95212345432131", &[], Level::Instance),
            ("401", "9521234C", &[], Level::Instance),
            ("402", &gsin, &[], Level::Instance),
            ("414", GLN, &[], Level::Place),
            ("414", GLN, &[("254", "dock-1")], Level::Place),
            ("415", GLN, &[], Level::Party),
            ("415", GLN, &[("8020", "INV1")], Level::Other),
            ("417", GLN, &[], Level::Party),
            ("8003", GTIN, &[], Level::Class),
            ("8003", "09521234543213A", &[], Level::Instance),
            ("8004", "9521234A", &[], Level::Instance),
            ("8006", "095212345432130102", &[], Level::Class),
            ("8006", "095212345432130102", &[("10", "L")], Level::Lot),
            (
                "8006",
                "095212345432130102",
                &[("21", "S")],
                Level::Instance,
            ),
            ("8010", "9521234A", &[], Level::Class),
            ("8010", "9521234A", &[("8011", "1")], Level::Instance),
            ("8013", &model, &[], Level::Class),
            ("8017", &gsrn, &[], Level::Instance),
            ("8018", &gsrn, &[("8019", "1")], Level::Instance),
        ] {
            let key = key(primary, value, qualifiers);
            assert_eq!(key.level(), level, "{key:?}");
        }
    }

    #[test]
    fn only_what_identifies_stands_in_the_canonical_form() {
        for (qualifiers, canonical) in [
            (&[("22", "V")][..], "https://id.gs1.org/01/09521234543213"),
            (
                &[("22", "V"), ("10", "L")],
                "https://id.gs1.org/01/09521234543213/10/L",
            ),
            (
                &[("10", "L"), ("21", "S")],
                "https://id.gs1.org/01/09521234543213/21/S",
            ),
            (
                &[("21", "a'b;c+d/e")],
                "https://id.gs1.org/01/09521234543213/21/a%27b%3Bc%2Bd%2Fe",
            ),
        ] {
            let key = key("01", GTIN, qualifiers);
            assert_eq!(key.canonical(), canonical);
            assert_eq!(key.identity().canonical(), canonical);
            assert_eq!(key.to_string(), canonical);
        }
        assert_eq!(
            key("414", GLN, &[("254", "0")]).canonical(),
            "https://id.gs1.org/414/9520000000004"
        );
    }

    #[test]
    fn case_in_a_lot_matters() {
        assert_ne!(
            key("01", GTIN, &[("10", "ab1")]).canonical(),
            key("01", GTIN, &[("10", "AB1")]).canonical()
        );
    }

    #[test]
    fn an_item_leads_to_its_lot_and_its_class() {
        let item = key("01", GTIN, &[("22", "V"), ("10", "L"), ("21", "S")]);

        assert_eq!(item.lot_key(), Some(key("01", GTIN, &[("10", "L")])));
        assert_eq!(item.class(), key("01", GTIN, &[]));
        assert_eq!(
            key("8003", "09521234543213A", &[]).class(),
            key("8003", GTIN, &[])
        );
        assert_eq!(key("01", GTIN, &[("21", "S")]).lot_key(), None);
    }

    #[test]
    fn a_series_is_the_canonical_form_up_to_the_serial_number() {
        for (key, series) in [
            (
                key("01", GTIN, &[("21", "S/1")]),
                Some("https://id.gs1.org/01/09521234543213/21/"),
            ),
            (
                key("8003", "0952123454321377", &[]),
                Some("https://id.gs1.org/8003/09521234543213"),
            ),
            (
                key("8010", "9521234A", &[("8011", "7")]),
                Some("https://id.gs1.org/8010/9521234A/8011/"),
            ),
            (key("01", GTIN, &[("10", "L")]), None),
        ] {
            assert_eq!(key.series().as_deref(), series);
        }
    }

    #[test]
    fn a_digital_link_says_all_on_any_host() {
        let item = key("01", GTIN, &[("22", "V"), ("10", "L"), ("21", "S")]);

        assert_eq!(
            item.digital_link("trace.example:8443/x/"),
            "https://trace.example:8443/x/01/09521234543213/22/V/10/L/21/S"
        );
    }
}
