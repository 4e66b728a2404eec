use super::given::{Site, events};
use crate::harness::database::TestDatabase;
use crate::harness::kafka::Topic;

const PARTITIONS: i32 = 4;

/// Ten events into each partition, of numbers that no other wave has.
fn send_wave(topic: &Topic, wave: usize) {
    let sent: Vec<_> = (0..PARTITIONS)
        .zip(4 * wave..)
        .flat_map(|(partition, ten)| events(partition, 10 * ten..10 * (ten + 1)))
        .collect();
    topic.produce_all(&sent);
}

/// Events in all shards of the site's topic.
fn leaves(site: &Site) -> i64 {
    site.heads().iter().map(|(_, head)| head.size).sum()
}

both! {
    fn a_second_writer_fences_the_first(db) {
        let topic = Topic::new(1);
        let first = Site::new(db, &topic);
        let second = Site::with_keys_of(&first, db, &topic);

        // In two groups, which do not know of each other: only the shard's head keeps them apart.
        let old = first.start(&[]);
        old.stderr_line("claimed");
        topic.produce_all(&events(0, 0..10));
        old.stderr_line("batch committed");
        let new = second.start(&[]);
        new.stderr_line("claimed");
        topic.produce_all(&events(0, 10..30));
        new.stderr_line("batch committed");
        old.stderr_line("another process writes this shard");

        let (old, new) = (old.stop().expect_code(0).json(), new.stop().expect_code(0).json());
        let rest = second.ingest().expect_code(0).json();
        let recorded = [&old, &new, &rest].map(|report| report["recorded"].as_u64().unwrap());
        assert_eq!(recorded[0], 10, "{old}");
        assert_eq!(recorded[1] + recorded[2], 20, "{new} {rest}");
        assert_eq!(leaves(&first), 30);
        assert_eq!(first.heads()[0].1.writer_epoch, 3);
        first.verify();
    }

    fn members_of_a_group_share_the_partitions_and_take_over_from_each_other(db) {
        let topic = Topic::new(PARTITIONS);
        let first = Site::new(db, &topic);
        let second = Site::with_keys_of(&first, db, &topic);
        for site in [&first, &second] {
            site.configure_shared(topic.bootstrap());
        }

        let stays = first.start(&[]);
        stays.stderr_line("claimed");
        send_wave(&topic, 0);
        stays.stderr_line("batch committed");
        let goes = second.start(&[]);
        goes.stderr_line("claimed");
        send_wave(&topic, 1);
        goes.stderr_line("batch committed");
        let went = goes.stop().expect_code(0).json();
        send_wave(&topic, 2);
        let stayed = stays.stop().expect_code(0).json();
        let rest = first.ingest().expect_code(0).json();

        let recorded = [&stayed, &went, &rest].map(|report| report["recorded"].as_u64().unwrap());
        assert_eq!(recorded.iter().sum::<u64>(), 120, "{recorded:?}");
        assert!(0 < recorded[0] && 0 < recorded[1], "{recorded:?}");
        assert_eq!(leaves(&first), 120);
        for report in [stayed, went, rest] {
            assert_eq!(report["duplicates"], 0, "{report}");
        }
        first.verify();
    }

    fn a_member_that_stood_still_past_its_session_writes_nothing_that_another_wrote(db) {
        let topic = Topic::new(1);
        let first = Site::new(db, &topic);
        let second = Site::with_keys_of(&first, db, &topic);
        for site in [&first, &second] {
            site.configure_shared(topic.bootstrap());
        }
        let still = first.start(&[]);
        still.stderr_line("claimed");
        topic.produce_all(&events(0, 0..10));
        still.stderr_line("batch committed");

        still.freeze(true);
        // What comes now may reach it, too: it reads it when it goes on.
        topic.produce_all(&events(0, 10..20));
        let other = second.start(&[]);
        other.stderr_line("claimed");
        other.stderr_line("batch committed");
        still.freeze(false);
        still.stderr_line("revoked");
        topic.produce_all(&events(0, 20..30));
        let rest = other.stop().expect_code(0).json();
        let stood = still.stop().expect_code(0).json();
        let last = first.ingest().expect_code(0).json();

        let recorded = [&stood, &rest, &last].map(|report| report["recorded"].as_u64().unwrap());
        assert_eq!(recorded.iter().sum::<u64>(), 30, "{recorded:?}");
        assert!(10 <= recorded[1], "{recorded:?}");
        for report in [stood, rest, last] {
            assert_eq!(report["duplicates"], 0, "{report}");
        }
        assert_eq!(leaves(&first), 30);
        first.verify();
    }

    fn a_shard_that_somebody_claimed_who_is_gone_is_claimed_again(db) {
        let topic = Topic::new(1);
        let site = Site::new(db, &topic);
        let other = Site::with_keys_of(&site, db, &topic);
        let running = site.start(&[]);
        running.stderr_line("claimed");
        topic.produce_all(&events(0, 0..10));
        running.stderr_line("batch committed");

        // As one who stood still in his claim until the group had given the partition to another.
        let late = other.start(&[]);
        late.stderr_line("claimed");
        late.kill();
        topic.produce_all(&events(0, 10..20));
        running.stderr_line("another process writes this shard");
        running.stderr_line("next_offset=20");

        let report = running.stop().expect_code(0).json();
        assert_eq!((&report["recorded"], &report["duplicates"]), (&20.into(), &0.into()));
        assert_eq!(leaves(&site), 20);
        assert_eq!(site.heads()[0].1.writer_epoch, 3);
        site.verify();
    }
}

#[test]
fn who_stands_still_in_a_transaction_does_not_hold_up_the_next_for_ever() {
    let topic = Topic::new(1);
    let database = TestDatabase::postgres();
    let first = Site::new(&database, &topic);
    let second = Site::with_keys_of(&first, &database, &topic);
    topic.produce_all(&events(0, 0..10));

    let still = first.start(&["--pause-at", "between-insert-and-commit:1"]);
    still.stderr_line("standing at");
    let next = second.start(&[]);
    next.stderr_line("batch committed");

    let recorded = [still, next].map(|running| running.stop().expect_code(0).json());
    assert_eq!(recorded[0]["recorded"], 0);
    assert_eq!(recorded[1]["recorded"], 10);
    assert_eq!(leaves(&first), 10);
    first.verify();
}
