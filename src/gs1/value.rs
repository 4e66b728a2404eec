//! The values most of the system speaks of: a product's GTIN, a place's or party's GLN, a pallet's SSCC,
//! a lot, a serial number. Each is parsed once and right from then on.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::ai::{Ai, Depth};
use super::check::check_digit;
use super::fault::{Fault, shown};

/// Adds the zeros that make a GTIN of 8, 12 or 13 digits one of 14; anything else stays.
pub(super) fn padded_gtin(text: &str) -> String {
    match text.len() {
        8 | 12 | 13 if text.bytes().all(|byte| byte.is_ascii_digit()) => format!("{text:0>14}"),
        _ => text.to_owned(),
    }
}

/// Checks a value against the row of its application identifier and, fully, that a GTIN, SSCC or GLN is
/// not all zeros, which no one can be given.
pub(super) fn check(code: &str, value: &str, depth: Depth) -> Result<(), Fault> {
    let Some(ai) = Ai::find(code) else {
        return Err(Fault::UnknownAi { found: shown(code) });
    };
    ai.check_as(code, value, depth)?;
    let issued = matches!(code, "00" | "01" | "414" | "415" | "417");
    if depth == Depth::Full && issued && value.bytes().all(|byte| byte == b'0') {
        return Err(Fault::Value {
            ai: code.to_owned(),
            name: ai.name(),
            expected: "a number that can be issued".to_owned(),
            found: shown(value),
        });
    }
    Ok(())
}

macro_rules! digits_type {
    ($(#[$doc:meta])* $name:ident, $length:literal, $code:literal, $pad:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name([u8; $length]);

        impl $name {
            /// Reads it; refused when length, characters or check digit are wrong.
            pub fn parse(text: &str) -> Result<Self, Fault> {
                let pad: fn(&str) -> String = $pad;
                let digits = pad(text);
                check($code, &digits, Depth::Full)?;
                let mut own = [b'0'; $length];
                for (mine, byte) in own.iter_mut().zip(digits.bytes()) {
                    *mine = byte;
                }
                Ok(Self(own))
            }

            /// The one with these digits before its check digit; `None` unless there are as many as it
            /// takes.
            pub fn from_body(body: &str) -> Option<Self> {
                if body.len() != $length - 1 {
                    return None;
                }
                let digit = check_digit(body)?;
                Self::parse(&format!("{body}{digit}")).ok()
            }

            /// Its digits.
            pub fn as_str(&self) -> &str {
                std::str::from_utf8(&self.0).unwrap_or_default()
            }
        }

        text_impls!($name);
    };
}

macro_rules! text_impls {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = Fault;

            fn from_str(text: &str) -> Result<Self, Fault> {
                Self::parse(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = Fault;

            fn try_from(text: String) -> Result<Self, Fault> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.as_str().to_owned()
            }
        }
    };
}

macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident, $code:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Reads it; refused when it is empty, longer than 20 or leaves the GS1 set 82.
            pub fn parse(text: &str) -> Result<Self, Fault> {
                check($code, text, Depth::Full)?;
                Ok(Self(text.to_owned()))
            }

            /// Its characters, of which case matters.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        text_impls!($name);
    };
}

digits_type!(
    /// A Global Trade Item Number: which product, in which package. 14 digits; read from 8, 12, 13 or
    /// 14.
    ///
    /// ```
    /// use suyuan::gs1::Gtin;
    /// assert_eq!(Gtin::parse("9521234543213")?.as_str(), "09521234543213");
    /// assert_eq!(
    ///     Gtin::parse("9521234543214").unwrap_err().to_string(),
    ///     "GTIN (01) 09521234543214: expected check digit 3, found 4",
    /// );
    /// # Ok::<(), suyuan::gs1::Fault>(())
    /// ```
    Gtin, 14, "01", padded_gtin
);

digits_type!(
    /// A Global Location Number: a place or a party. 13 digits.
    Gln, 13, "414", str::to_owned
);

digits_type!(
    /// A Serial Shipping Container Code: one logistic unit. 18 digits.
    Sscc, 18, "00", str::to_owned
);

text_type!(
    /// A batch or lot number (AI 10).
    Lot, "10"
);

text_type!(
    /// A serial number (AI 21).
    Serial, "21"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gtin_of_any_length_is_stored_with_14_digits() {
        for (text, stored) in [
            ("95212340", "00000095212340"),
            ("952123454324", "00952123454324"),
            ("9521234543213", "09521234543213"),
            ("19521234543210", "19521234543210"),
        ] {
            assert_eq!(Gtin::parse(text).unwrap().as_str(), stored);
        }
    }

    #[test]
    fn wrong_values_are_refused() {
        let wrong_gtins = [
            "",
            "1",
            "00000000000000",
            "00000000",
            "9521234543214",
            "952123454321X",
        ];
        for text in wrong_gtins {
            assert!(Gtin::parse(text).is_err(), "{text}");
        }
        for text in [
            "09520000000004",
            "952000000000",
            "9520000000003",
            "0000000000000",
        ] {
            assert!(Gln::parse(text).is_err(), "{text}");
        }
        for text in [
            "095212345000000011",
            "09521234500000001",
            "000000000000000000",
        ] {
            assert!(Sscc::parse(text).is_err(), "{text}");
        }
        for text in ["", "a b", "批A", "a\u{0}", "x23456789012345678901", "#1"] {
            assert!(Lot::parse(text).is_err(), "{text}");
            assert!(Serial::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn check_digits_are_added_to_a_body() {
        assert_eq!(
            Gln::from_body("952000000000").unwrap().as_str(),
            "9520000000004"
        );
        assert_eq!(
            Sscc::from_body("09521234500000001").unwrap().as_str(),
            "095212345000000018"
        );
        assert_eq!(Gtin::from_body("952123454321"), None);
    }

    #[test]
    fn values_are_read_from_json_with_the_same_checks() {
        let gtin: Gtin = serde_json::from_str("\"9521234543213\"").unwrap();

        assert_eq!(serde_json::to_string(&gtin).unwrap(), "\"09521234543213\"");
        assert!(serde_json::from_str::<Gtin>("\"9521234543214\"").is_err());
    }
}
