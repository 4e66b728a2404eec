//! The process: its address, its end.

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
fn the_openapi_document_in_the_tree_is_what_the_program_prints() {
    let printed = Workplace::bare().run(["openapi"]).expect_code(0).stdout;
    let kept = include_str!("../../../schemas/openapi.json");
    assert_eq!(
        printed, kept,
        "`suyuan openapi > schemas/openapi.json` writes it anew"
    );
}
