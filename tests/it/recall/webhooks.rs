//! Notices that are sent to webhooks: to whom, signed by what, again after failures, in the order of each recall.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use diesel::prelude::*;
use diesel::sql_types::Binary;
use suyuan::app::{self, Clock, NewTarget, Problem};
use suyuan::jobs::send_all_due;
use suyuan::parties::{Caller, Role};
use suyuan::recall::{self, Action, Answer, Notice};
use suyuan::webhooks::{self, ATTEMPTS_MAX, DeliveryQuery, DeliveryView, NewWebhook};

use super::given::*;
use crate::harness::app::{NOW, TestApp};
use crate::harness::database::TestDatabase;
use crate::harness::receiver::{Heard, Receiver};

const SECOND: i64 = 1_000_000;

/// A chain that may send to this machine, and its clock.
fn world(db: &TestDatabase) -> (TestApp, Arc<AtomicI64>) {
    let mut world = chain(db);
    world.app.config.webhooks.plain_http = true;
    world.app.config.webhooks.allow = "127.0.0.0/8".parse().unwrap();
    let clock = Arc::new(AtomicI64::new(NOW.micros()));
    world.app.clock = Clock::Set(Arc::clone(&clock));
    (world, clock)
}

/// The operator, who looks after everybody's.
fn anybody() -> Caller {
    Caller::Operator {
        user: "test".into(),
        org: None,
    }
}

fn registered(world: &TestApp, org: &str, receiver: &Receiver, kinds: &[&str]) -> NewWebhook {
    let kinds: Vec<String> = kinds.iter().map(ToString::to_string).collect();
    let wanted = NewTarget {
        url: &receiver.url(&format!("/of/{org}")),
        kinds: &kinds,
    };
    app::register_webhook(&world.app, &operator(org), wanted).unwrap()
}

fn deliveries(world: &TestApp, webhook: &NewWebhook) -> Vec<DeliveryView> {
    let query = DeliveryQuery {
        state: None,
        after: None,
        rows: 1_000,
    };
    let mut found =
        app::webhook_deliveries(&world.app, &anybody(), &webhook.webhook.id, query).unwrap();
    found.reverse();
    found
}

fn states(world: &TestApp, webhook: &NewWebhook) -> Vec<(String, i32)> {
    deliveries(world, webhook)
        .into_iter()
        .map(|delivery| (delivery.state, delivery.attempts))
        .collect()
}

/// Every notice there is.
fn notices(world: &TestApp) -> Vec<Notice> {
    world
        .app
        .db
        .write(|conn| recall::unsent(conn, 10_000))
        .unwrap()
}

fn ids_of(notices: &[Notice]) -> Vec<String> {
    notices.iter().map(|notice| notice.id.clone()).collect()
}

/// A recall of the milk that is told to its holder.
fn notified(world: &TestApp) -> String {
    let recall = opened(world, &by_lot(MILK)).recall.unwrap();
    acted(world, &recall, Action::Decide, "maker").unwrap();
    acted(world, &recall, Action::Notify, "maker").unwrap();
    recall
}

fn send(world: &TestApp) {
    send_all_due(&world.app).unwrap();
}

/// The ids by recall, in the order in which they were heard.
fn by_recall(heard: &[Heard]) -> BTreeMap<String, Vec<String>> {
    let mut order: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for heard in heard {
        let recall = heard.json()["recall"].as_str().unwrap().to_owned();
        order.entry(recall).or_default().push(heard.id().to_owned());
    }
    order
}

