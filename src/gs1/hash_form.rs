//! How identifiers are written inside the CBV 2.0 event hash: a Digital Link with only what identifies,
//! so that the same event gives the same hash whichever form its sender chose.

use super::ai::Depth;
use super::identifier::epc_urn;
use super::key::{CANONICAL_HOST, Key};
use super::link::{self, Words};
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
    let address = link::split(text)?;
    let found = link::find(address.path, Words::Accepted).filter(link::Found::looks_like_a_key)?;
    found.key(Depth::Shape).ok()
}

/// Which keys, with which qualifiers, the event hash writes as Digital Links.
fn is_hashed(key: &Key) -> bool {
    key.identifying()
        .all(|(code, _)| matches!(code, "10" | "21" | "235" | "254" | "8011"))
        && !matches!(key.primary(), "415" | "8013")
}
