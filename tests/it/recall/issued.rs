//! Ranges of issued codes of which events name only some.

use suyuan::app::{self, Code};
use suyuan::parties::Role;
use suyuan::recall::{Action, Request, RequestedRange, UnnamedCodes};

use super::given::*;

const LOT: &str = "https://id.gs1.org/01/09521234543237/10/CANS1";

/// The codes from one to another.
fn range(from: &str, to: &str) -> Request {
    Request {
        ranges: vec![RequestedRange {
            from: from.to_owned(),
            to: to.to_owned(),
        }],
        ..Request::default()
    }
}

fn of_the_lot(count: u64) -> Vec<UnnamedCodes> {
    vec![UnnamedCodes {
        lot: LOT.to_owned(),
        count,
    }]
}

both! {
    fn codes_of_a_range_that_no_event_names_are_counted_and_told_to_conductors_alone(db) {
        let world = chain(db);
        let can = cans(&world, "CANS1", 10);
        let named: Vec<String> = [1, 4, 7].map(&can).to_vec();
        record(&world, &[
            object("61", "12:00", PLANT, "commissioning", &named, None).replace("OBSERVE", "ADD"),
            object("62", "13:00", SHOP, "receiving", &named, None),
        ]);

        let view = opened(&world, &range(&can(0), &can(9)));

        assert_eq!((view.unit_count, view.unnamed.clone()), (3, of_the_lot(7)));
        let recall = view.recall.unwrap();
        let conducted = shown(&world, &recall, None);
        assert_eq!(conducted.unnamed, of_the_lot(7));
        acted(&world, &recall, Action::Decide, "maker").unwrap();
        acted(&world, &recall, Action::Notify, "maker").unwrap();
        let held = shown_to(&world, &bearer("shop", Role::Retailer), &recall).unwrap();
        assert_eq!((held.unit_count, held.unnamed), (3, vec![]), "a holder is told of what it has");
    }

    fn a_range_of_codes_that_no_event_names_affects_nothing_and_says_what_to_name(db) {
        let world = chain(db);
        let can = cans(&world, "CANS1", 10);
        record(&world, &[object("61", "12:00", PLANT, "commissioning", &[can(9)], None).replace("OBSERVE", "ADD")]);

        let problem = tried(&world, &range(&can(0), &can(4)), None).unwrap_err();

        assert_eq!(problem.code, Code::EmptyScope);
        let told = format!("no event names 5 issued codes of {LOT}: where they are is known of the lot alone, name it");
        assert!(problem.detail.contains(&told), "{problem}");
        let preview = app::preview_recall(&world.app, &operator("maker"), &range(&can(0), &can(4)), None).unwrap();
        assert_eq!((preview.is_empty, preview.recall.unit_count, preview.recall.unnamed), (true, 0, of_the_lot(5)));
    }

    fn what_was_issued_after_the_position_asked_for_is_not_counted(db) {
        let world = chain(db);
        let can = cans(&world, "CANS1", 10);
        let before = Some(r#"{"http/0":1}"#);

        let problem = tried(&world, &range(&can(0), &can(4)), before).unwrap_err();

        assert_eq!(problem.code, Code::NotFound, "{problem}");
    }
}
