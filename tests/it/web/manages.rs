//! Master data and keys over HTTP.

use serde_json::json;

use crate::harness::site::{MILK, Site};

both! {
    fn tables_are_imported_all_or_nothing(db) {
        let site = Site::on(db);
        let admin = site.org("admin");

        let done = admin.post_csv("/api/v1/parties", "id,name,role\nfarm,Farm,producer\n").expect(200);
        let again = admin.post_csv("/api/v1/parties", "id,name,role\nfarm,Farm,producer\n").expect(200);
        let problem = admin
            .post_csv("/api/v1/places", "gln,name,org\n9520000000028,Barn,farm\n9520000000029,Barn,farm\n")
            .problem(400);

        assert_eq!(done.json(), json!({"created": 1, "updated": 0, "unchanged": 0}));
        assert_eq!(again.json(), json!({"created": 0, "updated": 0, "unchanged": 1}));
        assert_eq!(problem["type"], "urn:suyuan:problem:invalid-table");
        assert_eq!(problem["errors"].as_array().unwrap().len(), 1);
        assert!(problem["errors"][0]["pointer"].as_str().unwrap().starts_with("line 3"), "{problem}");
        let barn = "gln,name,org\n9520000000028,Barn,farm\n";
        assert_eq!(admin.post_csv("/api/v1/places", barn).expect(200).json()["created"], 1);
    }

    fn a_dry_run_changes_nothing(db) {
        let site = Site::on(db);
        let admin = site.org("admin");
        let product = "gtin,name,org,mode\n09521234543251,Butter,dairy,lot\n";

        let dry = admin.post_csv("/api/v1/products?dryRun=true", product).expect(200);
        let wet = admin.post_csv("/api/v1/products", product).expect(200);

        assert_eq!(dry.json()["created"], 1);
        assert_eq!(wet.json()["created"], 1);
        admin.post_csv("/api/v1/products?dryRun=perhaps", product).problem(400);
        admin.post_csv("/api/v1/products", "gtin,colour\n").problem(400);
        admin.post("/api/v1/products", "{}").problem(415);
    }

    fn a_key_that_is_made_opens_its_doors_until_it_is_revoked(db) {
        let site = Site::on(db);
        let admin = site.org("admin");
        let wish = json!({"org": "shop", "role": "retailer", "expires_at": "2999-01-01T00:00:00Z"});

        let made = admin.post("/api/v1/keys", &wish.to_string()).expect(201).json();
        let bearer = site.bearer(made["key"].as_str().unwrap());
        bearer.get("/epcis/capture").expect(200);
        let path = format!("/api/v1/keys/{}", made["id"].as_str().unwrap());
        let revoked = admin.send("DELETE", &path, &[], "").expect(200).json();

        assert_eq!(made["expires_at"], "2999-01-01T00:00:00Z");
        assert!(revoked["revoked_at"].is_string());
        assert_eq!(revoked.get("key"), None);
        bearer.get("/epcis/capture").problem(401);
        let listed = admin.get("/api/v1/keys").expect(200).json();
        assert_eq!(listed[0]["id"], made["id"]);
        assert!(!listed.to_string().contains(made["key"].as_str().unwrap()));
    }

    fn wishes_for_keys_are_checked(db) {
        let site = Site::on(db);
        let admin = site.org("admin");
        for (wish, status) in [
            (json!({"org": "nobody", "role": "retailer"}), 404),
            (json!({"org": "shop", "role": "boss"}), 400),
            (json!({"org": "shop"}), 400),
            (json!({"org": "shop", "role": "retailer", "expires_at": "tomorrow"}), 400),
            (json!({"org": "shop", "role": "retailer", "expires_at": "2001-01-01T00:00:00Z"}), 400),
            (json!({"org": "shop", "role": "retailer", "colour": "red"}), 400),
        ] {
            admin.post("/api/v1/keys", &wish.to_string()).problem(status);
        }
        admin.send("DELETE", "/api/v1/keys/none", &[], "").problem(404);
    }
}

both! {
    fn codes_are_issued_once_a_request_and_downloaded_by_their_owner(db) {
        let site = Site::on(db);
        let dairy = site.org("dairy");
        let wish = json!({"gtin": MILK, "lot": "L1", "count": 9000, "request_id": "r-1"}).to_string();

        let made = dairy.post("/api/v1/batches", &wish).expect(201);
        let again = dairy.post("/api/v1/batches", &wish).expect(201);

        let path = made.header("location").unwrap();
        assert_eq!(made.json(), again.json());
        assert_eq!(made.json()["last_index"], 8999);
        assert_eq!(dairy.get(path).expect(200).json(), made.json());
        let codes = dairy.get(&format!("{path}/codes")).expect(200);
        assert_eq!(codes.header("content-type"), Some("text/csv; charset=utf-8"));
        assert_eq!(codes.text.lines().count(), 9001);
        let line = codes.text.lines().nth(1).unwrap();
        let serial = line.split('"').nth(1).unwrap();
        let told = site
            .anyone()
            .get_with(&format!("/01/{MILK}/21/{serial}"), &[("Accept", "application/json")])
            .json();
        assert_eq!(told["verdict"], "issued-unseen");
        for path in [path.to_owned(), format!("{path}/codes")] {
            site.org("other").get(&path).problem(404);
        }
    }

    fn wishes_for_codes_are_checked(db) {
        let site = Site::on(db);
        let wish = |gtin: &str, lot: &str, count: u64| {
            json!({"gtin": gtin, "lot": lot, "count": count}).to_string()
        };
        for (org, wish, status) in [
            ("dairy", wish("09521234543214", "L1", 1), 400),
            ("dairy", wish(MILK, "L 1", 1), 400),
            ("dairy", wish(MILK, "L1", 0), 400),
            ("dairy", wish(MILK, "L1", 99_999_999), 400),
            ("dairy", wish("09521234543244", "L1", 1), 404),
            ("other", wish(MILK, "L1", 1), 403),
            ("dairy", "{".to_owned(), 400),
        ] {
            site.org(org).post("/api/v1/batches", &wish).problem(status);
        }
    }
}
