//! The graph a picture is drawn from: things at places, processes and ends as nodes, what went between them
//! as edges. It has no cycles: what comes back to a place is a new visit.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use utoipa::ToSchema;

use crate::codes::{Address, Block};
use crate::epcis::Timestamp;
use crate::events;
use crate::trace::EventKey;
use crate::trace::evaluate::{Amount, Bounds, Certainty, Reason};

/// The number of a node in its graph.
pub type NodeId = usize;

/// Units that a node or edge names; the others are counted.
const SAMPLE: usize = 5;

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PictureNodeKind)]
pub enum NodeKind {
    /// Things of one lot or product at a place, by themselves or in a container.
    Stay,
    /// A process.
    Process,
    /// Sold to consumers.
    Sold,
    /// Destroyed or disposed of.
    Destroyed,
    /// Its code ended.
    Ended,
    /// Stolen.
    Stolen,
    /// Left and has not arrived.
    Transit,
    /// Who has it now.
    Holder,
    /// Looked at and left out.
    LeftOut,
}

/// What an edge tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PictureEdgeKind)]
pub enum EdgeKind {
    /// Came out of a process.
    Made,
    /// Went into a process.
    Used,
    /// Items were made of a lot.
    Filled,
    /// Went into a container.
    Packed,
    /// Came out of a container.
    Unpacked,
    /// Went from one place to another.
    Moved,
    /// Sold.
    Sold,
    /// Came back.
    Returned,
    /// Destroyed, ended or stolen.
    Ended,
    /// Left and has not arrived.
    Missing,
    /// The same under another name.
    Same,
    /// Was together with it.
    Contact,
    /// Is held by.
    Held,
    /// Was looked at and left out.
    LeftOut,
}

/// How a node or edge is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PictureTone)]
pub enum Tone {
    /// Affected: what the question is about.
    Affected,
    /// On the way.
    Plain,
    /// Looked at and clean.
    Clean,
}

/// Amounts of lots, one for each unit of measure; with bounds where nobody can tell which part of a lot it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Amounts {
    /// The known ones; no unit of measure for pieces.
    pub known: BTreeMap<Option<String>, Bounds>,
    /// Whether some more, nobody says how much.
    pub is_open: bool,
}

impl Amounts {
    /// One amount as an event gives it.
    pub fn of(quantity: &events::Quantity) -> Self {
        let amount = quantity
            .amount
            .and_then(|(value, scale)| Amount::new(value, scale));
        amount.map_or_else(
            || Self {
                known: BTreeMap::new(),
                is_open: true,
            },
            |amount| Self::one(quantity.uom.clone(), Bounds::exact(amount)),
        )
    }

    /// One amount.
    pub fn one(uom: Option<String>, amount: Bounds) -> Self {
        Self {
            known: [(uom, amount)].into(),
            is_open: false,
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty() && !self.is_open
    }

    /// Adds others.
    pub fn add(&mut self, more: &Self) {
        for (uom, amount) in &more.known {
            let sum = self.known.entry(uom.clone()).or_default();
            *sum = sum.plus(*amount);
        }
        self.is_open |= more.is_open;
    }

    /// Takes others away, as far as they are known.
    pub fn take(&mut self, less: &Self) {
        for (uom, amount) in &less.known {
            if let Some(sum) = self.known.get_mut(uom) {
                *sum = sum.less(*amount);
            }
        }
        self.known.retain(|_, amount| amount.hi.is_positive());
    }
}

/// How many units and how much of lots.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Load {
    /// Single units.
    pub units: u64,
    /// Of them, the affected ones.
    pub affected: u64,
    /// Amounts of lots.
    pub amounts: Amounts,
    /// Some of the units, the first ones.
    pub sample: BTreeSet<Address>,
}

impl Load {
    /// Adds another.
    pub fn add(&mut self, more: &Self) {
        self.units += more.units;
        self.affected += more.affected;
        self.amounts.add(&more.amounts);
        self.sample.extend(&more.sample);
        while SAMPLE < self.sample.len() {
            self.sample.pop_last();
        }
    }

    /// Takes away what only went round inside.
    pub fn take(&mut self, less: &Self) {
        self.units = self.units.saturating_sub(less.units);
        self.affected = self.affected.saturating_sub(less.affected);
        self.amounts.take(&less.amounts);
    }
}

/// From when to when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Times {
    /// The first.
    pub first: Timestamp,
    /// The last.
    pub last: Timestamp,
}

impl Times {
    /// The span that holds both.
    pub fn join(a: Option<Self>, b: Option<Self>) -> Option<Self> {
        match (a, b) {
            (Some(a), Some(b)) => Some(Self {
                first: a.first.min(b.first),
                last: a.last.max(b.last),
            }),
            (one, other) => one.or(other),
        }
    }
}

