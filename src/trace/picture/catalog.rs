//! Names: what goods, places and containers are called, and who answers for places.

use std::collections::BTreeMap;

use super::words::Lang;
use crate::codes::{Address, Block};
use crate::trace::EventKey;

/// A name in both languages.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Name {
    /// 中文, or the only one.
    pub zh: String,
    /// English, if there is one.
    pub en: Option<String>,
}

impl Name {
    /// The name in a language; the other one where it has none.
    pub fn of(&self, lang: Lang) -> &str {
        match (lang, self.en.as_deref()) {
            (Lang::En, Some(en)) if !en.is_empty() => en,
            _ => &self.zh,
        }
    }
}

/// Goods: a lot, the items of a lot, or the items of a product.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Goods {
    /// The canonical identifier: of the lot, else of the class, else what private identifiers begin with.
    pub id: String,
    /// What lots of one product have in common.
    pub product: String,
    /// The product's name, where it is registered.
    pub name: Option<Name>,
    /// The lot.
    pub lot: Option<String>,
    /// Whether these are logistic units.
    pub is_logistic: bool,
}

/// A place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Place {
    /// The canonical identifier.
    pub id: String,
    /// Its name, where it or its site is registered.
    pub name: Option<Name>,
    /// The organisation that answers for it.
    pub org: Option<String>,
    /// What that organisation is: a role's name.
    pub role: Option<String>,
    /// Its region: a six-digit code (GB/T 2260).
    pub region: Option<String>,
}

/// All names a picture needs.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    /// Goods, by number.
    pub goods: Vec<Goods>,
    /// Places.
    pub places: BTreeMap<Block, Place>,
    /// Organisations.
    pub orgs: BTreeMap<String, Name>,
    /// Identifiers of single units and containers.
    pub units: BTreeMap<Address, String>,
    /// Provinces, by the first two digits of their codes.
    pub provinces: BTreeMap<String, Name>,
    /// Ids of events.
    pub events: BTreeMap<EventKey, String>,
}

impl Catalog {
    /// The goods with a number.
    pub fn goods(&self, number: u32) -> Option<&Goods> {
        self.goods.get(usize::try_from(number).ok()?)
    }

    /// What lots of one product have in common; empty for unknown goods.
    pub fn product(&self, number: u32) -> &str {
        self.goods(number).map_or("", |goods| &goods.product)
    }

    /// The organisation that answers for a place; the place itself where none does.
    pub fn org(&self, place: &Block) -> &str {
        let place = self.places.get(place);
        place.map_or("", |place| place.org.as_deref().unwrap_or(&place.id))
    }

    /// What the organisation of a place is.
    pub fn role(&self, place: &Block) -> &str {
        let place = self.places.get(place);
        place
            .and_then(|place| place.role.as_deref())
            .unwrap_or_default()
    }

    /// The province of a place: two digits; empty where nobody says.
    pub fn province(&self, place: &Block) -> &str {
        let place = self.places.get(place);
        let region = place.and_then(|place| place.region.as_deref());
        region.and_then(|code| code.get(..2)).unwrap_or_default()
    }
}
