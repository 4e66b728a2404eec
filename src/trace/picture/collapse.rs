//! Fewer nodes: nodes that agree in something become one, with their counts summed, until a person can
//! read the picture. Nothing is left out, and what was done is said.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use serde::Serialize;
use utoipa::ToSchema;

use super::catalog::Catalog;
use super::graph::{Builder, Edge, Graph, Node, NodeId, NodeKind};
use crate::codes::Block;

/// Nodes that can be read at once.
pub const NODES_READ: usize = 60;

/// Edges that can be read at once.
pub const EDGES_READ: usize = 80;

/// Whether nodes may become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Collapse {
    /// As far as needed.
    #[default]
    Auto,
    /// Not at all.
    Never,
    /// By place at least.
    Places,
}

impl FromStr for Collapse {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "never" => Ok(Self::Never),
            "places" => Ok(Self::Places),
            other => Err(format!("collapse is auto, never or places, not {other:?}")),
        }
    }
}

/// What nodes have in common that became one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PictureLevel)]
pub enum Level {
    /// The lot and the place: containers are passed over.
    Containers,
    /// The product and the place.
    Places,
    /// The product, and where it came from.
    Similar,
    /// The product and the organisation.
    Organisations,
    /// The product, the province and what kind of organisation it is.
    Regions,
    /// What kind of organisation it is.
    Roles,
    /// Only what kind of node it is.
    Kinds,
}

impl Level {
    /// After the places, from fine to coarse.
    const COARSE: [Self; 5] = [
        Self::Similar,
        Self::Organisations,
        Self::Regions,
        Self::Roles,
        Self::Kinds,
    ];
}

/// One step of collapsing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PictureCollapsed)]
pub struct Collapsed {
    /// By what.
    pub by: Level,
    /// Nodes before it.
    pub before: usize,
    /// Nodes after it.
    pub after: usize,
}

/// The graph as it can be read, and what was done to it. Every level after [`Level::Places`] starts from what
/// that one gave, so that what it joins is what it says.
pub fn collapse(graph: Graph, catalog: &Catalog, how: Collapse) -> (Graph, Vec<Collapsed>) {
    let mut done = Vec::new();
    if how == Collapse::Never {
        return (graph, done);
    }
    let mut base = graph;
    for level in [Level::Containers, Level::Places] {
        if how == Collapse::Auto && is_readable(&base) {
            return (base, done);
        }
        let fewer = contract(&base, &keys(&base, catalog, level), level);
        add(&mut done, level, &base, &fewer);
        base = fewer;
    }
    let mut last = None;
    for level in Level::COARSE {
        if is_readable(last.as_ref().unwrap_or(&base)) {
            break;
        }
        last = Some(contract(&base, &keys(&base, catalog, level), level));
        done.retain(|step: &Collapsed| step.by <= Level::Places);
        if let Some(fewer) = &last {
            add(&mut done, level, &base, fewer);
        }
    }
    (last.unwrap_or(base), done)
}

fn add(done: &mut Vec<Collapsed>, by: Level, before: &Graph, after: &Graph) {
    let (before, after) = (before.nodes.len(), after.nodes.len());
    if after < before {
        done.push(Collapsed { by, before, after });
    }
}

fn is_readable(graph: &Graph) -> bool {
    graph.nodes.len() <= NODES_READ && graph.edges.len() <= EDGES_READ
}

/// What tells nodes apart at a level.
fn keys(graph: &Graph, catalog: &Catalog, level: Level) -> Vec<Vec<String>> {
    let mut before = vec![BTreeSet::new(); graph.nodes.len()];
    for edge in &graph.edges {
        let (from, to) = (graph.nodes.get(edge.from), graph.nodes.get(edge.to));
        let (Some(from), Some(to), Some(before)) = (from, to, before.get_mut(edge.to)) else {
            continue;
        };
        // What goes round among like places, or comes back, is not where things come from.
        let is_like = from.kind == to.kind && roles(from, catalog) == roles(to, catalog);
        if !is_like && matches!(from.kind, NodeKind::Stay | NodeKind::Process) {
            before.insert(edge.from);
        }
    }
    let nodes = graph.nodes.iter().zip(before);
    nodes
        .map(|(node, before)| key(node, catalog, level, &before))
        .collect()
}

fn joined(texts: impl Iterator<Item = String>) -> String {
    let texts: BTreeSet<String> = texts.collect();
    texts.into_iter().collect::<Vec<_>>().join("\n")
}

fn roles(node: &Node, catalog: &Catalog) -> String {
    joined(
        node.places
            .iter()
            .map(|place| catalog.role(place).to_owned()),
    )
}

