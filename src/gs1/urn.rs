//! EPC URNs: `urn:epc:id:sgtin:9521234.054321.1` and their kin. A URN splits its key after the company
//! prefix and leaves the check digit out; so reading one is always possible, writing one needs the length
//! of the prefix.

use std::ops::RangeInclusive;

use super::ai::Depth;
use super::check::check_digit;
use super::fault::{Fault, shown};
use super::key::Key;
use super::percent::{Keep, decode, encode};

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

/// How company prefix and reference make up the value of a key.
#[derive(Debug, Clone, Copy)]
enum Head {
    /// So many digits together, the first digit of the reference in front, then a check digit.
    Indicated(usize),
    /// So many digits together, then a check digit; a GRAI has a zero in front.
    Plain { digits: usize, zero: bool },
    /// The two, one after the other; the reference percent-encoded.
    Free,
}

impl Head {
    fn join(self, prefix: &str, reference: &str) -> Option<String> {
        let body = match self {
            Self::Indicated(digits) => {
                let fits = prefix.len() + reference.len() == digits && is_digits(reference);
                let (first, rest) = reference.split_at_checked(1).filter(|_| fits)?;
                format!("{first}{prefix}{rest}")
            }
            Self::Plain { digits, zero } => {
                let fits = prefix.len() + reference.len() == digits && is_digits(reference);
                fits.then(|| format!("{}{prefix}{reference}", if zero { "0" } else { "" }))?
            }
            Self::Free => {
                let reference = decode(reference).filter(|text| !text.is_empty())?;
                return Some(format!("{prefix}{reference}"));
            }
        };
        let digit = check_digit(&body)?;
        Some(format!("{body}{digit}"))
    }

    /// The reverse: prefix and reference out of a value. `None` when the prefix is too long for it.
    fn part(self, value: &str, prefix_digits: usize) -> Option<(String, String)> {
        let (first, rest) = match self {
            Self::Indicated(digits) => (value.get(..1)?, value.get(1..digits)?),
            Self::Plain { digits, zero } => ("", value.get(usize::from(zero)..)?.get(..digits)?),
            Self::Free => ("", value),
        };
        let (prefix, rest) = rest.split_at_checked(prefix_digits)?;
        let reference = match self {
            Self::Free if rest.is_empty() => return None,
            Self::Free => encode(rest, Keep::Urn),
            Self::Indicated(_) | Self::Plain { .. } => format!("{first}{rest}"),
        };
        is_digits(prefix).then(|| (prefix.to_owned(), reference))
    }
}

const GTIN: Head = Head::Indicated(13);
const GLN: Head = Head::Plain {
    digits: 12,
    zero: false,
};

/// One scheme.
#[derive(Debug, Clone, Copy)]
struct Shape {
    scheme: &'static str,
    primary: &'static str,
    head: Head,
    fields: usize,
    /// Where the last field goes; without one it is a part of the value.
    qualifier: Option<&'static str>,
    expected: &'static str,
}

const fn shape(
    scheme: &'static str,
    primary: &'static str,
    head: Head,
    fields: usize,
    qualifier: Option<&'static str>,
    expected: &'static str,
) -> Shape {
    Shape {
        scheme,
        primary,
        head,
        fields,
        qualifier,
        expected,
    }
}

const LOT: Shape = shape(
    "lgtin",
    "01",
    GTIN,
    3,
    Some("10"),
    "company prefix and item reference, 13 digits together, and a lot",
);

const SHAPES: [Shape; 15] = [
    shape(
        "sgtin",
        "01",
        GTIN,
        3,
        Some("21"),
        "company prefix and item reference, 13 digits together, and a serial number",
    ),
    shape(
        "upui",
        "01",
        GTIN,
        3,
        Some("235"),
        "company prefix and item reference, 13 digits together, and a serial number",
    ),
    shape(
        "itip",
        "8006",
        GTIN,
        5,
        Some("21"),
        "company prefix and item reference, 13 digits together, piece, total and a serial number",
    ),
    shape(
        "sscc",
        "00",
        Head::Indicated(17),
        2,
        None,
        "company prefix and serial reference, 17 digits together",
    ),
    shape(
        "sgln",
        "414",
        GLN,
        3,
        Some("254"),
        "company prefix and location reference, 12 digits together, and an extension or 0",
    ),
    shape(
        "pgln",
        "417",
        GLN,
        2,
        None,
        "company prefix and party reference, 12 digits together",
    ),
    shape(
        "grai",
        "8003",
        Head::Plain {
            digits: 12,
            zero: true,
        },
        3,
        None,
        "company prefix and asset type, 12 digits together, and a serial number",
    ),
    shape(
        "giai",
        "8004",
        Head::Free,
        2,
        None,
        "company prefix and asset reference",
    ),
    shape(
        "gsrn",
        "8018",
        Head::Plain {
            digits: 17,
            zero: false,
        },
        2,
        None,
        "company prefix and service reference, 17 digits together",
    ),
    shape(
        "gsrnp",
        "8017",
        Head::Plain {
            digits: 17,
            zero: false,
        },
        2,
        None,
        "company prefix and service reference, 17 digits together",
    ),
    shape(
        "gdti",
        "253",
        GLN,
        3,
        None,
        "company prefix and document type, 12 digits together, and a serial number",
    ),
    shape(
        "cpi",
        "8010",
        Head::Free,
        3,
        Some("8011"),
        "company prefix, component reference and a serial number",
    ),
    shape(
        "sgcn",
        "255",
        GLN,
        3,
        None,
        "company prefix and coupon reference, 12 digits together, and a serial number",
    ),
    shape(
        "ginc",
        "401",
        Head::Free,
        2,
        None,
        "company prefix and consignment reference",
    ),
    shape(
        "gsin",
        "402",
        Head::Plain {
            digits: 16,
            zero: false,
        },
        2,
        None,
        "company prefix and shipper reference, 16 digits together",
    ),
];

/// The scheme of this kind and name, and whether it is a pattern.
fn shape_of(kind: &str, name: &str) -> Option<(Shape, bool)> {
    let named = |shape: &&Shape| shape.scheme == name;
    match kind {
        "id" => SHAPES.iter().find(named).map(|shape| (*shape, false)),
        // A pattern names a class where the key has one: not a place with any extension.
        "idpat" => SHAPES
            .iter()
            .filter(|shape| 2 < shape.fields && shape.primary != "414")
            .find(named)
            .map(|shape| (*shape, true)),
        "class" => Some(&LOT).filter(named).map(|shape| (*shape, false)),
        _ => None,
    }
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

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}
