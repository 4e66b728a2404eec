//! Pictures of recorded chains.

use suyuan::app::{self, PictureOf};
use suyuan::trace::Quantity;
use suyuan::trace::evaluate::Window;
use suyuan::trace::picture::collapse::Collapse;
use suyuan::trace::picture::graph::{EdgeKind, NodeKind, Tone};
use suyuan::trace::picture::words::Lang;
use suyuan::trace::picture::{PictureView, Way};

use super::given::*;
use crate::harness::app::TestApp;

fn of<'a>(id: &'a str, way: Way, recall: Option<&'a str>) -> PictureOf<'a> {
    PictureOf {
        id,
        way,
        window: Window::default(),
        position: None,
        recall,
        collapse: Collapse::Never,
    }
}

fn view(world: &TestApp, of: &PictureOf<'_>) -> PictureView {
    let picture = app::picture(&world.app, &operator("maker"), of).unwrap();
    picture.view(Lang::En)
}

/// Kind, place and count of the nodes, column by column.
fn nodes(view: &PictureView) -> Vec<(NodeKind, String, u64)> {
    let ids = view.layers.iter().flat_map(|layer| &layer.nodes);
    let found = ids.map(|id| view.nodes.iter().find(|node| node.id == *id).unwrap());
    found
        .map(|node| {
            let place = node.places.first().map(|place| place.name.clone());
            (node.kind, place.unwrap_or_default(), node.unit_count)
        })
        .collect()
}

/// A lot of this name.
fn lot(name: &str) -> String {
    format!("https://id.gs1.org/01/09521234543213/10/{name}")
}

