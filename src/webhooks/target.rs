//! Where notices are sent: an address on the web, read strictly. Pure; whoever looks its name up asks
//! [`Rules::check`] about what was found, at registration and again whenever something is sent.

use std::net::IpAddr;

use url::Url;

use super::address::Networks;

/// Bytes of an address at most.
const LENGTH_MAX: usize = 2_000;

/// What addresses may be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rules {
    /// Also `http:`, without encryption: for tests and development.
    pub plain_http: bool,
    /// Networks beside the public internet that they may lie in.
    pub allowed: Networks,
}

/// Why notices are not sent to an address, in the order in which it is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Misaddressed {
    /// Too long.
    #[error("the address is longer than {LENGTH_MAX} bytes")]
    TooLong,
    /// No address.
    #[error("this is no address such as https://example.com/notices")]
    NotAnAddress,
    /// Another scheme.
    #[error("notices are sent to https: addresses only")]
    Scheme,
    /// Name or password in it.
    #[error("the address must not hold a name or password: what is sent is signed")]
    Credentials,
    /// Something behind `#`.
    #[error("the address must not have a part behind #: it would not be sent")]
    Fragment,
    /// Nothing is known by this name.
    #[error("the name of the host leads to no address")]
    Unresolved,
    /// Not ours to call.
    #[error("the host lies in a network that notices are not sent to")]
    Closed,
}

/// An address that keeps the rules as far as can be seen from it alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target(Url);

impl Target {
    /// The address in its normal form.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Its host, an IPv6 address without brackets, and its port.
    pub fn host_and_port(&self) -> (&str, u16) {
        let host = self.0.host_str().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        (host, self.0.port_or_known_default().unwrap_or_default())
    }
}

impl Rules {
    /// Reads an address.
    pub fn read(&self, text: &str) -> Result<Target, Misaddressed> {
        if LENGTH_MAX < text.len() {
            return Err(Misaddressed::TooLong);
        }
        let url = Url::parse(text).ok().filter(Url::has_host);
        let url = url.ok_or(Misaddressed::NotAnAddress)?;
        match url.scheme() {
            "https" => {}
            "http" if self.plain_http => {}
            _ => return Err(Misaddressed::Scheme),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Misaddressed::Credentials);
        }
        if url.fragment().is_some() {
            return Err(Misaddressed::Fragment);
        }
        Ok(Target(url))
    }

    /// Whether every address that a host has may be sent to: which of them is taken is not ours to say.
    pub fn check(&self, found: impl IntoIterator<Item = IpAddr>) -> Result<(), Misaddressed> {
        let mut is_any = false;
        for address in found {
            is_any = true;
            if !self.allowed.admit(address) {
                return Err(Misaddressed::Closed);
            }
        }
        if is_any {
            Ok(())
        } else {
            Err(Misaddressed::Unresolved)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, Misaddressed> {
        let target = Rules::default().read(text)?;
        Ok(target.as_str().to_owned())
    }

    #[test]
    fn an_address_is_kept_in_its_normal_form() {
        for (text, kept) in [
            ("https://example.com", "https://example.com/"),
            ("HTTPS://Example.COM:443/a?b=c", "https://example.com/a?b=c"),
            ("https://例子.cn:8443/x", "https://xn--fsqu00a.cn:8443/x"),
            ("https://0x7f.1/", "https://127.0.0.1/"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(kept), "{text}");
        }
    }

    #[test]
    fn what_is_no_plain_encrypted_address_is_refused() {
        for (text, why) in [
            ("", Misaddressed::NotAnAddress),
            ("example.com/x", Misaddressed::NotAnAddress),
            ("https://", Misaddressed::NotAnAddress),
            ("mailto:a@example.com", Misaddressed::NotAnAddress),
            ("http://example.com/", Misaddressed::Scheme),
            ("ftp://example.com/", Misaddressed::Scheme),
            ("https://user@example.com/", Misaddressed::Credentials),
            ("https://:pass@example.com/", Misaddressed::Credentials),
            ("https://example.com/#a", Misaddressed::Fragment),
        ] {
            assert_eq!(read(text), Err(why), "{text}");
        }
        let long = format!("https://example.com/{}", "a".repeat(LENGTH_MAX));
        assert_eq!(read(&long), Err(Misaddressed::TooLong));
    }

    #[test]
    fn addresses_without_encryption_need_to_be_let_in() {
        let open = Rules {
            plain_http: true,
            ..Rules::default()
        };
        assert_eq!(
            open.read("http://[2001:db8::1]:81/x")
                .unwrap()
                .host_and_port(),
            ("2001:db8::1", 81)
        );
    }

    #[test]
    fn one_closed_address_among_several_is_enough_to_refuse() {
        let rules = Rules::default();
        let check = |texts: &[&str]| rules.check(texts.iter().map(|text| text.parse().unwrap()));

        assert_eq!(check(&["9.9.9.9", "2620:fe::9"]), Ok(()));
        assert_eq!(check(&["9.9.9.9", "127.0.0.1"]), Err(Misaddressed::Closed));
        assert_eq!(check(&["::1"]), Err(Misaddressed::Closed));
        assert_eq!(check(&[]), Err(Misaddressed::Unresolved));
    }
}
