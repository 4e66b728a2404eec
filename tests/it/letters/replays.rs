//! Letters of a partition's shard, submitted again in this process.

use suyuan::app::{self, App, LetterList, Replay, ReplayOutcome, Replayed};
use suyuan::capture::{self, Authority, Batch, Content, Incoming, Letter, Part};
use suyuan::codes::Dictionary;
use suyuan::epcis::Timestamp;
use suyuan::ledger::{self, Expect, ShardName};
use suyuan::parties::Caller;

use crate::harness::app::{NOW, TestApp};
use crate::harness::database::TestDatabase;

const OPERATOR: Caller = Caller::Operator {
    user: String::new(),
    org: None,
};

/// Two days, in microseconds: further ahead than an event may be.
const TWO_DAYS: i64 = 2 * 24 * 3600 * 1_000_000;

/// An event of today.
fn event(number: u32) -> String {
    format!(
        r#"{{"type":"ObjectEvent","eventID":"urn:uuid:00000000-0000-4000-8000-{number:012}","eventTime":"2026-09-21T00:00:00Z","eventTimeZoneOffset":"+00:00","action":"OBSERVE","epcList":["urn:x:unit:{number}"],"own:n":1.50}}"#
    )
}

/// A document with a prefix of its own.
fn document(events: &[String]) -> String {
    format!(
        r#"{{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",{{"own":"https://own.example/"}}],"type":"EPCISDocument","schemaVersion":"2.0","creationDate":"2026-09-21T00:00:00Z","epcisBody":{{"eventList":[{}]}}}}"#,
        events.join(",")
    )
}

/// A world into whose topic these values came two days ago, when the events of today lay in the future.
fn world(db: &TestDatabase, values: &[String]) -> TestApp {
    let world = TestApp::on(db);
    world.organisations("maker,乳业,producer");
    let app = &world.app;
    let incoming = values
        .iter()
        .zip(0..)
        .map(|(value, offset)| Incoming {
            offset: Some(offset),
            record_time: Timestamp::from_micros(NOW.micros() - TWO_DAYS),
            content: Content::Value(value.clone().into_bytes()),
            signature: None,
        })
        .collect();
    let dictionary = Dictionary {
        master: &app.master,
        seal: &app.ledger.seal,
    };
    app.db
        .write(|conn| {
            let shard = app
                .ledger
                .shard(conn, &ShardName::new("suyuan.events", 0))?;
            let batch = Batch {
                shard: &shard,
                expect: Expect::Any,
                parts: vec![Part {
                    submitter: "maker",
                    authority: Authority::Any,
                    records: capture::read_all(incoming),
                }],
            };
            capture::record(conn, &app.ledger, dictionary, batch)
        })
        .unwrap();
    world
}

fn letters(app: &App, all: bool) -> Vec<Letter> {
    let list = LetterList {
        all,
        limit: 100,
        ..LetterList::default()
    };
    app::list_letters(app, &OPERATOR, &list).unwrap()
}

fn replay(app: &App, letter: &Letter, dry_run: bool) -> Replayed {
    let how = Replay {
        dry_run,
        ..Replay::default()
    };
    app::replay_letter(app, letter, how).unwrap()
}

/// The size of `http/0`.
fn http_size(app: &App) -> i64 {
    app.db
        .read(|conn| -> Result<i64, ledger::Error> {
            let shard = ledger::shards(conn)?
                .into_iter()
                .find(|shard| shard.name == ShardName::http());
            shard.map_or(Ok(0), |shard| Ok(ledger::head(conn, shard.number)?.size))
        })
        .unwrap()
}

fn check_whole(app: &App, db: &TestDatabase) {
    let options = app::VerifyOptions::default();
    let verified = app::verify(app, &mut db.conn(), &options, &mut |_| {}).unwrap();
    assert!(verified.ok, "{:?}", verified.bad);
    let rebuilt = app::check_rebuild(app, &mut db.conn(), &mut |_| {}).unwrap();
    assert!(rebuilt.equal);
}

