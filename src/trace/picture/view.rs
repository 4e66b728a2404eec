//! The graph a picture is drawn from, for programs.

use serde::Serialize;
use utoipa::ToSchema;

use super::collapse::Collapsed;
use super::graph::{Amounts, EdgeKind, NodeKind, Tone};
use super::label::{Labels, goods_name};
use super::layout::Layout;
use super::{Asked, Picture};
use crate::trace::answer::certainty_word;
use crate::trace::{NamedPosition, Quantity};

/// The graph of a picture.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Picture)]
pub struct PictureView {
    /// The question.
    pub query: Asked,
    /// What of the ledger counted.
    pub position: NamedPosition,
    /// Nodes before any became one.
    pub whole_nodes: usize,
    /// Edges before any became one.
    pub whole_edges: usize,
    /// What became one, step by step.
    pub collapsed: Vec<Collapsed>,
    /// The columns, left to right.
    pub layers: Vec<LayerView>,
    /// The nodes.
    pub nodes: Vec<NodeView>,
    /// The edges.
    pub edges: Vec<EdgeView>,
}

/// A column.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PictureLayer)]
pub struct LayerView {
    /// Its nodes, from the top.
    pub nodes: Vec<String>,
    /// When the first of them begins.
    pub first: Option<String>,
    /// When the last of them begins.
    pub last: Option<String>,
}

/// A node.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PictureNode)]
pub struct NodeView {
    /// Its name in this graph.
    pub id: String,
    /// Its column, from 0.
    pub layer: usize,
    /// What it is.
    pub kind: NodeKind,
    /// How it is drawn.
    pub tone: Tone,
    /// Whether it is what was asked about.
    pub is_subject: bool,
    /// What stands in it.
    pub label: Vec<String>,
    /// The goods: identifiers of lots, else of products.
    pub goods: Vec<NamedView>,
    /// The places.
    pub places: Vec<NamedView>,
    /// Processes: their steps. Holders: who.
    pub names: Vec<String>,
    /// How many containers its things are in.
    pub container_count: usize,
    /// Some of the single units and containers.
    pub sample: Vec<String>,
    /// When it begins.
    pub first: Option<String>,
    /// When it ends.
    pub last: Option<String>,
    /// Single units that came here.
    pub unit_count: u64,
    /// Of them, the affected ones.
    pub affected_count: u64,
    /// Single units that are here now.
    pub now_count: u64,
    /// Amounts of lots that came here; one without numbers where some are not known.
    pub quantity: Vec<Quantity>,
    /// Amounts of lots that came here too, by events that are not drawn: they concern nothing that is followed.
    pub undrawn_quantity: Vec<Quantity>,
    /// Amounts of lots that are here now; downstream of what was asked about what is affected of them, at least and
    /// at most.
    pub now_quantity: Vec<Quantity>,
    /// The events here.
    pub events: Vec<String>,
    /// How many nodes it stands for.
    pub stands_for: u64,
}

/// Something with its name.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PictureNamed)]
pub struct NamedView {
    /// Its identifier.
    pub id: String,
    /// Its name in the language asked for.
    pub name: String,
}

/// An edge.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PictureEdge)]
pub struct EdgeView {
    /// From this node.
    pub from: String,
    /// To this one.
    pub to: String,
    /// What it tells.
    pub kinds: Vec<EdgeKind>,
    /// How certain it is.
    pub certainty: &'static str,
    /// Whether records of it are missing.
    pub is_dark: bool,
    /// How it is drawn.
    pub tone: Tone,
    /// When it began.
    pub first: Option<String>,
    /// When it ended.
    pub last: Option<String>,
    /// Single units that went this way.
    pub unit_count: u64,
    /// Of them, the affected ones.
    pub affected_count: u64,
    /// Amounts of lots.
    pub quantity: Vec<Quantity>,
    /// The events that tell of it.
    pub events: Vec<String>,
    /// How many edges it stands for.
    pub stands_for: u64,
}

