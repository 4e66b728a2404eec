//! Percent-encoding, as Digital Links and EPC URNs use it. Each of them leaves other characters alone,
//! so a value is always decoded from the one and encoded afresh for the other.

/// Which characters stay as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    /// A Digital Link: letters, digits and `- . _ ~`.
    Unreserved,
    /// A Digital Link inside the event hash: `' ; =` stay too.
    HashForm,
    /// An EPC URN: all but `" # % & / < > ?`.
    Urn,
}

impl Keep {
    const fn keeps(self, byte: u8) -> bool {
        if byte.is_ascii_alphanumeric() {
            return true;
        }
        match self {
            Self::Unreserved => matches!(byte, b'-' | b'.' | b'_' | b'~'),
            Self::HashForm => matches!(byte, b'-' | b'.' | b'_' | b'~' | b'\'' | b';' | b'='),
            Self::Urn => matches!(
                byte,
                b'!' | b'\''
                    | b'('
                    | b')'
                    | b'*'
                    | b'+'
                    | b','
                    | b'-'
                    | b'.'
                    | b':'
                    | b';'
                    | b'='
                    | b'_'
            ),
        }
    }
}

/// Appends the text, encoded with capital hexadecimal digits.
pub(super) fn encode_into(out: &mut String, text: &str, keep: Keep) {
    for byte in text.bytes() {
        if keep.keeps(byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(hex_digit(byte >> 4));
            out.push(hex_digit(byte & 15));
        }
    }
}

/// The text, encoded.
pub(super) fn encode(text: &str, keep: Keep) -> String {
    let mut out = String::with_capacity(text.len());
    encode_into(&mut out, text, keep);
    out
}

/// The text with each `%XX` read once. `None` when a `%` is not followed by two hexadecimal digits or
/// the bytes are no UTF-8.
pub(super) fn decode(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let high = char::from(rest.next()?).to_digit(16)?;
            let low = char::from(rest.next()?).to_digit(16)?;
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

fn hex_digit(value: u8) -> char {
    char::from(if value < 10 {
        b'0' + value
    } else {
        b'A' + value - 10
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_urns_keep_different_characters() {
        let text = "a%b/c'd(e)\"f#;=~";

        assert_eq!(
            encode(text, Keep::Unreserved),
            "a%25b%2Fc%27d%28e%29%22f%23%3B%3D~"
        );
        assert_eq!(encode(text, Keep::HashForm), "a%25b%2Fc'd%28e%29%22f%23;=~");
        assert_eq!(encode(text, Keep::Urn), "a%25b%2Fc'd(e)%22f%23;=%7E");
    }

    #[test]
    fn decoding_happens_once() {
        assert_eq!(decode("ABC%2540X").as_deref(), Some("ABC%40X"));
        assert_eq!(decode("%e6%89%b9").as_deref(), Some("批"));
    }

    #[test]
    fn broken_escapes_are_refused() {
        for text in ["%", "%4", "%4G", "%+1", "%FF"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
