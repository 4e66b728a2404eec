//! How much is where when a record is missing: in traces, whereabouts and recalls.

use suyuan::app::{self, NewRecall};
use suyuan::parties::Caller;
use suyuan::recall::{RecallView, Request};
use suyuan::trace::evaluate::{Direction, Window};
use suyuan::trace::{DarkEdge, DarkKind, Traced};

use super::given::*;
use crate::harness::app::TestApp;
use crate::harness::database::TestDatabase;

fn traced(world: &TestApp, direction: Direction, id: &str) -> Traced {
    app::trace(
        &world.app,
        &operator(),
        direction,
        id,
        Window::default(),
        None,
    )
    .unwrap()
}

fn quantity(traced: &Traced, id: &str) -> String {
    let node = traced.nodes.iter().find(|node| node.id == id).unwrap();
    node.quantity.as_ref().unwrap().to_string()
}

/// An edge as kind, way, amount, whom to ask.
fn edge(edge: &DarkEdge) -> (DarkKind, String, String, Vec<String>) {
    let or = |text: &Option<String>| text.clone().unwrap_or_else(|| "–".to_owned());
    let way = format!("{}→{}", or(&edge.from), or(&edge.to));
    let amount = edge
        .quantity
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    (edge.kind, way, amount, edge.ask.clone())
}

fn asked(orgs: &[&str]) -> Vec<String> {
    orgs.iter().map(|org| (*org).to_owned()).collect()
}

/// Feed that was made at the plant and used at the shop; nobody recorded how it came there.
fn fed(db: &TestDatabase) -> TestApp {
    let world = nothing(db);
    record(
        &world,
        vec![
            object("01T06:00", "ADD", "commissioning", PLANT).kilos("FEED", 10_000),
            event("02T18:00", "TransformationEvent", SHOP)
                .list("inputQuantityList", kilos("FEED", 10_000))
                .list("outputQuantityList", kilos("FISH", 12_000)),
        ],
    );
    world
}

/// A lot of 100, filled in two processes of which the first took bad milk: 60 went to the shop, 30 to the far
/// shop, 10 stayed.
fn filled(db: &TestDatabase, bad: i64) -> TestApp {
    let world = nothing(db);
    let fill = |number: &str, milk: &str, amount: i64| {
        event(&format!("{number}T08:00"), "TransformationEvent", PLANT)
            .list("inputQuantityList", kilos(milk, amount))
            .list("outputQuantityList", kilos("POWDER", amount))
    };
    record(
        &world,
        vec![
            object("01T06:00", "ADD", "commissioning", PLANT).kilos("BAD", bad),
            object("02T06:00", "ADD", "commissioning", PLANT).kilos("GOOD", 100 - bad),
            fill("03", "BAD", bad),
            fill("04", "GOOD", 100 - bad),
            object("05T09:00", "OBSERVE", "shipping", PLANT)
                .kilos("POWDER", 60)
                .to(SHOP),
            object("06T09:00", "OBSERVE", "shipping", PLANT)
                .kilos("POWDER", 30)
                .to(FAR),
            object("07T15:00", "OBSERVE", "receiving", SHOP).kilos("POWDER", 60),
            object("08T15:00", "OBSERVE", "receiving", FAR).kilos("POWDER", 30),
        ],
    );
    world
}

fn recalled(world: &TestApp, lot: &str) -> RecallView {
    let request = Request {
        lots: vec![lot.to_owned()],
        ..Request::default()
    };
    let new = NewRecall {
        request: &request,
        reason: "a drill",
        position: None,
        dry_run: true,
    };
    let caller = Caller::Operator {
        user: "test".into(),
        org: Some("maker".into()),
    };
    app::open_recall(&world.app, &caller, &new).unwrap()
}

/// What the holders have of lots.
fn held(view: &RecallView) -> Vec<(&str, String)> {
    let rows = view
        .holders
        .iter()
        .filter(|row| row.status.as_str() == "held");
    rows.map(|row| (row.holder.as_str(), row.quantity[0].to_string()))
        .collect()
}

