use std::fs;

use serde_json::Value;

use crate::harness::process::{Finished, Workplace};

/// The smallest world in which everything happens.
const UNITS: &str = "2400";

fn demo(workplace: &Workplace, more: &[&str]) -> Finished {
    let mut args = vec!["--json", "demo", "--exit", "--units", UNITS];
    args.extend(more);
    workplace.run(args)
}

/// Makes later commands work on what the demonstration left.
fn stay_there(workplace: &Workplace) {
    fs::copy(
        workplace.path("suyuan-demo/suyuan.toml"),
        workplace.path("suyuan.toml"),
    )
    .unwrap();
}

#[test]
fn the_demonstration_finds_every_affected_unit_where_it_truly_is() {
    let workplace = Workplace::bare();

    let report = demo(&workplace, &[]).expect_code(0).json();

    let expected = report["expected"].as_u64().unwrap();
    let found = report["found"].as_u64().unwrap();
    assert!(0 < expected, "{report}");
    assert_eq!(report["missing"], 0, "{report}");
    assert_eq!(report["misplaced"], 0, "{report}");
    assert_eq!(
        found - expected,
        report["extra"].as_u64().unwrap(),
        "{report}"
    );
    assert!(
        report["events"].as_i64().unwrap() < report["entries"].as_i64().unwrap(),
        "{report}"
    );
    assert_eq!(report["urls"].as_array().unwrap().len(), 3, "{report}");
    assert!(report["seconds"].as_f64().unwrap() > 0.0, "{report}");
}

#[test]
fn the_demonstration_runs_again_in_its_own_folder_and_leaves_a_whole_ledger() {
    let workplace = Workplace::bare();

    let first = demo(&workplace, &[]).expect_code(0).json();
    let second = demo(&workplace, &[]).expect_code(0).json();

    for field in ["events", "expected", "found", "missing", "extra"] {
        assert_eq!(first[field], second[field], "{field}");
    }
    stay_there(&workplace);
    let verified = workplace.run(["--json", "verify"]).expect_code(0).json();
    assert_eq!(verified["ok"], true, "{verified}");
    let rebuilt = workplace
        .run(["--json", "rebuild", "--check"])
        .expect_code(0)
        .json();
    assert_eq!(rebuilt["equal"], true, "{rebuilt}");
}

#[test]
fn a_folder_that_is_not_the_demonstrations_is_refused() {
    let workplace = Workplace::bare();
    let theirs = workplace.path("theirs");
    fs::create_dir(&theirs).unwrap();
    fs::write(theirs.join("suyuan.db"), "precious").unwrap();

    let refused = demo(&workplace, &["--dir", "theirs"]).expect_code(3);

    assert!(refused.stderr.contains(".suyuan-demo"), "{refused:?}");
    assert_eq!(fs::read(theirs.join("suyuan.db")).unwrap(), b"precious");
}

#[test]
fn a_packing_event_that_never_came_shows_as_units_in_the_wrong_place() {
    let workplace = Workplace::bare();

    let finished = demo(&workplace, &["--drop-needed-packing-event"]).expect_code(1);

    let report = finished.json();
    let wrong = report["missing"].as_u64().unwrap() + report["misplaced"].as_u64().unwrap();
    assert!(0 < wrong, "{report}");
    assert!(
        finished
            .stderr
            .contains("misplaced: https://id.gs1.org/01/"),
        "{finished:?}"
    );
}

#[test]
fn the_story_is_told_in_chinese_and_in_english() {
    let workplace = Workplace::bare();

    let zh = workplace
        .run(["--lang", "zh", "demo", "--exit", "--units", UNITS])
        .expect_code(0);
    let en = workplace
        .run(["demo", "--exit", "--units", UNITS])
        .expect_code(0);

    assert!(zh.stderr.contains("漏掉 0"), "{zh:?}");
    assert!(en.stderr.contains("0 missing"), "{en:?}");
    for told in [&zh, &en] {
        assert!(told.stderr.contains('█'), "the code is drawn: {told:?}");
        assert!(
            !told.stderr.contains('\r'),
            "no bars when nobody watches: {told:?}"
        );
        assert!(told.stdout.contains("/01/"), "{told:?}");
    }
}

#[test]
fn too_small_a_world_is_refused_before_anything_is_made() {
    let workplace = Workplace::bare();

    let refused = workplace
        .run(["demo", "--exit", "--units", "100"])
        .expect_code(2);

    assert!(refused.stderr.contains("units"), "{refused:?}");
    assert!(!workplace.path("suyuan-demo").exists());
}

#[test]
fn the_pages_of_what_was_found_are_served_until_it_is_told_to_end() {
    let workplace = Workplace::bare();
    let running = workplace.start(["--json", "demo", "--units", UNITS]);

    let report: Value = serde_json::from_str(&running.stdout_line("urls")).unwrap();
    let urls: Vec<&str> = report["urls"]
        .as_array()
        .unwrap()
        .iter()
        .map(|url| url.as_str().unwrap())
        .collect();
    let texts: Vec<String> = urls
        .iter()
        .map(|url| {
            let mut answer = ureq::get(*url)
                .header("accept", "text/html")
                .call()
                .unwrap();
            answer.body_mut().read_to_string().unwrap()
        })
        .collect();

    assert!(
        texts.iter().all(|text| text.contains("<html")),
        "{texts:#?}"
    );
    let recalled: Vec<bool> = texts
        .iter()
        .map(|text| text.contains("此产品正在召回"))
        .collect();
    assert_eq!(
        recalled,
        [true, false, false],
        "the affected tin, and it alone, tells of the recall"
    );
    assert!(texts[2].contains("不是该生产者签发的"), "{}", texts[2]);
    running.stop().expect_code(0);
}
