use diesel::prelude::*;
use suyuan::db::schema::ledger_entries;
use suyuan::db::{Db, Error};
use suyuan::ingest::broker::Broker;

use super::given::{EVENT, GAP, Site, block_seq, events};
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

fn unblock_seq(db: &Db, shard: i32, seq: i64) {
    db.write(|conn| {
        diesel::delete(ledger_entries::table.find((shard, seq))).execute(conn)?;
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
        let topic = Topic::new(2);
        let site = Site::new(db, &topic);
        topic.produce_all(&events(0, 0..3));
        site.ingest().expect_code(0);
        let shard = site.heads()[0].1.shard;
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

    fn a_held_partition_goes_on_by_itself_when_it_can(db) {
        let topic = Topic::new(1);
        let site = Site::new(db, &topic);
        topic.produce_all(&events(0, 0..3));
        site.ingest().expect_code(0);
        let shard = site.heads()[0].1.shard;
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
