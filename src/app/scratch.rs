//! A database of its own for the time of one comparison: a SQLite file in the system's temporary folder.

use std::path::PathBuf;

use uuid::Uuid;

use super::Error;
use crate::db::{Conn, DatabaseUrl, migrate};

/// The file; removed when this goes out of scope.
#[derive(Debug)]
pub(super) struct Scratch {
    path: PathBuf,
}

impl Scratch {
    /// Makes the file with the current schema.
    pub(super) fn new() -> Result<(Self, Conn), Error> {
        let path = std::env::temp_dir().join(format!("suyuan-{}.db", Uuid::now_v7().simple()));
        let scratch = Self { path };
        let mut conn = Conn::open_or_create(&DatabaseUrl::Sqlite(scratch.path.clone()))?;
        migrate::run(&mut conn)?;
        Ok((scratch, conn))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm"] {
            let mut path = self.path.clone().into_os_string();
            path.push(suffix);
            // The side files are there only while SQLite needs them.
            if let Err(error) = std::fs::remove_file(&path) {
                tracing::debug!(?path, %error, "a temporary file was not removed");
            }
        }
    }
}
