//! What is refused, with which status; and that nothing of it is written.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};

use serde_json::json;
use suyuan::ledger;

use super::given::{PALLET, document, id, seen};
use crate::harness::site::{MILK, PLANT, SHOP, Site};

fn leaves(site: &Site) -> i64 {
    let position = site.app().db.read(ledger::position).unwrap();
    position.0.values().sum()
}

const JSON: (&str, &str) = ("Content-Type", "application/json");

both! {
    fn every_refusal_is_a_problem_of_its_status(db) {
        let site = Site::on(db);
        let dairy = site.org("dairy");
        let event = seen(&id(1), PALLET).to_string();
        let before = leaves(&site);
        let long = format!("/epcis/capture?nextPageToken={}", "x".repeat(9_000));
        for (method, path, headers, body, status) in [
            ("GET", "/nothing/here", &[][..], "", 404),
            ("GET", "/epcis/nothing", &[], "", 404),
            ("GET", "/epcis/capture/none", &[], "", 404),
            ("GET", "/epcis/events/urn:none", &[], "", 404),
            ("GET", "/epcis/events/%FF", &[], "", 400),
            ("GET", "/epcis/events/a%00b", &[], "", 400),
            ("PUT", "/epcis/capture", &[], "x", 405),
            ("DELETE", "/healthz", &[], "", 405),
            ("PATCH", "/epcis/events/x", &[], "x", 405),
            ("GET", &long, &[], "", 414),
            ("GET", "/epcis/capture?perpage=1", &[], "", 400),
            ("GET", "/epcis/capture?perPage=0", &[], "", 400),
            ("GET", "/epcis/capture?perPage=-1", &[], "", 400),
            ("GET", "/epcis/capture?perPage=1&perPage=2", &[], "", 400),
            ("GET", "/epcis/capture?nextPageToken=abc", &[], "", 400),
            ("GET", "/epcis/events/urn:x?ver=CBV2.0", &[], "", 400),
            ("GET", "/healthz?x=1", &[], "", 400),
            ("GET", "/epcis/capture", &[("Accept", "application/xml")], "", 406),
            ("GET", "/epcis/capture", &[("Accept", "application/json;q=0")], "", 406),
            ("GET", "/epcis/capture", &[("GS1-EPCIS-Version", "1.2")], "", 406),
            ("GET", "/epcis/capture", &[("GS1-EPC-Format", "Always_EPC_URN")], "", 406),
            ("POST", "/epcis/capture", &[("Content-Type", "application/xml")], "<a/>", 415),
            ("POST", "/epcis/capture", &[("Content-Type", "text/xml")], "<a/>", 415),
            ("POST", "/epcis/capture", &[], &event, 415),
            ("POST", "/epcis/capture", &[("Content-Type", "application/json;charset=gbk")], &event, 415),
            ("POST", "/epcis/capture", &[JSON, ("Content-Encoding", "gzip")], &event, 415),
            ("POST", "/epcis/capture", &[JSON, ("GS1-Capture-Error-Behaviour", "maybe")], &event, 400),
            ("POST", "/epcis/capture?dryRun=true", &[JSON], &event, 400),
            ("POST", "/epcis/capture", &[JSON], "", 400),
            ("POST", "/epcis/capture", &[JSON], "{", 400),
            ("POST", "/epcis/capture", &[JSON], "[]", 400),
            ("POST", "/epcis/capture", &[JSON], "\u{feff}x", 400),
            ("POST", "/epcis/events", &[JSON], "{}", 400),
            ("POST", "/epcis/events", &[JSON], &document(&[seen(&id(1), PALLET)]), 400),
            ("POST", "/epcis/events", &[JSON], &event.replace("OBSERVE", "LOOK"), 400),
        ] {
            dairy.send(method, path, headers, body).problem(status);
        }
        assert_eq!(leaves(&site), before, "nothing is written");
    }

    fn faults_of_a_document_are_told_with_their_place(db) {
        let site = Site::on(db);
        let mut bad = seen(&id(2), PALLET);
        bad["action"] = json!("LOOK");

        let problem = site
            .org("dairy")
            .post("/epcis/capture", &document(&[seen(&id(1), PALLET), bad]))
            .problem(400);

        assert_eq!(problem["type"], "epcisException:ValidationException");
        assert_eq!(problem["errors"][0]["pointer"], "/epcisBody/eventList/1/action");
        assert_eq!(problem["errors"][0]["index"], 1);
        site.org("dairy").get(&format!("/epcis/events/{}", id(1))).problem(404);
    }

    fn another_event_under_a_known_id_is_a_conflict(db) {
        let site = Site::on(db);
        let dairy = site.org("dairy");
        let event = seen(&id(1), PALLET);
        let mut other = event.clone();
        other["bizStep"] = json!("shipping");
        dairy.post("/epcis/events", &event.to_string()).expect(201);

        let problem = dairy.post("/epcis/events", &other.to_string()).problem(409);

        assert_eq!(problem["type"], "epcisException:ResourceAlreadyExistsException");
        dairy.post("/epcis/events", &event.to_string()).expect(201);
    }

    fn a_refusal_says_why_in_words(db) {
        let site = Site::on(db);
        let dairy = site.org("dairy");
        for (reply, status, detail) in [
            (
                dairy.get("/api/v1/keys"),
                403,
                "the role producer may not manage API keys",
            ),
            (
                dairy.get("/api/v1/trace/back?id=%2801%2909521234543214%2810%29L1"),
                400,
                "is not understood as an identifier: GTIN (01) 09521234543214: expected check digit 3, found 4",
            ),
            (
                dairy.post("/api/v1/batches", "[]"),
                400,
                "invalid type: sequence, expected an object at line 1 column 0",
            ),
            (
                dairy.post("/epcis/capture", &seen(&id(1), PALLET).to_string().replace("OBSERVE", "LOOK")),
                400,
                "nothing was stored: 1 fault",
            ),
        ] {
            let problem = reply.problem(status);
            assert!(problem["detail"].as_str().unwrap().ends_with(detail), "{problem}");
        }
    }

    fn nobody_speaks_for_another(db) {
        let site = Site::on(db);
        let bottle = format!("https://id.gs1.org/01/{MILK}/21/S1");
        let at = |number: u32, epc: &str, place: &str, change: &dyn Fn(&mut serde_json::Value)| {
            let mut event = seen(&id(number), epc);
            event["readPoint"]["id"] = json!(place);
            change(&mut event);
            event.to_string()
        };
        let unregistered = "https://id.gs1.org/414/9521234000099";
        let as_is: &dyn Fn(&mut serde_json::Value) = &|_| {};
        let added: &dyn Fn(&mut serde_json::Value) = &|event| event["action"] = json!("ADD");
        let destroyed: &dyn Fn(&mut serde_json::Value) = &|event| {
            event["action"] = json!("DELETE");
            event["bizStep"] = json!("destroying");
        };
        let to_shop: &dyn Fn(&mut serde_json::Value) = &|event| {
            event["destinationList"] = json!([{"type": "location", "destination": SHOP}]);
        };

        for (org, body) in [
            ("shop", at(1, &bottle, PLANT, added)),
            ("shop", at(2, &bottle, PLANT, as_is)),
            ("shop", at(3, PALLET, PLANT, as_is)),
            ("other", at(4, &bottle, SHOP, destroyed)),
            ("other", at(5, &bottle, unregistered, as_is)),
            ("shop", at(6, &bottle, unregistered, added)),
            ("shop", at(7, &bottle, PLANT, &|event| {
                destroyed(event);
                to_shop(event);
            })),
            ("shop", at(8, &bottle, PLANT, &|event| {
                destroyed(event);
                event["bizLocation"] = json!({"id": SHOP});
            })),
        ] {
            let problem = site.org(org).post("/epcis/events", &body).problem(403);
            assert_eq!(problem["errors"][0]["rule"], "not-authorised", "{body}");
        }
        for (org, body) in [
            ("shop", at(11, &bottle, SHOP, as_is)),
            ("shop", at(12, &bottle, &format!("{SHOP}/254/A"), as_is)),
            ("shop", at(13, PALLET, PLANT, to_shop)),
            ("dairy", at(14, &bottle, SHOP, destroyed)),
            ("other", at(15, PALLET, unregistered, as_is)),
        ] {
            site.org(org).post("/epcis/events", &body).expect(201);
        }
        site.org("shop").get(&format!("/epcis/events/{}", id(1))).problem(404);
    }

    fn too_many_bytes_are_refused_before_they_are_read(db) {
        let site = Site::on(db);
        let mut stream = TcpStream::connect(site.host()).unwrap();

        write!(
            stream,
            "POST /epcis/capture HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\nConnection: close\r\n\r\n",
            site.key("dairy")
        )
        .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();

        assert!(text.starts_with("HTTP/1.1 413 "), "{text}");
        assert!(text.contains("CaptureLimitExceededException"), "{text}");
    }

    fn half_an_upload_writes_nothing(db) {
        let site = Site::on(db);
        let body = seen(&id(1), PALLET).to_string();
        let before = leaves(&site);
        let mut stream = TcpStream::connect(site.host()).unwrap();

        write!(
            stream,
            "POST /epcis/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            site.key("dairy"),
            body.len() + 1,
        )
        .unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();

        assert!(text.is_empty() || text.starts_with("HTTP/1.1 400 "), "{text}");
        assert_eq!(leaves(&site), before);
    }

    fn keys_that_are_unknown_revoked_or_of_another_kind_open_nothing(db) {
        let site = Site::on(db);
        let keys = site.org("admin").get("/api/v1/keys").expect(200).json();
        let shops = keys.as_array().unwrap().iter().find(|key| key["org"] == "shop").unwrap();
        let id = shops["id"].as_str().unwrap();
        site.org("shop").get("/epcis/capture").expect(200);
        site.org("admin").send("DELETE", &format!("/api/v1/keys/{id}"), &[], "").expect(200);

        for client in [site.org("shop"), site.bearer("sy_live_invented"), site.bearer(""), site.anyone()] {
            let reply = client.get("/epcis/capture");
            assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
            let problem = reply.problem(401);
            assert_eq!(problem["type"], "epcisException:SecurityException");
        }
        let basic = ("Authorization", "Basic ZGFpcnk6ZGFpcnk=");
        site.anyone().get_with("/epcis/capture", &[basic]).problem(401);
    }
}