fn key(node: &Node, catalog: &Catalog, level: Level, before: &BTreeSet<NodeId>) -> Vec<String> {
    let of_places = |text: &dyn Fn(&Block) -> String| joined(node.places.iter().map(text));
    let goods = || joined(node.goods.iter().map(u32::to_string));
    let product = |goods: &u32| catalog.product(*goods).to_owned();
    let products = || joined(node.goods.iter().map(product));
    let places = || of_places(&|place| format!("{place:?}"));
    let orgs = || of_places(&|place| catalog.org(place).to_owned());
    let provinces = || of_places(&|place| catalog.province(place).to_owned());
    let steps = || joined(node.names.iter().cloned());
    let mut key = vec![
        format!("{:?} {:?}", node.kind, node.tone),
        node.is_subject.to_string(),
    ];
    let is_end = !matches!(node.kind, NodeKind::Stay | NodeKind::Process);
    key.extend(match level {
        _ if node.kind == NodeKind::Holder && level < Level::Roles => vec![steps()],
        Level::Containers => vec![goods(), places(), steps()],
        Level::Places => vec![products(), places(), steps()],
        Level::Similar | Level::Organisations | Level::Regions if is_end => {
            vec![products(), roles(node, catalog)]
        }
        Level::Similar => vec![
            products(),
            roles(node, catalog),
            format!("{before:?}"),
            steps(),
        ],
        Level::Organisations if node.kind == NodeKind::Process => vec![places()],
        Level::Organisations => vec![products(), orgs()],
        Level::Regions => vec![products(), provinces(), roles(node, catalog)],
        Level::Roles => vec![roles(node, catalog)],
        Level::Kinds => Vec::new(),
    });
    key
}

/// Makes nodes with equal keys one. As long as only containers are passed over, nodes that would close a
/// circle stay apart, as visits; beyond that what comes back is a line that runs back.
fn contract(graph: &Graph, keys: &[Vec<String>], level: Level) -> Graph {
    let group_of = if level == Level::Containers {
        visits(graph, keys)
    } else {
        let mut numbers: BTreeMap<&Vec<String>, NodeId> = BTreeMap::new();
        let number = |key| {
            let next = numbers.len();
            *numbers.entry(key).or_insert(next)
        };
        keys.iter().map(number).collect()
    };
    let mut nodes: Vec<Option<Node>> = Vec::new();
    for (node, group) in graph.nodes.iter().zip(&group_of) {
        nodes.resize(nodes.len().max(group + 1), None);
        match nodes.get_mut(*group) {
            Some(Some(joined)) => joined.join(node),
            Some(free) => *free = Some(node.clone()),
            None => {}
        }
    }
    let mut nodes: Vec<Node> = nodes.into_iter().flatten().collect();
    let mut edges: BTreeMap<(NodeId, NodeId, bool), Edge> = BTreeMap::new();
    for edge in &graph.edges {
        let (Some(from), Some(to)) = (group_of.get(edge.from), group_of.get(edge.to)) else {
            continue;
        };
        if from == to {
            // It only went round inside: what came to the parts one after the other came once.
            if let Some(node) = nodes.get_mut(*to) {
                node.load.take(&edge.load);
            }
            continue;
        }
        let edge = Edge {
            from: *from,
            to: *to,
            ..edge.clone()
        };
        match edges.entry(edge.key()) {
            Entry::Occupied(mut known) => known.get_mut().join(&edge),
            Entry::Vacant(free) => {
                free.insert(edge);
            }
        }
    }
    Graph {
        nodes,
        edges: edges.into_values().collect(),
    }
}

/// Groups of nodes with equal keys that close no circle.
fn visits(graph: &Graph, keys: &[Vec<String>]) -> Vec<NodeId> {
    let mut builder = Builder::default();
    let mut groups: BTreeMap<&[String], Vec<NodeId>> = BTreeMap::new();
    let mut group_of: Vec<NodeId> = vec![0; graph.nodes.len()];
    let mut into: Vec<Vec<&Edge>> = vec![Vec::new(); graph.nodes.len()];
    for edge in &graph.edges {
        if let Some(edges) = into.get_mut(edge.to) {
            edges.push(edge);
        }
    }
    for id in in_order(graph) {
        let (Some(key), Some(into)) = (keys.get(id), into.get(id)) else {
            continue;
        };
        let before = into
            .iter()
            .filter_map(|edge| group_of.get(edge.from).copied());
        let before: BTreeSet<NodeId> = before.collect();
        let known = groups.entry(key).or_default();
        let joins = known.iter().rev().copied().find(|group| {
            let mut others = before.iter().filter(|other| *other != group);
            others.all(|other| !builder.reaches(*group, *other))
        });
        let group = joins.unwrap_or_else(|| {
            let group = builder.add(Node::new(NodeKind::Stay));
            known.push(group);
            group
        });
        if let Some(of) = group_of.get_mut(id) {
            *of = group;
        }
        for edge in into {
            let from = group_of.get(edge.from).copied().unwrap_or(group);
            builder.link(Edge {
                from,
                to: group,
                ..(*edge).clone()
            });
        }
    }
    group_of
}

/// The nodes, each after all that lead to it; else by time.
fn in_order(graph: &Graph) -> Vec<NodeId> {
    let mut waits = vec![0_usize; graph.nodes.len()];
    let mut out: Vec<Vec<NodeId>> = vec![Vec::new(); graph.nodes.len()];
    for edge in &graph.edges {
        if let (Some(waits), Some(out)) = (waits.get_mut(edge.to), out.get_mut(edge.from)) {
            *waits += 1;
            out.push(edge.to);
        }
    }
    let time = |id: NodeId| graph.nodes.get(id).and_then(|node| node.times);
    let free = waits.iter().enumerate().filter(|(_, waits)| **waits == 0);
    let mut ready: BTreeSet<_> = free.map(|(id, _)| (time(id), id)).collect();
    let mut order = Vec::new();
    while let Some((_, id)) = ready.pop_first() {
        order.push(id);
        for next in out.get(id).into_iter().flatten() {
            if let Some(waits) = waits.get_mut(*next) {
                *waits -= 1;
                if *waits == 0 {
                    ready.insert((time(*next), *next));
                }
            }
        }
    }
    order
}