/// A quantity list; no unit of measure for pieces.
fn list(field: &str, name: &str, amount: u32, uom: &str) -> String {
    let class = lot(name);
    let uom = if uom.is_empty() {
        String::new()
    } else {
        format!(r#","uom":"{uom}""#)
    };
    format!(r#""{field}":[{{"epcClass":"{class}","quantity":{amount}{uom}}}]"#)
}

fn event(id: &str, at: &str, kind: &str, place: &str, rest: &str) -> String {
    format!(
        r#"{{"type":"{kind}Event","eventID":"urn:uuid:00000000-0000-4000-8000-0000000009{id}","eventTime":"2026-09-20T{at}:00Z","eventTimeZoneOffset":"+00:00","readPoint":{{"id":"{place}"}},"bizLocation":{{"id":"{place}"}},{rest}}}"#
    )
}

fn seen(
    id: &str,
    at: &str,
    place: &str,
    how: &str,
    (name, amount, uom): (&str, u32, &str),
) -> String {
    let (action, step) = how.split_once(' ').unwrap();
    let list = list("quantityList", name, amount, uom);
    event(
        id,
        at,
        "Object",
        place,
        &format!(r#""action":"{action}","bizStep":"{step}",{list}"#),
    )
}

fn sent(id: &str, at: &str, to: &str, (name, amount, uom): (&str, u32, &str)) -> String {
    let list = list("quantityList", name, amount, uom);
    let ends = format!(
        r#""sourceList":[{{"type":"location","source":"{PLANT}"}}],"destinationList":[{{"type":"location","destination":"{to}"}}]"#
    );
    let rest = format!(r#""action":"OBSERVE","bizStep":"shipping",{list},{ends}"#);
    event(id, at, "Object", PLANT, &rest)
}

fn turned(id: &str, at: &str, from: (&str, u32, &str), into: (&str, u32, &str)) -> String {
    let inputs = list("inputQuantityList", from.0, from.1, from.2);
    let outputs = list("outputQuantityList", into.0, into.1, into.2);
    event(
        id,
        at,
        "Transformation",
        PLANT,
        &format!("{inputs},{outputs}"),
    )
}

/// What goes out of a place by the lines is no more than came to it by the lines, with what is said not to be drawn.
fn assert_adds_up(view: &PictureView) {
    let amount = |of: &[Quantity], uom: &Option<String>| -> f64 {
        let of_uom = of.iter().filter(|quantity| quantity.uom == *uom);
        of_uom
            .map(|quantity| quantity.hi.as_ref().unwrap().parse::<f64>().unwrap())
            .sum()
    };
    for node in view.nodes.iter().filter(|node| node.kind == NodeKind::Stay) {
        let out = view
            .edges
            .iter()
            .filter(|edge| edge.from == node.id && edge.kinds != [EdgeKind::Held]);
        let out: Vec<Quantity> = out.flat_map(|edge| edge.quantity.clone()).collect();
        for quantity in &out {
            let came = amount(&node.quantity, &quantity.uom)
                + amount(&node.undrawn_quantity, &quantity.uom);
            assert!(amount(&out, &quantity.uom) <= came, "{node:#?} {out:?}");
        }
    }
}

both! {
    fn what_nobody_can_tell_apart_is_drawn_with_its_bounds(db) {
        let world = chain(db);
        record(&world, &[
            seen("11", "06:00", PLANT, "ADD commissioning", ("RAW", 30, "KGM")),
            seen("12", "06:00", PLANT, "ADD commissioning", ("RAWB", 70, "KGM")),
            turned("13", "07:00", ("RAW", 30, "KGM"), ("Z", 30, "")),
            turned("14", "07:10", ("RAWB", 70, "KGM"), ("Z", 70, "")),
            sent("15", "08:00", SHOP, ("Z", 60, "")),
            sent("16", "08:00", OTHER_SHOP, ("Z", 30, "")),
            seen("17", "09:00", SHOP, "OBSERVE receiving", ("Z", 60, "")),
            seen("18", "09:00", OTHER_SHOP, "OBSERVE receiving", ("Z", 30, "")),
        ]);
        let recall = opened(&world, &by_lot(&lot("RAW"))).recall.unwrap();

        let picture = app::recall_picture(&world.app, &operator("maker"), &recall, None, Collapse::Auto).unwrap();

        let view = picture.view(Lang::En);
        let mut held: Vec<(&str, String)> = view
            .nodes
            .iter()
            .filter(|node| node.kind == NodeKind::Holder)
            .map(|node| (node.names[0].as_str(), node.now_quantity[0].to_string()))
            .collect();
        held.sort_unstable();
        let bounds = [("kiosk", "0..30"), ("maker", "0..10"), ("shop", "0..30")];
        assert_eq!(held, bounds.map(|(holder, bounds)| (holder, bounds.to_owned())));
        let lines: Vec<&String> = view.nodes.iter().flat_map(|node| &node.label).collect();
        assert!(lines.iter().any(|line| *line == "now 0..10 pcs affected"), "{lines:?}");
        assert!(lines.iter().any(|line| *line == "0..30 pcs"), "{lines:?}");
        assert_adds_up(&view);
        assert!(picture.svg(Lang::En).contains("Nobody can tell which part is affected"));
        let zh = picture.svg(Lang::Zh);
        assert!(zh.contains(">0..30 个<") && zh.contains("无法分辨受影响的是哪一部分"), "{zh}");
    }

    fn what_came_by_events_that_are_not_drawn_is_said_to_be_a_part(db) {
        let world = chain(db);
        record(&world, &[
            seen("11", "06:00", PLANT, "ADD commissioning", ("RAW", 100, "KGM")),
            seen("12", "06:00", PLANT, "ADD commissioning", ("RAWB", 70, "KGM")),
            turned("13", "07:00", ("RAW", 100, "KGM"), ("Z", 100, "KGM")),
            turned("14", "08:00", ("Z", 20, "KGM"), ("OUT", 20, "")),
            turned("15", "09:00", ("RAWB", 10, "KGM"), ("Z", 10, "KGM")),
            turned("16", "10:00", ("Z", 50, "KGM"), ("OUT2", 50, "")),
        ]);
        let id = lot("RAWB");

        let forward = app::picture(&world.app, &operator("maker"), &of(&id, Way::Forward, None)).unwrap();
        let whole = view(&world, &of(&lot("Z"), Way::Both, None));

        let label = |view: &PictureView| -> Vec<String> {
            let z = lot("Z");
            let node = view.nodes.iter().find(|node| node.goods.iter().any(|goods| goods.id == z));
            node.unwrap().label.clone()
        };
        let view = forward.view(Lang::En);
        assert!(label(&view).contains(&"10 kg of 110 kg in all".to_owned()), "{view:#?}");
        assert!(label(&view).contains(&"now 0..40 kg affected".to_owned()), "{view:#?}");
        assert!(label(&forward.view(Lang::Zh)).contains(&"10 kg（共 110 kg）".to_owned()));
        assert!(forward.svg(Lang::En).contains("are no part of the answer and are not drawn"));
        assert_adds_up(&view);
        assert!(label(&whole).contains(&"110 kg".to_owned()), "{whole:#?}");
        assert!(label(&whole).contains(&"now 40 kg".to_owned()), "{whole:#?}");
        assert_adds_up(&whole);
    }

    fn milk_goes_into_tins_and_tins_go_to_the_shop(db) {
        let world = chain(db);

        let view = view(&world, &of(MILK, Way::Forward, None));

        let line = "厂 · L1".to_owned();
        assert_eq!(
            nodes(&view),
            [
                (NodeKind::Stay, line.clone(), 0),
                (NodeKind::Process, line.clone(), 0),
                (NodeKind::Stay, line, 4),
                (NodeKind::Stay, "厂".to_owned(), 4),
                (NodeKind::Stay, "店".to_owned(), 4),
                (NodeKind::Sold, "店".to_owned(), 1),
            ]
        );
        assert!(view.nodes.iter().all(|node| node.tone == Tone::Affected), "{view:#?}");
        let used = view.edges.iter().find(|edge| edge.kinds == [EdgeKind::Used]).unwrap();
        assert_eq!(used.quantity[0].to_string(), "100 KGM");
    }

    fn a_shipment_without_a_receipt_is_a_broken_line(db) {
        let world = chain(db);

        let view = view(&world, &of(&tin(5), Way::Both, None));

        let dark: Vec<_> = view.edges.iter().filter(|edge| edge.is_dark).collect();
        assert_eq!(dark.len(), 1, "{view:#?}");
        let end = view.nodes.iter().find(|node| node.id == dark[0].to).unwrap();
        assert_eq!((end.kind, end.places[0].name.as_str()), (NodeKind::Transit, "小店"));
    }

    fn a_recall_is_marked_and_drawn_with_its_holders(db) {
        let world = chain(db);
        let recall = opened(&world, &by_lot(MILK)).recall.unwrap();

        let other = view(&world, &of(&tin(6), Way::Both, Some(&recall)));
        let marked = view(&world, &of(&tin(2), Way::Both, Some(&recall)));
        let scope = app::recall_picture(&world.app, &operator("office"), &recall, None, Collapse::Auto).unwrap();
        let scope = scope.view(Lang::Zh);

        assert!(other.nodes.iter().all(|node| node.tone != Tone::Affected), "{other:#?}");
        assert!(marked.nodes.iter().any(|node| node.tone == Tone::Affected && node.is_subject));
        let holders: Vec<(&str, u64)> = scope
            .nodes
            .iter()
            .filter(|node| node.kind == NodeKind::Holder)
            .map(|node| (node.names[0].as_str(), node.unit_count))
            .collect();
        assert_eq!(holders, [("shop", 3)]);
        let last = scope.layers.len() - 1;
        assert!(scope.nodes.iter().all(|node| node.kind != NodeKind::Holder || node.layer == last));
    }
}
