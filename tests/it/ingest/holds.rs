use diesel::prelude::*;
use suyuan::db::schema::{ledger_entries, verdicts};
use suyuan::db::{Db, Error};
use suyuan::ingest::broker::Broker;

use super::given::{EVENT, GAP, REFUSED, Site, block_seq, event, events};
use crate::harness::database::TestDatabase;
use crate::harness::kafka::Topic;

/// What a report says about the partitions that cannot go on: partition, next offset, why.
fn held(report: &serde_json::Value) -> Vec<(i64, Option<i64>, String)> {
    let held = report["held"].as_array().unwrap();
    held.iter()
        .map(|one| {
            (
                one["partition"].as_i64().unwrap(),
                one["next_offset"].as_i64(),
                one["detail"].as_str().unwrap().to_owned(),
            )
        })
        .collect()
}

/// The next offset of each shard.
fn ends(site: &Site) -> Vec<i64> {
    site.heads()
        .iter()
        .map(|(_, head)| head.next_offset)
        .collect()
}

/// A topic whose first partition has three events in the ledger, and the number of that shard.
fn begun(db: &TestDatabase, partitions: i32) -> (Topic, Site, i32) {
    let topic = Topic::new(partitions);
    let site = Site::new(db, &topic);
    topic.produce_all(&events(0, 0..3));
    site.ingest().expect_code(0);
    let shard = site.heads()[0].1.shard;
    (topic, site, shard)
}

fn unblock_seq(db: &Db, shard: i32, seq: i64) {
    db.write(|conn| {
        diesel::delete(ledger_entries::table.find((shard, seq))).execute(conn)?;
        Ok::<(), Error>(())
    })
    .unwrap();
}

/// A verdict where none may be yet: an event at this seq cannot be recorded, but it can be refused.
fn block_verdict(db: &Db, shard: i32, seq: i64) {
    db.write(|conn| {
        diesel::insert_into(verdicts::table)
            .values((
                verdicts::shard.eq(shard),
                verdicts::seq.eq(seq),
                verdicts::verdict.eq(1),
                verdicts::submitter.eq("nobody"),
                verdicts::seal.eq(Vec::<u8>::new()),
            ))
            .execute(conn)?;
        Ok::<(), Error>(())
    })
    .unwrap();
}

fn unblock_verdict(db: &Db, shard: i32, seq: i64) {
    db.write(|conn| {
        diesel::delete(verdicts::table.find((shard, seq))).execute(conn)?;
        Ok::<(), Error>(())
    })
    .unwrap();
}

