use diesel::prelude::*;
use suyuan::db::schema::trace_log;
use suyuan::db::{Conn, Error};
use suyuan::events::Entry;
use suyuan::trace::store::{self, Audit, Rebuild};
use suyuan::trace::{self, EventKey, Flow, log};

use super::given::*;

const VOIDS: [(EventKey, EventKey); 2] = [((0, 1), (0, 9)), ((0, 2), (1, 4))];

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

fn keep(conn: &mut Conn) -> Result<(), Error> {
    for batch in world().chunks(10) {
        trace::record(conn, batch)?;
    }
    trace::void(conn, &VOIDS)
}

/// What an audit names, with the ids of blocks cut out.
fn faults(conn: &mut Conn) -> Vec<String> {
    let mut found = Vec::new();
    let mut fault = |fault: store::Fault| found.push(fault.to_string());
    let mut audit = Audit::new();
    for entry in &world() {
        audit.expect(entry);
    }
    for (event, declaration) in VOIDS {
        audit.expect_void(event, declaration);
    }
    let mut suspects = audit.check(conn, &mut fault).unwrap();
    if !suspects.is_empty() {
        for entry in &world() {
            suspects.expect(entry);
        }
        suspects.name(conn, &mut fault).unwrap();
    }
    for text in &mut found {
        for block in [items(1), items(2), cases(0), lot(1), place(1), place(9)] {
            *text = text.replace(&format!("{block:?}"), "*");
        }
    }
    found
}

fn after(conn: &mut Conn, statement: &str) -> Vec<String> {
    diesel::sql_query(statement).execute(conn).unwrap();
    faults(conn)
}

fn hex(block: suyuan::codes::Block) -> String {
    format!("{block:?}")
}

/// A literal of bytes in the database's own words.
fn literal(conn: &Conn, hex: &str) -> String {
    if conn.is_sqlite() {
        format!("x'{hex}'")
    } else {
        format!("'\\x{hex}'::bytea")
    }
}

