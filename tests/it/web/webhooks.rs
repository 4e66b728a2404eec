//! Webhooks over HTTP and at the command line: who may have one where, and the program that sends, killed on the way.

use std::sync::Mutex;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::database::TestDatabase;
use crate::harness::receiver::Receiver;
use crate::harness::site::{MILK, Site};
use crate::scan::given::sold_can;

const WEBHOOKS: &str = "/api/v1/webhooks";
/// Longest wait for something to be noted.
const PATIENCE: Duration = Duration::from_mins(1);

/// A server that may send to this machine.
fn site(db: &TestDatabase) -> Site {
    Site::with(
        db,
        "[webhooks]\nallow = \"127.0.0.0/8\"\nplain_http = true\n",
    )
}

fn register(site: &Site, org: &str, url: &str) -> Value {
    let wish = json!({ "url": url }).to_string();
    site.org(org).post(WEBHOOKS, &wish).expect(201).json()
}

fn path(webhook: &Value, more: &str) -> String {
    format!("{WEBHOOKS}/{}{more}", webhook["id"].as_str().unwrap())
}

/// A recall of a lot of milk.
fn recalled(site: &Site) -> String {
    let wish = json!({"lots": [format!("https://id.gs1.org/01/{MILK}/10/L2611A")], "reason": "metal in the milk"});
    let made = site.org("dairy").post("/api/v1/recalls", &wish.to_string());
    made.expect(201).json()["recall"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// Its deliveries, when all of them are delivered.
fn delivered(site: &Site, org: &str, webhook: &Value) -> Value {
    let began = Instant::now();
    loop {
        let found = site
            .org(org)
            .get(&path(webhook, "/deliveries"))
            .expect(200)
            .json();
        let all = found.as_array().unwrap();
        if !all.is_empty() && all.iter().all(|one| one["state"] == "delivered") {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "{found}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

both! {
    fn an_organisation_registers_looks_after_and_deletes_its_webhook(db) {
        let site = site(db);
        let dairy = site.org("dairy");
        let wish = json!({"url": "http://127.0.0.1:9/notices", "kinds": ["recall-task", "recall-closed"]});

        let made = dairy.post(WEBHOOKS, &wish.to_string()).expect(201);
        let new = made.json();
        assert_eq!(made.header("location"), Some(path(&new, "").as_str()));
        assert!(new["secret"].as_str().unwrap().starts_with("whsec_"), "{new}");
        assert_eq!((&new["org"], &new["url"], &new["enabled"]), (&json!("dairy"), &wish["url"], &json!(true)));
        assert_eq!(new["kinds"], json!(["recall-closed", "recall-task"]));
        let shown = dairy.get(&path(&new, "")).expect(200).json();
        assert_eq!(shown.get("secret"), None);
        assert_eq!(dairy.get(WEBHOOKS).expect(200).json(), json!([shown]));

        let turned = dairy.post(&path(&new, "/rotate"), "{}").expect(200).json();
        assert_ne!(turned["secret"], new["secret"]);
        assert!(turned["old_secret_until"].is_string(), "{turned}");
        let stopped = dairy.send("POST", &path(&new, "/disable"), &[], "").expect(200).json();
        assert_eq!((&stopped["enabled"], stopped["disabled_reason"].as_str().unwrap().starts_with("disabled by key:")), (&json!(false), true));
        let again = dairy.send("POST", &path(&new, "/enable"), &[], "").expect(200).json();
        assert_eq!((&again["enabled"], again.get("disabled_at")), (&json!(true), None));
        assert_eq!(dairy.get(&path(&new, "/deliveries")).expect(200).json(), json!([]));
        dairy.send("DELETE", &path(&new, ""), &[], "").expect(200);
        dairy.get(&path(&new, "")).problem(404);
    }

    fn to_others_it_does_not_exist_and_an_admin_is_told_no_secret(db) {
        let site = site(db);
        let new = register(&site, "dairy", "http://127.0.0.1:9/");
        let calls = [
            ("GET", path(&new, "")),
            ("GET", path(&new, "/deliveries")),
            ("POST", path(&new, "/disable")),
            ("POST", path(&new, "/enable")),
            ("POST", path(&new, "/deliveries/x/resend")),
            ("DELETE", path(&new, "")),
        ];

        for other in ["other", "shop", "regulator"] {
            for (method, path) in &calls {
                site.org(other).send(method, path, &[], "").problem(404);
            }
            site.org(other).post(&path(&new, "/rotate"), "{}").problem(404);
            assert_eq!(site.org(other).get(WEBHOOKS).expect(200).json(), json!([]));
        }
        let admin = site.org("admin");
        assert_eq!(admin.get(WEBHOOKS).expect(200).json()[0]["id"], new["id"]);
        admin.post(&path(&new, "/rotate"), "{}").problem(403);
        admin.post(WEBHOOKS, &json!({"url": "http://127.0.0.1:9/"}).to_string()).problem(403);
        assert_eq!(admin.send("POST", &path(&new, "/disable"), &[], "").expect(200).json()["enabled"], false);
    }

    fn addresses_kinds_and_parameters_are_checked(db) {
        let site = Site::on(db);
        let dairy = site.org("dairy");
        for (wish, member) in [
            (json!({"url": "http://example.com/"}), "url"),
            (json!({"url": "https://a:b@example.com/"}), "url"),
            (json!({"url": "https://127.0.0.1/"}), "url"),
            (json!({"url": "https://2130706433/"}), "url"),
            (json!({"url": "https://localhost/"}), "url"),
            (json!({"url": "https://169.254.169.254/latest/meta-data"}), "url"),
            (json!({"url": "https://[::1]/"}), "url"),
            (json!({"url": "https://[::ffff:10.0.0.1]/"}), "url"),
            (json!({"url": "https://[fd00::1]/"}), "url"),
            (json!({"url": "https://nobody.invalid/"}), "url"),
            (json!({"url": "https://1.1.1.1/", "kinds": ["gossip"]}), "kinds"),
        ] {
            let problem = dairy.post(WEBHOOKS, &wish.to_string()).problem(400);
            assert_eq!(problem["errors"][0]["pointer"], member, "{wish}: {problem}");
        }
        for wish in ["{}", "[]", r#"{"url": "https://1.1.1.1/", "org": "shop"}"#, r#"{"url": 3}"#] {
            dairy.post(WEBHOOKS, wish).problem(400);
        }
        assert_eq!(dairy.get(WEBHOOKS).expect(200).json(), json!([]));

        let new = register(&site, "dairy", "https://1.1.1.1/");
        for wrong in ["?colour=red", "?state=lost", "?perPage=none", "?nextPageToken=x"] {
            dairy.get(&path(&new, &format!("/deliveries{wrong}"))).problem(400);
        }
        dairy.get(&format!("{WEBHOOKS}?colour=red")).problem(400);
        dairy.post(&path(&new, "/rotate"), r#"{"overlap_hours": 169}"#).problem(400);
        dairy.send("POST", &path(&new, "/deliveries/none/resend"), &[], "").problem(404);
        for _ in 1..10 {
            register(&site, "dairy", "https://1.1.1.1/");
        }
        dairy.post(WEBHOOKS, r#"{"url": "https://1.1.1.1/"}"#).problem(409);
        register(&site, "shop", "https://1.1.1.1/");
    }

    fn a_recall_arrives_and_can_be_looked_up_and_sent_again(db) {
        let site = site(db);
        sold_can(&site);
        let receiver = Receiver::content();
        let new = register(&site, "dairy", &receiver.url("/x"));
        let recall = recalled(&site);
        let decided = site.org("dairy").post(&format!("/api/v1/recalls/{recall}/decide"), r#"{"reason": "yes"}"#);
        decided.expect(200);

        let found = delivered(&site, "dairy", &new);

        let heard = receiver.wait_for(2);
        assert_eq!(heard[0].signature_of(new["secret"].as_str().unwrap()), Some(0));
        assert_eq!((&heard[0].json()["kind"], &heard[0].json()["recall"]), (&json!("recall-opened"), &json!(recall)));
        assert_eq!((&found[1]["notice"], &found[1]["kind"]), (&json!(heard[0].id()), &json!("recall-opened")), "newest first");
        let page = site.org("dairy").get(&path(&new, "/deliveries?perPage=1&state=delivered")).expect(200);
        let link = page.header("link").unwrap();
        let next = link.strip_prefix('<').unwrap().split('>').next().unwrap();
        assert_eq!((&page.json()[0], &site.org("dairy").get(next).expect(200).json()[0]), (&found[0], &found[1]));
        site.org("dairy").send("POST", &path(&new, &format!("/deliveries/{}/resend", heard[0].id())), &[], "").expect(200);
        assert_eq!(receiver.wait_for(3)[2].id(), heard[0].id());
        let metrics = site.org("admin").get("/metrics").expect(200).text;
        for expected in ["suyuan_webhook_delivered_total ", "suyuan_webhook_pending ", "suyuan_webhook_oldest_seconds ", "suyuan_webhook_failed 0\n"] {
            assert!(metrics.contains(expected), "{expected}: {metrics}");
        }
    }

    fn who_is_killed_between_sending_and_noting_sends_again_with_the_same_id(db) {
        let mut site = site(db);
        sold_can(&site);
        let (called, calls) = mpsc::channel();
        let (killed, is_killed) = mpsc::channel::<()>();
        let (called, is_killed) = (Mutex::new(called), Mutex::new(is_killed));
        let receiver = Receiver::answering(move |_, before| {
            if before == 0 {
                called.lock().unwrap().send(()).unwrap();
                is_killed.lock().unwrap().recv().unwrap();
            }
            "200 OK".to_owned()
        });
        let new = register(&site, "dairy", &receiver.url("/"));
        recalled(&site);

        calls.recv_timeout(PATIENCE).unwrap();
        site.strike();
        killed.send(()).unwrap();
        site.start_again();

        let heard = receiver.wait_for(2);
        assert_eq!((heard[0].id(), &heard[0].body), (heard[1].id(), &heard[1].body));
        assert_eq!(delivered(&site, "dairy", &new).as_array().unwrap().len(), 1);
    }

    fn the_operator_looks_after_webhooks_at_the_command_line(db) {
        let site = site(db);
        let url = "http://127.0.0.1:9/a";
        let said = |args: &[&str]| site.run([&["webhook"], args].concat()).expect_code(0);

        let new = said(&["register", url, "--as", "shop", "--kind", "recall-task", "--json"]).json();
        let id = new["id"].as_str().unwrap();
        assert!(new["secret"].as_str().unwrap().starts_with("whsec_"), "{new}");
        assert_eq!(said(&["list"]).stdout, format!("{id}  shop  {url}  recall-task  enabled\n"));
        assert_eq!(said(&["list", "--as", "dairy"]).stdout, "");
        assert!(said(&["disable", id]).stdout.contains("  disabled 20"));
        assert_eq!(said(&["enable", id, "--json"]).json()["enabled"], true);
        let turned = said(&["rotate", id, "--overlap", "0"]);
        assert!(turned.stdout.starts_with("whsec_") && !turned.stdout.contains(' '), "{turned:?}");
        assert_eq!(said(&["deliveries", id, "--state", "failed"]).stdout, "");
        for (args, code) in [
            (vec!["register", "https://127.0.0.1/", "--as", "nobody"], 4),
            (vec!["register", "https://10.0.0.1/", "--as", "shop"], 2),
            (vec!["deliveries", id, "--state", "lost"], 2),
            (vec!["resend", id, "none"], 4),
            (vec!["show", "none"], 4),
        ] {
            site.run([vec!["webhook"], args].concat()).expect_code(code);
        }
        said(&["delete", id]);
        site.run(["webhook", "show", id]).expect_code(4);
    }
}
