//! What any identifier must be before it can be a particular one: of bounded length, without control
//! characters, and a URI.

use super::fault::{Fault, shown};

/// Longer texts are no identifiers. The longest key is 14 digits and three qualifiers of 20 characters,
/// 222 bytes when all are percent-encoded; the rest is room for hosts, stems and queries.
pub const IDENTIFIER_MAX_BYTES: usize = 2048;

/// Refuses what can be no identifier of any kind.
pub(super) fn refuse_outright(text: &str) -> Result<(), Fault> {
    if text.is_empty() {
        return Err(Fault::Empty);
    }
    if IDENTIFIER_MAX_BYTES < text.len() {
        return Err(Fault::TooLong { found: text.len() });
    }
    match text.chars().find(|c| c.is_control()) {
        Some(found) => Err(Fault::ControlCharacter {
            found: u32::from(found),
        }),
        None => Ok(()),
    }
}

/// A URI: a scheme, a colon, something after it, and only the characters a URI may hold.
pub(super) fn check_uri(text: &str) -> Result<(), Fault> {
    let no_identifier = || Fault::NoIdentifier { found: shown(text) };
    let (scheme, rest) = text.split_once(':').ok_or_else(no_identifier)?;
    let mut letters = scheme.bytes();
    let begins = letters
        .next()
        .is_some_and(|byte| byte.is_ascii_alphabetic());
    let goes_on =
        letters.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    if !begins || !goes_on || rest.is_empty() {
        return Err(no_identifier());
    }
    if let Some(found) = rest.chars().find(|c| !is_uri_character(*c)) {
        return Err(Fault::UriCharacter { found });
    }
    let mut escapes = rest.split('%').skip(1);
    if escapes.all(|after| after.len() >= 2 && after.bytes().take(2).all(|b| b.is_ascii_hexdigit()))
    {
        Ok(())
    } else {
        Err(Fault::PercentEncoding { found: shown(text) })
    }
}

const fn is_uri_character(c: char) -> bool {
    c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}')
}
