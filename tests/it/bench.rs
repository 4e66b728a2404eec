//! Benchmarks at small size: what they measure must be right before it is fast.

use diesel::prelude::*;
use diesel::sql_types::Text;
use suyuan::db::DatabaseUrl;

use crate::harness::database::TestDatabase;
use crate::harness::from_tests_run;
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
        for world in ["a in order", "b shuffled", "c foreign serials"] {
            let of = |subject: &str, unit: &str| figure(&report, &format!("{world}: {subject}"), unit);
            assert!((of("affected", "items") - 500.0).abs() < 0.5);
            assert!(of("events", "events") > 250.0);
            assert!(of("scope, median of 5", "s") >= of("scope, best", "s"));
            assert!(of("scope by SQL, median of 3", "s") > 0.0);
            assert!(of("one item back, p99", "s") >= of("one item back, p50", "s"));
            assert!(of("one item forward, p50", "s") > 0.0);
            // A row an item: 5,000 units and more, each made and packed.
            assert!(of("after live ingest: a row an item", "rows") > 15_000.0);
            let rows = |when: &str| of(&format!("{when}: trace index"), "rows");
            assert!(rows("after live ingest") >= rows("after compaction"));
            if world != "c foreign serials" {
                assert!(rows("after live ingest") < of("after live ingest: a row an item", "rows") / 5.0);
            }
            assert!(of("after compaction: a record of trace_log, packed", "bytes/record") > 1.0);
        }
        assert!((figure(&report, "d listed items: affected", "items") - 500.0).abs() < 0.5);
        assert!(figure(&report, "d listed items: scope by SQL, best", "s") > 0.0);
    }

    fn a_tenth_of_a_world_shows_what_growing_costs(db) {
        let report = Workplace::on(db)
            .run(["bench", "recall", "--size", "20000", "--variant", "b", "--json"])
            .expect_code(0)
            .json();

        for (world, items) in [("b shuffled, a tenth", 2_000.0), ("b shuffled", 20_000.0)] {
            assert!((figure(&report, &format!("{world}: items"), "items") - items).abs() < 0.5);
            assert!(figure(&report, &format!("{world}: one item back, p50"), "s") > 0.0);
            assert!(figure(&report, &format!("{world}, compacted: scope, best"), "s") > 0.0);
        }
    }

    fn a_topic_of_its_own_is_ingested_beside_what_is_slower_and_faster(db) {
        let workplace = Workplace::on(db);
        let brokers = from_tests_run("SUYUAN_TEST_KAFKA");
        workplace.configure(&format!("[kafka]\nbrokers = {brokers:?}\n"));

        let report = workplace
            .run(["bench", "ingest", "--size", "300", "--json"])
            .expect_code(0)
            .json();

        for (kind, bytes) in [("cases of 24", 1_500.0), ("single sales", 400.0)] {
            let of = |subject: &str, unit: &str| figure(&report, &format!("{kind}: {subject}"), unit);
            assert!((of("events", "events") - 300.0).abs() < 0.5);
            assert!(of("events as JSON", "bytes") > 300.0 * bytes);
            assert!(of("batches", "batches") >= 4.0, "one a partition");
            let parts = ["waiting for records", "reading and hashing", "statements", "commits"];
            let parts: f64 = parts.iter().map(|part| of(&format!("  of it {part}"), "s")).sum();
            let whole = of("ingest, first batch taken to last committed", "s");
            assert!((parts - whole).abs() < 0.01, "{parts} of {whole}");
            assert!(of("CPU of this process", "s") > 0.0);
            assert!(of("the same rows alone", "s") > 0.0);
            assert!((of("record by record: events", "events") - 100.0).abs() < 0.5);
        }
    }

    fn captures_and_recalls_run_beside_each_other(db) {
        let report = Workplace::on(db)
            .run(["bench", "live", "--size", "5000", "--seconds", "1", "--json"])
            .expect_code(0)
            .json();

        assert_eq!(report["bench"], "live");
        for stretch in ["capture alone", "capture beside recalls"] {
            assert!(figure(&report, &format!("live: {stretch}: rate"), "events/s") > 0.0);
        }
        for recalls in ["recall alone", "recall beside captures"] {
            assert!(figure(&report, &format!("live: {recalls}: times"), "times") > 0.5);
        }
    }

    fn nothing_of_a_benchmark_stays(db) {
        let workplace = Workplace::on(db);

        workplace.run(["bench", "recall", "--size", "2000", "--variant", "a"]).expect_code(0);

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
