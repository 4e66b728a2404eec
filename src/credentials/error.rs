//! What the credentials' verbs refuse or cannot do.

use crate::epcis::Timestamp;
use crate::parties::RowFault;
use crate::{db, ledger, parties};

/// Why nothing changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// The ledger refused.
    #[error(transparent)]
    Ledger(#[from] ledger::Error),
    /// The table cannot be read, or the organisation is not known.
    #[error(transparent)]
    Parties(#[from] parties::Error),
    /// Rows about what is not the caller's to record.
    #[error("nothing was imported: not the caller's to record")]
    NotTheirs(Vec<RowFault>),
    /// A credential that is not the caller's to revoke.
    #[error(
        "{org} may not revoke {id:?}: it is neither its own nor a test report of its own making"
    )]
    NotTheirsToRevoke {
        /// The caller's organisation.
        org: String,
        /// The credential.
        id: String,
    },
    /// The credential is not known, or not to be seen.
    #[error("no credential {0:?}")]
    NoCredential(String),
    /// The person is not known, or not to be seen.
    #[error("no person {0:?}")]
    NoPerson(String),
    /// A revocation without a reason, or with one that is too long.
    #[error("a reason of 1 to {max} characters is needed")]
    Reason {
        /// Characters at most.
        max: usize,
    },
    /// A suspension that ends before it begins.
    #[error("it would end at {until}, not after it begins at {from}")]
    Ends {
        /// Its beginning.
        from: Timestamp,
        /// Its end.
        until: Timestamp,
    },
    /// It is revoked for all of this time already.
    #[error("{id:?} is revoked from {from} already")]
    AlreadyRevoked {
        /// The credential.
        id: String,
        /// From when on.
        from: Timestamp,
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
}
