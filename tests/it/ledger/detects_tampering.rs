//! Whoever can write the database cannot do it unseen: every column of every table of record and of
//! projection, a row taken away, a row put in.

use diesel::prelude::*;
use suyuan::app::{self, Problem, VerifyOptions, VerifyReport};
use suyuan::db::Conn;
use suyuan::db::catalog::{self, Column, ColumnType, Cursor, Row, TABLES, Table, TableKind};

use super::world::filled;
use crate::harness::app::TestApp;

/// More leaves than any shard of the world has, so that a changed key is not another row's.
const BEYOND: i64 = 100;

/// Ends a transaction that was only tried.
struct Undo(VerifyReport);

enum Stop {
    Undo(Box<Undo>),
    Failed(String),
}

impl From<suyuan::db::Error> for Stop {
    fn from(error: suyuan::db::Error) -> Self {
        Self::Failed(Problem::from(error).chain())
    }
}

/// What `verify` says after `statement`, which is undone.
fn verify_after(world: &TestApp, conn: &mut Conn, statement: &str) -> VerifyReport {
    let tried = conn.write(|conn| -> Result<(), Stop> {
        let changed = diesel::sql_query(statement)
            .execute(conn)
            .map_err(|error| Stop::Failed(format!("{statement}: {error}")))?;
        assert_eq!(changed, 1, "{statement}");
        let report = app::verify(&world.app, conn, &VerifyOptions::default(), &mut |_| {})
            .map_err(|problem| Stop::Failed(format!("{statement}: {}", problem.chain())))?;
        Err(Stop::Undo(Box::new(Undo(report))))
    });
    match tried {
        Err(Stop::Undo(undo)) => undo.0,
        Err(Stop::Failed(what)) => panic!("{what}"),
        Ok(()) => panic!("nothing was undone"),
    }
}

fn sql(conn: &Conn, column: &Column, value: Option<&str>) -> String {
    let Some(value) = value else {
        return "NULL".into();
    };
    match (column.column_type, conn.is_sqlite()) {
        (ColumnType::Number, _) | (ColumnType::Bool, true) => value.to_owned(),
        (ColumnType::Bool, false) => (value == "1").to_string(),
        (ColumnType::Text, _) => format!("'{value}'"),
        (ColumnType::Bytes, true) => format!("x'{value}'"),
        (ColumnType::Bytes, false) => format!("decode('{value}', 'hex')"),
    }
}

/// Other values of the column's type: one that could be, and some that never can.
fn others(column: &Column, value: Option<&str>) -> Vec<String> {
    let mut others = vec![another(column, value)];
    match (column.column_type, value) {
        (ColumnType::Number, _) => others.push("123456789".into()),
        (ColumnType::Bytes, Some(hex)) if !hex.is_empty() => {
            others.extend([String::new(), format!("{hex}01")]);
        }
        _ => {}
    }
    others
}

/// Another value of the column's type.
fn another(column: &Column, value: Option<&str>) -> String {
    match (column.column_type, value) {
        (ColumnType::Number, Some(number)) => (number.parse::<i64>().unwrap() + BEYOND).to_string(),
        (ColumnType::Number, None) => "7".into(),
        (ColumnType::Bool, Some("1")) => "0".into(),
        (ColumnType::Bool, _) => "1".into(),
        (ColumnType::Text, value) => format!("{}x", value.unwrap_or_default()),
        (ColumnType::Bytes, Some(hex)) if !hex.is_empty() => {
            let (head, last) = hex.split_at(hex.len() - 1);
            format!("{head}{}", if last == "0" { "1" } else { "0" })
        }
        (ColumnType::Bytes, _) => "07".repeat(16),
    }
}

fn this_row(conn: &Conn, table: &Table, row: &Row) -> String {
    let conditions: Vec<String> = table
        .key()
        .into_iter()
        .zip(&row.key)
        .map(|(column, value)| format!("{} = {}", column.name, sql(conn, column, Some(value))))
        .collect();
    conditions.join(" AND ")
}

fn first_row(conn: &mut Conn, table: &Table) -> Row {
    Cursor::new(table)
        .next_row(conn)
        .unwrap()
        .unwrap_or_else(|| panic!("the world leaves no row in {}", table.name))
}

fn checked_tables() -> impl Iterator<Item = &'static str> {
    TABLES
        .into_iter()
        .filter(|(_, kind)| *kind != TableKind::Operational)
        .map(|(name, _)| name)
}

fn names(report: &VerifyReport, table: &str) -> bool {
    report.bad.iter().any(|bad| bad.table == table)
}

