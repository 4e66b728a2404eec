//! Lots that move by quantity: how much of them is affected, and who can have it.

use suyuan::app;
use suyuan::recall::{RecallView, Request, UnitQuery};
use suyuan::trace::Fate;

use super::given::*;

pub(super) const LOT: &str = "https://id.gs1.org/01/09521234543213/10/B1";

/// An event of so many pieces of the lot.
pub(super) fn pieces(
    id: &str,
    at: &str,
    place: &str,
    step: &str,
    count: u32,
    to: Option<&str>,
) -> String {
    let quantity = format!(r#""quantityList":[{{"epcClass":"{LOT}","quantity":{count}}}]"#);
    object(id, at, place, step, &[], to).replace(r#""epcList":[]"#, &quantity)
}

pub(super) fn begun(event: &str) -> String {
    event.replace("OBSERVE", "ADD")
}

/// A hundred tins of a lot come to be at the plant; 60 and 30 of the lot go to the shops by quantity.
fn hundred(world: &crate::harness::app::TestApp, by_quantity: bool) {
    let tins: Vec<String> = (101..=200).map(tin).collect();
    let made = begun(&object("51", "16:00", PLANT, "commissioning", &tins, None));
    let mut events = vec![
        format!(
            r#"{},"ilmd":{{"cbvmda:lotNumber":"B1"}}}}"#,
            &made[..made.len() - 1]
        ),
        pieces("52", "17:00", PLANT, "shipping", 60, Some(SHOP)),
        pieces("53", "18:00", SHOP, "receiving", 60, None),
        pieces("54", "17:00", PLANT, "shipping", 30, Some(OTHER_SHOP)),
        pieces("55", "18:00", OTHER_SHOP, "receiving", 30, None),
    ];
    if by_quantity {
        events.push(begun(&pieces(
            "56",
            "15:00",
            PLANT,
            "commissioning",
            100,
            None,
        )));
    }
    record(world, &events);
}

/// Where all of the hundred is.
const WHOLE: [(&str, &str, &str); 3] = [
    ("kiosk", "held", "30..30"),
    ("maker", "held", "10..10"),
    ("shop", "held", "60..60"),
];

/// Of the lot: who has how much, and how.
fn parts(view: &RecallView) -> Vec<(String, String, String)> {
    let rows = view.holders.iter().flat_map(|row| {
        let fate = serde_json::to_value(row.status).unwrap();
        let fate = fate.as_str().unwrap_or_default().to_owned();
        row.quantity
            .iter()
            .filter(|_| row.role == "holder")
            .map(move |quantity| {
                let bound = |bound: &Option<String>| bound.clone().unwrap_or_default();
                let amount = format!("{}..{}", bound(&quantity.lo), bound(&quantity.hi));
                (row.holder.clone(), fate.clone(), amount)
            })
    });
    rows.collect()
}

/// Who has how many units, and how much of lots at most.
fn rows(view: &RecallView) -> Vec<(String, u64, String)> {
    let rows = view.holders.iter().map(|row| {
        let most = row
            .quantity
            .iter()
            .filter_map(|quantity| quantity.hi.clone());
        (row.holder.clone(), row.count, most.collect())
    });
    rows.collect()
}

fn owned(list: &[(&str, u64, &str)]) -> Vec<(String, u64, String)> {
    let rows = list.iter();
    rows.map(|(holder, count, most)| ((*holder).to_owned(), *count, (*most).to_owned()))
        .collect()
}

fn told(list: &[(&str, &str, &str)]) -> Vec<(String, String, String)> {
    let owned =
        |(a, b, c): &(&str, &str, &str)| ((*a).to_owned(), (*b).to_owned(), (*c).to_owned());
    list.iter().map(owned).collect()
}

both! {
    fn a_lot_whose_items_have_serials_and_that_moves_by_quantity_has_no_gap(db) {
        let world = chain(db);
        hundred(&world, false);

        let view = opened(&world, &by_lot(LOT));

        assert_eq!(parts(&view), told(&WHOLE));
        assert_eq!(view.quantity[0].lo.as_deref(), Some("100"));
        assert_eq!(view.dark_edges, []);
    }

    fn a_lot_that_began_by_quantity_and_by_serial_began_once(db) {
        let world = chain(db);
        hundred(&world, true);

        let view = opened(&world, &by_lot(LOT));

        assert_eq!(parts(&view), told(&WHOLE));
        assert_eq!(view.quantity[0].lo.as_deref(), Some("100"));
        assert_eq!(view.dark_edges, []);
    }

    fn serials_of_a_lot_that_went_by_quantity_can_be_with_every_receiver(db) {
        let world = chain(db);
        hundred(&world, false);
        let scope = |count: u32| Request {
            units: (101..101 + count).map(tin).collect(),
            ..Request::default()
        };

        let view = opened(&world, &scope(30));
        assert_eq!(view.unit_count, 30);
        let expected = [("kiosk", "held", "0..30"), ("maker", "held", "0..10"), ("shop", "held", "0..30")];
        assert_eq!(parts(&view), told(&expected));

        let view = opened(&world, &scope(80));
        let expected = [("kiosk", "held", "10..30"), ("maker", "held", "0..10"), ("shop", "held", "40..60")];
        assert_eq!(parts(&view), told(&expected));
        let recall = view.recall.unwrap();
        let lines = listed(&world, &operator("maker"), &recall, Some("kiosk"));
        assert_eq!((lines[0].id.as_str(), lines[0].certainty), (LOT, "inferred"));
    }

    fn an_item_whose_lot_went_by_quantity_can_be_with_every_receiver_unless_it_was_seen_since(db) {
        let world = chain(db);
        hundred(&world, false);
        let at = "2026-09-21T00:00:00Z".parse().unwrap();
        let others = |number| {
            let found = app::where_is(&world.app, &operator("maker"), &tin(number), at).unwrap();
            assert_eq!((found.holder.as_deref(), found.place.as_deref()), (Some("maker"), Some(PLANT)));
            let others = found.others.into_iter().map(|held| (held.holder, held.status.as_str()));
            others.collect::<Vec<_>>()
        };

        assert_eq!(others(101), [("shop".to_owned(), "held"), ("kiosk".to_owned(), "held")]);
        record(&world, &[object("57", "19:00", PLANT, "inspecting", &[tin(101)], None)]);
        assert_eq!(others(101), []);
        assert_eq!(others(102).len(), 2);
    }

    fn serials_are_listed_with_every_receiver_they_can_be_with_and_the_lot_tells_how_many(db) {
        let world = chain(db);
        hundred(&world, false);
        let units = (101..=130).map(tin).collect();
        let view = opened(&world, &Request { units, ..Request::default() });

        let recall = view.recall.clone().unwrap();
        let of = |holder| listed(&world, &operator("maker"), &recall, holder);
        let line = of(None).into_iter().find(|line| line.id == tin(101)).unwrap();
        assert_eq!((line.holder.as_str(), line.status), ("maker", Fate::Held));
        let others: Vec<_> = line.others.iter().map(|other| other.holder.as_str()).collect();
        assert_eq!(others, ["shop", "kiosk"]);
        assert_eq!(of(Some("kiosk")).len(), 31, "its part of the lot, and the serials it may have");
        let expected = [("kiosk", 0, "30"), ("maker", 30, "10"), ("shop", 0, "30")];
        assert_eq!(rows(&view), owned(&expected), "none twice");
    }

    fn serials_are_where_all_of_their_lot_went(db) {
        let world = chain(db);
        let made = begun(&object("51", "16:00", PLANT, "commissioning", &[tin(101), tin(102)], None));
        record(&world, &[
            begun(&pieces("50", "16:00", PLANT, "commissioning", 3, None)),
            format!(r#"{},"ilmd":{{"cbvmda:lotNumber":"B1"}}}}"#, &made[..made.len() - 1]),
            pieces("52", "17:00", PLANT, "shipping", 3, Some(SHOP)),
            pieces("53", "18:00", SHOP, "receiving", 3, None),
        ]);
        let scope = Request { units: vec![tin(101), tin(102)], ..Request::default() };

        let view = opened(&world, &scope);
        assert_eq!(rows(&view), owned(&[("shop", 2, "")]), "told by their serials, and not by the lot again");
        let lines = listed(&world, &operator("maker"), view.recall.as_deref().unwrap(), None);
        let lines: Vec<_> = lines.iter().map(|line| (line.id.clone(), line.holder.as_str(), line.place.as_deref(), line.others.len())).collect();
        assert_eq!(lines, [(tin(101), "shop", Some(SHOP), 0), (tin(102), "shop", Some(SHOP), 0)]);
        let at = "2026-09-21T00:00:00Z".parse().unwrap();
        let found = app::where_is(&world.app, &operator("maker"), &tin(101), at).unwrap();
        assert_eq!((found.holder.as_deref(), found.place.as_deref(), found.certainty), (Some("shop"), Some(SHOP), "inferred"));

        record(&world, &[
            pieces("54", "19:00", SHOP, "shipping", 1, Some(OTHER_SHOP)),
            pieces("55", "20:00", OTHER_SHOP, "receiving", 1, None),
        ]);
        let found = app::where_is(&world.app, &operator("maker"), &tin(101), at).unwrap();
        let others: Vec<_> = found.others.iter().map(|other| other.holder.as_str()).collect();
        assert_eq!((found.status, others), (Fate::Unknown, vec!["shop", "kiosk"]));
        let view = opened(&world, &scope);
        let expected = [("kiosk", 0, "1"), ("shop", 0, "2"), ("unknown", 2, "")];
        assert_eq!(rows(&view), owned(&expected));
        let lines = listed(&world, &operator("maker"), view.recall.as_deref().unwrap(), Some("kiosk"));
        assert_eq!(lines.len(), 3, "its part of the lot, and the serials it may have");
    }

    fn a_serial_that_is_sold_later_was_where_its_lot_was_until_then(db) {
        let world = chain(db);
        let made = begun(&object("51", "16:00", PLANT, "commissioning", &[tin(101), tin(102)], None));
        record(&world, &[
            format!(r#"{},"ilmd":{{"cbvmda:lotNumber":"B1"}}}}"#, &made[..made.len() - 1]),
            pieces("52", "17:00", PLANT, "shipping", 2, Some(SHOP)),
            pieces("53", "18:00", SHOP, "receiving", 2, None),
            object("54", "19:00", SHOP, "retail_selling", &[tin(101)], None),
        ]);
        let at = "2026-09-20T18:30:00Z".parse().unwrap();

        for number in [101, 102] {
            let found = app::where_is(&world.app, &operator("maker"), &tin(number), at).unwrap();
            assert_eq!((found.holder.as_deref(), found.place.as_deref()), (Some("shop"), Some(SHOP)), "{number}");
            for request in [by_serial(&tin(number)), by_lot(LOT)] {
                let recall = opened(&world, &request).recall.unwrap();
                let query = UnitQuery { at: Some(at), ..UnitQuery::default() };
                let mut held = None;
                app::each_recall_unit(&world.app, &operator("maker"), &recall, query, &mut |line| {
                    if line.id == tin(number) {
                        held = Some((line.holder.clone(), line.place.clone()));
                    }
                    Ok(())
                }).unwrap();
                assert_eq!(held, Some(("shop".to_owned(), Some(SHOP.to_owned()))), "{number} {request:?}");
            }
        }
    }

    fn a_credential_about_a_lot_recalls_it_when_it_was_void_and_not_for_its_end_alone(db) {
        let world = chain(db);
        record(&world, &[begun(&pieces("71", "20:00", PLANT, "commissioning", 100, None))]);
        let csv = format!(
            "id,kind,name,issuer,org,lots,valid_from,valid_to,outcome,instrument,calibrated_from,calibrated_to\n\
             GOOD,test_report,检验,maker,maker,{LOT},2026-09-20,,pass,X,2026-01-10,2027-01-10\n\
             LATER,certificate,证书,maker,maker,{LOT},2026-09-20,2030-01-01,,,,\n\
             EARLIER,certificate,证书,maker,maker,{LOT},2026-01-01,2026-09-20T19:00:00Z,,,,\n\
             UNCALIBRATED,test_report,检验,maker,maker,{LOT},2026-09-20,,pass,X,2025-01-10,2026-01-10\n\
             REVOKED,certificate,证书,maker,maker,{LOT},2026-09-20,2030-01-01,,,,\n"
        );
        let done = app::import_credentials(&world.app, &operator("office"), csv.as_bytes(), false).unwrap();
        assert_eq!(done.refused, vec![]);
        let order = app::NewRevocation { id: "REVOKED", reason: "forged", from: None, until: None };
        app::revoke_credential(&world.app, &operator("office"), &order).unwrap();
        let pieces = |id: &str| {
            let request = Request { credentials: vec![id.to_owned()], ..Request::default() };
            tried(&world, &request, None).map(|view| view.quantity[0].hi.clone().unwrap())
        };

        for id in ["GOOD", "LATER"] {
            assert_eq!(pieces(id).unwrap_err().code, app::Code::EmptyScope, "{id}");
        }
        for id in ["EARLIER", "UNCALIBRATED", "REVOKED"] {
            assert_eq!(pieces(id).unwrap(), "100", "{id}");
        }
    }

    fn serials_lie_where_stock_of_their_lot_may_lie_since_they_were_seen_there(db) {
        let world = chain(db);
        let made = begun(&object("51", "16:00", PLANT, "commissioning", &[tin(101), tin(102)], None));
        record(&world, &[
            begun(&pieces("50", "16:00", PLANT, "commissioning", 3, None)),
            format!(r#"{},"ilmd":{{"cbvmda:lotNumber":"B1"}}}}"#, &made[..made.len() - 1]),
            pieces("52", "17:00", PLANT, "shipping", 2, Some(SHOP)),
            pieces("53", "18:00", SHOP, "receiving", 2, None),
            object("54", "19:00", PLANT, "inspecting", &[tin(102)], None),
        ]);
        let at = "2026-09-21T00:00:00Z".parse().unwrap();
        let told = |number| {
            let found = app::where_is(&world.app, &operator("maker"), &tin(number), at).unwrap();
            let others: Vec<_> = found.others.into_iter().map(|other| other.holder).collect();
            (found.holder.unwrap_or_default(), others)
        };

        assert_eq!(told(102), ("maker".to_owned(), vec![]), "seen since the lot moved");
        assert_eq!(told(101), ("maker".to_owned(), vec!["shop".to_owned()]));
        let units = vec![tin(101), tin(102)];
        let view = opened(&world, &Request { units, ..Request::default() });
        let lines = listed(&world, &operator("maker"), view.recall.as_deref().unwrap(), None);
        let of = |number: u32| lines.iter().find(|line| line.id == tin(number)).unwrap().others.len();
        assert_eq!((of(101), of(102)), (1, 0));
    }

    fn a_lot_in_a_container_on_its_way_is_a_gap(db) {
        let world = chain(db);
        let case = "https://id.gs1.org/00/195212340000000027";
        let packed = begun(&pieces("62", "16:30", PLANT, "packing", 40, None))
            .replace("ObjectEvent", "AggregationEvent")
            .replace(r#""quantityList""#, &format!(r#""parentID":"{case}","childQuantityList""#));
        record(&world, &[
            begun(&pieces("61", "16:00", PLANT, "commissioning", 40, None)),
            packed,
            object("63", "17:00", PLANT, "shipping", &[case.to_owned()], Some(SHOP)),
        ]);

        let view = opened(&world, &by_lot(LOT));
        assert_eq!(parts(&view), told(&[("shop", "in_transit", "40..40")]));
        let gaps: Vec<_> = view.dark_edges.iter().map(|gap| (gap.kind.as_str(), gap.id.as_str(), &gap.ask[..])).collect();
        assert_eq!(gaps, [("not_received", LOT, &["maker".to_owned(), "shop".to_owned()][..])]);

        let view = opened(&world, &by_serial(case));
        assert_eq!(parts(&view), told(&[("shop", "in_transit", "40..40")]), "all that is in the case");
    }

    fn all_that_was_made_in_the_window_is_affected(db) {
        let world = chain(db);
        record(&world, &[
            begun(&pieces("71", "20:00", PLANT, "commissioning", 100, None)),
            pieces("72", "21:00", PLANT, "shipping", 100, Some(SHOP)),
            pieces("73", "22:00", SHOP, "receiving", 100, None),
        ]);

        let view = opened(&world, &by_place("19:30", "20:30", None));
        assert_eq!(parts(&view), told(&[("shop", "held", "100..100")]));
        assert_eq!(view.quantity[0].lo.as_deref(), Some("100"));
    }
}
