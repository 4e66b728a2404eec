//! A small world that leaves at least one row in every table of record and of projection.

use suyuan::app::{self, App, NewRecall, NewRevocation, NewVersion};
use suyuan::capture::{self, Authority, Batch, Content, Incoming, Part, Receipt, Recorded};
use suyuan::codes::{self, Dictionary};
use suyuan::db::Conn;
use suyuan::epcis::Timestamp;
use suyuan::ledger::{Expect, Ledger, ShardName};
use suyuan::parties::{self, Caller, SubmitterKey};
use suyuan::recall::{Act, Action, Answer, Request, RequestedContainer, Ruling};

use crate::harness::app::{NOW, TestApp};
use crate::harness::database::TestDatabase;

const CONTEXT: &str =
    r#""@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"]"#;

/// A case of three items, shipped; a lot made from another; an error taken back; a duplicate and a
/// conflict; the same again on a second shard.
pub(super) fn filled(db: &TestDatabase) -> TestApp {
    let world = TestApp::on(db);
    world.organisations("maker,乳业,producer\nshop,商店,retailer");
    world.organisations("maker,新乳业,producer");
    world.places("9521234000013,厂,maker\n9521234000020,店,shop");
    world.products("09521234543213,奶粉,maker,computed");
    world.aliases("urn:x:lot:a,urn:x:lot:b,maker,yes");
    credentials(&world);
    keys(&world);
    issue(&world);
    let document = document(&[
        object(
            "1",
            "ADD",
            "commissioning",
            &[
                "urn:x:unit:a",
                "urn:x:unit:b",
                "https://id.gs1.org/01/09521234543213/10/L0/21/17",
            ],
        ),
        packed("2"),
        object(
            "3",
            "OBSERVE",
            "shipping",
            &["https://id.gs1.org/00/195212340000000010"],
        ),
        transformed("4"),
        object("5", "OBSERVE", "receiving", &["urn:x:unit:a"]),
        declared("5"),
    ]);
    let receipt = world.capture("maker", &document);
    assert_eq!((receipt.recorded, receipt.errors), (6, vec![]));
    let again = world.capture(
        "maker",
        &bare(&object("1", "ADD", "commissioning", &["urn:x:unit:z"])),
    );
    assert_eq!(again.conflicts, 1);
    let elsewhere = second_shard(
        &world,
        &[
            document,
            bare(&object("7", "OBSERVE", "receiving", &["urn:x:unit:b"])),
        ],
    );
    assert_eq!((elsewhere.recorded, elsewhere.duplicates), (1, 6));
    recall(&world);
    world
}

/// A licence for a product at a place, suspended for a while, a newer version of it, and who is in charge.
fn credentials(world: &TestApp) {
    let app = &world.app;
    let caller = Caller::Operator {
        user: "test".into(),
        org: None,
    };
    for end in ["2027-01-01", "2028-01-01"] {
        let csv = format!(
            "id,kind,name,issuer,org,places,products,valid_from,valid_to\nSC1,licence,许可,bureau,maker,9521234000013,09521234543213,2026-01-01,{end}\n"
        );
        let done = app::import_credentials(app, &caller, csv.as_bytes(), false).unwrap();
        assert_eq!(done.refused, vec![]);
    }
    let revocation = NewRevocation {
        id: "SC1",
        reason: "a drill",
        from: None,
        until: Some(Timestamp::from_micros(NOW.micros() + 1)),
    };
    app::revoke_credential(app, &caller, &revocation).unwrap();
    let csv = "id,name,org,role,phone,valid_from\np1,林一,maker,chief_quality_officer,0591-1,2026-01-01\n";
    let done = app::import_people(app, &caller, csv.as_bytes(), false).unwrap();
    assert_eq!(done.refused, vec![]);
}

/// The keys of two submitters (RFC 8037, RFC 8410), one of them revoked.
fn keys(world: &TestApp) {
    let app = &world.app;
    let jwk = |x: &str| format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}"#);
    for (org, x) in [
        ("maker", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"),
        ("shop", "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE"),
    ] {
        let key = SubmitterKey::parse(&jwk(x)).unwrap();
        app.db
            .write(|conn| {
                let giver = world.giver();
                parties::add_submitter_key(conn, &app.ledger, &giver, org, &key)?;
                if org == "shop" {
                    parties::revoke_submitter_key(conn, &app.ledger, &giver, &key.id())?;
                }
                Ok::<_, parties::Error>(())
            })
            .unwrap();
    }
}

fn issue(world: &TestApp) {
    let app = &world.app;
    let dictionary = Dictionary {
        master: &app.master,
        seal: &app.ledger.seal,
    };
    let request = codes::Request {
        gtin: "09521234543213".parse().unwrap(),
        lot: "L1".into(),
        count: 10,
        request_id: Some("r1".into()),
    };
    app.db
        .write(|conn| codes::issue(conn, &app.ledger, dictionary, &world.giver(), &request))
        .unwrap();
}

