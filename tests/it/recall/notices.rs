//! What is told of a recall: rows beside its orders, and records of the topic of notices.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use suyuan::app::Problem;
use suyuan::ingest::relaying_beside;
use suyuan::recall::{self, Action, Answer, Notice};

use super::given::*;
use crate::harness::app::TestApp;
use crate::harness::database::TestDatabase;
use crate::harness::kafka::{Received, Topic};
use crate::harness::process::Workplace;

/// Every notice that waits.
fn unsent(world: &TestApp) -> Vec<Notice> {
    world
        .app
        .db
        .write(|conn| recall::unsent(conn, 10_000))
        .unwrap()
}

fn payload(notice: &Notice) -> Value {
    serde_json::from_str(&notice.payload).unwrap()
}

fn kinds(notices: &[Notice]) -> Vec<&str> {
    notices.iter().map(|notice| notice.kind.as_str()).collect()
}

/// A chain whose notices go to this topic.
fn relayed(db: &TestDatabase, topic: &Topic) -> TestApp {
    let mut world = chain(db);
    topic
        .bootstrap()
        .clone_into(&mut world.app.config.kafka.brokers);
    topic.name().clone_into(&mut world.app.config.kafka.notices);
    world
}

/// Three recalls, whose orders take turns.
fn three_recalls(world: &TestApp) -> BTreeSet<String> {
    let opened: Vec<String> = [by_lot(MILK), by_serial(&tin(5)), by_serial(&tin(2))]
        .iter()
        .map(|request| opened(world, request).recall.unwrap())
        .collect();
    for action in [Action::Decide, Action::Notify, Action::Close, Action::Close] {
        for recall in &opened {
            acted(world, recall, action, "maker").unwrap();
        }
    }
    opened.into_iter().collect()
}

/// Each recall's ids, in the order in which they were first read; what was read again must be equal.
fn first_read(received: &[Received]) -> BTreeMap<String, Vec<String>> {
    let mut values = BTreeMap::new();
    let mut order: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for record in received {
        let value = record.value.clone().unwrap();
        let said: Value = serde_json::from_slice(&value).unwrap();
        let key = String::from_utf8(record.key.clone().unwrap()).unwrap();
        assert_eq!(said["recall"], key.as_str());
        let id = said["id"].as_str().unwrap().to_owned();
        match values.insert(id.clone(), (record.partition, value.clone())) {
            None => order.entry(key).or_default().push(id),
            Some(before) => assert_eq!(before, (record.partition, value)),
        }
    }
    order
}

/// The same of what was to be sent.
fn expected(notices: &[Notice]) -> BTreeMap<String, Vec<String>> {
    let mut order: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for notice in notices {
        order
            .entry(notice.key.clone())
            .or_default()
            .push(notice.id.clone());
    }
    order
}

