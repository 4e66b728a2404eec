use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::codes::dairy_at_work;
use crate::harness::process::Workplace;

fn mode(workplace: &Workplace, file: &str) -> u32 {
    let metadata = std::fs::metadata(workplace.path(file)).unwrap();
    metadata.permissions().mode() & 0o777
}

fn parts(workplace: &Workplace) -> Vec<String> {
    std::fs::read_dir(workplace.path(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains(".part"))
        .collect()
}

fn issue<'a>(count: &'a str, file: &'a str) -> [&'a str; 9] {
    [
        "issue",
        "--gtin",
        "09521234543213",
        "--lot",
        "L1",
        "--count",
        count,
        "-o",
        file,
    ]
}

#[test]
fn a_new_database_is_its_owners_alone_and_an_old_one_keeps_its_mode() {
    let workplace = Workplace::bare();

    workplace.run(["migrate", "--init-keys"]).expect_code(0);
    assert_eq!(mode(&workplace, "suyuan.db"), 0o600);

    let shared = std::fs::Permissions::from_mode(0o640);
    std::fs::set_permissions(workplace.path("suyuan.db"), shared).unwrap();
    workplace.run(["migrate"]).expect_code(0);
    assert_eq!(mode(&workplace, "suyuan.db"), 0o640);
}

#[test]
fn a_pipe_is_written_into_and_stays_a_pipe() {
    let workplace = Workplace::bare();
    dairy_at_work(&workplace);
    let pipe = workplace.path("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );

    let running = workplace.start(issue("100", "pipe"));
    let read = std::fs::read_to_string(&pipe).unwrap();

    running.wait().expect_code(0);
    assert_eq!(read.lines().count(), 101);
    assert!(std::fs::metadata(&pipe).unwrap().file_type().is_fifo());
    assert_eq!(parts(&workplace), [""; 0]);
}

#[test]
fn who_is_interrupted_leaves_no_part_of_a_file() {
    let workplace = Workplace::bare();
    dairy_at_work(&workplace);
    for args in [
        &issue("16777216", "codes.csv")[..],
        &["generate", "formula", "--units", "1000000", "-o", "."],
    ] {
        let running = workplace.start(args);
        let give_up = Instant::now() + Duration::from_mins(1);
        while parts(&workplace).is_empty() {
            assert!(Instant::now() < give_up, "no file was begun: {running:#?}");
            std::thread::sleep(Duration::from_millis(5));
        }

        running.interrupt().expect_code(130);

        assert_eq!(parts(&workplace), [""; 0], "{args:?}");
    }
    assert!(!workplace.path("codes.csv").exists());
    assert!(!workplace.path("events.ndjson").exists());
}
