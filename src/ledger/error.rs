//! What the ledger refuses or cannot do.

use super::ShardName;
use crate::db;

/// Why an append or a claim did not happen. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// Somebody else writes this shard now, or it has moved on.
    #[error(
        "shard {shard} has another writer: expected offset {expected_offset} and epoch {expected_epoch}"
    )]
    Fenced {
        /// The shard.
        shard: ShardName,
        /// The next offset that was expected.
        expected_offset: i64,
        /// The epoch that was expected.
        expected_epoch: i64,
    },
    /// The shard is not in this ledger.
    #[error("no shard {0}")]
    NoShard(String),
    /// The shard exists under another origin: a ledger keeps the origin it began with.
    #[error("shard {shard} belongs to the ledger {found:?}, not to {expected:?} ([ledger] origin)")]
    OtherOrigin {
        /// The shard.
        shard: ShardName,
        /// The origin in the configuration.
        expected: String,
        /// The origin in the database.
        found: String,
    },
    /// The shard's head was sealed with other keys, or changed since.
    #[error(
        "the head of shard {0} does not bear the seal of these keys: keys.dir holds other keys than the ledger was written with, or somebody changed the row (`suyuan verify`)"
    )]
    OtherSeal(ShardName),
    /// An offset that does not follow.
    #[error("shard {shard}: offset {found} where {expected} was due")]
    OutOfOrder {
        /// The shard.
        shard: ShardName,
        /// The offset that was due.
        expected: i64,
        /// The offset that came.
        found: i64,
    },
    /// An order could not be written as JSON.
    #[error("the order cannot be written as JSON")]
    Unwritable(#[source] serde_json::Error),
    /// The key of this record's month was destroyed: nothing can be recorded for that time any more.
    #[error("the salt key of the record's month ({month} months after January 1970) was destroyed")]
    KeyDestroyed {
        /// Months since January 1970.
        month: i64,
    },
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        Self::Db(error.into())
    }
}