/// A node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// How it is drawn.
    pub tone: Tone,
    /// Whether it is what was asked about.
    pub is_subject: bool,
    /// Numbers of its goods.
    pub goods: BTreeSet<u32>,
    /// Its places.
    pub places: BTreeSet<Block>,
    /// The outermost containers its things are in.
    pub containers: BTreeSet<Address>,
    /// Processes: their steps. Holders: their names.
    pub names: BTreeSet<String>,
    /// Why it was left out.
    pub reasons: BTreeSet<Reason>,
    /// When.
    pub times: Option<Times>,
    /// What came here or began here.
    pub load: Load,
    /// Amounts that came here by events that are not drawn: they concern nothing that is followed.
    pub undrawn: Amounts,
    /// What is here now.
    pub now: Load,
    /// Whether that is only what is affected of the stock that is here.
    pub is_share: bool,
    /// The events here.
    pub events: BTreeSet<EventKey>,
    /// How many nodes of the whole graph it stands for.
    pub parts: u64,
}

impl Node {
    /// An empty node.
    pub fn new(kind: NodeKind) -> Self {
        Self {
            kind,
            tone: Tone::Plain,
            is_subject: false,
            goods: BTreeSet::new(),
            places: BTreeSet::new(),
            containers: BTreeSet::new(),
            names: BTreeSet::new(),
            reasons: BTreeSet::new(),
            times: None,
            load: Load::default(),
            undrawn: Amounts::default(),
            now: Load::default(),
            is_share: false,
            events: BTreeSet::new(),
            parts: 1,
        }
    }

    /// Takes in what another node says; what came here is added too.
    pub fn join(&mut self, other: &Self) {
        self.tone = self.tone.min(other.tone);
        self.is_subject |= other.is_subject;
        self.goods.extend(&other.goods);
        self.places.extend(&other.places);
        self.containers.extend(&other.containers);
        self.names.extend(other.names.iter().cloned());
        self.reasons.extend(&other.reasons);
        self.times = Times::join(self.times, other.times);
        self.load.add(&other.load);
        self.undrawn.add(&other.undrawn);
        self.now.add(&other.now);
        self.is_share |= other.is_share;
        self.events.extend(&other.events);
        self.parts += other.parts;
    }
}

/// An edge. There is one between two nodes, and a second one if some of what it tells is not sure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// From this node.
    pub from: NodeId,
    /// To this one.
    pub to: NodeId,
    /// What it tells.
    pub kinds: BTreeSet<EdgeKind>,
    /// The best certainty of what it tells.
    pub certainty: Certainty,
    /// Whether records of it are missing.
    pub is_dark: bool,
    /// How it is drawn.
    pub tone: Tone,
    /// When.
    pub times: Option<Times>,
    /// What went this way.
    pub load: Load,
    /// The events that tell of it.
    pub events: BTreeSet<EventKey>,
    /// How many edges of the whole graph it stands for.
    pub parts: u64,
}

impl Edge {
    /// What tells it from others.
    pub const fn key(&self) -> (NodeId, NodeId, bool) {
        (self.from, self.to, self.is_dark)
    }

    /// Takes in what another edge says.
    pub fn join(&mut self, other: &Self) {
        self.kinds.extend(&other.kinds);
        self.certainty = self.certainty.min(other.certainty);
        self.tone = self.tone.min(other.tone);
        self.times = Times::join(self.times, other.times);
        self.load.add(&other.load);
        self.events.extend(&other.events);
        self.parts += other.parts;
    }
}

/// A graph without cycles.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Graph {
    /// The nodes.
    pub nodes: Vec<Node>,
    /// The edges, by their nodes.
    pub edges: Vec<Edge>,
}

/// Builds a graph edge by edge and keeps it free of cycles.
#[derive(Debug, Default)]
pub struct Builder {
    /// The nodes so far.
    pub nodes: Vec<Node>,
    edges: BTreeMap<(NodeId, NodeId, bool), Edge>,
    after: Vec<BTreeSet<NodeId>>,
}

impl Builder {
    /// Adds a node.
    pub fn add(&mut self, node: Node) -> NodeId {
        self.nodes.push(node);
        self.after.push(BTreeSet::new());
        self.nodes.len() - 1
    }

    /// Whether edges lead from one node to another.
    pub fn reaches(&self, from: NodeId, to: NodeId) -> bool {
        let mut seen = BTreeSet::from([from]);
        let mut open = vec![from];
        while let Some(node) = open.pop() {
            if node == to {
                return true;
            }
            let next = self.after.get(node).into_iter().flatten();
            open.extend(next.copied().filter(|next| seen.insert(*next)));
        }
        false
    }

    /// Adds an edge, or what it tells to the one there is. An edge from a node to itself, or one that would
    /// close a circle, is not added: false.
    pub fn link(&mut self, edge: Edge) -> bool {
        let (from, to) = (edge.from, edge.to);
        let is_new = self
            .after
            .get(from)
            .is_none_or(|after| !after.contains(&to));
        if from == to || (is_new && self.reaches(to, from)) {
            return false;
        }
        if let Some(after) = self.after.get_mut(from) {
            after.insert(to);
        }
        match self.edges.entry(edge.key()) {
            std::collections::btree_map::Entry::Occupied(mut known) => known.get_mut().join(&edge),
            std::collections::btree_map::Entry::Vacant(free) => {
                free.insert(edge);
            }
        }
        true
    }

    /// The edges so far.
    pub fn edges(&self) -> impl Iterator<Item = &Edge> {
        self.edges.values()
    }

    /// The graph.
    pub fn finish(self) -> Graph {
        Graph {
            nodes: self.nodes,
            edges: self.edges.into_values().collect(),
        }
    }
}