both! {
    fn every_order_leaves_a_notice_and_one_for_each_task_it_changed(db) {
        let world = chain(db);
        let recall = opened(&world, &by_lot(MILK)).recall.unwrap();
        acted(&world, &recall, Action::Decide, "maker").unwrap();
        acted(&world, &recall, Action::Notify, "maker").unwrap();
        let answer = Answer { found: Some(3), quarantined: Some(2) };
        answered(&world, &recall, Action::Ack, "shop", answer).unwrap();
        acted(&world, &recall, Action::Close, "maker").unwrap();

        let notices = unsent(&world);

        assert_eq!(kinds(&notices), [
            "recall-opened",
            "recall-decided",
            "recall-notified",
            "recall-task",
            "recall-acknowledged",
            "recall-task",
            "recall-closed",
            "recall-task",
        ]);
        let ids: BTreeSet<&str> = notices.iter().map(|notice| notice.id.as_str()).collect();
        assert_eq!(ids.len(), notices.len());
        assert!(notices.is_sorted_by_key(|notice| (notice.seq, notice.part)));
        for notice in &notices {
            let said = payload(notice);
            assert_eq!((&said["id"], &said["recall"]), (&notice.id.as_str().into(), &recall.as_str().into()));
            assert_eq!((&notice.key, &said["kind"]), (&recall, &notice.kind.as_str().into()));
        }
        let scope = &payload(&notices[2])["scope"];
        assert_eq!((&scope["unit_count"], &scope["open_tasks"]), (&4.into(), &1.into()));
        let sent = &payload(&notices[3])["task"];
        assert_eq!((&sent["holder"], &sent["state"], &sent["unit_count"]), (&"shop".into(), &"sent".into(), &3.into()));
        let answered = &payload(&notices[5])["task"];
        assert_eq!((&answered["state"], &answered["found"], &answered["quarantined"]), (&"acknowledged".into(), &3.into(), &2.into()));
        assert_eq!(payload(&notices[6])["state"], "closed");
        let ended = payload(&notices[7]);
        assert_eq!((&ended["state"], &ended["task"]["holder"], &ended["scope"]), (&"closed".into(), &"shop".into(), &Value::Null), "a holder hears of the end");
    }

    fn an_extension_is_told_with_its_version(db) {
        let world = chain(db);
        let recall = opened(&world, &by_lot(MILK)).recall.unwrap();
        let told = unsent(&world).len();
        record(&world, &[filled_many("8", "16:00", MILK, &[tin(7)])]);
        extended(&world, &recall).unwrap();

        let notices = unsent(&world);

        assert_eq!(kinds(&notices[told..]), ["recall-extended"]);
        let said = payload(&notices[told]);
        assert_eq!((&said["version"], &said["scope"]["unit_count"]), (&2.into(), &5.into()));
    }

    fn an_order_that_is_not_given_tells_nothing(db) {
        let world = chain(db);
        let recall = opened(&world, &by_lot(MILK)).recall.unwrap();
        let before = unsent(&world);

        acted(&world, &recall, Action::Close, "maker").unwrap_err();
        let act = cancelling(&recall);
        let rolled_back: Result<(), Problem> = world.app.db.write(|conn| {
            recall::act(conn, &world.app.ledger, &operator("maker"), &world.giver(), &act)?;
            assert_eq!(recall::unsent(conn, 10)?.len(), before.len() + 1);
            Err(recall::Error::NothingAsked.into())
        });

        rolled_back.unwrap_err();
        assert_eq!(unsent(&world), before);
    }

    fn notices_reach_their_topic_in_the_order_of_each_recall(db) {
        let topic = Topic::new(3);
        let world = relayed(db, &topic);
        let recalls = three_recalls(&world);
        let notices = unsent(&world);

        relaying_beside(&world.app, &|_| {}, || ());
        relaying_beside(&world.app, &|_| {}, || ());

        let received = topic.read_all();
        assert_eq!(received.len(), notices.len(), "each was sent once");
        assert_eq!(first_read(&received), expected(&notices));
        assert_eq!(first_read(&received).into_keys().collect::<BTreeSet<_>>(), recalls);
        assert_eq!(unsent(&world), []);
    }

    fn many_that_send_at_once_keep_the_order_of_each_recall(db) {
        let topic = Topic::new(2);
        let world = relayed(db, &topic);
        three_recalls(&world);
        let notices = unsent(&world);

        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| relaying_beside(&world.app, &|_| {}, || ()));
            }
        });

        assert_eq!(first_read(&topic.read_all()), expected(&notices));
        assert_eq!(unsent(&world), []);
    }

    fn notices_stay_while_kafka_is_away(db) {
        let topic = Topic::new(1);
        let mut world = relayed(db, &topic);
        "127.0.0.1:9".clone_into(&mut world.app.config.kafka.brokers);
        opened(&world, &by_lot(MILK));
        let notices = unsent(&world);

        relaying_beside(&world.app, &|_| {}, || ());

        assert_eq!(unsent(&world), notices);
    }

    fn whoever_is_killed_before_he_notes_what_he_sent_sends_it_again_with_the_same_ids(db) {
        let (events, topic) = (Topic::new(1), Topic::new(2));
        let world = chain(db);
        let place = Workplace::on(db);
        copy_keys(&world, &place);
        place.configure(&format!(
            "[kafka]\nbrokers = {:?}\ntopic = {:?}\ngroup = {:?}\nsubmitter = \"maker\"\nnotices = {:?}\n",
            topic.bootstrap(), events.name(), events.name(), topic.name()
        ));
        three_recalls(&world);
        let sent_twice = unsent(&world);

        let running = place.start(["ingest", "--pause-notices", "1"]);
        running.stderr_line("standing at notices:1");
        let killed = running.kill();
        assert_eq!(killed.code, None, "a signal ended it: {killed:?}");
        assert_eq!(unsent(&world), sent_twice, "nothing is noted as sent");
        assert_eq!(topic.read_all().len(), sent_twice.len());
        three_recalls(&world);
        let notices = unsent(&world);
        place.run(["ingest", "--until-idle", "1s"]).expect_code(0);

        let received = topic.read_all();
        assert_eq!(received.len(), sent_twice.len() + notices.len());
        assert_eq!(first_read(&received), expected(&notices));
        assert_eq!(unsent(&world), []);
    }
}

/// The program in this place has the keys of the world.
fn copy_keys(world: &TestApp, place: &Workplace) {
    use std::os::unix::fs::DirBuilderExt as _;
    let to = place.path("keys");
    std::fs::DirBuilder::new().mode(0o700).create(&to).unwrap();
    for entry in std::fs::read_dir(&world.app.config.keys.dir).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}
