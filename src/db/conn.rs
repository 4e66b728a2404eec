//! One connection to whichever database this process was started with.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use diesel::connection::{SimpleConnection, TransactionManager};
use diesel::prelude::*;

use super::url::with_patience;
use super::{DatabaseUrl, Error, turn};

/// A connection to PostgreSQL or SQLite. Ordinary diesel queries take it as it is.
#[derive(diesel::MultiConnection)]
#[allow(
    missing_debug_implementations,
    reason = "the connections inside have none to derive from"
)]
pub enum Conn {
    /// The server.
    Postgres(PgConnection),
    /// The embedded file.
    Sqlite(SqliteConnection),
}

/// The same diesel expression on the concrete connection, where [`Conn`] knows too little: batch
/// inserts, upserts, `as_returning`.
macro_rules! either {
    ($conn:expr, |$c:ident| $body:expr) => {
        match $conn {
            $crate::db::Conn::Postgres($c) => $body,
            $crate::db::Conn::Sqlite($c) => $body,
        }
    };
}

/// Inserts a `Vec` of rows: binary COPY on PostgreSQL, statements of many rows on SQLite. The rows'
/// `Insertable` needs `treat_none_as_default_value = false`; a conflict is an error.
macro_rules! bulk_insert {
    ($conn:expr, $table:expr, $rows:expr) => {{
        let rows = $rows;
        let done: Result<(), $crate::db::Error> = if rows.is_empty() {
            Ok(())
        } else {
            match $conn {
                $crate::db::Conn::Postgres(c) => diesel::copy_from($table)
                    .from_insertable(&rows)
                    .execute(c)
                    .map(|_| ())
                    .map_err($crate::db::Error::from),
                $crate::db::Conn::Sqlite(c) => rows
                    .chunks($crate::db::Conn::SQLITE_ROWS)
                    .try_for_each(|chunk| {
                        diesel::insert_into($table)
                            .values(chunk)
                            .execute(c)
                            .map(|_| ())
                            .map_err($crate::db::Error::from)
                    }),
            }
        };
        done
    }};
}

/// Inserts those of some rows whose keys are not there yet, and tells how many. Hand them in in the order
/// of their keys, so that two writers never wait for each other crosswise.
macro_rules! insert_new {
    ($conn:expr, $table:expr, $rows:expr) => {{
        let rows = $rows;
        let conn: &mut $crate::db::Conn = $conn;
        rows.chunks($crate::db::Conn::SQLITE_ROWS)
            .try_fold(0_usize, |inserted, chunk| {
                match &mut *conn {
                    $crate::db::Conn::Postgres(c) => diesel::insert_into($table)
                        .values(chunk)
                        .on_conflict_do_nothing()
                        .execute(c),
                    $crate::db::Conn::Sqlite(c) => diesel::insert_or_ignore_into($table)
                        .values(chunk)
                        .execute(c),
                }
                .map(|more| inserted + more)
                .map_err($crate::db::Error::from)
            })
    }};
}

pub(crate) use {bulk_insert, either, insert_new};

impl Conn {
    /// Rows of one SQLite statement: 32,766 variables hold 1,000 rows of up to 32 columns.
    pub(crate) const SQLITE_ROWS: usize = 1_000;

    /// Connects. A SQLite file must exist already: a mistyped path is an error, not a new database.
    pub fn open(url: &DatabaseUrl) -> Result<Self, Error> {
        match url {
            DatabaseUrl::Sqlite(path) if !path.is_file() => {
                Err(Error::Unreachable(Box::new(std::io::Error::new(
                    ErrorKind::NotFound,
                    format!(
                        "no database file {} (`suyuan migrate` makes one)",
                        path.display()
                    ),
                ))))
            }
            _ => Self::open_or_create(url),
        }
    }

