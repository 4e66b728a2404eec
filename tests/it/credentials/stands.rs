//! Who did something, and how he stood then.

use serde_json::json;
use suyuan::app;
use suyuan::credentials::State;
use suyuan::parties::{Caller, Role};
use suyuan::trace::{ResponsibleView, WhoView};

use super::given::*;
use crate::harness::app::TestApp;

const ITEM: &str = "https://id.gs1.org/01/09521234000037/21/A001";

fn event(id: u32, time: &str, place: &str, step: &str, action: &str) -> String {
    let mut event = json!({
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "ObjectEvent",
        "eventID": format!("urn:uuid:00000000-0000-4000-8000-{id:012}"),
        "eventTime": time,
        "eventTimeZoneOffset": "+08:00",
        "action": action,
        "bizStep": step,
        "epcList": [ITEM],
        "readPoint": {"id": place},
        "bizLocation": {"id": place},
    });
    if action == "ADD" {
        event["ilmd"] = json!({"cbvmda:lotNumber": "M0901"});
    }
    event.to_string()
}

/// A bottle made on 1 September at a line of the plant, and received by the shop on the 10th.
fn bottle(db: &crate::harness::database::TestDatabase) -> TestApp {
    let world = dairy(db);
    let line = format!("{PLANT}/254/LINE1");
    for (org, body) in [
        (
            "dairy",
            event(
                1,
                "2026-09-01T08:00:00+08:00",
                &line,
                "commissioning",
                "ADD",
            ),
        ),
        (
            "shop",
            event(
                2,
                "2026-09-10T08:00:00+08:00",
                "https://id.gs1.org/414/9521234000044",
                "receiving",
                "OBSERVE",
            ),
        ),
    ] {
        let receipt = world.capture(org, &body);
        assert_eq!((receipt.recorded, receipt.errors), (1, vec![]));
    }
    world
}

fn who(world: &TestApp, caller: &Caller) -> WhoView {
    app::who(&world.app, caller, ITEM).unwrap_or_else(|problem| panic!("{}", problem.chain()))
}

fn made(who: &WhoView) -> &ResponsibleView {
    let made = who
        .responsible
        .iter()
        .find(|acting| acting.role == "producer");
    made.unwrap()
}

fn lapsed(acting: &ResponsibleView) -> Vec<(&str, State, Option<&str>)> {
    let lapsed = acting.standing.lapsed.iter();
    lapsed
        .map(|lapsed| {
            let credential = &lapsed.credential;
            (
                credential.id.as_str(),
                credential.state,
                lapsed.replaced_by.as_deref(),
            )
        })
        .collect()
}

