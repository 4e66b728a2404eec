//! From a story to a graph: what is followed goes from node to node, event by event. Units go in sets,
//! never one by one; what is in a container goes with it.

use std::collections::{BTreeMap, BTreeSet};

use super::graph::{
    Amounts, Builder, Edge, EdgeKind, Graph, Load, Node, NodeId, NodeKind, Times, Tone,
};
use super::story::{Story, Thing};
use crate::codes::{Address, Block, MemberSet};
use crate::epcis::Timestamp;
use crate::events::{Entry, EventType};
use crate::trace::EventKey;
use crate::trace::evaluate::Certainty;

mod boxes;
mod ends;
mod lots;
mod units;

use boxes::Boxes;
use lots::Lots;
use units::State;

/// The graph of a story. With `by_container`, things in different containers are different nodes.
pub fn tell(story: &Story, by_container: bool) -> Graph {
    let mut teller = Teller {
        story,
        by_container,
        builder: Builder::default(),
        keys: Vec::new(),
        known: BTreeMap::new(),
        processes: BTreeMap::new(),
        units: BTreeMap::new(),
        firsts: BTreeMap::new(),
        boxes: Boxes::default(),
        lots: Lots::default(),
        touched: BTreeMap::new(),
    };
    for entry in &story.entries {
        teller.entry(entry);
    }
    teller.finish()
}

/// What tells nodes apart, processes aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    kind: NodeKind,
    goods: u32,
    place: Option<Block>,
    inside: Option<Address>,
}

/// Something that left and has not arrived yet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Left {
    to: Option<Block>,
    first: Timestamp,
    events: BTreeSet<EventKey>,
}

/// What goes over an edge, and why.
struct Going<'a> {
    kind: EdgeKind,
    certainty: Certainty,
    is_dark: bool,
    load: Load,
    left: Option<&'a Left>,
    entry: &'a Entry,
}

struct Teller<'a> {
    story: &'a Story,
    by_container: bool,
    builder: Builder,
    /// The key of each node; none of processes.
    keys: Vec<Option<Key>>,
    known: BTreeMap<Key, Vec<NodeId>>,
    processes: BTreeMap<Block, NodeId>,
    units: BTreeMap<Block, BTreeMap<State, MemberSet>>,
    /// Where units were first.
    firsts: BTreeMap<Block, Vec<(MemberSet, NodeId)>>,
    boxes: Boxes,
    lots: Lots,
    /// The first node that an event concerned.
    touched: BTreeMap<EventKey, NodeId>,
}

impl Teller<'_> {
    fn entry(&mut self, entry: &Entry) {
        match entry.event_type {
            EventType::Transformation => self.transform(entry),
            EventType::Aggregation | EventType::Association => self.aggregate(entry),
            EventType::Object | EventType::Transaction | EventType::Custom => self.observe(entry),
        }
        let key = (entry.shard, entry.seq);
        for lot_move in self.story.moves.get(&key).into_iter().flatten() {
            self.lot_move(entry, lot_move);
        }
        for told in self.story.told.get(&key).into_iter().flatten() {
            self.fill(entry, told);
        }
    }

    /// The node with this key: the latest one that what comes from `from` can go to without a circle, else
    /// a new one.
    fn node(&mut self, key: Key, from: Option<NodeId>) -> NodeId {
        for id in self.known.get(&key).into_iter().flatten().rev() {
            if from.is_none_or(|from| from != *id && !self.builder.reaches(*id, from)) {
                return *id;
            }
        }
        let mut node = Node::new(key.kind);
        node.goods.insert(key.goods);
        node.places.extend(key.place);
        node.containers.extend(key.inside);
        let id = self.builder.add(node);
        self.keys.push(Some(key));
        self.known.entry(key).or_default().push(id);
        id
    }

    /// The node of a process; another one of the same process if what comes from `from` would go in a
    /// circle.
    fn process(&mut self, entry: &Entry, from: Option<NodeId>) -> Option<NodeId> {
        let process = entry.process?;
        let known = self.processes.get(&process).copied();
        let id = match known {
            Some(id) if from.is_none_or(|from| !self.builder.reaches(id, from)) => id,
            _ => {
                let id = self.builder.add(Node::new(NodeKind::Process));
                self.keys.push(None);
                self.processes.insert(process, id);
                id
            }
        };
        if let Some(node) = self.builder.nodes.get_mut(id) {
            node.names.extend(entry.biz_step.clone());
            node.places.extend(entry.happened_at());
        }
        self.note(id, entry);
        Some(id)
    }

    /// An event concerned a node.
    fn note(&mut self, id: NodeId, entry: &Entry) {
        let key = (entry.shard, entry.seq);
        self.touched.entry(key).or_insert(id);
        if let Some(node) = self.builder.nodes.get_mut(id) {
            node.events.insert(key);
            node.times = Times::join(node.times, Some(times(entry)));
        }
    }

    /// Something comes to a node or begins there.
    fn put(&mut self, id: NodeId, entry: &Entry, load: &Load, is_affected: bool, is_subject: bool) {
        self.note(id, entry);
        if let Some(node) = self.builder.nodes.get_mut(id) {
            node.load.add(load);
            node.is_subject |= is_subject;
            if is_affected {
                node.tone = Tone::Affected;
            }
        }
    }

    fn link(&mut self, from: NodeId, to: NodeId, going: Going<'_>, is_affected: bool) -> bool {
        let mut events = BTreeSet::from([(going.entry.shard, going.entry.seq)]);
        let mut span = times(going.entry);
        if let Some(left) = going.left {
            events.extend(&left.events);
            span.first = span.first.min(left.first);
        }
        self.builder.link(Edge {
            from,
            to,
            kinds: [going.kind].into(),
            certainty: going.certainty,
            is_dark: going.is_dark,
            tone: if is_affected {
                Tone::Affected
            } else {
                Tone::Plain
            },
            times: Some(span),
            load: going.load,
            events,
            parts: 1,
        })
    }

    fn place_of(&self, id: NodeId) -> Option<Block> {
        self.keys.get(id).copied().flatten()?.place
    }

    fn key_of(&self, id: NodeId) -> Option<Key> {
        self.keys.get(id).copied().flatten()
    }

    /// The container that counts for the key of a node.
    fn outermost(&self, inside: Option<Address>) -> Option<Address> {
        inside
            .filter(|_| self.by_container)
            .map(|container| self.boxes.outermost(container))
    }

    /// Where a thing was first.
    fn first_of(&self, thing: Thing) -> Option<NodeId> {
        match thing {
            Thing::Unit(unit) => {
                let firsts = self.firsts.get(&unit.block)?;
                let found = firsts.iter().find(|(set, _)| set.contains(unit.member));
                found.map(|(_, id)| *id)
            }
            Thing::Lot(lot) => self.lots.first(lot),
            Thing::Process(process) => self.processes.get(&process).copied(),
        }
    }
}

fn times(entry: &Entry) -> Times {
    Times {
        first: entry.t_lo,
        last: entry.t_hi,
    }
}

/// The load of an amount of a lot.
fn amount_load(amounts: Amounts) -> Load {
    Load {
        amounts,
        ..Load::default()
    }
}
