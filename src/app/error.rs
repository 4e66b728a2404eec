//! What keeps a process from starting.

use crate::{db, ledger};

/// Why the program cannot do anything.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A setting is wrong.
    #[error("configuration: {key}: {detail}")]
    Configuration {
        /// The key or the file.
        key: String,
        /// What is wrong with it.
        detail: String,
    },
    /// A key file is missing.
    #[error(
        "no {name} in {dir}: put back the keys this ledger was written with (keys.dir); for a new ledger `suyuan migrate --init-keys` makes them"
    )]
    NoKeyFile {
        /// The file.
        name: &'static str,
        /// The folder.
        dir: String,
    },
    /// A key file cannot be used.
    #[error("the key file {path}: {detail}")]
    KeyFile {
        /// The file.
        path: String,
        /// What is wrong with it; never its content.
        detail: String,
    },
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// The ledger refused.
    #[error(transparent)]
    Ledger(#[from] ledger::Error),
}
