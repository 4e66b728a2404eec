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
}
