//! What is affected only across a gap in the records: a person says whether it is recalled.

use suyuan::app::{self, Code, VerifyOptions};
use suyuan::parties::Role;
use suyuan::recall::{
    Action, Answer, Language, RecallView, Request, RequestedPlace, Ruling, UnitLine,
};

use super::given::*;
use crate::harness::app::TestApp;
use crate::harness::database::TestDatabase;

const FARM: &str = "https://id.gs1.org/414/9521234000044";
const OTHER_FARM: &str = "https://id.gs1.org/414/9521234000051";
const EGGS: &str = "https://id.gs1.org/01/09521234543213/10/EGGS";
const CAKE: &str = "https://id.gs1.org/01/09521234543213/10/CAKE";

/// An event of so many pieces of the eggs.
fn eggs(id: &str, at: &str, place: &str, step: &str, count: u32, to: Option<&str>) -> String {
    let quantity = format!(r#""quantityList":[{{"epcClass":"{EGGS}","quantity":{count}}}]"#);
    object(id, at, place, step, &[], to).replace(r#""epcList":[]"#, &quantity)
}

fn laid(id: &str, place: &str) -> String {
    eggs(id, "07:40", place, "commissioning", 100, None).replace("OBSERVE", "ADD")
}

/// Tins, and perhaps cake, made of eggs at a place.
fn baked(id: &str, at: &str, place: &str, tins: &[String], cake: u32) -> String {
    let tins: Vec<String> = tins.iter().map(|tin| format!("\"{tin}\"")).collect();
    let cake = if cake == 0 {
        String::new()
    } else {
        format!(r#","outputQuantityList":[{{"epcClass":"{CAKE}","quantity":{cake}}}]"#)
    };
    format!(
        r#"{{"type":"TransformationEvent","eventID":"urn:uuid:00000000-0000-4000-8000-0000000000{id}","eventTime":"2026-09-20T{at}:00Z","eventTimeZoneOffset":"+00:00","readPoint":{{"id":"{place}"}},"bizLocation":{{"id":"{place}"}},"inputQuantityList":[{{"epcClass":"{EGGS}","quantity":10}}],"outputEPCList":[{}]{cake}}}"#,
        tins.join(",")
    )
}

/// Two farms have eggs of one lot. Forty of the first go to the shop, which bakes a tin of them.
fn farms(db: &TestDatabase) -> TestApp {
    let world = chain(db);
    world.places("9521234000044,场,maker\n9521234000051,二场,maker");
    record(
        &world,
        &[
            laid("51", FARM),
            laid("52", OTHER_FARM),
            eggs("53", "09:00", FARM, "shipping", 40, Some(SHOP)),
            eggs("54", "10:00", SHOP, "receiving", 40, None),
            baked("55", "11:00", SHOP, &[tin(601)], 0),
        ],
    );
    world
}

/// Nobody says from which farm the kiosk has its thirty. It bakes two tins and five cakes of them, and one tin
/// goes to the shop.
fn unrecorded(world: &TestApp) {
    record(
        world,
        &[
            eggs("61", "12:00", OTHER_SHOP, "receiving", 30, None),
            baked("62", "14:00", OTHER_SHOP, &[tin(501), tin(502)], 5),
            object("63", "16:00", SHOP, "receiving", &[tin(501)], None),
        ],
    );
}

/// What the first farm had that morning.
fn of_farm() -> Request {
    Request {
        places: vec![RequestedPlace {
            place: "9521234000044".into(),
            from: "2026-09-20T07:30:00Z".into(),
            until: "2026-09-20T07:50:00Z".into(),
            guard: None,
        }],
        ..Request::default()
    }
}

/// Who has a task, in which state, for how many units and how much of lots at most.
fn tasks(view: &RecallView) -> Vec<(&str, &str, u64, Vec<&str>)> {
    let all = view.tasks.iter();
    all.map(|task| {
        let most = task.quantity.iter().filter_map(|q| q.hi.as_deref());
        (
            task.holder.as_str(),
            task.state,
            task.unit_count,
            most.collect(),
        )
    })
    .collect()
}

/// What of what each holder has to answer for is assumed.
fn assumed(view: &RecallView) -> Vec<(&str, u64, Vec<&str>)> {
    let holders = view.assumed.iter().flat_map(|assumed| &assumed.holders);
    holders
        .map(|due| {
            let most = due.quantity.iter().filter_map(|q| q.hi.as_deref());
            (due.holder.as_str(), due.unit_count, most.collect())
        })
        .collect()
}

fn left_out(lines: &[UnitLine]) -> Vec<(&str, &str)> {
    let lines = lines.iter().filter(|line| line.left_out);
    let mut told: Vec<_> = lines
        .map(|line| {
            assert_eq!(line.certainty, "assumed");
            (line.id.as_str(), line.holder.as_str())
        })
        .collect();
    told.sort_unstable();
    told
}

/// Whether the recall stands after a rebuild, and verifies, as it was.
fn stands(db: &TestDatabase, world: &TestApp, recall: &str) {
    let before = shown(world, recall, None);
    let lines = listed(world, &operator("maker"), recall, None);
    let report = app::check_rebuild(&world.app, &mut db.conn(), &mut |_| {}).unwrap();
    assert!(report.equal, "{report:?}");
    let report = db
        .conn()
        .write(|conn| app::rebuild(&world.app, conn, &mut |_| {}))
        .unwrap();
    assert!(report.equal, "{report:?}");
    assert_eq!(shown(world, recall, None), before);
    assert_eq!(listed(world, &operator("maker"), recall, None), lines);
    let options = VerifyOptions::default();
    let verified = app::verify(&world.app, &mut db.conn(), &options, &mut |_| {}).unwrap();
    assert_eq!(verified.bad, vec![]);
}

both! {
    fn a_scope_tells_apart_what_is_assumed_and_deciding_needs_a_word_on_it(db) {
        let world = farms(db);
        unrecorded(&world);
        let view = opened(&world, &of_farm());
        let recall = view.recall.clone().unwrap();
        let all = view.assumed.as_ref().unwrap();
        assert_eq!((all.unit_count, all.lot_count), (2, Some(1)), "{all:?}");
        assert_eq!(assumed(&view), [("kiosk", 1, vec!["25"]), ("shop", 1, vec![])], "{view:?}");
        assert_eq!(view.ruling, None);

        let problem = acted(&world, &recall, Action::Decide, "maker").unwrap_err();

        assert_eq!((problem.code, problem.errors[0].pointer.as_str()), (Code::InvalidParameter, "assumed"));
        for hint in ["2 units", "with 2 holders", "`include`", "`leave`", recall.as_str()] {
            assert!(problem.detail.contains(hint), "{hint}: {problem}");
        }
        for action in [Action::Notify, Action::Close, Action::Cancel, Action::Ack] {
            let problem = ruled(&world, &recall, action, Ruling::Leave).unwrap_err();
            assert_eq!((problem.code, problem.errors[0].pointer.as_str()), (Code::InvalidParameter, "assumed"));
        }
        let now = shown(&world, &recall, None);
        assert_eq!((now.state, now.history.len(), now.ruling), ("assessing", 1, None), "nothing was recorded");
    }

    fn what_is_left_out_gives_no_task_and_no_warning_and_stays_listed(db) {
        let world = farms(db);
        unrecorded(&world);
        let recall = opened(&world, &of_farm()).recall.unwrap();
        assert_eq!(left_out(&listed(&world, &operator("maker"), &recall, None)), []);
        ruled(&world, &recall, Action::Decide, Ruling::Leave).unwrap();
        assert_eq!(acted(&world, &recall, Action::Notify, "maker").unwrap().open_tasks, 2);

        let view = shown(&world, &recall, None);

        assert_eq!(tasks(&view), [("maker", "sent", 0, vec!["60"]), ("shop", "sent", 1, vec!["30"])]);
        assert_eq!(assumed(&view).len(), 2, "it is told all the same");
        let ruling = view.ruling.as_ref().unwrap();
        assert_eq!((ruling.assumed, ruling.by.as_str(), ruling.org.as_deref()), (Ruling::Leave, "cli:test", Some("maker")));
        assert_eq!((ruling.seq, ruling.reason.as_str()), (view.history[1].seq, "as the law says"));
        assert_eq!(view.history.iter().map(|made| made.assumed).collect::<Vec<_>>(), [None, Some(Ruling::Leave), None]);
        let lines = listed(&world, &operator("maker"), &recall, None);
        let out = left_out(&lines);
        let (first, second) = (tin(501), tin(502));
        for line in [(CAKE, "kiosk"), (EGGS, "kiosk"), (first.as_str(), "shop"), (second.as_str(), "kiosk")] {
            assert!(out.contains(&line), "{line:?}: {out:?}");
        }
        assert_eq!(left_out(&listed_at(&world, &recall, Some(1))), [], "the frozen version is as it was");
        for (id, told) in [(tin(601), 1), (EGGS.to_owned(), 1), (tin(501), 0), (tin(502), 0), (CAKE.to_owned(), 0)] {
            assert_eq!(warned(&world, &id).len(), told, "{id}");
        }
        let why = |id: &str, language| app::why_recalled(&world.app, &operator("maker"), &recall, None, id, language).unwrap();
        let english = why(&tin(501), Language::En);
        assert!(english.affected && english.left_out && english.text.contains("A person left it out"), "{}", english.text);
        assert!(why(&tin(501), Language::Zh).text.contains("经人工决定"));
        assert!(!why(&tin(601), Language::En).left_out);
        let shop = bearer("shop", Role::Retailer);
        let seen = shown_to(&world, &shop, &recall).unwrap();
        assert_eq!(assumed(&seen), [("shop", 1, vec![])]);
        assert_eq!(seen.assumed.unwrap().lot_count, None);
        let kiosk = bearer("kiosk", Role::Retailer);
        assert_eq!(shown_to(&world, &kiosk, &recall).unwrap_err().code, Code::NotFound);
        stands(db, &world, &recall);
    }

    fn what_is_included_is_recalled_like_the_rest(db) {
        let world = farms(db);
        unrecorded(&world);
        let recall = opened(&world, &of_farm()).recall.unwrap();
        ruled(&world, &recall, Action::Decide, Ruling::Include).unwrap();
        acted(&world, &recall, Action::Notify, "maker").unwrap();

        let view = shown(&world, &recall, None);

        assert_eq!(
            tasks(&view),
            [("kiosk", "sent", 1, vec!["25"]), ("maker", "sent", 0, vec!["60"]), ("shop", "sent", 2, vec!["30"])]
        );
        assert_eq!(view.ruling.unwrap().assumed, Ruling::Include);
        for id in [tin(601), EGGS.to_owned(), tin(501), tin(502), CAKE.to_owned()] {
            assert_eq!(warned(&world, &id).len(), 1, "{id}");
        }
        assert_eq!(left_out(&listed(&world, &operator("maker"), &recall, None)), []);
        stands(db, &world, &recall);
    }

    fn an_extension_that_assumes_something_first_needs_a_word_and_another_word_later_changes_it(db) {
        let world = farms(db);
        let recall = opened(&world, &of_farm()).recall.unwrap();
        acted(&world, &recall, Action::Decide, "maker").unwrap();
        acted(&world, &recall, Action::Notify, "maker").unwrap();
        let found = Answer { found: Some(1), quarantined: Some(1) };
        answered(&world, &recall, Action::Ack, "shop", found).unwrap();
        let before = shown(&world, &recall, None);
        assert_eq!((before.assumed.is_none(), before.ruling.is_none()), (true, true));
        unrecorded(&world);

        let problem = extended(&world, &recall).unwrap_err();

        assert_eq!((problem.code, problem.errors[0].pointer.as_str()), (Code::InvalidParameter, "assumed"));
        assert_eq!(shown(&world, &recall, None).version, 1, "nothing was recorded");
        let view = extended_under(&world, &recall, Some(Ruling::Leave)).unwrap();
        assert_eq!((view.version, view.ruling, view.assumed.unwrap().unit_count), (2, Some(Ruling::Leave), 2));
        let now = shown(&world, &recall, None);
        assert_eq!(tasks(&now)[1..], [("shop", "acknowledged", 1, vec!["30"])], "nothing it did not answer for");
        assert_eq!(tasks(&now).len(), 2, "the kiosk has only what is left out");
        assert_eq!((warned(&world, &tin(501)).len(), warned(&world, &tin(601)).len()), (0, 1));

        assert_eq!(extended(&world, &recall).unwrap_err().code, Code::NothingDiffers);
        assert_eq!(extended_under(&world, &recall, Some(Ruling::Leave)).unwrap_err().code, Code::NothingDiffers);
        let view = extended_under(&world, &recall, Some(Ruling::Include)).unwrap();

        assert_eq!((view.version, view.open_tasks, view.ruling), (3, Some(3), Some(Ruling::Include)));
        let now = shown(&world, &recall, None);
        let due = [("kiosk", "sent", 1, vec!["25"]), ("maker", "sent", 0, vec!["60"]), ("shop", "sent", 2, vec!["30"])];
        assert_eq!(tasks(&now), due, "the shop has to answer for one tin more");
        assert_eq!(warned(&world, &tin(501)).len(), 1);

        extended_under(&world, &recall, Some(Ruling::Leave)).unwrap();

        let now = shown(&world, &recall, None);
        assert_eq!(tasks(&now), due, "counts never fall");
        assert_eq!(now.ruling.as_ref().unwrap().assumed, Ruling::Leave);
        assert_eq!(warned(&world, &tin(501)).len(), 0);
        let said: Vec<_> = now.history.iter().filter_map(|made| made.assumed).collect();
        assert_eq!(said, [Ruling::Leave, Ruling::Include, Ruling::Leave]);
        stands(db, &world, &recall);
    }

    fn what_is_said_when_nothing_is_assumed_holds_for_later_versions(db) {
        let world = farms(db);
        let recall = opened(&world, &of_farm()).recall.unwrap();
        ruled(&world, &recall, Action::Decide, Ruling::Leave).unwrap();
        acted(&world, &recall, Action::Notify, "maker").unwrap();
        unrecorded(&world);

        let view = extended(&world, &recall).unwrap();

        assert_eq!((view.version, view.ruling), (2, Some(Ruling::Leave)));
        assert!(tasks(&shown(&world, &recall, None)).iter().all(|task| task.0 != "kiosk"));
        stands(db, &world, &recall);
    }

    fn what_turns_out_to_be_so_is_assumed_no_longer(db) {
        let world = farms(db);
        unrecorded(&world);
        let recall = opened(&world, &of_farm()).recall.unwrap();
        ruled(&world, &recall, Action::Decide, Ruling::Leave).unwrap();
        acted(&world, &recall, Action::Notify, "maker").unwrap();
        answered(&world, &recall, Action::Ack, "shop", Answer::default()).unwrap();
        assert_eq!(warned(&world, &tin(501)), Vec::<String>::new());
        record(&world, &[eggs("71", "11:30", FARM, "shipping", 30, Some(OTHER_SHOP))]);

        extended(&world, &recall).unwrap();

        let now = shown(&world, &recall, None);
        assert_eq!(assumed(&now), []);
        let tasks = tasks(&now);
        let of = |holder| tasks.iter().find(|task| task.0 == holder).map(|task| (task.1, task.2));
        assert_eq!(of("kiosk"), Some(("sent", 1)), "{tasks:?}");
        assert_eq!(of("shop"), Some(("sent", 2)), "it has one tin more to answer for: {tasks:?}");
        assert_eq!(warned(&world, &tin(501)).len(), 1);
        stands(db, &world, &recall);
    }

    fn what_was_sure_and_is_in_doubt_is_left_out_only_by_a_word_said_anew(db) {
        let world = farms(db);
        unrecorded(&world);
        let recall = opened(&world, &of_farm()).recall.unwrap();
        ruled(&world, &recall, Action::Decide, Ruling::Leave).unwrap();
        acted(&world, &recall, Action::Notify, "maker").unwrap();
        assert_eq!(warned(&world, &tin(601)).len(), 1);
        record(&world, &[declared(&eggs("53", "09:00", FARM, "shipping", 40, Some(SHOP)))]);

        let problem = extended(&world, &recall).unwrap_err();

        assert_eq!((problem.code, problem.errors[0].pointer.as_str()), (Code::InvalidParameter, "assumed"));
        for hint in ["version 2", "1 unit and 1 lot", "for sure", "`include` or `leave`"] {
            assert!(problem.detail.contains(hint), "{hint}: {problem}");
        }
        assert_eq!((shown(&world, &recall, None).version, warned(&world, &tin(601)).len()), (1, 1), "nothing is left out");
        extended_under(&world, &recall, Some(Ruling::Leave)).unwrap();
        assert_eq!(warned(&world, &tin(601)).len(), 0, "a person said so");
        stands(db, &world, &recall);
    }

    fn a_removal_of_what_was_left_out_takes_nothing_from_tasks(db) {
        let world = farms(db);
        unrecorded(&world);
        let recall = opened(&world, &of_farm()).recall.unwrap();
        ruled(&world, &recall, Action::Decide, Ruling::Leave).unwrap();
        acted(&world, &recall, Action::Notify, "maker").unwrap();
        let before = shown(&world, &recall, None).tasks;
        record(&world, &[declared(&baked("62", "14:00", OTHER_SHOP, &[tin(501), tin(502)], 5))]);
        extended(&world, &recall).unwrap();
        let now = shown(&world, &recall, None);
        assert_eq!(now.proposed_removals[0].unit_count, 2);
        assert_eq!(now.assumed.as_ref().unwrap().unit_count, 2, "what is kept is assumed as before");
        assert_eq!((warned(&world, &tin(501)).len(), now.tasks.len()), (0, 2));

        app::release_recall(&world.app, &operator("maker"), &recall, None, "never baked").unwrap();

        let after = shown(&world, &recall, None);
        let counts = |tasks: &[suyuan::recall::TaskView]| tasks.iter().map(|task| (task.holder.clone(), task.unit_count)).collect::<Vec<_>>();
        assert_eq!(counts(&after.tasks), counts(&before));
        stands(db, &world, &recall);
    }

    fn before_the_decision_an_extension_has_nothing_to_say_of_it(db) {
        let world = farms(db);
        let recall = opened(&world, &of_farm()).recall.unwrap();
        unrecorded(&world);

        let problem = extended_under(&world, &recall, Some(Ruling::Leave)).unwrap_err();

        assert!(problem.detail.contains("when the recall is decided"), "{problem}");
        assert_eq!(extended(&world, &recall).unwrap().ruling, None);
        assert_eq!(acted(&world, &recall, Action::Decide, "maker").unwrap_err().errors[0].pointer, "assumed");
    }
}
