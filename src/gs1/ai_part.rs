//! Components: a value is one or more of them, one after the other.

use super::ai_rule::Rule;
use super::charset::Charset;

/// One component of a value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub(super) charset: Charset,
    pub(super) min: usize,
    pub(super) max: usize,
    pub(super) optional: bool,
    pub(super) rule: Rule,
}

impl Part {
    const fn new(charset: Charset, min: usize, max: usize) -> Self {
        Self {
            charset,
            min,
            max,
            optional: false,
            rule: Rule::Free,
        }
    }

    pub(super) const fn with(self, rule: Rule) -> Self {
        Self { rule, ..self }
    }

    pub(super) const fn optional(self) -> Self {
        Self {
            optional: true,
            ..self
        }
    }
}

/// Exactly so many digits.
pub(super) const fn n(length: usize) -> Part {
    Part::new(Charset::Digits, length, length)
}

/// One digit, or more up to so many.
pub(super) const fn n_to(max: usize) -> Part {
    Part::new(Charset::Digits, 1, max)
}

/// Exactly so many characters of set 82.
pub(super) const fn x(length: usize) -> Part {
    Part::new(Charset::Text, length, length)
}

/// One character of set 82, or more up to so many.
pub(super) const fn x_to(max: usize) -> Part {
    Part::new(Charset::Text, 1, max)
}

/// One character of set 39, or more up to so many.
pub(super) const fn y_to(max: usize) -> Part {
    Part::new(Charset::PartNumber, 1, max)
}

/// One character of base64url, or more up to so many.
pub(super) const fn z_to(max: usize) -> Part {
    Part::new(Charset::Base64Url, 1, max)
}
