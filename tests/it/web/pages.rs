//! Listings in pages: each page leads to the next with all that was asked, until nothing is left.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::site::{Client, PLANT, SHOP, Site};

/// More than a page has blocks of codes.
const CASES: u64 = 20;

/// A case, each in a block of codes of its own.
fn case(number: u64) -> String {
    let digits = format!("{:017}", 9_520_000_000_000_000 + number * 4_096);
    let weighed = digits.bytes().rev().zip([3, 1].into_iter().cycle());
    let sum: u32 = weighed
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    format!("https://id.gs1.org/00/{digits}{}", (10 - sum % 10) % 10)
}

fn cases() -> Vec<String> {
    (0..CASES).map(case).collect()
}

/// Somebody sees cases at a place.
fn seen(client: &Client<'_>, hour: u32, place: &str, step: &str, cases: &[String]) {
    let action = if step == "commissioning" {
        "ADD"
    } else {
        "OBSERVE"
    };
    let document = json!({
        "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-11-08T00:00:00Z",
        "epcisBody": {"eventList": [{
            "type": "ObjectEvent",
            "eventTime": format!("2026-11-07T{hour:02}:00:00Z"),
            "eventTimeZoneOffset": "+00:00",
            "action": action,
            "bizStep": step,
            "epcList": cases,
            "readPoint": {"id": place},
            "bizLocation": {"id": place},
        }]},
    });
    client
        .post("/epcis/capture", &document.to_string())
        .expect(202);
}

/// Where a link leads, which must be to the next page.
fn next(link: &str) -> &str {
    let (address, relation) = link.split_once('>').unwrap();
    assert_eq!(relation, "; rel=\"next\"");
    address.strip_prefix('<').unwrap()
}

/// All lines of a listing, page by page; every link asks again for these parameters.
fn lines(client: &Client<'_>, path: &str, asked: &[&str]) -> Vec<Value> {
    let (mut lines, mut pages) = (Vec::new(), 0);
    let mut address = format!("{path}?{}", asked.join("&"));
    loop {
        let page = client.get(&address).expect(200);
        lines.extend(page.json()["lines"].as_array().unwrap().clone());
        pages += 1;
        let Some(link) = page.header("link") else {
            assert!(1 < pages, "{path} has one page");
            return lines;
        };
        next(link).clone_into(&mut address);
        let (at, query) = address.split_once('?').unwrap();
        assert_eq!(at, path);
        let told: BTreeSet<&str> = query.split('&').collect();
        assert!(
            asked.iter().all(|parameter| told.contains(parameter)),
            "{asked:?} in {address}"
        );
        assert_eq!(
            told.len(),
            asked.len() + 1,
            "and where it begins: {address}"
        );
    }
}

fn ids(lines: &[Value]) -> BTreeSet<&str> {
    let ids: BTreeSet<&str> = lines
        .iter()
        .map(|line| line["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), lines.len(), "no line twice");
    ids
}

both! {
    fn a_holder_lists_its_own_part_and_asks_for_no_others(db) {
        let site = Site::on(db);
        let (dairy, regulator) = (site.org("dairy"), site.org("regulator"));
        seen(&dairy, 8, PLANT, "commissioning", &[case(1)]);
        let wish = json!({"units": [case(1)], "reason": "r"}).to_string();
        let opened = regulator.post("/api/v1/recalls", &wish).expect(201);
        let path = opened.header("location").unwrap();
        let because = json!({"reason": "r"}).to_string();
        for verb in ["decide", "notify"] {
            regulator.post(&format!("{path}/{verb}"), &because).expect(200);
        }
        for table in ["units", "units.csv", "units.jsonl"] {
            for own in ["", "?holder=dairy"] {
                let listed = dairy.get(&format!("{path}/{table}{own}")).expect(200);
                assert!(listed.text.contains(&case(1)), "{table}: {}", listed.text);
            }
            let problem = dairy.get(&format!("{path}/{table}?holder=shop")).problem(403);
            assert_eq!(problem["errors"][0]["pointer"], "holder", "{problem}");
        }
    }

    fn every_page_leads_to_the_next_with_all_that_was_asked(db) {
        let site = Site::on(db);
        let (dairy, regulator) = (site.org("dairy"), site.org("regulator"));
        let all = cases();
        seen(&dairy, 8, PLANT, "commissioning", &all);
        seen(&dairy, 12, PLANT, "inspecting", &[case(CASES)]);
        let open = |wish: Value| {
            let opened = regulator.post("/api/v1/recalls", &wish.to_string()).expect(201);
            opened.header("location").unwrap().to_owned()
        };
        let expected: BTreeSet<&str> = all.iter().map(String::as_str).collect();

        let path = open(json!({"units": all, "reason": "r"}));
        let units = lines(&regulator, &format!("{path}/units"), &["version=1", "holder=dairy"]);
        assert_eq!(ids(&units), expected);
        let in_effect = lines(&regulator, &format!("{path}/units"), &[]);
        assert_eq!(in_effect, units);

        let window = json!({"place": PLANT, "from": "2026-11-07T11:30:00Z", "until": "2026-11-07T12:30:00Z"});
        let other = open(json!({"places": [window], "reason": "r"}));
        let excluded = lines(&regulator, &format!("{other}/excluded"), &["version=1"]);
        assert_eq!(ids(&excluded), expected);

        seen(&site.org("shop"), 16, SHOP, "receiving", &all);
        regulator.post(&format!("{path}/extend"), &json!({"reason": "r"}).to_string()).expect(201);
        let asked = ["from=1", "to=2", "holder=shop", "limit=7"];
        let diff = lines(&regulator, &format!("{path}/diff"), &asked);
        assert_eq!(ids(&diff), expected);
    }
}