both! {
    fn what_is_used_where_it_never_came_is_one_movement_nobody_recorded(db) {
        let world = fed(db);

        let back = traced(&world, Direction::Backward, &lot("FISH"));

        assert_eq!(quantity(&back, &lot("FEED")), "10000 KGM", "and not twice as much");
        let edges: Vec<_> = back.dark_edges.iter().map(edge).collect();
        let way = format!("{PLANT}→{SHOP}");
        assert_eq!(edges, [(DarkKind::NotRecorded, way, "10000 KGM".to_owned(), asked(&["maker", "shop"]))]);
        assert!(!back.complete);
        let found = app::where_is(&world.app, &operator(), &lot("FEED"), "2026-09-21T00:00:00Z".parse().unwrap()).unwrap();
        let parts: Vec<_> = found.parts.iter().map(|part| (part.holding.holder.as_str(), part.quantity.to_string())).collect();
        assert_eq!(parts, [("maker", "0..10000 KGM".to_owned()), ("consumed", "10000 KGM".to_owned())]);
    }

    fn of_forty_shipped_twenty_five_arrive_and_fifteen_are_dark(db) {
        let world = nothing(db);
        record(&world, vec![
            object("01T06:00", "ADD", "commissioning", PLANT).kilos("SUGAR", 40),
            object("02T09:00", "OBSERVE", "shipping", PLANT).kilos("SUGAR", 40).to(SHOP),
            object("03T12:00", "OBSERVE", "receiving", SHOP).kilos("SUGAR", 25),
        ]);

        let forward = traced(&world, Direction::Forward, &lot("SUGAR"));

        let edges: Vec<_> = forward.dark_edges.iter().map(edge).collect();
        let way = format!("{PLANT}→{SHOP}");
        assert_eq!(edges, [(DarkKind::NotReceived, way, "15 KGM".to_owned(), asked(&["maker", "shop"]))]);
        assert_eq!(quantity(&forward, &lot("SUGAR")), "40 KGM");
    }

    fn a_recall_bounds_what_each_holder_can_have(db) {
        let world = filled(db, 30);

        let view = recalled(&world, &lot("BAD"));

        // Powder mixes: thirty bad kilograms can have reached all of it.
        let of_each = [("far", "0..30 KGM"), ("maker", "0..10 KGM"), ("shop", "0..60 KGM")];
        assert_eq!(held(&view), of_each.map(|(holder, amount)| (holder, amount.to_owned())));
        let forward = traced(&world, Direction::Forward, &lot("BAD"));
        assert_eq!(quantity(&forward, &lot("POWDER")), "30..100 KGM");
    }

    fn most_of_a_lot_leaves_each_large_holder_some(db) {
        let world = filled(db, 80);

        let view = recalled(&world, &lot("BAD"));

        let of_each = [("far", "10..30 KGM"), ("maker", "0..10 KGM"), ("shop", "40..60 KGM")];
        assert_eq!(held(&view), of_each.map(|(holder, amount)| (holder, amount.to_owned())));
    }

    fn a_lot_that_arrived_under_another_name_did_arrive(db) {
        let world = nothing(db);
        record(&world, vec![
            object("01T06:00", "ADD", "commissioning", PLANT).kilos("THEIRS", 40),
            object("02T09:00", "OBSERVE", "shipping", PLANT).kilos("THEIRS", 40).to(SHOP),
            object("03T12:00", "OBSERVE", "receiving", SHOP).kilos("OURS", 40),
        ]);
        let forward = traced(&world, Direction::Forward, &lot("THEIRS"));
        assert_eq!(forward.dark_edges.len(), 1);

        world.aliases(&format!("{},{},maker,yes", lot("THEIRS"), lot("OURS")));

        let forward = traced(&world, Direction::Forward, &lot("THEIRS"));
        assert!(forward.complete, "{:?}", forward.dark_edges);
        assert!(forward.nodes.iter().any(|node| node.id == lot("OURS")));
        assert_eq!(findings(&world), vec![]);
    }

    fn stages_of_a_departure_are_one_and_what_ended_did_so_somewhere(db) {
        let world = nothing(db);
        record(&world, vec![
            object("01T06:00", "ADD", "commissioning", PLANT).kilos("SUGAR", 40),
            object("02T09:00", "OBSERVE", "shipping", PLANT).kilos("SUGAR", 10).to(SHOP),
            object("03T09:30", "OBSERVE", "departing", PLANT).kilos("SUGAR", 10).to(SHOP),
            object("04T12:00", "OBSERVE", "receiving", SHOP).kilos("SUGAR", 10),
            object("05T13:00", "OBSERVE", "retail_selling", SHOP).kilos("SUGAR", 3),
            object("06T14:00", "DELETE", "destroying", SHOP).kilos("SUGAR", 2),
            object("07T15:00", "OBSERVE", "inspecting", SHOP).kilos("SUGAR", 1).list("disposition", "stolen".into()),
        ]);

        let view = recalled(&world, &lot("SUGAR"));

        let rows: Vec<_> = view.holders.iter()
            .map(|row| (row.status.as_str(), row.place.as_deref(), row.quantity[0].to_string()))
            .collect();
        let of_each = [
            ("sold", SHOP, "3 KGM"),
            ("destroyed", SHOP, "2 KGM"),
            ("held", PLANT, "30 KGM"),
            ("held", SHOP, "4 KGM"),
            ("stolen", SHOP, "1 KGM"),
        ];
        assert_eq!(rows, of_each.map(|(status, place, amount)| (status, Some(place), amount.to_owned())));
        assert_eq!(findings(&world), vec![]);
    }

    fn units_on_one_way_are_one_edge(db) {
        let world = sound(db);
        record(&world, vec![
            object("11T16:00", "OBSERVE", "shipping", SHOP).epcs(&[tin(2), tin(3), tin(4)]).to(FAR),
        ]);

        let forward = traced(&world, Direction::Forward, &lot("FLOUR"));

        let [only] = forward.dark_edges.as_slice() else { panic!("{:?}", forward.dark_edges) };
        assert_eq!((only.kind, only.count, only.id.as_str()), (DarkKind::NotReceived, Some(3), tin(2).as_str()));
        assert_eq!(only.ask, asked(&["far", "shop"]));
    }

    fn what_lies_where_nobody_answers_is_outside(db) {
        let world = nothing(db);
        let yard = "https://id.gs1.org/414/9521234000044";
        record(&world, vec![
            object("01T06:00", "ADD", "commissioning", PLANT).epcs(&[tin(1)]),
            object("02T09:00", "OBSERVE", "shipping", PLANT).epcs(&[tin(1)]).to(yard),
            object("03T12:00", "OBSERVE", "receiving", yard).epcs(&[tin(1)]),
        ]);

        let forward = traced(&world, Direction::Forward, &tin(1));

        let edges: Vec<_> = forward.dark_edges.iter().map(edge).collect();
        assert_eq!(edges, [(DarkKind::Outside, format!("–→{yard}"), String::new(), vec![yard.to_owned()])]);
        assert!(forward.complete, "every record is there");
    }

    fn a_unit_that_arrives_and_never_left_is_a_gap(db) {
        let world = nothing(db);
        record(&world, vec![
            object("01T06:00", "ADD", "commissioning", PLANT).epcs(&[tin(1)]),
            object("03T12:00", "OBSERVE", "receiving", SHOP).epcs(&[tin(1)]),
        ]);

        let back = traced(&world, Direction::Backward, &tin(1));

        let edges: Vec<_> = back.dark_edges.iter().map(edge).collect();
        let way = format!("{PLANT}→{SHOP}");
        assert_eq!(edges, [(DarkKind::NotShipped, way, String::new(), asked(&["maker", "shop"]))]);
    }
}
