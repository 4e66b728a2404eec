//! Single events, in and out.

use serde_json::json;

use super::given::{PALLET, document, id, seen};
use crate::harness::site::{MILK, SHOP, Site};

both! {
    fn an_event_comes_back_as_it_was_sent(db) {
        let site = Site::on(db);
        let dairy = site.org("dairy");
        let mut event = seen(&id(1), PALLET);
        event["farm:fat"] = json!(3.50);
        event["farm:cows"] = json!({"b": [1, {"z": null}], "a": "批"});
        let body = document(&[event.clone()]);
        dairy.post("/epcis/capture", &body).expect(202);

        let found = dairy.get(&format!("/epcis/events/{}", id(1))).expect(200).json();

        assert_eq!(found["type"], "EPCISQueryDocument");
        assert_eq!(found["@context"][1]["farm"], "https://dairy.example/terms/");
        let mut back = found["epcisBody"]["queryResults"]["resultsBody"]["eventList"][0].clone();
        let recorded = back.as_object_mut().unwrap().remove("recordTime").unwrap();
        assert!(recorded.as_str().unwrap().starts_with("20"));
        event.as_object_mut().unwrap().remove("@context");
        assert_eq!(back, event);
    }

    fn an_event_is_found_under_whatever_id_it_has(db) {
        let site = Site::on(db);
        let dairy = site.org("dairy");
        for wanted in [
            "ni:///sha-256;df7bb3c352fef055578554f09f5e2aa41782150ced7bd0b8af24dd3ccb30ba69?ver=CBV2.0",
            "https://dairy.example/events/1?a=b&c=%2F#d",
            "urn:dairy:100%25",
        ] {
            let created = dairy.post("/epcis/events", &seen(wanted, PALLET).to_string()).expect(201);

            let location = created.header("location").unwrap();
            let found = dairy.get(location).expect(200).json();

            let event = &found["epcisBody"]["queryResults"]["resultsBody"]["eventList"][0];
            assert_eq!(event["eventID"], wanted);
            let versions = dairy.get(&location.replace("/epcis/", "/api/v1/")).expect(200).json();
            assert_eq!(versions[0]["event"]["eventID"], wanted);
            assert_eq!(versions[0]["shard"], "http/0");
        }
    }

    fn an_event_without_an_id_is_known_by_its_hash(db) {
        let site = Site::on(db);
        let dairy = site.org("dairy");
        let mut event = seen("x", PALLET);
        event.as_object_mut().unwrap().remove("eventID");

        let first = dairy.post("/epcis/events", &event.to_string()).expect(201);
        let again = dairy.post("/epcis/events", &event.to_string()).expect(201);

        let location = first.header("location").unwrap();
        assert!(location.starts_with("/epcis/events/ni%3A%2F%2F%2Fsha-256%3B"), "{location}");
        assert_eq!(again.header("location"), Some(location));
        let found = dairy.get(location).expect(200).json();
        let id = &found["epcisBody"]["queryResults"]["resultsBody"]["eventList"][0]["eventID"];
        assert!(id.as_str().unwrap().starts_with("ni:///sha-256;"));
    }

    fn a_declaration_of_error_comes_with_its_event(db) {
        let site = Site::on(db);
        let dairy = site.org("dairy");
        let event = seen(&id(1), PALLET);
        let mut declaration = event.clone();
        declaration["errorDeclaration"] = json!({
            "declarationTime": "2026-11-02T08:00:00Z",
            "reason": "did_not_occur",
        });
        dairy.post("/epcis/events", &event.to_string()).expect(201);
        dairy.post("/epcis/events", &declaration.to_string()).expect(201);

        let found = dairy.get(&format!("/epcis/events/{}", id(1))).expect(200).json();

        let events = &found["epcisBody"]["queryResults"]["resultsBody"]["eventList"];
        assert_eq!(events.as_array().unwrap().len(), 2);
        assert_eq!(events[0]["errorDeclaration"], json!(null));
        assert_eq!(events[1]["errorDeclaration"]["reason"], "did_not_occur");
    }

    fn events_are_seen_by_those_they_concern(db) {
        let site = Site::on(db);
        let serial = &site.issue("L1", 1)[0];
        let mut sold = seen(&id(1), &format!("https://id.gs1.org/01/{MILK}/21/{serial}"));
        sold["readPoint"] = json!({"id": SHOP});
        site.org("shop").post("/epcis/events", &sold.to_string()).expect(201);
        let path = format!("/epcis/events/{}", id(1));

        for (org, sees) in [
            ("shop", true),
            ("dairy", true),
            ("regulator", true),
            ("other", false),
            ("logistics", false),
            ("insurer", false),
        ] {
            let reply = site.org(org).get(&path);
            assert_eq!(reply.status, if sees { 200 } else { 404 }, "{org}");
        }
    }
}
