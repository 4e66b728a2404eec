//! The link a code prints: scheme in lower case, because several phone cameras open nothing else; host in
//! upper case, so that all of the link but five letters fits the alphanumeric mode of QR symbols; then the
//! path of the GS1 Digital Link, whose case is part of the identifier.

use std::fmt;
use std::net::Ipv6Addr;

use thiserror::Error;

use crate::gs1::{CANONICAL_HOST, Fault, Gtin, Identifier, Key};

use super::serial::ComputedSerial;

/// Bytes of a host name (RFC 1035).
const HOST_MAX_BYTES: usize = 253;

/// Bytes of a label of a host name (RFC 1035).
const LABEL_MAX_BYTES: usize = 63;

/// Why a text is no `public_url`.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PublicUrlError {
    /// It does not begin with `https://` or `http://`.
    #[error("public_url {0:?} must begin with https:// or http://")]
    Scheme(String),
    /// The host is missing or is neither a name nor an address; names of other scripts must be in Punycode.
    #[error("public_url {0:?} has no valid host")]
    Host(String),
    /// The port is no number of 1..=65535.
    #[error("public_url {0:?} has no valid port")]
    Port(String),
    /// The path has empty segments or characters a link cannot carry as they are; or there is a query.
    #[error(
        "public_url {0:?} may have a path of letters, digits and - . _ ~ / after its host, and nothing else"
    )]
    Path(String),
}

/// Where this installation answers: the beginning of every link it prints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    /// `https://HOST[:port][/path]`, no slash at the end.
    printed: String,
    /// The same with its host in lower case.
    plain: String,
}

impl PublicUrl {
    /// Reads the configuration value; a slash at its end is dropped.
    pub fn parse(text: &str) -> Result<Self, PublicUrlError> {
        let split = text.split_once("://");
        let (scheme, rest) = match split {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => ("https", rest),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => ("http", rest),
            _ => return Err(PublicUrlError::Scheme(text.to_owned())),
        };
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let path = path.strip_suffix('/').unwrap_or(path);
        let (host, port) = split_port(authority);
        if !is_host(host) {
            return Err(PublicUrlError::Host(text.to_owned()));
        }
        if !port.is_none_or(is_port) {
            return Err(PublicUrlError::Port(text.to_owned()));
        }
        if !path.is_empty() && !is_path(path) {
            return Err(PublicUrlError::Path(text.to_owned()));
        }
        let authority = authority.to_ascii_lowercase();
        Ok(Self {
            printed: format!("{scheme}://{}{path}", authority.to_ascii_uppercase()),
            plain: format!("{scheme}://{authority}{path}"),
        })
    }

    /// The URL as one writes it, its host in lower case and without a slash at the end.
    pub fn as_str(&self) -> &str {
        &self.plain
    }

    /// The printed link of an item: `/01/{gtin}/21/{serial}`.
    pub fn item_link(&self, gtin: Gtin, serial: &ComputedSerial) -> String {
        let mut link = String::with_capacity(self.printed.len() + 36);
        link.push_str(&self.printed);
        link.push_str("/01/");
        link.push_str(gtin.as_str());
        link.push_str("/21/");
        link.push_str(serial.as_str());
        link
    }

    /// The printed link of any key: `/01/{gtin}/10/{lot}` for a lot.
    pub fn link(&self, key: &Key) -> String {
        let without_host = key.digital_link("");
        let path = without_host.strip_prefix("https://").unwrap_or_default();
        format!("{}{path}", self.printed)
    }
}

impl PublicUrl {
    /// What a symbol for this text holds: of a key the link we print, of any other link or URI itself. A
    /// link on another host is somebody's choice and stays.
    pub fn printed(&self, text: &str) -> Result<String, Fault> {
        let parsed = Identifier::parse(text)?;
        Ok(match parsed.identifier {
            Identifier::Gs1(key) if self.is_ours(text) => self.link(&key),
            Identifier::Gs1(_) | Identifier::Private(_) => text.to_owned(),
        })
    }

    /// Whether a key in this spelling is printed with our own address: it names no web address, or the
    /// one of identifiers as such, or ours.
    fn is_ours(&self, text: &str) -> bool {
        let lower = text.to_ascii_lowercase();
        let Some((scheme, rest)) = lower.split_once("://") else {
            return true;
        };
        let below = |address: &str| {
            rest.strip_prefix(address)
                .is_some_and(|path| path.starts_with('/'))
        };
        let ours = self.plain.to_ascii_lowercase();
        let our_address = ours.split_once("://").map_or("", |(_, address)| address);
        !matches!(scheme, "http" | "https") || below(CANONICAL_HOST) || below(our_address)
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.plain)
    }
}

/// Host and port; the colons inside an IPv6 address are not before a port.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

fn is_host(host: &str) -> bool {
    if let Some(rest) = host.strip_prefix('[') {
        let address = rest.strip_suffix(']');
        return address.is_some_and(|address| address.parse::<Ipv6Addr>().is_ok());
    }
    let is_label = |label: &str| {
        let inside = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=LABEL_MAX_BYTES).contains(&label.len())
            && label.bytes().all(inside)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.len() <= HOST_MAX_BYTES && host.split('.').all(is_label)
}

fn is_port(port: &str) -> bool {
    let digits = port.bytes().all(|byte| byte.is_ascii_digit());
    digits && port.parse::<u16>().is_ok_and(|number| number != 0)
}

fn is_path(path: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let is_segment = |segment: &str| !segment.is_empty() && segment.bytes().all(is_plain);
    path.strip_prefix('/')
        .is_some_and(|rest| rest.split('/').all(is_segment))
}

