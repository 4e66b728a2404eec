//! A scope as it is recorded: canonical, sorted, nothing twice. Its field names are for ever.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::policies::Policies;

/// What a recall looks for, and by which policies.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, ToSchema,
)]
#[schema(as = RecallDefinition)]
pub struct Definition {
    /// Lots and classes.
    pub lots: BTreeSet<String>,
    /// Single things.
    pub units: BTreeSet<String>,
    /// Places with windows.
    pub places: BTreeSet<PlaceWindow>,
    /// Single things, from one to another.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub ranges: BTreeSet<UnitRange>,
    /// Containers with windows: what was inside meanwhile.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub containers: BTreeSet<ContainerWindow>,
    /// Products with windows: what began meanwhile.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub products: BTreeSet<ProductWindow>,
    /// Products with something said of them when they began.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub attributes: BTreeSet<AttributeMatch>,
    /// Credentials, by number: what was made or done under them while they were not valid.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub credentials: BTreeSet<String>,
    /// What the danger is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hazard: Option<String>,
    /// What changes how taint spreads.
    #[serde(default, skip_serializing_if = "Policies::is_default")]
    pub policies: Policies,
}

impl Definition {
    /// The identifiers of all things it names; places are named apart.
    pub fn things(&self) -> impl Iterator<Item = &String> {
        let ranges = self.ranges.iter();
        let ends = ranges.flat_map(|range| [&range.from, &range.to]);
        let containers = self.containers.iter().map(|asked| &asked.unit);
        let products = self.products.iter().map(|asked| &asked.product);
        let attributes = self.attributes.iter().map(|asked| &asked.product);
        let named = self.lots.iter().chain(&self.units);
        named
            .chain(ends)
            .chain(containers)
            .chain(products)
            .chain(attributes)
    }
}

/// A place and a window.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct PlaceWindow {
    /// The canonical identifier of the place.
    pub place: String,
    /// The window's start.
    pub from: String,
    /// The window's end.
    pub until: String,
    /// How far beyond the window to look, in seconds.
    pub guard_seconds: i64,
}

/// From one thing to another, both with them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct UnitRange {
    /// The canonical identifier of the first.
    pub from: String,
    /// That of the last.
    pub to: String,
}

/// A window of time, open at an end that is not given.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, ToSchema,
)]
#[schema(as = TimeSpan)]
pub struct Span {
    /// Its start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// A container and a window.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct ContainerWindow {
    /// The canonical identifier of the container.
    pub unit: String,
    /// The window.
    #[serde(flatten)]
    pub span: Span,
}

/// A product, or a lot, and a window.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct ProductWindow {
    /// The canonical identifier of the product or lot.
    pub product: String,
    /// The window.
    #[serde(flatten)]
    pub span: Span,
}

/// A product, or a lot, and what events say of its things when they begin (`ilmd`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct AttributeMatch {
    /// The canonical identifier of the product or lot.
    pub product: String,
    /// The attribute: a name of CBV master data (`bestBeforeDate`), or a name as events write it (`ex:firmware`).
    pub field: String,
    /// It is this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equals: Option<String>,
    /// It is this or comes after it: numbers by value, anything else by its characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// It is this or comes before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}
