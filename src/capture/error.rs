//! What keeps a batch from being captured. Nothing of it was written.

use crate::{db, ledger};

/// Why a batch was not captured.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// The ledger refused.
    #[error(transparent)]
    Ledger(#[from] ledger::Error),
    /// The organisation is not known.
    #[error("no organisation {0:?}")]
    NoOrganisation(String),
    /// What the ledger holds cannot be read any more.
    #[error("shard {shard} seq {seq}: {what}")]
    Damaged {
        /// The shard's local number.
        shard: i32,
        /// The leaf.
        seq: i64,
        /// What is wrong.
        what: String,
    },
}

impl Error {
    /// Whether it may lie in the record that was to be captured: the database answers, and does not take it.
    pub const fn may_lie_in_the_record(&self) -> bool {
        matches!(
            self,
            Self::Db(db::Error::Query(_)) | Self::Ledger(ledger::Error::Db(db::Error::Query(_)))
        )
    }

    /// Whether the database failed in a way that has nothing to do with what was to be captured.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Db(error) | Self::Ledger(ledger::Error::Db(error)) => error.is_transient(),
            _ => false,
        }
    }
}
