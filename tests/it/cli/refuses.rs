//! What the command line refuses, and how it says so.

use suyuan::app::KeyFolder;

use crate::harness::process::Workplace;

const LOT: &str = "(01)09521234543213(10)L1";
const WINDOW: [&str; 4] = [
    "--from",
    "2026-09-20T08:00:00Z",
    "--until",
    "2026-09-20T09:00:00Z",
];

fn open<'a>(scope: &[&'a str]) -> Vec<&'a str> {
    let how = ["--json", "recall", "open", "--as", "maker", "--reason", "x"];
    [&how, scope].concat()
}

#[test]
fn a_window_belongs_to_a_place_and_to_nothing_else() {
    let workplace = Workplace::bare();
    std::fs::write(workplace.path("scope.json"), "{}").unwrap();

    for scope in [["--lot", LOT], ["--serial", LOT], ["--scope", "scope.json"]] {
        for window in [&WINDOW[..], &WINDOW[..2], &WINDOW[2..], &["--guard", "10m"]] {
            let refused = workplace
                .run(open(&[&scope, window].concat()))
                .expect_code(2);
            assert!(
                refused.stderr.contains("cannot be used with"),
                "{refused:#?}"
            );
        }
    }
    for scope in [["--container", LOT], ["--product", LOT]] {
        let guarded = [&scope[..], &WINDOW, &["--guard", "10m"]].concat();
        let refused = workplace.run(open(&guarded)).expect_code(2);
        let said = "cannot be used with '--guard <GUARD>'";
        assert!(refused.stderr.contains(said), "{refused:#?}");
    }
}

#[test]
fn arguments_that_are_not_understood_are_a_problem_for_programs_too() {
    let workplace = Workplace::bare();

    for (args, said) in [
        (
            &["key", "create", "--org", "o", "--role", "boss"][..],
            "boss",
        ),
        (
            &[
                "issue",
                "--gtin",
                "09521234543214",
                "--lot",
                "L",
                "--count",
                "1",
            ],
            "check digit",
        ),
        (&["nothing"], "unrecognized subcommand 'nothing'"),
        (&["recall", "open"], "--reason <REASON>"),
        (&["recall"], "a command is needed"),
        (&[], "requires a subcommand"),
    ] {
        let refused = workplace.run(["--json"].iter().chain(args)).expect_code(2);
        let problem = refused.json();
        assert_eq!(problem["title"], "A parameter is wrong");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(said), "{detail}");
        assert!(!detail.contains(['\n', '\u{1b}']), "{detail}");
        assert!(!detail.starts_with("error"), "{detail}");
        assert!(refused.stderr.contains("--help"), "{refused:#?}");

        let plain = workplace.run(args).expect_code(2);
        assert_eq!(plain.stdout, "", "without --json");
    }
    let help = workplace.run(["--json", "--help"]).expect_code(0);
    assert!(help.stdout.contains("Usage"), "{help:#?}");
}

#[test]
fn a_problem_is_told_to_programs_with_its_causes() {
    let workplace = Workplace::bare();
    KeyFolder::init(&workplace.path("keys")).unwrap();

    let refused = workplace.run(["--json", "verify"]).expect_code(5);

    let problem = refused.json();
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("no database file"), "{detail}");
    assert!(refused.stderr.contains(detail), "{refused:#?}");
}

#[test]
fn a_database_that_is_not_there_waits_for_every_migration() {
    let workplace = Workplace::bare();

    let waiting = workplace
        .run(["--json", "migrate", "--check"])
        .expect_code(1)
        .json();

    assert_eq!(waiting["from"], "");
    assert!(
        waiting["pending"]
            .as_array()
            .is_some_and(|pending| !pending.is_empty())
    );
    assert!(!workplace.path("suyuan.db").exists());
    let done = workplace
        .run(["--json", "migrate", "--init-keys"])
        .expect_code(0)
        .json();
    assert_eq!(done["to"], waiting["to"]);
    workplace.run(["migrate", "--check"]).expect_code(0);
}

#[test]
fn a_scope_file_that_is_refused_has_one_exit_code() {
    let workplace = Workplace::bare();
    workplace.run(["migrate", "--init-keys"]).expect_code(0);
    std::fs::write(workplace.path("p.csv"), "id,name,role\nmaker,M,producer\n").unwrap();
    workplace.run(["party", "import", "p.csv"]).expect_code(0);

    for (scope, said, field) in [
        ("{}", "names nothing", ""),
        (r#"{"lot":["x"]}"#, "unknown field `lot`", "lot"),
        (r#"{"lots":3}"#, "lots: invalid type", "lots"),
        (
            r#"{"places":[{"place":7}]}"#,
            "expected a string",
            "places[0].place",
        ),
        ("[3]", "expected an object", "scope"),
    ] {
        std::fs::write(workplace.path("scope.json"), scope).unwrap();

        let problem = workplace
            .run(open(&["--scope", "scope.json"]))
            .expect_code(2)
            .json();

        assert_eq!(problem["title"], "A parameter is wrong");
        let pointer = problem["errors"][0]["pointer"].as_str();
        assert_eq!(pointer.unwrap_or_default(), field, "{problem}");
        assert!(
            problem["detail"].as_str().unwrap().contains(said),
            "{problem}"
        );
    }
}

#[test]
fn nobody_acts_for_an_organisation_that_there_is_not() {
    let workplace = Workplace::bare();
    workplace.run(["migrate", "--init-keys"]).expect_code(0);

    for args in [
        &["recall", "preview", "--lot", LOT, "--as", "zz"][..],
        &[
            "recall",
            "open",
            "--lot",
            LOT,
            "--reason",
            "x",
            "--as",
            "zz",
            "--dry-run",
        ],
        &["recall", "ack", "R", "--reason", "x", "--as", "zz"],
        &["recall", "extend", "R", "--reason", "x", "--as", "zz"],
        &["credential", "revoke", "H1", "--reason", "x", "--as", "zz"],
    ] {
        let refused = workplace.run(["--json"].iter().chain(args)).expect_code(4);
        assert_eq!(refused.json()["detail"], "no organisation \"zz\"");
    }
}

#[test]
fn what_a_scope_file_says_is_not_said_beside_it_again() {
    let workplace = Workplace::bare();
    workplace.run(["migrate", "--init-keys"]).expect_code(0);
    std::fs::write(
        workplace.path("scope.json"),
        r#"{"lots":["x"],"hazard":"glass","policies":{"starts":"stamped"}}"#,
    )
    .unwrap();
    std::fs::write(workplace.path("policies.json"), "{}").unwrap();

    for more in [["--hazard", "metal"], ["--policies", "policies.json"]] {
        let refused = workplace
            .run(open(&[&["--scope", "scope.json"][..], &more].concat()))
            .expect_code(2);
        let problem = refused.json();
        assert!(
            problem["detail"].as_str().unwrap().contains(more[0]),
            "{problem}"
        );
    }
}

#[test]
fn one_fault_is_one_fault() {
    let workplace = Workplace::bare();
    workplace.run(["migrate", "--init-keys"]).expect_code(0);
    for (rows, said) in [
        ("o,O,boss\n", "1 fault\n"),
        ("o,O,boss\np,P,boss\n", "2 faults\n"),
    ] {
        std::fs::write(workplace.path("p.csv"), format!("id,name,role\n{rows}")).unwrap();

        let refused = workplace.run(["party", "import", "p.csv"]).expect_code(3);

        assert_eq!(refused.stdout, format!("nothing imported: {said}"));
    }
}
