//! Two writers at the same instant, each in a shard of its own.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use diesel::dsl::count_star;
use diesel::prelude::*;
use suyuan::app::{self, VerifyOptions};
use suyuan::db::schema::voids;

use super::world::{bare, capture_in, declared, object};
use crate::harness::app::TestApp;
use crate::harness::database::TestDatabase;

/// The first body is captured in one shard, and before that is committed the second in another.
fn meeting(db: &TestDatabase, first: &str, second: &str) -> TestApp {
    let world = TestApp::on(db);
    world.organisations("maker,乳业,producer");
    let app = &world.app;
    // Both shards are there beforehand: only the events meet.
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
                // Time enough to finish for a writer that does not wait for this one.
                wait.recv_timeout(Duration::from_millis(500)).ok();
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
