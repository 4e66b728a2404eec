use diesel::prelude::*;
use suyuan::db::schema::trace_log;
use suyuan::db::{Conn, Error};
use suyuan::events::Entry;
use suyuan::trace::store::{self, Rebuild, log_digest};
use suyuan::trace::{self, Flow, log};

use super::given::*;
use crate::harness::database::TestDatabase;

fn world() -> Vec<Entry> {
    let mut entries = Vec::new();
    for shard in 0..2 {
        for seq in 0..10 {
            entries.push(match seq % 3 {
                0 => packed(shard, seq, 7, items(1), 0..24),
                1 => received(shard, seq, lot(1), seq),
                _ => seen(shard, seq, items(2), [5]),
            });
        }
    }
    entries
}

/// Written batch by batch: two rows a log.
fn keep(conn: &mut Conn) -> Result<(), Error> {
    store::clear(conn)?;
    world()
        .chunks(5)
        .try_for_each(|batch| trace::record(conn, batch))
}

/// The same made anew, in a database of its own.
fn made_anew() -> TestDatabase {
    let made = TestDatabase::sqlite();
    made.write(|conn| {
        let mut rebuild = Rebuild::new();
        for entry in &world() {
            rebuild.add(conn, entry)?;
        }
        rebuild.finish(conn)
    })
    .unwrap();
    made
}

/// What a comparison names: the block's name, the rest of the key, the column, and what was found.
fn named(live: &mut Conn) -> Vec<String> {
    let bad = made_anew().read(|made| store::compare(live, made)).unwrap();
    bad.into_iter()
        .map(|bad| {
            let block = [
                (items(1), "items"),
                (items(2), "more items"),
                (cases(0), "cases"),
                (lot(1), "lot"),
            ]
            .into_iter()
            .find(|(block, _)| format!("{block:?}") == bad.key["block"])
            .unwrap()
            .1;
            let key: Vec<_> = ["shard", "tier", "first_seq"]
                .into_iter()
                .filter_map(|part| bad.key.get(part))
                .collect();
            format!(
                "{block} {key:?} {} {}",
                bad.column.as_deref().unwrap_or("-"),
                bad.found
            )
        })
        .collect()
}

fn after(conn: &mut Conn, statement: &str) -> Result<Vec<String>, Error> {
    keep(conn)?;
    diesel::sql_query(statement).execute(conn)?;
    Ok(named(conn))
}

/// The rows of a block in shard 1, as a condition in the database's own words.
fn rows_of(conn: &Conn, block: suyuan::codes::Block) -> String {
    let id = if conn.is_sqlite() {
        format!("x'{block:?}'")
    } else {
        format!("'\\x{block:?}'::bytea")
    };
    format!("block = {id} AND shard = 1")
}

