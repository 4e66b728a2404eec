//! Benchmarks at small size: what they measure must be right before it is fast.

use diesel::prelude::*;
use diesel::sql_types::Text;
use suyuan::db::DatabaseUrl;

use crate::harness::database::TestDatabase;
use crate::harness::process::Workplace;

/// The value of the one figure with this subject and unit.
fn figure(report: &serde_json::Value, subject: &str, unit: &str) -> f64 {
    let runs = report["runs"].as_array().unwrap();
    let mut found = runs
        .iter()
        .filter(|run| run["subject"] == subject && run["unit"] == unit);
    let value = found.next().and_then(|run| run["value"].as_f64());
    assert!(found.next().is_none(), "{subject}: twice");
    value.unwrap_or_else(|| panic!("no {subject} in {unit}: {report:#}"))
}

both! {
    fn a_scope_of_ours_and_one_by_sql_tell_the_same_of_every_item(db) {
        let workplace = Workplace::on(db);

        // Exit code 0 says that the digests were equal.
        let report = workplace
            .run(["bench", "recall", "--size", "5000", "--seed", "7", "--json"])
            .expect_code(0)
            .json();

        assert_eq!(report["bench"], "recall");
        assert_eq!(report["machine"]["build"], "debug");
        for order in ["in order", "shuffled"] {
            let of = |subject: &str, unit: &str| figure(&report, &format!("{order}: {subject}"), unit);
            assert_eq!(of("affected", "items"), 500.0);
            assert!(of("events", "events") > 250.0);
            assert!(of("scope, median of 5", "s") > 0.0);
            assert!(of("scope by SQL, median of 3", "s") > 0.0);
            // A row an item: 5,000 units and more, each made and packed.
            assert!(of("a row an item", "rows") > 15_000.0);
            assert!(of("trace index", "rows") < of("a row an item", "rows") / 5.0);
            assert!(of("trace index", "bytes") > 0.0);
        }
    }

    fn nothing_of_a_benchmark_stays(db) {
        let workplace = Workplace::on(db);

        workplace.run(["bench", "recall", "--size", "2000"]).expect_code(0);

        assert_eq!(databases_beside(db), [""; 0]);
        let left = std::fs::read_dir(workplace.path(".")).unwrap();
        let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["suyuan.toml"]);
        if let DatabaseUrl::Sqlite(file) = db.url() {
            let beside = std::fs::read_dir(file.parent().unwrap()).unwrap();
            let folders = beside.filter(|entry| entry.as_ref().unwrap().path().is_dir());
            assert_eq!(folders.count(), 0);
        }
    }
}

/// Databases on the server whose names say that they were made beside this one.
fn databases_beside(db: &TestDatabase) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Name {
        #[diesel(sql_type = Text)]
        name: String,
    }
    let mut conn = db.conn();
    if conn.is_sqlite() {
        return Vec::new();
    }
    let names: Vec<Name> = diesel::sql_query(
        "SELECT CAST(datname AS TEXT) AS name FROM pg_database \
         WHERE starts_with(CAST(datname AS TEXT), current_database() || '_bench_')",
    )
    .load(&mut conn)
    .unwrap();
    names.into_iter().map(|row| row.name).collect()
}