both! {
    fn an_untouched_world_is_in_order(db) {
        let world = filled(db);

        let report = app::verify(&world.app, &mut db.conn(), &VerifyOptions::default(), &mut |_| {}).unwrap();

        assert_eq!(report.bad, vec![]);
        assert!(report.ok);
    }

    fn every_changed_column_is_named(db) {
        let world = filled(db);
        let mut conn = db.conn();
        let mut unseen = Vec::new();
        for name in checked_tables() {
            let table = catalog::table(&mut conn, name).unwrap();
            let row = first_row(&mut conn, &table);
            let changes = table.columns.iter().zip(&row.values);
            let changes = changes.flat_map(|(column, value)| {
                others(column, value.as_deref()).into_iter().map(move |other| (column, other))
            });
            for (column, other) in changes {
                let statement = format!(
                    "UPDATE {name} SET {} = {} WHERE {}",
                    column.name,
                    sql(&conn, column, Some(&other)),
                    this_row(&conn, &table, &row)
                );
                let report = verify_after(&world, &mut conn, &statement);
                if report.ok || !names(&report, name) {
                    unseen.push(format!("{statement}: {:?}", report.bad));
                }
            }
        }

        assert_eq!(unseen, Vec::<String>::new());
    }

    fn a_row_taken_away_is_named(db) {
        let world = filled(db);
        let mut conn = db.conn();
        let mut unseen = Vec::new();
        for name in checked_tables() {
            let table = catalog::table(&mut conn, name).unwrap();
            let row = first_row(&mut conn, &table);
            let statement = format!("DELETE FROM {name} WHERE {}", this_row(&conn, &table, &row));
            let report = verify_after(&world, &mut conn, &statement);
            if report.ok || !names(&report, name) {
                unseen.push(format!("{statement}: {:?}", report.bad));
            }
        }

        assert_eq!(unseen, Vec::<String>::new());
    }

    fn a_row_put_in_is_named(db) {
        let world = filled(db);
        let mut conn = db.conn();
        let mut unseen = Vec::new();
        for name in checked_tables() {
            let table = catalog::table(&mut conn, name).unwrap();
            let row = first_row(&mut conn, &table);
            // Another row under a free key: every column of the key, and what else must be unique.
            let unique = ["record_offset", "incarnation", "id", "request_key", "member"];
            let key: Vec<&str> = table.key().into_iter().map(|column| column.name.as_str()).collect();
            let values: Vec<String> = table
                .columns
                .iter()
                .zip(&row.values)
                .map(|(column, value)| {
                    let last_of_key = key.last() == Some(&column.name.as_str());
                    if last_of_key || unique.contains(&column.name.as_str()) {
                        sql(&conn, column, Some(&far_from(column, value.as_deref())))
                    } else {
                        sql(&conn, column, value.as_deref())
                    }
                })
                .collect();
            let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
            let statement = format!("INSERT INTO {name} ({}) VALUES ({})", columns.join(", "), values.join(", "));
            let report = verify_after(&world, &mut conn, &statement);
            if report.ok || !names(&report, name) {
                unseen.push(format!("{statement}: {:?}", report.bad));
            }
        }

        assert_eq!(unseen, Vec::<String>::new());
    }

    fn a_log_under_an_empty_key_is_named(db) {
        let world = filled(db);
        let mut conn = db.conn();
        let empty = if conn.is_sqlite() { "x''" } else { "decode('', 'hex')" };
        let statement = format!(
            "INSERT INTO trace_log SELECT {empty}, shard, tier, first_seq, last_seq, n, t_min, t_max, data FROM trace_log ORDER BY block LIMIT 1"
        );

        let report = verify_after(&world, &mut conn, &statement);

        assert!(names(&report, "trace_log"), "{:?}", report.bad);
    }

    fn a_changed_projection_fails_the_check_of_a_rebuild(db) {
        let world = filled(db);
        let mut conn = db.conn();
        conn.write(|conn| diesel::sql_query("UPDATE lot_moves SET scale = scale + 1").execute(conn).map_err(suyuan::db::Error::from))
            .unwrap();

        let report = app::check_rebuild(&world.app, &mut conn, &mut |_| {}).unwrap();

        let differing: Vec<&str> = report
            .tables
            .iter()
            .filter(|table| table.digest_before != table.digest_after)
            .map(|table| table.table)
            .collect();
        assert_eq!(differing, ["lot_moves"]);
        assert!(!report.equal);
    }
}

/// A value that no row of the world has.
fn far_from(column: &Column, value: Option<&str>) -> String {
    match (column.column_type, value) {
        (ColumnType::Number, Some(number)) => (number.parse::<i64>().unwrap() + 1_000).to_string(),
        _ => another(column, value),
    }
}
