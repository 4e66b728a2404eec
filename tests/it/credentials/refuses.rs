//! What is wrong with a table is told with line and field; what is not the caller's is refused.

use suyuan::app::{self, Code, Moment};
use suyuan::parties::{Caller, Role};

use super::given::*;
use crate::harness::app::TestApp;

fn refused(world: &TestApp, csv: &str) -> Vec<(u64, &'static str)> {
    let done = import_as(world, &operator(), csv);
    assert_eq!((done.created, done.updated, done.unchanged), (0, 0, 0));
    let faults = done.refused.iter();
    faults.map(|fault| (fault.line, fault.field)).collect()
}

fn licence_of(org: &str) -> String {
    format!(
        "id,kind,name,issuer,org,valid_from\nSC-{org},licence,Licence,bureau,{org},2026-01-01\n"
    )
}

const REPORT: &str = "id,kind,name,issuer,org,valid_from,outcome\nT1,test_report,Residues,lab,dairy,2026-09-01,pass\n";

fn import(world: &TestApp, caller: &Caller, csv: &str) -> Result<(), (Code, Vec<String>)> {
    match app::import_credentials(&world.app, caller, csv.as_bytes(), false) {
        Ok(done) => {
            assert_eq!(done.refused, vec![]);
            Ok(())
        }
        Err(problem) => {
            let faults = problem.errors.into_iter();
            Err((problem.code, faults.map(|fault| fault.pointer).collect()))
        }
    }
}

