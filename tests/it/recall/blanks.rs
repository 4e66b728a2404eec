//! What nobody recorded: the answer names it, and whom to ask.

use suyuan::app::{self, Code};
use suyuan::recall::{DiffQuery, GapChanges};
use suyuan::trace::DarkKind;

use super::given::*;
use crate::harness::app::TestApp;
use crate::harness::database::TestDatabase;

/// Milk in the silo, and what is made of it; other lots of both begin on record.
const SILO_1: &str = "https://id.gs1.org/01/09521234000013/10/S1";
const SILO_2: &str = "https://id.gs1.org/01/09521234000013/10/S2";
const BULK_1: &str = "https://id.gs1.org/01/09521234000037/10/P1";
const BULK_2: &str = "https://id.gs1.org/01/09521234000037/10/P2";

fn kilos(role: &str, lot: &str, amount: u32) -> String {
    format!(r#""{role}":[{{"epcClass":"{lot}","quantity":{amount},"uom":"KGM"}}]"#)
}

fn begun(id: &str, at: &str, lot: &str) -> String {
    let event = object(id, at, LINE, "commissioning", &[], None).replace("OBSERVE", "ADD");
    event.replace(r#""epcList":[]"#, &kilos("quantityList", lot, 100))
}

fn made(id: &str, at: &str, from: &str, into: &str) -> String {
    let event = object(id, at, LINE, "commissioning", &[], None);
    let event = event.replace("ObjectEvent", "TransformationEvent");
    let event = event.replace(r#""action":"OBSERVE","#, "");
    let parts = [
        kilos("inputQuantityList", from, 100),
        kilos("outputQuantityList", into, 90),
    ];
    event.replace(r#""epcList":[]"#, &parts.join(","))
}

/// All that was made of the milk, filled.
fn filled_up(id: &str, at: &str, lot: &str, tins: &[String]) -> String {
    filled_many(id, at, lot, tins).replace(r#""quantity":1,"#, r#""quantity":90,"#)
}

fn gaps(added: u64, gone: u64) -> GapChanges {
    GapChanges {
        added,
        gone,
        changed: 0,
    }
}

/// The second silo's milk is on the books; its becoming bulk was never recorded, and the bulk's becoming tins was.
fn dairy(db: &TestDatabase) -> TestApp {
    let world = chain(db);
    record(
        &world,
        &[
            begun("60", "16:00", SILO_1),
            made("61", "17:00", SILO_1, BULK_1),
            filled_up("62", "18:00", BULK_1, &[tin(61)]),
            begun("63", "19:00", SILO_2),
            filled_up("64", "21:00", BULK_2, &[tin(62), tin(63)]),
        ],
    );
    world
}

both! {
    fn a_lot_from_nowhere_beside_affected_stock_is_named_until_the_record_comes(db) {
        let world = dairy(db);
        let view = opened(&world, &by_lot(SILO_2));
        let [gap] = view.dark_edges.as_slice() else {
            panic!("{:?}", view.dark_edges);
        };
        assert_eq!((gap.kind, gap.id.as_str()), (DarkKind::NoOrigin, BULK_2));
        assert_eq!((gap.to.as_deref(), &gap.ask), (Some(LINE), &vec!["maker".to_owned()]));
        let recall = view.recall.unwrap();
        assert_eq!(opened(&world, &by_lot(SILO_1)).dark_edges, [], "all of it is used up");

        record(&world, &[made("65", "20:00", SILO_2, BULK_2)]);
        extended(&world, &recall).unwrap();
        let now = shown(&world, &recall, None);
        assert_eq!((now.dark_edges, now.unit_count), (vec![], 2));
        let then = shown(&world, &recall, Some(1));
        assert_eq!(then.dark_edges, view.dark_edges, "what was frozen stays");
    }

    fn gaps_that_come_and_go_after_the_freeze_make_an_extension_due(db) {
        let world = chain(db);
        let other = made("65", "20:00", SILO_1, BULK_2);
        record(&world, &[
            begun("60", "16:00", SILO_1),
            made("61", "17:00", SILO_1, BULK_1),
            filled_many("62", "18:00", BULK_1, &[tin(61)]),
            begun("63", "19:00", SILO_2),
        ]);
        let first = opened(&world, &by_lot(SILO_2));
        assert_eq!(first.dark_edges, []);
        let recall = first.recall.clone().unwrap();
        let check = || app::check_recall(&world.app, &operator("maker"), &recall).unwrap().watch;
        let news = || check().difference.map(|difference| difference.gaps);

        record(&world, &[filled_many("64", "21:00", BULK_2, &[tin(62), tin(63)])]);
        assert_eq!((check().due, news()), (Some(true), Some(gaps(1, 0))));
        let view = extended(&world, &recall).unwrap();
        assert_eq!((view.version, view.difference.gaps), (2, gaps(1, 0)));
        assert_eq!(view.digest, first.digest, "the same things are affected");
        let second = shown(&world, &recall, Some(2));
        let ids: Vec<&str> = second.dark_edges.iter().map(|gap| gap.id.as_str()).collect();
        assert_eq!(ids, [BULK_2]);
        assert_eq!((check().due, news()), (Some(false), None));

        record(&world, &[other]);
        assert_eq!((check().due, news()), (Some(true), Some(gaps(0, 1))));
        extended(&world, &recall).unwrap();
        assert_eq!(shown(&world, &recall, None).dark_edges, []);
        assert_eq!(shown(&world, &recall, Some(1)).dark_edges, []);
        assert_eq!(shown(&world, &recall, Some(2)).dark_edges, second.dark_edges, "what was frozen stays");
        let between = |from, to| {
            let query = DiffQuery { from: Some(from), to: Some(to), ..DiffQuery::default() };
            app::recall_difference(&world.app, &operator("maker"), &recall, query).unwrap().difference.unwrap().gaps
        };
        assert_eq!([between(1, 2), between(2, 3), between(1, 3)], [gaps(1, 0), gaps(0, 1), gaps(0, 0)]);
        let versions = app::recall_versions(&world.app, &operator("maker"), &recall).unwrap();
        let told: Vec<_> = versions.iter().map(|line| line.gaps).collect();
        assert_eq!(told, [None, Some(gaps(1, 0)), Some(gaps(0, 1))]);
        let report = app::check_rebuild(&world.app, &mut db.conn(), &mut |_| {}).unwrap();
        assert!(report.equal, "{report:?}");
    }

    fn a_lot_whose_making_was_taken_back_comes_from_nowhere(db) {
        let world = dairy(db);
        let late = made("65", "20:00", SILO_2, BULK_2);
        record(&world, std::slice::from_ref(&late));
        assert_eq!(opened(&world, &by_lot(SILO_2)).dark_edges, []);
        record(&world, &[declared(&late)]);
        let view = opened(&world, &by_lot(SILO_2));
        let kinds: Vec<_> = view.dark_edges.iter().map(|gap| (gap.kind, gap.id.as_str())).collect();
        assert_eq!(kinds, [(DarkKind::NoOrigin, BULK_2)]);
    }

    fn a_window_of_work_that_nothing_came_out_of_names_what_is_missing(db) {
        let world = chain(db);
        let lost = made("60", "17:00", SILO_1, BULK_1);
        let id = r#""transformationID":"urn:uuid:00000000-0000-4000-8000-00000000aaaa","#;
        let inputs = lost.replace(&format!(",{}", kilos("outputQuantityList", BULK_1, 90)), "");
        record(&world, &[begun("61", "16:00", SILO_1), inputs.replacen('{', &format!("{{{id}"), 1)]);
        let problem = tried(&world, &by_place("16:50", "17:10", None), None).unwrap_err();
        assert_eq!(problem.code, Code::EmptyScope);
        let named = "no_outputs of urn:uuid:00000000-0000-4000-8000-00000000aaaa, ask maker";
        assert!(problem.detail.contains(named), "{}", problem.detail);
    }

    fn goods_that_never_begin_on_record_are_no_exception(db) {
        let world = dairy(db);
        let salt = "https://id.gs1.org/01/09521234000044/10/SALT";
        record(&world, &[filled_many("66", "22:00", salt, &[tin(64)])]);
        let view = opened(&world, &by_lot(SILO_2));
        assert!(view.dark_edges.iter().all(|gap| gap.id != salt), "{:?}", view.dark_edges);
    }
}