both! {
    fn an_index_written_live_has_no_fault(db) {
        let found = db.write(|conn| {
            keep(conn)?;
            Ok::<_, Error>(faults(conn))
        }).unwrap();

        assert_eq!(found, Vec::<String>::new());
    }

    fn an_index_written_anew_has_no_fault(db) {
        let found = db.write(|conn| {
            let mut rebuild = Rebuild::new();
            for entry in &world() {
                rebuild.add(conn, entry)?;
            }
            rebuild.finish(conn)?;
            trace::void(conn, &VOIDS)?;
            Ok::<_, Error>(faults(conn))
        }).unwrap();

        assert_eq!(found, Vec::<String>::new());
    }

    fn a_changed_column_of_a_log_is_named(db) {
        for (column, value) in [("tier", 7), ("last_seq", 9), ("n", 4), ("t_min", 0), ("t_max", 0)] {
            let found = db.write(|conn| {
                store::clear(conn)?;
                keep(conn)?;
                let block = literal(conn, &hex(items(2)));
                Ok::<_, Error>(after(conn, &format!("UPDATE trace_log SET {column} = {value} WHERE block = {block} AND shard = 1")))
            }).unwrap();

            let tier = if column == "tier" { 7 } else { 0 };
            assert_eq!(found, [format!(
                "table trace_log: block * shard 1 tier {tier} first_seq 2: {column}: is not what the records in data say"
            )]);
        }
    }

    fn a_changed_record_is_named_with_its_leaf_and_field(db) {
        let found = db.write(|conn| {
            keep(conn)?;
            let row = trace_log::table.filter(trace_log::block.eq(items(2).0.to_vec())).filter(trace_log::shard.eq(1));
            let data: Vec<u8> = row.clone().select(trace_log::data).first(conn)?;
            let mut records = log::decode(1, &data).unwrap();
            records[1].flow = Flow::Sell;
            let changed = log::encode(&records).unwrap().data;
            diesel::update(row).set(trace_log::data.eq(changed)).execute(conn)?;
            Ok::<_, Error>(faults(conn))
        }).unwrap();

        assert_eq!(found, [
            "table trace_log: block * shard 1 tier 0 first_seq 2: data: leaf 5: the flow is not what the event says"
        ]);
    }

    fn unreadable_data_is_named(db) {
        let found = db.write(|conn| {
            keep(conn)?;
            let (block, data) = (literal(conn, &hex(items(2))), literal(conn, "0105"));
            Ok::<_, Error>(after(conn, &format!("UPDATE trace_log SET data = {data} WHERE block = {block} AND shard = 0")))
        }).unwrap();

        assert_eq!(found, [
            "table trace_log: block * shard 0 tier 0 first_seq 2: data: the bytes end inside dictionary size (at byte 2)"
        ]);
    }

    fn rows_taken_away_or_put_in_are_named(db) {
        let check = |statement: &dyn Fn(&Conn) -> String, expect: &[&str]| {
            let found = db.write(|conn| {
                store::clear(conn)?;
                keep(conn)?;
                let statement = statement(conn);
                Ok::<_, Error>(after(conn, &statement))
            }).unwrap();
            assert_eq!(found, expect);
        };
        let one = |conn: &Conn, block| format!("block = {} AND shard = 1", literal(conn, &hex(block)));

        check(&|conn| format!("DELETE FROM trace_log WHERE {}", one(conn, items(1))), &[
            "table trace_log: block * shard 1: data: the whole log is missing",
        ]);
        check(
            &|conn| format!(
                "INSERT INTO trace_log SELECT block, 5, tier, first_seq, last_seq, n, t_min, t_max, data FROM trace_log WHERE {}",
                one(conn, items(1)),
            ),
            &["table trace_log: block * shard 5 tier 0 first_seq 0: data: holds leaf 0, which adds nothing here"],
        );
        check(
            &|conn| format!(
                "INSERT INTO trace_log SELECT block, shard, 1, first_seq, last_seq, n, t_min, t_max, data FROM trace_log WHERE {}",
                one(conn, items(1)),
            ),
            &["table trace_log: block * shard 1 tier 1 first_seq 0: data: holds leaf 0, which adds nothing here"],
        );
        check(&|_| "DELETE FROM lot_moves WHERE seq = 4 AND shard = 0".to_owned(), &[
            "table lot_moves: lot * shard 0 seq 4 line 0: line: the row is missing",
        ]);
        check(&|_| "UPDATE lot_moves SET line = 3 WHERE seq = 4 AND shard = 0".to_owned(), &[
            "table lot_moves: lot * shard 0 seq 4 line 3: line: no event says so",
            "table lot_moves: lot * shard 0 seq 4 line 0: line: the row is missing",
        ]);
        check(&|_| "DELETE FROM voids WHERE by_shard = 1".to_owned(), &[
            "table voids: shard 0 seq 2 by_shard 1 by_seq 4: by_seq: the row is missing",
        ]);
        check(&|_| "INSERT INTO voids VALUES (0, 5, 1, 1)".to_owned(), &[
            "table voids: shard 0 seq 5 by_shard 1 by_seq 1: by_seq: no declaration says so",
        ]);
        check(&|conn| format!("DELETE FROM place_blocks WHERE block = {}", literal(conn, &hex(items(2)))), &[
            "table place_blocks: place * day 20717 block *: block: the row is missing",
        ]);
        check(
            &|conn| format!(
                "INSERT INTO place_blocks VALUES ({}, 4, {})", literal(conn, &hex(place(9))), literal(conn, &hex(items(2))),
            ),
            &["table place_blocks: place * day 4 block *: block: no event says so"],
        );
    }

    fn every_changed_column_of_a_lot_is_named(db) {
        for (column, value) in [
            ("role", "9"), ("from_place", "block"), ("to_place", "NULL"), ("from_party", "block"), ("to_party", "block"),
            ("quantity", "NULL"), ("scale", "2"), ("uom", "'GRM'"), ("t_lo", "5"), ("t_hi", "5"),
        ] {
            let found = db.write(|conn| {
                store::clear(conn)?;
                keep(conn)?;
                let value = value.replace("block", &literal(conn, &hex(place(9))));
                Ok::<_, Error>(after(conn, &format!("UPDATE lot_moves SET {column} = {value} WHERE seq = 7 AND shard = 1")))
            }).unwrap();

            assert_eq!(found, [format!("table lot_moves: lot * shard 1 seq 7 line 0: {column}: is not what the event says")]);
        }
    }
}
