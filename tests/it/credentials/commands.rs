//! Credentials and people at the command line: results, fields and exit codes.

use serde_json::json;

use crate::harness::process::Workplace;

/// A workplace with a dairy, and this table in `table.csv`.
fn workplace(table: &str) -> Workplace {
    let workplace = Workplace::bare();
    workplace.run(["migrate", "--init-keys"]).expect_code(0);
    let parties = "id,name,role\ndairy,Dairy,producer\nbureau,Bureau,regulator\n";
    std::fs::write(workplace.path("parties.csv"), parties).unwrap();
    let parties = workplace.path("parties.csv").display().to_string();
    workplace.run(["party", "import", &parties]).expect_code(0);
    std::fs::write(workplace.path("table.csv"), table).unwrap();
    workplace
}

fn file(workplace: &Workplace) -> String {
    workplace.path("table.csv").display().to_string()
}

#[test]
fn a_credential_is_imported_listed_shown_and_revoked() {
    let workplace = workplace(
        "id,kind,name,issuer,org,valid_from,valid_to\nSC1,licence,Licence,bureau,dairy,2026-01-01,2027-01-01\n",
    );
    let table = file(&workplace);

    let dry = workplace
        .run(["credential", "import", &table, "--dry-run", "--json"])
        .expect_code(0);
    let done = workplace
        .run(["credential", "import", &table, "--json"])
        .expect_code(0);
    let listed = workplace
        .run([
            "credential",
            "list",
            "--org",
            "dairy",
            "--kind",
            "licence",
            "--at",
            "2026-06-01",
            "--json",
        ])
        .expect_code(0);
    let none = workplace
        .run(["credential", "list", "--at", "2027-01-01", "--json"])
        .expect_code(0);
    let reason = [
        "--reason",
        "withdrawn",
        "--as",
        "bureau",
        "--from",
        "2026-05-01",
    ];
    let revoke = ["credential", "revoke", "SC1", "--json"]
        .into_iter()
        .chain(reason);
    let revoked = workplace.run(revoke).expect_code(0);
    let shown = workplace
        .run(["credential", "show", "SC1", "--at", "2026-06-01"])
        .expect_code(0);

    assert_eq!(
        dry.json(),
        json!({"created": 1, "updated": 0, "unchanged": 0, "refused": []})
    );
    assert_eq!(done.json(), dry.json());
    assert_eq!(
        (&listed.json()["id"], &listed.json()["state"]),
        (&json!("SC1"), &json!("valid"))
    );
    assert_eq!(none.stdout, "");
    assert_eq!(revoked.json()["revocations"][0]["recorded_for"], "bureau");
    assert!(
        shown
            .stdout
            .starts_with("revoked  licence  SC1  Licence  bureau to dairy"),
        "{}",
        shown.stdout
    );
    workplace
        .run([
            "credential",
            "revoke",
            "SC1",
            "--reason",
            "again",
            "--as",
            "bureau",
        ])
        .expect_code(3);
    workplace.run(["credential", "show", "SC9"]).expect_code(4);
    workplace
        .run(["credential", "list", "--kind", "permit"])
        .expect_code(2);
    workplace
        .run(["credential", "list", "--at", "soon"])
        .expect_code(2);
}

#[test]
fn a_refused_table_is_told_with_line_and_field_and_code_three() {
    let workplace = workplace(
        "id,kind,name,issuer,org,valid_from\nSC1,licence,Licence,bureau,dairy,2026-01-01\nSC2,permit,Licence,bureau,dairy,2026-01-01\n",
    );
    let table = file(&workplace);

    let refused = workplace
        .run(["credential", "import", &table, "--json"])
        .expect_code(3);

    let fault = &refused.json()["refused"][0];
    assert_eq!(
        (&fault["line"], &fault["field"]),
        (&json!(3), &json!("kind"))
    );
    assert!(refused.stderr.contains(":3: kind: "), "{}", refused.stderr);
    workplace.run(["credential", "show", "SC1"]).expect_code(4);
}

#[test]
fn a_person_is_imported_listed_and_shown() {
    let workplace = workplace(
        "id,name,org,role,phone,valid_from\np1,林一,dairy,legal_representative,0591-1,2026-01-01\n",
    );
    let table = file(&workplace);

    workplace.run(["person", "import", &table]).expect_code(0);
    let listed = workplace
        .run(["person", "list", "--org", "dairy", "--json"])
        .expect_code(0);
    let shown = workplace.run(["person", "show", "p1"]).expect_code(0);

    assert_eq!(listed.json()["name"], "林一");
    assert_eq!(shown.stdout, "legal_representative  林一  dairy  0591-1\n");
    workplace.run(["person", "show", "p2"]).expect_code(4);
}
