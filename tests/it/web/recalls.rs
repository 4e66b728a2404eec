//! Traces and recalls over HTTP, from the scan of a can to the closed case.

use serde_json::json;

use crate::harness::site::{MILK, PLANT, Site};
use crate::scan::given::sold_can;

both! {
    fn a_thing_is_traced_back_forward_and_to_where_and_whom(db) {
        let site = Site::on(db);
        let can = sold_can(&site);
        let dairy = site.org("dairy");
        let id = format!("https%3A%2F%2Ftrace.example%2F01%2F{MILK}%2F21%2F{can}");

        let back = dairy.get(&format!("/api/v1/trace/back?id={id}")).expect(200).json();
        let forward = dairy.get(&format!("/api/v1/trace/forward?id={id}")).expect(200).json();
        let found = dairy.get(&format!("/api/v1/trace/where?id={id}&at=2026-11-03T10:00:00Z")).expect(200).json();
        let who = dairy.get(&format!("/api/v1/trace/who?id={id}")).expect(200).json();

        assert!(back["events"].as_array().is_some_and(|events| !events.is_empty()), "{back}");
        assert!(forward["nodes"].is_array(), "{forward}");
        assert!(found["status"].is_string(), "{found}");
        assert!(who["responsible"].is_array(), "{who}");
        for (path, status) in [
            ("/api/v1/trace/back".to_owned(), 400),
            ("/api/v1/trace/back?id=nonsense".to_owned(), 400),
            (format!("/api/v1/trace/back?id={id}&from=yesterday"), 400),
            (format!("/api/v1/trace/who?id={id}&at=2026-11-03T10:00:00Z"), 400),
            (format!("/api/v1/trace/who?id=https%3A%2F%2Fx.example%2F01%2F{MILK}%2F21%2FNONE"), 404),
        ] {
            dairy.get(&path).problem(status);
        }
    }

    fn nobody_traces_or_recalls_what_is_not_his(db) {
        let site = Site::on(db);
        let can = sold_can(&site);
        let item = format!("https://id.gs1.org/01/{MILK}/21/{can}");
        let id = format!("id=https%3A%2F%2Fid.gs1.org%2F01%2F{MILK}%2F21%2F{can}");
        let other = site.org("other");

        for way in ["back", "forward", "where", "who"] {
            let path = format!("/api/v1/trace/{way}?{id}");
            other.get(&path).problem(404);
            site.org("regulator").get(&path).expect(200);
        }
        for wish in [
            json!({"units": [item], "reason": "r"}),
            json!({"lots": [format!("https://id.gs1.org/01/{MILK}/10/L2611A")], "reason": "r", "dry_run": true}),
            json!({"units": ["https://id.gs1.org/00/095212340000000013"], "reason": "r"}),
            json!({"places": [{"place": PLANT, "from": "2026-11-01T00:00:00Z", "until": "2026-11-02T00:00:00Z"}], "reason": "r"}),
        ] {
            let problem = other.post("/api/v1/recalls", &wish.to_string()).problem(403);
            assert!(problem["detail"].as_str().unwrap().contains("is no product or place of \"other\""), "{problem}");
        }
    }

    fn an_array_is_no_scope_and_a_number_nobody_gave_is_no_credential(db) {
        let site = Site::on(db);
        let regulator = site.org("regulator");
        let lot = format!("(01){MILK}(10)L2611A");
        let preview = |scope: serde_json::Value| {
            regulator.post("/api/v1/recalls/preview", &json!({"scope": scope}).to_string())
        };

        let problem = preview(json!([[lot]])).problem(400);
        assert_eq!(problem["errors"][0]["pointer"], "scope", "{problem}");
        assert!(problem["detail"].as_str().unwrap().starts_with("the scope cannot be read: "), "{problem}");
        let inner = preview(json!({"lots": [lot], "policies": ["2m"]})).problem(400);
        assert!(inner["detail"].as_str().unwrap().contains("expected an object"), "{inner}");
        let open = |body: serde_json::Value| regulator.post("/api/v1/recalls", &body.to_string());
        let whole = [json!([lot]), json!([]), json!([]), json!([]), json!([]), json!([]), json!([]), json!([])];
        let whole = [&whole[..], &[json!(null), json!({}), json!("r"), json!(true)]].concat();
        let problem = open(json!(whole)).problem(400);
        assert!(problem["detail"].as_str().unwrap().contains("expected an object"), "{problem}");
        let inner = open(json!({"products": [["(01)09521234543213"]], "reason": "r"})).problem(400);
        assert!(inner["detail"].as_str().unwrap().contains("expected an object"), "{inner}");

        let never = preview(json!({"credentials": ["NONE-1"]})).problem(404);
        assert_eq!(never["detail"], "no credential \"NONE-1\"");
    }

    fn a_recall_is_driven_to_its_end_and_every_scan_tells_it(db) {
        let site = Site::on(db);
        let can = sold_can(&site);
        let unseen = site.issue("L2611A", 1).remove(0);
        let other = site.issue("L2612B", 1).remove(0);
        let dairy = site.org("dairy");
        let lot = format!("https://id.gs1.org/01/{MILK}/10/L2611A");
        let item = format!("https://id.gs1.org/01/{MILK}/21/{can}");
        let wish = json!({"units": [item], "hazard": "Salmonella", "reason": "laboratory finding"});
        let recalled = |serial: &str| {
            let reply = site
                .anyone()
                .get_with(&format!("/01/{MILK}/21/{serial}"), &[("Accept", "application/json")])
                .expect(200);
            reply.json()["recalls"].as_array().unwrap().clone()
        };

        let mut dry = wish.clone();
        dry["dry_run"] = json!(true);
        let dry = dairy.post("/api/v1/recalls", &dry.to_string()).expect(200).json();
        assert_eq!(dry["recall"], json!(null));
        let opened = dairy.post("/api/v1/recalls", &wish.to_string()).expect(201);
        let path = opened.header("location").unwrap().to_owned();
        assert_eq!((&opened.json()["state"], &opened.json()["unit_count"]), (&json!("assessing"), &json!(1)));
        assert_eq!(recalled(&can), Vec::<serde_json::Value>::new(), "nothing is decided yet");

        let because = json!({"reason": "confirmed"}).to_string();
        site.org("other").post(&format!("{path}/decide"), &because).problem(403);
        dairy.post(&format!("{path}/decide"), &because).expect(200);
        dairy.post(&format!("{path}/decide"), &because).problem(409);
        let notified = dairy.post(&format!("{path}/notify"), &because).expect(200).json();
        assert_eq!(notified["state"], "executing");

        let notice = &recalled(&can)[0];
        assert_eq!((&notice["hazard"], &notice["state"]), (&json!("Salmonella"), &json!("executing")));
        let page = site.anyone().get(&format!("/01/{MILK}/21/{can}?lang=zh")).expect(200).text;
        assert!(page.contains("此产品正在召回") && page.contains("Salmonella"), "{page}");
        assert!(!page.contains("laboratory finding"), "reasons stay inside");
        assert!(!page.contains("verdict good"), "nothing is green beside a recall");
        let of_lot = site.anyone().get(&format!("/01/{MILK}/10/L2611A?lang=en")).expect(200).text;
        assert!(of_lot.contains("Part of this lot is recalled") && !of_lot.contains("never seen"), "{of_lot}");
        for free in [&unseen, &other] {
            assert_eq!(recalled(free), Vec::<serde_json::Value>::new());
        }

        let listed = dairy.get("/api/v1/recalls").expect(200).json();
        assert_eq!(listed.as_array().unwrap().len(), 1);
        assert_eq!(site.org("lab").get("/api/v1/recalls").status, 403);
        let shown = dairy.get(&path).expect(200).json();
        assert_eq!(shown["state"], "executing");
        dairy.get(&format!("{path}?version=x")).problem(400);
        dairy.get(&format!("{path}?version=9")).problem(404);
        let units = dairy.get(&format!("{path}/units")).expect(200).json();
        assert_eq!(units["lines"][0]["id"], item);
        dairy.get(&format!("{path}/units?nextPageToken=x")).problem(400);
        let table = dairy.get(&format!("{path}/units.csv")).expect(200);
        assert_eq!(table.header("content-type"), Some("text/csv; charset=utf-8"));
        let rows: Vec<&str> = table.text.lines().collect();
        assert_eq!((rows.len(), rows[0]), (2, "id,certainty,quantity,place,holder,status,path,proposed_removal,sender,from,others,owner,left_out,place_certainty,inside"));
        assert!(rows[1].starts_with(&item), "{rows:?}");
        site.org("other").get(&format!("{path}/units.csv")).problem(404);
        let lines = dairy.get(&format!("{path}/units.jsonl")).expect(200);
        assert_eq!(lines.header("content-type"), Some("application/x-ndjson"));
        let read: Vec<serde_json::Value> = lines.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(serde_json::Value::from(read), units["lines"], "the same as the pages");
        site.org("other").get(&format!("{path}/units.jsonl")).problem(404);
        dairy.get(&format!("{path}/units.jsonl?lang=zh")).problem(400);
        let answer = json!({"reason": "found it", "found": 1, "quarantined": 1}).to_string();
        dairy.post(&format!("{path}/close"), &answer).problem(400);
        for task in shown["tasks"].as_array().unwrap() {
            let holder = task["holder"].as_str().unwrap();
            if ["dairy", "shop"].contains(&holder) {
                site.org(holder).post(&format!("{path}/ack"), &answer).expect(200);
            }
        }
        let mut state = json!(null);
        while state != "closed" {
            let moved = dairy.post(&format!("{path}/close"), &because).expect(200).json();
            assert_ne!(moved["state"], state, "every move leads somewhere");
            state = moved["state"].clone();
        }
        assert_eq!(recalled(&can)[0]["state"], "closed", "what was recalled stays recalled");
        let page = site.anyone().get(&format!("/01/{MILK}/21/{can}?lang=en")).expect(200).text;
        assert!(page.contains("This product was recalled") && !page.contains("This product is recalled"), "{page}");

        let whole = json!({"lots": [lot], "reason": "the whole lot"}).to_string();
        let opened = dairy.post("/api/v1/recalls", &whole).expect(201);
        let path = opened.header("location").unwrap();
        dairy.post(&format!("{path}/decide"), &because).expect(200);
        assert_eq!(recalled(&unseen).len(), 1, "a can nobody saw shares the fate of its lot");
        assert_eq!(recalled(&can).len(), 2);
        assert_eq!(recalled(&other), Vec::<serde_json::Value>::new());
    }
}