both! {
    fn an_event_of_a_document_is_replayed_under_its_own_context(db) {
        let world = world(db, &[document(&[event(1), event(2)])]);
        let app = &world.app;
        let open = letters(app, false);
        let places: Vec<(&str, i64, i32)> = open.iter().map(|l| (l.shard.as_str(), l.offset, l.part)).collect();
        assert_eq!(places, [("suyuan.events/0", 0, 1), ("suyuan.events/0", 0, 2)]);
        assert!(open.iter().all(|letter| letter.submitter == "maker" && letter.faults.len() == 1));

        let tried = replay(app, &open[1], true);
        assert_eq!((tried.outcome, http_size(app)), (ReplayOutcome::Recorded, 0));
        assert_eq!(letters(app, false), open);
        let done = replay(app, &open[1], false);
        assert_eq!((done.outcome, done.recorded), (ReplayOutcome::Recorded, 1));

        // An envelope with the context, and the event's own bytes.
        assert_eq!(http_size(app), 2);
        let found = app.db.read(|conn| app::event_versions(conn, "urn:uuid:00000000-0000-4000-8000-000000000002")).unwrap();
        assert_eq!((found[0].event.get(), found[0].submitter.as_str()), (event(2).as_str(), "maker"));
        assert_eq!(letters(app, false), open[..1]);
        let all = letters(app, true);
        assert_eq!(all[1].replayed_at, Some(NOW.to_string()));
        check_whole(app, db);
    }

    fn what_is_known_by_now_is_marked_and_what_was_replayed_is_not_replayed_again(db) {
        let world = world(db, &[document(&[event(1)])]);
        let app = &world.app;
        let open = letters(app, false);
        world.capture("maker", &document(&[event(1)]));

        let done = replay(app, &open[0], false);
        assert_eq!((done.outcome, done.duplicates), (ReplayOutcome::Duplicate, 1));
        let size = http_size(app);
        // Somebody who still has the letter as it was.
        assert_eq!(replay(app, &open[0], false).outcome, ReplayOutcome::Already);
        assert_eq!(replay(app, &letters(app, true)[0], false).outcome, ReplayOutcome::Already);
        assert_eq!(http_size(app), size);
        check_whole(app, db);
    }

    fn what_is_refused_again_stays_and_leaves_no_second_letter(db) {
        let bad = event(1).replace("OBSERVE", "LOOK");
        let world = world(db, &[document(&[bad, event(2)]), "{\"type\":".to_owned()]);
        let app = &world.app;
        let open = letters(app, false);
        assert_eq!(open.len(), 3);

        let outcomes: Vec<ReplayOutcome> = open.iter().map(|letter| replay(app, letter, false).outcome).collect();
        assert_eq!(outcomes, [ReplayOutcome::Refused, ReplayOutcome::Recorded, ReplayOutcome::Refused]);
        let rules: Vec<String> = replay(app, &open[0], false).errors.iter().map(|fault| fault.rule.clone()).collect();
        assert_eq!(rules.len(), 1, "{rules:?}: the time is right now");
        assert_eq!(letters(app, false), [open[0].clone(), open[2].clone()]);
        assert_eq!(letters(app, true).len(), 3);
        assert_eq!(http_size(app), 2);
        check_whole(app, db);
    }

    fn another_event_under_its_id_is_a_conflict_and_no_replay(db) {
        let world = world(db, &[document(&[event(1)])]);
        let app = &world.app;
        world.capture("maker", &document(&[event(1).replace("1.50", "1.5")]));

        let done = replay(app, &letters(app, false)[0], false);

        assert_eq!((done.outcome, done.errors[0].rule.as_str()), (ReplayOutcome::Refused, "event-id-conflict"));
        assert_eq!(letters(app, false).len(), 1);
    }
}