#[cfg(test)]
mod tests {
    use super::super::qr::{EcLevel, Qr};
    use super::*;
    use crate::gs1::Identifier;

    const SERIAL: &str = "02JN72Z6KYRAWY";

    fn url(text: &str) -> PublicUrl {
        PublicUrl::parse(text).unwrap()
    }

    fn milk() -> Gtin {
        Gtin::parse("09521234543213").unwrap()
    }

    #[test]
    fn an_item_link_is_upper_case_after_its_scheme() {
        let serial = ComputedSerial::parse(SERIAL).unwrap();
        let link = url("https://id.example.cn/").item_link(milk(), &serial);

        assert_eq!(
            link,
            "https://ID.EXAMPLE.CN/01/09521234543213/21/02JN72Z6KYRAWY"
        );
        assert_eq!(Qr::of(&link, EcLevel::M).unwrap().modules(), 29);
    }

    #[test]
    fn links_keep_the_case_of_path_and_lot() {
        let lot = Key::new("01", "09521234543213", &[("10", "L-7a/批")]);
        assert!(lot.is_err(), "a lot outside GS1's characters is no key");
        let lot = Key::new("01", "09521234543213", &[("10", "L-7a/b")]).unwrap();

        let link = url("http://Localhost:8080/Trace").link(&lot);

        assert_eq!(
            link,
            "http://LOCALHOST:8080/Trace/01/09521234543213/10/L-7a%2Fb"
        );
    }

    #[test]
    fn a_printed_link_is_read_as_the_key_it_was_made_of() {
        for key in [
            Key::new("01", "09521234543213", &[("10", "a%b"), ("21", SERIAL)]).unwrap(),
            Key::new("00", "095212345000000018", &[]).unwrap(),
            Key::new("414", "9521234000013", &[("254", "12/a")]).unwrap(),
        ] {
            let link = url("https://id.example.cn/t").link(&key);
            assert_eq!(
                Identifier::parse(&link).unwrap().identifier,
                Identifier::Gs1(key)
            );
        }
    }

    #[test]
    fn both_ways_of_writing_an_item_agree() {
        let serial = ComputedSerial::parse(SERIAL).unwrap();
        let key = Key::new("01", "09521234543213", &[("21", SERIAL)]).unwrap();
        let url = url("https://id.example.cn");
        assert_eq!(url.item_link(milk(), &serial), url.link(&key));
    }

    #[test]
    fn the_url_itself_reads_as_people_write_it() {
        for (text, read) in [
            ("HTTPS://ID.Example.CN/", "https://id.example.cn"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://[::1]:8080/", "http://[::1]:8080"),
            ("https://[2001:db8::1]", "https://[2001:db8::1]"),
            ("https://a.cn/x/Y/", "https://a.cn/x/Y"),
            ("https://xn--5nqp66b.cn", "https://xn--5nqp66b.cn"),
        ] {
            assert_eq!(url(text).as_str(), read);
            assert_eq!(url(text).to_string(), read);
        }
    }

    #[test]
    fn what_is_no_public_url_is_refused_for_its_reason() {
        type Reason = fn(String) -> PublicUrlError;
        let refusals: [(Reason, &[&str]); 4] = [
            (
                PublicUrlError::Scheme,
                &["", "id.example.cn", "ftp://a.cn", "https:a.cn"],
            ),
            (
                PublicUrlError::Host,
                &[
                    "https://",
                    "https:///x",
                    "https://a..cn",
                    "https://me@a.cn",
                    "https://-a.cn",
                    "https://溯源.cn",
                    "https://a_b.cn",
                    "https://[::g]",
                    "https://[::1",
                    "https://a b.cn",
                    "https://a.cn.",
                ],
            ),
            (
                PublicUrlError::Port,
                &[
                    "https://a.cn:",
                    "https://a.cn:0",
                    "https://a.cn:65536",
                    "https://a.cn:+80",
                    "https://a.cn:x",
                ],
            ),
            (
                PublicUrlError::Path,
                &[
                    "https://a.cn//",
                    "https://a.cn/x//y",
                    "https://a.cn?x",
                    "https://a.cn/#x",
                    "https://a.cn/%20",
                    "https://a.cn/溯",
                ],
            ),
        ];
        for (reason, texts) in refusals {
            for text in texts {
                assert_eq!(PublicUrl::parse(text), Err(reason((*text).to_owned())));
            }
        }
    }

    #[test]
    fn identifiers_become_printed_links_and_links_of_others_stay() {
        let url = PublicUrl::parse("https://id.example.cn").unwrap();
        let ours = "https://ID.EXAMPLE.CN/01/09521234543213/21/A1";
        for (text, drawn) in [
            ("urn:epc:id:sgtin:9521234.054321.A1", ours),
            ("(01)09521234543213(21)A1", ours),
            ("https://id.gs1.org/01/09521234543213/21/A1", ours),
            ("https://id.example.cn/01/09521234543213/21/A1", ours),
            (
                "https://a.cn/01/09521234543213/21/A1",
                "https://a.cn/01/09521234543213/21/A1",
            ),
            (
                "https://id.example.cn.evil/01/09521234543213",
                "https://id.example.cn.evil/01/09521234543213",
            ),
            ("urn:uuid:1", "urn:uuid:1"),
        ] {
            assert_eq!(url.printed(text).unwrap(), drawn);
        }
    }

    #[test]
    fn a_wrong_check_digit_is_not_printed() {
        let url = PublicUrl::parse("https://id.example.cn").unwrap();
        for text in [
            "https://a.cn/01/09521234543214/21/A1",
            "(01)09521234543214",
            "milk",
        ] {
            assert!(url.printed(text).is_err(), "{text}");
        }
    }
}
