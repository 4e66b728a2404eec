//! Credentials and people over HTTP.

use serde_json::{Value, json};

use crate::harness::site::{MILK, Site};

const HEAD: &str = "id,kind,name,issuer,org,products,valid_from,valid_to";

fn numbers(listed: &Value) -> Vec<&str> {
    let rows = listed.as_array().unwrap().iter();
    rows.map(|row| row["id"].as_str().unwrap()).collect()
}

both! {
    fn an_organisation_records_lists_shows_and_revokes_its_own(db) {
        let site = Site::on(db);
        let (dairy, shop) = (site.org("dairy"), site.org("shop"));
        let csv = format!("{HEAD}\nSC/1,licence,生产许可,bureau,dairy,{MILK},2026-01-01,\nSC2,licence,L,bureau,dairy,,2026-01-01,2026-02-01\n");

        let dry = dairy.post_csv("/api/v1/credentials?dryRun=true", &csv).expect(200).json();
        let done = dairy.post_csv("/api/v1/credentials", &csv).expect(200).json();
        let listed = dairy.get("/api/v1/credentials").expect(200).json();
        let shown = dairy.get("/api/v1/credentials/SC%2F1?at=2026-06-01").expect(200).json();
        let wanted = json!({"reason": "given back", "from": "2026-07-01"}).to_string();
        let revoked = dairy.post("/api/v1/credentials/SC%2F1/revoke", &wanted).expect(200).json();

        assert_eq!(dry, json!({"created": 2, "updated": 0, "unchanged": 0}));
        assert_eq!(done, dry);
        assert_eq!(numbers(&listed), ["SC/1", "SC2"]);
        assert_eq!((&listed[0]["state"], &listed[1]["state"]), (&json!("valid"), &json!("expired")));
        assert_eq!((&shown["state"], &shown["recorded_for"], &shown["name"]), (&json!("valid"), &json!("dairy"), &json!("生产许可")));
        assert_eq!(shown["versions"].as_array().unwrap().len(), 1);
        assert_eq!((&revoked["state"], &revoked["revocations"][0]["from"]), (&json!("revoked"), &json!("2026-06-30T16:00:00Z")));
        assert_eq!(shop.get("/api/v1/credentials").expect(200).json(), json!([]));
        shop.get("/api/v1/credentials/SC2").problem(404);
        shop.post("/api/v1/credentials/SC2/revoke", &wanted).problem(404);
        let refused = shop.post_csv("/api/v1/credentials", &csv.replace("SC", "SD")).problem(403);
        assert_eq!(refused["errors"][0]["pointer"], "line 2, org");
        dairy.post("/api/v1/credentials/SC%2F1/revoke", &wanted).problem(409);
    }

    fn lists_come_in_pages_that_keep_what_was_asked(db) {
        let site = Site::on(db);
        let bureau = site.org("regulator");
        let rows: Vec<String> = (1..=5).map(|n| format!("SC{n},licence,L,bureau,{},,2026-01-01,", ["shop", "dairy"][n % 2])).collect();
        bureau.post_csv("/api/v1/credentials", &format!("{HEAD}\n{}\n", rows.join("\n"))).expect(200);

        let first = bureau.get("/api/v1/credentials?org=dairy&perPage=2").expect(200);
        let link = first.header("link").unwrap().to_owned();
        let next = link.trim_start_matches('<').split('>').next().unwrap();
        let second = bureau.get(next).expect(200);

        assert_eq!(numbers(&first.json()), ["SC1", "SC3"]);
        assert_eq!(numbers(&second.json()), ["SC5"]);
        assert_eq!(second.header("link"), None);
        assert_eq!(numbers(&bureau.get(&format!("/api/v1/credentials?gtin={MILK}")).expect(200).json()), [""; 0]);
        assert_eq!(numbers(&bureau.get("/api/v1/credentials?kind=licence&at=2025-01-01").expect(200).json()), [""; 0]);
    }

    fn wrong_questions_are_refused_by_name(db) {
        let site = Site::on(db);
        let dairy = site.org("dairy");
        for (query, name) in [
            ("colour=red", "colour"),
            ("kind=permit", "kind"),
            ("gtin=123", "gtin"),
            ("at=today", "at"),
            ("perPage=0", "perPage"),
        ] {
            let problem = dairy.get(&format!("/api/v1/credentials?{query}")).problem(400);
            assert_eq!(problem["errors"][0]["pointer"], name, "{query}");
        }
        dairy.get("/api/v1/people?kind=licence").problem(400);
        dairy.post_csv("/api/v1/credentials", "id,colour\n").problem(400);
        dairy.post("/api/v1/credentials", "[]").problem(415);
        let from = dairy.post("/api/v1/credentials/x/revoke", r#"{"reason":"r","from":"soon"}"#).problem(400);
        assert_eq!(from["errors"][0]["pointer"], "/from");
        dairy.post("/api/v1/credentials/x/revoke", r#"{"reason":"r","colour":1}"#).problem(400);
    }

    fn people_are_recorded_and_told_over_http(db) {
        let site = Site::on(db);
        let csv = "id,name,org,role,phone,valid_from\np1,林一,dairy,chief_quality_officer,0591-1,2026-01-01\n";

        let done = site.org("dairy").post_csv("/api/v1/people", csv).expect(200).json();

        assert_eq!(done["created"], 1);
        site.org("shop").post_csv("/api/v1/people", &csv.replace("p1", "p2")).problem(403);
        for (org, phone) in [("dairy", json!("0591-1")), ("regulator", json!("0591-1")), ("auditor", Value::Null)] {
            let client = site.org(org);
            let listed = client.get("/api/v1/people?org=dairy").expect(200).json();
            let shown = client.get("/api/v1/people/p1").expect(200).json();
            assert_eq!((&listed[0]["name"], &listed[0]["phone"]), (&json!("林一"), &phone), "{org}");
            assert_eq!((&shown["role"], &shown["phone"]), (&json!("chief_quality_officer"), &phone), "{org}");
        }
        site.org("shop").get("/api/v1/people/p1").problem(404);
    }
}
