//! Traces, written out.

use suyuan::app;
use suyuan::epcis::Timestamp;
use suyuan::trace::evaluate::{Direction, Window};
use suyuan::trace::{DarkKind, Fate};

use super::given::*;

fn at(text: &str) -> Timestamp {
    format!("2026-09-20T{text}:00Z").parse().unwrap()
}

both! {
    fn back_from_a_tin_is_its_own_past_its_case_and_its_milk(db) {
        let world = chain(db);

        let traced =
            app::trace(&world.app, &operator("maker"), Direction::Backward, &tin(2), Window::default(), None).unwrap();

        let events: Vec<&str> = traced.events.iter().map(|id| &id[id.len() - 1..]).collect();
        assert_eq!(events, ["1", "3", "4", "5"]);
        assert!(traced.nodes.iter().any(|node| node.id == MILK && node.kind == "lot"));
    }

    fn forward_from_milk_leaves_the_other_milk_alone(db) {
        let world = chain(db);

        let traced =
            app::trace(&world.app, &operator("maker"), Direction::Forward, MILK, Window::default(), None).unwrap();

        let units: Vec<&str> =
            traced.nodes.iter().filter(|node| node.kind == "unit").map(|node| node.id.as_str()).collect();
        assert_eq!(units, [tin(1), tin(2), tin(3), tin(4)]);
        assert!(traced.complete, "{:?}", traced.dark_edges);
    }

    fn a_shipment_without_a_receipt_is_a_gap(db) {
        let world = chain(db);

        let traced =
            app::trace(&world.app, &operator("maker"), Direction::Forward, &tin(5), Window::default(), None).unwrap();

        assert!(!traced.complete);
        let gap = &traced.dark_edges[0];
        assert_eq!((gap.kind, gap.from.as_deref(), gap.to.as_deref()), (DarkKind::NotReceived, Some(PLANT), Some(OTHER_SHOP)));
    }

    fn where_a_tin_was_follows_its_case(db) {
        let world = chain(db);
        let find = |time: &str| app::where_is(&world.app, &operator("maker"), &tin(2), at(time)).unwrap();

        let shipped = find("12:00");
        let arrived = find("13:30");

        assert_eq!((shipped.status, shipped.holder.as_deref()), (Fate::InTransit, Some("shop")));
        assert_eq!((arrived.status, arrived.place.as_deref()), (Fate::Held, Some(SHOP)));
        assert_eq!(arrived.inside.as_deref(), Some(CASE));
    }

    fn a_lot_of_single_items_is_where_they_are(db) {
        let world = chain(db);
        let tins: Vec<String> = (811..=815).map(tin).collect();
        let event = object("31", "11:00", PLANT, "commissioning", &tins, None).replace("OBSERVE", "ADD");
        let begun = format!(r#"{},"ilmd":{{"cbvmda:lotNumber":"SINGLE"}}}}"#, &event[..event.len() - 1]);
        record(&world, &[
            begun,
            object("32", "12:00", PLANT, "shipping", &tins[..3], Some(SHOP)),
            object("33", "13:00", SHOP, "receiving", &tins[..2], None),
            object("34", "14:00", SHOP, "retail_selling", &tins[..1], None),
        ]);
        let lot = "https://id.gs1.org/01/09521234543213/10/SINGLE";
        let find = |time: &str| app::where_is(&world.app, &operator("maker"), lot, at(time)).unwrap();

        let found = find("15:00");
        let parts: Vec<_> = found
            .parts
            .iter()
            .map(|part| {
                let held = &part.holding;
                (part.quantity.to_string(), held.status, held.place.as_deref(), held.holder.as_str())
            })
            .collect();
        assert_eq!(parts, [
            ("2".to_owned(), Fate::Held, Some(PLANT), "maker"),
            ("1".to_owned(), Fate::Held, Some(SHOP), "shop"),
            ("1".to_owned(), Fate::InTransit, Some(SHOP), "shop"),
            ("1".to_owned(), Fate::Sold, Some(SHOP), "consumer"),
        ]);
        assert_eq!((found.status, found.place, found.certainty), (Fate::Unknown, None, "asserted"));
        let early = find("11:30");
        let all = (early.parts.len(), early.parts[0].quantity.to_string());
        assert_eq!((all, early.place.as_deref()), ((1, "5".to_owned()), Some(PLANT)));
        assert_eq!((early.status, early.holder.as_deref()), (Fate::Held, Some("maker")));
        assert_eq!(find("10:00").parts.len(), 0, "none of them had begun");
        let who = app::who(&world.app, &operator("maker"), lot).unwrap();
        assert_eq!(who.custody, None, "several have it");
    }

    fn who_answers_is_whoever_has_the_place_and_beside_it_stands_the_recorder(db) {
        let world = chain(db);

        let who = app::who(&world.app, &operator("maker"), &tin(2)).unwrap();

        let answers: Vec<(&str, &str)> = who.responsible.iter().map(|answer| (answer.role, answer.org.as_str())).collect();
        assert_eq!(answers, [("processor", "maker"), ("packer", "maker"), ("shipper", "maker"), ("receiver", "shop")]);
        assert!(who.responsible.iter().all(|answer| answer.recorded_by.as_deref() == Some("maker")));
        let custody: Vec<&str> = who.hops.iter().filter_map(|hop| hop.custody.as_deref()).collect();
        assert_eq!((custody, who.custody.as_deref()), (vec!["maker", "maker", "shop", "shop"], Some("shop")));
    }
}
