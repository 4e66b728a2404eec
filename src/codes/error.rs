//! What issuing codes refuses or cannot do.

use super::serial::{BATCHES, INDEXES};
use crate::gs1::Gtin;
use crate::{db, ledger};

/// Why no codes were issued, in the order of checking. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The lot has other characters than the ones we print, or too many.
    #[error(
        "lot {0:?}: a lot we issue codes for has 1 to 20 of A-Z 0-9 - . _ and begins with a letter or digit"
    )]
    Lot(String),
    /// No codes, or more than a batch holds.
    #[error("count {0} is not in 1..={INDEXES} codes a batch")]
    Count(u64),
    /// The request's id is empty, too long, or has control characters.
    #[error("request id {0:?}: 1 to 128 characters without control characters are needed")]
    RequestId(String),
    /// The product is not known.
    #[error("no product {0}")]
    NoProduct(Gtin),
    /// Another organisation answers for the product.
    #[error("product {gtin} is {owner}'s: {org} cannot issue codes for it")]
    NotTheirs {
        /// The product.
        gtin: Gtin,
        /// Who answers for it.
        owner: String,
        /// Who asked.
        org: String,
    },
    /// The request's id stands for another request already.
    #[error("request id {request_id:?} stands for {count} codes of {gtin}, lot {lot}, already")]
    RequestConflict {
        /// The id.
        request_id: String,
        /// The product asked for first.
        gtin: Gtin,
        /// The lot asked for first.
        lot: String,
        /// The codes asked for first.
        count: u32,
    },
    /// The product's codes are not computed here.
    #[error(
        "product {gtin} has codes of mode {mode:?}: only those of mode \"computed\" are issued"
    )]
    Mode {
        /// The product.
        gtin: Gtin,
        /// Its mode.
        mode: &'static str,
    },
    /// A serial that came from elsewhere would become one of ours.
    #[error(
        "{identifier} came from elsewhere and reads as a serial of ours: product {gtin} cannot have computed codes"
    )]
    ForeignSerial {
        /// The product.
        gtin: Gtin,
        /// The identifier.
        identifier: String,
    },
    /// The GTIN has had all its batches.
    #[error("product {0} has had all its {BATCHES} batches")]
    NoBatchLeft(Gtin),
    /// An order in the ledger cannot be read.
    #[error("the order at control/0 {seq} cannot be read")]
    Order {
        /// Its seq.
        seq: i64,
        /// Why not.
        #[source]
        source: serde_json::Error,
    },
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// The ledger refused.
    #[error(transparent)]
    Ledger(#[from] ledger::Error),
}
