//! `suyuan dead-letter` over what came from a real topic.

use serde_json::Value;

use crate::harness::database::TestDatabase;
use crate::harness::kafka::Topic;
use crate::harness::process::{Finished, Workplace};

const BROKEN: &str = "{\"type\": \u{1b}[2J";

/// A document of an event that may not be, in a context of its own.
fn document() -> String {
    r#"{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",{"own":"https://own.example/"}],"type":"EPCISDocument","schemaVersion":"2.0","creationDate":"2026-01-01T00:00:00Z","epcisBody":{"eventList":[{"type":"ObjectEvent","action":"LOOK"}]}}"#.to_owned()
}

/// A workplace whose topic brought two records, both refused.
fn ingested(db: &TestDatabase) -> (Workplace, String) {
    let topic = Topic::new(1);
    topic.produce(0, b"k", Some(BROKEN.as_bytes()));
    topic.produce(0, b"k", Some(document().as_bytes()));
    let workplace = Workplace::on(db);
    workplace.configure(&format!(
        "[kafka]\nbrokers = {:?}\ntopic = {:?}\ngroup = {:?}\nsubmitter = \"maker\"\n",
        topic.bootstrap(),
        topic.name(),
        topic.name()
    ));
    workplace.run(["migrate", "--init-keys"]).expect_code(0);
    std::fs::write(
        workplace.path("parties.csv"),
        "id,name,role\nmaker,乳业,producer\n",
    )
    .unwrap();
    workplace
        .run(["party", "import", "parties.csv"])
        .expect_code(0);
    workplace
        .run(["ingest", "--until-idle", "1s"])
        .expect_code(0);
    (workplace, format!("{}/0", topic.name()))
}

fn lines(finished: &Finished) -> Vec<Value> {
    finished
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

both! {
    fn letters_are_listed_in_pages_shown_as_they_came_and_replayed(db) {
        let (workplace, shard) = ingested(db);
        let run = |args: &[&str]| workplace.run([&["--json", "dead-letter"], args].concat());

        let all = lines(&run(&["list"]).expect_code(0));
        let ids: Vec<&str> = all.iter().map(|line| line["id"].as_str().unwrap()).collect();
        assert_eq!(ids, [format!("{shard}:0:0"), format!("{shard}:1:1")]);
        assert!(all.iter().all(|line| line["submitter"] == "maker" && line["replayed_at"].is_null()));
        let first = run(&["list", "--limit", "1"]).expect_code(0);
        assert_eq!(lines(&first), all[..1]);
        assert!(first.stderr.contains(&format!("--after {}", ids[0])), "{first:?}");
        let rest = run(&["list", "--after", ids[0], "--limit", "1"]).expect_code(0);
        assert_eq!((lines(&rest), rest.stderr.as_str()), (all[1..].to_vec(), ""));
        assert!(lines(&run(&["list", "--shard", "http/0"]).expect_code(0)).is_empty());

        let whole = run(&["show", &shard, "0"]).expect_code(0).json();
        assert_eq!((&whole["text"], whole.get("replayed_as")), (&BROKEN.into(), None));
        assert_eq!(run(&["show", &shard, "0", "0", "--raw"]).expect_code(0).stdout, BROKEN);
        let part = run(&["show", &shard, "1", "1"]).expect_code(0).json();
        assert_eq!(part["text"], r#"{"type":"ObjectEvent","action":"LOOK"}"#);
        let replayed_as: Value = serde_json::from_str(part["replayed_as"].as_str().unwrap()).unwrap();
        let expected: Value = serde_json::from_str(&document()).unwrap();
        assert_eq!(replayed_as, expected);
        let page = workplace.run(["dead-letter", "--lang", "zh", "show", &shard, "0"]).expect_code(0).stdout;
        assert!(page.contains("尚未重新提交") && page.contains("\\u{1b}[2J"), "{page}");

        for args in [&["replay", "--all"][..], &["replay", &shard, "1"], &["replay", "--all", "--dry-run"]] {
            let refused = run(args).expect_code(3);
            assert!(lines(&refused).iter().all(|line| line["outcome"] == "refused"), "{refused:?}");
        }
        assert_eq!(lines(&run(&["list"]).expect_code(0)), all);
        for mistyped in [
            &["list", "--shard", "nowhere/0"][..],
            &["list", "--after", "nowhere/0:0:0"],
            &["replay", "--all", "--shard", "nowhere/0"],
        ] {
            let refused = run(mistyped).expect_code(4);
            assert!(refused.stderr.contains("nowhere/0"), "{refused:?}");
        }
        for nothing in [&["show", &shard, "7"][..], &["replay", &shard, "0", "3"], &["replay", "nowhere/0", "0"]] {
            run(nothing).expect_code(4);
        }
        run(&["replay"]).expect_code(2);
        run(&["replay", "--all", "--shard", "http/0"]).expect_code(0);
        workplace.run(["verify"]).expect_code(0);
    }
}