both! {
    fn an_index_written_live_says_what_one_made_anew_says(db) {
        let found = db.write(|conn| {
            keep(conn)?;
            let made = made_anew().read(log_digest)?;
            let live = log_digest(conn)?;
            assert_eq!(live.hash, made.hash);
            assert_ne!(live.rows, made.rows);
            Ok::<_, Error>(named(conn))
        }).unwrap();

        assert_eq!(found, Vec::<String>::new());
    }

    fn a_changed_column_of_a_row_is_named(db) {
        for (column, value) in [("tier", 7), ("tier", 1), ("last_seq", 9), ("n", 4), ("t_min", 0), ("t_max", 0)] {
            let found = db.write(|conn| {
                let statement =
                    format!("UPDATE trace_log SET {column} = {value} WHERE {} AND first_seq = 2", rows_of(conn, items(2)));
                after(conn, &statement)
            }).unwrap();

            let tier = if column == "tier" { value } else { 0 };
            assert_eq!(found, [format!("more items [\"1\", \"{tier}\", \"2\"] {column} {value}")]);
        }
    }

    fn a_tier_is_named_that_is_not_that_of_so_many_records(db) {
        for (n, due) in [(1, 0), (32, 0), (127, 0), (128, 1), (1_023, 1), (1_024, 2)] {
            for tier in 0..3 {
                let found = db.write(|conn| {
                    store::clear(conn)?;
                    let entries: Vec<_> = (0..n).map(|seq| seen(1, seq, items(2), [5])).collect();
                    trace::record(conn, &entries)?;
                    diesel::update(trace_log::table).set(trace_log::tier.eq(tier)).execute(conn)?;
                    let base = TestDatabase::sqlite();
                    let mut made = base.conn();
                    let mut rebuild = Rebuild::new();
                    for entry in &entries {
                        rebuild.add(&mut made, entry)?;
                    }
                    rebuild.finish(&mut made)?;
                    store::compare(conn, &mut made)
                }).unwrap();

                let columns: Vec<_> = found.iter().map(|bad| bad.column.as_deref()).collect();
                let expected = if tier == due { vec![] } else { vec![Some("tier")] };
                assert_eq!(columns, expected, "{n} records in tier {tier}");
            }
        }
    }

    fn every_row_with_a_changed_record_is_named(db) {
        let found = db.write(|conn| {
            keep(conn)?;
            for first_seq in [0, 6] {
                let row = trace_log::table
                    .filter(trace_log::block.eq(items(1).0.to_vec()))
                    .filter(trace_log::shard.eq(1))
                    .filter(trace_log::first_seq.eq(first_seq));
                let data: Vec<u8> = row.clone().select(trace_log::data).first(conn)?;
                let mut records = log::decode(1, &data).unwrap();
                records[1].flow = Flow::Sell;
                let changed = log::encode(&records).unwrap().data;
                diesel::update(row).set(trace_log::data.eq(changed)).execute(conn)?;
            }
            Ok::<_, Error>(named(conn))
        }).unwrap();

        assert_eq!(found, [
            "items [\"1\", \"0\", \"0\"] data another flow in the record of seq 3",
            "items [\"1\", \"0\", \"6\"] data another flow in the record of seq 9",
        ]);
    }

    fn unreadable_data_is_named_beside_what_else_is_wrong(db) {
        let found = db.write(|conn| {
            let data = if conn.is_sqlite() { "x'0105'" } else { "'\\x0105'::bytea" };
            let statement = format!("UPDATE trace_log SET data = {data}, n = 1 WHERE {} AND first_seq = 2", rows_of(conn, items(2)));
            after(conn, &statement)
        }).unwrap();

        assert_eq!(found, [
            "more items [\"1\", \"0\", \"2\"] data the bytes end inside dictionary size (at byte 2)"
        ]);
    }

    fn rows_taken_away_or_put_in_are_named(db) {
        let check = |statement: &dyn Fn(&Conn) -> String, expect: &[&str]| {
            let found = db.write(|conn| {
                let statement = statement(conn);
                after(conn, &statement)
            }).unwrap();
            assert_eq!(found, expect);
        };
        let columns = "first_seq, last_seq, n, t_min, t_max, data FROM trace_log";

        check(&|conn| format!("DELETE FROM trace_log WHERE {}", rows_of(conn, items(1))), &["items [\"1\"] - no row"]);
        check(&|conn| format!("DELETE FROM trace_log WHERE {} AND first_seq = 0", rows_of(conn, items(1))), &[
            "items [\"1\", \"0\"] - no row",
        ]);
        check(
            &|conn| format!("INSERT INTO trace_log SELECT block, 5, tier, {columns} WHERE {} AND first_seq = 0", rows_of(conn, items(1))),
            &["items [\"5\", \"0\", \"0\"] - a row"],
        );
        check(
            &|conn| format!("INSERT INTO trace_log SELECT block, shard, 1, {columns} WHERE {} AND first_seq = 0", rows_of(conn, items(1))),
            &[
                "items [\"1\", \"1\", \"0\"] tier 1",
                "items [\"1\", \"1\", \"0\"] data a record of seq 0 that the event does not make",
            ],
        );
    }
}
