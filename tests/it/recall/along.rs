//! Items that lie among stock of their lot: where they can have gone along, by whom, and what is told of it.

use suyuan::app;
use suyuan::recall::{Language, Request, RequestedAttribute};
use suyuan::trace::Fate;
use suyuan::trace::evaluate::Direction;

use super::counts::{LOT, begun, pieces};
use super::given::*;
use crate::harness::app::TestApp;

const BOX: &str = "https://id.gs1.org/00/195212340000000027";

/// Tins 101 and so on come to be at the plant, of the lot, and nobody says how many by quantity.
fn made(world: &TestApp, count: u32) {
    let tins: Vec<String> = (101..101 + count).map(tin).collect();
    let made = begun(&object("51", "16:00", PLANT, "commissioning", &tins, None));
    let lot = r#""ilmd":{"cbvmda:lotNumber":"B1"}"#;
    record(world, &[format!("{},{lot}}}", &made[..made.len() - 1])]);
}

fn goes(world: &TestApp, count: u32, to: &str) {
    record(
        world,
        &[
            pieces("52", "17:00", PLANT, "shipping", count, Some(to)),
            pieces("53", "18:00", to, "receiving", count, None),
        ],
    );
}

/// The same of what goes into the box, or comes out of it.
fn in_box(event: &str) -> String {
    event
        .replace("ObjectEvent", "AggregationEvent")
        .replace(
            r#""quantityList""#,
            &format!(r#""parentID":"{BOX}","childQuantityList""#),
        )
        .replace(
            r#""epcList""#,
            &format!(r#""parentID":"{BOX}","childEPCs""#),
        )
}

fn of(units: &[u32]) -> Request {
    Request {
        units: units.iter().map(|number| tin(*number)).collect(),
        ..Request::default()
    }
}

/// Who did what with a tin, and how certainly.
fn acts(world: &TestApp, number: u32) -> Vec<(String, &'static str, &'static str)> {
    let found = app::who(&world.app, &operator("maker"), &tin(number)).unwrap();
    let acts = found.responsible.into_iter();
    acts.map(|act| (act.org, act.role, act.certainty)).collect()
}

both! {
    fn whoever_moved_the_lot_answers_for_its_serials(db) {
        let world = chain(db);
        made(&world, 3);
        goes(&world, 3, SHOP);

        let expected = [
            ("maker".to_owned(), "producer", "asserted"),
            ("maker".to_owned(), "shipper", "inferred"),
            ("shop".to_owned(), "receiver", "inferred"),
        ];
        assert_eq!(acts(&world, 101), expected);
        let found = app::who(&world.app, &operator("maker"), &tin(101)).unwrap();
        let last = found.hops.last().unwrap();
        assert_eq!((last.custody.as_deref(), last.certainty), (Some("shop"), "inferred"));
        assert_eq!(found.custody.as_deref(), Some("shop"));
        let window = suyuan::trace::evaluate::Window::default();
        let back = app::trace(&world.app, &operator("maker"), Direction::Backward, &tin(101), window, None).unwrap();
        assert_eq!(back.events.len(), 3, "{:?}", back.events);
        let node = back.nodes.iter().find(|node| node.id == tin(101)).unwrap();
        assert_eq!(node.place.as_deref(), Some(SHOP));
    }

    fn what_was_received_by_its_serial_is_where_that_was(db) {
        let world = chain(db);
        made(&world, 10);
        record(&world, &[
            object("54", "16:30", PLANT, "shipping", &[tin(101)], Some(SHOP)),
            object("55", "16:45", SHOP, "receiving", &[tin(101)], None),
        ]);
        goes(&world, 9, OTHER_SHOP);

        let at = "2026-09-21T00:00:00Z".parse().unwrap();
        let found = app::where_is(&world.app, &operator("maker"), &tin(101), at).unwrap();
        assert_eq!((found.place.as_deref(), found.certainty, found.others.len()), (Some(SHOP), "asserted", 0));
        let view = opened(&world, &of(&[101]));
        assert_eq!(holders(&view), [("shop", Some(SHOP), 1, "held", "holder")]);
        assert_eq!(view.lot_count, Some(0));
        let expected = [
            ("maker".to_owned(), "producer", "asserted"),
            ("maker".to_owned(), "shipper", "asserted"),
            ("shop".to_owned(), "receiver", "asserted"),
        ];
        assert_eq!(acts(&world, 101), expected);
    }

    fn a_place_that_is_inferred_is_told_so(db) {
        let world = chain(db);
        made(&world, 3);
        goes(&world, 3, SHOP);
        let recall = opened(&world, &of(&[101])).recall.unwrap();
        let line = listed(&world, &operator("maker"), &recall, None).remove(0);
        assert_eq!((line.certainty, line.place_certainty), ("asserted", Some("inferred")));

        record(&world, &[object("56", "19:00", SHOP, "inspecting", &[tin(101)], None)]);
        let recall = opened(&world, &of(&[101])).recall.unwrap();
        let line = listed(&world, &operator("maker"), &recall, None).remove(0);
        assert_eq!((line.certainty, line.place_certainty), ("asserted", Some("asserted")));
    }

    fn who_has_a_lot_loose_and_in_a_case_has_no_more_than_is_affected(db) {
        let world = chain(db);
        made(&world, 6);
        goes(&world, 6, SHOP);
        let packed = in_box(&begun(&pieces("57", "19:00", SHOP, "packing", 2, None)));
        record(&world, &[packed]);

        let view = opened(&world, &of(&[101]));
        let row = view.holders.iter().find(|row| !row.quantity.is_empty()).unwrap();
        assert_eq!((row.holder.as_str(), row.quantity[0].hi.as_deref()), ("shop", Some("1")));
        let lines = listed(&world, &operator("maker"), view.recall.as_deref().unwrap(), None);
        let mut inside: Vec<_> = lines.iter().filter(|line| line.id == LOT).map(|line| line.inside.as_deref()).collect();
        inside.sort_unstable();
        assert_eq!(inside, [None, Some(BOX)]);
    }

    fn what_went_into_a_case_under_serials_and_came_out_by_quantity_is_where_that_went(db) {
        let world = chain(db);
        made(&world, 4);
        let tins: Vec<String> = (101..=104).map(tin).collect();
        let boxed = object("52", "17:00", PLANT, "packing", &tins, None);
        record(&world, &[
            in_box(&begun(&boxed)),
            object("53", "18:00", PLANT, "shipping", &[BOX.to_owned()], Some(SHOP)),
            object("54", "19:00", SHOP, "receiving", &[BOX.to_owned()], None),
            in_box(&pieces("55", "20:00", SHOP, "unpacking", 4, None)).replace("OBSERVE", "DELETE"),
            pieces("56", "21:00", SHOP, "shipping", 3, Some(OTHER_SHOP)),
            pieces("57", "22:00", OTHER_SHOP, "receiving", 3, None),
        ]);
        let at = "2026-09-21T00:00:00Z".parse().unwrap();
        let found = app::where_is(&world.app, &operator("maker"), &tin(101), at).unwrap();
        let others: Vec<_> = found.others.iter().map(|other| other.holder.as_str()).collect();
        assert_eq!((found.status, found.inside, others), (Fate::Unknown, None, vec!["shop", "kiosk"]));
        let view = opened(&world, &of(&[101]));
        assert_eq!(view.dark_edges, []);
        let most = |holder: &str| {
            let row = view.holders.iter().find(|row| row.holder == holder).unwrap();
            row.quantity[0].hi.clone()
        };
        assert_eq!(["shop", "kiosk"].map(most), [Some("1".to_owned()), Some("1".to_owned())]);

        record(&world, &[
            pieces("58", "22:10", SHOP, "shipping", 1, Some(OTHER_SHOP)),
            pieces("59", "22:20", OTHER_SHOP, "receiving", 1, None),
        ]);
        let view = opened(&world, &of(&[101]));
        assert_eq!(holders(&view), [("kiosk", Some(OTHER_SHOP), 1, "held", "holder")]);
        assert!(acts(&world, 101).contains(&("kiosk".to_owned(), "receiver", "inferred")));
    }

    fn why_a_sibling_is_not_affected_names_the_items_that_are(db) {
        let world = chain(db);
        made(&world, 4);
        goes(&world, 2, SHOP);
        let recall = opened(&world, &of(&[101, 103])).recall.unwrap();
        let found = app::why_recalled(&world.app, &operator("maker"), &recall, None, &tin(102), Language::En).unwrap();
        assert!(!found.affected);
        assert!(found.text.contains("only single items are affected"), "{}", found.text);
    }

    fn a_gap_of_several_units_names_them(db) {
        let world = chain(db);
        let tins: Vec<String> = (101..=125).map(tin).collect();
        made(&world, 25);
        record(&world, &[object("58", "17:00", PLANT, "shipping", &tins, Some(SHOP))]);
        let view = opened(&world, &Request { units: tins.clone(), ..Request::default() });
        let gap = view.dark_edges.iter().find(|gap| gap.kind.as_str() == "not_received").unwrap();
        assert_eq!((gap.id.as_str(), gap.count, gap.more.len()), (tins[0].as_str(), Some(25), 19));
        assert_eq!(gap.more, tins[1..20]);
    }

    fn an_attribute_that_no_event_tells_is_told_with_those_there_are(db) {
        let world = chain(db);
        made(&world, 2);
        let asked = |field: &str| Request {
            attributes: vec![RequestedAttribute {
                product: "(01)09521234543213".to_owned(),
                field: field.to_owned(),
                equals: Some("B1".to_owned()),
                from: None,
                until: None,
            }],
            ..Request::default()
        };
        let problem = tried(&world, &asked("ex:batch"), None).unwrap_err();
        assert_eq!(problem.code, app::Code::EmptyScope);
        assert!(problem.to_string().contains("no event tells ex:batch of"), "{problem}");
        let preview = app::preview_recall(&world.app, &operator("maker"), &asked("ex:batch"), None).unwrap();
        let [untold] = preview.recall.untold.as_slice() else {
            panic!("{:?}", preview.recall.untold);
        };
        assert_eq!(untold.field, "ex:batch");
        assert!(untold.told.contains(&"cbvmda:lotNumber".to_owned()), "{:?}", untold.told);
        assert_eq!(opened(&world, &asked("cbvmda:lotNumber")).untold, []);
    }
}