impl PictureView {
    /// The view of a laid out picture.
    pub(super) fn of(picture: &Picture, labels: &Labels<'_>, layout: &Layout) -> Self {
        let id = |index: usize| format!("n{}", index + 1);
        let catalog = &picture.catalog;
        let events = |keys: &std::collections::BTreeSet<_>| {
            let ids = keys.iter().filter_map(|key| catalog.events.get(key));
            ids.cloned().collect::<Vec<String>>()
        };
        let nodes = picture.graph.nodes.iter().zip(&layout.boxes).enumerate();
        let nodes = nodes.map(|(index, (node, rect))| NodeView {
            id: id(index),
            layer: rect.column,
            kind: node.kind,
            tone: node.tone,
            is_subject: node.is_subject,
            label: labels
                .node(node)
                .into_iter()
                .map(|line| line.text)
                .collect(),
            goods: node
                .goods
                .iter()
                .filter_map(|goods| catalog.goods(*goods))
                .map(|goods| NamedView {
                    id: goods.id.clone(),
                    name: goods_name(goods, labels.lang),
                })
                .collect(),
            places: node
                .places
                .iter()
                .map(|place| NamedView {
                    id: catalog
                        .places
                        .get(place)
                        .map(|place| place.id.clone())
                        .unwrap_or_default(),
                    name: labels.place(place),
                })
                .collect(),
            names: node.names.iter().cloned().collect(),
            container_count: node.containers.len(),
            sample: node
                .load
                .sample
                .iter()
                .chain(node.containers.iter().take(5))
                .filter_map(|unit| catalog.units.get(unit).cloned())
                .collect(),
            first: node.times.map(|times| times.first.to_string()),
            last: node.times.map(|times| times.last.to_string()),
            unit_count: node.load.units,
            affected_count: node.load.affected,
            now_count: node.now.units,
            quantity: quantities(&node.load.amounts),
            undrawn_quantity: quantities(&node.undrawn),
            now_quantity: quantities(&node.now.amounts),
            events: events(&node.events),
            stands_for: node.parts,
        });
        let edges = picture.graph.edges.iter().map(|edge| EdgeView {
            from: id(edge.from),
            to: id(edge.to),
            kinds: edge.kinds.iter().copied().collect(),
            certainty: certainty_word(edge.certainty),
            is_dark: edge.is_dark,
            tone: edge.tone,
            first: edge.times.map(|times| times.first.to_string()),
            last: edge.times.map(|times| times.last.to_string()),
            unit_count: edge.load.units,
            affected_count: edge.load.affected,
            quantity: quantities(&edge.load.amounts),
            events: events(&edge.events),
            stands_for: edge.parts,
        });
        let layers = (0..layout.columns.len()).map(|column| {
            let of_column = layout.boxes.iter().enumerate();
            let mut here: Vec<(i32, usize)> = of_column
                .filter(|(_, rect)| rect.column == column)
                .map(|(index, rect)| (rect.y, index))
                .collect();
            here.sort_unstable();
            let begins = here.iter().filter_map(|(_, index)| {
                let node = picture.graph.nodes.get(*index)?;
                node.times.map(|times| times.first)
            });
            LayerView {
                first: begins.clone().min().map(|time| time.to_string()),
                last: begins.max().map(|time| time.to_string()),
                nodes: here.iter().map(|(_, index)| id(*index)).collect(),
            }
        });
        Self {
            query: picture.asked.clone(),
            position: picture.position.clone(),
            whole_nodes: picture.whole_nodes,
            whole_edges: picture.whole_edges,
            collapsed: picture.collapsed.clone(),
            layers: layers.collect(),
            nodes: nodes.collect(),
            edges: edges.collect(),
        }
    }
}

fn quantities(amounts: &Amounts) -> Vec<Quantity> {
    let known = amounts.known.iter().map(|(uom, amount)| Quantity {
        lo: Some(amount.lo.to_string()),
        hi: Some(amount.hi.to_string()),
        uom: uom.clone(),
    });
    let open = amounts.is_open.then_some(Quantity {
        lo: None,
        hi: None,
        uom: None,
    });
    known.chain(open).collect()
}
