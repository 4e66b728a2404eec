//! What a recall only assumes, over HTTP: a person says whether it is recalled, and scans tell accordingly.

use serde_json::{Value, json};

use crate::harness::site::{CREAM, HONEY, PLANT, SHOP, Site};

/// A place of nobody.
const ELSEWHERE: &str = "https://id.gs1.org/414/9520000000028";

fn event(kind: &str, at: &str, place: &str, rest: &Value) -> Value {
    let mut event = json!({
        "type": kind,
        "eventTime": format!("2026-11-07T{at}:00Z"),
        "eventTimeZoneOffset": "+08:00",
        "readPoint": {"id": place},
        "bizLocation": {"id": place},
    });
    let more = rest.as_object().unwrap().clone();
    event.as_object_mut().unwrap().extend(more);
    event
}

/// Cream of one lot is made in two places. Nobody says from which of them the shop has its own, of which it
/// makes a jar of honey cream.
fn captured(site: &Site, jar: &str) {
    let lot = format!("https://id.gs1.org/01/{CREAM}/10/C1");
    let of_lot = |count: u32| json!([{"epcClass": lot, "quantity": count}]);
    let made = json!({"action": "ADD", "bizStep": "commissioning", "quantityList": of_lot(100)});
    let received = json!({"action": "OBSERVE", "bizStep": "receiving", "quantityList": of_lot(30)});
    let blended = json!({"inputQuantityList": of_lot(10), "outputEPCList": [jar]});
    let document = json!({
        "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-11-08T00:00:00Z",
        "epcisBody": {"eventList": [
            event("ObjectEvent", "08:00", PLANT, &made),
            event("ObjectEvent", "08:00", ELSEWHERE, &made),
            event("ObjectEvent", "12:00", SHOP, &received),
            event("TransformationEvent", "14:00", SHOP, &blended),
        ]},
    });
    let dairy = site.org("dairy");
    let captured = dairy.post("/epcis/capture", &document.to_string());
    let job = captured.expect(202).header("location").unwrap().to_owned();
    let job = dairy.get(&job).expect(200).json();
    assert_eq!(job["recorded"], 4, "{job}");
}

both! {
    fn a_decision_says_what_becomes_of_what_is_assumed(db) {
        let site = Site::on(db);
        let jar = format!("https://id.gs1.org/01/{HONEY}/21/H1");
        captured(&site, &jar);
        let dairy = site.org("dairy");
        let wish = json!({
            "places": [{"place": PLANT, "from": "2026-11-07T07:50:00Z", "until": "2026-11-07T08:10:00Z"}],
            "reason": "laboratory finding",
        });
        let opened = dairy.post("/api/v1/recalls", &wish.to_string()).expect(201);
        let path = opened.header("location").unwrap().to_owned();
        let said = |assumed: &str| json!({"reason": "confirmed", "assumed": assumed}).to_string();
        let because = json!({"reason": "confirmed"}).to_string();
        let told = || {
            let scan = format!("/01/{HONEY}/21/H1");
            let reply = site.anyone().get_with(&scan, &[("Accept", "application/json")]).expect(200);
            reply.json()["recalls"].as_array().unwrap().len()
        };
        assert_eq!(opened.json()["assumed"]["unit_count"], 1, "{}", opened.text);

        let problem = dairy.post(&format!("{path}/decide"), &because).problem(400);
        assert_eq!(problem["errors"][0]["pointer"], "assumed", "{problem}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains("1 unit, ") && detail.contains("with 1 holder"), "{problem}");
        dairy.post(&format!("{path}/decide"), &said("perhaps")).problem(400);
        dairy.post(&format!("{path}/decide"), &said("leave")).expect(200);
        let problem = dairy.post(&format!("{path}/notify"), &said("leave")).problem(400);
        assert_eq!(problem["errors"][0]["pointer"], "assumed", "{problem}");
        dairy.post(&format!("{path}/notify"), &because).expect(200);

        let shown = dairy.get(&path).expect(200).json();
        assert_eq!((&shown["ruling"]["assumed"], &shown["ruling"]["as"]), (&json!("leave"), &json!("dairy")));
        assert_eq!(shown["history"][1]["assumed"], "leave");
        assert_eq!(shown["assumed"]["holders"][0]["holder"], "shop", "{shown}");
        assert_eq!(told(), 0);
        site.org("shop").get(&path).problem(404);
        let units = dairy.get(&format!("{path}/units?holder=shop")).expect(200).json();
        let lines = units["lines"].as_array().unwrap();
        assert!(lines.iter().all(|line| line["left_out"] == true) && !lines.is_empty(), "{units}");

        let extended = dairy.post(&format!("{path}/extend"), &said("include")).expect(201).json();

        assert_eq!((&extended["ruling"], &extended["version"]), (&json!("include"), &json!(2)));
        assert_eq!(told(), 1);
        let seen = site.org("shop").get(&path).expect(200).json();
        assert_eq!((&seen["tasks"][0]["holder"], &seen["assumed"]["unit_count"]), (&json!("shop"), &json!(1)));
    }
}
