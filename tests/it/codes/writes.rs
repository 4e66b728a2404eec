use std::collections::BTreeSet;

use sha2::{Digest, Sha256};
use suyuan::codes::ComputedSerial;

use super::given::{CREAM, MILK, PARTIES, PRODUCTS, UNKNOWN};
use crate::harness::process::Workplace;

/// A workplace with keys and a dairy.
pub(crate) fn dairy_at_work(workplace: &Workplace) {
    let configuration = std::fs::read_to_string(workplace.path("suyuan.toml")).unwrap();
    let with_address = configuration.replace(
        "[http]\n",
        "[http]\npublic_url = \"https://id.example.cn\"\n",
    );
    std::fs::write(workplace.path("suyuan.toml"), with_address).unwrap();
    std::fs::write(workplace.path("parties.csv"), PARTIES).unwrap();
    std::fs::write(workplace.path("products.csv"), PRODUCTS).unwrap();
    for args in [
        &["migrate", "--init-keys"][..],
        &["party", "import", "parties.csv"],
        &["product", "import", "products.csv"],
    ] {
        workplace.run(args).expect_code(0);
    }
}

fn issue(gtin: &str, lot: &str, count: &str, more: &[&str]) -> Vec<String> {
    let args = ["issue", "--gtin", gtin, "--lot", lot, "--count", count];
    args.iter().chain(more).map(ToString::to_string).collect()
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;

    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

both! {
    fn the_codes_of_a_batch_are_written_and_written_again(db) {
        let workplace = Workplace::on(db);
        dairy_at_work(&workplace);

        let issued = workplace
            .run(issue(MILK, "L-1", "10000", &["--json", "-o", "codes.csv"]))
            .expect_code(0)
            .json();

        let file = std::fs::read(workplace.path("codes.csv")).unwrap();
        assert_eq!(issued["sha256"], hex(&Sha256::digest(&file)));
        for (field, value) in [("count", 10_000), ("first_index", 0), ("last_index", 9_999), ("key_epoch", 0)] {
            assert_eq!(issued[field], value, "{field}");
        }
        assert_eq!((&issued["gtin"], &issued["lot"]), (&MILK.into(), &"L-1".into()));
        let mut rows = csv::Reader::from_reader(file.as_slice());
        assert_eq!(rows.headers().unwrap(), vec!["serial", "link", "gtin", "lot", "index"]);
        let mut serials = BTreeSet::new();
        for (row, index) in rows.records().zip(0..) {
            let row = row.unwrap();
            assert_eq!(row[1], format!("https://ID.EXAMPLE.CN/01/{MILK}/21/{}", &row[0]));
            assert_eq!((&row[2], &row[3], &row[4]), (MILK, "L-1", index.to_string().as_str()));
            serials.insert(ComputedSerial::parse(&row[0]).unwrap());
        }
        assert_eq!(serials.len(), 10_000);

        let batch = issued["batch"].as_str().unwrap();
        let again = workplace
            .run(["issue", "--batch", batch, "--json", "-o", "again.csv"])
            .expect_code(0)
            .json();

        assert_eq!(again, issued);
        assert_eq!(std::fs::read(workplace.path("again.csv")).unwrap(), file);
        let printed = workplace.run(["issue", "--batch", batch]).expect_code(0);
        assert_eq!(printed.stdout.as_bytes(), file);
    }
}

#[test]
fn the_same_request_is_the_same_file() {
    let workplace = Workplace::bare();
    dairy_at_work(&workplace);
    let request = |count, file| {
        let more = ["--request-id", "order 7", "--json", "-o", file];
        workplace.run(issue(MILK, "L1", count, &more))
    };

    let first = request("100", "a.csv").expect_code(0).json();
    let again = request("100", "b.csv").expect_code(0).json();
    let other = request("101", "c.csv").expect_code(3).json();

    assert_eq!(again, first);
    assert_eq!(other["status"], 409);
    assert!(!workplace.path("c.csv").exists());
}

#[test]
fn what_cannot_be_issued_is_refused_with_its_exit_code() {
    let workplace = Workplace::bare();
    dairy_at_work(&workplace);

    for (args, code, word) in [
        (issue(UNKNOWN, "L1", "1", &["-o", "x.csv"]), 4, UNKNOWN),
        (issue(CREAM, "L1", "1", &["-o", "x.csv"]), 3, "\"lot\""),
        (issue(MILK, "L/1", "1", &["-o", "x.csv"]), 2, "L/1"),
        (issue(MILK, "L1", "0", &["-o", "x.csv"]), 2, "count 0"),
        (
            issue(MILK, "L1", "16777217", &["-o", "x.csv"]),
            2,
            "16777217",
        ),
        (
            issue(MILK, "L1", "1", &["-o", "none/x.csv"]),
            2,
            "none/x.csv",
        ),
        (issue(MILK, "L1", "1", &["--json"]), 2, "-o FILE"),
        (issue("09521234543214", "L1", "1", &[]), 2, "check digit"),
        (
            issue(MILK, "L1", "1", &["--as", "shop", "-o", "x.csv"]),
            3,
            "shop",
        ),
    ] {
        let refused = workplace.run(&args).expect_code(code);
        assert!(refused.stderr.contains(word), "{args:?}: {refused:#?}");
    }
    workplace.run(["issue", "--batch", "none"]).expect_code(4);

    let left: Vec<String> = std::fs::read_dir(workplace.path(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("x.csv"))
        .collect();
    assert_eq!(left, [""; 0], "no file and no part of one");
}

#[test]
fn a_file_that_cannot_be_written_costs_no_batch() {
    let workplace = Workplace::bare();
    dairy_at_work(&workplace);
    std::fs::create_dir_all(workplace.path("codes.csv")).unwrap();

    let refused = workplace
        .run(issue(MILK, "L1", "1", &["-o", "codes.csv"]))
        .expect_code(2);

    assert!(refused.stderr.contains("codes.csv"), "{refused:#?}");
    let first = workplace
        .run(issue(MILK, "L1", "1", &["--json", "-o", "ok.csv"]))
        .expect_code(0)
        .json();
    let again = workplace
        .run(["issue", "--batch", first["batch"].as_str().unwrap()])
        .expect_code(0);
    assert!(again.stdout.contains(MILK), "{again:#?}");
}
