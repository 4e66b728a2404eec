//! Many who capture at one time: each gets its own answer, and what was acknowledged stays.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use serde_json::{Value, json};
use suyuan::db::Conn;

use super::given::{PALLET, document, id, seen};
use crate::harness::database::TestDatabase;
use crate::harness::site::Site;

const WRITERS: u32 = 16;

/// How many acknowledgements there are when the server is struck.
const BEFORE_THE_END: usize = 60;

/// What writer `n` sends as its number `i`, and the statuses that it may be answered with.
fn sent(n: u32, i: u32) -> (&'static str, String, &'static [u16]) {
    match i % 5 {
        0 | 1 => ("dairy", seen(&id(n * 100 + i), PALLET).to_string(), &[201]),
        // The same id from everybody, and each says otherwise: one is first.
        2 => {
            let mut event = seen(&id(90_000 + i), PALLET);
            event["eventTime"] = json!(format!("2026-11-01T08:{n:02}:00Z"));
            ("dairy", event.to_string(), &[201, 409])
        }
        // What happened at the plant is not the other dairy's to say.
        3 => ("other", foreign(n * 100 + i), &[403]),
        _ => ("dairy", "{\"type\": \"ObjectEvent\"}".to_owned(), &[400]),
    }
}

fn foreign(number: u32) -> String {
    let mut event = seen(&id(number), PALLET);
    event["epcList"] = json!(["https://id.gs1.org/01/09521234543220/21/1"]);
    event["action"] = json!("ADD");
    event["bizStep"] = json!("commissioning");
    event.to_string()
}

fn event_id(body: &str) -> String {
    let event: Value = serde_json::from_str(body).unwrap();
    event["eventID"].as_str().unwrap().to_owned()
}

both! {
    fn each_of_many_gets_its_own_answer(db) {
        let site = Site::on(db);
        let answers: Vec<(u32, u16, String)> = thread::scope(|scope| {
            let writers: Vec<_> = (0..WRITERS)
                .map(|n| {
                    let site = &site;
                    scope.spawn(move || {
                        let mut answers = Vec::new();
                        for i in 0..10 {
                            let (org, body, allowed) = sent(n, i);
                            let reply = site.org(org).post("/epcis/events", &body);
                            assert!(allowed.contains(&reply.status), "{i}: {reply:?}");
                            answers.push((i, reply.status, body));
                        }
                        answers
                    })
                })
                .collect();
            writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
        });

        let mut first: BTreeMap<u32, usize> = BTreeMap::new();
        for (i, status, body) in &answers {
            if *status == 201 {
                site.org("dairy").get(&format!("/epcis/events/{}", event_id(body))).expect(200);
            }
            if i % 5 == 2 {
                *first.entry(*i).or_default() += usize::from(*status == 201);
            }
        }
        assert_eq!(first, BTreeMap::from([(2, 1), (7, 1)]), "one of them is first");
        site.run(["verify"]).expect_code(0);
        site.run(["rebuild", "--check"]).expect_code(0);
    }

    fn documents_of_many_leave_a_job_each_and_a_bad_one_takes_none_along(db) {
        let site = Site::on(db);
        let jobs: Vec<(bool, Value)> = thread::scope(|scope| {
            let writers: Vec<_> = (0..WRITERS)
                .map(|n| {
                    let site = &site;
                    scope.spawn(move || {
                        let dairy = site.org("dairy");
                        let mut events = vec![seen(&id(n * 100), PALLET), seen(&id(n * 100 + 1), PALLET)];
                        let is_bad = n % 4 == 0;
                        if is_bad {
                            // Two events of one id that say otherwise undo the document.
                            events[1]["eventID"] = events[0]["eventID"].clone();
                            events[1]["bizStep"] = json!("shipping");
                        }
                        let captured = dairy.post("/epcis/capture", &document(&events)).expect(202);
                        (is_bad, dairy.get(captured.header("location").unwrap()).expect(200).json())
                    })
                })
                .collect();
            writers.into_iter().map(|writer| writer.join().unwrap()).collect()
        });
        for (is_bad, job) in &jobs {
            let recorded = if *is_bad { 0 } else { 2 };
            assert_eq!((&job["success"], &job["recorded"]), (&json!(!is_bad), &json!(recorded)), "{job}");
        }
        site.run(["verify"]).expect_code(0);
    }

    fn what_was_acknowledged_before_the_power_went_is_there(db) {
        let mut site = Site::on(db);
        let acknowledged = AtomicUsize::new(0);
        let kept: Vec<String> = thread::scope(|scope| {
            let writers: Vec<_> = (0..WRITERS)
                .map(|n| {
                    let (site, acknowledged) = (&site, &acknowledged);
                    scope.spawn(move || {
                        let mut kept = Vec::new();
                        for i in 0.. {
                            let id = id(n * 10_000 + i);
                            let body = seen(&id, PALLET).to_string();
                            let Some(reply) = site.org("dairy").try_post("/epcis/events", &body) else {
                                return kept;
                            };
                            assert_eq!(reply.status, 201, "{reply:?}");
                            kept.push(id);
                            if acknowledged.fetch_add(1, Ordering::SeqCst) + 1 == BEFORE_THE_END {
                                site.strike();
                            }
                        }
                        kept
                    })
                })
                .collect();
            writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
        });
        assert!(BEFORE_THE_END <= kept.len());

        site.start_again();

        for id in &kept {
            site.org("dairy").get(&format!("/epcis/events/{id}")).expect(200);
        }
        site.run(["verify"]).expect_code(0);
        site.run(["rebuild", "--check"]).expect_code(0);
    }
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Waits until somebody waits for a lock in this database.
fn wait_for_a_lock(conn: &mut Conn) {
    let waiting = "SELECT count(*) AS count FROM pg_stat_activity \
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while diesel::sql_query(waiting)
        .get_result::<Count>(conn)
        .unwrap()
        .count
        == 0
    {
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_server_that_stands_still_in_a_capture_does_not_hold_up_the_others_for_ever() {
    let database = TestDatabase::postgres();
    let site = Site::on(&database);
    let other = site.replica();
    let [first, second, third] = [1, 2, 3].map(|number| seen(&id(number), PALLET).to_string());
    site.org("dairy").post("/epcis/events", &first).expect(201);

    thread::scope(|scope| {
        // It waits for the head of the shard, gets it, and goes no further.
        let mut holder = database.conn();
        holder
            .batch_execute("BEGIN; SELECT 1 FROM ledger_heads FOR UPDATE")
            .unwrap();
        let still = scope.spawn(|| site.org("dairy").post("/epcis/events", &second));
        wait_for_a_lock(&mut database.conn());
        site.freeze(true);
        holder.batch_execute("COMMIT").unwrap();

        let captured = site.org("dairy").at(&other).post("/epcis/events", &third);

        site.freeze(false);
        captured.expect(201);
        still.join().unwrap().problem(503);
    });
    site.org("dairy").post("/epcis/events", &second).expect(201);
    site.run(["verify"]).expect_code(0);
}
