//! Two writers at the same instant, each in a shard of its own.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use diesel::dsl::count_star;
use diesel::prelude::*;
use suyuan::app::{self, VerifyOptions};
use suyuan::db::Conn;
use suyuan::db::schema::voids;
use suyuan::parties;

use super::world::{bare, capture_in, declared, object};
use crate::harness::app::TestApp;
use crate::harness::database::TestDatabase;

/// Time to finish for a writer that does not wait for the other one.
const LONG_ENOUGH: Duration = Duration::from_millis(500);

/// The first body is captured in one shard, and before that is committed the second in another.
fn meeting(db: &TestDatabase, first: &str, second: &str) -> TestApp {
    let world = TestApp::on(db);
    world.organisations("maker,乳业,producer");
    let app = &world.app;
    // Shards and addresses are there beforehand: nothing but the events can meet.
    let earlier = object("2", "OBSERVE", "storing", &["urn:x:unit:a"]);
    assert_eq!(world.capture("maker", &bare(&earlier)).recorded, 1);
    app.db
        .write(|conn| {
            app.ledger
                .shard(conn, &suyuan::ledger::ShardName::new("suyuan.events", 0))?;
            app.ledger
                .shard(conn, &suyuan::ledger::ShardName::new("suyuan.events", 1))
        })
        .unwrap();
    thread::scope(|scope| {
        let (done, wait) = mpsc::channel();
        app.db
            .write(|conn| {
                let receipt = capture_in(app, conn, 0, &[bare(first)]);
                scope.spawn(move || {
                    let receipt = app
                        .db
                        .write(|conn| capture_in(app, conn, 1, &[bare(second)]));
                    assert_eq!(receipt.unwrap().recorded, 1);
                    done.send(()).ok();
                });
                wait.recv_timeout(LONG_ENOUGH).ok();
                receipt
            })
            .unwrap();
    });
    world
}

fn assert_void(world: &TestApp, db: &TestDatabase) {
    let mut conn = db.conn();
    let voided: i64 = voids::table.select(count_star()).first(&mut conn).unwrap();
    assert_eq!(voided, 1);
    let report = app::verify(
        &world.app,
        &mut conn,
        &VerifyOptions::default(),
        &mut |_| {},
    )
    .unwrap();
    assert_eq!(report.bad, vec![]);
}

both! {
    fn the_same_import_twice_at_once_makes_one_of_it(db) {
        let world = TestApp::on(db);
        let app = &world.app;
        let import = |conn: &mut Conn| {
            parties::import_organisations(conn, &app.ledger, &world.giver(), b"id,name,role\nmaker,Maker,producer\n", false)
        };
        let (first, second) = thread::scope(|scope| {
            let (done, wait) = mpsc::channel();
            app.db
                .write(|conn| {
                    let first = import(conn)?;
                    let second = scope.spawn(move || {
                        let second = app.db.write(|conn| import(conn));
                        done.send(()).ok();
                        second
                    });
                    wait.recv_timeout(LONG_ENOUGH).ok();
                    Ok::<_, parties::Error>((first, second))
                })
                .map(|(first, second)| (first, second.join().unwrap().unwrap()))
                .unwrap()
        });

        assert_eq!((first.created, second.created, second.unchanged), (1, 0, 1));
    }

    fn a_declaration_beside_its_event_voids_it(db) {
        let event = object("1", "ADD", "commissioning", &["urn:x:unit:a"]);

        let world = meeting(db, &event, &declared("1"));

        assert_void(&world, db);
    }

    fn an_event_beside_its_declaration_is_void(db) {
        let event = object("1", "ADD", "commissioning", &["urn:x:unit:a"]);

        let world = meeting(db, &declared("1"), &event);

        assert_void(&world, db);
    }
}
