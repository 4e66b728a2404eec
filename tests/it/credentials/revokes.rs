//! Suspensions and withdrawals are orders of their own; what they end is what a recall can start from.

use suyuan::app::{self, Code, NewRevocation, Problem, VerifyOptions};
use suyuan::credentials::{Lapse, Scope, State};
use suyuan::epcis::Timestamp;
use suyuan::parties::{Caller, Role};

use super::given::*;
use crate::harness::app::{NOW, TestApp};

fn revoke(
    world: &TestApp,
    caller: &Caller,
    from: Option<&str>,
    until: Option<&str>,
) -> Result<State, Problem> {
    let order = NewRevocation {
        id: "SC1",
        reason: "found wanting",
        from: from.map(at),
        until: until.map(at),
    };
    app::revoke_credential(&world.app, caller, &order).map(|told| told.credential.state)
}

const LICENCE: &str = "SC1,licence,L,bureau,dairy,09521234000037,2026-01-01,2026-08-01";

both! {
    fn a_withdrawal_counts_from_its_beginning_and_changes_no_version(db) {
        let world = dairy(db);
        credentials(&world, &LICENCE.replace("2026-08-01", ""));

        let told = revoke(&world, &operator(), None, None).unwrap();

        assert_eq!(told, State::Revoked);
        let now = NOW.to_string();
        let before = Timestamp::from_micros(NOW.micros() - 1).to_string();
        assert_eq!(state(&world, "SC1", &before), State::Valid);
        assert_eq!(state(&world, "SC1", &now), State::Revoked);
        let told = show(&world, "SC1", &now);
        assert_eq!(told.versions.len(), 1);
        assert_eq!(told.revocations[0].reason, "found wanting");
        assert_eq!(told.revocations[0].from, now);
        credentials(&world, &LICENCE.replace("2026-08-01", "2030-01-01"));
        assert_eq!(state(&world, "SC1", &now), State::Revoked);
    }

    fn holder_regulator_and_issuing_laboratory_may_revoke(db) {
        let world = dairy(db);
        credentials(&world, LICENCE);
        for (caller, code) in [
            (bearer("shop", Role::Retailer), Code::NotFound),
            (bearer("lab", Role::Lab), Code::NotFound),
            (bearer("bureau", Role::Producer), Code::Forbidden),
            (bearer("dairy", Role::Auditor), Code::Forbidden),
        ] {
            assert_eq!(revoke(&world, &caller, None, None).unwrap_err().code, code, "{caller:?}");
        }
        revoke(&world, &bearer("dairy", Role::Producer), Some("2026-03-01"), Some("2026-04-01")).unwrap();
        revoke(&world, &bearer("bureau", Role::Regulator), Some("2026-05-01"), Some("2026-06-01")).unwrap();
        let csv = "id,kind,name,issuer,org,valid_from,outcome\nSC1,test_report,T,lab,dairy,2026-01-01,pass\n";
        import_as(&world, &operator(), csv);
        revoke(&world, &bearer("lab", Role::Lab), None, None).unwrap();
    }

    fn a_revocation_that_says_nothing_new_or_nothing_at_all_is_refused(db) {
        let world = dairy(db);
        credentials(&world, LICENCE);
        revoke(&world, &operator(), Some("2026-03-01"), None).unwrap();

        assert_eq!(revoke(&world, &operator(), Some("2026-04-01"), None).unwrap_err().code, Code::Conflict);
        assert_eq!(revoke(&world, &operator(), Some("2026-04-01"), Some("2026-05-01")).unwrap_err().code, Code::Conflict);
        let ends = revoke(&world, &operator(), Some("2026-02-01"), Some("2026-02-01")).unwrap_err();
        assert_eq!((ends.code, ends.errors[0].pointer.as_str()), (Code::InvalidParameter, "until"));
        let order = NewRevocation { id: "SC1", reason: " ", from: None, until: None };
        let silent = app::revoke_credential(&world.app, &operator(), &order).unwrap_err();
        assert_eq!((silent.code, silent.errors[0].pointer.as_str()), (Code::InvalidParameter, "reason"));
        let order = NewRevocation { id: "SC9", reason: "r", from: None, until: None };
        assert_eq!(app::revoke_credential(&world.app, &operator(), &order).unwrap_err().code, Code::NotFound);
        revoke(&world, &operator(), Some("2026-02-01"), None).unwrap();
    }

    fn lapses_tell_holder_scope_and_every_time_without_validity(db) {
        let world = dairy(db);
        assert_eq!(lapses(&world, "SC1"), None);
        credentials(&world, LICENCE);
        revoke(&world, &operator(), Some("2026-03-01"), Some("2026-04-01")).unwrap();
        credentials(&world, &LICENCE.replace("2026-01-01", "2026-09-01").replace("2026-08-01", ""));

        let found = lapses(&world, "SC1").unwrap();

        let scope = Scope { products: vec![MILK.into()], ..Scope::default() };
        let lapse = |from: &str, until: &str, state| Lapse { from: at(from), until: at(until), state, scope: scope.clone(), is_from_beginning: false };
        assert_eq!((found.holder.as_str(), &found.scope), ("dairy", &scope));
        assert_eq!(found.lapses, [
            lapse("2026-03-01", "2026-04-01", State::Revoked),
            lapse("2026-08-01", "2026-09-01", State::Expired),
        ]);
    }

    fn a_rebuild_makes_versions_and_revocations_again_and_verify_names_a_changed_one(db) {
        use diesel::prelude::*;
        let world = dairy(db);
        credentials(&world, LICENCE);
        credentials(&world, &LICENCE.replace("2026-08-01", "2027-01-01"));
        people(&world, "p1,Lin,dairy,,person_in_charge,0591-1,2026-01-01,");
        revoke(&world, &operator(), None, None).unwrap();
        let mut conn = db.conn();

        assert!(app::check_rebuild(&world.app, &mut conn, &mut |_| {}).unwrap().equal);
        let rebuilt = conn.write(|conn| app::rebuild(&world.app, conn, &mut |_| {}));
        assert!(rebuilt.map_err(|problem: Problem| problem.chain()).unwrap().equal);

        let statement = "UPDATE credentials SET valid_to = valid_to + 1 WHERE until_seq IS NULL";
        conn.write(|conn| diesel::sql_query(statement).execute(conn).map_err(suyuan::db::Error::from)).unwrap();
        let report = app::verify(&world.app, &mut conn, &VerifyOptions::default(), &mut |_| {}).unwrap();
        assert!(!report.ok);
        let bad = &report.bad[0];
        assert_eq!((bad.table.as_str(), bad.column.as_deref()), ("credentials", Some("valid_to")));
        assert_eq!(bad.key.get("id").map(String::as_str), Some("SC1"));
    }
}
