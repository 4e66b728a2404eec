//! How identifiers are written inside the CBV 2.0 event hash: a Digital Link with only what identifies,
//! so that the same event gives the same hash whichever form its sender chose.

use super::ai::Depth;
use super::identifier::epc_urn;
use super::identity::CANONICAL_HOST;
use super::key::Key;
use super::path::{self, Words};
use super::percent::Keep;
use super::urn;

/// The form of a string value in the event hash. URNs and Digital Links of GS1 keys become canonical
/// Digital Links, everything else stays as it is. Check digits in Digital Links are not looked at: a
/// hash must not depend on more than the text.
///
/// This form is for hashing alone. It differs from [`Key::canonical`] in the characters it encodes.
///
/// ```
/// use suyuan::gs1::hash_form;
/// assert_eq!(
///     hash_form("https://brand.example/gtin/9521234543213/lot/A/ser/S!?17=271231"),
///     "https://id.gs1.org/01/09521234543213/21/S%21",
/// );
/// assert_eq!(hash_form("https://brand.example/item/01/2"), "https://brand.example/item/01/2");
/// ```
pub fn hash_form(text: &str) -> String {
    match key_of(text) {
        Some(key) if is_hashed(&key) => {
            key.write_link(CANONICAL_HOST, Keep::HashForm, key.identifying())
        }
        Some(_) | None => text.to_owned(),
    }
}

fn key_of(text: &str) -> Option<Key> {
    if let Some(rest) = epc_urn(text) {
        return urn::read(rest, Depth::Shape).ok().flatten();
    }
    let address = path::split(text)?;
    let found = path::find(address.path, Words::Accepted)?;
    let meant = address.is_canonical() || found.looks_like_a_key();
    meant.then(|| found.key(Depth::Shape).ok())?
}

/// Which keys, with which qualifiers, the event hash writes as Digital Links.
fn is_hashed(key: &Key) -> bool {
    key.identifying()
        .all(|(code, _)| matches!(code, "10" | "21" | "235" | "254" | "8011"))
        && !matches!(key.primary(), "415" | "8013")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(cases: &[(&str, &str)]) {
        for (text, expected) in cases {
            assert_eq!(hash_form(text), *expected, "{text}");
            assert_eq!(hash_form(expected), *expected, "again {text}");
        }
    }

    #[test]
    fn urns_become_digital_links() {
        check(&[
            (
                "urn:epc:id:sgtin:9521234.054321.98%22",
                "https://id.gs1.org/01/09521234543213/21/98%22",
            ),
            (
                "urn:epc:id:sgtin:9521234.054321.!()*+,:",
                "https://id.gs1.org/01/09521234543213/21/%21%28%29%2A%2B%2C%3A",
            ),
            (
                "urn:epc:id:upui:9521234.054321.a'b;c=d",
                "https://id.gs1.org/01/09521234543213/235/a'b;c=d",
            ),
            (
                "urn:epc:id:sscc:9521234.0500000001",
                "https://id.gs1.org/00/095212345000000018",
            ),
            (
                "urn:epc:id:sgln:9520000.00000.0",
                "https://id.gs1.org/414/9520000000004",
            ),
            (
                "urn:epc:id:sgln:9520000.00000.12",
                "https://id.gs1.org/414/9520000000004/254/12",
            ),
            (
                "urn:epc:id:pgln:952000000000.",
                "https://id.gs1.org/417/9520000000004",
            ),
            (
                "urn:epc:class:lgtin:9521234.054321.L",
                "https://id.gs1.org/01/09521234543213/10/L",
            ),
            (
                "urn:epc:idpat:sgtin:9521234.054321.*",
                "https://id.gs1.org/01/09521234543213",
            ),
            (
                "urn:epc:idpat:grai:9521234.54321.*",
                "https://id.gs1.org/8003/09521234543213",
            ),
            (
                "urn:epc:id:cpi:9521234.A%23%2F.12",
                "https://id.gs1.org/8010/9521234A%23%2F/8011/12",
            ),
        ]);
    }

    #[test]
    fn links_lose_host_stem_query_fragment_variant_and_the_lot_beside_a_serial() {
        let item = "https://id.gs1.org/01/09521234543213/21/S";
        let lot = "https://id.gs1.org/01/09521234543213/10/L";
        check(&[
            (
                "http://brand.example/a/b/01/09521234543213/21/S?17=271231&x=y#top",
                item,
            ),
            ("https://id.gs1.org/01/09521234543213/22/V/10/L/21/S", item),
            (
                "https://brand.example/gtin/9521234543213/cpv/V/lot/L/ser/S",
                item,
            ),
            ("https://brand.example/01/9521234543213/10/L/", lot),
            ("https://id.gs1.org/01/09521234543213/22/V/10/L", lot),
            (
                "https://id.gs1.org/01/09521234543213/22/V",
                "https://id.gs1.org/01/09521234543213",
            ),
            (
                "https://brand.example/01/95212340",
                "https://id.gs1.org/01/00000095212340",
            ),
            (
                "https://brand.example/01/952123454324",
                "https://id.gs1.org/01/00952123454324",
            ),
            (
                "https://brand.example/party/9520000000004",
                "https://id.gs1.org/417/9520000000004",
            ),
            (
                "https://brand.example/8006/095212345432130102/10/L/21/S",
                "https://id.gs1.org/8006/095212345432130102/21/S",
            ),
        ]);
    }

    #[test]
    fn check_digits_in_links_are_left_alone() {
        check(&[(
            "https://brand.example/01/9521234543214",
            "https://id.gs1.org/01/09521234543214",
        )]);
    }

    #[test]
    fn whatever_is_no_key_stays_as_it_is() {
        for text in [
            "",
            "42",
            "Hello World!",
            "urn:uuid:7b1c",
            "urn:epc:id:sgtin:9521234.54321.S",
            "urn:epcglobal:cbv:bt:9520000000004:ASN1099",
            "https://brand.example/item/01/2",
            "https://brand.example/01/95212",
            "https://brand.example/abc/9521234543213",
            "https://brand.example/99/9521234543213",
            "https://id.gs1.org/01/9521234543213/99/x",
            "https://id.gs1.org/8017/952123400000000014/8019/1",
            "https://id.gs1.org/415/9520000000004/8020/INV1",
            "https://ref.gs1.org/cbv/BizStep-shipping",
        ] {
            assert_eq!(hash_form(text), text);
        }
    }
}