both! {
    fn each_is_sent_what_it_may_read_signed_and_in_order(db) {
        let (world, _) = world(db);
        let everybody = ["maker", "shop", "kiosk", "office"];
        let all = everybody.map(|_| Receiver::content());
        let hooks: Vec<NewWebhook> = everybody
            .iter()
            .zip(&all)
            .map(|(org, receiver)| registered(&world, org, receiver, &[]))
            .collect();
        let recall = notified(&world);
        let answer = Answer { found: Some(3), quarantined: Some(3) };
        answered(&world, &recall, Action::Ack, "shop", answer).unwrap();

        send(&world);
        send(&world);

        let notices = notices(&world);
        let of_shop: Vec<Notice> = notices.iter().filter(|notice| notice.kind == "recall-task").cloned().collect();
        assert_eq!((notices.len(), of_shop.len()), (6, 2));
        for (receiver, expected) in all.iter().zip([&notices, &of_shop, &Vec::new(), &notices]) {
            assert_eq!(receiver.ids(), ids_of(expected));
        }
        for (heard, notice) in all[0].heard().iter().zip(&notices) {
            assert_eq!(heard.line, "POST /of/maker HTTP/1.1");
            assert_eq!(heard.body, notice.payload);
            assert_eq!(heard.headers["content-type"], "application/json");
            assert_eq!(heard.headers["webhook-timestamp"], (NOW.micros() / SECOND).to_string());
            assert_eq!(heard.signature_of(&hooks[0].secret.reveal()), Some(0));
            assert_eq!(heard.signature_of(&hooks[1].secret.reveal()), None, "another's secret");
        }
        assert_eq!(states(&world, &hooks[0]), vec![("delivered".to_owned(), 1); 6]);
    }

    fn who_says_to_be_a_regulator_and_is_none_is_sent_its_own_alone(db) {
        let (world, _) = world(db);
        let receiver = Receiver::content();
        let url = receiver.url("/");
        let wanted = NewTarget { url: &url, kinds: &[] };
        app::register_webhook(&world.app, &bearer("kiosk", Role::Regulator), wanted).unwrap();
        let seen = app::register_webhook(&world.app, &bearer("office", Role::Regulator), wanted).unwrap();

        notified(&world);
        send(&world);

        assert_eq!(receiver.ids(), ids_of(&notices(&world)));
        assert_eq!(deliveries(&world, &seen).len(), 4);
    }

    fn only_the_kinds_asked_for_are_sent(db) {
        let (world, _) = world(db);
        let receiver = Receiver::content();
        registered(&world, "maker", &receiver, &["recall-decided", "recall-task", "recall-task"]);

        notified(&world);
        send(&world);

        let kinds: Vec<String> = receiver.heard().iter().map(|heard| heard.json()["kind"].to_string()).collect();
        assert_eq!(kinds, ["\"recall-decided\"", "\"recall-task\""]);
    }

    fn an_order_that_is_not_given_leaves_nothing_to_deliver(db) {
        let (world, _) = world(db);
        let receiver = Receiver::content();
        let hook = registered(&world, "maker", &receiver, &[]);
        let recall = opened(&world, &by_lot(MILK)).recall.unwrap();
        let act = cancelling(&recall);

        let rolled_back: Result<(), Problem> = world.app.db.write(|conn| {
            recall::act(conn, &world.app.ledger, &operator("maker"), &world.giver(), &act)?;
            Err(recall::Error::NothingAsked.into())
        });

        rolled_back.unwrap_err();
        assert_eq!(states(&world, &hook), [("waiting".to_owned(), 0)]);
    }

    fn what_fails_is_tried_again_later_and_holds_back_its_own_recall_alone(db) {
        let (world, clock) = world(db);
        let receiver = Receiver::answering(|_, before| match before {
            0 => "503 Busy".to_owned(),
            1 => "500 Broken\r\nretry-after: 60".to_owned(),
            _ => "200 OK".to_owned(),
        });
        let hook = registered(&world, "maker", &receiver, &[]);
        let first = opened(&world, &by_lot(MILK)).recall.unwrap();
        let pass = |seconds: i64| {
            clock.fetch_add(seconds * SECOND, Ordering::SeqCst);
            send(&world);
            receiver.heard().len()
        };

        assert_eq!(pass(0), 1);
        let waiting = deliveries(&world, &hook).remove(0);
        assert_eq!((waiting.attempts, waiting.last_error.as_deref()), (1, Some("answered 503")));
        acted(&world, &first, Action::Decide, "maker").unwrap();
        assert_eq!(pass(3), 1, "too early, and the second notice waits for the first");
        assert_eq!(pass(4), 2);
        assert_eq!(pass(50), 2, "the receiver asked for a minute");
        let second = opened(&world, &by_serial(&tin(5))).recall.unwrap();
        assert_eq!(pass(0), 3, "another recall need not wait");
        assert_eq!(pass(10), 5);

        let order = by_recall(&receiver.heard());
        let notices = notices(&world);
        let of = |recall: &str| -> Vec<String> {
            notices.iter().filter(|notice| notice.key == recall).map(|notice| notice.id.clone()).collect()
        };
        let (a, b) = (of(&first), of(&second));
        assert_eq!(order[&second], b);
        assert_eq!(order[&first], [&a[0], &a[0], &a[0], &a[1]].map(String::clone));
        assert_eq!(states(&world, &hook), [("delivered", 3), ("delivered", 1), ("delivered", 1)].map(|(state, n)| (state.to_owned(), n)));
    }

    fn what_fails_for_days_is_given_up_visibly_and_can_be_sent_again(db) {
        let (world, clock) = world(db);
        let receiver = Receiver::answering(|heard, before| {
            let is_first = heard.json()["kind"] == "recall-opened";
            let answer = if is_first && before < 14 { "500 Broken" } else { "200 OK" };
            answer.to_owned()
        });
        let hook = registered(&world, "maker", &receiver, &[]);
        let recall = opened(&world, &by_lot(MILK)).recall.unwrap();
        acted(&world, &recall, Action::Decide, "maker").unwrap();

        for _ in 0..ATTEMPTS_MAX + 3 {
            send(&world);
            clock.fetch_add(15 * 3_600 * SECOND, Ordering::SeqCst);
        }

        let ids = ids_of(&notices(&world));
        let mut expected = vec![ids[0].clone(); 14];
        expected.push(ids[1].clone());
        assert_eq!(receiver.ids(), expected, "the second goes out when the first is given up");
        let failed = deliveries(&world, &hook).remove(0);
        assert_eq!((failed.state.as_str(), failed.attempts), ("failed", 14));
        assert!(failed.ended_at.is_some() && failed.next_attempt_at.is_none(), "{failed:?}");
        let again = app::resend_notice(&world.app, &operator("maker"), &hook.webhook.id, &ids[0]).unwrap();
        assert_eq!((again.state.as_str(), again.attempts), ("waiting", 0));
        send(&world);
        assert_eq!(receiver.ids().last(), Some(&ids[0]), "with the same id");
        assert_eq!(states(&world, &hook), vec![("delivered".to_owned(), 1); 2]);
    }

    fn a_receiver_that_is_gone_is_left_alone_until_it_is_enabled(db) {
        let (world, clock) = world(db);
        let receiver = Receiver::answering(|_, before| match before {
            0 => "410 Gone".to_owned(),
            _ => "202 Accepted".to_owned(),
        });
        let hook = registered(&world, "maker", &receiver, &[]);
        let id = &hook.webhook.id;
        let recall = opened(&world, &by_lot(MILK)).recall.unwrap();
        send(&world);
        acted(&world, &recall, Action::Decide, "maker").unwrap();
        clock.fetch_add(86_400 * SECOND, Ordering::SeqCst);
        send(&world);

        assert_eq!(receiver.heard().len(), 1);
        let shown = app::show_webhook(&world.app, &operator("maker"), id).unwrap();
        assert_eq!((shown.enabled, shown.disabled_reason.as_deref()), (false, Some("the receiver answered 410 Gone")));
        assert_eq!(states(&world, &hook), [("waiting", 1), ("waiting", 0)].map(|(state, n)| (state.to_owned(), n)));
        let backlog = world.app.db.read(webhooks::backlog).unwrap();
        assert_eq!((backlog.waiting, backlog.oldest), (0, None), "nobody is to be woken for it");
        app::enable_webhook(&world.app, &operator("maker"), id).unwrap();
        send(&world);
        assert_eq!(receiver.ids()[1..], ids_of(&notices(&world)));
    }

    fn while_secrets_change_both_sign_and_then_the_new_one_alone(db) {
        let (world, clock) = world(db);
        let receiver = Receiver::content();
        let old = registered(&world, "maker", &receiver, &[]);
        let recall = opened(&world, &by_lot(MILK)).recall.unwrap();
        send(&world);
        let new = app::rotate_webhook(&world.app, &operator("maker"), &old.webhook.id, 2).unwrap();
        acted(&world, &recall, Action::Decide, "maker").unwrap();
        send(&world);
        clock.fetch_add(2 * 3_600 * SECOND, Ordering::SeqCst);
        acted(&world, &recall, Action::Notify, "maker").unwrap();
        send(&world);

        let heard = receiver.heard();
        let signed = |secret: &NewWebhook| -> Vec<Option<usize>> {
            heard.iter().map(|heard| heard.signature_of(&secret.secret.reveal())).collect()
        };
        assert_eq!(signed(&old), [Some(0), Some(1), None, None]);
        assert_eq!(signed(&new), [None, Some(0), Some(0), Some(0)]);
        assert!(new.webhook.old_secret_until.is_some());
        let at_once = app::rotate_webhook(&world.app, &operator("maker"), &old.webhook.id, 0).unwrap();
        assert_eq!(at_once.webhook.old_secret_until, None);
    }

    fn no_secret_stands_in_the_database_as_it_is(db) {
        #[derive(QueryableByName)]
        struct Sealed {
            #[diesel(sql_type = Binary)]
            secret: Vec<u8>,
        }
        let (world, _) = world(db);
        let hook = registered(&world, "maker", &Receiver::content(), &[]);
        let text = hook.secret.reveal();
        let key = text.strip_prefix("whsec_").unwrap();

        let sealed: Vec<Sealed> = diesel::sql_query("SELECT secret FROM webhooks").load(&mut db.conn()).unwrap();
        let bytes = STANDARD.decode(key).unwrap();
        let has = |part: &[u8]| sealed[0].secret.windows(part.len()).any(|window| window == part);
        assert!(!has(&bytes) && !has(key.as_bytes()) && !has(&bytes[..8]));
        let shown = serde_json::to_string(&hook.webhook).unwrap();
        assert!(!shown.contains(key), "{shown}");
        assert!(!format!("{hook:?}").contains(key));
    }

    fn with_other_keys_nothing_is_sent_unsigned(db) {
        let (world, _) = world(db);
        let receiver = Receiver::content();
        let hook = registered(&world, "maker", &receiver, &[]);
        opened(&world, &by_lot(MILK)).recall.unwrap();
        diesel::sql_query("UPDATE webhooks SET id = 'wh_another'").execute(&mut db.conn()).unwrap();
        diesel::sql_query("UPDATE webhook_deliveries SET webhook = 'wh_another'").execute(&mut db.conn()).unwrap();
        let moved = NewWebhook { webhook: webhooks::WebhookView { id: "wh_another".into(), ..hook.webhook.clone() }, ..hook };

        send(&world);

        assert_eq!(receiver.heard(), []);
        let error = deliveries(&world, &moved).remove(0).last_error;
        assert_eq!(error.as_deref(), Some("the secret could not be opened: rotate it"));
    }

    fn a_network_that_is_closed_later_is_not_called_any_more(db) {
        let (mut world, _) = world(db);
        let receiver = Receiver::content();
        let hook = registered(&world, "maker", &receiver, &[]);
        opened(&world, &by_lot(MILK));
        world.app.config.webhooks.allow = "127.0.0.2".parse().unwrap();

        send(&world);

        assert_eq!(receiver.heard(), []);
        let error = deliveries(&world, &hook).remove(0).last_error;
        assert_eq!(error.as_deref(), Some("the host lies in a network that notices are not sent to"));
    }

    fn who_dies_after_sending_leaves_it_to_be_sent_again_with_the_same_id(db) {
        let (world, clock) = world(db);
        let receiver = Receiver::content();
        let hook = registered(&world, "maker", &receiver, &[]);
        let recall = opened(&world, &by_lot(MILK)).recall.unwrap();
        acted(&world, &recall, Action::Decide, "maker").unwrap();
        let ids = ids_of(&notices(&world));
        let (app, id) = (&world.app, &hook.webhook.id);
        // Takes the lease and the notice, and is not heard of until the lease is over.
        let now = app.clock.now();
        let dead = app.db.write(|conn| webhooks::claim(conn, &app.webhook_key, id, now)).unwrap().unwrap();
        let parcel = app.db.write(|conn| webhooks::begin(conn, &dead, now)).unwrap().unwrap();
        assert_eq!(parcel.id(), ids[0]);

        send(&world);
        assert_eq!(receiver.ids(), [""; 0], "one at a time");
        clock.fetch_add(31 * SECOND, Ordering::SeqCst);
        send(&world);
        assert_eq!(receiver.ids(), ids);

        // It was not dead: what it says now changes nothing, and it gets no further notice.
        let now = app.clock.now();
        let late = webhooks::Outcome::failed(webhooks::Failure::Late);
        app.db.write(|conn| webhooks::note(conn, &dead, &parcel, late, 0, now)).unwrap();
        assert!(app.db.write(|conn| webhooks::begin(conn, &dead, now)).unwrap().is_none());
        assert_eq!(states(&world, &hook), vec![("delivered".to_owned(), 1); 2]);
    }

    fn deliveries_that_ended_long_ago_are_forgotten_and_those_that_wait_are_not(db) {
        let (world, clock) = world(db);
        let receiver = Receiver::answering(|_, _| "200 OK".to_owned());
        let webhook = registered(&world, "maker", &receiver, &[]);
        let recall = opened(&world, &by_lot(MILK)).recall.unwrap();
        send(&world);
        assert_eq!(deliveries(&world, &webhook).len(), 1);

        let days = |days: i64| clock.store(NOW.micros() + days * 86_400_000_000, Ordering::SeqCst);
        days(89);
        acted(&world, &recall, Action::Decide, "maker").unwrap();
        send(&world);
        assert_eq!(deliveries(&world, &webhook).len(), 2, "it is told of for 90 days");
        days(91);
        acted(&world, &recall, Action::Notify, "maker").unwrap();
        send(&world);

        let kinds: Vec<String> = deliveries(&world, &webhook).into_iter().map(|delivery| delivery.kind).collect();
        assert_eq!(kinds, ["recall-decided", "recall-notified", "recall-task"]);
    }

    fn many_that_send_at_once_send_each_notice_once_and_in_order(db) {
        let (world, _) = world(db);
        let receivers: Vec<Receiver> = (0..3).map(|_| Receiver::answering(|_, _| {
            std::thread::sleep(std::time::Duration::from_millis(20));
            "200 OK".to_owned()
        })).collect();
        for receiver in &receivers {
            registered(&world, "maker", receiver, &[]);
        }
        let recalls: Vec<String> = [by_lot(MILK), by_serial(&tin(5))]
            .iter()
            .map(|request| opened(&world, request).recall.unwrap())
            .collect();
        for action in [Action::Decide, Action::Notify, Action::Close, Action::Close] {
            for recall in &recalls {
                acted(&world, recall, action, "maker").unwrap();
            }
        }

        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| send(&world));
            }
        });

        let mut expected: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for notice in notices(&world) {
            expected.entry(notice.key).or_default().push(notice.id);
        }
        for receiver in &receivers {
            assert_eq!(by_recall(&receiver.heard()), expected);
        }
    }
}
