use suyuan::ledger::Head;

use super::given::{Site, events};
use crate::harness::database::TestDatabase;
use crate::harness::kafka::Topic;

const PARTITIONS: i32 = 2;
const EVENTS: usize = 20_000;

/// Tries to kill a program in a batch without its standing still.
const CHASES_MAX: usize = 5;

/// Where a program was killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Killed {
    /// In a transaction.
    InBatch,
    /// When everything was inserted and nothing committed.
    BeforeCommit,
    /// When the database had committed and Kafka did not know.
    AfterCommit,
}

/// Kills a program that stands still at a point of its second batch.
fn kill_at(site: &Site, point: &str) {
    let running = site.start(&["--pause-at", &format!("{point}:2")]);
    running.stderr_line(&format!("standing at {point}:2"));
    let killed = running.kill();

    assert_eq!(killed.code, None, "a signal ended it: {killed:?}");
    assert!(killed.stderr.contains("batch committed"), "{killed:?}");
}

/// Kills a program as soon as its first batch is open, wherever that is. Whether it hit the batch.
fn kill_in_full_run(site: &Site) -> bool {
    let running = site.start(&[]);
    running.stderr_line("batch open");
    let killed = running.kill();

    let count = |what: &str| killed.stderr.matches(what).count();
    count("batch committed") < count("batch open")
}

/// Five kills, each in a batch.
fn kill_five_times(site: &Site) -> Vec<Killed> {
    let mut kills = Vec::new();
    kill_at(site, "batch-open");
    kills.push(Killed::InBatch);
    kill_at(site, "between-insert-and-commit");
    kills.push(Killed::BeforeCommit);
    kill_at(site, "after-commit");
    kills.push(Killed::AfterCommit);
    for _ in 0..CHASES_MAX {
        if kills.len() < 5 && kill_in_full_run(site) {
            kills.push(Killed::InBatch);
        }
    }
    kills
}

/// What must be equal, whoever wrote it and however often he was interrupted.
fn summary(site: &Site) -> Vec<(i32, i64, i64, [u8; 32])> {
    site.heads()
        .into_iter()
        .map(|(partition, head): (i32, Head)| {
            (partition, head.next_offset, head.size, head.chain_hash)
        })
        .collect()
}

/// A program that is killed five times and then left alone must end with `expected`.
fn check(site: &Site, expected: &[(i32, i64, i64, [u8; 32])]) {
    let kills = kill_five_times(site);
    let epoch = site.heads()[0].1.writer_epoch;
    let report = site.ingest().expect_code(0).json();

    assert_eq!(kills.len(), 5, "{kills:?}");
    for point in [Killed::BeforeCommit, Killed::AfterCommit] {
        assert_eq!(kills.iter().filter(|killed| **killed == point).count(), 1);
    }
    assert!(5 <= epoch, "each program claimed the shard: {epoch}");
    assert_eq!(summary(site), expected);
    let rest = report["recorded"].as_u64().unwrap();
    assert!(
        0 < rest && rest < EVENTS as u64,
        "the kills left nothing to do: {report}"
    );
    assert_eq!(report["duplicates"], 0, "{report}");
}

#[test]
fn five_kills_leave_every_event_once_and_the_same_chain() {
    let topic = Topic::new(PARTITIONS);
    let half = EVENTS / 2;
    topic.produce_all(&events(0, 0..half));
    topic.produce_all(&events(1, half..EVENTS));
    let databases = [
        TestDatabase::sqlite(),
        TestDatabase::postgres(),
        TestDatabase::sqlite(),
    ];
    let undisturbed = Site::new(&databases[0], &topic);
    let postgres = Site::with_keys_of(&undisturbed, &databases[1], &topic);
    let sqlite = Site::with_keys_of(&undisturbed, &databases[2], &topic);

    let report = undisturbed.ingest().expect_code(0).json();
    assert_eq!(report["recorded"], EVENTS);
    let expected = summary(&undisturbed);
    let size = i64::try_from(half).unwrap();
    assert!(
        expected
            .iter()
            .all(|(_, next_offset, leaves, _)| (*next_offset, *leaves) == (size, size)),
        "{expected:?}"
    );

    std::thread::scope(|scope| {
        scope.spawn(|| {
            check(&postgres, &expected);
            postgres.verify();
        });
        scope.spawn(|| {
            check(&sqlite, &expected);
            sqlite.verify();
        });
    });
}
