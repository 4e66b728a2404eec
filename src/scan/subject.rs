//! What was scanned.

use crate::gs1::{Gln, Gtin, Key, Sscc};

/// What a code is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// One item.
    Item {
        /// The product.
        gtin: Gtin,
        /// The serial as scanned or typed.
        serial: String,
    },
    /// A lot.
    Lot {
        /// The product.
        gtin: Gtin,
        /// The lot.
        lot: String,
    },
    /// A product, whichever item of it.
    Product(Gtin),
    /// A logistic unit.
    Unit(Sscc),
    /// A place.
    Place(Gln),
    /// Another key of GS1: read, and nothing is told about it.
    Other,
}

impl Subject {
    /// What this key is about.
    pub fn of(key: &Key) -> Self {
        if let Some(gtin) = key.gtin().filter(|_| key.primary() == "01") {
            return match (key.serial(), key.lot()) {
                (Some(serial), _) => Self::Item {
                    gtin,
                    serial: serial.to_owned(),
                },
                (None, Some(lot)) => Self::Lot {
                    gtin,
                    lot: lot.to_owned(),
                },
                (None, None) => Self::Product(gtin),
            };
        }
        if let Some(sscc) = key.sscc() {
            return Self::Unit(sscc);
        }
        match key.gln() {
            Some(gln) if key.primary() == "414" => Self::Place(gln),
            _ => Self::Other,
        }
    }

    /// The product it is one of.
    pub const fn gtin(&self) -> Option<Gtin> {
        match self {
            Self::Item { gtin, .. } | Self::Lot { gtin, .. } | Self::Product(gtin) => Some(*gtin),
            Self::Unit(_) | Self::Place(_) | Self::Other => None,
        }
    }

    /// The kind's name in answers.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Item { .. } => "item",
            Self::Lot { .. } => "lot",
            Self::Product(_) => "product",
            Self::Unit(_) => "unit",
            Self::Place(_) => "place",
            Self::Other => "other",
        }
    }
}
