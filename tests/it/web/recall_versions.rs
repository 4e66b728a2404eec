//! Versions of a recall over HTTP: extended, compared, released.

use serde_json::{Value, json};

use crate::harness::site::{MILK, PLANT, Site};
use crate::scan::given::sold_can;

/// The dairy says that a can came back to it.
fn returned(site: &Site, id: &str) {
    let document = json!({
        "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-11-08T00:00:00Z",
        "epcisBody": {"eventList": [{
            "type": "ObjectEvent",
            "eventTime": "2026-11-07T08:00:00Z",
            "eventTimeZoneOffset": "+08:00",
            "action": "OBSERVE",
            "bizStep": "receiving",
            "epcList": [id],
            "readPoint": {"id": PLANT},
            "bizLocation": {"id": PLANT},
        }]},
    });
    let dairy = site.org("dairy");
    dairy
        .post("/epcis/capture", &document.to_string())
        .expect(202);
}

both! {
    fn a_scope_is_extended_compared_and_listed(db) {
        let site = Site::on(db);
        let can = sold_can(&site);
        let item = format!("https://id.gs1.org/01/{MILK}/21/{can}");
        let dairy = site.org("dairy");
        let wish = json!({"units": [item], "reason": "laboratory finding"}).to_string();
        let opened = dairy.post("/api/v1/recalls", &wish).expect(201);
        let path = opened.header("location").unwrap().to_owned();
        let because = json!({"reason": "it came back"}).to_string();
        let tried = json!({"reason": "it came back", "dry_run": true}).to_string();

        let nothing = dairy.post(&format!("{path}/extend"), &because).problem(422);
        assert!(nothing["type"].as_str().unwrap().ends_with("nothing-differs"), "{nothing}");
        dairy.get(&format!("{path}/diff")).problem(400);
        returned(&site, &item);
        assert_eq!(dairy.get(&path).expect(200).json()["extension"]["due"], true);
        let dry = dairy.post(&format!("{path}/extend"), &tried).expect(200).json();
        assert_eq!((&dry["recorded"], &dry["version"]), (&json!(false), &json!(2)));
        site.org("other").post(&format!("{path}/extend"), &because).problem(403);
        site.org("shop").post(&format!("{path}/extend"), &because).problem(403);
        for wrong in [
            json!({"reason": "r", "position": {"http/0": 1}}),
            json!({"reason": "r", "position": {"http/0": 1_000_000}}),
            json!({"reason": ""}),
            json!({"reason": "r", "found": 1}),
            json!({}),
        ] {
            let problem = dairy.post(&format!("{path}/extend"), &wrong.to_string()).problem(400);
            assert!(problem["detail"].is_string(), "{wrong}: {problem}");
        }

        let extended = dairy.post(&format!("{path}/extend"), &because).expect(201);

        let at = extended.header("location").unwrap().to_owned();
        assert_eq!(at, format!("{path}/versions/2"));
        let extended = extended.json();
        assert_eq!(extended["difference"]["units"]["changed"], 1, "{extended}");
        assert_eq!(extended["difference"]["why"]["late_evidence"], 1);
        assert_eq!(dairy.get(&at).expect(200).json()["version"], 2);
        let first = dairy.get(&format!("{path}/versions/1")).expect(200).json();
        assert_eq!(first["digest"], opened.json()["digest"]);
        dairy.get(&format!("{path}/versions/9")).problem(404);
        dairy.get(&format!("{path}/versions/x")).problem(400);
        let versions = dairy.get(&format!("{path}/versions")).expect(200).json();
        let numbers: Vec<&Value> = versions.as_array().unwrap().iter().map(|line| &line["version"]).collect();
        assert_eq!(numbers, [&json!(1), &json!(2)]);

        let diff = dairy.get(&format!("{path}/diff?from=1&to=2&limit=1")).expect(200).json();
        assert_eq!((&diff["lines"][0]["id"], &diff["lines"][0]["change"]), (&json!(item), &json!("changed")));
        assert_eq!(diff["lines"][0]["now"]["holder"], "dairy", "{diff}");
        assert_eq!(diff["digest"], extended["difference_digest"]);
        for wrong in ["from=x", "from=2&to=2", "limit=0", "limit=x", "cursor=x", "nextPageToken=x", "version=1"] {
            dairy.get(&format!("{path}/diff?{wrong}")).problem(400);
        }
        let table = dairy.get(&format!("{path}/diff.csv")).expect(200);
        assert_eq!(table.header("content-type"), Some("text/csv; charset=utf-8"));
        let rows: Vec<&str> = table.text.lines().collect();
        assert!(rows.len() == 2 && rows[0].starts_with("id,change,why,event,was_certainty"), "{rows:?}");
        assert!(rows[1].starts_with(&format!("{item},changed,late_evidence,")), "{rows:?}");
        let nothing = dairy.post(&format!("{path}/release"), &because).problem(409);
        assert!(nothing["detail"].as_str().unwrap().contains("no proposed removal"), "{nothing}");
        site.org("other").post(&format!("{path}/release"), &because).problem(403);
        for address in ["versions", "versions/1", "diff", "diff.csv"] {
            site.org("other").get(&format!("{path}/{address}")).problem(404);
            site.org("regulator").get(&format!("{path}/{address}")).expect(200);
        }
    }
}
