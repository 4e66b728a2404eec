//! Queries of addresses: read once, every name known, no name twice.

use std::fmt::Write as _;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use super::problem::Refused;
use crate::app::{Code, Fault, Problem};

/// Bytes of an address with its query.
pub(super) const URI_BYTES_MAX: usize = 8 * 1024;

/// The parameters of a request, in their order.
#[derive(Debug, Clone, Default)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads a query whose names are all known and stand once.
    pub(super) fn read(text: &str, known: &[&str]) -> Result<Self, Problem> {
        let query = Self::read_any(text)?;
        for (index, (name, _)) in query.0.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                let detail = if known.is_empty() {
                    format!("{name:?} is no parameter here; there are none")
                } else {
                    format!("{name:?} is no parameter here: {}", known.join(", "))
                };
                return Err(wrong(name, detail));
            }
            if query.0[..index].iter().any(|(earlier, _)| earlier == name) {
                return Err(wrong(name, format!("{name} stands twice")));
            }
        }
        Ok(query)
    }

    /// Reads a query of whatever names.
    pub(super) fn read_any(text: &str) -> Result<Self, Problem> {
        let mut query = Vec::new();
        for part in text.split('&').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            match (decode(name), decode(value)) {
                (Some(name), Some(value)) => query.push((name, value)),
                _ => {
                    return Err(wrong(
                        name,
                        format!("{part:?} is not percent-encoded UTF-8"),
                    ));
                }
            }
        }
        Ok(Self(query))
    }

    /// The value of a parameter.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// Every parameter with its value.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// A parameter that is `true` or `false`, `false` without it.
    pub(super) fn flag(&self, name: &str) -> Result<bool, Problem> {
        match self.get(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => Err(wrong(
                name,
                format!("{name} is true or false, not {other:?}"),
            )),
        }
    }
}

impl FromRequest for Query {
    type Error = Refused;
    type Future = Ready<Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(request.extensions().get::<Self>().cloned().ok_or_else(|| {
            Problem::new(Code::Internal, "the query of this route is not read").into()
        }))
    }
}

/// A parameter that is wrong.
pub(super) fn wrong(name: &str, detail: String) -> Problem {
    let fault = Fault {
        pointer: name.to_owned(),
        detail: detail.clone(),
        ..Fault::default()
    };
    Problem::new(Code::InvalidParameter, detail).with_errors(vec![fault])
}

/// A query's text: `+` is a space.
fn decode(text: &str) -> Option<String> {
    percent_decode(&text.replace('+', " "))
}

/// A text with each `%XX` read once; `None` when one is broken or the bytes are no UTF-8.
pub(super) fn percent_decode(text: &str) -> Option<String> {
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

/// A text for one segment of a path or one value of a query: everything but unreserved characters is
/// escaped.
pub(super) fn percent_encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_reads_as_its_parameters() {
        let query = Query::read("perPage=5&name=%E6%89%B9+A", &["perPage", "name"]).unwrap();

        assert_eq!(query.get("perPage"), Some("5"));
        assert_eq!(query.get("name"), Some("批 A"));
        assert_eq!(query.get("other"), None);
    }

    #[test]
    fn what_is_unknown_repeated_or_broken_is_refused_by_name() {
        for (text, name) in [
            ("perpage=5", "perpage"),
            ("perPage=5&perPage=6", "perPage"),
            ("perPage=%", "perPage"),
            ("perPage=%FF", "perPage"),
            ("x", "x"),
        ] {
            let problem = Query::read(text, &["perPage"]).unwrap_err();
            assert_eq!(problem.code, Code::InvalidParameter, "{text}");
            assert_eq!(problem.errors[0].pointer, name, "{text}");
        }
        assert!(
            Query::read("dry=maybe", &["dry"])
                .unwrap()
                .flag("dry")
                .is_err()
        );
    }

    #[test]
    fn encoding_and_decoding_are_inverse() {
        let id = "ni:///sha-256;df7bb3c352fef055578554f09f5e2aa41782150ced7bd0b8af24dd3ccb30ba69?ver=CBV2.0 批";
        assert_eq!(percent_decode(&percent_encode(id)).as_deref(), Some(id));
        assert_eq!(percent_encode("a/b?c"), "a%2Fb%3Fc");
    }
}
