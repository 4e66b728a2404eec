//! What the verbs of webhooks refuse or cannot do.

use super::target::Misaddressed;
use crate::db;

/// Why nothing changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// Nobody whose webhook it would be.
    #[error("a webhook belongs to an organisation: say whose it is")]
    NoOneNamed,
    /// The organisation is not known.
    #[error("no organisation {0:?}")]
    NoOrganisation(String),
    /// Notices are not sent there.
    #[error(transparent)]
    Misaddressed(#[from] Misaddressed),
    /// A kind of notice that does not exist.
    #[error("{0:?} is no kind of notice")]
    NoKind(String),
    /// A state that no delivery has.
    #[error("{0:?} is no state of a delivery (waiting, delivered, failed)")]
    NoState(String),
    /// Enough of them.
    #[error("{org} has {count} webhooks: delete one first")]
    TooMany {
        /// Whose.
        org: String,
        /// How many.
        count: i64,
    },
    /// Not known, or not the caller's.
    #[error("no webhook {0:?}")]
    NoWebhook(String),
    /// Never meant for it.
    #[error("the webhook {webhook} has no delivery of the notice {notice:?}")]
    NoDelivery {
        /// The webhook.
        webhook: String,
        /// The notice.
        notice: String,
    },
    /// A span of time that is too long.
    #[error("the old secret signs for {0} hours at most")]
    Overlap(i64),
    /// The secret was sealed for another webhook or with another key, or is damaged.
    #[error(
        "the secret of the webhook {0} cannot be sealed or opened with the key of this installation"
    )]
    Sealing(String),
    /// The machine gives no randomness.
    #[error("no randomness: {0}")]
    Randomness(String),
}