both! {
    fn a_partition_whose_next_offsets_were_removed_is_held_and_the_others_go_on(db) {
        let topic = Topic::new(2);
        let site = Site::new(db, &topic);
        topic.produce_all(&events(0, 0..10));
        site.ingest().expect_code(0);
        topic.produce_all(&events(0, 10..20));
        topic.produce_all(&events(1, 20..25));
        topic.remove_before(0, 15);

        let report = site.ingest().expect_code(1).json();

        let held = held(&report);
        assert_eq!(held.len(), 1, "{report}");
        assert_eq!((held[0].0, held[0].1), (0, Some(10)));
        assert!(held[0].2.contains("10..=14"), "{held:?}");
        assert_eq!(report["recorded"], 5);
        assert_eq!(ends(&site), [10, 5]);

        // More is lost than this operator knows.
        site.ingest_with(&["--accept-loss", "0:14"]).expect_code(1);
        assert_eq!(ends(&site), [10, 5]);

        let report = site.ingest_with(&["--accept-loss", "0:15"]).expect_code(0).json();
        assert_eq!((&report["recorded"], &report["gaps"]), (&5.into(), &1.into()));
        assert_eq!(site.leaves()[10..12], [(GAP, 14), (EVENT, 15)]);
        assert_eq!(ends(&site), [20, 5]);
        site.verify();
    }

    fn a_topic_that_lost_its_beginning_is_not_begun_in_the_middle(db) {
        let topic = Topic::new(1);
        let site = Site::new(db, &topic);
        topic.produce_all(&events(0, 0..10));
        topic.remove_before(0, 4);

        let report = site.ingest().expect_code(1).json();

        assert!(held(&report)[0].2.contains("0..=3"), "{report}");
        assert!(site.leaves().is_empty());
    }

    fn a_topic_that_was_made_anew_is_not_taken_for_the_old_one(db) {
        let topic = Topic::new(1);
        let site = Site::new(db, &topic);
        topic.produce_all(&events(0, 0..10));
        site.ingest().expect_code(0);

        // A topic of the same name on a broker that never saw the old one.
        let broker = Broker::start(topic.name(), 1).unwrap();
        site.configure(&broker.address());
        let report = site.ingest().expect_code(1).json();

        let held = held(&report);
        assert_eq!((held[0].0, held[0].1), (0, Some(10)));
        assert!(held[0].2.contains("made anew"), "{held:?}");
        assert_eq!(ends(&site), [10]);

        // Now somebody says so. The flag may stay: the new shard is opened once.
        for epoch in [1, 2] {
            let report = site.ingest_with(&["--begin-anew", "0"]).expect_code(0).json();
            assert_eq!(report["positions"][0]["next_offset"], 0);
            assert_eq!(report["positions"][0]["epoch"], epoch);
        }
        assert_eq!(ends(&site), [10, 0]);
        site.verify();
    }

    fn a_record_that_cannot_be_written_is_found_and_waited_at(db) {
        let (topic, site, shard) = begun(db, 2);
        block_seq(db, shard, 8);
        topic.produce_all(&events(0, 3..20));
        topic.produce_all(&events(1, 20..25));

        let report = site.ingest().expect_code(1).json();

        let held = held(&report);
        assert_eq!(held.len(), 1, "{report}");
        assert_eq!((held[0].0, held[0].1), (0, Some(8)));
        assert!(held[0].2.contains("offset 8 cannot be recorded"), "{held:?}");
        assert_eq!(report["recorded"], 5 + 5, "{report}");
        assert_eq!(site.heads()[0].1.size, 8);

        unblock_seq(db, shard, 8);
        let report = site.ingest().expect_code(0).json();
        assert_eq!(report["recorded"], 12);
        site.verify();
    }

    fn a_record_that_the_database_does_not_take_is_a_dead_letter_and_is_replayed(db) {
        let (topic, site, shard) = begun(db, 1);
        block_verdict(db, shard, 8);
        topic.produce_all(&events(0, 3..20));

        let report = site.ingest().expect_code(0).json();

        assert_eq!((&report["recorded"], &report["refused"]), (&16.into(), &1.into()), "{report}");
        let kinds: Vec<i32> = site.leaves().iter().map(|(kind, _)| *kind).collect();
        assert_eq!(kinds.iter().filter(|kind| **kind == EVENT).count(), 19);
        assert_eq!((kinds[8], kinds.len()), (REFUSED, 20));
        unblock_verdict(db, shard, 8);
        let name = format!("{}/0", topic.name());
        let letter = site.workplace.run(["--json", "dead-letter", "show", &name, "8"]).expect_code(0).json();
        assert_eq!(letter["faults"][0]["rule"], "not-recordable", "{letter}");
        assert_eq!((&letter["text"], &letter["submitter"]), (&event(8).into(), &"maker".into()));

        // Its id is still free.
        let replayed = site.workplace.run(["--json", "dead-letter", "replay", &name, "8"]).expect_code(0).json();
        assert_eq!((&replayed["outcome"], &replayed["recorded"]), (&"recorded".into(), &1.into()));
        site.verify();
    }

    fn when_no_record_can_be_recorded_it_is_not_the_records_that_are_wrong(db) {
        let (topic, site, shard) = begun(db, 1);
        for seq in 3..15 {
            block_verdict(db, shard, seq);
        }
        topic.produce_all(&events(0, 3..20));

        let running = site.start(&[]);
        running.stderr_line("held: offset 13 cannot be recorded");
        for seq in 3..15 {
            unblock_verdict(db, shard, seq);
        }
        running.stderr_line("goes on");
        running.stderr_line("next_offset=20");
        let report = running.stop().expect_code(0).json();

        assert_eq!((&report["recorded"], &report["refused"]), (&7.into(), &10.into()), "{report}");
        site.verify();
    }

    fn what_is_said_of_a_partition_that_is_not_there_is_refused(db) {
        let topic = Topic::new(2);
        let site = Site::new(db, &topic);

        for said in [["--accept-loss", "2:5"], ["--begin-anew", "77"]] {
            let refused = site.ingest_with(&said).expect_code(2);
            assert!(refused.stderr.contains(said[0]), "{refused:?}");
            assert!(refused.stderr.contains("no partition"), "{refused:?}");
        }
        site.ingest_with(&["--accept-loss", "1:0"]).expect_code(0);
    }

    fn partitions_that_are_added_are_read_too(db) {
        let topic = Topic::new(1);
        let site = Site::new(db, &topic);
        site.configure_client_too("\"topic.metadata.refresh.interval.ms\" = \"500\"\n");
        topic.produce_all(&events(0, 0..3));

        let running = site.start(&[]);
        running.stderr_line("next_offset=3");
        topic.grow(3);
        topic.produce_all(&events(2, 3..10));
        running.stderr_line("next_offset=7");
        let report = running.stop().expect_code(0).json();

        assert_eq!(report["recorded"], 10, "{report}");
        assert_eq!(ends(&site), [3, 0, 7]);
    }

    fn a_held_partition_goes_on_by_itself_when_it_can(db) {
        let (topic, site, shard) = begun(db, 1);
        block_seq(db, shard, 5);
        topic.produce_all(&events(0, 3..10));

        let running = site.start(&[]);
        running.stderr_line("held: offset 5 cannot be recorded");
        unblock_seq(db, shard, 5);
        running.stderr_line("goes on");
        running.stderr_line("next_offset=10");
        let report = running.stop().expect_code(0).json();

        assert_eq!((&report["recorded"], report.get("held")), (&7.into(), None));
    }
}
