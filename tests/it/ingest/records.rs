use super::given::{
    CONFLICT, DUPLICATE, EVENT, GAP, REFUSED, Site, TOMBSTONE, event, event_about, events,
};
use crate::harness::kafka::Topic;

both! {
    fn what_is_in_the_topic_is_in_the_ledger(db) {
        let topic = Topic::new(2);
        topic.produce_all(&events(0, 0..30));
        topic.produce_all(&events(1, 30..40));
        let site = Site::new(db, &topic);

        let report = site.ingest().expect_code(0).json();

        assert_eq!(report["recorded"], 40);
        for field in ["duplicates", "conflicts", "refused", "gaps"] {
            assert_eq!(report[field], 0, "{report}");
        }
        let position = |partition, next_offset| serde_json::json!(
            {"topic": topic.name(), "partition": partition, "next_offset": next_offset, "epoch": 1}
        );
        assert_eq!(report["positions"], serde_json::json!([position(0, 30), position(1, 10)]));
        assert!(report.get("held").is_none(), "{report}");
        site.verify();
    }

    fn every_offset_has_its_leaf_whatever_came(db) {
        let topic = Topic::new(1);
        let site = Site::new(db, &topic);
        let value = |text: String| Some(text.into_bytes());
        topic.produce_all(&[
            (0, b"k".to_vec(), value(event(1))),
            (0, b"k".to_vec(), value("{\"type\": ".to_owned())),
            (0, b"k".to_vec(), None),
            (0, b"k".to_vec(), value(event(1))),
            (0, b"k".to_vec(), value(event_about(1, 2))),
            (0, b"k".to_vec(), Some(vec![0xff, 0x00, 0xfe])),
            (0, b"k".to_vec(), Some(Vec::new())),
            (0, b"k".to_vec(), value(event(2))),
        ]);

        let report = site.ingest().expect_code(0).json();

        let counts = ["recorded", "duplicates", "conflicts", "refused", "gaps"]
            .map(|field| report[field].as_u64().unwrap());
        assert_eq!(counts, [2, 1, 1, 3, 0]);
        assert_eq!(
            site.leaves(),
            [
                (EVENT, 0), (REFUSED, 1), (TOMBSTONE, 2), (DUPLICATE, 3), (CONFLICT, 4), (REFUSED, 5),
                (REFUSED, 6), (EVENT, 7),
            ]
        );
        site.verify();
    }

    fn what_producers_compressed_is_read_whatever_the_codec(db) {
        let topic = Topic::new(1);
        for (codec, first) in ["none", "gzip", "snappy", "lz4", "zstd"].into_iter().zip((0..).step_by(20)) {
            topic.produce_packed(codec, &events(0, first..first + 20));
        }
        let site = Site::new(db, &topic);

        let report = site.ingest().expect_code(0).json();

        assert_eq!((&report["recorded"], &report["refused"]), (&100.into(), &0.into()), "{report}");
        site.verify();
    }

    fn a_second_run_goes_on_where_the_first_ended(db) {
        let topic = Topic::new(1);
        topic.produce_all(&events(0, 0..10));
        let site = Site::new(db, &topic);
        site.ingest().expect_code(0);
        topic.produce_all(&events(0, 10..15));

        let report = site.ingest().expect_code(0).json();

        assert_eq!(report["recorded"], 5);
        assert_eq!(report["positions"][0]["next_offset"], 15);
        assert_eq!(report["positions"][0]["epoch"], 2);
        assert_eq!(site.leaves().len(), 15);
    }

    fn a_program_that_is_told_to_end_ends_well_and_what_it_wrote_stays(db) {
        let topic = Topic::new(1);
        topic.produce_all(&events(0, 0..10));
        let site = Site::new(db, &topic);

        let running = site.start(&[]);
        running.stderr_line("batch committed");
        let report = running.stop().expect_code(0).json();

        assert_eq!(report["recorded"], 10);
        assert_eq!(site.leaves().len(), 10);
    }

    fn offsets_that_never_came_are_a_gap_and_not_an_end(db) {
        let topic = Topic::new(1);
        let site = Site::new(db, &topic);
        topic.produce_in_transaction(&events(0, 0..3), false);
        topic.produce_in_transaction(&events(0, 10..12), true);
        topic.produce_all(&events(0, 20..21));
        topic.produce_in_transaction(&events(0, 30..31), true);

        let report = site.ingest().expect_code(0).json();

        // Three aborted events and the mark of their end, two events and the mark of theirs, one event, one
        // event; the last mark is followed by nothing yet.
        assert_eq!(
            site.leaves(),
            [(GAP, 3), (EVENT, 4), (EVENT, 5), (GAP, 6), (EVENT, 7), (EVENT, 8)]
        );
        assert_eq!((&report["recorded"], &report["gaps"]), (&4.into(), &2.into()));
        assert_eq!(report["positions"][0]["next_offset"], 9);
        site.verify();
    }
}
