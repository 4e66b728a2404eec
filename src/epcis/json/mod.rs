//! A JSON reader for a ledger: RFC 8259, and stricter where two readers could disagree.
//!
//! Number text is kept as received (`1.50` stays `1.50`), members keep their order, a key that stands
//! twice and a surrogate without its pair are faults, nesting is limited, and every fault names its
//! place as an RFC 6901 pointer and a byte offset. Strings without escapes are borrowed from the
//! input. What is left out on purpose: comments, trailing commas, a byte order mark, `NaN`.
//!
//! ```
//! use suyuan::epcis::json::{self, Value};
//!
//! let value = json::read(br#"{"b": 1.50, "a": "\u0041"}"#).unwrap();
//! assert_eq!(value.get("b"), Some(&Value::Number("1.50".into())));
//! assert_eq!(value.canonical(), br#"{"a":"A","b":1.50}"#);
//! ```

mod canonical;
mod cursor;
mod reader;
#[cfg(test)]
mod tests;
mod text;

use std::borrow::Cow;
use std::fmt;

pub use canonical::compare_keys;
pub use reader::{Reader, read};

/// How deep arrays and objects may nest. A public EPCIS fixture with nested extensions reaches 14.
pub const DEPTH_MAX: usize = 64;

/// A JSON value; strings and numbers borrow from the bytes read where they can.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, its text exactly as received.
    Number(Cow<'a, str>),
    /// A string, its escapes resolved.
    String(Cow<'a, str>),
    /// An array.
    Array(Vec<Value<'a>>),
    /// An object, in the order received; no key stands twice.
    Object(Vec<(Cow<'a, str>, Value<'a>)>),
}

impl<'a> Value<'a> {
    /// The member `key` of an object.
    pub fn get(&self, key: &str) -> Option<&Value<'a>> {
        self.members()?
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value)
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The elements of an array.
    pub fn elements(&self) -> Option<&[Value<'a>]> {
        match self {
            Self::Array(elements) => Some(elements),
            _ => None,
        }
    }

    /// The members of an object.
    pub fn members(&self) -> Option<&[(Cow<'a, str>, Value<'a>)]> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    /// What kind of value this is, in words, for a fault.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }

    /// The same value, owning its text.
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(value),
            Self::Number(text) => Value::Number(Cow::Owned(text.into_owned())),
            Self::String(text) => Value::String(Cow::Owned(text.into_owned())),
            Self::Array(elements) => {
                Value::Array(elements.into_iter().map(Value::into_owned).collect())
            }
            Self::Object(members) => Value::Object(
                members
                    .into_iter()
                    .map(|(key, value)| (Cow::Owned(key.into_owned()), value.into_owned()))
                    .collect(),
            ),
        }
    }
}

/// What is wrong with a text that should be JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JsonRule {
    /// Bytes that are not UTF-8.
    #[error("the bytes are not UTF-8")]
    InvalidUtf8,
    /// U+FEFF in front.
    #[error("a byte order mark stands before the JSON text")]
    ByteOrderMark,
    /// The text stops too early.
    #[error("the text ends inside a value")]
    UnexpectedEnd,
    /// Something else was due.
    #[error("expected {0}")]
    Expected(&'static str),
    /// More text after the value.
    #[error("text stands after the end of the value")]
    TrailingText,
    /// A number that the grammar does not allow.
    #[error("not a JSON number")]
    BadNumber,
    /// A control character inside a string.
    #[error("a control character stands unescaped in a string")]
    ControlCharacter,
    /// A backslash followed by something undefined.
    #[error("not a JSON escape")]
    BadEscape,
    /// `\ud800` … `\udfff` without its other half.
    #[error("a surrogate without its pair")]
    LoneSurrogate,
    /// A key that stands twice in one object.
    #[error("the key stands twice in one object")]
    DuplicateKey,
    /// More than [`DEPTH_MAX`] levels.
    #[error("nested deeper than {DEPTH_MAX} levels")]
    TooDeep,
}

impl JsonRule {
    /// The stable name of the rule.
    pub fn slug(self) -> &'static str {
        match self {
            Self::InvalidUtf8 => "json-invalid-utf8",
            Self::ByteOrderMark => "json-byte-order-mark",
            Self::UnexpectedEnd => "json-unexpected-end",
            Self::Expected(_) => "json-syntax",
            Self::TrailingText => "json-trailing-text",
            Self::BadNumber => "json-number",
            Self::ControlCharacter => "json-control-character",
            Self::BadEscape => "json-escape",
            Self::LoneSurrogate => "json-lone-surrogate",
            Self::DuplicateKey => "json-duplicate-key",
            Self::TooDeep => "json-too-deep",
        }
    }

    /// Whether reading can go on after it: the extent of every value is still certain.
    pub(crate) fn is_local(self) -> bool {
        matches!(self, Self::LoneSurrogate | Self::DuplicateKey)
    }
}

/// A fault of JSON at its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{rule} (at byte {offset}, {})", Shown(pointer))]
pub struct JsonFault {
    /// What is wrong.
    pub rule: JsonRule,
    /// RFC 6901 pointer to the value, or to the member whose key is at fault.
    pub pointer: String,
    /// The byte at which it was noticed.
    pub offset: usize,
}

struct Shown<'a>(&'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() {
            "the whole text"
        } else {
            self.0
        })
    }
}

/// Adds one reference token to an RFC 6901 pointer, `~` and `/` escaped.
pub fn push_token(pointer: &mut String, token: &str) {
    pointer.push('/');
    for c in token.chars() {
        match c {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            c => pointer.push(c),
        }
    }
}
