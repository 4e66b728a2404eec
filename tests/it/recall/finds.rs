//! What a scope finds, and where.

use suyuan::app::{self, Code, VerifyOptions};
use suyuan::recall::Request;
use suyuan::trace::evaluate::{Direction, Window};

use super::given::*;

/// At noon five kilos of the milk become four of another lot at the plant.
fn poured(id: &str, into: &str, uom: Option<&str>) -> String {
    let uom = uom.map_or_else(String::new, |uom| format!(r#","uom":"{uom}""#));
    let parts = format!(
        r#""inputQuantityList":[{{"epcClass":"{MILK}","quantity":5,"uom":"KGM"}}],"outputQuantityList":[{{"epcClass":"{into}","quantity":4{uom}}}]"#
    );
    let event = object(id, "12:00", PLANT, "commissioning", &[], None);
    let event = event.replace("ObjectEvent", "TransformationEvent");
    event
        .replace(r#""action":"OBSERVE","#, "")
        .replace(r#""epcList":[]"#, &parts)
}

both! {
    fn a_lot_leads_to_the_tins_made_from_it_and_to_who_has_them(db) {
        let world = chain(db);

        let view = opened(&world, &by_lot(MILK));

        assert_eq!((view.unit_count, view.lot_count, view.state), (4, Some(1), "assessing"));
        assert_eq!(
            holders(&view),
            [
                ("consumed", None, 0, "consumed", "holder"),
                ("consumer", Some(SHOP), 1, "sold", "holder"),
                ("shop", Some(SHOP), 3, "held", "holder"),
            ]
        );
        assert_eq!((view.quantity[0].lo.as_deref(), view.quantity[0].hi.as_deref()), (Some("100"), Some("100")));
        let lines = listed(&world, &operator("maker"), view.recall.as_deref().unwrap(), None);
        let ids: Vec<&str> = lines.iter().map(|line| line.id.as_str()).collect();
        assert_eq!(ids, [MILK, &tin(1), &tin(2), &tin(3), &tin(4)]);
        assert!(lines[1].path[0].ends_with("01"), "{:?}", lines[1].path);
    }

    fn a_serial_in_transit_is_with_both_ends(db) {
        let world = chain(db);

        let view = opened(&world, &by_serial("(01)09521234543213(21)5"));

        assert_eq!(view.unit_count, 1);
        assert_eq!(
            holders(&view),
            [
                ("kiosk", Some(OTHER_SHOP), 1, "in_transit", "holder"),
                ("maker", Some(PLANT), 1, "in_transit", "sender"),
            ]
        );
        let recall = view.recall.unwrap();
        for holder in ["kiosk", "maker"] {
            let lines = listed(&world, &operator("maker"), &recall, Some(holder));
            assert_eq!(lines.len(), 1, "{holder}");
            assert_eq!(lines[0].sender.as_deref(), Some("maker"));
        }
        assert_eq!(listed(&world, &operator("maker"), &recall, Some("shop")), vec![]);
    }

    fn a_lot_brings_the_items_that_events_say_are_of_it(db) {
        let world = chain(db);
        let lot = |name: &str| format!("https://id.gs1.org/01/09521234543213/10/{name}");
        let begun = |id: &str, epc: String| {
            let event = object(id, "16:00", PLANT, "commissioning", &[epc], None).replace("OBSERVE", "ADD");
            format!(r#"{},"ilmd":{{"cbvmda:lotNumber":"K1"}}}}"#, &event[..event.len() - 1])
        };
        let linked = "https://id.gs1.org/01/09521234543213/10/K2/21/902".to_owned();
        let mistaken = begun("23", tin(903));
        record(&world, &[
            begun("21", tin(901)),
            object("22", "16:30", SHOP, "receiving", &[linked], None),
            mistaken.clone(),
        ]);

        let found = |request: &Request| {
            let view = opened(&world, request);
            let lines = listed(&world, &operator("maker"), view.recall.as_deref().unwrap(), None);
            lines.into_iter().map(|line| line.id).filter(|id| id.contains("/21/")).collect::<Vec<_>>()
        };

        assert_eq!(found(&by_lot(&lot("K1"))), [tin(901), tin(903)]);
        assert_eq!(found(&by_lot(&lot("K2"))), [tin(902)]);
        let mut every = found(&by_lot("(01)09521234543213"));
        every.sort();
        let mut tins: Vec<String> = [1, 2, 3, 4, 5, 6, 901, 902, 903].map(tin).into();
        tins.sort();
        assert_eq!(every, tins, "a product brings every item and lot of it");

        let taken_back = format!(
            r#"{},"errorDeclaration":{{"declarationTime":"2026-09-20T20:00:00Z"}}}}"#,
            &mistaken[..mistaken.len() - 1]
        );
        record(&world, &[taken_back]);
        assert_eq!(found(&by_lot(&lot("K1"))), [tin(901)]);
        let report = app::verify(&world.app, &mut db.conn(), &VerifyOptions::default(), &mut |_| {}).unwrap();
        assert_eq!(report.bad, vec![]);
    }

    fn items_filled_from_a_lot_share_what_was_done_to_it(db) {
        let world = chain(db);
        let lot = |name: &str| format!("https://id.gs1.org/01/09521234543213/10/{name}");
        let marked = |id: &str, at: &str, epc: String| {
            let event = object(id, at, PLANT, "commissioning", &[epc], None).replace("OBSERVE", "ADD");
            format!(r#"{},"ilmd":{{"cbvmda:lotNumber":"MIX"}}}}"#, &event[..event.len() - 1])
        };
        let mixed = poured("31", &lot("MIX"), Some("KGM"));
        record(&world, &[marked("32", "11:00", tin(811)), mixed, marked("33", "13:00", tin(812))]);

        let view = opened(&world, &by_lot(MILK));
        let lines = listed(&world, &operator("maker"), view.recall.as_deref().unwrap(), None);
        let ids: Vec<&str> = lines.iter().map(|line| line.id.as_str()).collect();
        assert!(ids.contains(&tin(812).as_str()), "filled after: {ids:?}");
        assert!(!ids.contains(&tin(811).as_str()), "filled before the milk came in: {ids:?}");

        let back = app::trace(&world.app, &operator("maker"), Direction::Backward, &tin(812), Window::default(), None).unwrap();
        let found: Vec<&str> = back.nodes.iter().map(|node| node.id.as_str()).collect();
        assert!(found.contains(&MILK) && found.contains(&lot("MIX").as_str()), "{found:?}");
        assert!(back.events.iter().any(|event| event.ends_with("31")), "{:?}", back.events);
    }

    fn codes_issued_for_a_lot_are_of_it_without_a_word(db) {
        let world = chain(db);
        let can = cans(&world, "C1", 2);
        let made = |id: &str, at: &str, epc: String| {
            object(id, at, PLANT, "commissioning", &[epc], None).replace("OBSERVE", "ADD")
        };
        let mixed = poured("41", "https://id.gs1.org/01/09521234543237/10/C1", Some("KGM"));
        record(&world, &[made("42", "11:00", can(0)), mixed, made("43", "13:00", can(1))]);

        let view = opened(&world, &by_lot(MILK));
        let lines = listed(&world, &operator("maker"), view.recall.as_deref().unwrap(), None);
        let ids: Vec<&str> = lines.iter().map(|line| line.id.as_str()).collect();
        assert!(ids.contains(&can(1).as_str()), "filled after: {ids:?}");
        assert!(!ids.contains(&can(0).as_str()), "filled before the milk came in: {ids:?}");
        let back = app::trace(&world.app, &operator("maker"), Direction::Backward, &can(1), Window::default(), None).unwrap();
        assert!(back.nodes.iter().any(|node| node.id == MILK), "{:?}", back.nodes);
    }

    fn issued_codes_whose_beginning_nobody_recorded_are_of_their_lot(db) {
        let world = chain(db);
        let can = cans(&world, "C2", 4);
        let filled = poured("41", "https://id.gs1.org/01/09521234543237/10/C2", None);
        record(&world, &[
            filled,
            object("42", "13:00", PLANT, "shipping", &[can(0), can(1)], Some(SHOP)),
            object("43", "14:00", SHOP, "receiving", &[can(0), can(1)], None),
            object("44", "15:00", OTHER_SHOP, "retail_selling", &[can(2)], None),
        ]);

        let view = opened(&world, &by_lot(MILK));
        let lines = listed(&world, &operator("maker"), view.recall.as_deref().unwrap(), None);
        let mut found: Vec<_> = lines.iter().filter(|line| line.id.contains("543237/21/")).collect();
        found.sort_by_key(|line| line.holder.clone());
        let told: Vec<_> = found.iter().map(|line| (line.holder.as_str(), line.certainty)).collect();
        assert_eq!(told, [("consumer", "inferred"), ("shop", "inferred"), ("shop", "inferred")], "and the fourth was never seen");
        for index in 0..3 {
            let back = app::trace(&world.app, &operator("maker"), Direction::Backward, &can(index), Window::default(), None).unwrap();
            assert!(back.nodes.iter().any(|node| node.id == MILK), "{index}: {:?}", back.nodes);
        }
    }

    fn items_first_seen_elsewhere_with_their_lot_in_their_code_lead_back_to_what_it_was_made_of(db) {
        let world = chain(db);
        let lot = "https://id.gs1.org/01/09521234543213/10/MIX";
        let mixed = poured("41", lot, None);
        let named = format!("{lot}/21/901");
        record(&world, &[mixed, object("42", "13:00", SHOP, "receiving", &[named], None)]);

        let view = opened(&world, &by_lot(MILK));
        let lines = listed(&world, &operator("maker"), view.recall.as_deref().unwrap(), None);
        let line = lines.iter().find(|line| line.id == tin(901)).unwrap();
        assert_eq!((line.certainty, line.holder.as_str()), ("inferred", "shop"));
        let back = app::trace(&world.app, &operator("maker"), Direction::Backward, &tin(901), Window::default(), None).unwrap();
        let found: Vec<&str> = back.nodes.iter().map(|node| node.id.as_str()).collect();
        assert!(found.contains(&MILK) && found.contains(&lot), "{found:?}");
    }

    fn a_case_brings_what_was_in_it(db) {
        let world = chain(db);

        let view = tried(&world, &by_serial(CASE), None).unwrap();

        assert_eq!(view.unit_count, 5, "the case and four tins");
        assert_eq!(view.recall, None);
    }

    fn a_window_counts_as_an_instant_whatever_its_offset(db) {
        let world = chain(db);
        let utc = tried(&world, &by_place("08:00", "09:05", None), None).unwrap();

        let mut local = by_place("08:00", "09:05", None);
        for (from, until) in [
            ("2026-09-20T16:00:00+08:00", "2026-09-20T17:05:00+08:00"),
            ("2026-09-19T22:00:00-10:00", "2026-09-19T23:05:00-10:00"),
            ("2026-09-20T13:45:00+05:45", "2026-09-20T17:05:00+08:00"),
        ] {
            (local.places[0].from, local.places[0].until) = (from.to_owned(), until.to_owned());
            let view = tried(&world, &local, None).unwrap();
            assert_eq!((view.unit_count, &view.digest), (6, &utc.digest), "{from}");
        }
        (local.places[0].from, local.places[0].until) =
            ("2026-09-20T08:00:00+08:00".to_owned(), "2026-09-20T09:05:00+08:00".to_owned());
        local.policies.starts = Some("stamped".to_owned());
        let problem = tried(&world, &local, None).unwrap_err();
        assert_eq!(problem.code, Code::EmptyScope, "that was at night");
    }

    fn a_window_at_a_site_reaches_its_lines_and_a_guard_reaches_further(db) {
        let world = chain(db);

        let sharp = tried(&world, &by_place("07:30", "08:30", None), None).unwrap();
        let guarded = tried(&world, &by_place("08:30", "09:00", Some("10m")), None).unwrap();

        let sure = sharp.certainty.unwrap();
        assert_eq!((sure.asserted, sure.policy), (4, 2), "what was stamped next had begun within the window");
        assert_eq!((guarded.unit_count, guarded.certainty.unwrap().policy), (2, 2));
        assert_eq!(guarded.definition.places[0].guard.as_deref(), Some("10m"));
    }
}
