//! The process: its address, its end.

use serde_json::Value;

use crate::harness::database::TestDatabase;
use crate::harness::process::Workplace;
use crate::harness::site::Site;

both! {
    fn it_stops_when_asked(db) {
        let site = Site::on(db);
        site.anyone().get("/healthz").expect(200);
        assert_eq!(site.stop(), Some(0));
    }
}

#[test]
fn an_address_in_use_or_unknown_is_told() {
    let site = Site::on(&TestDatabase::sqlite());
    let workplace = Workplace::bare();
    workplace.run(["migrate", "--init-keys"]).expect_code(0);
    for address in [site.host(), "nowhere.invalid:1", "127.0.0.1"] {
        let finished = workplace
            .run(["--json", "serve", "--listen", address])
            .expect_code(2);
        assert_eq!(finished.json()["type"], "urn:suyuan:problem:configuration");
    }
}

#[test]
fn the_openapi_document_tells_parameters_headers_and_forms() {
    let document: Value = serde_json::from_str(&suyuan::web::openapi().unwrap()).unwrap();
    let paths = &document["paths"];
    let names = |operation: &Value, place: &str| -> Vec<String> {
        let parameters = operation["parameters"].as_array().unwrap().iter();
        let there = parameters.filter(|parameter| parameter["in"] == place);
        there
            .map(|parameter| parameter["name"].as_str().unwrap().to_owned())
            .collect()
    };

    for path in ["/01/{key}", "/00/{key}", "/414/{key}"] {
        let scan = &paths[path]["get"];
        assert_eq!(names(scan, "query"), ["linkType", "lang"]);
        let failure = &scan["responses"]["default"]["content"];
        assert!(failure["text/html"].is_object(), "{failure}");
        assert!(failure["application/problem+json"].is_object(), "{failure}");
    }
    let capture = &paths["/epcis/capture"]["post"];
    assert_eq!(names(capture, "header"), ["GS1-Capture-Error-Behaviour"]);
    for (path, status) in [
        ("/epcis/capture", "202"),
        ("/epcis/events", "201"),
        ("/api/v1/batches", "201"),
        ("/api/v1/recalls", "201"),
    ] {
        let made = &paths[path]["post"]["responses"][status];
        assert!(made["headers"]["Location"].is_object(), "{path}: {made}");
    }
    let keys = &paths["/api/v1/keys"]["post"]["responses"]["201"];
    assert_eq!(keys["headers"], Value::Null, "a key cannot be shown again");
    let tried_out = &paths["/api/v1/recalls"]["post"]["responses"]["200"];
    assert_eq!(
        tried_out["content"]["application/json"]["schema"]["$ref"],
        "#/components/schemas/Recall"
    );
}

#[test]
fn the_openapi_document_in_the_tree_is_what_the_program_prints() {
    let printed = Workplace::bare().run(["openapi"]).expect_code(0).stdout;
    let kept = include_str!("../../../schemas/openapi.json");
    assert_eq!(
        printed, kept,
        "`suyuan openapi > schemas/openapi.json` writes it anew"
    );
}
