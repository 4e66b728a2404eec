//! A database that goes away: every answer says so, nothing is half-written, and it goes on by itself.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use suyuan::db::{Conn, DatabaseUrl, migrate};

use super::given::{PALLET, id, seen};
use crate::harness::server::{Kind, OwnServer};
use crate::harness::site::{MILK, Site};

/// How long a restarted server may need until it is found again.
const PATIENCE: Duration = Duration::from_mins(1);

fn leaves(url: &DatabaseUrl) -> i64 {
    let mut conn = Conn::open(url).unwrap();
    suyuan::ledger::position(&mut conn)
        .unwrap()
        .0
        .values()
        .sum()
}

#[test]
fn a_database_that_is_gone_is_a_problem_and_not_the_end() {
    let server = OwnServer::new(Kind::Postgres);
    let url: DatabaseUrl = server.address().parse().unwrap();
    migrate::run(&mut Conn::open(&url).unwrap()).unwrap();
    let site = Site::at_address(server.address());
    let serial = site.issue("L1", 1).remove(0);
    let scan = format!("/01/{MILK}/21/{serial}");
    let body = seen(&id(1), PALLET).to_string();
    let before = leaves(&url);
    site.anyone().get(&scan).expect(200);

    server.kill();
    let captured = site.org("dairy").post("/epcis/events", &body).problem(503);
    // Those that come at one time are refused together.
    let together: Vec<Value> = thread::scope(|scope| {
        let writers: Vec<_> = (2..8)
            .map(|number| {
                let (site, body) = (&site, seen(&id(number), PALLET).to_string());
                scope.spawn(move || site.org("dairy").post("/epcis/events", &body).problem(503))
            })
            .collect();
        let answers = writers.into_iter().map(|writer| writer.join().unwrap());
        answers.collect()
    });
    let page = site.anyone().get(&scan).expect(503);
    let data = site
        .anyone()
        .get_with(&scan, &[("Accept", "application/json")])
        .problem(503);
    let ready = site.anyone().get("/readyz").problem(503);
    site.anyone().get("/healthz").expect(200);

    assert!(page.text.contains("服务暂时不可用"), "{page:?}");
    for problem in together.iter().chain([&captured, &data, &ready]) {
        let text = problem.to_string();
        for told in ["postgres@", "127.0.0.1"] {
            assert!(!text.contains(told), "no address is told: {text}");
        }
    }

    server.start();
    assert_eq!(leaves(&url), before);
    let asked = Instant::now();
    let recorded = loop {
        let reply = site.org("dairy").post("/epcis/events", &body);
        if reply.status != 503 || PATIENCE < asked.elapsed() {
            break reply;
        }
        thread::sleep(Duration::from_millis(200));
    };
    recorded.expect(201);
    site.anyone().get(&scan).expect(200);
    site.anyone().get("/readyz").expect(200);
    assert_eq!(leaves(&url), before + 1);
}
