//! What is left to say when all events are told: what has not arrived, who has what now, what was left out.

use std::collections::{BTreeMap, BTreeSet};

use super::{Key, Left, Teller};
use crate::codes::Block;
use crate::trace::EventKey;
use crate::trace::evaluate::Certainty;
use crate::trace::picture::graph::{
    Amounts, Edge, EdgeKind, Graph, Load, Node, NodeId, NodeKind, Tone,
};

impl Teller<'_> {
    /// The graph, with everything that no event tells.
    pub(super) fn finish(mut self) -> Graph {
        self.missing_units();
        self.missing_lots();
        self.now();
        self.undrawn();
        self.holders();
        self.touches();
        self.left_out();
        let mut graph = self.builder.finish();
        tone_processes(&mut graph);
        graph
    }

    /// The node for what left towards a place and has not arrived.
    fn transit(&mut self, goods: u32, from: NodeId, left: &Left, load: &Load, is_affected: bool) {
        let key = Key {
            kind: NodeKind::Transit,
            goods,
            place: left.to,
            inside: None,
        };
        let to = self.node(key, Some(from));
        let tone = if is_affected {
            Tone::Affected
        } else {
            Tone::Plain
        };
        if let Some(node) = self.builder.nodes.get_mut(to) {
            node.load.add(load);
            node.now.add(load);
            node.tone = node.tone.min(tone);
            node.events.extend(&left.events);
        }
        self.builder.link(Edge {
            kinds: [EdgeKind::Missing].into(),
            certainty: Certainty::Assumed,
            is_dark: true,
            load: load.clone(),
            events: left.events.clone(),
            ..plain(from, to, tone)
        });
    }

    fn missing_units(&mut self) {
        let units = std::mem::take(&mut self.units);
        for (block, states) in &units {
            for (state, members) in states {
                if let (Some(left), Some(from)) = (&state.left, state.at) {
                    let load = self.load(*block, members);
                    let is_affected = load.affected > 0;
                    self.transit(state.goods, from, left, &load, is_affected);
                }
            }
        }
        self.units = units;
    }

    fn missing_lots(&mut self) {
        let mut missing: Vec<(Block, NodeId, Left, Amounts)> = Vec::new();
        for (lot, shipments) in &self.lots.shipped {
            for shipment in shipments
                .iter()
                .filter(|shipment| !shipment.rest.is_empty())
            {
                let left = Left {
                    to: shipment.to,
                    first: shipment.first,
                    events: [shipment.event].into(),
                };
                missing.push((*lot, shipment.from, left, shipment.rest.clone()));
            }
        }
        for (lot, from, left, amounts) in self.lots.left_inside() {
            missing.push((lot, from, left.clone(), amounts));
        }
        for (lot, from, left, amounts) in missing {
            let goods = self.story.goods.get(&lot).and_then(|goods| goods.first());
            let goods = goods.map_or(0, |(_, goods)| *goods);
            let is_affected = self.story.affected.lots.contains(&lot);
            let load = super::amount_load(amounts);
            self.transit(goods, from, &left, &load, is_affected);
        }
    }

    /// What is where now: units by their states, lots by their balances.
    fn now(&mut self) {
        let units = std::mem::take(&mut self.units);
        for (block, states) in &units {
            for (state, members) in states {
                let load = self.load(*block, members);
                let here = state.at.filter(|_| state.left.is_none());
                if let Some(node) = here.and_then(|at| self.builder.nodes.get_mut(at))
                    && node.kind != NodeKind::Process
                {
                    node.now.add(&load);
                }
            }
        }
        self.units = units;
        for stock in &self.story.stock {
            let load = super::amount_load(Amounts::one(stock.uom.clone(), stock.amount));
            let at = self.lots.stock_at(stock.lot, stock.place);
            if let Some(node) = at.and_then(|at| self.builder.nodes.get_mut(at))
                && stock.place.is_none_or(|place| node.places.contains(&place))
            {
                node.now.add(&load);
                node.is_share |= stock.is_share;
            }
        }
    }

    /// What came to places of the graph by events that are not in it.
    fn undrawn(&mut self) {
        for ((lot, place), amounts) in &self.story.undrawn {
            let at = self.lots.stock_at(*lot, *place);
            if let Some(node) = at.and_then(|at| self.builder.nodes.get_mut(at))
                && place.is_none_or(|place| node.places.contains(&place))
            {
                node.undrawn.add(amounts);
            }
        }
    }

    /// Lines to who has things now, where that is asked for.
    fn holders(&mut self) {
        let mut found: BTreeMap<(String, NodeId), (Load, bool)> = BTreeMap::new();
        for held in &self.story.held {
            for (state, members) in self.units.get(&held.block).into_iter().flatten() {
                let mut both = members.clone();
                both.intersect_with(&held.members);
                let Some(at) = state.at.filter(|_| !both.is_empty()) else {
                    continue;
                };
                let load = self.load(held.block, &both);
                let of = found.entry((held.holder.clone(), at)).or_default();
                of.1 |= load.affected > 0;
                of.0.add(&load);
            }
        }
        for stock in &self.story.stock {
            let at = self.lots.stock_at(stock.lot, stock.place);
            if let (Some(holder), Some(at)) = (&stock.holder, at) {
                let of = found.entry((holder.clone(), at)).or_default();
                of.1 |= self.story.affected.lots.contains(&stock.lot);
                let amounts = Amounts::one(stock.uom.clone(), stock.amount);
                of.0.add(&super::amount_load(amounts));
            }
        }
        let mut nodes: BTreeMap<String, NodeId> = BTreeMap::new();
        for ((holder, at), (load, is_affected)) in found {
            let to = *nodes.entry(holder.clone()).or_insert_with(|| {
                let mut node = Node::new(NodeKind::Holder);
                node.names.insert(holder);
                self.keys.push(None);
                self.builder.add(node)
            });
            let tone = if is_affected {
                Tone::Affected
            } else {
                Tone::Plain
            };
            if let Some(node) = self.builder.nodes.get_mut(to) {
                node.load.add(&load);
                node.now.add(&load);
                node.tone = node.tone.min(tone);
            }
            self.builder.link(Edge {
                kinds: [EdgeKind::Held].into(),
                load,
                ..plain(at, to, tone)
            });
        }
    }

    fn touches(&mut self) {
        for touch in &self.story.touches {
            let ends = self.first_of(touch.from).zip(self.first_of(touch.to));
            if let Some((from, to)) = ends {
                let kind = if touch.is_same {
                    EdgeKind::Same
                } else {
                    EdgeKind::Contact
                };
                let tones = [from, to].map(|id| self.builder.nodes.get(id).map(|node| node.tone));
                let tone = tones.into_iter().flatten().max().unwrap_or(Tone::Plain);
                self.builder.link(Edge {
                    kinds: [kind].into(),
                    certainty: if touch.is_same {
                        Certainty::Asserted
                    } else {
                        Certainty::Policy
                    },
                    events: touch.event.into_iter().collect::<BTreeSet<EventKey>>(),
                    ..plain(from, to, tone)
                });
            }
        }
    }

    fn left_out(&mut self) {
        for left in &self.story.left_out {
            let here = |id: &NodeId| {
                let node = self.builder.nodes.get(*id);
                node.is_some_and(|node| {
                    left.place.is_some_and(|place| node.places.contains(&place))
                })
            };
            let at = self.touched.get(&left.event).copied();
            let at = at.or_else(|| (0..self.builder.nodes.len()).find(here));
            let key = Key {
                kind: NodeKind::LeftOut,
                goods: left.goods,
                place: left.place,
                inside: None,
            };
            let to = self.node(key, at);
            let load = Load {
                units: left.units,
                ..Load::default()
            };
            if let Some(node) = self.builder.nodes.get_mut(to) {
                node.load.add(&load);
                node.tone = Tone::Clean;
                node.reasons.insert(left.reason);
                node.events.insert(left.event);
            }
            if let Some(at) = at {
                self.builder.link(Edge {
                    kinds: [EdgeKind::LeftOut].into(),
                    load,
                    events: [left.event].into(),
                    ..plain(at, to, Tone::Clean)
                });
            }
        }
    }
}

