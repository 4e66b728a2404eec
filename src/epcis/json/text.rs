//! Strings: borrowed when nothing is escaped, resolved otherwise.

use std::borrow::Cow;

use super::JsonRule;
use super::cursor::{Broken, Cursor};

/// Steps over a string; the cursor stands on its opening quote. A surrogate without its pair is
/// written as U+FFFD and reported as the second value, the string's end being certain all the same.
pub(super) fn string<'a>(
    cursor: &mut Cursor<'a>,
) -> Result<(Cow<'a, str>, Option<Broken>), Broken> {
    if cursor.peek() != Some(b'"') {
        return Err((JsonRule::Expected("a string"), cursor.at));
    }
    cursor.at += 1;
    let start = cursor.at;
    plain(cursor)?;
    let head = cursor.slice(start, cursor.at);
    if cursor.peek() == Some(b'"') {
        cursor.at += 1;
        return Ok((Cow::Borrowed(head), None));
    }
    let mut out = String::with_capacity(head.len() + 16);
    out.push_str(head);
    let mut lone = None;
    loop {
        match cursor.peek() {
            Some(b'"') => {
                cursor.at += 1;
                return Ok((Cow::Owned(out), lone));
            }
            Some(b'\\') => {
                let at = cursor.at;
                if let Some(c) = escape(cursor)? {
                    out.push(c);
                } else {
                    out.push(char::REPLACEMENT_CHARACTER);
                    lone.get_or_insert((JsonRule::LoneSurrogate, at));
                }
            }
            _ => {
                let from = cursor.at;
                plain(cursor)?;
                out.push_str(cursor.slice(from, cursor.at));
            }
        }
    }
}

/// Steps over characters that stand for themselves, up to a quote or a backslash.
fn plain(cursor: &mut Cursor<'_>) -> Result<(), Broken> {
    let rest = cursor.bytes().get(cursor.at..).unwrap_or_default();
    let stop = rest
        .iter()
        .position(|&b| b == b'"' || b == b'\\' || b < 0x20)
        .ok_or((JsonRule::UnexpectedEnd, cursor.text.len()))?;
    cursor.at += stop;
    match rest.get(stop) {
        Some(b) if *b < 0x20 => Err((JsonRule::ControlCharacter, cursor.at)),
        _ => Ok(()),
    }
}

/// Resolves one escape; the cursor stands on the backslash. `None` is a surrogate without its pair.
fn escape(cursor: &mut Cursor<'_>) -> Result<Option<char>, Broken> {
    let start = cursor.at;
    cursor.at += 1;
    let kind = cursor.peek().ok_or((JsonRule::UnexpectedEnd, cursor.at))?;
    cursor.at += 1;
    Ok(Some(match kind {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode(cursor, start),
        _ => return Err((JsonRule::BadEscape, start)),
    }))
}

fn unicode(cursor: &mut Cursor<'_>, start: usize) -> Result<Option<char>, Broken> {
    let first = hex4(cursor, start)?;
    if !(0xD800..0xDC00).contains(&first) {
        return Ok(char::from_u32(first));
    }
    let after = cursor.at;
    if cursor.bytes().get(after..after + 2) != Some(b"\\u") {
        return Ok(None);
    }
    cursor.at += 2;
    let second = hex4(cursor, after)?;
    if !(0xDC00..0xE000).contains(&second) {
        // Not its pair: the second escape is read again by itself.
        cursor.at = after;
        return Ok(None);
    }
    Ok(char::from_u32(
        0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00),
    ))
}

fn hex4(cursor: &mut Cursor<'_>, start: usize) -> Result<u32, Broken> {
    let digits = cursor
        .bytes()
        .get(cursor.at..cursor.at + 4)
        .ok_or((JsonRule::UnexpectedEnd, cursor.text.len()))?;
    let mut value = 0;
    for digit in digits {
        let digit = char::from(*digit)
            .to_digit(16)
            .ok_or((JsonRule::BadEscape, start))?;
        value = value * 16 + digit;
    }
    cursor.at += 4;
    Ok(value)
}
