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

#[test]
fn the_first_events_are_recorded_and_verified() {
    let workplace = begun();

    let captured = run(
        &workplace,
        "--json capture examples/first-events.json --as dairy",
    )
    .json();
    assert_eq!(
        (&captured["recorded"], &captured["refused"]),
        (&9.into(), &0.into()),
        "{captured}"
    );
    assert_eq!(captured["conflicts"], 0);

    let again = run(
        &workplace,
        "--json capture examples/first-events.json --as dairy",
    )
    .json();
    assert_eq!(
        (&again["recorded"], &again["duplicates"]),
        (&0.into(), &9.into())
    );

    let packing = "urn:uuid:95200000-0000-4000-8000-000000000005";
    let shown = run(&workplace, &format!("--json event show {packing}")).json();
    assert_eq!(
        (&shown["shard"], &shown["seq"]),
        (&"http/0".into(), &5.into())
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
