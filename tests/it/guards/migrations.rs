//! The twin folders of migrations make one schema, go down as they came up, and are what `schema.rs` says.

use suyuan::db::migrate;

use super::schema::{self, Schema};
use super::source::files;
use crate::harness::database::{BareDatabase, TestDatabase};

fn declared() -> Schema {
    let sources = files(&["src/db"], "schema.rs");
    let [source] = sources.as_slice() else {
        panic!("src/db/schema.rs is not the only one");
    };
    schema::declared(source)
}

/// The names of the folders below `migrations/KIND`, each with both its files.
fn folders(kind: &str) -> Vec<String> {
    let prefix = format!("migrations/{kind}/");
    let names = |file: &str| -> Vec<String> {
        files(&[prefix.as_str()], file)
            .into_iter()
            .map(|source| {
                let inner = source.name.strip_prefix(&prefix).unwrap();
                inner.split('/').next().unwrap().to_owned()
            })
            .collect()
    };
    let up = names("/up.sql");
    assert_eq!(up, names("/down.sql"), "{prefix} lacks an up or a down");
    up
}

/// What stands in the way of reading the second as the first.
fn differences(expected: &Schema, found: &Schema) -> Vec<String> {
    let mut lines = Vec::new();
    for name in expected.keys().chain(found.keys()) {
        let (wanted, had) = (expected.get(name), found.get(name));
        let line = match (wanted, had) {
            (Some(wanted), Some(had)) if wanted.key != had.key => {
                format!("{name}: key {:?}, not {:?}", had.key, wanted.key)
            }
            (Some(wanted), Some(had)) => {
                let missing = wanted.columns.iter().filter(|c| !had.columns.contains(c));
                let extra = had.columns.iter().filter(|c| !wanted.columns.contains(c));
                let unequal: Vec<_> = missing.chain(extra).collect();
                if unequal.is_empty() && wanted.columns == had.columns {
                    continue;
                }
                format!("{name}: columns differ or stand in another order: {unequal:?}")
            }
            (wanted, _) => format!(
                "{name}: only in the {}",
                if wanted.is_some() { "first" } else { "second" }
            ),
        };
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

#[test]
fn both_databases_have_migrations_of_the_same_names() {
    let (postgres, sqlite) = migrate::twins().unwrap();

    assert_eq!(postgres, sqlite);
    assert_eq!(folders("postgres"), folders("sqlite"));
    assert_eq!(folders("postgres"), postgres);
}

#[test]
fn migrations_go_up_down_and_up_to_the_same_schema() {
    for bare in [BareDatabase::sqlite(), BareDatabase::postgres("")] {
        let mut conn = bare.conn();
        migrate::run(&mut conn).unwrap();
        let first = schema::everything(&mut conn);

        migrate::revert_all(&mut conn).unwrap();
        let between = schema::everything(&mut conn);
        migrate::run(&mut conn).unwrap();
        let second = schema::everything(&mut conn);

        assert!(!first.is_empty());
        assert!(between.is_empty(), "left after down.sql: {between:#?}");
        assert_eq!(first, second);
    }
}

#[test]
fn a_second_run_has_nothing_to_do() {
    for database in [TestDatabase::sqlite(), TestDatabase::postgres()] {
        let report = migrate::run(&mut database.conn()).unwrap();

        assert_eq!(report.applied, [""; 0]);
        assert_eq!(report.from, report.to);
    }
}

both! {
    fn the_live_columns_are_those_of_the_code(db) {
        let faults = differences(&declared(), &schema::live(&mut db.conn()));

        assert!(faults.is_empty(), "{faults:#?}");
    }
}

#[test]
fn both_databases_refuse_the_same_repetitions() {
    let sqlite = schema::unique_indexes(&mut TestDatabase::sqlite().conn());
    let postgres = schema::unique_indexes(&mut TestDatabase::postgres().conn());

    assert!(!sqlite.is_empty());
    assert_eq!(sqlite, postgres);
}

#[test]
fn no_text_column_is_sorted_by_a_locale() {
    let found =
        schema::locale_sorted_columns(&mut TestDatabase::postgres_of_another_locale().conn());

    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_changed_column_is_seen() {
    let code = declared();
    let mut changed = code.clone();
    let (name, table) = changed.iter_mut().next().unwrap();
    let name = name.clone();
    table.columns[0].nullable = !table.columns[0].nullable;
    let mut shorter = code.clone();
    shorter.remove(&name);

    assert_eq!(differences(&code, &code), [""; 0]);
    assert_eq!(differences(&code, &changed).len(), 1);
    assert_eq!(
        differences(&code, &shorter),
        [format!("{name}: only in the first")]
    );
}
