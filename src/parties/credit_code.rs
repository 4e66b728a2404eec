//! The unified social credit code (统一社会信用代码, GB 32100-2015): 18 characters, the last a check.

use std::fmt;
use std::str::FromStr;

/// The 31 characters: digits and capitals without I, O, S, V, Z.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// 3 to the power of the position, modulo 31.
const WEIGHTS: [usize; 17] = [
    1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28,
];

/// A code whose check character is right.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CreditCode(String);

/// Why a text is no credit code.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum BadCreditCode {
    /// Not 18 characters.
    #[error("a unified social credit code has 18 characters, not {0}")]
    Length(usize),
    /// A character outside the alphabet.
    #[error("{0:?} does not occur in a unified social credit code")]
    Character(char),
    /// The check character is another.
    #[error("the check character must be {expected}, not {found}")]
    Check {
        /// The right one.
        expected: char,
        /// The one that came.
        found: char,
    },
}

impl CreditCode {
    /// The code's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The check character of 17 characters; `None` when one of them does not belong there.
    pub fn check_character(body: &str) -> Option<char> {
        let values: Option<Vec<usize>> = body
            .bytes()
            .map(|byte| ALPHABET.iter().position(|known| *known == byte))
            .collect();
        let values = values.filter(|values| values.len() == WEIGHTS.len())?;
        let sum: usize = values
            .iter()
            .zip(WEIGHTS)
            .map(|(value, weight)| value * weight)
            .sum();
        Some(char::from(ALPHABET[(31 - sum % 31) % 31]))
    }
}

impl FromStr for CreditCode {
    type Err = BadCreditCode;

    fn from_str(text: &str) -> Result<Self, BadCreditCode> {
        let length = text.chars().count();
        if length != 18 {
            return Err(BadCreditCode::Length(length));
        }
        if let Some(stranger) = text
            .chars()
            .find(|c| !u8::try_from(*c).is_ok_and(|byte| ALPHABET.contains(&byte)))
        {
            return Err(BadCreditCode::Character(stranger));
        }
        let (body, found) = text.split_at(17);
        let found = found.chars().next().unwrap_or_default();
        match Self::check_character(body) {
            Some(expected) if expected == found => Ok(Self(text.to_owned())),
            Some(expected) => Err(BadCreditCode::Check { expected, found }),
            None => Err(BadCreditCode::Length(length)),
        }
    }
}

impl fmt::Display for CreditCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{BadCreditCode, CreditCode};

    #[test]
    fn the_check_character_of_a_code_is_checked() {
        // The example of the standard's annex and one more worked out by hand.
        for good in ["91350100M000100Y43", "911100000000000006"] {
            let body = &good[..17];
            let check = CreditCode::check_character(body).unwrap();
            let code = format!("{body}{check}");
            assert_eq!(code.parse::<CreditCode>().unwrap().as_str(), code);
        }
        assert_eq!(
            "91350100M000100Y43".parse::<CreditCode>().unwrap().as_str(),
            "91350100M000100Y43"
        );
    }

    #[test]
    fn a_wrong_code_is_refused_with_what_is_wrong() {
        assert_eq!(
            "91350100M000100Y44".parse::<CreditCode>(),
            Err(BadCreditCode::Check {
                expected: '3',
                found: '4'
            })
        );
        assert_eq!("9135".parse::<CreditCode>(), Err(BadCreditCode::Length(4)));
        assert_eq!(
            "91350100M000100I43".parse::<CreditCode>(),
            Err(BadCreditCode::Character('I'))
        );
    }

    #[test]
    fn one_changed_character_never_passes() {
        let good = "91350100M000100Y43";
        for index in 0..18 {
            for other in "0123456789ABCDEFGHJKLMNPQRTUWXY".chars() {
                let mut changed: Vec<char> = good.chars().collect();
                if changed[index] != other {
                    changed[index] = other;
                    let text: String = changed.into_iter().collect();
                    assert!(text.parse::<CreditCode>().is_err(), "{text}");
                }
            }
        }
    }
}
