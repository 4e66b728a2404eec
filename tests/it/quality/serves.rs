//! The report over HTTP and at the command line.

use serde_json::{Value, json};
use suyuan::app;
use suyuan::capture::ErrorBehaviour;

use crate::harness::site::{HONEY, PLANT, SHOP, Site};

fn jar(number: u32) -> String {
    format!("https://id.gs1.org/01/{HONEY}/21/{number}")
}

/// Jars that were sold at the shop and never made: three events, three findings.
fn spoil(site: &Site) {
    let events: Vec<(u32, Vec<String>)> =
        (1..=3).map(|number| (number, vec![jar(number)])).collect();
    sold(site, &events);
}

/// What was sold at the shop, event by event.
fn sold(site: &Site, events: &[(u32, Vec<String>)]) {
    let count = events.len();
    let events: Vec<Value> = events
        .iter()
        .map(|(number, jars)| {
            json!({
                "type": "ObjectEvent",
                "eventID": format!("urn:uuid:00000000-0000-4000-8000-00000000000{number}"),
                "eventTime": "2026-09-20T08:00:00Z",
                "eventTimeZoneOffset": "+00:00",
                "action": "OBSERVE",
                "bizStep": "retail_selling",
                "epcList": jars,
                "readPoint": {"id": SHOP},
            })
        })
        .collect();
    let body = json!({
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-09-21T00:00:00Z",
        "epcisBody": {"eventList": events},
    });
    let body = body.to_string().into_bytes();
    let receipt = app::capture_local(site.app(), "shop", body, ErrorBehaviour::Proceed).unwrap();
    assert_eq!(receipt.recorded, count);
}

both! {
    fn counts_come_first_and_findings_page_by_page(db) {
        let site = Site::on(db);
        spoil(&site);
        let shop = site.org("shop");
        let path = "/api/v1/quality?late=36500&perPage=2";

        let first = shop.get(path).expect(200);
        let page = first.json();
        assert_eq!(page["total"], 3);
        assert_eq!(page["counts"], json!([{"kind": "never_began", "findings": 3, "things": 3}]));
        let findings = page["findings"].as_array().unwrap();
        assert_eq!(findings.len(), 2);
        assert_eq!(findings[0]["things"], json!([jar(1)]));
        assert_eq!(findings[0]["ask"], json!(["shop"]));
        assert!(findings[0]["sentence"]["zh"].is_string(), "{page}");

        let link = first.header("link").unwrap().to_owned();
        let next = link.split(['<', '>']).nth(1).unwrap();
        let second = shop.get(next).expect(200);
        assert_eq!(second.header("link"), None);
        let page = second.json();
        assert_eq!(page["total"], Value::Null);
        assert_eq!(page["findings"][0]["things"], json!([jar(3)]));

        for (org, total) in [("auditor", 3), ("regulator", 3), ("admin", 3), ("dairy", 3), ("other", 0)] {
            let page = site.org(org).get("/api/v1/quality?late=36500").expect(200).json();
            assert_eq!(page["total"], total, "{org}");
        }
        site.org("insurer").get("/api/v1/quality").problem(403);
    }

    fn a_page_of_everything_ends_where_it_names_too_much(db) {
        let site = Site::on(db);
        for number in 1..=3_u32 {
            let first = number * 100_000;
            let jars: Vec<String> = (first..first + 4_000).map(jar).collect();
            sold(&site, &[(number, jars)]);
        }
        let shop = site.org("shop");

        let path = "/api/v1/quality?late=36500&kind=never_began";
        let page = shop.get(path).expect(200).json();
        let findings = page["findings"].as_array().unwrap();
        let named: Vec<usize> = findings.iter().map(|it| it["things"].as_array().unwrap().len()).collect();
        let most = named.iter().max().unwrap();
        assert_eq!(*most, 20, "unless asked for: {named:?}");
        let more: u64 = findings.iter().map(|it| it["more"].as_u64().unwrap()).sum();
        assert_eq!(more + named.iter().sum::<usize>() as u64, 12_000);

        let (mut next, mut things, mut pages) = (format!("{path}&all=true"), Vec::new(), 0);
        loop {
            let page = shop.get(&next).expect(200);
            let json = page.json();
            for finding in json["findings"].as_array().unwrap() {
                assert_eq!(finding["more"], 0);
                things.extend(finding["things"].as_array().unwrap().clone());
            }
            pages += 1;
            let Some(link) = page.header("link").map(str::to_owned) else {
                break;
            };
            link.split(['<', '>']).nth(1).unwrap().clone_into(&mut next);
        }
        let all: std::collections::BTreeSet<&str> = things.iter().filter_map(Value::as_str).collect();
        assert_eq!((all.len(), things.len(), pages), (12_000, 12_000, 2));
    }

    fn what_is_asked_wrongly_is_refused_by_name(db) {
        let site = Site::on(db);
        let shop = site.org("shop");
        for (query, name) in [
            ("kind=nonsense", "kind"),
            ("speed=fast", "speed"),
            ("from=yesterday", "from"),
            ("gtin=09521234543220&lot=x", "lot"),
            ("nextPageToken=x", "nextPageToken"),
            ("colour=red", "colour"),
            ("all=yes", "all"),
        ] {
            let problem = shop.get(&format!("/api/v1/quality?{query}")).problem(400);
            assert_eq!(problem["errors"][0]["pointer"], name, "{problem}");
        }
        shop.get(&format!("/api/v1/quality?place={}", PLANT.replace(':', "%3A"))).expect(200);
        shop.get("/api/v1/quality?lot=(01)09521234543220(10)NONE").problem(404);
    }

    fn a_place_that_nobody_knows_is_not_found(db) {
        let site = Site::on(db);
        let shop = site.org("shop");
        for place in ["9521234000990", "urn:x:nowhere"] {
            let path = format!("/api/v1/quality?place={}", place.replace(':', "%3A"));
            let problem = shop.get(&path).problem(404);
            let detail = problem["detail"].as_str().unwrap();
            assert!(detail.contains(place) && detail.contains("no registered place"), "{problem}");
        }
    }
}
