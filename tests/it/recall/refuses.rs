//! Every way to say no.

use suyuan::app::{self, Code, NewRecall};
use suyuan::parties::Role;
use suyuan::recall::{Action, Answer, Request};

use super::given::*;

both! {
    fn a_scope_that_finds_nothing_opens_nothing(db) {
        let world = chain(db);
        let new = NewRecall {
            request: &by_place("22:00", "23:00", None),
            reason: "a drill",
            position: None,
            dry_run: false,
        };

        let problem = app::open_recall(&world.app, &operator("maker"), &new).unwrap_err();

        assert_eq!(problem.code, Code::EmptyScope);
        assert_eq!(app::list_recalls(&world.app, &operator("maker")).unwrap(), vec![]);
    }

    fn scopes_that_cannot_be_meant_are_refused(db) {
        let world = chain(db);
        let never = "https://id.gs1.org/01/09521234543213/21/77";
        for (request, code, hint) in [
            (Request::default(), Code::InvalidBody, "names nothing"),
            (by_serial(never), Code::NotFound, never),
            (by_serial(MILK), Code::InvalidIdentifier, "single unit"),
            (by_lot(&tin(1)), Code::InvalidIdentifier, "no lot"),
            (by_lot("no identifier"), Code::InvalidIdentifier, "no identifier"),
            (by_place("09:00", "08:00", None), Code::InvalidParameter, "before it starts"),
            (by_place("08:00", "09:00", Some("2w")), Code::InvalidParameter, "guard"),
        ] {
            let problem = tried(&world, &request, None).unwrap_err();
            assert_eq!(problem.code, code, "{request:?}: {problem}");
            assert!(problem.detail.contains(hint), "{hint}: {problem}");
        }
    }

    fn positions_that_are_not_of_this_past_are_refused(db) {
        let world = chain(db);
        let request = by_lot(MILK);
        for (position, hint) in [
            ("[]", "not an object"),
            (r#"{"http/7":1}"#, "http/7"),
            (r#"{"http/0":-1}"#, "no size"),
            (r#"{"http/0":1000}"#, "future"),
            (r#"{"http/0":{"size":2,"chain_hash":"00"}}"#, "another"),
        ] {
            let problem = tried(&world, &request, Some(position)).unwrap_err();
            assert_eq!(problem.code, Code::InvalidParameter);
            assert!(problem.detail.contains(hint), "{hint}: {problem}");
        }
    }

    fn moves_that_do_not_fit_change_nothing(db) {
        let world = chain(db);
        let recall = opened(&world, &by_lot(MILK)).recall.unwrap();
        for action in [Action::Notify, Action::Ack, Action::Close] {
            let org = if action == Action::Ack { "shop" } else { "maker" };
            assert_eq!(acted(&world, &recall, action, org).unwrap_err().code, Code::IllegalMove);
        }
        assert_eq!(acted(&world, &recall, Action::Decide, "shop").unwrap_err().code, Code::Forbidden);
        assert_eq!(acted(&world, &recall, Action::Decide, "nobody").unwrap_err().code, Code::NotFound);
        assert_eq!(acted(&world, "none", Action::Decide, "maker").unwrap_err().code, Code::NotFound);
        acted(&world, &recall, Action::Decide, "maker").unwrap();
        acted(&world, &recall, Action::Notify, "maker").unwrap();
        assert_eq!(acted(&world, &recall, Action::Ack, "kiosk").unwrap_err().code, Code::Forbidden);
        let more = Answer { found: Some(1), quarantined: Some(2) };
        let problem = answered(&world, &recall, Action::Ack, "shop", more).unwrap_err();
        assert_eq!(problem.code, Code::InvalidParameter);

        let view = app::show_recall(&world.app, &operator("maker"), &recall, None).unwrap();

        assert_eq!((view.state, view.open_tasks, view.history.len()), ("executing", 1, 3));
    }

    fn roles_without_the_right_are_refused(db) {
        let world = chain(db);
        let request = by_lot(MILK);
        let new = NewRecall { request: &request, reason: "x", position: None, dry_run: true };

        let problem = app::open_recall(&world.app, &bearer("shop", Role::Retailer), &new).unwrap_err();

        assert_eq!(problem.code, Code::Forbidden);
    }
}
