use std::fs;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::harness::kafka::Topic;
use crate::harness::process::Workplace;

const FILES: [&str; 7] = [
    "parties.csv",
    "places.csv",
    "products.csv",
    "aliases.csv",
    "events.ndjson",
    "question.json",
    "truth.json",
];

const SCENARIOS: [&str; 6] = ["formula", "dairy", "toy", "powerbank", "shrimp", "parcel"];

fn generate(workplace: &Workplace, seed: &str, folder: &str) -> Value {
    workplace
        .run([
            "--json", "generate", "formula", "--units", "2400", "--seed", seed, "-o", folder,
        ])
        .expect_code(0)
        .json()
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[test]
fn the_same_seed_is_the_same_bytes_and_another_seed_is_not() {
    let workplace = Workplace::bare();

    let [a, b, c] =
        [("7", "a"), ("7", "b"), ("8", "c")].map(|(seed, to)| generate(&workplace, seed, to));

    assert_eq!(a["sha256"], b["sha256"]);
    assert_ne!(a["sha256"], c["sha256"]);
    for file in FILES {
        let read = |folder: &str| fs::read(workplace.path(folder).join(file)).unwrap();
        assert_eq!(read("a"), read("b"), "{file}");
    }
}

#[test]
fn the_files_are_what_the_report_says_and_what_the_program_takes() {
    let workplace = Workplace::bare();

    let report = generate(&workplace, "1", "w");

    let events = fs::read_to_string(workplace.path("w/events.ndjson")).unwrap();
    assert_eq!(report["sha256"], sha256(events.as_bytes()));
    assert_eq!(
        report["messages"].as_u64().unwrap(),
        events.lines().count() as u64
    );
    let truth: Value =
        serde_json::from_slice(&fs::read(workplace.path("w/truth.json")).unwrap()).unwrap();
    assert_eq!(report["truth"], "w/truth.json");
    assert_eq!(report["units"], truth["unit_count"]);
    assert_eq!(report["events"], truth["event_count"]);
    assert!(!truth["affected"].as_array().unwrap().is_empty());

    workplace.run(["migrate", "--init-keys"]).expect_code(0);
    for (table, file) in [
        ("party", "w/parties.csv"),
        ("place", "w/places.csv"),
        ("product", "w/products.csv"),
    ] {
        workplace.run([table, "import", file]).expect_code(0);
    }
    let first = events.lines().next().unwrap();
    fs::write(workplace.path("first.json"), first).unwrap();
    workplace
        .run(["capture", "first.json", "--as", "qingsui"])
        .expect_code(0);
}

#[test]
fn what_goes_to_kafka_is_what_goes_to_the_file() {
    let workplace = Workplace::bare();
    let in_file = generate(&workplace, "3", "w");
    let topic = Topic::new(3);
    workplace.configure(&format!("[kafka]\nbrokers = {:?}\n", topic.bootstrap()));

    let sent = workplace
        .run([
            "--json",
            "generate",
            "formula",
            "--units",
            "2400",
            "--seed",
            "3",
            "--topic",
            topic.name(),
        ])
        .expect_code(0)
        .json();

    assert_eq!(sent["sha256"], in_file["sha256"]);
    assert_eq!(
        topic.read_all().len() as u64,
        in_file["messages"].as_u64().unwrap()
    );
    assert!(sent["truth"]["affected"].is_array());
}

#[test]
fn a_topic_that_is_not_there_is_told_once_by_its_name() {
    let workplace = Workplace::bare();
    let topic = Topic::new(1);
    workplace.configure(&format!(
        "[kafka]\nbrokers = {:?}\n[kafka.client]\n\"topic.metadata.propagation.max.ms\" = \"500\"\n",
        topic.bootstrap()
    ));

    let refused = workplace
        .run([
            "generate",
            "formula",
            "--units",
            "2400",
            "--topic",
            "no.such.topic",
        ])
        .expect_code(5);

    assert!(refused.stderr.contains("no.such.topic"), "{refused:#?}");
    assert_eq!(refused.stderr.lines().count(), 1, "{refused:#?}");
}

#[test]
fn a_kafka_that_is_not_there_is_told_by_its_address() {
    let workplace = Workplace::bare();
    workplace.configure("[kafka]\nbrokers = \"127.0.0.1:9\"\n");
    let args = ["generate", "formula", "--units", "2400", "--topic", "any"];

    let refused = workplace.run(args).expect_code(5);
    assert!(
        refused.stderr.contains("cannot be reached at 127.0.0.1:9"),
        "{refused:#?}"
    );

    let running = workplace.start([&["-vv"][..], &args].concat());
    running.stderr_line("librdkafka");
    running.interrupt().expect_code(130);
}

#[test]
fn every_world_is_written_with_its_question_and_its_truth() {
    let workplace = Workplace::bare();

    for scenario in SCENARIOS {
        let report = workplace
            .run([
                "--json", "generate", scenario, "--units", "2400", "-o", scenario,
            ])
            .expect_code(0)
            .json();

        let read = |file: &str| fs::read(workplace.path(scenario).join(file)).unwrap();
        let truth: Value = serde_json::from_slice(&read("truth.json")).unwrap();
        let question: Value = serde_json::from_slice(&read("question.json")).unwrap();
        assert_eq!(truth["scenario"], scenario);
        assert_eq!(truth["question"], question, "{scenario}");
        assert_eq!(truth["unit_count"], report["units"], "{scenario}");
        let fates = truth["fates"].as_object().unwrap().values();
        let sum: u64 = fates.map(|count| count.as_u64().unwrap()).sum();
        assert_eq!(sum, report["units"].as_u64().unwrap(), "{scenario}");
        let names = String::from_utf8(read("aliases.csv")).unwrap();
        assert!(names.starts_with("id,same_as,org\n"), "{scenario}");
        assert_eq!(1 < names.lines().count(), scenario == "toy", "{scenario}");
    }
}

#[test]
fn too_few_units_are_refused_with_the_least_that_work() {
    let workplace = Workplace::bare();

    for (scenario, least) in [("dairy", "36"), ("toy", "24"), ("parcel", "60")] {
        let refused = workplace
            .run(["generate", scenario, "--units", "23", "-o", "w"])
            .expect_code(2);

        assert!(refused.stderr.contains(least), "{refused:?}");
        assert!(!workplace.path("w").exists());
    }
}

#[test]
fn an_unknown_scenario_is_refused_with_the_names_there_are() {
    let workplace = Workplace::bare();

    let refused = workplace
        .run(["generate", "nothing", "-o", "w"])
        .expect_code(2);

    assert!(refused.stderr.contains("formula"), "{refused:?}");
    assert!(!workplace.path("w").exists());
}
