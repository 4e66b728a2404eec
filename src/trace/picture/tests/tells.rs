use super::*;
use crate::trace::picture::tell::tell;

/// A graph, a line a node and a line an edge.
fn lines(graph: &Graph) -> Vec<String> {
    let nodes = graph.nodes.iter().enumerate().map(|(id, node)| {
        let places: Vec<u8> = node.places.iter().map(|place| place.0[15]).collect();
        let inside = if node.containers.is_empty() {
            ""
        } else {
            " in a case"
        };
        format!(
            "{id} {:?} at {places:?}{inside}: {} units, now {}",
            node.kind, node.load.units, node.now.units
        )
    });
    let edges = graph.edges.iter().map(|edge| {
        let dark = if edge.is_dark { " ?" } else { "" };
        let events: Vec<i64> = edge.events.iter().map(|(_, seq)| *seq).collect();
        format!(
            "{} > {} {:?} {} {events:?} {:?}{dark}",
            edge.from, edge.to, edge.kinds, edge.load.units, edge.certainty
        )
    });
    nodes.chain(edges).collect()
}

#[test]
fn a_small_chain_is_told_from_its_making_to_its_ends() {
    let graph = tell(&story(), true);

    assert_eq!(
        lines(&graph),
        [
            "0 Process at [1]: 0 units, now 0",
            "1 Stay at [1]: 6 units, now 1",
            "2 Stay at [1] in a case: 4 units, now 0",
            "3 Stay at [2] in a case: 4 units, now 0",
            "4 Stay at [2]: 4 units, now 3",
            "5 Sold at [2]: 1 units, now 1",
            "6 Transit at [3]: 1 units, now 1",
            "0 > 1 {Made} 6 [10] Asserted",
            "1 > 2 {Packed} 4 [20] Asserted",
            "1 > 6 {Missing} 1 [31] Assumed ?",
            "2 > 3 {Moved} 4 [30, 40] Inferred",
            "3 > 4 {Unpacked} 4 [50] Asserted",
            "4 > 5 {Sold} 1 [60] Asserted",
        ]
    );
}

#[test]
fn containers_can_be_passed_over_from_the_start() {
    let graph = tell(&story(), false);

    assert!(graph.nodes.iter().all(|node| node.containers.is_empty()));
    assert_eq!(graph.nodes.len(), 5);
}

#[test]
fn what_comes_back_to_a_place_is_a_new_visit() {
    let mut story = story();
    story.entries.push(seen(
        70,
        "receiving",
        place(1),
        members(Role::Object, items(), [0]),
    ));

    let graph = tell(&story, true);

    let at_first: Vec<u64> = graph
        .nodes
        .iter()
        .filter(|node| {
            node.kind == NodeKind::Stay
                && node.places.contains(&place(1))
                && node.containers.is_empty()
        })
        .map(|node| node.load.units)
        .collect();
    assert_eq!(at_first, [6, 1]);
}

#[test]
fn only_what_is_affected_is_marked() {
    let mut story = story();
    story.affected.units = [(items(), [2].into_iter().collect::<MemberSet>())].into();

    let graph = tell(&story, true);

    let sold = graph
        .nodes
        .iter()
        .find(|node| node.kind == NodeKind::Sold)
        .unwrap();
    let transit = graph
        .nodes
        .iter()
        .find(|node| node.kind == NodeKind::Transit)
        .unwrap();
    assert_eq!((sold.tone, transit.tone), (Tone::Affected, Tone::Plain));
    assert_eq!(
        (graph.nodes[1].load.units, graph.nodes[1].load.affected),
        (6, 1)
    );
}
