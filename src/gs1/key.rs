//! A GS1 key with its qualifiers: the one thing a Digital Link, an EPC URN and an element string say in
//! different words.

use super::ai::{Ai, Depth};
use super::fault::{Fault, shown};
use super::value::{Gln, Gtin, Lot, Serial, Sscc, check, padded_gtin};

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
    pub(super) primary: &'static str,
    pub(super) value: String,
    pub(super) qualifiers: Vec<(&'static str, String)>,
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

    /// Whether a Digital Link has room for this qualifier, before or after those there are.
    pub(super) fn could_take(&self, code: &str) -> bool {
        let Some(ai) = Ai::find(self.primary) else {
            return false;
        };
        ai.chains().iter().any(|chain| {
            let mut there = self.qualifiers.iter().map(|(known, _)| *known);
            chain.contains(&code) && there.all(|known| chain.contains(&known))
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
    pub(super) fn head_length(&self) -> Option<usize> {
        match self.primary {
            "8003" => Some(14),
            "253" | "255" => Some(13),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn qualifiers_follow_the_chains_of_the_standard() {
        let gtin = "09521234543213";
        for good in [
            &[][..],
            &[("22", "V")],
            &[("22", "V"), ("10", "L")],
            &[("22", "V"), ("10", "L"), ("21", "S")],
            &[("10", "L"), ("21", "S")],
            &[("235", "T")],
        ] {
            assert!(Key::new("01", gtin, good).is_ok(), "{good:?}");
        }
        for wrong in [
            &[("21", "S"), ("10", "L")][..],
            &[("10", "L"), ("22", "V")],
            &[("10", "L"), ("235", "T")],
            &[("235", "T"), ("21", "S")],
            &[("10", "L"), ("10", "L")],
            &[("17", "271231")],
            &[("254", "1")],
            &[("10", "")],
        ] {
            assert!(Key::new("01", gtin, wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_refused_qualifier_is_told_what_may_stand_there() {
        let fault =
            |primary, value, qualifier| Key::new(primary, value, &[(qualifier, "1")]).unwrap_err();

        assert_eq!(
            fault("01", "09521234543213", "254").to_string(),
            "GTIN (01) takes the qualifiers 22, 10, 21 or 235 in this order, found (254)"
        );
        assert_eq!(
            fault("00", "095212345000000018", "10").to_string(),
            "SSCC (00) takes no qualifier, found (10)"
        );
    }

    #[test]
    fn typed_values_and_texts_make_equal_keys() {
        let gtin = Gtin::parse("09521234543213").unwrap();
        let gln = Gln::parse("9520000000004").unwrap();
        let sscc = Sscc::parse("095212345000000018").unwrap();
        let (lot, serial) = (Lot::parse("L1").unwrap(), Serial::parse("S1").unwrap());

        for (typed, text) in [
            (Key::of_class(gtin), Key::new("01", "9521234543213", &[])),
            (
                Key::of_lot(gtin, &lot),
                Key::new("01", "9521234543213", &[("10", "L1")]),
            ),
            (
                Key::of_item(gtin, &serial),
                Key::new("01", "9521234543213", &[("21", "S1")]),
            ),
            (
                Key::of_unit(sscc),
                Key::new("00", "095212345000000018", &[]),
            ),
            (
                Key::of_place(gln),
                Key::new("414", "9520000000004", &[("254", "0")]),
            ),
            (Key::of_party(gln), Key::new("417", "9520000000004", &[])),
        ] {
            assert_eq!(Ok(&typed), text.as_ref());
        }
        assert_eq!(Key::of_item(gtin, &serial).gtin(), Some(gtin));
        assert_eq!(Key::of_place(gln).gln(), Some(gln));
        assert_eq!(Key::of_unit(sscc).sscc(), Some(sscc));
    }

    #[test]
    fn every_key_knows_its_serial_number() {
        for (primary, value, qualifiers, serial) in [
            (
                "01",
                "09521234543213",
                &[("10", "L"), ("21", "S")][..],
                Some("S"),
            ),
            ("01", "09521234543213", &[("235", "T")], Some("T")),
            ("01", "09521234543213", &[("10", "L")], None),
            ("8003", "09521234543213AB", &[], Some("AB")),
            ("8003", "09521234543213", &[], None),
            ("253", "9521234543213PO-1", &[], Some("PO-1")),
            ("255", "952123454321377", &[], Some("77")),
            ("8010", "9521234ABC", &[("8011", "5")], Some("5")),
            ("8006", "095212345432130102", &[("21", "S")], Some("S")),
            ("00", "095212345000000018", &[], None),
            ("414", "9520000000004", &[("254", "dock-1")], None),
        ] {
            let key = Key::new(primary, value, qualifiers).unwrap();
            assert_eq!(key.serial(), serial, "{key:?}");
        }
    }
}
