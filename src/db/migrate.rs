//! Schema changes: twin folders of plain SQL, applied by `suyuan migrate` and by nothing else.

use diesel::migration::MigrationSource;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{Conn, Error};

const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// What a run did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The newest migration before; empty for a new database.
    pub from: String,
    /// The newest migration now.
    pub to: String,
    /// What was applied, in order.
    pub applied: Vec<String>,
}

/// Applies what is pending.
pub fn run(conn: &mut Conn) -> Result<Report, Error> {
    let from = newest(conn)?;
    let applied = match conn {
        Conn::Postgres(c) => c.run_pending_migrations(POSTGRES).map(|done| names(&done)),
        Conn::Sqlite(c) => c.run_pending_migrations(SQLITE).map(|done| names(&done)),
    }
    .map_err(Error::Migration)?;
    let to = newest(conn)?;
    Ok(Report { from, to, applied })
}

/// The names of migrations that wait, oldest first.
pub fn pending(conn: &mut Conn) -> Result<Vec<String>, Error> {
    match conn {
        Conn::Postgres(c) => c
            .pending_migrations(POSTGRES)
            .map(|list| list.iter().map(|m| m.name().to_string()).collect()),
        Conn::Sqlite(c) => c
            .pending_migrations(SQLITE)
            .map(|list| list.iter().map(|m| m.name().to_string()).collect()),
    }
    .map_err(Error::Migration)
}

/// Fails when something is pending.
pub fn check(conn: &mut Conn) -> Result<(), Error> {
    let pending = pending(conn)?;
    if pending.is_empty() {
        Ok(())
    } else {
        Err(Error::Pending {
            pending: pending.join(", "),
        })
    }
}

/// Takes every migration back, newest first: for tests of the `down.sql` files.
pub fn revert_all(conn: &mut Conn) -> Result<(), Error> {
    match conn {
        Conn::Postgres(c) => c.revert_all_migrations(POSTGRES).map(|_| ()),
        Conn::Sqlite(c) => c.revert_all_migrations(SQLITE).map(|_| ()),
    }
    .map_err(Error::Migration)
}

/// The names of the migrations of each database: the two lists must be equal.
pub fn twins() -> Result<(Vec<String>, Vec<String>), Error> {
    let names_of_postgres = MigrationSource::<diesel::pg::Pg>::migrations(&POSTGRES)
        .map_err(Error::Migration)?
        .iter()
        .map(|m| m.name().to_string())
        .collect();
    let names_of_sqlite = MigrationSource::<diesel::sqlite::Sqlite>::migrations(&SQLITE)
        .map_err(Error::Migration)?
        .iter()
        .map(|m| m.name().to_string())
        .collect();
    Ok((names_of_postgres, names_of_sqlite))
}

/// The newest migration that is applied; empty for a new database.
pub fn newest(conn: &mut Conn) -> Result<String, Error> {
    let mut applied = match conn {
        Conn::Postgres(c) => c.applied_migrations(),
        Conn::Sqlite(c) => c.applied_migrations(),
    }
    .map_err(Error::Migration)?;
    applied.sort();
    Ok(applied
        .pop()
        .map(|version| version.to_string())
        .unwrap_or_default())
}

fn names(done: &[diesel::migration::MigrationVersion<'_>]) -> Vec<String> {
    done.iter().map(ToString::to_string).collect()
}
