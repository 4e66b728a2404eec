//! Pictures of recorded chains.

use suyuan::app::{self, PictureOf};
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

both! {
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
