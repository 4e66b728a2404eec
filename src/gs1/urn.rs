//! EPC URNs: `urn:epc:id:sgtin:9521234.054321.1` and their kin. A URN splits its key after the company
//! prefix and leaves the check digit out; so reading one is always possible, writing one needs the length
//! of the prefix.

use std::ops::RangeInclusive;

use super::ai::Depth;
use super::fault::{Fault, shown};
use super::key::Key;
use super::percent::{Keep, decode, encode};
use super::urn_scheme::{LOT, SHAPES, Shape, is_digits, shape_of};

/// How many digits the company prefix in a URN can have.
const COMPANY_PREFIX_DIGITS: RangeInclusive<usize> = 6..=12;

/// Reads what follows `urn:epc:`. `Ok(None)` for a scheme that has nothing to do with GS1 keys.
pub(super) fn read(text: &str, depth: Depth) -> Result<Option<Key>, Fault> {
    let mut parts = text.splitn(3, ':');
    let (Some(kind), Some(scheme), Some(body)) = (parts.next(), parts.next(), parts.next()) else {
        return Ok(None);
    };
    let Some((shape, is_pattern)) = shape_of(kind, scheme) else {
        return Ok(None);
    };
    let refuse = |expected: &str| Fault::Urn {
        scheme: format!("{kind}:{scheme}"),
        expected: expected.to_owned(),
        found: shown(body),
    };
    let fields: Vec<&str> = body.splitn(shape.fields, '.').collect();
    if fields.len() != shape.fields {
        return Err(refuse(shape.expected));
    }
    let (prefix, reference) = (fields[0], fields[1]);
    if !COMPANY_PREFIX_DIGITS.contains(&prefix.len()) || !is_digits(prefix) {
        return Err(refuse("a company prefix of 6 to 12 digits"));
    }
    let Some(mut value) = shape.head.join(prefix, reference) else {
        return Err(refuse(shape.expected));
    };
    if shape.primary == "8006" {
        let (piece, total) = (fields[2], fields[3]);
        if piece.len() != 2 || total.len() != 2 {
            return Err(refuse(shape.expected));
        }
        value.push_str(piece);
        value.push_str(total);
    }
    let last = if 2 < shape.fields {
        fields.last().copied()
    } else {
        None
    };
    let serial = match last {
        Some("*") if is_pattern => None,
        Some(_) if is_pattern => {
            return Err(refuse("a pattern that names one class, ending in .*"));
        }
        Some("") => return Err(refuse(shape.expected)),
        Some(text) => Some(decode(text).ok_or_else(|| refuse("percent-encoded UTF-8"))?),
        None => None,
    };
    if let (Some(serial), None) = (&serial, shape.qualifier) {
        value.push_str(serial);
    }
    let mut key = Key::unqualified(shape.primary, &value, depth)?;
    if let (Some(serial), Some(code)) = (&serial, shape.qualifier) {
        key.qualify(code, serial, depth)?;
    }
    Ok(Some(key))
}

