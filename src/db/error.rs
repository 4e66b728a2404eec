//! What can go wrong between us and a database.

use diesel::result::{DatabaseErrorKind, Error as Diesel};

/// A failure of the database, with its cause.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No connection could be made, or the one in use broke.
    #[error("the database cannot be reached")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A query failed.
    #[error("a query failed")]
    Query(#[source] Diesel),
    /// The schema in the database is not the one of this program.
    #[error("the database needs `suyuan migrate`: {pending} pending")]
    Pending {
        /// How many migrations wait, or which.
        pending: String,
    },
    /// A migration failed.
    #[error("a migration failed")]
    Migration(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A row holds what this program never writes there.
    #[error("table {table}: {what}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// What is wrong, with the row's key.
        what: String,
    },
}

impl From<Diesel> for Error {
    fn from(error: Diesel) -> Self {
        if is_connection_loss(&error) {
            Self::Unreachable(Box::new(error))
        } else {
            Self::Query(error)
        }
    }
}

impl Error {
    /// Whether trying the same transaction again can succeed: lost connections, deadlocks,
    /// serialization failures, a busy SQLite file, a statement that waited too long.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable(_) => true,
            Self::Query(Diesel::DatabaseError(kind, info)) => {
                matches!(kind, DatabaseErrorKind::SerializationFailure)
                    || info.message().contains("deadlock detected")
                    || info.message().contains("database is locked")
                    || info.message().contains("due to statement timeout")
            }
            _ => false,
        }
    }

    /// Whether a unique constraint refused the row.
    pub fn is_unique_violation(&self) -> bool {
        matches!(
            self,
            Self::Query(Diesel::DatabaseError(DatabaseErrorKind::UniqueViolation, _))
        )
    }
}

fn is_connection_loss(error: &Diesel) -> bool {
    match error {
        Diesel::BrokenTransactionManager => true,
        Diesel::DatabaseError(kind, info) => {
            matches!(
                kind,
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand
            ) || [
                "server closed the connection",
                "terminating connection",
                "connection to server",
                "the database system is",
                "no connection to the server",
            ]
            .iter()
            .any(|sign| info.message().contains(sign))
        }
        _ => false,
    }
}
