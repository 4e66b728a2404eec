use std::io::Write;
use std::sync::mpsc;
use std::thread;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use suyuan::db::schema::blocks;
use suyuan::db::{self, Conn, DatabaseUrl, Db, Error};

use crate::harness::database::TestDatabase;
use crate::harness::server::{Kind, OwnServer};

fn blocks_in(db: &Db) -> Result<i64, Error> {
    db.read(|conn| Ok(blocks::table.count().get_result(conn)?))
}

#[test]
fn a_server_that_was_killed_is_used_again_when_it_is_back() {
    let server = OwnServer::new(Kind::Postgres);
    let url = DatabaseUrl::Postgres(server.address().to_owned());
    db::migrate::run(&mut Conn::open(&url).unwrap()).unwrap();
    let db = Db::open(&url, 1).unwrap();
    assert_eq!(blocks_in(&db).unwrap(), 0);

    server.kill();
    let lost = blocks_in(&db).unwrap_err();
    server.start();

    assert!(lost.is_transient(), "{lost:?}");
    assert_eq!(blocks_in(&db).unwrap(), 0);
}

diesel::table! {
    turns (number) {
        number -> Integer,
    }
}

/// Takes the turn, and sends a row when it may.
fn take_turn(conn: &mut Conn, wait: impl Fn()) -> Result<(), Error> {
    let Conn::Postgres(conn) = conn else {
        panic!("this is for a server")
    };
    conn.batch_execute("LOCK TABLE turns")?;
    diesel::copy_from(turns::table)
        .from_raw_data(turns::table, |rows: &mut dyn Write| {
            wait();
            rows.write_all(b"1\n").unwrap();
            Ok::<_, diesel::result::Error>(())
        })
        .execute(conn)?;
    Ok(())
}

#[test]
fn a_write_that_stands_still_while_it_sends_rows_is_ended_by_who_waits_for_it() {
    let database = TestDatabase::postgres();
    let make = "CREATE TABLE turns (number INTEGER NOT NULL)";
    database.conn().batch_execute(make).unwrap();
    let (stands, is_standing) = mpsc::channel();
    let (go_on, goes_on) = mpsc::channel();

    let (still, late, next) = thread::scope(|scope| {
        let database = &database;
        let still = scope.spawn(move || {
            database.write_in_turn(|conn| {
                take_turn(conn, || {
                    stands.send(()).unwrap();
                    goes_on.recv().unwrap();
                })
            })
        });
        is_standing.recv().unwrap();
        let late = database.write_in_turn(|conn| take_turn(conn, || ()));
        let next = database.write_in_turn(|conn| take_turn(conn, || ()));
        go_on.send(()).unwrap();
        (still.join().unwrap(), late, next)
    });

    assert!(still.unwrap_err().is_transient());
    assert!(late.unwrap_err().is_transient());
    next.unwrap();
    let rows: i64 = turns::table
        .count()
        .get_result(&mut database.conn())
        .unwrap();
    assert_eq!(rows, 1);
}

/// How long a transaction may do nothing between two statements, as PostgreSQL writes it.
fn idle_most(conn: &mut Conn) -> Result<String, Error> {
    let setting = "SELECT current_setting('idle_in_transaction_session_timeout') AS most";
    let Conn::Postgres(conn) = conn else {
        panic!("this is for a server")
    };
    let row: Most = diesel::sql_query(setting).get_result(conn)?;
    Ok(row.most)
}

#[derive(QueryableByName)]
struct Most {
    #[diesel(sql_type = diesel::sql_types::Text)]
    most: String,
}

#[test]
fn every_write_is_ended_when_its_process_stands_still() {
    let database = TestDatabase::postgres();
    assert_eq!(database.write(idle_most).unwrap(), "5min");
    assert_eq!(database.write_in_turn(idle_most).unwrap(), "20s");
    assert_eq!(
        database.read(idle_most).unwrap(),
        "0",
        "who reads keeps nobody waiting"
    );
}