both! {
    fn each_fault_is_told_with_line_and_field(db) {
        let world = dairy(db);
        let head = "id,kind,name,issuer,org,places,products,lots,valid_from,valid_to,outcome,instrument,calibrated_from,calibrated_to,uri,digest";
        for (line, field) in [
            (",licence,L,bureau,dairy,,,,2026-01-01,,,,,,,", "id"),
            ("SC2,permit,L,bureau,dairy,,,,2026-01-01,,,,,,,", "kind"),
            ("SC2,licence,,bureau,dairy,,,,2026-01-01,,,,,,,", "name"),
            ("SC2,licence,L,,dairy,,,,2026-01-01,,,,,,,", "issuer"),
            ("SC2,licence,L,bureau,farm,,,,2026-01-01,,,,,,,", "org"),
            ("SC2,licence,L,bureau,dairy,9521234000021,,,2026-01-01,,,,,,,", "places"),
            ("SC2,licence,L,bureau,dairy,,09521234000037|123,,2026-01-01,,,,,,,", "products"),
            ("SC2,licence,L,bureau,dairy,,,(01)09521234000037,2026-01-01,,,,,,,", "lots"),
            ("SC2,licence,L,bureau,dairy,,,,,,,,,,,", "valid_from"),
            ("SC2,licence,L,bureau,dairy,,,,1 January,,,,,,,", "valid_from"),
            ("SC2,licence,L,bureau,dairy,,,,2026-01-01,2026-01-01,,,,,,", "valid_to"),
            ("SC2,licence,L,bureau,dairy,,,,2026-01-01,,pass,,,,,", "outcome"),
            ("SC2,licence,L,bureau,dairy,,,,2026-01-01,,,scale,,,,", "instrument"),
            ("SC2,test_report,L,lab,dairy,,,,2026-01-01,,,,,,,", "outcome"),
            ("SC2,test_report,L,lab,dairy,,,,2026-01-01,,good,,,,,", "outcome"),
            ("SC2,test_report,L,lab,dairy,,,,2026-01-01,,pass,,2026-01-01,,,", "instrument"),
            ("SC2,test_report,L,lab,dairy,,,,2026-01-01,,pass,s,2026-02-01,2026-01-01,,", "calibrated_to"),
            ("SC2,licence,L,bureau,dairy,,,,2026-01-01,,,,,,javascript:x,", "uri"),
            ("SC2,licence,L,bureau,dairy,,,,2026-01-01,,,,,,,abc", "digest"),
            ("SC1,licence,L,bureau,dairy,,,,2026-01-01,,,,,,,", "(row)"),
        ] {
            let csv = format!("{head}\nSC1,licence,L,bureau,dairy,,,,2026-01-01,,,,,,,\n{line}\n");
            assert_eq!(refused(&world, &csv), [(3, field)], "{line}");
        }
        let query = app::CredentialQuery::default();
        assert_eq!(listed(&world, &operator(), &query), [""; 0]);
    }

    fn a_column_that_is_not_known_or_missing_refuses_the_table(db) {
        let world = dairy(db);
        for (head, column) in [
            ("id,kind,name,issuer,org,valid_from,colour", "colour"),
            ("id,kind,name,issuer,org", "valid_from"),
            ("id,id,kind,name,issuer,org,valid_from", "id"),
        ] {
            let problem = app::import_credentials(&world.app, &operator(), head.as_bytes(), false).unwrap_err();
            assert_eq!(problem.code, Code::InvalidTable);
            assert_eq!(problem.errors[0].pointer, column, "{head}");
        }
        let problem = app::import_people(&world.app, &operator(), b"id,name,org,role\n", false).unwrap_err();
        assert_eq!(problem.errors[0].pointer, "valid_from");
    }

    fn faults_of_people_are_told_with_line_and_field(db) {
        let world = dairy(db);
        let head = "id,name,org,place,role,valid_from,valid_to";
        for (line, field) in [
            ("p1,Lin,dairy,,boss,2026-01-01,", "role"),
            ("p1,Lin,farm,,person_in_charge,2026-01-01,", "org"),
            ("p1,Lin,dairy,95212340000,person_in_charge,2026-01-01,", "place"),
            ("p1,,dairy,,person_in_charge,2026-01-01,", "name"),
            ("p1,Lin,dairy,,person_in_charge,2026-01-01,2025-01-01", "valid_to"),
        ] {
            let csv = format!("{head}\n{line}\n");
            let done = app::import_people(&world.app, &operator(), csv.as_bytes(), false).unwrap();
            let faults: Vec<_> = done.refused.iter().map(|fault| (fault.line, fault.field)).collect();
            assert_eq!(faults, [(2, field)], "{line}");
        }
    }

    fn each_role_records_its_own_and_no_more(db) {
        let world = dairy(db);
        let not_its_own = Err((Code::Forbidden, vec!["line 2, org".to_owned()]));
        let not_at_all = Err((Code::Forbidden, vec![]));
        for role in Role::all() {
            let caller = bearer("dairy", role);
            let (own, other) = match role {
                Role::Admin | Role::Regulator => (Ok(()), Ok(())),
                Role::Auditor => (not_at_all.clone(), not_at_all.clone()),
                _ => (Ok(()), not_its_own.clone()),
            };
            assert_eq!(import(&world, &caller, &licence_of("dairy")), own, "{role}");
            assert_eq!(import(&world, &caller, &licence_of("shop")), other, "{role}");
        }
        assert_eq!(import(&world, &bearer("lab", Role::Lab), REPORT), Ok(()));
        let elsewhere = REPORT.replace("T1", "T2").replace(",lab,", ",another,");
        assert_eq!(import(&world, &bearer("lab", Role::Lab), &elsewhere), not_its_own);
        let anyone = import(&world, &Caller::Anyone, &licence_of("dairy"));
        assert_eq!(anyone, Err((Code::Unauthenticated, vec![])));
    }

    fn what_the_laboratory_recorded_its_holder_cannot_change(db) {
        let world = dairy(db);
        import(&world, &bearer("lab", Role::Lab), &REPORT.replace("pass", "fail")).unwrap();

        let changed = import(&world, &bearer("dairy", Role::Producer), REPORT);
        let same = import(&world, &bearer("dairy", Role::Producer), &REPORT.replace("pass", "fail"));
        let taken = import(&world, &bearer("shop", Role::Retailer), &licence_of("shop").replace("SC-shop", "T1"));

        assert_eq!(changed, Err((Code::Forbidden, vec!["line 2, id".to_owned()])));
        assert_eq!(same, Ok(()));
        assert_eq!(taken, Err((Code::Forbidden, vec!["line 2, id".to_owned()])));
        assert_eq!(show(&world, "T1", "2026-09-02").versions.len(), 1);
        import(&world, &bearer("bureau", Role::Regulator), REPORT).unwrap();
    }

    fn people_are_recorded_by_their_own_organisation(db) {
        let world = dairy(db);
        let csv = b"id,name,org,role,valid_from\np1,Lin,dairy,person_in_charge,2026-01-01\n";
        let record = |caller: &Caller| app::import_people(&world.app, caller, csv, false).map(|done| done.created);

        for caller in [bearer("shop", Role::Retailer), bearer("lab", Role::Lab), bearer("dairy", Role::Auditor)] {
            assert_eq!(record(&caller).unwrap_err().code, Code::Forbidden, "{caller:?}");
        }
        assert_eq!(record(&bearer("dairy", Role::Producer)).unwrap(), 1);
    }

    fn what_is_not_there_or_not_to_be_seen_is_not_found(db) {
        let world = dairy(db);
        import(&world, &operator(), &licence_of("dairy")).unwrap();
        people(&world, "p1,Lin,dairy,,person_in_charge,,2026-01-01,");
        let shop = bearer("shop", Role::Retailer);

        for (caller, id) in [(operator(), "SC-none"), (shop.clone(), "SC-dairy"), (shop.clone(), "")] {
            let problem = app::show_credential(&world.app, &caller, id, Moment::default()).unwrap_err();
            assert_eq!(problem.code, Code::NotFound, "{id}");
        }
        for (caller, id) in [(operator(), "p2"), (shop, "p1")] {
            let problem = app::show_person(&world.app, &caller, id, Moment::default()).unwrap_err();
            assert_eq!(problem.code, Code::NotFound, "{id}");
        }
    }
}
