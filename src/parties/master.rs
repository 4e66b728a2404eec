//! Master data: what an organisation, a place and a product are. These structs are the content of the
//! orders in the ledger, so their field names are for ever.

use serde::{Deserialize, Serialize};

/// An organisation: a company, an authority, a laboratory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organisation {
    /// Its id in this system: a short name, or the URI it has in events.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its name in English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_en: Option<String>,
    /// What it is: a role's name.
    pub role: String,
    /// Unified social credit code (GB 32100-2015).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit_code: Option<String>,
    /// Six-digit region code (GB/T 2260): province, city, county.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Length of its GS1 company prefix, 4 to 12.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gcp_length: Option<i32>,
    /// Telephone for questions and recalls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

/// A place: a site, a building, a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Its canonical identifier: the Digital Link of a GLN with or without extension, or a URI.
    pub id: String,
    /// The 13 digits of the GLN, or the URI when it has none.
    pub gln: String,
    /// Its name.
    pub name: String,
    /// Its name in English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_en: Option<String>,
    /// The organisation that answers for it.
    pub org: String,
    /// Six-digit region code (GB/T 2260).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Latitude in degrees, WGS 84, as given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lat: Option<String>,
    /// Longitude in degrees, WGS 84, as given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lon: Option<String>,
}

/// How a product's codes are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProductMode {
    /// Serials computed by us: one item, one code.
    Computed,
    /// Serials made elsewhere and imported.
    Stored,
    /// No serials: one lot, one code.
    Lot,
}

impl ProductMode {
    /// The name in imports and in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Computed => "computed",
            Self::Stored => "stored",
            Self::Lot => "lot",
        }
    }

    /// The mode with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Computed, Self::Stored, Self::Lot]
            .into_iter()
            .find(|mode| mode.as_str() == name)
    }
}

/// Two lots that are one under two names: a supplier's and the receiver's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LotAlias {
    /// The canonical identifier of one.
    pub lot: String,
    /// That of the other.
    pub same_as: String,
    /// The organisation that says so.
    pub org: String,
    /// Whether it still says so.
    pub valid: bool,
}

/// A product: a trade item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Its GTIN, 14 digits.
    pub gtin: String,
    /// Its name.
    pub name: String,
    /// Its name in English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_en: Option<String>,
    /// The organisation that answers for it.
    pub org: String,
    /// Its brand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    /// How its codes are made.
    pub mode: ProductMode,
    /// Its category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// The standard its maker declares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standard: Option<String>,
}