/// A recall of a unit and a lot whose holder has a task.
fn recall(world: &TestApp) {
    let caller = Caller::Operator {
        user: "test".into(),
        org: Some("maker".into()),
    };
    let request = Request {
        lots: vec!["https://id.gs1.org/01/09521234543213/10/IN".into()],
        units: vec!["urn:x:unit:b".into()],
        // Before anything was in it: what was packed later is left out.
        containers: vec![RequestedContainer {
            unit: "https://id.gs1.org/00/195212340000000010".into(),
            from: None,
            until: Some("2026-09-20T01:30:00Z".into()),
        }],
        ..Request::default()
    };
    let new = NewRecall {
        request: &request,
        reason: "a drill",
        position: None,
        dry_run: false,
    };
    let opened = app::open_recall(&world.app, &caller, &new).unwrap();
    let id = opened.recall.unwrap();
    for action in [Action::Decide, Action::Notify] {
        let act = Act {
            recall: &id,
            action,
            reason: "a drill",
            answer: Answer::default(),
            assumed: (action == Action::Decide).then_some(Ruling::Leave),
        };
        app::act_on_recall(&world.app, &caller, &act).unwrap();
    }
    extend(world, &caller, &id);
}

/// The lot was not made after all: the second version proposes to remove it, and that is approved.
fn extend(world: &TestApp, caller: &Caller, recall: &str) {
    let receipt = world.capture("maker", &bare(&taken_back(&transformed("4"))));
    assert_eq!((receipt.recorded, receipt.errors), (1, vec![]));
    let new = NewVersion {
        recall,
        reason: "a drill",
        position: None,
        assumed: Some(Ruling::Include),
        dry_run: false,
    };
    let extended = app::extend_recall(&world.app, caller, &new).unwrap();
    assert!(extended.difference.lots.proposed_removal > 0);
    app::release_recall(&world.app, caller, recall, None, "a drill").unwrap();
}

fn second_shard(world: &TestApp, bodies: &[String]) -> Receipt {
    let app = &world.app;
    app.db
        .write(|conn| capture_in(app, conn, 0, bodies))
        .unwrap()
}

/// Captures bodies, from offset 0 on, into a partition's shard.
pub(super) fn capture_in(
    app: &App,
    conn: &mut Conn,
    partition: i32,
    bodies: &[String],
) -> Result<Receipt, capture::Error> {
    let ledger: &Ledger = &app.ledger;
    let incoming = bodies
        .iter()
        .zip(0..)
        .map(|(body, offset)| Incoming {
            offset: Some(offset),
            record_time: NOW,
            content: Content::Value(body.clone().into_bytes()),
            signature: None,
        })
        .collect();
    let shard = ledger.shard(conn, &ShardName::new("suyuan.events", partition))?;
    let batch = Batch {
        shard: &shard,
        expect: Expect::Any,
        parts: vec![Part {
            submitter: "maker",
            authority: Authority::Any,
            records: capture::read_all(incoming),
        }],
    };
    let dictionary = Dictionary {
        master: &app.master,
        seal: &ledger.seal,
    };
    capture::record(conn, ledger, dictionary, batch).map(Recorded::whole)
}

fn document(events: &[String]) -> String {
    format!(
        r#"{{{CONTEXT},"type":"EPCISDocument","schemaVersion":"2.0","creationDate":"2026-09-21T00:00:00Z","epcisBody":{{"eventList":[{}]}}}}"#,
        events.join(",")
    )
}

pub(super) fn bare(event: &str) -> String {
    format!("{{{CONTEXT},{}", &event[1..])
}

fn common(id: &str, event_type: &str) -> String {
    format!(
        r#""type":"{event_type}","eventID":"urn:uuid:00000000-0000-4000-8000-00000000000{id}","eventTime":"2026-09-20T0{id}:00:00Z","eventTimeZoneOffset":"+00:00","readPoint":{{"id":"https://id.gs1.org/414/9521234000013"}},"bizLocation":{{"id":"https://id.gs1.org/414/9521234000013"}}"#
    )
}

pub(super) fn object(id: &str, action: &str, step: &str, epcs: &[&str]) -> String {
    let epcs: Vec<String> = epcs.iter().map(|epc| format!("\"{epc}\"")).collect();
    format!(
        r#"{{{},"action":"{action}","bizStep":"{step}","epcList":[{}],"destinationList":[{{"type":"possessing_party","destination":"https://id.gs1.org/417/9521234000020"}},{{"type":"location","destination":"https://id.gs1.org/414/9521234000020"}}]}}"#,
        common(id, "ObjectEvent"),
        epcs.join(",")
    )
}

fn packed(id: &str) -> String {
    format!(
        r#"{{{},"action":"ADD","bizStep":"packing","parentID":"https://id.gs1.org/00/195212340000000010","childEPCs":["urn:x:unit:a","urn:x:unit:b"]}}"#,
        common(id, "AggregationEvent")
    )
}

fn transformed(id: &str) -> String {
    format!(
        r#"{{{},"transformationID":"urn:x:process:1","inputQuantityList":[{{"epcClass":"https://id.gs1.org/01/09521234543213/10/IN","quantity":2.5,"uom":"KGM"}}],"outputQuantityList":[{{"epcClass":"https://id.gs1.org/01/09521234543213/10/OUT","quantity":3}}]}}"#,
        common(id, "TransformationEvent")
    )
}

pub(super) fn declared(id: &str) -> String {
    taken_back(&object(id, "OBSERVE", "receiving", &["urn:x:unit:a"]))
}

fn taken_back(event: &str) -> String {
    format!(
        r#"{},"errorDeclaration":{{"declarationTime":"2026-09-20T20:00:00Z","reason":"did_not_occur"}}}}"#,
        &event[..event.len() - 1]
    )
}
