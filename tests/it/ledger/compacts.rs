//! Compaction beside live writes, and killed at any moment: nothing is lost, nothing is wrong.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use suyuan::app::{self, App, Clock, Config, KeyFolder, VerifyOptions};
use suyuan::capture::ErrorBehaviour;
use suyuan::ledger::Giver;
use suyuan::parties;
use suyuan::parties::Caller;
use suyuan::trace::evaluate::{Direction, Window};
use suyuan::trace::store::{self, log_digest};

use crate::harness::app::{NOW, TestApp};
use crate::harness::database::TestDatabase;
use crate::harness::process::Workplace;

const CASES: usize = 40;

/// The n-th of the cases, each in a block of its own.
fn case(n: usize) -> String {
    format!("https://example.com/case/{}/{n}", n % 7)
}

/// A body with one event that sees every case: each capture adds a row to each of their logs.
fn sighting(n: usize) -> String {
    let epcs: Vec<String> = (0..CASES).map(|n| format!("{:?}", pallet(n))).collect();
    let (epcs, other) = (epcs.join(","), case(n));
    format!(
        r#"{{"@context":"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld","type":"EPCISDocument","schemaVersion":"2.0","creationDate":"2026-09-01T00:00:00Z","epcisBody":{{"eventList":[{{"type":"ObjectEvent","eventTime":"2026-09-01T10:{:02}:{:02}Z","eventTimeZoneOffset":"+00:00","action":"OBSERVE","epcList":[{epcs},{other:?}],"bizStep":"inspecting"}}]}}}}"#,
        n / 60 % 60,
        n % 60
    )
}

/// An SSCC in a block of its own.
fn pallet(n: usize) -> String {
    let digits = format!("09521234{:09}", n * 4_096);
    let sum: u32 = digits
        .bytes()
        .zip([3, 1].into_iter().cycle())
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    format!("https://id.gs1.org/00/{digits}{}", (10 - sum % 10) % 10)
}

fn operator() -> Caller {
    Caller::Operator {
        user: "test".into(),
        org: None,
    }
}

/// What is said of one pallet, as it is printed.
fn told(app: &App) -> String {
    let traced = app::trace(
        app,
        &operator(),
        Direction::Backward,
        &pallet(3),
        Window::default(),
        None,
    )
    .unwrap();
    serde_json::to_string(&traced).unwrap()
}

fn check(app: &App) {
    app.db
        .read(|conn| {
            let verified = app::verify(app, conn, &VerifyOptions::default(), &mut |_| {})?;
            assert_eq!(verified.bad, vec![]);
            let rebuilt = app::check_rebuild(app, conn, &mut |_| {})?;
            assert!(rebuilt.equal, "{rebuilt:?}");
            Ok::<_, suyuan::app::Problem>(())
        })
        .unwrap();
}

both! {
    fn an_answer_is_the_same_to_the_byte_before_and_after(db) {
        let world = TestApp::on(db);
        world.organisations("dairy,Dairy,producer");
        for n in 0..12 {
            world.capture("dairy", &sighting(n));
        }
        let before = (told(&world.app), db.read(log_digest).unwrap());
        check(&world.app);

        let report = app::compact(&world.app, &AtomicBool::new(false), &mut |_| {}).unwrap();

        assert!(report.logs >= 40 && report.rows_after == report.logs, "{report:?}");
        assert!(report.rows_before >= 40 * 12, "{report:?}");
        assert_eq!(told(&world.app), before.0);
        let after = db.read(log_digest).unwrap();
        assert_eq!(after.hash, before.1.hash);
        assert!(after.rows < before.1.rows);
        check(&world.app);
    }

    fn captures_go_on_beside_a_compaction(db) {
        let world = TestApp::on(db);
        world.organisations("dairy,Dairy,producer");
        let over = AtomicBool::new(false);
        let mut rows_before = 0;

        std::thread::scope(|scope| {
            let captures = scope.spawn(|| {
                for n in 0..60 {
                    let receipt = world.capture("dairy", &sighting(n));
                    assert_eq!(receipt.recorded, 1, "{receipt:?}");
                }
                over.store(true, Ordering::SeqCst);
            });
            while !over.load(Ordering::SeqCst) && !captures.is_finished() {
                let report = app::compact(&world.app, &AtomicBool::new(false), &mut |_| {}).unwrap();
                rows_before += report.rows_before;
            }
            captures.join().unwrap();
        });

        assert!(rows_before > 0);
        check(&world.app);
        let traced: serde_json::Value = serde_json::from_str(&told(&world.app)).unwrap();
        assert_eq!(traced["events"].as_array().unwrap().len(), 60);
    }

    fn a_compaction_killed_at_any_moment_leaves_a_sound_index(db) {
        let workplace = Workplace::on(db);
        let app = open(db, &workplace);
        for n in 0..12 {
            let receipt = app::capture_local(&app, "dairy", sighting(n).into_bytes(), ErrorBehaviour::Proceed);
            assert_eq!(receipt.unwrap().recorded, 1);
        }
        let before = db.read(log_digest).unwrap();

        for wait in [0, 5, 10, 15, 20, 30, 40, 60] {
            let running = workplace.start(["compact"]);
            std::thread::sleep(Duration::from_millis(wait));
            running.kill();
            assert_eq!(db.read(log_digest).unwrap().hash, before.hash);
        }
        check(&app);

        let report = workplace.run(["compact", "--json"]).expect_code(0).json();
        assert!(report["bytes_after"].as_i64().unwrap() > 0, "{report}");
        let left = db.read(|conn| store::scattered(conn, None, 2, 10)).unwrap();
        assert_eq!(left, vec![]);
        assert_eq!(db.read(log_digest).unwrap().hash, before.hash);
        check(&app);
    }
}

/// The program on the keys of a workplace.
fn open(db: &TestDatabase, workplace: &Workplace) -> App {
    KeyFolder::init(&workplace.path("keys")).unwrap();
    let mut config = Config::default();
    config.database.url = db.address();
    config.database.pool = 2;
    config.keys.dir = workplace.path("keys");
    "suyuan.test".clone_into(&mut config.ledger.origin);
    let app = App::open(config, Clock::standing(NOW)).unwrap();
    let giver = Giver {
        by: "cli:test".into(),
        on_behalf_of: None,
        at: NOW,
    };
    let csv = b"id,name,role\ndairy,Dairy,producer\n";
    let done = app
        .db
        .write(|conn| parties::import_organisations(conn, &app.ledger, &giver, csv, false))
        .unwrap();
    assert_eq!(done.refused, vec![]);
    app
}
