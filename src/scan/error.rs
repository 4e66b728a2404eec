//! What keeps a scan from being answered.

use crate::{db, ledger, recall};

/// Why a look-up failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// The ledger cannot be read.
    #[error(transparent)]
    Ledger(#[from] ledger::Error),
    /// Recalls cannot be read.
    #[error(transparent)]
    Recall(#[from] recall::Error),
}
