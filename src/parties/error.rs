//! What the parties' verbs refuse or cannot do.

use crate::{db, ledger};

/// Why nothing changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// The ledger refused.
    #[error(transparent)]
    Ledger(#[from] ledger::Error),
    /// The table cannot be read as CSV.
    #[error("the file cannot be read as CSV (UTF-8, comma, header line)")]
    Csv(#[source] csv::Error),
    /// A header that is not known, or one that is missing.
    #[error("column {column:?}: {problem} (columns: {known})")]
    Column {
        /// The column.
        column: String,
        /// What is wrong with it.
        problem: &'static str,
        /// The columns there are.
        known: String,
    },
    /// The organisation is not known.
    #[error("no organisation {0:?}")]
    NoOrganisation(String),
    /// The key is not known.
    #[error("no key {0:?}")]
    NoKey(String),
    /// A key that cannot be added any more.
    #[error("the key {id} is revoked, or another organisation's: {org}")]
    KeyTaken {
        /// The key.
        id: String,
        /// Whose it is or was.
        org: String,
    },
    /// An order in the ledger cannot be read.
    #[error("the order at control/0 {seq} cannot be read")]
    Order {
        /// Its seq.
        seq: i64,
        /// Why not.
        #[source]
        source: serde_json::Error,
    },
    /// The system gave no randomness.
    #[error("the system gave no randomness: {0}")]
    Randomness(String),
}
