//! What is said of a code.

use serde_json::{Value, json};

use super::given::sold_can;
use crate::harness::site::{CREAM, HONEY, MILK, PLANT, Site};

const JSON: &[(&str, &str)] = &[("Accept", "application/json"), ("Accept-Language", "en")];

fn scan(site: &Site, path: &str) -> Value {
    site.anyone().get_with(path, JSON).json()
}

both! {
    fn an_issued_and_seen_code_tells_product_maker_lot_and_journey(db) {
        let site = Site::on(db);
        let serial = sold_can(&site);

        let told = scan(&site, &format!("/01/{MILK}/21/{serial}"));

        assert_eq!(told["verdict"], "known");
        assert_eq!((&told["kind"], &told["serial"], &told["lot"]), (&json!("item"), &json!(serial), &json!("L2611A")));
        assert_eq!(told["product"]["name"], "Fresh milk");
        assert_eq!(told["maker"]["name"], "Minshan Dairy");
        assert_eq!(told["maker"]["phone"], "0591-1234567");
        assert_eq!((&told["produced"], &told["best_before"]), (&json!("2026-10-31"), &json!("2027-10-31")));
        let journey: Vec<String> = told["journey"]
            .as_array()
            .unwrap()
            .iter()
            .map(|stop| format!("{} {} {}", stop["date"], stop["step"], stop["city"]["name"]).replace('"', ""))
            .collect();
        assert_eq!(
            journey,
            [
                "2026-11-01 Made and coded Fuzhou, Fujian",
                "2026-11-02 Packed Fuzhou, Fujian",
                "2026-11-03 Shipped Fuzhou, Fujian",
                "2026-11-04 Unpacked Xiamen, Fujian",
                "2026-11-06 Sold at retail Xiamen, Fujian",
            ],
            "what happened to the carton afterwards is not the can's"
        );
    }

    fn names_of_places_stay_inside(db) {
        let site = Site::on(db);
        let serial = sold_can(&site);
        for headers in [JSON, &[]] {
            let text = site.anyone().get_with(&format!("/01/{MILK}/21/{serial}"), headers).text;
            for hidden in ["Plant No. 1", "Corner Shop", "9520000000004", "9520000000011"] {
                assert!(!text.contains(hidden), "{hidden}");
            }
        }
    }

    fn a_code_that_was_issued_and_never_seen_is_told_so(db) {
        let site = Site::on(db);
        let serial = &site.issue("L1", 2)[1];

        let told = scan(&site, &format!("/01/{MILK}/21/{serial}"));

        assert_eq!((&told["verdict"], &told["lot"]), (&json!("issued-unseen"), &json!("L1")));
        assert_eq!(told["journey"], json!([]));
    }

    fn an_invented_code_is_not_issued(db) {
        let site = Site::on(db);
        let serial = &site.issue("L1", 1)[0];
        let (stem, last) = serial.split_at(13);
        let other = if last == "0" { "1" } else { "0" };
        for invented in [format!("{stem}{other}"), "00000000000000".to_owned(), "ABC-1".to_owned()] {
            let told = scan(&site, &format!("/01/{MILK}/21/{invented}"));
            assert_eq!(told["verdict"], "not-issued", "{invented}");
            assert_eq!(told["lot"], json!(null));
        }
    }

    fn a_code_of_one_product_is_not_issued_for_another(db) {
        let site = Site::on(db);
        let serial = &site.issue("L1", 1)[0];
        let told = scan(&site, &format!("/01/{CREAM}/21/{serial}"));
        assert_eq!(told["verdict"], "unrecorded", "the cream has no computed codes");
        let told = scan(&site, &format!("/01/09521234543244/21/{serial}"));
        assert_eq!(told["verdict"], "unknown-product");
    }

    fn a_link_with_another_lot_is_doubted(db) {
        let site = Site::on(db);
        let serial = &site.issue("L1", 1)[0];
        for (lot, verdict) in [("L1", "issued-unseen"), ("L2", "other-lot")] {
            let told = scan(&site, &format!("/01/{MILK}/10/{lot}/21/{serial}"));
            assert_eq!((&told["verdict"], &told["lot"]), (&json!(verdict), &json!("L1")));
        }
    }

    fn a_code_typed_by_hand_is_understood(db) {
        let site = Site::on(db);
        let serial = &site.issue("L1", 1)[0];
        let typed = serial.to_lowercase().replace('1', "l").replace('0', "o");
        let told = scan(&site, &format!("/01/{MILK}/21/{typed}"));
        assert_eq!((&told["verdict"], &told["serial"]), (&json!("issued-unseen"), &json!(serial)));
    }

    fn serials_from_elsewhere_are_known_once_they_were_recorded(db) {
        let site = Site::on(db);
        let path = format!("/01/{HONEY}/21/JAR-7");
        assert_eq!(scan(&site, &path)["verdict"], "unrecorded");
        let event = json!({
            "@context": "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
            "type": "ObjectEvent",
            "eventTime": "2026-11-01T08:00:00Z",
            "eventTimeZoneOffset": "+08:00",
            "action": "OBSERVE",
            "epcList": [format!("https://id.gs1.org/01/{HONEY}/21/JAR-7")],
            "readPoint": {"id": PLANT},
        });
        site.org("dairy").post("/epcis/events", &event.to_string()).expect(201);

        assert_eq!(scan(&site, &path)["verdict"], "known");
        assert_eq!(scan(&site, &format!("/01/{HONEY}/21/jar-7"))["verdict"], "unrecorded");
    }

    fn lots_units_places_and_products_have_their_answers(db) {
        let site = Site::on(db);
        site.issue("L1", 1);
        sold_can(&site);
        for (path, kind, verdict) in [
            (format!("/01/{MILK}"), "product", "product-only"),
            (format!("/01/{MILK}/10/L1"), "lot", "issued-unseen"),
            (format!("/01/{CREAM}/10/NONE"), "lot", "unrecorded"),
            ("/00/095212345000000018".to_owned(), "unit", "known"),
            ("/00/095212345000000025".to_owned(), "unit", "unrecorded"),
            ("/414/9520000000004".to_owned(), "place", "known"),
            ("/414/9520000000028".to_owned(), "place", "unrecorded"),
        ] {
            let told = scan(&site, &path);
            assert_eq!((&told["kind"], &told["verdict"]), (&json!(kind), &json!(verdict)), "{path}");
        }
    }
}
