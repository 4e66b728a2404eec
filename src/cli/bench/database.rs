//! A fresh database of the configured kind with keys of its own, gone when the benchmark is.

use std::fs;
use std::path::PathBuf;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use uuid::Uuid;

use crate::app::{App, Clock, Code, Config, KeyFolder, Problem};
use crate::db::{self, Conn, DatabaseUrl, migrate};
use crate::epcis::Timestamp;

/// Connections: one works, one is made anew.
const POOL: u32 = 2;

/// Characters of the configured database's name in the new one's: 20 + 7 + 32 are within PostgreSQL's 63.
const STEM_MAX: usize = 20;

/// An opened program over a database of its own.
#[derive(Debug)]
pub(super) struct Fresh {
    // Before `home`: connections are closed before the database is dropped.
    app: App,
    _home: Home,
}

/// What is removed at the end.
#[derive(Debug)]
struct Home {
    folder: PathBuf,
    on_server: Option<(DatabaseUrl, String)>,
}

impl Fresh {
    /// Makes it: for SQLite a folder beside the configured file, for PostgreSQL a database on the
    /// configured server.
    pub(super) fn make(config: &Config, now: Timestamp) -> Result<Self, Problem> {
        let url = config.database_url()?;
        let name = format!("{}_bench_{}", stem(&url), Uuid::now_v7().simple());
        let mut home = Home {
            folder: beside(&url).join(&name),
            on_server: None,
        };
        KeyFolder::init(&home.folder)?;
        let own = match &url {
            DatabaseUrl::Sqlite(_) => DatabaseUrl::Sqlite(home.folder.join("suyuan.db")),
            DatabaseUrl::Postgres(server) => {
                on_server(&url, &format!("CREATE DATABASE {name}"))?;
                home.on_server = Some((url.clone(), name.clone()));
                DatabaseUrl::Postgres(with_database(server, &name))
            }
        };
        let mut conn = Conn::open_or_create(&own)?;
        migrate::run(&mut conn)?;
        drop(conn);
        let mut config = config.clone();
        config.database.url = match own {
            DatabaseUrl::Sqlite(path) => format!("sqlite:{}", path.display()),
            DatabaseUrl::Postgres(url) => url,
        };
        config.database.pool = POOL;
        config.keys.dir.clone_from(&home.folder);
        let app = App::open(config, Clock::standing(now))?;
        Ok(Self { app, _home: home })
    }

    /// The program over it.
    pub(super) const fn app(&self) -> &App {
        &self.app
    }

    /// A connection beside the pool.
    pub(super) fn connect(&self) -> Result<Conn, Problem> {
        Ok(Conn::open(self.app.db.url())?)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if let Some((url, name)) = self.on_server.take()
            && let Err(problem) = on_server(&url, &format!("DROP DATABASE {name} WITH (FORCE)"))
        {
            tracing::warn!(
                database = name,
                problem = problem.chain(),
                "a database was not removed"
            );
        }
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            tracing::warn!(folder = %self.folder.display(), %error, "a folder was not removed");
        }
    }
}

/// Which database this is and its version.
pub(super) fn version(conn: &mut Conn) -> Result<String, Problem> {
    #[derive(QueryableByName)]
    struct Version {
        #[diesel(sql_type = Text)]
        version: String,
    }
    let (name, query) = if conn.is_sqlite() {
        ("SQLite", "SELECT sqlite_version() AS version")
    } else {
        (
            "PostgreSQL",
            "SELECT current_setting('server_version') AS version",
        )
    };
    let row: Version = diesel::sql_query(query)
        .get_result(conn)
        .map_err(db::Error::from)?;
    Ok(format!("{name} {}", row.version))
}

/// Does what PostgreSQL's autovacuum does in its own time: the room of deleted rows can be used again.
pub(super) fn vacuum(conn: &mut Conn) -> Result<(), Problem> {
    if conn.is_sqlite() {
        return Ok(());
    }
    Ok(conn
        .batch_execute("VACUUM trace_log")
        .map_err(db::Error::from)?)
}

/// The beginning of the configured database's name, as far as it needs no quotes.
fn stem(url: &DatabaseUrl) -> String {
    let name = match url {
        DatabaseUrl::Sqlite(_) => "suyuan",
        DatabaseUrl::Postgres(url) => {
            let address = url.split('?').next().unwrap_or_default();
            address.rsplit('/').next().unwrap_or_default()
        }
    };
    let plain = |c: &char| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '_';
    let stem: String = name.chars().take_while(plain).take(STEM_MAX).collect();
    if stem.starts_with(|c: char| c.is_ascii_lowercase()) {
        stem
    } else {
        "suyuan".to_owned()
    }
}

/// Where the benchmark's folder stands: databases are large, so beside the configured one.
fn beside(url: &DatabaseUrl) -> PathBuf {
    match url {
        DatabaseUrl::Sqlite(path) => path
            .parent()
            .map_or_else(PathBuf::new, std::path::Path::to_owned),
        DatabaseUrl::Postgres(_) => std::env::temp_dir(),
    }
}

fn on_server(url: &DatabaseUrl, statement: &str) -> Result<(), Problem> {
    let mut conn = Conn::open(url)?;
    conn.batch_execute(statement).map_err(|error| {
        Problem::new(
            Code::Configuration,
            format!("database.url: {statement}: {error}"),
        )
    })
}

/// The address of another database on the same server.
fn with_database(url: &str, name: &str) -> String {
    let (address, options) = match url.split_once('?') {
        Some((address, options)) => (address, format!("?{options}")),
        None => (url, String::new()),
    };
    let server = match address.split_once("://") {
        Some((scheme, rest)) => {
            let authority = rest.split('/').next().unwrap_or_default();
            format!("{scheme}://{authority}")
        }
        None => address.to_owned(),
    };
    format!("{server}/{name}{options}")
}

#[cfg(test)]
mod tests {
    use super::{stem, with_database};
    use crate::db::DatabaseUrl;

    #[test]
    fn another_database_of_a_server_keeps_user_port_and_options() {
        for (url, expected) in [
            (
                "postgres://ann:x@db:5432/suyuan?sslmode=require",
                "postgres://ann:x@db:5432/b?sslmode=require",
            ),
            ("postgresql://db", "postgresql://db/b"),
        ] {
            assert_eq!(with_database(url, "b"), expected);
        }
    }

    #[test]
    fn the_name_begins_like_the_configured_one_and_needs_no_quotes() {
        for (name, expected) in [
            ("suyuan_2", "suyuan_2"),
            ("a_very_long_name_of_a_database", "a_very_long_name_of_"),
            ("Strange-\"name", "suyuan"),
            ("", "suyuan"),
        ] {
            let url =
                DatabaseUrl::Postgres(format!("postgres://ann@db:5432/{name}?sslmode=require"));
            assert_eq!(stem(&url), expected);
        }
    }
}
