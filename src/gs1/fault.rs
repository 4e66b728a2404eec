//! Why a text is not an identifier. Each sentence says what was understood, what was expected and what
//! was found.

use super::uri::IDENTIFIER_MAX_BYTES;

/// How much of a refused text a message repeats.
const SHOWN_MAX_CHARS: usize = 64;

/// Why a text is refused, in the order the reasons are checked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Nothing there.
    #[error("an identifier is expected, found nothing")]
    Empty,
    /// Longer than anything we record.
    #[error("an identifier has at most {IDENTIFIER_MAX_BYTES} bytes, found {found}")]
    TooLong {
        /// Its length in bytes.
        found: usize,
    },
    /// A control character, as it stands or behind a `%`.
    #[error("an identifier holds no control characters, found U+{found:04X}")]
    ControlCharacter {
        /// The character's number.
        found: u32,
    },
    /// Neither of the two forms.
    #[error(
        "an identifier is a URI, or a GS1 element string such as (01)09521234543213, found \"{found}\""
    )]
    NoIdentifier {
        /// The beginning of the text.
        found: String,
    },
    /// A character that a URI cannot hold.
    #[error("{found:?} must be percent-encoded in a URI")]
    UriCharacter {
        /// The character.
        found: char,
    },
    /// A `%` without two hexadecimal digits, or escapes that are no UTF-8.
    #[error("\"{found}\" is not percent-encoded UTF-8")]
    PercentEncoding {
        /// The segment.
        found: String,
    },
    /// An element string whose brackets or identifiers make no sense.
    #[error("an application identifier of GS1 is expected in brackets, found \"{found}\"")]
    UnknownAi {
        /// What stands there.
        found: String,
    },
    /// A value with the wrong length or characters.
    #[error("{name} ({ai}): expected {expected}, found \"{found}\"")]
    Value {
        /// The application identifier.
        ai: String,
        /// Its name.
        name: &'static str,
        /// What it wants.
        expected: String,
        /// The value.
        found: String,
    },
    /// A value whose last digit does not fit the others.
    #[error("{name} ({ai}) {value}: expected check digit {expected}, found {found}")]
    CheckDigit {
        /// The application identifier.
        ai: String,
        /// Its name.
        name: &'static str,
        /// The value.
        value: String,
        /// The digit that fits, or the pair of characters.
        expected: String,
        /// What stands there.
        found: String,
    },
    /// The path of a Digital Link, or an element string, without a key.
    #[error("a GS1 key is expected (01, 00, 414 …), found \"{found}\"")]
    NoKey {
        /// What stands there.
        found: String,
    },
    /// Two keys in one element string.
    #[error("one GS1 key is expected, found ({first}) and ({second})")]
    TwoKeys {
        /// The first.
        first: String,
        /// The second.
        second: String,
    },
    /// The same application identifier twice.
    #[error("({ai}) may stand once, found it twice")]
    Repeated {
        /// The application identifier.
        ai: String,
    },
    /// A qualifier that the key does not take, or not at this place.
    #[error("{name} ({ai}) takes {expected}, found ({found})")]
    Qualifier {
        /// The key's application identifier.
        ai: &'static str,
        /// The key's name.
        name: &'static str,
        /// What may follow it.
        expected: String,
        /// What follows it.
        found: String,
    },
    /// Part of the identity in the query of a Digital Link.
    #[error("({ai}) belongs in the path of a Digital Link, found in its query")]
    InQuery {
        /// The application identifier.
        ai: String,
    },
    /// An application identifier that may not be an attribute, or a numeric key that is none.
    #[error("({ai}) is no attribute of a Digital Link")]
    Attribute {
        /// The key in the query.
        ai: String,
    },
    /// An EPC URN that does not follow its scheme.
    #[error("urn:epc:{scheme}: expected {expected}, found \"{found}\"")]
    Urn {
        /// Such as `id:sgtin`.
        scheme: String,
        /// What the scheme wants.
        expected: String,
        /// What stands there.
        found: String,
    },
}

/// The beginning of a text, without control characters, for a message.
pub(super) fn shown(text: &str) -> String {
    let mut out: String = text
        .chars()
        .take(SHOWN_MAX_CHARS)
        .map(|c| if c.is_control() { '\u{FFFD}' } else { c })
        .collect();
    if text.chars().nth(SHOWN_MAX_CHARS).is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_repeat_only_the_beginning_and_no_control_characters() {
        assert_eq!(shown("a\nb"), "a\u{FFFD}b");
        assert_eq!(shown(&"x".repeat(100)), format!("{}…", "x".repeat(64)));
        assert_eq!(shown(&"x".repeat(64)), "x".repeat(64));
    }
}
