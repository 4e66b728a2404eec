//! A world for each kind of finding; before it was spoilt, nothing was found.

use serde_json::json;
use suyuan::app;
use suyuan::codes::{self, Dictionary, ItemNumber};
use suyuan::trace::quality::{Kind, Look, Settings};

use super::given::*;
use crate::harness::app::TestApp;
use crate::harness::database::TestDatabase;

/// Spoils the sound chain, and tells what is found then, with whom to ask.
fn spoilt(db: &TestDatabase, events: Vec<Event>) -> (TestApp, Vec<(Kind, String, Vec<String>)>) {
    let world = sound(db);
    assert_eq!(findings(&world), vec![], "everything fits");
    record(&world, events);
    let found = kinds(&world);
    (world, found)
}

/// A new tin, made at the plant before everything else.
fn made(number: &str, tins: &[u32]) -> Event {
    let tins: Vec<String> = tins.iter().map(|number| tin(*number)).collect();
    object(&format!("{number}T05:00"), "ADD", "commissioning", PLANT).epcs(&tins)
}

fn one(kind: Kind, thing: String, ask: &[&str]) -> Vec<(Kind, String, Vec<String>)> {
    vec![(
        kind,
        thing,
        ask.iter().map(|org| (*org).to_owned()).collect(),
    )]
}

