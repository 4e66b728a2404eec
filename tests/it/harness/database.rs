//! A fresh database for each test: a copy of a template that is migrated once, gone when the test is over.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use diesel::prelude::*;
use sha2::{Digest, Sha256};
use suyuan::db::{self, Conn, DatabaseUrl, Db};
use tempfile::TempDir;

use super::{from_tests_run, unique};

/// Connections of a test's pool.
const POOL: u32 = 4;

/// The file in the folder of a test.
const SQLITE_FILE: &str = "suyuan.db";

/// A migrated, opened database. It is a [`Db`] for everything a test does with it.
#[derive(Debug)]
pub(crate) struct TestDatabase {
    // Before `bare`: connections are given back before the database is dropped.
    db: Db,
    bare: BareDatabase,
}

impl TestDatabase {
    /// The embedded database.
    pub(crate) fn sqlite() -> Self {
        static TEMPLATE: OnceLock<PathBuf> = OnceLock::new();
        let template = TEMPLATE.get_or_init(make_sqlite_template);
        let bare = BareDatabase::sqlite();
        std::fs::copy(template, bare.sqlite_path()).unwrap();
        Self::open(bare)
    }

    /// The server's.
    pub(crate) fn postgres() -> Self {
        static TEMPLATE: OnceLock<String> = OnceLock::new();
        let template = TEMPLATE.get_or_init(|| make_postgres_template(""));
        Self::open(BareDatabase::postgres(&format!("TEMPLATE {template}")))
    }

    /// The server's, where text without a collation of its own is sorted as English dictionaries do.
    pub(crate) fn postgres_of_another_locale() -> Self {
        static TEMPLATE: OnceLock<String> = OnceLock::new();
        let template = TEMPLATE
            .get_or_init(|| make_postgres_template("LOCALE_PROVIDER icu ICU_LOCALE 'en-US'"));
        Self::open(BareDatabase::postgres(&format!("TEMPLATE {template}")))
    }

    fn open(bare: BareDatabase) -> Self {
        let db = Db::open(bare.url(), POOL).unwrap();
        Self { db, bare }
    }

    /// The address as a program takes it, password and all.
    pub(crate) fn address(&self) -> String {
        self.bare.address()
    }

    /// A connection beside the pool.
    pub(crate) fn conn(&self) -> Conn {
        self.bare.conn()
    }
}

impl Deref for TestDatabase {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.db
    }
}

/// A database without tables, dropped at the end.
#[derive(Debug)]
pub(crate) struct BareDatabase {
    url: DatabaseUrl,
    home: Home,
}

#[derive(Debug)]
enum Home {
    Folder(TempDir),
    Server { name: String },
}

impl BareDatabase {
    /// A file that does not exist yet, in a folder of its own.
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            url: DatabaseUrl::Sqlite(folder.path().join(SQLITE_FILE)),
            home: Home::Folder(folder),
        }
    }

    /// A database on the server, made with these options.
    pub(crate) fn postgres(options: &str) -> Self {
        let name = unique("t");
        on_server(&format!("CREATE DATABASE {name} {options}"));
        Self {
            url: server_database(&name),
            home: Home::Server { name },
        }
    }

    /// Where it is.
    pub(crate) fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// The address as a program takes it, password and all.
    pub(crate) fn address(&self) -> String {
        match &self.url {
            DatabaseUrl::Sqlite(path) => format!("sqlite:{}", path.display()),
            DatabaseUrl::Postgres(url) => url.clone(),
        }
    }

    /// A connection; the SQLite file is made with the first.
    pub(crate) fn conn(&self) -> Conn {
        Conn::open_or_create(&self.url).unwrap()
    }

    fn sqlite_path(&self) -> PathBuf {
        match &self.home {
            Home::Folder(folder) => folder.path().join(SQLITE_FILE),
            Home::Server { name } => panic!("{name} is a database of the server, no file"),
        }
    }
}

impl Drop for BareDatabase {
    fn drop(&mut self) {
        match &self.home {
            // Removed with the value itself.
            Home::Folder(_) => {}
            Home::Server { name } => {
                on_server(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
            }
        }
    }
}

/// A statement on the server's own database.
fn on_server(statement: &str) {
    let url = DatabaseUrl::Postgres(from_tests_run("SUYUAN_TEST_POSTGRES"));
    let mut conn = Conn::open(&url).unwrap();
    if let Err(error) = diesel::sql_query(statement).execute(&mut conn) {
        // A second panic while a failed test unwinds would hide the first.
        assert!(std::thread::panicking(), "{statement}: {error}");
    }
}

/// The address of another database on the same server.
fn server_database(name: &str) -> DatabaseUrl {
    let server = from_tests_run("SUYUAN_TEST_POSTGRES");
    let (address, options) = match server.split_once('?') {
        Some((address, options)) => (address, format!("?{options}")),
        None => (server.as_str(), String::new()),
    };
    let authority = match address.split_once("://") {
        Some((_, rest)) => rest.split('/').next().unwrap(),
        None => panic!("SUYUAN_TEST_POSTGRES is no postgres:// address"),
    };
    DatabaseUrl::Postgres(format!("postgres://{authority}/{name}{options}"))
}

/// A migrated file in the build's folder for such things; made anew by each run.
fn make_sqlite_template() -> PathBuf {
    let bare = BareDatabase::sqlite();
    let mut conn = bare.conn();
    db::migrate::run(&mut conn).unwrap();
    // Everything into the one file that is copied.
    diesel::sql_query("PRAGMA journal_mode = DELETE")
        .execute(&mut conn)
        .unwrap();
    drop(conn);

    let template = Path::new(env!("CARGO_TARGET_TMPDIR")).join("template.db");
    let coming = template.with_file_name(unique("template"));
    std::fs::copy(bare.sqlite_path(), &coming).unwrap();
    // Another run may be copying the old one: it keeps what it opened.
    std::fs::rename(&coming, &template).unwrap();
    template
}

/// A migrated database on the server, named after its migrations, so that runs that share a server share it too.
fn make_postgres_template(locale: &str) -> String {
    let template = format!("suyuan_template_{}", digest_of_migrations(locale));
    if exists(&template) {
        return template;
    }
    let coming = unique("suyuan_coming");
    on_server(&format!(
        "CREATE DATABASE {coming} TEMPLATE template0 {locale}"
    ));
    db::migrate::run(&mut Conn::open(&server_database(&coming)).unwrap()).unwrap();
    let renamed = diesel::sql_query(format!("ALTER DATABASE {coming} RENAME TO {template}"))
        .execute(
            &mut Conn::open(&DatabaseUrl::Postgres(from_tests_run(
                "SUYUAN_TEST_POSTGRES",
            )))
            .unwrap(),
        );
    if renamed.is_err() {
        // Another run was faster.
        on_server(&format!("DROP DATABASE {coming} WITH (FORCE)"));
        assert!(exists(&template), "{renamed:?}");
    }
    template
}

fn exists(database: &str) -> bool {
    Conn::open(&server_database(database)).is_ok()
}

fn digest_of_migrations(locale: &str) -> String {
    use std::fmt::Write;

    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/postgres");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().join("up.sql"))
        .collect();
    files.sort();
    let mut digest = Sha256::new_with_prefix(locale);
    for file in files {
        digest.update(std::fs::read(&file).unwrap());
    }
    digest
        .finalize()
        .iter()
        .take(8)
        .fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").unwrap();
            text
        })
}
