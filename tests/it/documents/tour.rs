//! The tour of `README.md`, on the files of `examples/`.

use std::path::PathBuf;

use crate::harness::process::{Finished, Workplace};

fn example(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("examples")
        .join(name)
}

fn run(workplace: &Workplace, line: &str) -> Finished {
    let args = line
        .split(' ')
        .map(|arg| match arg.strip_prefix("examples/") {
            Some(name) => example(name).into_os_string(),
            None => arg.into(),
        });
    workplace.run(args).expect_code(0)
}

/// A workplace after the tour's first steps.
fn begun() -> Workplace {
    let workplace = Workplace::bare();
    run(&workplace, "migrate --init-keys");
    run(&workplace, "party import examples/parties.csv");
    run(&workplace, "place import examples/places.csv");
    run(&workplace, "product import examples/products.csv");
    workplace
}

/// Captures what each of the three parties sends and tells how many events were recorded and known already.
fn capture_all(workplace: &Workplace) -> Vec<(u64, u64)> {
    ["farm", "dairy", "shop"]
        .into_iter()
        .map(|org| {
            let line = format!("--json capture examples/{org}-events.json --as {org}");
            let report = run(workplace, &line).json();
            assert_eq!(
                (&report["conflicts"], &report["refused"]),
                (&0.into(), &0.into()),
                "{report}"
            );
            let count = |name: &str| report[name].as_u64().unwrap();
            (count("recorded"), count("duplicates"))
        })
        .collect()
}

#[test]
fn the_events_of_three_parties_are_recorded_once_and_verified() {
    let workplace = begun();

    assert_eq!(capture_all(&workplace), [(2, 0), (4, 0), (3, 0)]);
    assert_eq!(capture_all(&workplace), [(0, 2), (0, 4), (0, 3)]);

    let sale = "urn:uuid:95200000-0000-4000-8000-000000000009";
    let shown = run(&workplace, &format!("--json event show {sale}")).json();
    assert_eq!(
        (&shown["shard"], &shown["seq"]),
        (&"http/0".into(), &11.into())
    );
    let verified = run(&workplace, "--json verify").json();
    assert_eq!(
        (&verified["ok"], &verified["bad"]),
        (&true.into(), &serde_json::json!([]))
    );
    assert_eq!(
        run(&workplace, "--json rebuild --check").json()["equal"],
        true
    );
}

#[test]
fn codes_are_issued_drawn_and_written_again() {
    let workplace = begun();
    let request = "issue --gtin 09521234000020 --lot Y0902 --count 5 --request-id first";

    let issued = run(&workplace, &format!("--json {request} -o codes.csv")).json();
    assert_eq!(
        (&issued["count"], &issued["first_index"]),
        (&5.into(), &0.into())
    );
    let codes = std::fs::read_to_string(workplace.path("codes.csv")).unwrap();
    assert_eq!(codes.lines().count(), 6);

    let again = run(&workplace, request).stdout;
    assert_eq!(again, codes);

    let drawn = run(&workplace, "qr (01)09521234000020(10)Y0902 --format svg");
    assert!(
        drawn.stdout.starts_with("<svg") || drawn.stdout.starts_with("<?xml"),
        "{drawn:?}"
    );
}

#[test]
fn a_recall_of_the_milk_finds_every_bottle_and_is_moved_to_its_end() {
    let workplace = begun();
    capture_all(&workplace);
    let milk = "(01)09521234000013(10)RM0901";

    let back = run(&workplace, "--json trace back (01)09521234000037(21)A001").json();
    assert_eq!(back["nodes"].as_array().unwrap().len(), 3, "{back}");
    let forward = run(&workplace, &format!("--json trace forward {milk}")).json();
    assert_eq!(forward["nodes"].as_array().unwrap().len(), 8, "{forward}");

    let open = format!("--json recall open --lot {milk} --reason residues --as bureau");
    let opened = run(&workplace, &open).json();
    assert_eq!(opened["unit_count"], 6, "{opened}");
    assert_eq!(opened["quantity"][0]["hi"], "1000");
    let recall = opened["recall"].as_str().unwrap();
    for (act, state) in [
        ("decide RECALL --as bureau", "recall_decided"),
        ("notify RECALL --as bureau", "executing"),
        (
            "ack RECALL --found 3 --quarantined 3 --as shop",
            "executing",
        ),
        ("close RECALL --as bureau", "closing"),
        ("close RECALL --as bureau", "closed"),
    ] {
        let line = format!(
            "--json recall {} --reason residues",
            act.replace("RECALL", recall)
        );
        assert_eq!(run(&workplace, &line).json()["state"], state, "{act}");
    }
    assert_eq!(run(&workplace, "--json verify").json()["ok"], true);
}
