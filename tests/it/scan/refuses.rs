//! Codes that are none.

use crate::harness::site::{MILK, Site};

both! {
    fn a_link_that_is_wrong_is_never_answered_with_200(db) {
        let site = Site::on(db);
        let stray = format!("/01/{MILK}/foo");
        let in_query = format!("/01/{MILK}?21=S1");
        let odd = format!("/01/{MILK}/21");
        let wrong_order = format!("/01/{MILK}/21/S/10/L");
        let broken = format!("/01/{MILK}/21/%ZZ");
        for path in [
            "/01/09521234543214",
            "/01/",
            "/01/abc",
            "/00/095212345000000011",
            "/414/952000000000",
            &stray,
            &in_query,
            &odd,
            &wrong_order,
            &broken,
        ] {
            let page = site.anyone().get_with(path, &[("Accept", "text/html")]).expect(400);
            assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"), "{path}");
            assert!(page.text.contains("无法识别此编码"), "{path}");
            let problem = site.anyone().get_with(path, &[("Accept", "application/json")]).problem(400);
            assert_eq!(problem["type"], "epcisException:ValidationException");
        }
    }

    fn an_unknown_product_is_not_found(db) {
        let site = Site::on(db);
        let page = site.anyone().get_with("/01/09521234543244/21/S1?lang=en", &[]).expect(404);
        assert!(page.text.contains("Unknown product"));
    }

    fn a_kind_of_link_that_is_not_there_is_not_found(db) {
        let site = Site::on(db);
        let json = [("Accept", "application/json")];
        site.anyone().get_with(&format!("/01/{MILK}?linkType=gs1:epil"), &json).problem(404);
        site.anyone().get_with(&format!("/01/{MILK}?linkType=gs1:traceability"), &json).expect(200);
    }
}
