//! Scopes that find nothing, and tables that are asked for wrongly, over HTTP.

use serde_json::json;

use crate::harness::site::{MILK, PLANT, Site};
use crate::scan::given::sold_can;

both! {
    fn a_preview_in_which_nothing_is_affected_is_an_answer_with_reasons(db) {
        let site = Site::on(db);
        sold_can(&site);
        let dairy = site.org("dairy");
        let hour = |from: &str, until: &str| json!({
            "place": PLANT,
            "from": format!("2026-11-01T{from}:00Z"),
            "until": format!("2026-11-01T{until}:00Z"),
            "guard": "10m",
        });
        // The can came to be there at eight.
        let stamped = json!({"starts": "stamped"});
        let scope = json!({"places": [hour("06:00", "07:30")], "policies": stamped});

        let preview = dairy.post("/api/v1/recalls/preview", &json!({"scope": scope}).to_string()).expect(200).json();

        assert_eq!((&preview["empty"], &preview["unit_count"]), (&json!(true), &json!(0)), "{preview}");
        assert_eq!(preview["excluded"]["outside_window"], 1, "{preview}");
        let wish = json!({"places": [hour("06:00", "07:30")], "policies": stamped, "reason": "r"});
        let problem = dairy.post("/api/v1/recalls", &wish.to_string()).problem(422);
        assert!(problem["detail"].as_str().unwrap().contains("outside_window 1"), "{problem}");

        let wide = json!({"scope": {"places": [hour("06:00", "07:55")], "policies": stamped}});
        let preview = dairy.post("/api/v1/recalls/preview", &wide.to_string()).expect(200).json();
        assert_eq!((&preview["empty"], &preview["unit_count"]), (&json!(false), &json!(1)), "{preview}");
        let guard = preview["costs"].as_array().unwrap().iter().find(|cost| cost["rule"] == "guard");
        assert_eq!(guard.unwrap()["units"], 1, "{preview}");
    }

    fn a_table_of_a_holder_that_is_nobody_is_a_problem_and_no_broken_stream(db) {
        let site = Site::on(db);
        let can = sold_can(&site);
        let item = format!("https://id.gs1.org/01/{MILK}/21/{can}");
        let dairy = site.org("dairy");
        let wish = json!({"units": [item], "reason": "r"}).to_string();
        let opened = dairy.post("/api/v1/recalls", &wish).expect(201);
        let path = opened.header("location").unwrap().to_owned();
        for table in ["units", "units.csv", "units.jsonl"] {
            let problem = dairy.get(&format!("{path}/{table}?holder=dairry")).problem(400);
            assert!(problem["detail"].as_str().unwrap().contains("\"dairry\" has nothing in this recall"), "{table}: {problem}");
            let empty = dairy.get(&format!("{path}/{table}?holder=regulator")).expect(200);
            assert!(!empty.text.contains(&can), "{table}: {}", empty.text);
        }
        for (version, status) in [("9", 404), ("0", 404), ("x", 400)] {
            for table in ["units.csv", "units.jsonl"] {
                dairy.get(&format!("{path}/{table}?version={version}")).problem(status);
            }
        }
        for wrong in ["from=1&to=9", "from=2&to=1", "to=1", "holder=dairy"] {
            let reply = dairy.get(&format!("{path}/diff.csv?{wrong}"));
            let status = if wrong.ends_with('9') { 404 } else { 400 };
            reply.problem(status);
        }
    }
}
