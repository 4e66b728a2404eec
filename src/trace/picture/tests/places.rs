use proptest::prelude::*;

use crate::trace::picture::layout::{Item, Layout, Link, layout};

fn worlds() -> impl Strategy<Value = (Vec<Item>, Vec<Link>)> {
    let item = (20..240_i32, 20..120_i32, 0..50_i64, any::<bool>()).prop_map(
        |(width, height, time, is_last)| Item {
            width,
            height,
            time,
            is_last,
        },
    );
    prop::collection::vec(item, 1..40).prop_flat_map(|items| {
        let count = items.len();
        let link =
            (0..count, 0..count, 0..90_i32).prop_map(|(from, to, label)| Link { from, to, label });
        (Just(items), prop::collection::vec(link, 0..70))
    })
}

/// Where the labels of the lines stand: above the line's end, 14 high.
fn labels(layout: &Layout, links: &[Link]) -> Vec<(i32, i32, i32, i32)> {
    layout
        .routes
        .iter()
        .zip(links)
        .filter_map(|(route, link)| {
            let (x, y) = route.as_ref()?.label;
            Some((x - link.label, x, y - 15, y - 1))
        })
        .collect()
}

proptest! {
    #[test]
    fn boxes_never_lie_on_one_another_nor_labels_on_boxes((items, links) in worlds()) {
        let placed = layout(&items, &links);

        prop_assert_eq!(placed.boxes.len(), items.len());
        for (number, one) in placed.boxes.iter().enumerate() {
            prop_assert!(one.x >= 0 && one.y >= 0);
            prop_assert!(one.x + one.width <= placed.width && one.y + one.height <= placed.height);
            for other in &placed.boxes[..number] {
                prop_assert!(!one.meets(other), "{one:?} {other:?}");
            }
        }
        let labels = labels(&placed, &links);
        for (number, (left, right, top, bottom)) in labels.iter().enumerate() {
            for rect in &placed.boxes {
                let apart = *right <= rect.x
                    || rect.x + rect.width <= *left
                    || *bottom <= rect.y
                    || rect.y + rect.height <= *top;
                prop_assert!(apart, "label {number} on {rect:?}");
            }
            for (other_left, other_right, other_top, other_bottom) in &labels[..number] {
                let apart = right <= other_left || other_right <= left || bottom <= other_top || other_bottom <= top;
                prop_assert!(apart, "label {number} on another");
            }
        }
    }

    #[test]
    fn every_line_runs_from_column_to_column_and_the_same_graph_gives_the_same_picture(
        (items, links) in worlds()
    ) {
        let placed = layout(&items, &links);

        for (link, route) in links.iter().zip(&placed.routes) {
            prop_assert_eq!(route.is_none(), link.from == link.to);
            let Some(route) = route else { continue };
            let (from, to) = (placed.boxes[link.from], placed.boxes[link.to]);
            let (from, to) = if route.is_back { (to, from) } else { (from, to) };
            prop_assert!(from.column < to.column);
            prop_assert_eq!(route.stretches.first().map(|first| first.from.0), Some(from.x + from.width));
            prop_assert_eq!(route.stretches.last().map(|last| last.end), Some(to.x));
            for pair in route.stretches.windows(2) {
                prop_assert_eq!(pair[0].end, pair[1].from.0);
                prop_assert_eq!(pair[0].bent.1, pair[1].from.1);
            }
        }
        prop_assert_eq!(layout(&items, &links), placed);
    }
}

#[test]
fn nothing_is_laid_out_as_nothing() {
    assert_eq!(layout(&[], &[]), Layout::default());
}
