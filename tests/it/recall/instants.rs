//! Where affected things were at an instant, and whose they are.

use suyuan::app;
use suyuan::epcis::Timestamp;
use suyuan::recall::{UnitLine, UnitQuery};

use super::given::*;
use crate::harness::app::TestApp;

const MAKER: &str = "https://id.gs1.org/417/9521234000099";
const BUYER: &str = "https://id.gs1.org/417/9521234000105";

/// The event with a new owner of what it names.
fn sold_to(owner: &str, event: &str) -> String {
    let list = format!(r#""destinationList":[{{"type":"owning_party","destination":"{owner}"}}]"#);
    match event.split_once(r#""destinationList":["#) {
        Some((before, after)) => format!("{before}{},{after}", list.trim_end_matches(']')),
        None => format!("{},{list}}}", &event[..event.len() - 1]),
    }
}

/// The chain; the maker owned tin 3 before it was packed, the case is the buyer's from its shipment on.
fn owned_chain(db: &crate::harness::database::TestDatabase) -> TestApp {
    let world = chain(db);
    let inspected = object("41", "09:00", PLANT, "inspecting", &[tin(3)], None);
    let shipped = object(
        "42",
        "11:30",
        PLANT,
        "departing",
        &[CASE.to_owned()],
        Some(SHOP),
    );
    record(
        &world,
        &[sold_to(MAKER, &inspected), sold_to(BUYER, &shipped)],
    );
    world
}

fn at(text: &str) -> Timestamp {
    format!("2026-09-20T{text}:00Z").parse().unwrap()
}

fn listed_then(world: &TestApp, recall: &str, at: Option<Timestamp>) -> Vec<UnitLine> {
    let query = UnitQuery {
        at,
        ..UnitQuery::default()
    };
    let mut lines = Vec::new();
    app::each_recall_unit(&world.app, &operator("maker"), recall, query, &mut |line| {
        lines.push(line.clone());
        Ok(())
    })
    .unwrap();
    lines
}

fn of(lines: &[UnitLine], id: &str) -> (String, Option<String>, String, Option<String>) {
    let line = lines.iter().find(|line| line.id == id).unwrap();
    let status = line.status.as_str().to_owned();
    (
        status,
        line.place.clone(),
        line.holder.clone(),
        line.owner.clone(),
    )
}

both! {
    fn what_is_affected_is_told_with_its_owner_apart_from_its_holder(db) {
        let world = owned_chain(db);

        let view = opened(&world, &by_lot(MILK));
        let recall = view.recall.as_deref().unwrap();

        let lines = listed_then(&world, recall, None);
        let shop = |owner: &str| ("held".to_owned(), Some(SHOP.to_owned()), "shop".to_owned(), Some(owner.to_owned()));
        assert_eq!(of(&lines, &tin(2)), shop(BUYER));
        assert_eq!(of(&lines, &tin(3)), shop(BUYER));
        let owners: Vec<_> = view.owners.iter().map(|row| (row.owner.as_str(), row.count)).collect();
        assert_eq!(owners, [(BUYER, 3)], "one was sold to a consumer");
        assert_eq!(of(&lines, &tin(1)), ("sold".to_owned(), Some(SHOP.to_owned()), "consumer".to_owned(), None));
        let mut csv = Vec::new();
        app::write_recall_units(&world.app, &operator("maker"), recall, UnitQuery::default(), &mut csv).unwrap();
        let csv = String::from_utf8(csv).unwrap();
        let mut rows = csv.lines();
        assert!(rows.next().unwrap().ends_with(",owner,left_out,place_certainty,inside"));
        assert!(rows.filter(|row| row.starts_with(&tin(2))).all(|row| row.ends_with(&format!("{BUYER},false,inferred,"))));
        let place = app::where_is(&world.app, &operator("maker"), &tin(2), at("12:00")).unwrap();
        assert_eq!(place.owner.as_deref(), Some(BUYER));
    }

    fn what_is_affected_can_be_listed_and_shown_where_it_was_at_an_instant(db) {
        let world = owned_chain(db);
        let view = opened(&world, &by_lot(MILK));
        let recall = view.recall.as_deref().unwrap();

        let lines = listed_then(&world, recall, Some(at("09:30")));
        let line = |owner: Option<&str>| ("held".to_owned(), Some(LINE.to_owned()), "maker".to_owned(), owner.map(str::to_owned));
        assert_eq!(of(&lines, &tin(2)), line(None));
        let inspected = ("held".to_owned(), Some(PLANT.to_owned()), "maker".to_owned(), Some(MAKER.to_owned()));
        assert_eq!(of(&lines, &tin(3)), inspected);
        let lines = listed_then(&world, recall, Some(at("12:00")));
        assert_eq!(of(&lines, &tin(3)), ("in_transit".to_owned(), Some(SHOP.to_owned()), "shop".to_owned(), Some(BUYER.to_owned())));
        let lines = listed_then(&world, recall, Some(at("07:00")));
        assert_eq!(of(&lines, &tin(3)), ("unknown".to_owned(), None, "unknown".to_owned(), None));
        // Of the lot there is nothing yet, and a line that says so.
        let ids = |lines: &[UnitLine]| lines.iter().filter(|line| line.id != MILK).map(|line| line.id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(&lines), ids(&listed_then(&world, recall, None)), "the same things are affected");

        let then = app::show_recall_at(&world.app, &operator("maker"), recall, None, at("12:00")).unwrap();
        assert_eq!(then.at.as_deref(), Some("2026-09-20T12:00:00Z"));
        assert!(holders(&then).contains(&("shop", Some(SHOP), 4, "in_transit", "holder")), "{:?}", holders(&then));
        assert_eq!((then.unit_count, &then.digest), (view.unit_count, &view.digest));
        let shop = bearer("shop", suyuan::parties::Role::Retailer);
        let refused = app::show_recall_at(&world.app, &shop, recall, None, at("12:00"));
        assert!(refused.is_err(), "a holder does not see all of it");
    }
}
