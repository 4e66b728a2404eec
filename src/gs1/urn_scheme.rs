//! The schemes of EPC URNs, as data: which key each writes, and how it splits it.

use super::check::check_digit;
use super::percent::{Keep, decode, encode};

/// How company prefix and reference make up the value of a key.
#[derive(Debug, Clone, Copy)]
pub(super) enum Head {
    /// So many digits together, the first digit of the reference in front, then a check digit.
    Indicated(usize),
    /// So many digits together, then a check digit; a GRAI has a zero in front.
    Plain { digits: usize, zero: bool },
    /// The two, one after the other; the reference percent-encoded.
    Free,
}

impl Head {
    pub(super) fn join(self, prefix: &str, reference: &str) -> Option<String> {
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
    pub(super) fn part(self, value: &str, prefix_digits: usize) -> Option<(String, String)> {
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
pub(super) struct Shape {
    pub(super) scheme: &'static str,
    pub(super) primary: &'static str,
    pub(super) head: Head,
    pub(super) fields: usize,
    /// Where the last field goes; without one it is a part of the value.
    pub(super) qualifier: Option<&'static str>,
    pub(super) expected: &'static str,
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

pub(super) const LOT: Shape = shape(
    "lgtin",
    "01",
    GTIN,
    3,
    Some("10"),
    "company prefix and item reference, 13 digits together, and a lot",
);

pub(super) const SHAPES: [Shape; 15] = [
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
pub(super) fn shape_of(kind: &str, name: &str) -> Option<(Shape, bool)> {
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

pub(super) fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}
