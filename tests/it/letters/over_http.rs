//! What came over HTTP and was refused, and who is told of it.

use serde_json::{Value, json};

use crate::harness::site::{MILK, PLANT, SHOP, Site};

/// An event that somebody saw a bottle somewhere.
fn seen(number: u32, place: &str) -> Value {
    json!({
        "type": "ObjectEvent",
        "eventID": format!("urn:uuid:00000000-0000-7000-8000-{number:012}"),
        "eventTime": "2026-11-01T08:00:00Z",
        "eventTimeZoneOffset": "+08:00",
        "action": "OBSERVE",
        "epcList": [format!("https://id.gs1.org/01/{MILK}/21/S{number}")],
        "readPoint": {"id": place},
        "own:n": number,
    })
}

/// A made-up place's event: that milk was made there, which nobody but the dairy may say.
fn made(number: u32) -> Value {
    let mut event = seen(number, "https://id.gs1.org/414/9521234000013");
    event["action"] = json!("ADD");
    event
}

fn document(events: &[Value]) -> String {
    json!({
        "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", {"own": "https://own.example/"}],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-11-01T08:00:00Z",
        "epcisBody": {"eventList": events},
    })
    .to_string()
}

/// A shop that told of three bottles: one in the shop, one at the dairy's plant, one made elsewhere.
fn captured(site: &Site) {
    let headers = [
        ("Content-Type", "application/json"),
        ("GS1-Capture-Error-Behaviour", "proceed"),
    ];
    let body = document(&[seen(1, SHOP), seen(2, PLANT), made(3)]);
    site.org("shop")
        .send("POST", "/epcis/capture", &headers, &body)
        .expect(202);
}

fn ids(list: &Value) -> Vec<&str> {
    let list = list.as_array().unwrap().iter();
    list.map(|letter| letter["id"].as_str().unwrap()).collect()
}

const LETTERS: &str = "/api/v1/dead-letters";

both! {
    fn an_organisation_is_told_of_its_own_letters_and_an_admin_of_all(db) {
        let site = Site::on(db);
        captured(&site);

        let own = site.org("shop").get(LETTERS).expect(200).json();
        let all = site.org("admin").get(LETTERS).expect(200).json();

        assert_eq!(ids(&own).len(), 2, "{own}");
        assert_eq!(own, all);
        let fault = &own[0]["faults"][0];
        assert_eq!(fault["rule"], "not-authorised");
        assert_eq!(fault["pointer"], "/epcisBody/eventList/1/eventID");
        assert_eq!((&own[0]["submitter"], &own[0]["part"]), (&json!("shop"), &json!(2)));
        for other in ["dairy", "other", "lab", "logistics"] {
            assert_eq!(site.org(other).get(LETTERS).expect(200).json(), json!([]), "{other}");
        }
        for refused in ["regulator", "auditor", "insurer"] {
            site.org(refused).get(LETTERS).problem(403);
        }
        site.anyone().get(LETTERS).problem(401);

        let first = site.org("shop").get(&format!("{LETTERS}?perPage=1&shard=http/0")).expect(200);
        let link = first.header("link").unwrap();
        let next = link.trim_start_matches('<').split('>').next().unwrap();
        let second = site.org("shop").get(next).expect(200);
        assert_eq!([ids(&first.json()), ids(&second.json())].concat(), ids(&own));
        assert_eq!(second.header("link"), None);
        let nowhere = site.org("shop").get(&format!("{LETTERS}?shard=none/0")).problem(404);
        assert_eq!(nowhere["errors"][0]["pointer"], "shard", "{nowhere}");
        site.org("shop").get(&format!("{LETTERS}?nextPageToken=x")).problem(400);
        site.org("shop").get(&format!("{LETTERS}?all=perhaps")).problem(400);
    }

    fn what_was_not_allowed_is_recorded_when_it_is_allowed_by_now(db) {
        let site = Site::on(db);
        captured(&site);
        let run = |args: &[&str]| site.run([&["--json", "dead-letter"], args].concat());
        run(&["replay", "--all"]).expect_code(3);

        // The plant was the shop's all along.
        site.org("admin")
            .post_csv("/api/v1/places", "gln,name,org,region\n9520000000004,Plant No. 1,shop,350102\n")
            .expect(200);
        let tried = run(&["replay", "--all", "--dry-run"]).expect_code(1);
        assert!(tried.stdout.contains("\"dry_run\":true"), "{tried:?}");
        let done = run(&["replay", "--all"]).expect_code(1);

        let outcomes: Vec<Value> = done.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["outcome"].clone()).collect();
        assert_eq!(outcomes, ["recorded", "refused"]);
        let event = site.org("shop").get("/api/v1/events/urn:uuid:00000000-0000-7000-8000-000000000002").expect(200).json();
        assert_eq!(event[0]["submitter"], "shop", "{event}");
        let open = site.org("shop").get(LETTERS).expect(200).json();
        let all = site.org("shop").get(&format!("{LETTERS}?all=true")).expect(200).json();
        assert_eq!((ids(&open).len(), ids(&all).len()), (1, 2));
        assert!(all[0]["replayed_at"].is_string() && all[1]["replayed_at"].is_null(), "{all}");
        let again = run(&["replay", "http/0", &all[0]["offset"].to_string(), "2"]).expect_code(0).json();
        assert_eq!(again["outcome"], "already");
        site.run(["verify"]).expect_code(0);
        site.run(["rebuild", "--check"]).expect_code(0);
    }
}
