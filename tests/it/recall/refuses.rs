//! Every way to say no.

use suyuan::app::{self, Code, NewRecall, Problem};
use suyuan::parties::Role;
use suyuan::recall::{Action, Answer, Language, Request};
use suyuan::trace::evaluate::{Direction, Window};
use suyuan::trace::quality::{Look, Settings};

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
            (Request::default(), Code::InvalidParameter, "names nothing"),
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
            assert_eq!(problem.errors[0].pointer, "position");
        }
    }

    fn what_no_event_names_is_told_as_it_was_typed_and_as_it_was_understood(db) {
        let world = chain(db);
        let typed = "(01)09521234543213(10)NONE";
        let problem = tried(&world, &by_lot(typed), None).unwrap_err();
        let told = format!("no event names https://id.gs1.org/01/09521234543213/10/NONE, as {typed:?} was understood");
        assert_eq!((problem.code, problem.detail), (Code::NotFound, told));
        assert_eq!(problem.errors[0].pointer, "lots[0]");

        let ranges = format!(r#"{{"lots":["{MILK}"],"ranges":[{{"from":"(01)09521234543213(21)800","to":"(01)09521234543213(21)899"}}]}}"#);
        let scope = Request::read(ranges.as_bytes()).unwrap();
        let problem = tried(&world, &scope, None).unwrap_err();
        assert_eq!((problem.code, problem.errors[0].pointer.as_str()), (Code::NotFound, "ranges[0]"));
        let scope = Request { credentials: vec!["NONE".to_owned()], ..Request::default() };
        let problem = tried(&world, &scope, None).unwrap_err();
        assert_eq!((problem.code, problem.errors[0].pointer.as_str()), (Code::NotFound, "credentials[0]"));
    }

    fn where_nothing_is_recorded_by_then_nothing_is_said(db) {
        let world = chain(db);
        let long_ago = "1990-01-01T00:00:00Z".parse().unwrap();
        for id in [MILK.to_owned(), tin(1)] {
            let found = app::where_is(&world.app, &operator("maker"), &id, long_ago).unwrap();
            assert!(found.is_untold(), "{found:?}");
            assert_eq!(found.certainty, "assumed");
        }
        let found = app::where_is(&world.app, &operator("maker"), &tin(1), "2027-01-01T00:00:00Z".parse().unwrap());
        assert!(!found.unwrap().is_untold());
    }

    fn what_was_not_there_at_the_position_asked_for_is_said_to_be_so(db) {
        let world = chain(db);
        let past = Some(r#"{"http/0":1}"#);
        let csv = "id,kind,name,issuer,org,products,valid_from,valid_to\nSC1,licence,许可,office,maker,09521234543213,2026-01-01T00:00:00Z,2026-09-20T08:30:00Z\n";
        app::import_credentials(&world.app, &operator("office"), csv.as_bytes(), false).unwrap();
        let said = |problem: Problem| {
            assert_eq!(problem.code, Code::NotFound, "{problem}");
            problem.detail
        };
        let id = tin(1);
        let never = format!("no event names {id} at the position asked for");

        let request = by_serial(&id);
        assert_eq!(said(tried(&world, &request, past).unwrap_err()), never);
        let caller = operator("maker");
        let preview = app::preview_recall(&world.app, &caller, &request, past);
        assert_eq!(said(preview.unwrap_err()), never);
        let back = Direction::Backward;
        let traced = app::trace(&world.app, &caller, back, &id, Window::default(), past);
        assert_eq!(said(traced.unwrap_err()), never);
        let others = [id.clone(), tin(2)];
        assert_eq!(said(app::common(&world.app, &caller, &others, past).unwrap_err()), never);
        let other = bearer("kiosk", Role::Producer);
        let hidden = app::trace(&world.app, &other, back, &id, Window::default(), past);
        assert_eq!(said(hidden.unwrap_err()), never, "nobody is told that it is there");
        let look = Look { lot: Some(MILK.to_owned()), ..Look::default() };
        let report = app::quality_report(&world.app, &caller, &look, Settings::default(), past);
        assert_eq!(said(report.unwrap_err()), format!("no event names {MILK} at the position asked for"));

        let licence = Request { credentials: vec!["SC1".to_owned()], ..Request::default() };
        tried(&world, &licence, None).unwrap();
        let problem = tried(&world, &licence, Some(r#"{"control/0":0}"#)).unwrap_err();
        assert_eq!(said(problem), r#"no credential "SC1" at the position asked for"#);

        let recall = opened(&world, &by_lot(MILK)).recall.unwrap();
        let why = app::why_recalled(&world.app, &caller, &recall, None, &tin(99), Language::En);
        let never = format!("no event names {} at the position of version 1", tin(99));
        assert_eq!(said(why.unwrap_err()), never);
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
