use super::*;
use crate::trace::picture::collapse::{Collapse, EDGES_READ, Level, NODES_READ, collapse};

#[test]
fn what_can_be_read_is_left_as_it_is() {
    let graph = star(20);
    let (same, done) = collapse(graph.clone(), &catalog(), Collapse::Auto);

    assert_eq!(same, graph);
    assert!(done.is_empty());
}

#[test]
fn three_hundred_nodes_become_few_and_every_count_is_the_sum() {
    let (graph, catalog) = (star(240), catalog());
    let (small, done) = collapse(graph.clone(), &catalog, Collapse::Auto);

    assert!(
        small.nodes.len() <= NODES_READ && small.edges.len() <= EDGES_READ,
        "{}",
        small.nodes.len()
    );
    assert!(!done.is_empty());
    let now = |graph: &Graph| graph.nodes.iter().map(|node| node.now.units).sum::<u64>();
    let parts = |graph: &Graph| graph.nodes.iter().map(|node| node.parts).sum::<u64>();
    let goods = |graph: &Graph| {
        let all = graph
            .nodes
            .iter()
            .flat_map(|node| node.goods.iter().copied());
        all.collect::<BTreeSet<u32>>()
    };
    assert_eq!(now(&small), now(&graph));
    assert_eq!(parts(&small), u64::try_from(graph.nodes.len()).unwrap());
    assert_eq!(goods(&small), goods(&graph));
    // What came to the nodes, less what came over edges, began there: nothing gets lost or doubled.
    let began = |graph: &Graph| {
        let came: u64 = graph.edges.iter().map(|edge| edge.load.units).sum();
        graph.nodes.iter().map(|node| node.load.units).sum::<u64>() - came
    };
    assert_eq!(began(&small), began(&graph));
}

#[test]
fn nothing_becomes_one_when_that_is_not_wanted() {
    let (all, done) = collapse(star(240), &catalog(), Collapse::Never);

    assert_eq!(all.nodes.len(), 245);
    assert!(done.is_empty());
}

#[test]
fn places_are_joined_when_asked_for_though_all_could_be_read() {
    let (small, done) = collapse(star(20), &catalog(), Collapse::Places);

    assert_eq!(done.first().map(|step| step.by), Some(Level::Containers));
    // The four lines to the warehouse are of one place.
    assert_eq!(small.nodes.len(), 22);
}

#[test]
fn unlike_things_stay_apart() {
    let mut graph = star(240);
    graph.nodes[7].tone = Tone::Affected;
    graph.nodes[8].is_subject = true;
    let (small, _) = collapse(graph, &catalog(), Collapse::Auto);

    let alone = |node: &&Node| node.parts == 1 && (node.tone == Tone::Affected || node.is_subject);
    assert_eq!(small.nodes.iter().filter(alone).count(), 2);
}
