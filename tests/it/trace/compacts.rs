//! Compaction changes how logs lie and nothing else.

use suyuan::codes::MemberSet;
use suyuan::db::{Conn, Error};
use suyuan::trace::store::{self, Compacted, LogShape, log_digest, log_shape};
use suyuan::trace::{self, Record};

use super::given::*;
use crate::harness::database::TestDatabase;

/// Logs of two shards, written in batches of one event: 20 rows a log, and 5 of 300 records in one.
fn keep(conn: &mut Conn) -> Result<(), Error> {
    for shard in 0..2 {
        for seq in 0..20 {
            let block = items(1);
            trace::record(conn, &[packed(shard, seq, 7, block, 0..24)])?;
        }
    }
    for batch in 0..5 {
        let seqs = 100 + batch * 300..100 + (batch + 1) * 300;
        let entries: Vec<_> = seqs.map(|seq| seen(0, seq, items(2), [5])).collect();
        trace::record(conn, &entries)?;
    }
    trace::record(conn, &[seen(0, 9_000, items(3), [5])])
}

fn compact_all(conn: &mut Conn, rows_least: i64) -> Result<Compacted, Error> {
    let mut done = Compacted::default();
    let mut after = None;
    // Pages of two: a page may end between the shards of a block.
    while let Some(last) = {
        let page = store::scattered(conn, after.as_ref(), rows_least, 2)?;
        for log in &page {
            done += store::compact(conn, log.shard(), &[log])?;
        }
        page.last().cloned()
    } {
        after = Some(last);
    }
    Ok(done)
}

fn everything(conn: &mut Conn) -> Result<Vec<Record>, Error> {
    let mut all = Vec::new();
    for block in [items(1), items(2), items(3), cases(0)] {
        all.extend(load_block(
            conn,
            block,
            &MemberSet::all(),
            &position(10_000),
        )?);
    }
    Ok(all)
}

const fn shape(tier: i32, rows: i64, records: i64) -> LogShape {
    LogShape {
        tier,
        rows,
        records,
    }
}

both! {
    fn small_rows_become_large_ones_and_say_the_same(db) {
        db.write(|conn| {
            keep(conn)?;
            let (digest, records) = (log_digest(conn)?, everything(conn)?);

            let done = compact_all(conn, 2)?;

            assert_eq!(log_digest(conn)?.hash, digest.hash);
            assert_eq!(everything(conn)?, records);
            // Four rows of 300 fill one of the last tier, the fifth stays; each other log is one row.
            assert_eq!(log_shape(conn)?, [shape(0, 5, 81), shape(1, 1, 300), shape(2, 1, 1_200)]);
            assert_eq!(done, Compacted { logs: 5, rows_taken: 84, rows_written: 5 });
            let live = store::compare(conn, &mut made_anew())?;
            assert_eq!(live, []);
            assert_eq!(compact_all(conn, 2)?, Compacted::default());
            Ok::<_, Error>(())
        }).unwrap();
    }

    fn a_log_with_too_few_small_rows_is_left_alone(db) {
        let (shape_before, shape_after) = db.write(|conn| {
            keep(conn)?;
            let before = log_shape(conn)?;
            compact_all(conn, 21)?;
            Ok::<_, Error>((before, log_shape(conn)?))
        }).unwrap();

        assert_eq!(shape_before, shape_after);
    }

    fn a_compaction_that_fails_leaves_every_row_as_it_was(db) {
        db.write(keep).unwrap();
        let before = db.read(log_digest).unwrap();

        let failed: Result<(), Error> = db.write(|conn| {
            assert!(compact_all(conn, 2)?.rows_taken > 0);
            Err(Error::Pending { pending: String::new() })
        });

        assert!(failed.is_err());
        assert_eq!(db.read(log_digest).unwrap(), before);
    }

    fn what_is_written_after_a_compaction_joins_its_rows(db) {
        let (loaded, shapes) = db.write(|conn| {
            keep(conn)?;
            compact_all(conn, 2)?;
            for seq in 20..80 {
                trace::record(conn, &[seen(0, seq, items(1), [6])])?;
            }
            Ok::<_, Error>((load_block(conn, items(1), &MemberSet::one(6), &position(10_000))?, log_shape(conn)?))
        }).unwrap();

        let of_shard_0: Vec<Record> = loaded.into_iter().filter(|record| record.shard == 0).collect();
        assert_eq!(seqs(&of_shard_0), (0..80).collect::<Vec<_>>());
        assert!(shapes[0].rows < 40, "{shapes:?}");
    }
}

/// What [`keep`] writes, made anew in rows of the last tier.
fn made_anew() -> Conn {
    thread_local! {
        // The database lives as long as its connection is used.
        static MADE: TestDatabase = {
            let made = TestDatabase::sqlite();
            made.write(|conn| {
                let mut rebuild = store::Rebuild::new();
                for shard in 0..2 {
                    for seq in 0..20 {
                        rebuild.add(conn, &packed(shard, seq, 7, items(1), 0..24))?;
                    }
                    if shard == 0 {
                        for seq in 100..1_600 {
                            rebuild.add(conn, &seen(0, seq, items(2), [5]))?;
                        }
                        rebuild.add(conn, &seen(0, 9_000, items(3), [5]))?;
                    }
                }
                rebuild.finish(conn)
            })
            .unwrap();
            made
        };
    }
    MADE.with(TestDatabase::conn)
}
