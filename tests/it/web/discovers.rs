//! What the server says of itself.

use suyuan::web;

use super::given::{PALLET, id, seen};
use crate::harness::site::Site;

both! {
    fn options_tell_methods_limits_and_what_browsers_may_read(db) {
        let site = Site::on(db);

        let reply = site.anyone().send("OPTIONS", "/epcis/capture", &[], "").expect(204);

        assert_eq!(reply.header("allow"), Some("POST, GET, HEAD, OPTIONS"));
        assert_eq!(reply.header("access-control-allow-methods"), Some("POST, GET, HEAD, OPTIONS"));
        assert_eq!(reply.header("gs1-capture-error-behaviour"), Some("all"));
        assert_eq!(reply.header("gs1-epcis-capture-limit"), Some("10000"));
        assert_eq!(reply.header("gs1-epcis-capture-file-size-limit"), Some("33554432"));
        assert_eq!(reply.header("gs1-epcis-version"), Some("2.0.0"));
        let exposed = reply.header("access-control-expose-headers").unwrap();
        assert!(exposed.contains("Location") && exposed.contains("Link"), "{exposed}");
    }

    fn every_answer_carries_its_id_and_guards_the_browser(db) {
        let site = Site::on(db);
        for (path, brought) in [("/healthz", "abc-1"), ("/nothing", "abc-1")] {
            let reply = site.anyone().get_with(path, &[("X-Request-Id", brought)]);
            assert_eq!(reply.header("x-request-id"), Some(brought));
            assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
            assert_eq!(reply.header("x-frame-options"), Some("DENY"));
            assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
            assert!(reply.header("content-security-policy").is_some());
        }
        let own = site.anyone().get_with("/healthz", &[("X-Request-Id", "two words")]);
        assert_ne!(own.header("x-request-id"), Some("two words"));
    }

    fn head_is_get_without_a_body(db) {
        let site = Site::on(db);

        let head = site.anyone().send("HEAD", "/healthz", &[], "").expect(200);

        assert_eq!(head.text, "");
        assert_eq!(head.header("content-type"), Some("text/plain; charset=utf-8"));
    }

    fn it_is_alive_and_ready_and_measures_what_it_does(db) {
        let site = Site::on(db);
        assert_eq!(site.anyone().get("/healthz").expect(200).text, "alive\n");
        assert_eq!(site.anyone().get("/readyz").expect(200).text, "ready\n");
        let body = seen(&id(1), PALLET).to_string();
        site.org("dairy").post("/epcis/events", &body).expect(201);
        site.org("dairy").post("/epcis/events", &body).expect(201);
        site.anyone().get("/01/09521234543213").expect(200);

        let text = site.org("auditor").get("/metrics").expect(200).text;

        for line in [
            "suyuan_http_requests_total{route=\"/epcis/events\",method=\"POST\",status=\"201\"} 2",
            "suyuan_http_request_duration_seconds_count{route=\"/healthz\",method=\"GET\"} 1",
            "suyuan_events_total{outcome=\"recorded\"} 1",
            "suyuan_events_total{outcome=\"duplicate\"} 1",
            "suyuan_events_total{outcome=\"conflict\"} 0",
            "suyuan_scans_total{verdict=\"product-only\"} 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }

    fn the_openapi_document_is_served_as_it_is_kept(db) {
        let site = Site::on(db);
        let served = site.anyone().get("/api/v1/openapi.json").expect(200);
        assert_eq!(served.text, web::openapi().unwrap());
        assert_eq!(served.json()["openapi"], "3.1.0");
    }

    fn a_table_that_is_gone_is_an_internal_error_that_tells_nothing(db) {
        use diesel::connection::SimpleConnection as _;

        let site = Site::on(db);
        db.conn().batch_execute("DROP TABLE capture_jobs").unwrap();

        let problem = site.org("dairy").get("/epcis/capture").problem(500);

        assert_eq!(problem["type"], "epcisException:ImplementationException");
        assert!(!problem.to_string().contains("capture_jobs"), "{problem}");
    }

    fn a_symbol_is_drawn_as_it_would_be_printed(db) {
        let site = Site::on(db);
        let dairy = site.org("dairy");
        let id = "id=%2801%2909521234543213%2821%29A1";

        let svg = dairy.get(&format!("/api/v1/qr?{id}")).expect(200);
        let png = dairy.send("HEAD", &format!("/api/v1/qr?{id}&format=png"), &[], "").expect(200);

        assert_eq!(svg.header("content-type"), Some("image/svg+xml"));
        assert!(svg.text.starts_with("<svg") || svg.text.starts_with("<?xml"), "{}", svg.text);
        assert_eq!(png.header("content-type"), Some("image/png"));
        dairy.get("/api/v1/qr").problem(400);
        dairy.get(&format!("/api/v1/qr?{id}&format=gif")).problem(400);
        dairy.get("/api/v1/qr?id=%2801%2909521234543214").problem(400);
        dairy.get(&format!("/api/v1/qr?{id}&size=9")).problem(400);
    }

    fn the_position_is_what_traces_and_recalls_take(db) {
        let site = Site::on(db);
        let position = site.org("auditor").get("/api/v1/position").expect(200).json();

        assert!(position["control/0"]["size"].as_i64().is_some_and(|size| 0 < size), "{position}");
        assert_eq!(position["control/0"]["chain_hash"].as_str().map(str::len), Some(64));
        site.org("dairy").get("/api/v1/position").problem(403);
    }
}
