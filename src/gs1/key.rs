//! A GS1 key with its qualifiers: the one thing a Digital Link, an EPC URN and an element string say in
//! different words.

use std::fmt;

use super::ai::{Ai, Depth};
use super::fault::{Fault, shown};
use super::percent::{Keep, encode_into};
use super::value::{Gln, Gtin, Lot, Serial, Sscc, check, padded_gtin};

/// The host of canonical Digital Links.
pub const CANONICAL_HOST: &str = "id.gs1.org";

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

/// A GS1 key, known to be right: one of the sixteen primary application identifiers, its value, and
/// qualifiers in their order.
///
/// Two keys are equal when they say the same; they *identify* the same when their [`Key::canonical`]
/// forms are equal, which is what decides everywhere else.
///
/// ```
/// use suyuan::gs1::{Key, Level};
/// let key = Key::new("01", "9521234543213", &[("10", "L1"), ("21", "S/1")])?;
/// assert_eq!(key.canonical(), "https://id.gs1.org/01/09521234543213/21/S%2F1");
/// assert_eq!(key.lot(), Some("L1"));
/// assert_eq!(key.level(), Level::Instance);
/// # Ok::<(), suyuan::gs1::Fault>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    primary: &'static str,
    value: String,
    qualifiers: Vec<(&'static str, String)>,
}

impl Key {
    /// The key with these parts; qualifiers in the order of a Digital Link. A GTIN of 8, 12 or 13
    /// digits is padded, a GLN extension of `0` is none.
    pub fn new(primary: &str, value: &str, qualifiers: &[(&str, &str)]) -> Result<Self, Fault> {
        let mut key = Self::unqualified(primary, value, Depth::Full)?;
        for (code, value) in qualifiers {
            key.qualify(code, value, Depth::Full)?;
        }
        Ok(key)
    }

    /// The product a GTIN stands for.
    pub fn of_class(gtin: Gtin) -> Self {
        Self::plain("01", gtin.as_str())
    }

    /// A lot of a product.
    pub fn of_lot(gtin: Gtin, lot: &Lot) -> Self {
        Self::of_class(gtin).and("10", lot.as_str())
    }

    /// One item of a product.
    pub fn of_item(gtin: Gtin, serial: &Serial) -> Self {
        Self::of_class(gtin).and("21", serial.as_str())
    }

    /// A logistic unit.
    pub fn of_unit(sscc: Sscc) -> Self {
        Self::plain("00", sscc.as_str())
    }

    /// A place.
    pub fn of_place(gln: Gln) -> Self {
        Self::plain("414", gln.as_str())
    }

    /// A party.
    pub fn of_party(gln: Gln) -> Self {
        Self::plain("417", gln.as_str())
    }

    fn plain(primary: &'static str, value: &str) -> Self {
        Self {
            primary,
            value: value.to_owned(),
            qualifiers: Vec::new(),
        }
    }

    fn and(mut self, code: &'static str, value: &str) -> Self {
        self.qualifiers.push((code, value.to_owned()));
        self
    }

    /// A key without qualifiers, looked at as closely as asked.
    pub(super) fn unqualified(primary: &str, value: &str, depth: Depth) -> Result<Self, Fault> {
        let Some(ai) = Ai::find(primary).filter(|ai| ai.is_primary()) else {
            return Err(Fault::NoKey {
                found: shown(primary),
            });
        };
        let value = if ai.code() == "01" {
            padded_gtin(value)
        } else {
            value.to_owned()
        };
        check(ai.code(), &value, depth)?;
        Ok(Self {
            primary: ai.code(),
            value,
            qualifiers: Vec::new(),
        })
    }

    /// Adds a qualifier, which must come after those there are.
    pub(super) fn qualify(&mut self, code: &str, value: &str, depth: Depth) -> Result<(), Fault> {
        if self.qualifiers.iter().any(|(known, _)| *known == code) {
            return Err(Fault::Repeated { ai: shown(code) });
        }
        let Some(ai) = Ai::find(code).filter(|_| self.may_follow(code)) else {
            return Err(self.refuse_qualifier(code));
        };
        check(ai.code(), value, depth)?;
        if !(ai.code() == "254" && value == "0") {
            self.qualifiers.push((ai.code(), value.to_owned()));
        }
        Ok(())
    }

    /// Whether a chain of the key has all qualifiers there are, then this one.
    fn may_follow(&self, code: &str) -> bool {
        let Some(ai) = Ai::find(self.primary) else {
            return false;
        };
        ai.chains().iter().any(|chain| {
            let mut rest = chain.iter();
            let there = self.qualifiers.iter().map(|(known, _)| *known);
            there
                .chain([code])
                .all(|wanted| rest.any(|next| *next == wanted))
        })
    }

    fn refuse_qualifier(&self, code: &str) -> Fault {
        let ai = Ai::find(self.primary);
        let chains: Vec<String> = ai
            .map(Ai::chains)
            .unwrap_or_default()
            .iter()
            .filter(|chain| !chain.is_empty())
            .map(|chain| chain.join(", "))
            .collect();
        let expected = if chains.is_empty() {
            "no qualifier".to_owned()
        } else {
            format!("the qualifiers {} in this order", chains.join(" or "))
        };
        Fault::Qualifier {
            ai: self.primary,
            name: ai.map(Ai::name).unwrap_or_default(),
            expected,
            found: shown(code),
        }
    }

    /// The primary application identifier: `01`, `00`, `414` ….
    pub const fn primary(&self) -> &'static str {
        self.primary
    }

    /// The value of the primary application identifier.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// All qualifiers, in their order.
    pub fn qualifiers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.qualifiers
            .iter()
            .map(|(code, value)| (*code, value.as_str()))
    }

    /// The value of a qualifier.
    pub fn qualifier(&self, code: &str) -> Option<&str> {
        self.qualifiers()
            .find_map(|(known, value)| (known == code).then_some(value))
    }

    /// The GTIN of a product, lot, item or piece of an item.
    pub fn gtin(&self) -> Option<Gtin> {
        match self.primary {
            "01" => Gtin::parse(&self.value).ok(),
            "8006" => Gtin::parse(self.value.get(..14)?).ok(),
            _ => None,
        }
    }

    /// The GLN of a place or party.
    pub fn gln(&self) -> Option<Gln> {
        match self.primary {
            "414" | "415" | "417" => Gln::parse(&self.value).ok(),
            _ => None,
        }
    }

    /// The SSCC of a logistic unit.
    pub fn sscc(&self) -> Option<Sscc> {
        if self.primary == "00" {
            Sscc::parse(&self.value).ok()
        } else {
            None
        }
    }

    /// The lot, also when a serial number stands beside it and identifies alone.
    pub fn lot(&self) -> Option<&str> {
        self.qualifier("10")
    }

    /// The serial number, of whichever key has one: AI 21, 235 or 8011, or the tail of a GRAI, GDTI or
    /// GCN.
    pub fn serial(&self) -> Option<&str> {
        let tail = match self.primary {
            "01" | "8006" => return self.qualifier("21").or_else(|| self.qualifier("235")),
            "8010" => return self.qualifier("8011"),
            _ => self.value.get(self.head_length()?..)?,
        };
        (!tail.is_empty()).then_some(tail)
    }

    /// Where the serial number begins in a value that holds one.
    fn head_length(&self) -> Option<usize> {
        match self.primary {
            "8003" => Some(14),
            "253" | "255" => Some(13),
            _ => None,
        }
    }

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