    /// Connects, and makes the SQLite file when there is none.
    pub fn open_or_create(url: &DatabaseUrl) -> Result<Self, Error> {
        let unreachable = |error: ConnectionError| Error::Unreachable(Box::new(error));
        match url {
            DatabaseUrl::Sqlite(path) => {
                create(path).map_err(|error| Error::Unreachable(Box::new(error)))?;
                let mut conn =
                    SqliteConnection::establish(&path.to_string_lossy()).map_err(unreachable)?;
                conn.batch_execute(
                    // How pages are given back is settled before a new file's first page is written.
                    "PRAGMA busy_timeout = 30000; PRAGMA auto_vacuum = INCREMENTAL; \
                     PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                     PRAGMA foreign_keys = ON; PRAGMA cache_size = -65536; PRAGMA mmap_size = 1073741824; \
                     PRAGMA temp_store = MEMORY;",
                )?;
                Ok(Self::Sqlite(conn))
            }
            DatabaseUrl::Postgres(url) => {
                let mut conn = PgConnection::establish(&with_patience(url)).map_err(unreachable)?;
                conn.batch_execute(
                    "SET application_name = 'suyuan'; SET client_min_messages = warning;",
                )?;
                Ok(Self::Postgres(conn))
            }
        }
    }

    /// One write. SQLite takes the writer's place at once (BEGIN IMMEDIATE), so that no reader has to
    /// upgrade half-way and meet BUSY; PostgreSQL begins as usual (read committed), and ends it when its process stands
    /// still. An error rolls back.
    pub fn write<T, E: From<Error>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        match self {
            Self::Postgres(c) => turn::begin(c),
            Self::Sqlite(c) => begin_immediate(c),
        }
        .map_err(Error::from)?;
        self.finish(work)
    }

    /// One write for whose end others wait: PostgreSQL ends it when it stands still.
    pub(super) fn write_in_turn<T, E: From<Error>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        match self {
            Self::Postgres(c) => turn::begin_in_turn(c),
            Self::Sqlite(c) => begin_immediate(c),
        }
        .map_err(Error::from)?;
        self.finish(work)
    }

    /// Several reads of one state of the database (a snapshot).
    pub fn snapshot<T, E: From<Error>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        match self {
            Self::Postgres(c) => {
                <PgConnection as Connection>::TransactionManager::begin_transaction_sql(
                    c,
                    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
                )
            }
            Self::Sqlite(c) => {
                <SqliteConnection as Connection>::TransactionManager::begin_transaction_sql(
                    c,
                    "BEGIN DEFERRED",
                )
            }
        }
        .map_err(Error::from)?;
        self.finish(work)
    }

    fn finish<T, E: From<Error>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        match work(self) {
            Ok(value) => {
                either!(self, |c| TransactionManagerOf::commit(c)).map_err(Error::from)?;
                Ok(value)
            }
            Err(error) => {
                if let Err(rollback) = either!(self, |c| TransactionManagerOf::rollback(c)) {
                    tracing::warn!(error = %rollback, "the rollback failed; the database undoes the transaction itself");
                }
                Err(error)
            }
        }
    }

    /// Whether this is the embedded database.
    pub const fn is_sqlite(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }
}

fn begin_immediate(conn: &mut SqliteConnection) -> QueryResult<()> {
    <SqliteConnection as Connection>::TransactionManager::begin_transaction_sql(
        conn,
        "BEGIN IMMEDIATE",
    )
}

/// Makes the file of a new SQLite database for its owner alone: it holds the salts of the ledger's leaves.
/// SQLite gives its journal the same mode. A file that is there keeps its own.
fn create(path: &Path) -> std::io::Result<()> {
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    match made {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => {
            let detail = format!("{} cannot be made: {error}", path.display());
            Err(std::io::Error::new(error.kind(), detail))
        }
    }
}

/// Commit and roll back through the connection's own transaction manager.
trait TransactionManagerOf: Connection {
    fn commit(&mut self) -> QueryResult<()> {
        Self::TransactionManager::commit_transaction(self)
    }
    fn rollback(&mut self) -> QueryResult<()> {
        Self::TransactionManager::rollback_transaction(self)
    }
}

impl<C: Connection> TransactionManagerOf for C {}