impl Key {
    /// The EPC URN of what the key identifies, when it has one and the company prefix has this many
    /// digits (6 to 12). A class has a pattern, a lot a class URN. The length is the caller's to know:
    /// a wrong one gives a wrong URN.
    ///
    /// ```
    /// use suyuan::gs1::Key;
    /// let key = Key::new("01", "09521234543213", &[("21", "S/1")])?;
    /// assert_eq!(key.urn(7).as_deref(), Some("urn:epc:id:sgtin:9521234.054321.S%2F1"));
    /// # Ok::<(), suyuan::gs1::Fault>(())
    /// ```
    pub fn urn(&self, company_prefix_digits: usize) -> Option<String> {
        if !COMPANY_PREFIX_DIGITS.contains(&company_prefix_digits) {
            return None;
        }
        let identity: Vec<(&str, &str)> = self.identifying().collect();
        let (kind, shape, last) = match identity.as_slice() {
            [("10", lot)] if self.primary() == "01" => ("class", &LOT, Some(*lot)),
            [(code, value)] => {
                let fits = |shape: &&Shape| {
                    shape.primary == self.primary() && shape.qualifier == Some(*code)
                };
                ("id", SHAPES.iter().find(fits)?, Some(*value))
            }
            [] => {
                let shape = SHAPES
                    .iter()
                    .find(|shape| shape.primary == self.primary())?;
                match (shape.fields, self.serial()) {
                    (2, _) => ("id", shape, None),
                    (_, Some(serial)) => ("id", shape, Some(serial)),
                    (_, None) if self.primary() == "414" => ("id", shape, Some("0")),
                    (_, None) => ("idpat", shape, None),
                }
            }
            _ => return None,
        };
        let (prefix, reference) = shape.head.part(self.value(), company_prefix_digits)?;
        let mut urn = format!("urn:epc:{kind}:{}:{prefix}.{reference}", shape.scheme);
        if self.primary() == "8006" {
            let (piece, total) = self.value().get(14..)?.split_at_checked(2)?;
            urn = format!("{urn}.{piece}.{total}");
        }
        match (kind, last) {
            ("idpat", _) => urn.push_str(".*"),
            (_, Some(last)) => {
                urn.push('.');
                urn.push_str(&encode(last, Keep::Urn));
            }
            (_, None) => {}
        }
        Some(urn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAIRS: [(&str, &str); 24] = [
        (
            "id:sgtin:9521234.054321.S%2F1",
            "01/09521234543213/21/S%2F1",
        ),
        ("id:sgtin:9521234.154321.a.b", "01/19521234543210/21/a.b"),
        ("id:sgtin:952123454321.0.1", "01/09521234543213/21/1"),
        (
            "id:sgtin:952123.0454321.!'()*+,:;=",
            "01/09521234543213/21/%21%27%28%29%2A%2B%2C%3A%3B%3D",
        ),
        ("idpat:sgtin:9521234.054321.*", "01/09521234543213"),
        ("class:lgtin:9521234.054321.L-1", "01/09521234543213/10/L-1"),
        ("id:upui:9521234.054321.T%26", "01/09521234543213/235/T%26"),
        ("id:sscc:9521234.0500000001", "00/095212345000000018"),
        ("id:sgln:9520000.00000.0", "414/9520000000004"),
        (
            "id:sgln:9520000.00000.dock-1",
            "414/9520000000004/254/dock-1",
        ),
        ("id:sgln:952000000000..0", "414/9520000000004"),
        ("id:pgln:9520000.00000", "417/9520000000004"),
        ("id:pgln:952000000000.", "417/9520000000004"),
        ("id:grai:9521234.54321.A", "8003/09521234543213A"),
        ("idpat:grai:9521234.54321.*", "8003/09521234543213"),
        ("id:gdti:9521234.54321.PO.1", "253/9521234543213PO.1"),
        ("idpat:gdti:9521234.54321.*", "253/9521234543213"),
        ("id:sgcn:9521234.54321.12", "255/952123454321312"),
        ("id:giai:9521234.A%2FB", "8004/9521234A%2FB"),
        ("id:ginc:9521234.C1", "401/9521234C1"),
        ("id:cpi:9521234.A%23%2F.12", "8010/9521234A%23%2F/8011/12"),
        ("idpat:cpi:9521234.AB.*", "8010/9521234AB"),
        (
            "id:itip:9521234.054321.01.02.S",
            "8006/095212345432130102/21/S",
        ),
        (
            "idpat:itip:9521234.054321.01.02.*",
            "8006/095212345432130102",
        ),
    ];

    #[test]
    fn urns_and_digital_links_of_a_key_say_the_same() {
        for (urn, path) in PAIRS {
            let key = read(urn, Depth::Full).unwrap().unwrap();
            assert_eq!(key.canonical(), format!("https://id.gs1.org/{path}"));
            let prefix = urn.split(':').nth(2).unwrap().split('.').next().unwrap();
            assert_eq!(key.urn(prefix.len()), Some(format!("urn:epc:{urn}")));
        }
    }

    #[test]
    fn numbers_of_services_and_shipments_get_their_check_digit() {
        for (urn, head) in [
            ("id:gsrn:9521234.0000000001", "8018/95212340000000001"),
            ("id:gsrnp:9521234.0000000001", "8017/95212340000000001"),
            ("id:gsin:9521234.000000001", "402/9521234000000001"),
        ] {
            let key = read(urn, Depth::Full).unwrap().unwrap();
            assert!(
                key.canonical()
                    .starts_with(&format!("https://id.gs1.org/{head}")),
                "{key}"
            );
            assert_eq!(key.urn(7), Some(format!("urn:epc:{urn}")));
        }
    }

    #[test]
    fn urns_that_break_their_scheme_are_refused() {
        for urn in [
            "id:sgtin:9521234.54321.S",
            "id:sgtin:95212.00054321.S",
            "id:sgtin:9521234.054321",
            "id:sgtin:9521234.054321.",
            "id:sgtin:9521234.054321.%",
            "id:sgtin:9521234.054321.x23456789012345678901",
            "id:sgtin:952123A.054321.S",
            "id:sgtin:9521234.05432A.S",
            "id:sscc:9521234.05000000012",
            "id:sgln:9520000.00000",
            "id:sgln:9520000.00000.",
            "id:pgln:9520000.00000.0",
            "id:gdti:9521234.54321.",
            "id:cpi:9521234.AB.01",
            "id:itip:9521234.054321.02.01.S",
            "id:itip:9521234.054321.1.2.S",
            "class:lgtin:9521234.054321.批",
            "idpat:sgtin:9521234.*.*",
            "idpat:sgtin:9521234.054321.S",
        ] {
            assert!(read(urn, Depth::Full).is_err(), "{urn}");
        }
    }

    #[test]
    fn other_schemes_are_nobodys_keys() {
        for urn in [
            "id:adi:W81X9C.3KL984PX1.2WMA52",
            "id:bic:CSQU3054383",
            "tag:sgtin-96:x",
            "idpat:sgln:1",
            "id",
            "",
        ] {
            assert_eq!(read(urn, Depth::Full), Ok(None), "{urn}");
        }
    }

    #[test]
    fn keys_without_a_urn_have_none() {
        for (primary, value, qualifiers, digits) in [
            ("01", "09521234543213", &[][..], 5),
            ("01", "09521234543213", &[], 13),
            ("415", "9520000000004", &[], 7),
            ("417", "9520000000004", &[("7040", "1ABC")], 7),
            ("8006", "095212345432130102", &[("10", "L")], 7),
            ("8004", "95212A", &[], 6),
        ] {
            let key = Key::new(primary, value, qualifiers).unwrap();
            assert_eq!(key.urn(digits), None, "{key:?}");
        }
    }

    #[test]
    fn an_item_with_its_lot_is_written_as_an_item() {
        let key = Key::new("01", "09521234543213", &[("10", "L"), ("21", "S")]).unwrap();

        assert_eq!(
            key.urn(7).as_deref(),
            Some("urn:epc:id:sgtin:9521234.054321.S")
        );
    }
}
