//! Pictures over HTTP.

use serde_json::json;

use crate::harness::site::{MILK, PLANT, Site};
use crate::scan::given::sold_can;

both! {
    fn a_chain_is_drawn_for_whom_it_concerns_and_in_the_language_asked_for(db) {
        let site = Site::on(db);
        let can = sold_can(&site);
        let dairy = site.org("dairy");
        let id = format!("id=https%3A%2F%2Ftrace.example%2F01%2F{MILK}%2F21%2F{can}");
        let path = format!("/api/v1/trace/picture?{id}");

        let en = dairy.get(&path).expect(200);
        let zh = dairy.get(&format!("{path}&lang=zh&direction=back&collapse=never")).expect(200);

        assert_eq!(en.header("content-type"), Some("image/svg+xml; charset=utf-8"));
        assert_eq!(en.header("content-language"), Some("en"));
        assert!(en.text.starts_with("<svg ") && en.text.contains(">Sold<") && en.text.contains(&can), "{}", en.text);
        assert_eq!(zh.header("content-language"), Some("zh"));
        assert!(zh.text.contains("从哪里来") && zh.text.contains("xml:lang=\"zh\""), "{}", zh.text);
        site.org("other").get(&path).problem(404);
        site.org("regulator").get(&path).expect(200);
        site.anyone().get(&path).problem(401);
    }

    fn a_picture_that_is_asked_for_wrongly_is_refused_by_name(db) {
        let site = Site::on(db);
        let can = sold_can(&site);
        let dairy = site.org("dairy");
        let id = format!("id=https%3A%2F%2Ftrace.example%2F01%2F{MILK}%2F21%2F{can}");

        for (query, field) in [
            (format!("{id}&colour=red"), "colour"),
            (format!("{id}&direction=up"), "direction"),
            (format!("{id}&lang=fr"), "lang"),
            (format!("{id}&collapse=all"), "collapse"),
            (format!("{id}&until=yesterday"), "until"),
            ("lang=en".to_owned(), "id"),
        ] {
            let problem = dairy.get(&format!("/api/v1/trace/picture?{query}")).problem(400);
            assert_eq!(problem["errors"][0]["pointer"], field, "{problem}");
        }
        for (query, status) in [
            ("id=nonsense".to_owned(), 400),
            (format!("id=https%3A%2F%2Fx.example%2F01%2F{MILK}%2F21%2FNONE"), 404),
            (format!("{id}&recall=none"), 404),
        ] {
            dairy.get(&format!("/api/v1/trace/picture?{query}")).problem(status);
        }
        let png = format!("/api/v1/trace/picture?{id}");
        assert_eq!(dairy.get_with(&png, &[("Accept", "image/png")]).status, 406);
    }

    fn a_recall_is_drawn_for_who_conducts_it(db) {
        let site = Site::on(db);
        let can = sold_can(&site);
        let dairy = site.org("dairy");
        let places = json!([{"place": PLANT, "from": "2026-10-31T00:00:00Z", "until": "2026-11-30T00:00:00Z"}]);
        let wish = json!({"places": places, "hazard": "Salmonella", "reason": "laboratory finding"});
        let opened = dairy.post("/api/v1/recalls", &wish.to_string()).expect(201);
        let path = format!("{}/picture", opened.header("location").unwrap());
        let recall = opened.json()["recall"].as_str().unwrap().to_owned();

        let drawn = dairy.get(&format!("{path}?lang=zh")).expect(200);

        assert_eq!(drawn.header("content-type"), Some("image/svg+xml; charset=utf-8"));
        assert!(drawn.text.contains("受影响的路径（召回范围）"), "{}", drawn.text);
        site.org("regulator").get(&path).expect(200);
        site.org("other").get(&path).problem(404);
        dairy.get(&format!("{path}?size=big")).problem(400);
        dairy.get(&format!("{path}?version=9")).problem(404);
        dairy.get("/api/v1/recalls/none/picture").problem(404);
        let marked = format!("/api/v1/trace/picture?id=https%3A%2F%2Fx.example%2F01%2F{MILK}%2F21%2F{can}&recall={recall}");
        assert!(dairy.get(&marked).expect(200).text.contains(&recall));
    }
}
