//! Worlds whose truth is known, recalled by the program and judged by it.

use serde_json::Value;

use crate::harness::process::{Finished, Workplace};

fn judged(workplace: &Workplace, scenario: &str, more: &[&str]) -> Finished {
    let mut args = vec!["--json", "bench", "truth", "--scenario", scenario];
    args.extend(more);
    workplace.run(args)
}

/// The value of the one figure with this subject.
fn figure(report: &Value, subject: &str) -> f64 {
    let runs = report["runs"].as_array().unwrap();
    let mut found = runs.iter().filter(|run| run["subject"] == subject);
    let value = found.next().and_then(|run| run["value"].as_f64());
    assert!(found.next().is_none(), "{subject}: twice");
    value.unwrap_or_else(|| panic!("no {subject}: {report:#}"))
}

/// Whole numbers below 2^53 are exact.
fn count(report: &Value, subject: &str) -> u64 {
    let value = figure(report, subject);
    assert!(value.fract() == 0.0, "{subject}: {value}");
    format!("{value:.0}").parse().unwrap()
}

both! {
    fn worlds_are_recalled_whole_and_without_anything_else(db) {
        let workplace = Workplace::on(db);

        for (scenario, units, seed) in [
            ("formula", "2400", "1"),
            ("dairy", "36", "1"),
            ("dairy", "36", "2"),
            ("dairy", "293", "1"),
            ("dairy", "293", "2"),
            ("toy", "24", "1"),
            ("toy", "307", "2"),
            ("powerbank", "27", "1"),
            ("powerbank", "311", "2"),
            ("shrimp", "36", "1"),
            ("shrimp", "250", "2"),
            ("parcel", "60", "1"),
            ("parcel", "299", "2"),
        ] {
            let args = ["--size", units, "--seed", seed];
            let report = judged(&workplace, scenario, &args).expect_code(0).json();

            let of = |what: &str| count(&report, &format!("{scenario}: {what}"));
            let ratio = |what: &str| figure(&report, &format!("{scenario}: {what}"));
            assert_eq!(report["bench"], "truth");
            assert!(0 < of("units affected") + of("lots affected"), "{report:#}");
            for what in [
                "units missing",
                "units misplaced",
                "units contested",
                "units extra",
                "lots short of an amount",
                "lots with an amount misplaced",
                "events lost",
            ] {
                assert_eq!(of(what), 0, "{scenario} {units}, {what}: {report:#}");
            }
            for what in [
                "sensitivity, units",
                "precision, units",
                "sensitivity, lots",
                "precision, lots",
            ] {
                assert!(ratio(what) >= 1.0, "{scenario} {units}, {what}: {report:#}");
            }
        }
    }
}

#[test]
fn what_lost_events_hide_is_counted_with_what_hints_at_it() {
    let workplace = Workplace::bare();

    let report = judged(&workplace, "formula", &["--size", "2400", "--drop", "5"])
        .expect_code(0)
        .json();

    let of = |what: &str| count(&report, &format!("formula: {what}"));
    assert!(0 < of("events lost"), "{report:#}");
    assert!(
        0 < of("units misplaced") + of("units missing"),
        "{report:#}"
    );
    let missing: u64 = report["runs"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|run| run["unit"] == "units")
        .filter(|run| run["subject"].as_str().unwrap().contains(": missing"))
        .map(|run| {
            format!("{:.0}", run["value"].as_f64().unwrap())
                .parse::<u64>()
                .unwrap()
        })
        .sum();
    assert_eq!(missing, of("units missing"), "{report:#}");
}

#[test]
fn an_unknown_world_and_one_too_small_are_refused_before_anything_is_made() {
    let workplace = Workplace::bare();

    let unknown = judged(&workplace, "nothing", &[]).expect_code(2);
    let small = judged(&workplace, "all", &["--size", "100"]).expect_code(2);

    assert!(unknown.stderr.contains("powerbank"), "{unknown:?}");
    assert!(small.stderr.contains("2400"), "{small:?}");
    let left = std::fs::read_dir(workplace.path(".")).unwrap();
    let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["suyuan.toml"]);
}
