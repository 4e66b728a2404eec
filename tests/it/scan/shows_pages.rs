//! The page, and who gets data in its place.

use super::given::sold_can;
use crate::harness::site::{MILK, Site};

both! {
    fn a_phone_gets_one_page_in_its_language(db) {
        let site = Site::on(db);
        let serial = sold_can(&site);
        let path = format!("/01/{MILK}/21/{serial}");
        let browser = ("Accept", "text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.8");
        for (query, language, lang, words) in [
            ("", "zh-CN,zh;q=0.9", "zh", "编码有效，记录可查"),
            ("", "en-GB,zh;q=0.5", "en", "Valid code, on record"),
            ("", "fr", "zh", "鲜牛奶"),
            ("?lang=en", "zh-CN", "en", "Fresh milk"),
            ("?lang=zh", "en", "zh", "生产者"),
        ] {
            let page = site
                .anyone()
                .get_with(&format!("{path}{query}"), &[browser, ("Accept-Language", language)])
                .expect(200);
            assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
            assert_eq!(page.header("content-language"), Some(lang));
            assert!(page.text.contains(&format!("<html lang=\"{lang}\">")));
            assert!(page.text.contains(words), "{words}");
            let vary = page.header("vary").unwrap().to_lowercase();
            assert!(vary.contains("accept-language"), "{vary}");
            assert_eq!(page.header("cache-control"), Some("no-store"));
            assert_eq!(page.header("x-robots-tag"), Some("noindex"));
        }
    }

    fn the_page_loads_nothing_and_claims_nothing(db) {
        let site = Site::on(db);
        let serial = sold_can(&site);
        let forged = "00000000000000";
        for serial in [serial.as_str(), forged] {
            for lang in ["zh", "en"] {
                let page = site.anyone().get(&format!("/01/{MILK}/21/{serial}?lang={lang}")).expect(200);
                for never in ["<script", "src=", "http://", "https://", "正品", "genuine", "style=\""] {
                    assert!(!page.text.contains(never), "{never} in {serial} {lang}");
                }
                let policy = page.header("content-security-policy").unwrap();
                assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
                assert_eq!(page.header("set-cookie"), None);
            }
        }
    }

    fn a_known_thing_tells_what_its_maker_held_when_it_was_made_and_a_forged_one_nothing(db) {
        let site = Site::on(db);
        let serial = sold_can(&site);
        let csv = format!("id,kind,name,issuer,org,places,products,lots,valid_from,valid_to,outcome\n\
            SC1,licence,生产许可证,regulator,dairy,9520000000004,,,2026-01-01,2026-11-02,\n\
            SC2,licence,旧许可证,regulator,dairy,9520000000004,,,2024-01-01,2026-01-01,\n\
            T1,test_report,出厂检验,Lab A,dairy,,,(01){MILK}(10)L2611A,2026-10-31,,pass\n\
            T2,test_report,他批检验,Lab A,dairy,,,(01){MILK}(10)OTHER,2026-10-31,,pass\n\
            I1,insurance,责任险,Insurer,dairy,,,,2026-01-01,,\n");
        site.org("dairy").post_csv("/api/v1/credentials", &csv).expect(200);
        let path = format!("/01/{MILK}/21/{serial}");

        let data = site.anyone().get_with(&path, &[("Accept", "application/json")]).expect(200).json();
        let zh = site.anyone().get(&format!("{path}?lang=zh")).expect(200).text;
        let en = site.anyone().get(&format!("{path}?lang=en")).expect(200).text;
        let forged = site.anyone().get(&format!("/01/{MILK}/21/00000000000000")).expect(200).text;

        let numbers: Vec<&str> = data["credentials"].as_array().unwrap().iter().map(|held| held["number"].as_str().unwrap()).collect();
        assert_eq!(numbers, ["SC1", "T1"]);
        assert_eq!(data["credentials"][0]["issuer"], "Regulator");
        for (page, words) in [
            (&zh, ["生产时的资质与检测", "许可", "检测合格"]),
            (&en, ["Held when it was made", "Licence", "Test passed"]),
        ] {
            for word in words.into_iter().chain(["生产许可证 · SC1 · Regulator"]) {
                assert!(page.contains(word), "{word}");
            }
        }
        assert!(!forged.contains("SC1"), "{forged}");
    }

    fn data_is_given_only_when_it_is_asked_for(db) {
        let site = Site::on(db);
        let serial = &site.issue("L1", 1)[0];
        let path = format!("/01/{MILK}/21/{serial}");
        for (accept, form) in [
            ("*/*", "text/html; charset=utf-8"),
            ("application/*", "text/html; charset=utf-8"),
            ("application/json", "application/json"),
            ("application/linkset+json", "application/linkset+json"),
        ] {
            let reply = site.anyone().get_with(&path, &[("Accept", accept)]).expect(200);
            assert_eq!(reply.header("content-type"), Some(form), "{accept}");
        }
        let linkset = site.anyone().get(&format!("{path}?linkType=linkset")).expect(200);
        assert_eq!(linkset.header("content-type"), Some("application/linkset+json"));
        let set = &linkset.json()["linkset"][0];
        assert!(set["anchor"].as_str().unwrap().ends_with(&path), "{set}");
        assert!(set["itemDescription"].is_string());
        let page = site.anyone().get(&path);
        assert!(page.header("link").unwrap().contains("rel=\"linkset\""));
    }

    fn spellings_of_one_link_get_one_answer(db) {
        let site = Site::on(db);
        let serial = &site.issue("L1", 1)[0];
        for path in [
            format!("/01/{MILK}/21/{serial}"),
            format!("/01/{MILK}/21/{serial}/"),
            format!("/01/{}/21/{serial}", &MILK[1..]),
            format!("/01/{MILK}/10/L1/21/{serial}?17=271231&from=chat"),
            format!("/01/{MILK}/21/%{:02X}{}", serial.as_bytes()[0], &serial[1..]),
        ] {
            let told = site.anyone().get_with(&path, &[("Accept", "application/json")]).expect(200).json();
            assert_eq!(told["serial"], *serial, "{path}");
            assert_eq!(told["verdict"], "issued-unseen", "{path}");
        }
    }

    fn head_requests_are_answered_and_not_counted(db) {
        let site = Site::on(db);
        site.anyone().send("HEAD", &format!("/01/{MILK}"), &[], "").expect(200);
        let text = site.org("auditor").get("/metrics").text;
        assert!(!text.contains("suyuan_scans_total{"), "{text}");
    }

    fn what_others_wrote_is_shown_as_text(db) {
        let site = Site::on(db);
        let product = "gtin,name,org,mode\n09521234543251,<script>alert(1)</script>,dairy,lot\n";
        site.org("admin").post_csv("/api/v1/products", product).expect(200);

        let page = site.anyone().get("/01/09521234543251").expect(200);

        assert!(!page.text.contains("<script"), "{}", page.text);
        assert!(page.text.contains("alert(1)"));
    }
}
