//! Reads are as of an instant and of a place in the ledger, and tell each caller its own.

use suyuan::app::{self, CredentialQuery, Moment};
use suyuan::credentials::{Kind, State};
use suyuan::epcis::Timestamp;
use suyuan::parties::Role;

use super::given::*;

fn valid_at(when: Timestamp) -> CredentialQuery<'static> {
    CredentialQuery {
        moment: Moment {
            at: Some(when),
            position: None,
        },
        ..CredentialQuery::default()
    }
}

both! {
    fn the_first_instant_is_in_and_the_last_is_out(db) {
        let world = dairy(db);
        credentials(&world, "SC1,licence,L,bureau,dairy,,2026-01-01T00:00:00Z,2026-02-01T00:00:00Z");
        let from = at("2026-01-01T00:00:00Z").micros();
        let to = at("2026-02-01T00:00:00Z").micros();

        for (micros, held) in [(from - 1, 0), (from, 1), (to - 1, 1), (to, 0)] {
            let query = valid_at(Timestamp::from_micros(micros));
            assert_eq!(listed(&world, &operator(), &query).len(), held, "{micros}");
        }
        assert_eq!(state(&world, "SC1", "2025-12-31T23:59:59Z"), State::NotYetValid);
        assert_eq!(state(&world, "SC1", "2026-02-01T00:00:00Z"), State::Expired);
    }

    fn what_was_recorded_later_is_not_seen_from_before(db) {
        let world = dairy(db);
        let nothing = position(&world);
        credentials(&world, "SC1,licence,L,bureau,dairy,,2026-01-01,2027-01-01");
        let first = position(&world);
        credentials(&world, "SC1,licence,L,bureau,dairy,,2026-01-01,2026-05-01");
        let second = position(&world);
        let told = |position: &str| {
            let moment = Moment { at: Some(at("2026-06-01")), position: Some(position) };
            app::show_credential(&world.app, &operator(), "SC1", moment).map(|told| (told.credential.state, told.versions.len()))
        };

        assert_eq!(told(&nothing).unwrap_err().code, app::Code::NotFound);
        assert_eq!(told(&first).unwrap(), (State::Valid, 1));
        assert_eq!(told(&second).unwrap(), (State::Expired, 2));
    }

    fn lists_are_narrowed_by_holder_kind_and_product(db) {
        let world = dairy(db);
        credentials(&world, "A,licence,L,bureau,dairy,,2026-01-01,2026-02-01\n\
            B,certificate,Organic,body,dairy,09521234000037,2026-01-01,\n\
            C,licence,L,bureau,shop,,2026-01-01,");
        let csv = format!("id,kind,name,issuer,org,lots,valid_from,outcome\nD,test_report,T,lab,dairy,{LOT},2026-01-01,pass\n");
        import_as(&world, &operator(), &csv);
        let all = CredentialQuery::default();

        assert_eq!(listed(&world, &operator(), &all), ["A", "B", "C", "D"]);
        assert_eq!(listed(&world, &operator(), &CredentialQuery { org: Some("dairy"), ..all }), ["A", "B", "D"]);
        assert_eq!(listed(&world, &operator(), &CredentialQuery { kind: Some(Kind::Licence), ..all }), ["A", "C"]);
        let gtin = Some(MILK.parse().unwrap());
        assert_eq!(listed(&world, &operator(), &CredentialQuery { gtin, ..all }), ["B", "D"]);
        let other = Some("09521234000020".parse().unwrap());
        assert_eq!(listed(&world, &operator(), &CredentialQuery { gtin: other, ..all }), [""; 0]);
        assert_eq!(listed(&world, &operator(), &valid_at(at("2026-03-01"))), ["B", "C", "D"]);
        assert_eq!(listed(&world, &operator(), &CredentialQuery { after: Some("B"), ..all }), ["C", "D"]);
    }

    fn each_caller_is_told_what_it_holds_issued_or_recorded(db) {
        let world = dairy(db);
        credentials(&world, "A,licence,L,bureau,dairy,,2026-01-01,\nB,licence,L,bureau,shop,,2026-01-01,");
        let csv = "id,kind,name,issuer,org,valid_from,outcome\nC,test_report,T,lab,shop,2026-01-01,fail\n";
        import_as(&world, &bearer("lab", Role::Lab), csv);
        let all = CredentialQuery::default();

        for (caller, expected) in [
            (bearer("dairy", Role::Producer), &["A"][..]),
            (bearer("shop", Role::Retailer), &["B", "C"]),
            (bearer("lab", Role::Lab), &["C"]),
            (bearer("insurer", Role::Insurer), &[]),
            (bearer("bureau", Role::Regulator), &["A", "B", "C"]),
            (bearer("auditor", Role::Auditor), &["A", "B", "C"]),
            (bearer("admin", Role::Admin), &["A", "B", "C"]),
        ] {
            assert_eq!(listed(&world, &caller, &all), expected, "{caller:?}");
        }
    }

    fn a_telephone_number_is_told_to_regulators_and_its_own(db) {
        let world = dairy(db);
        people(&world, "p1,Lin,dairy,,person_in_charge,0591-1,2026-01-01,2027-01-01");
        for (caller, expected) in [
            (operator(), Some("0591-1")),
            (bearer("dairy", Role::Producer), Some("0591-1")),
            (bearer("bureau", Role::Regulator), Some("0591-1")),
            (bearer("admin", Role::Admin), None),
            (bearer("auditor", Role::Auditor), None),
        ] {
            let query = CredentialQuery { limit: 10, ..CredentialQuery::default() };
            let listed = app::list_people(&world.app, &caller, &query).unwrap();
            let shown = app::show_person(&world.app, &caller, "p1", Moment::default()).unwrap();
            assert_eq!(listed[0].phone.as_deref(), expected, "{caller:?}");
            assert_eq!(shown.phone.as_deref(), expected, "{caller:?}");
        }
        let query = CredentialQuery { limit: 10, ..valid_at(at("2027-01-01")) };
        assert_eq!(app::list_people(&world.app, &operator(), &query).unwrap(), vec![]);
    }
}