both! {
    fn each_hop_tells_what_was_held_and_who_was_in_charge_then(db) {
        let world = bottle(db);
        credentials(&world, "SC1,licence,Production,bureau,dairy,,2026-01-01,2026-09-05\n\
            SC2,licence,Trade,bureau,shop,,2026-01-01,\n\
            O1,certificate,Organic,body,dairy,09521234000037,2026-01-01,\n\
            O2,certificate,Organic,body,dairy,09521234000020,2026-01-01,");
        let csv = format!("id,kind,name,issuer,org,lots,valid_from,outcome\n\
            T1,test_report,Residues,lab,dairy,{LOT},2026-08-31,pass\n\
            T2,test_report,Residues,lab,dairy,https://id.gs1.org/01/09521234000037/10/OTHER,2026-08-31,pass\n");
        import_as(&world, &operator(), &csv);
        people(&world, &format!("p1,Lin,dairy,,legal_representative,0591-1,2026-01-01,\n\
            p2,Wang,dairy,{PLANT},chief_quality_officer,0591-2,2026-01-01,\n\
            p3,Old,dairy,,person_in_charge,,2025-01-01,2026-01-01\n\
            p4,Chen,shop,,person_in_charge,0591-4,2026-01-01,"));

        let who = who(&world, &operator());

        let made = made(&who);
        assert_eq!((made.org.as_str(), made.recorded_by.as_deref(), made.at.as_str()), ("dairy", Some("dairy"), "2026-09-01T00:00:00Z"));
        assert_eq!(made.place, Some(format!("{PLANT}/254/LINE1")));
        assert_eq!(ids(&made.standing.licences), ["SC1"]);
        assert_eq!(ids(&made.standing.credentials), ["O1", "T1"]);
        assert_eq!(lapsed(made), []);
        let names: Vec<&str> = made.standing.people.iter().map(|person| person.name.as_str()).collect();
        assert_eq!(names, ["Lin", "Wang"]);
        let received = who.responsible.last().unwrap();
        assert_eq!((received.org.as_str(), received.role), ("shop", "receiver"));
        assert_eq!(ids(&received.standing.licences), ["SC2"]);
        assert_eq!(received.standing.people[0].name, "Chen");
    }

    fn a_report_about_a_lot_stands_under_its_other_names(db) {
        let world = bottle(db);
        let other = "https://id.gs1.org/01/09521234000037/10/THEIRS";
        let csv = format!("id,kind,name,issuer,org,lots,valid_from,outcome\n\
            T1,test_report,Residues,lab,dairy,{other},2026-08-31,pass\n");
        import_as(&world, &operator(), &csv);
        assert_eq!(ids(&made(&who(&world, &operator())).standing.credentials), Vec::<&str>::new());

        world.aliases(&format!("{LOT},{other},dairy,yes"));

        assert_eq!(ids(&made(&who(&world, &operator())).standing.credentials), ["T1"]);
        world.aliases(&format!("{LOT},{other},dairy,no"));
        assert_eq!(ids(&made(&who(&world, &operator())).standing.credentials), Vec::<&str>::new());
    }

    fn a_failed_test_stands_for_no_lapsed_report(db) {
        let world = bottle(db);
        let csv = format!("id,kind,name,issuer,org,lots,valid_from,outcome,instrument,calibrated_to\n\
            T1,test_report,Residues,lab,dairy,{LOT},2026-01-01,pass,scale-7,2026-08-01\n\
            T2,test_report,Residues,lab,dairy,{LOT},2026-01-01,fail,,\n");
        import_as(&world, &operator(), &csv);
        assert_eq!(lapsed(made(&who(&world, &operator()))), [("T1", State::OutOfCalibration, None)]);
        let csv = format!("id,kind,name,issuer,org,lots,valid_from,outcome\n\
            T3,test_report,Residues,lab,dairy,{LOT},2026-01-01,pass\n");
        import_as(&world, &operator(), &csv);
        assert_eq!(lapsed(made(&who(&world, &operator()))), [("T1", State::OutOfCalibration, Some("T3"))]);
    }

    fn what_was_not_valid_then_is_told_as_lapsed_with_its_reason(db) {
        let world = bottle(db);
        credentials(&world, "SC1,licence,Production,bureau,dairy,,2024-01-01,2026-01-01\n\
            SC2,licence,Production,bureau,dairy,,2026-09-02,\n\
            H1,certificate,HACCP,body,dairy,,2024-01-01,2026-09-01T08:00:00+08:00\n\
            H2,certificate,HACCP,body,dairy,,2026-09-01T08:00:00+08:00,\n\
            O1,certificate,Organic,body,dairy,09521234000020,2024-01-01,2026-01-01\n\
            R1,certificate,Green,body,dairy,,2026-01-01,");
        let order = app::NewRevocation { id: "R1", reason: "withdrawn", from: Some(at("2026-09-01")), until: None };
        app::revoke_credential(&world.app, &operator(), &order).unwrap();
        let csv = "id,kind,name,issuer,org,categories,valid_from,outcome,instrument,calibrated_to\n\
            T1,test_report,Weight,lab,dairy,dairy,2026-01-01,pass,scale-7,2026-08-01\n";
        import_as(&world, &operator(), csv);

        let who = who(&world, &operator());

        let made = made(&who);
        assert_eq!(ids(&made.standing.licences), [""; 0]);
        assert_eq!(ids(&made.standing.credentials), ["H2"]);
        assert_eq!(lapsed(made), [
            ("H1", State::Expired, Some("H2")),
            ("R1", State::Revoked, None),
            ("SC1", State::Expired, None),
            ("SC2", State::NotYetValid, None),
            ("T1", State::OutOfCalibration, None),
        ]);
    }

    fn a_licence_for_another_place_stands_for_nothing_here(db) {
        let world = bottle(db);
        let csv = "id,kind,name,issuer,org,places,valid_from\n\
            HERE,licence,L,bureau,dairy,9521234000020,2026-01-01\n\
            THERE,licence,L,bureau,dairy,9521234000044,2026-01-01\n";
        import_as(&world, &operator(), csv);

        let who = who(&world, &operator());

        assert_eq!(ids(&made(&who).standing.licences), ["HERE"]);
        assert_eq!(lapsed(made(&who)), []);
    }

    fn telephone_numbers_are_told_to_regulators_and_the_organisation_itself(db) {
        let world = bottle(db);
        people(&world, "p1,Lin,dairy,,person_in_charge,0591-1,2026-01-01,\n\
            p2,Chen,shop,,person_in_charge,0591-2,2026-01-01,");
        for (caller, expected) in [
            (operator(), [Some("0591-1"), Some("0591-2")]),
            (bearer("bureau", Role::Regulator), [Some("0591-1"), Some("0591-2")]),
            (bearer("dairy", Role::Producer), [Some("0591-1"), None]),
        ] {
            let who = who(&world, &caller);
            let [made, received] = [made(&who), who.responsible.last().unwrap()];
            let phones = [made, received].map(|acting| acting.standing.people[0].phone.as_deref());
            assert_eq!(phones, expected, "{caller:?}");
        }
    }
}