both! {
    fn more_used_than_there_was(db) {
        let (world, found) = spoilt(db, vec![
            made("11", &[5]),
            event("12T09:00", "TransformationEvent", PLANT)
                .list("inputQuantityList", kilos("FLOUR", 10))
                .list("outputEPCList", json!([tin(5)])),
        ]);
        assert_eq!(found, one(Kind::NegativeBalance, lot("FLOUR"), &["maker"]));
        let finding = &findings(&world)[0];
        assert_eq!(finding.quantity[0].to_string(), "10 KGM");
        assert_eq!(finding.sentence.en, format!("{}: 10 KGM more left {PLANT} than was there.", lot("FLOUR")));
        assert!(finding.sentence.zh.contains("10 KGM"), "{}", finding.sentence.zh);
    }

    fn what_moved_unrecorded(db) {
        let (_, found) = spoilt(db, vec![
            object("11T06:00", "ADD", "commissioning", PLANT).kilos("SUGAR", 40),
            event("12T16:00", "TransformationEvent", SHOP)
                .list("inputQuantityList", kilos("SUGAR", 40))
                .list("outputEPCList", json!([tin(5)])),
        ]);
        let ask = vec!["maker".to_owned(), "shop".to_owned()];
        assert_eq!(found, [
            (Kind::NegativeBalance, lot("SUGAR"), vec!["shop".to_owned()]),
            (Kind::MovedUnrecorded, lot("SUGAR"), ask),
        ]);
    }

    fn more_received_than_shipped(db) {
        let (world, found) = spoilt(db, vec![
            object("11T06:00", "ADD", "commissioning", PLANT).kilos("SUGAR", 50),
            object("12T09:00", "OBSERVE", "shipping", PLANT).kilos("SUGAR", 40).to(SHOP),
            object("13T12:00", "OBSERVE", "receiving", SHOP).kilos("SUGAR", 45),
        ]);
        assert_eq!(found, one(Kind::ReceivedMoreThanShipped, lot("SUGAR"), &["maker", "shop"]));
        assert_eq!(findings(&world)[0].quantity[0].to_string(), "5 KGM");
    }

    fn what_was_received_and_never_shipped(db) {
        let (_, found) = spoilt(db, vec![
            made("11", &[5, 6]),
            object("12T12:00", "OBSERVE", "receiving", SHOP).epcs(&[tin(5), tin(6)]),
        ]);
        assert_eq!(found, one(Kind::ReceivedNotShipped, tin(5), &["maker", "shop"]));
    }

    fn what_came_out_of_a_process_and_was_received_without_a_shipment(db) {
        let (_, found) = spoilt(db, vec![
            object("11T05:00", "ADD", "commissioning", PLANT).kilos("SUGAR", 5),
            event("12T06:00", "TransformationEvent", PLANT)
                .list("inputQuantityList", kilos("SUGAR", 5))
                .list("outputEPCList", json!([tin(5), tin(6)])),
            object("13T12:00", "OBSERVE", "receiving", SHOP).epcs(&[tin(5)]),
        ]);
        assert_eq!(found, one(Kind::ReceivedNotShipped, tin(5), &["maker", "shop"]));
    }

    fn many_things_of_one_finding_are_counted_and_all_of_them_named_when_asked(db) {
        let many: Vec<u32> = (11..=35).collect();
        let tins: Vec<String> = many.iter().map(|number| tin(*number)).collect();
        let world = sound(db);
        record(&world, vec![
            made("11", &many),
            object("12T12:00", "OBSERVE", "receiving", SHOP).epcs(&tins),
        ]);
        let first = findings(&world).remove(0);
        assert_eq!((first.things.len(), first.count, first.more), (20, 25, 5));
        assert!(first.sentence.en.starts_with(&format!("{} and 24 more", tin(11))), "{first:?}");
        let look = Look { all: true, ..Look::default() };
        let whole = told(&world, &operator(), &look).unwrap().remove(0);
        assert_eq!((whole.things, whole.count, whole.more), (tins, 25, 0));
        assert_eq!(whole.sentence, first.sentence);
    }

    fn what_was_shipped_and_is_overdue(db) {
        let (world, found) = spoilt(db, vec![
            made("11", &[5]),
            object("12T12:00", "OBSERVE", "shipping", PLANT).epcs(&[tin(5)]).to(SHOP),
        ]);
        assert_eq!(found, [], "not overdue yet");
        let strict = Settings { overdue_days: 0, ..Settings::default() };
        let report = app::quality_report(&world.app, &operator(), &Look::default(), strict, None).unwrap();
        let counts: Vec<_> = report.counts.iter().map(|count| (count.kind, count.findings, count.things)).collect();
        assert_eq!(counts, [(Kind::ShippedNotReceived, 1, 1)]);
    }

    fn what_travels_faster_than_anything(db) {
        let (world, found) = spoilt(db, vec![
            object("11T14:30", "OBSERVE", "inspecting", FAR).epcs(&[tin(1)]),
        ]);
        assert_eq!(found, one(Kind::TooFast, tin(1), &["far", "shop"]));
        let slow = Settings { speed_kmh: 10_000, ..Settings::default() };
        let report = app::quality_report(&world.app, &operator(), &Look::default(), slow, None).unwrap();
        assert_eq!(report.total, 0);
    }

    fn what_is_seen_after_its_end(db) {
        let (_, found) = spoilt(db, vec![
            object("11T15:00", "DELETE", "destroying", SHOP).epcs(&[tin(2)]),
            object("12T16:00", "OBSERVE", "stocking", SHOP).epcs(&[tin(2)]),
        ]);
        assert_eq!(found, one(Kind::SeenAfterEnd, tin(2), &["shop"]));
    }

    fn what_is_seen_before_its_beginning(db) {
        let (_, found) = spoilt(db, vec![
            object("11T04:00", "OBSERVE", "retail_selling", SHOP).epcs(&[tin(5)]),
            made("12", &[5]),
        ]);
        assert_eq!(found, one(Kind::SeenBeforeBeginning, tin(5), &["maker", "shop"]));
    }

    fn what_never_began(db) {
        let (_, found) = spoilt(db, vec![
            object("11T16:00", "OBSERVE", "stocking", SHOP).epcs(&[tin(77), tin(78)]),
        ]);
        assert_eq!(found, one(Kind::NeverBegan, tin(77), &["shop"]));
    }

    fn a_lot_that_never_began(db) {
        let (_, found) = spoilt(db, vec![
            event("11T09:00", "TransformationEvent", PLANT)
                .list("inputQuantityList", kilos("SALT", 10))
                .list("outputEPCList", json!([tin(5)])),
        ]);
        assert_eq!(found, one(Kind::NeverBegan, lot("SALT"), &["maker"]));
    }

    fn what_was_received_began_somewhere(db) {
        let (_, found) = spoilt(db, vec![
            object("11T15:00", "OBSERVE", "stocking", SHOP).epcs(&[tin(77)]),
            object("12T16:00", "OBSERVE", "receiving", SHOP).epcs(&[tin(77)]),
            object("13T16:00", "OBSERVE", "receiving", SHOP)
                .kilos("SALT", 10)
                .list("sourceList", json!([{"type": "location", "source": PLANT}])),
        ]);
        let kinds: Vec<Kind> = found.into_iter().map(|(kind, ..)| kind).collect();
        assert_eq!(kinds, [Kind::ReceivedNotShipped]);
    }

    fn what_was_in_a_case_whose_code_ended_is_packed_again(db) {
        let (_, found) = spoilt(db, vec![
            made("11", &[5]),
            packing("12T10:00", "ADD", PLANT, 2, &[5]),
            object("13T11:00", "DELETE", "decommissioning", PLANT).epcs(&[case(2).to_owned()]),
            packing("14T11:30", "ADD", PLANT, 3, &[5]),
        ]);
        assert_eq!(found, vec![]);
    }

    fn what_is_packed_twice(db) {
        let (_, found) = spoilt(db, vec![
            made("11", &[5]),
            packing("12T10:00", "ADD", PLANT, 2, &[5]),
            packing("13T11:00", "ADD", PLANT, 3, &[5]),
        ]);
        assert_eq!(found, one(Kind::PackedTwice, tin(5), &["maker"]));
    }

    fn what_is_packed_again_after_its_case_was_emptied(db) {
        let (_, found) = spoilt(db, vec![
            made("11", &[5]),
            packing("12T10:00", "ADD", PLANT, 2, &[5]),
            packing("13T11:00", "DELETE", PLANT, 2, &[]),
            packing("14T12:00", "ADD", PLANT, 3, &[5]),
        ]);
        assert_eq!(found, []);
    }

    fn what_is_seen_elsewhere_than_its_case(db) {
        let (_, found) = spoilt(db, vec![
            made("11", &[5]),
            packing("12T10:00", "ADD", PLANT, 2, &[5]),
            object("13T18:00", "OBSERVE", "stocking", SHOP).epcs(&[tin(5)]),
        ]);
        assert_eq!(found, one(Kind::SeenApart, tin(5), &["maker", "shop"]));
    }

    fn what_is_taken_out_of_a_case_it_was_not_in(db) {
        let (_, found) = spoilt(db, vec![made("11", &[5]), packing("12T10:00", "DELETE", PLANT, 2, &[5])]);
        assert_eq!(found, one(Kind::UnpackedNotInside, tin(5), &["maker"]));
    }

    fn what_is_seen_in_a_case_nobody_packed_it_into(db) {
        let (_, found) = spoilt(db, vec![made("11", &[5]), packing("12T10:00", "OBSERVE", PLANT, 2, &[5])]);
        assert_eq!(found, one(Kind::NeverPacked, tin(5), &["maker"]));
    }

    fn processes_with_one_side_only(db) {
        let side = |number: &str, name: &str| {
            event(number, "TransformationEvent", PLANT).list("transformationID", json!(format!("urn:x:{name}")))
        };
        let (_, found) = spoilt(db, vec![
            side("11T09:00", "out").list("outputEPCList", json!([tin(5)])),
            object("12T06:00", "ADD", "commissioning", PLANT).kilos("SUGAR", 50),
            side("13T09:00", "in").list("inputQuantityList", kilos("SUGAR", 50)),
        ]);
        let ask = vec!["maker".to_owned()];
        assert_eq!(found, [
            (Kind::ProcessWithoutInputs, "urn:x:out".to_owned(), ask.clone()),
            (Kind::ProcessWithoutOutputs, "urn:x:in".to_owned(), ask),
        ]);
    }

    fn a_code_that_was_never_issued(db) {
        let world = sound(db);
        let app = &world.app;
        let dictionary = Dictionary { master: &app.master, seal: &app.ledger.seal };
        let request = codes::Request {
            gtin: "09521234543237".parse().unwrap(),
            lot: "C1".into(),
            count: 2,
            request_id: None,
        };
        let batch = app.db.write(|conn| codes::issue(conn, &app.ledger, dictionary, &world.giver(), &request)).unwrap();
        let can = |index: u32| {
            let serial = batch.book(&app.master).issue(ItemNumber::new(batch.number, index).unwrap());
            format!("https://id.gs1.org/01/09521234543237/21/{serial}")
        };

        record(&world, vec![object("11T05:00", "ADD", "commissioning", PLANT).epcs(&[can(0), can(5)])]);

        assert_eq!(kinds(&world), one(Kind::NeverIssued, can(5), &["maker"]));
    }

    fn amounts_in_several_units(db) {
        let (world, found) = spoilt(db, vec![
            object("11T06:00", "ADD", "commissioning", PLANT).kilos("SUGAR", 50),
            object("12T07:00", "OBSERVE", "inspecting", PLANT)
                .list("quantityList", json!([{"epcClass": lot("SUGAR"), "quantity": 20, "uom": "LTR"}])),
        ]);
        assert_eq!(found.iter().map(|(kind, ..)| *kind).collect::<Vec<_>>(), [Kind::MixedUnits]);
        assert!(findings(&world)[0].sentence.en.contains("KGM, LTR"), "{:?}", findings(&world));
    }

    fn events_recorded_late_and_early(db) {
        let (world, found) = spoilt(db, vec![
            object("11T2026-07-01_05:00:00Z", "ADD", "commissioning", PLANT).epcs(&[tin(5)]),
            object("12T2026-09-22_05:00:00Z", "OBSERVE", "stocking", PLANT).epcs(&[tin(5)]),
        ]);
        let kinds: Vec<Kind> = found.iter().map(|(kind, ..)| *kind).collect();
        assert_eq!(kinds, [Kind::RecordedLate, Kind::RecordedEarly]);
        for (finding, number) in findings(&world).iter().zip(["11", "12"]) {
            assert!(finding.events[0].ends_with(number), "{finding:?}");
            assert_eq!(finding.ask, ["maker"]);
        }
    }

    fn what_is_taken_back_or_lies_after_the_position_is_not_looked_at(db) {
        let world = sound(db);
        let before = app::position(&world.app, &operator()).unwrap();
        let wrong = object("11T14:30", "OBSERVE", "inspecting", FAR).epcs(&[tin(1)]);
        record(&world, vec![wrong.clone()]);
        assert_eq!(findings(&world).len(), 1);

        let before = serde_json::to_string(&before).unwrap();
        let report = app::quality_report(&world.app, &operator(), &Look::default(), Settings::default(), Some(&before));
        assert_eq!(report.unwrap().total, 0);

        record(&world, vec![wrong.taken_back()]);
        assert_eq!(findings(&world), vec![]);
    }
}
