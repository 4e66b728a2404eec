//! What is told of single things: gaps with whom to ask, how an event meets a window, what is in effect though
//! it is not found any more.

use suyuan::app::{self, Code};
use suyuan::recall::{Explanation, Language, Request, RequestedPlace, UnitQuery};

use super::given::*;
use crate::harness::app::TestApp;

const MILK2: &str = "https://id.gs1.org/01/09521234543213/10/MILK2";

const BUTTER: &str = "https://id.gs1.org/01/09521234543213/10/BUTTER";

/// Fifty pieces of a lot begin at a place.
fn stock(id: &str, at: &str, place: &str, lot: &str) -> String {
    let event = object(id, at, place, "commissioning", &[], None);
    let event = event.replace(r#""action":"OBSERVE""#, r#""action":"ADD""#);
    let quantity = format!(r#""quantityList":[{{"epcClass":"{lot}","quantity":50}}]"#);
    event.replace(r#""epcList":[]"#, &quantity)
}

/// A place between two times.
fn window(gln: &str, (from, until): (&str, &str), guard: Option<&str>) -> RequestedPlace {
    RequestedPlace {
        place: gln.to_owned(),
        from: format!("2026-09-20T{from}:00Z"),
        until: format!("2026-09-20T{until}:00Z"),
        guard: guard.map(str::to_owned),
    }
}

fn why(world: &TestApp, recall: &str, id: &str, language: Language) -> Explanation {
    app::why_recalled(&world.app, &operator("maker"), recall, None, id, language).unwrap()
}

fn texts(found: &Explanation) -> Vec<&str> {
    found.steps.iter().map(|step| step.text.as_str()).collect()
}

both! {
    fn a_receipt_without_a_shipment_is_a_gap_of_the_recall_with_whom_to_ask(db) {
        let world = chain(db);
        record(&world, &[
            object("61", "09:30", PLANT, "inspecting", &[tin(500)], None),
            object("62", "16:00", OTHER_SHOP, "receiving", &[tin(500)], None),
        ]);

        let view = tried(&world, &by_serial(&tin(500)), None).unwrap();

        let gaps = view.dark_edges.iter();
        let gaps: Vec<_> = gaps
            .map(|gap| (gap.kind.as_str(), gap.id.as_str(), gap.count, gap.to.as_deref()))
            .collect();
        let five = tin(500);
        assert!(gaps.contains(&("not_shipped", five.as_str(), Some(1), Some(OTHER_SHOP))), "{gaps:?}");
        let gap = view.dark_edges.iter().find(|gap| gap.kind.as_str() == "not_shipped").unwrap();
        assert_eq!(gap.ask, ["kiosk", "maker"]);
        let opened = opened(&world, &by_serial(&tin(500)));
        assert_eq!(opened.dark_edges, view.dark_edges, "frozen with the scope");
    }

    fn what_came_off_the_line_is_a_gap_where_it_arrives_without_a_shipment_and_none_at_its_own_plant(db) {
        let world = chain(db);
        record(&world, &[
            object("61", "10:30", PLANT, "receiving", &[tin(6)], None),
            object("62", "16:00", OTHER_SHOP, "receiving", &[tin(6)], None),
        ]);

        let view = tried(&world, &by_serial(&tin(6)), None).unwrap();

        let gaps: Vec<_> = view
            .dark_edges
            .iter()
            .map(|gap| (gap.kind.as_str(), gap.from.as_deref(), gap.to.as_deref()))
            .collect();
        assert_eq!(gaps, [("not_shipped", Some(PLANT), Some(OTHER_SHOP))]);
    }

    fn why_says_whether_an_event_lies_in_the_window_or_in_its_guard_or_began_in_it(db) {
        let world = chain(db);
        let told = |request, language| {
            let recall = opened(&world, &request).recall.unwrap();
            why(&world, &recall, &tin(5), language).steps[0].text.clone()
        };
        let within = told(by_place("09:00", "09:10", None), Language::En);
        assert!(within.ends_with("within the window"), "{within}");
        let guarded = told(by_place("08:30", "09:00", Some("10m")), Language::En);
        assert!(guarded.contains("outside the window, within the guard of 10m"), "{guarded}");
        let guarded = told(by_place("08:30", "09:00", Some("10m")), Language::Zh);
        assert!(guarded.contains("时间窗之外、10m保护时段之内"), "{guarded}");
        let began = told(by_place("08:30", "09:00", None), Language::En);
        assert!(began.contains("as far as is known, at 2026-09-20T08:00:00Z"), "{began}");
        assert!(began.ends_with("it ran inside the window"), "{began}");
        let began = told(by_place("08:30", "09:00", None), Language::Zh);
        assert!(began.contains("据所知于2026-09-20T08:00:00Z"), "{began}");
    }

    fn what_went_into_work_in_the_window_is_left_out_for_that_and_not_for_what_it_did_before(db) {
        let world = chain(db);
        record(&world, &[filled_many("8", "09:06", MILK, &[tin(7)])]);
        let recall = opened(&world, &by_place("08:50", "09:10", None)).recall.unwrap();

        for milk in [MILK, MILK2] {
            let out = why(&world, &recall, milk, Language::En);
            assert_eq!((out.affected, out.reason), (false, Some("went_in")), "{}", out.text);
            assert!(out.text.contains("what came out of that is affected"), "{}", out.text);
        }
        assert!(why(&world, &recall, &tin(7), Language::En).affected);
        let mut reasons = Vec::new();
        app::each_recall_excluded(&world.app, &operator("maker"), &recall, None, &mut |line| {
            reasons.push((line.id.clone(), line.reason));
            Ok(())
        })
        .unwrap();
        assert!(reasons.contains(&(MILK.to_owned(), "went_in")), "{reasons:?}");
        assert!(!reasons.contains(&(MILK.to_owned(), "outside_window")), "{reasons:?}");
        assert!(reasons.contains(&(tin(1), "outside_window")), "{reasons:?}");
    }

    fn a_chain_begins_with_what_the_recall_names(db) {
        let world = chain(db);
        let recall = opened(&world, &by_lot(MILK)).recall.unwrap();
        let found = why(&world, &recall, &tin(1), Language::En);
        assert_eq!(texts(&found)[0], format!("named by the recall: the lot {MILK}"));
        assert!(!found.text.contains(" ? "), "{}", found.text);
        let recall = opened(&world, &by_serial(&tin(5))).recall.unwrap();
        let found = why(&world, &recall, &tin(5), Language::Zh);
        assert_eq!(texts(&found), [format!("召回范围中直接点名：{}", tin(5))]);
    }

    fn why_agrees_with_the_scope_in_effect_while_a_removal_is_only_proposed(db) {
        let world = chain(db);
        let more = filled_many("8", "09:10", MILK2, &[tin(7)]);
        record(&world, std::slice::from_ref(&more));
        let recall = opened(&world, &by_lot(MILK2)).recall.unwrap();
        record(&world, &[declared(&more)]);
        extended(&world, &recall).unwrap();

        let kept = why(&world, &recall, &tin(7), Language::En);

        assert_eq!((kept.affected, kept.proposed_in, kept.certainty), (true, Some(2), Some("asserted")));
        assert!(kept.text.starts_with("It is in the scope in effect: version 2"), "{}", kept.text);
        assert!(texts(&kept)[0].contains("declared an error"), "{}", kept.text);
        assert!(kept.steps[0].event.as_deref().unwrap().ends_with("08"), "{}", kept.text);
        let kept = why(&world, &recall, &tin(7), Language::Zh);
        assert!(kept.text.starts_with("仍在现行召回范围内：第2版"), "{}", kept.text);
        assert_eq!(why(&world, &recall, &tin(5), Language::En).proposed_in, None);
        app::release_recall(&world.app, &operator("maker"), &recall, None, "never filled").unwrap();
        let gone = why(&world, &recall, &tin(7), Language::En);
        assert_eq!((gone.affected, gone.reason), (false, Some("released")), "though nothing that counts names it");
    }

    fn why_tells_who_released_a_removal_and_what_had_taken_its_reason_away(db) {
        let world = chain(db);
        let fill = |id: &str, at: &str, number| filled_many(id, at, MILK2, &[tin(number)]);
        let more = fill("8", "09:10", 7);
        let looked = object("9", "09:30", PLANT, "inspecting", &[tin(7)], None);
        record(&world, &[more.clone(), looked]);
        let recall = opened(&world, &by_lot(MILK2)).recall.unwrap();
        record(&world, &[declared(&more)]);
        extended(&world, &recall).unwrap();
        app::release_recall(&world.app, &operator("maker"), &recall, None, "never filled").unwrap();

        let gone = why(&world, &recall, &tin(7), Language::En);

        assert_eq!((gone.affected, gone.certainty, gone.reason), (false, None, Some("released")));
        assert_eq!((gone.version, gone.proposed_in), (2, Some(2)));
        let released = gone.released.as_ref().unwrap();
        assert_eq!((released.by.as_str(), released.org.as_deref()), ("cli:test", Some("maker")));
        let now = gone.proposed_at.as_deref().unwrap();
        assert_eq!(now, "2026-09-21T14:13:20Z");
        let said = format!(
            "It is not affected any more: version 2, of {now}, does not find it and proposed to remove it; cli:test released that for maker at {now} (never filled).\n- "
        );
        assert!(gone.text.starts_with(&said), "{}", gone.text);
        assert!(texts(&gone)[0].contains("declared an error"), "{}", gone.text);
        assert!(gone.steps[0].event.as_deref().unwrap().ends_with("08"), "{}", gone.text);
        let zh = why(&world, &recall, &tin(7), Language::Zh).text;
        let said = format!("已不受影响：第2版（{now}）已不再认定它，提议移除；cli:test代表maker于{now}批准（never filled）。\n- ");
        assert!(zh.starts_with(&said), "{zh}");

        let at = |version| {
            let caller = operator("maker");
            app::why_recalled(&world.app, &caller, &recall, Some(version), &tin(7), Language::En).unwrap()
        };
        let first = at(1);
        assert_eq!((first.affected, first.proposed_in), (true, None));
        let second = at(2);
        assert_eq!((second.affected, second.certainty), (true, Some("asserted")), "as it was frozen");
        assert!(second.text.starts_with("It was in the scope in effect when version 2 was frozen"), "{}", second.text);
        assert!(second.text.contains("It is out since: cli:test released that"), "{}", second.text);

        record(&world, &[fill("10", "09:20", 8)]);
        assert_eq!(extended(&world, &recall).unwrap().version, 3);
        for later in [at(3), why(&world, &recall, &tin(7), Language::En)] {
            assert_eq!((later.version, later.affected, later.proposed_in), (3, false, Some(2)));
        }
        record(&world, &[fill("11", "09:12", 7)]);
        assert_eq!(extended(&world, &recall).unwrap().version, 4);
        let again = why(&world, &recall, &tin(7), Language::En);
        assert_eq!((again.affected, again.proposed_in, again.released), (true, None, None));
    }

    fn the_table_of_units_says_who_sent_what_and_from_where(db) {
        let world = chain(db);
        let recall = opened(&world, &by_lot(MILK2)).recall.unwrap();
        let query = UnitQuery { holder: Some("maker"), ..UnitQuery::default() };
        let mut table = Vec::new();
        app::write_recall_units(&world.app, &operator("maker"), &recall, query, &mut table).unwrap();
        let text = String::from_utf8(table).unwrap();
        let header = "id,certainty,quantity,place,holder,status,path,proposed_removal,sender,from,others,owner,left_out,place_certainty,inside";
        assert_eq!(text.lines().next(), Some(header));
        let five = text.lines().find(|line| line.starts_with(&tin(5))).unwrap();
        assert!(five.contains(&format!("{OTHER_SHOP},kiosk,in_transit,")), "{five}");
        assert!(five.ends_with(&format!(",false,maker,{PLANT},,,false,asserted,")), "{five}");
    }

    fn a_holder_that_is_nobody_is_refused_and_one_that_has_nothing_is_not(db) {
        let world = chain(db);
        let recall = opened(&world, &by_lot(MILK2)).recall.unwrap();
        let listed = |holder| {
            let query = UnitQuery { holder: Some(holder), ..UnitQuery::default() };
            app::recall_units(&world.app, &operator("maker"), &recall, query)
        };
        for holder in ["office", "destroyed", "https://id.gs1.org/417/9521234999990"] {
            assert!(listed(holder).unwrap().lines.is_empty(), "{holder}");
        }
        let problem = listed("makr").unwrap_err();
        assert_eq!(problem.code, Code::InvalidParameter);
        assert!(problem.detail.contains("\"makr\" has nothing in this recall"), "{}", problem.detail);
    }

    fn each_part_of_a_lot_has_the_class_and_the_path_of_its_own_place(db) {
        let world = chain(db);
        record(&world, &[
            stock("61", "09:00", SHOP, BUTTER),
            stock("62", "09:05", OTHER_SHOP, BUTTER),
        ]);
        let request = Request {
            places: vec![window("9521234000020", ("08:55", "09:10"), None), window("9521234000037", ("09:20", "09:30"), Some("15m"))],
            ..Request::default()
        };
        let view = opened(&world, &request);
        let recall = view.recall.unwrap();

        let lines = listed(&world, &operator("maker"), &recall, None);

        let parts: Vec<_> = lines
            .iter()
            .filter(|line| line.id == BUTTER)
            .map(|line| (line.place.as_deref().unwrap(), line.certainty, line.path.concat()))
            .collect();
        assert_eq!(parts.len(), 2, "{lines:?}");
        let at = |place| parts.iter().find(|part| part.0 == place).unwrap();
        assert_eq!(at(SHOP).1, "asserted", "{parts:?}");
        assert!(at(SHOP).2.ends_with("61"), "{parts:?}");
        assert_eq!(at(OTHER_SHOP).1, "policy", "{parts:?}");
        assert!(!at(OTHER_SHOP).2.ends_with("61"), "{parts:?}");
        let sure = view.lot_certainty.unwrap();
        assert_eq!((view.lot_count, sure.asserted, sure.policy), (Some(1), 1, 0));

        let found = why(&world, &recall, BUTTER, Language::En);
        let told: Vec<_> = found
            .places
            .iter()
            .map(|at| (at.place.as_deref().unwrap(), at.certainty))
            .collect();
        assert_eq!(told.len(), 2, "{}", found.text);
        assert!(told.iter().any(|(place, word)| place.contains(SHOP) && *word == "asserted"), "{told:?}");
        assert!(told.iter().any(|(place, word)| place.contains(OTHER_SHOP) && *word == "policy"), "{told:?}");
        assert!(found.text.contains("within the guard of 15m"), "{}", found.text);
        let report = app::check_rebuild(&world.app, &mut db.conn(), &mut |_| {}).unwrap();
        assert!(report.equal, "{report:?}");
    }

    fn the_price_of_a_rule_counts_quantities(db) {
        let world = chain(db);
        record(&world, &[
            stock("61", "09:00", SHOP, BUTTER),
            stock("62", "09:05", OTHER_SHOP, BUTTER),
        ]);
        let request = Request {
            places: vec![window("9521234000020", ("08:55", "09:10"), None), window("9521234000037", ("09:20", "09:30"), Some("15m"))],
            ..Request::default()
        };

        let preview = app::preview_recall(&world.app, &operator("maker"), &request, None).unwrap();

        let guard = preview.costs.iter().find(|cost| cost.rule == "guard").unwrap();
        assert_eq!((guard.units, guard.lots), (0, 0));
        let quantity: Vec<_> = guard.quantity.iter().map(|cost| (cost.hi.as_deref(), cost.uom.as_deref())).collect();
        assert_eq!(quantity, [(Some("50"), None)], "{:?}", preview.costs);
    }
}