/// An edge that says nothing yet.
fn plain(from: NodeId, to: NodeId, tone: Tone) -> Edge {
    Edge {
        from,
        to,
        kinds: BTreeSet::new(),
        certainty: Certainty::Asserted,
        is_dark: false,
        tone,
        times: None,
        load: Load::default(),
        events: BTreeSet::new(),
        parts: 1,
    }
}

/// A process is affected when something affected goes in; one that only affected things come out of is
/// where it began.
fn tone_processes(graph: &mut Graph) {
    let affected = |edge: &&Edge| edge.tone == Tone::Affected;
    let entered: BTreeSet<NodeId> = graph.edges.iter().map(|edge| edge.to).collect();
    let reached: BTreeSet<NodeId> = graph
        .edges
        .iter()
        .filter(affected)
        .map(|edge| edge.to)
        .collect();
    let giving: BTreeSet<NodeId> = graph
        .edges
        .iter()
        .filter(affected)
        .map(|edge| edge.from)
        .collect();
    for (id, node) in graph.nodes.iter_mut().enumerate() {
        if node.kind == NodeKind::Process {
            let is_start = !entered.contains(&id) && giving.contains(&id);
            node.tone = if is_start || reached.contains(&id) {
                Tone::Affected
            } else {
                Tone::Plain
            };
        }
    }
}
