//! What a credential and a person in charge are. These structs are the content of the orders in the ledger,
//! so their field names are for ever.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::kind::{Kind, Outcome, PersonRole};
use super::moment;
use crate::epcis::Timestamp;

/// What a credential is about. What is empty does not narrow it: a credential without any scope is about
/// its holder as a whole. Where both places and things are named, both must meet.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = CredentialScope)]
pub struct Scope {
    /// Canonical identifiers of places; a GLN covers its extensions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<String>,
    /// GTINs, 14 digits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub products: Vec<String>,
    /// Canonical identifiers of lots: GTIN and lot as a Digital Link.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lots: Vec<String>,
    /// Categories of products, as master data names them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
}

/// The thing a credential may be about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Things {
    /// The product's GTIN.
    pub gtin: Option<String>,
    /// The lots it is of, canonical.
    pub lots: Vec<String>,
    /// The product's category.
    pub category: Option<String>,
}

impl Scope {
    /// Whether nothing narrows it but places.
    pub const fn is_general(&self) -> bool {
        self.products.is_empty() && self.lots.is_empty() && self.categories.is_empty()
    }

    /// Whether nothing narrows it.
    pub const fn is_empty(&self) -> bool {
        self.is_general() && self.places.is_empty()
    }

    /// Whether it meets what was done to these things at this place. A place or thing that is not known
    /// does not meet a scope that names some.
    pub fn covers(&self, place: Option<&str>, things: &Things) -> bool {
        self.covers_place(place) && (self.is_general() || self.names(things))
    }

    fn covers_place(&self, place: Option<&str>) -> bool {
        self.places.is_empty()
            || place.is_some_and(|place| self.places.iter().any(|known| is_inside(place, known)))
    }

    fn names(&self, things: &Things) -> bool {
        let is_of = |list: &[String], one: &Option<String>| {
            one.as_ref().is_some_and(|one| list.contains(one))
        };
        is_of(&self.products, &things.gtin)
            || is_of(&self.categories, &things.category)
            || things.lots.iter().any(|lot| self.lots.contains(lot))
    }
}

/// Whether a place is another or a part of it: a GLN with an extension is part of the GLN.
pub(super) fn is_inside(place: &str, outer: &str) -> bool {
    place
        .strip_prefix(outer)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("/254/"))
}

/// What a laboratory found, and with what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Test {
    /// What it found.
    pub outcome: Outcome,
    /// Who tested, where that is not the issuer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub laboratory: Option<String>,
    /// The instrument's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instrument: Option<String>,
    /// From when on the instrument was calibrated.
    #[serde(
        default,
        with = "moment::maybe",
        skip_serializing_if = "Option::is_none"
    )]
    pub calibrated_from: Option<Timestamp>,
    /// Until when, without that instant.
    #[serde(
        default,
        with = "moment::maybe",
        skip_serializing_if = "Option::is_none"
    )]
    pub calibrated_to: Option<Timestamp>,
}

/// A licence, certificate, declared standard, test report or insurance of an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// The issuer's number. One number is one credential in the whole system.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// Its name: 食品生产许可证, HACCP.
    pub name: String,
    /// Who issued it: the id of an organisation, or a name.
    pub issuer: String,
    /// Its holder: the id of an organisation.
    pub org: String,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Scope::is_empty")]
    pub scope: Scope,
    /// From when on it holds.
    #[serde(with = "moment::needed")]
    pub valid_from: Timestamp,
    /// The first instant at which it holds no more; it has no end without.
    #[serde(
        default,
        with = "moment::maybe",
        skip_serializing_if = "Option::is_none"
    )]
    pub valid_to: Option<Timestamp>,
    /// The standard it is about: GB 25190-2010.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standard: Option<String>,
    /// Of a test report: what was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<Test>,
    /// Where the document is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// SHA-256 of the document, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// A person in charge of an organisation or of one of its places.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The person's id in this system.
    pub id: String,
    /// The name.
    pub name: String,
    /// The organisation.
    pub org: String,
    /// The place, canonical; of the whole organisation without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// What the person is there.
    pub role: PersonRole,
    /// Telephone: told to regulators and to the organisation itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// From when on.
    #[serde(with = "moment::needed")]
    pub valid_from: Timestamp,
    /// The first instant at which it is no more so.
    #[serde(
        default,
        with = "moment::maybe",
        skip_serializing_if = "Option::is_none"
    )]
    pub valid_to: Option<Timestamp>,
}

/// A credential is suspended or withdrawn from a time on. Nothing undoes it but its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Revoked {
    pub(super) credential: String,
    pub(super) reason: String,
    #[serde(with = "moment::needed")]
    pub(super) from: Timestamp,
    #[serde(
        default,
        with = "moment::maybe",
        skip_serializing_if = "Option::is_none"
    )]
    pub(super) until: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::{Scope, Things};

    const PLANT: &str = "https://id.gs1.org/414/9521234000020";
    const LINE: &str = "https://id.gs1.org/414/9521234000020/254/LINE1";
    const LOT: &str = "https://id.gs1.org/01/09521234000037/10/M0901";

    fn texts(list: &[&str]) -> Vec<String> {
        list.iter().map(|text| (*text).to_owned()).collect()
    }

    fn milk() -> Things {
        Things {
            gtin: Some("09521234000037".into()),
            lots: texts(&[LOT]),
            category: Some("dairy".into()),
        }
    }

    #[test]
    fn a_scope_covers_what_it_names_and_what_it_does_not_narrow() {
        let places = |list: &[&str]| Scope {
            places: texts(list),
            ..Scope::default()
        };
        let products = |list: &[&str]| Scope {
            products: texts(list),
            ..Scope::default()
        };
        let lots = |list: &[&str]| Scope {
            lots: texts(list),
            ..Scope::default()
        };
        let categories = |list: &[&str]| Scope {
            categories: texts(list),
            ..Scope::default()
        };
        for (scope, place, covers) in [
            (Scope::default(), None, true),
            (places(&[PLANT]), Some(PLANT), true),
            (places(&[PLANT]), Some(LINE), true),
            (places(&[LINE]), Some(PLANT), false),
            (places(&[PLANT]), None, false),
            (
                places(&["https://id.gs1.org/414/952123400002"]),
                Some(PLANT),
                false,
            ),
            (products(&["09521234000037"]), None, true),
            (products(&["09521234000020"]), None, false),
            (lots(&[LOT]), None, true),
            (
                lots(&["https://id.gs1.org/01/09521234000037/10/M0902"]),
                None,
                false,
            ),
            (categories(&["dairy"]), None, true),
            (categories(&["oil"]), None, false),
        ] {
            assert_eq!(scope.covers(place, &milk()), covers, "{scope:?} {place:?}");
        }
        assert!(!products(&["09521234000037"]).covers(None, &Things::default()));
    }

    #[test]
    fn a_scope_of_places_and_things_wants_both() {
        let scope = Scope {
            places: texts(&[PLANT]),
            products: texts(&["09521234000037"]),
            ..Scope::default()
        };

        assert!(scope.covers(Some(LINE), &milk()));
        assert!(!scope.covers(Some(LINE), &Things::default()));
        assert!(!scope.covers(None, &milk()));
    }
}
