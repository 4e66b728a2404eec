use std::collections::BTreeMap;

use suyuan::codes::MemberSet;
use suyuan::db::Error;
use suyuan::trace::project::{EVERY_DAY, project, utc_day};
use suyuan::trace::store::{self, LogShape, blocks_at, digest, log_shape};
use suyuan::trace::{self, Op};

use super::given::*;

const fn shape(tier: i32, rows: i64, records: i64) -> LogShape {
    LogShape {
        tier,
        rows,
        records,
    }
}

both! {
    fn what_is_recorded_is_loaded_as_it_was_projected(db) {
        let entries = [packed(0, 3, 7, items(1), 0..24), seen(0, 4, items(1), [5, 900]), received(0, 6, lot(1), 40)];

        let loaded = db.write(|conn| {
            trace::record(conn, &entries)?;
            let mut loaded = Vec::new();
            for block in [items(1), cases(0), lot(1)] {
                loaded.extend(load_block(conn, block, &MemberSet::all(), &position(10))?);
            }
            Ok::<_, Error>(loaded)
        }).unwrap();

        let mut expected: Vec<_> = entries.iter().flat_map(|entry| project(entry).records).collect();
        expected.sort_by_key(|(block, record)| ([items(1), cases(0), lot(1)].iter().position(|b| b == block), record.seq));
        assert_eq!(loaded, expected.into_iter().map(|(_, record)| record).collect::<Vec<_>>());
    }

    fn only_records_with_a_wanted_member_are_loaded(db) {
        let loaded = db.write(|conn| {
            trace::record(conn, &[
                seen(0, 1, items(1), [5]), seen(0, 2, items(1), 6..30), seen(0, 3, items(1), [5, 2000]), seen(0, 4, items(2), [5]),
            ])?;
            load_block(conn, items(1), &MemberSet::one(5), &position(10))
        }).unwrap();

        assert_eq!(seqs(&loaded), [1, 3]);
        assert!(loaded[1].members.contains(2000));
    }

    fn a_position_hides_what_came_after_it_shard_by_shard(db) {
        let mut both_shards = position(0);
        both_shards.0.insert(0, 2);
        both_shards.0.insert(1, 9);

        let loaded = db.write(|conn| {
            trace::record(conn, &[seen(0, 1, items(1), [5]), seen(0, 2, items(1), [5])])?;
            trace::record(conn, &[seen(1, 1, items(1), [5]), seen(1, 8, items(1), [5])])?;
            trace::record(conn, &[seen(9, 0, items(1), [5])])?;
            load_block(conn, items(1), &MemberSet::one(5), &both_shards)
        }).unwrap();

        let keys: Vec<_> = loaded.iter().map(|record| (record.shard, record.seq)).collect();
        assert_eq!(keys, [(0, 1), (1, 1), (1, 8)]);
    }

    fn thirty_two_rows_of_a_tier_become_one(db) {
        let shapes = db.write(|conn| {
            let mut shapes = Vec::new();
            for seq in 0..1_024 {
                trace::record(conn, &[seen(0, seq, items(1), [5]), seen(1, seq, items(1), [6])])?;
                if [30, 31, 1_022, 1_023].contains(&seq) {
                    shapes.push(log_shape(conn)?);
                }
            }
            Ok::<_, Error>(shapes)
        }).unwrap();

        // 32 rows of one record become one of 32, 31 more and one of 63, and so on to 156: that one is of tier 1.
        assert_eq!(shapes[0], [shape(0, 62, 62)]);
        assert_eq!(shapes[1], [shape(0, 2, 64)]);
        assert_eq!(shapes[2], [shape(0, 50, 174), shape(1, 12, 1_872)]);
        assert_eq!(shapes[3], [shape(0, 52, 176), shape(1, 12, 1_872)]);
        let loaded = db.read(|conn| load_block(conn, items(1), &MemberSet::one(6), &position(2_000))).unwrap();
        assert_eq!(seqs(&loaded), (0..1_024).collect::<Vec<_>>());
    }

    fn a_large_batch_starts_in_a_higher_tier(db) {
        let batch = |from: i64, count: i64, block| {
            (from..from + count).map(|seq| seen(0, seq, block, [5])).collect::<Vec<_>>()
        };

        let shapes = db.write(|conn| {
            trace::record(conn, &batch(0, 127, items(1)))?;
            trace::record(conn, &batch(0, 128, items(2)))?;
            trace::record(conn, &batch(0, 1_024, items(3)))?;
            log_shape(conn)
        }).unwrap();

        assert_eq!(shapes, [shape(0, 1, 127), shape(1, 1, 128), shape(2, 1, 1_024)]);
    }

    fn many_small_rows_climb_two_tiers_at_once_when_they_hold_enough(db) {
        let shapes = db.write(|conn| {
            for batch in 0..32 {
                let entries: Vec<_> = (0..40).map(|n| seen(0, batch * 40 + n, items(1), [5])).collect();
                trace::record(conn, &entries)?;
            }
            log_shape(conn)
        }).unwrap();

        assert_eq!(shapes, [shape(2, 1, 1_280)]);
    }

    fn a_batch_that_is_rolled_back_leaves_nothing(db) {
        db.write(|conn| trace::record(conn, &[received(0, 1, lot(1), 5)])).unwrap();
        let before = db.read(digest).unwrap();

        let failed: Result<(), Error> = db.write(|conn| {
            trace::record(conn, &[received(0, 2, lot(1), 5), packed(0, 3, 1, items(1), 0..24)])?;
            trace::void(conn, &[((0, 1), (0, 2))])?;
            Err(Error::Pending { pending: String::new() })
        });

        assert!(failed.is_err());
        assert_eq!(db.read(digest).unwrap(), before);
    }

    fn a_voided_event_is_hidden_where_its_declaration_is_visible(db) {
        let (before, after) = db.write(|conn| {
            trace::record(conn, &[seen(0, 1, items(1), [5]), seen(0, 2, items(1), [5])])?;
            trace::void(conn, &[((0, 1), (1, 7))])?;
            let before = load_block(conn, items(1), &MemberSet::one(5), &position(7))?;
            let after = load_block(conn, items(1), &MemberSet::one(5), &position(8))?;
            Ok::<_, Error>((before, after))
        }).unwrap();

        assert_eq!(seqs(&before), [1, 2]);
        assert_eq!(seqs(&after), [2]);
    }

    fn voids_hold_among_very_many_records_too_and_are_remembered(db) {
        let (count, first, second, remembered) = db.write(|conn| {
            let entries: Vec<_> = (0..9_000).map(|seq| seen(0, seq, items(cycle(seq, 3)), [5])).collect();
            trace::record(conn, &entries)?;
            trace::void(conn, &[((0, 1), (1, 0)), ((0, 8_999), (1, 0)), ((0, 4), (1, 99))])?;
            let wanted: BTreeMap<_, _> = (0..3).map(|block| (items(block), MemberSet::all())).collect();
            let mut voids = None;
            let mut loads = Vec::new();
            for _ in 0..2 {
                let mut at = position(9_000);
                at.0.insert(1, 50);
                let logs = store::load(conn, &wanted, &at, &mut voids)?;
                let mut loaded: Vec<i64> = logs.values().flatten().map(|record| record.seq).collect();
                loaded.sort_unstable();
                loads.push(loaded);
            }
            Ok::<_, Error>((loads[0].len(), loads.remove(0), loads.remove(0), voids))
        }).unwrap();

        assert_eq!(count, 8_998);
        assert!(first.contains(&4) && !first.contains(&1) && !first.contains(&8_999));
        assert_eq!(first, second);
        assert!(remembered.is_some_and(|voids| voids.has(0, 1) && !voids.has(0, 4)));
    }

    fn an_event_is_void_once_however_often_it_is_said(db) {
        let said = |times: usize| {
            db.write(|conn| {
                for _ in 0..times {
                    trace::void(conn, &[((0, 1), (0, 2)), ((0, 1), (0, 2))])?;
                }
                digest(conn)
            }).unwrap()
        };

        assert_eq!(said(1), said(3));
    }

    fn who_may_have_been_at_a_place_is_found_by_day(db) {
        let mut uncertain = seen(0, 3, items(3), [1]);
        uncertain.t_lo = suyuan::epcis::Timestamp::from_micros(0);
        let mut elsewhere = seen(0, 4, items(4), [1]);
        elsewhere.read_point = Some(place(2));
        let next_day = seen(0, 24 * 60, items(2), [1]);
        let day = utc_day(seen(0, 1, items(1), [1]).t_lo);

        let at = |days| db.read(|conn| blocks_at(conn, place(1), &days)).unwrap().into_iter().collect::<Vec<_>>();
        db.write(|conn| {
            let entries = [seen(0, 1, items(1), [1]), uncertain, elsewhere, next_day];
            trace::record(conn, &entries)
        }).unwrap();
        db.write(|conn| trace::record(conn, &[seen(1, 1, items(1), [9])])).unwrap();

        assert_eq!(at(day..=day), [items(1), items(3)]);
        assert_eq!(at(day..=day + 1), [items(1), items(2), items(3)]);
        assert_eq!(at(day - 5..=day - 4), [items(3)]);
        assert_eq!(at(EVERY_DAY..=EVERY_DAY), [items(3)]);
    }

    fn writers_of_two_shards_do_not_disturb_each_other(db) {
        let write = |shard: i32| {
            for batch in 0..40 {
                let entries: Vec<_> = (0..10).map(|n| packed(shard, batch * 10 + n, 1, items(cycle(n, 4)), 0..24)).collect();
                db.write(|conn| trace::record(conn, &entries)).unwrap();
            }
        };

        std::thread::scope(|scope| {
            scope.spawn(|| write(0));
            scope.spawn(|| write(1));
        });

        let loaded = db.read(|conn| load_block(conn, items(3), &MemberSet::all(), &position(1_000))).unwrap();
        assert_eq!(loaded.iter().filter(|record| record.shard == 0 && record.op == Op::Pack).count(), 80);
        assert_eq!(loaded.iter().filter(|record| record.shard == 1 && record.op == Op::Pack).count(), 80);
    }
}
