//! Stock of lots on its way: movements say from where to where and how much.

use std::collections::{BTreeMap, BTreeSet};

use super::{Going, Key, Left, Teller, amount_load};
use crate::codes::{Address, Block};
use crate::epcis::Timestamp;
use crate::events::{Entry, Role, What};
use crate::trace::evaluate::{Bounds, Certainty};
use crate::trace::picture::graph::{Amounts, EdgeKind, Load, NodeId, NodeKind};
use crate::trace::{EventKey, Flow, LotMove, LotRole};

/// Where stock of a lot lies: at a place, or in a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Spot {
    At(Option<Block>),
    In(Address),
}

/// Stock that left and has not arrived, as far as it has not.
#[derive(Debug, Clone)]
pub(super) struct Shipment {
    pub(super) from: NodeId,
    pub(super) to: Option<Block>,
    pub(super) rest: Amounts,
    pub(super) first: Timestamp,
    pub(super) event: EventKey,
}

#[derive(Debug, Default)]
pub(super) struct Lots {
    stock: BTreeMap<Block, BTreeMap<Spot, NodeId>>,
    /// Where stock of a lot was last and first seen.
    latest: BTreeMap<Block, NodeId>,
    firsts: BTreeMap<Block, NodeId>,
    pub(super) shipped: BTreeMap<Block, Vec<Shipment>>,
    sold: BTreeMap<Block, NodeId>,
    /// Lots that have stock in a container, and what left with it.
    inside: BTreeMap<Address, BTreeSet<Block>>,
    left: BTreeMap<(Block, Address), Left>,
    amounts: BTreeMap<(Block, Address), Amounts>,
}

impl Lots {
    pub(super) fn first(&self, lot: Block) -> Option<NodeId> {
        self.firsts.get(&lot).copied()
    }

    /// The node of a lot's stock at a place; elsewhere, if there is none.
    pub(super) fn stock_at(&self, lot: Block, place: Option<Block>) -> Option<NodeId> {
        let here = self.stock.get(&lot)?.get(&Spot::At(place));
        here.or_else(|| self.latest.get(&lot)).copied()
    }

    /// What was left on its way in containers.
    pub(super) fn left_inside(&self) -> impl Iterator<Item = (Block, NodeId, &Left, Amounts)> {
        self.left.iter().filter_map(|((lot, container), left)| {
            let node = self.stock.get(lot)?.get(&Spot::In(*container))?;
            let amounts = self.amounts.get(&(*lot, *container));
            Some((*lot, *node, left, amounts.cloned().unwrap_or_default()))
        })
    }

    fn set(&mut self, lot: Block, spot: Spot, node: NodeId) {
        self.stock.entry(lot).or_default().insert(spot, node);
        self.latest.insert(lot, node);
        self.firsts.entry(lot).or_insert(node);
    }
}

impl Teller<'_> {
    fn lot_goods(&self, lot: Block) -> u32 {
        let goods = self.story.goods.get(&lot).and_then(|goods| goods.first());
        goods.map_or(0, |(_, goods)| *goods)
    }

    fn lot_key(&self, lot: Block, place: Option<Block>, inside: Option<Address>) -> Key {
        Key {
            kind: NodeKind::Stay,
            goods: self.lot_goods(lot),
            place,
            inside: self.outermost(inside),
        }
    }

    fn put_lot(&mut self, id: NodeId, entry: &Entry, lot: Block, load: &Load) {
        let is_affected = self.story.affected.lots.contains(&lot);
        let is_subject = self.story.subject.lots.contains(&lot);
        self.put(id, entry, load, is_affected, is_subject);
    }

    /// Stock goes from a node to the node of a key.
    fn carry(&mut self, lot: Block, from: NodeId, key: Key, going: Going<'_>) -> NodeId {
        let to = self.node(key, Some(from));
        let is_affected = self.story.affected.lots.contains(&lot);
        if from != to {
            self.put_lot(to, going.entry, lot, &going.load);
            self.link(from, to, going, is_affected);
        }
        to
    }

    /// The stock at a place. Where nothing says how it came there, it may have come from wherever else
    /// stock of the lot was: a gap.
    fn stock(&mut self, entry: &Entry, lot: Block, place: Option<Block>) -> NodeId {
        let known = self.lots.stock.get(&lot);
        if let Some(id) = known.and_then(|stock| stock.get(&Spot::At(place))) {
            return *id;
        }
        let key = self.lot_key(lot, place, None);
        let node = match self.lots.latest.get(&lot).copied() {
            Some(from) if place.is_none() => from,
            Some(from) => {
                let going = Going {
                    kind: EdgeKind::Moved,
                    certainty: Certainty::Assumed,
                    is_dark: true,
                    load: Load::default(),
                    left: None,
                    entry,
                };
                self.carry(lot, from, key, going)
            }
            None => self.node(key, None),
        };
        self.put_lot(node, entry, lot, &Load::default());
        self.lots.set(lot, Spot::At(place), node);
        node
    }

    /// A movement of a lot.
    pub(super) fn lot_move(&mut self, entry: &Entry, moved: &LotMove) {
        let lot = moved.lot;
        if !self.story.tracked.lots.contains(&lot) {
            return;
        }
        let amounts = Amounts::of(&moved.quantity);
        let going = |kind: EdgeKind| Going {
            kind,
            certainty: Certainty::Asserted,
            is_dark: false,
            load: amount_load(amounts.clone()),
            left: None,
            entry,
        };
        match moved.role {
            LotRole::Made => self.make(entry, moved, amounts.clone()),
            LotRole::Used => {
                let from = self.stock(entry, lot, moved.from_place);
                let is_affected = self.story.affected.lots.contains(&lot);
                if let Some(process) = self.process(entry, Some(from)) {
                    self.put(process, entry, &Load::default(), is_affected, false);
                    self.link(from, process, going(EdgeKind::Used), is_affected);
                }
                self.note(from, entry);
            }
            LotRole::Shipped => {
                let from = self.stock(entry, lot, moved.from_place);
                self.note(from, entry);
                self.lots.shipped.entry(lot).or_default().push(Shipment {
                    from,
                    to: moved.to_place,
                    rest: amounts,
                    first: moved.t_lo,
                    event: (entry.shard, entry.seq),
                });
            }
            LotRole::Received => self.receive(entry, moved, amounts),
            LotRole::Packed => {
                let from = self.stock(entry, lot, moved.from_place);
                self.note(from, entry);
                if let Some(container) = parent(entry) {
                    let key = self.lot_key(lot, moved.from_place, Some(container));
                    let node = self.carry(lot, from, key, going(EdgeKind::Packed));
                    self.lots.set(lot, Spot::In(container), node);
                    self.lots.inside.entry(container).or_default().insert(lot);
                    let inside = self.lots.amounts.entry((lot, container)).or_default();
                    inside.add(&amounts);
                }
            }
            LotRole::Unpacked => {
                let inside = parent(entry).and_then(|container| {
                    let stock = self.lots.stock.get(&lot)?;
                    stock.get(&Spot::In(container)).copied()
                });
                match inside {
                    Some(from) => {
                        let key = self.lot_key(lot, moved.to_place, None);
                        let node = self.carry(lot, from, key, going(EdgeKind::Unpacked));
                        let container = parent(entry).map(|container| (lot, container));
                        let inside = container.and_then(|of| self.lots.amounts.get_mut(&of));
                        if let Some(inside) = inside {
                            inside.take(&amounts);
                        }
                        self.lots.set(lot, Spot::At(moved.to_place), node);
                    }
                    None => {
                        self.stock(entry, lot, moved.to_place);
                    }
                }
            }
            LotRole::Sold | LotRole::Destroyed => {
                let from = self.stock(entry, lot, moved.from_place);
                let is_sale = moved.role == LotRole::Sold;
                let key = Key {
                    kind: if is_sale {
                        NodeKind::Sold
                    } else {
                        NodeKind::Destroyed
                    },
                    ..self.lot_key(lot, moved.from_place, None)
                };
                let kind = if is_sale {
                    EdgeKind::Sold
                } else {
                    EdgeKind::Ended
                };
                let node = self.carry(lot, from, key, going(kind));
                if is_sale {
                    self.lots.sold.insert(lot, node);
                }
            }
            LotRole::Returned => match self.lots.sold.get(&lot).copied() {
                Some(from) => {
                    let key = self.lot_key(lot, moved.to_place, None);
                    let node = self.carry(lot, from, key, going(EdgeKind::Returned));
                    self.lots.set(lot, Spot::At(moved.to_place), node);
                }
                None => self.receive(entry, moved, amounts),
            },
            LotRole::Seen => {
                if parent(entry).is_none() {
                    let node = self.stock(entry, lot, moved.to_place);
                    self.note(node, entry);
                }
            }
        }
    }

    fn make(&mut self, entry: &Entry, moved: &LotMove, amounts: Amounts) {
        let lot = moved.lot;
        let process = self.process(entry, None);
        let key = self.lot_key(lot, moved.to_place, None);
        let node = self.node(key, process);
        let load = amount_load(amounts);
        self.put_lot(node, entry, lot, &load);
        if let Some(process) = process {
            let is_affected = self.story.affected.lots.contains(&lot);
            self.note(process, entry);
            let going = Going {
                kind: EdgeKind::Made,
                certainty: Certainty::Asserted,
                is_dark: false,
                load,
                left: None,
                entry,
            };
            self.link(process, node, going, is_affected);
        }
        self.lots.set(lot, Spot::At(moved.to_place), node);
    }

    /// What arrives comes out of what was shipped here, then out of what was shipped to nobody says where.
    fn receive(&mut self, entry: &Entry, moved: &LotMove, amounts: Amounts) {
        let lot = moved.lot;
        let mut open = self.lots.shipped.remove(&lot).unwrap_or_default();
        let from_place = moved.from_place;
        let mut rest = amounts.clone();
        let mut came = false;
        let mut node = None;
        for exact in [true, false] {
            for shipment in &mut open {
                let is_here = if exact {
                    shipment.to.is_some() && shipment.to == moved.to_place
                } else {
                    shipment.to.is_none()
                };
                let from_fits = from_place.is_none() || self.place_of(shipment.from) == from_place;
                let is_done = shipment.rest.is_empty() || (came && rest.is_empty());
                if !is_here || !from_fits || is_done {
                    continue;
                }
                let part = least(&rest, &shipment.rest);
                rest.take(&part);
                shipment.rest.take(&part);
                shipment.rest.is_open = false;
                let left = Left {
                    to: shipment.to,
                    first: shipment.first,
                    events: [shipment.event].into(),
                };
                let going = Going {
                    kind: EdgeKind::Moved,
                    certainty: if exact {
                        Certainty::Asserted
                    } else {
                        Certainty::Inferred
                    },
                    is_dark: false,
                    load: amount_load(part),
                    left: Some(&left),
                    entry,
                };
                let key = self.lot_key(lot, moved.to_place, None);
                node = Some(self.carry(lot, shipment.from, key, going));
                came = true;
            }
        }
        self.lots.shipped.insert(lot, open);
        match node {
            Some(node) => self.lots.set(lot, Spot::At(moved.to_place), node),
            None if from_place.is_some() && from_place != moved.to_place => {
                let from = self.stock(entry, lot, from_place);
                let key = self.lot_key(lot, moved.to_place, None);
                let going = Going {
                    kind: EdgeKind::Moved,
                    certainty: Certainty::Asserted,
                    is_dark: false,
                    load: amount_load(amounts),
                    left: None,
                    entry,
                };
                let node = self.carry(lot, from, key, going);
                self.lots.set(lot, Spot::At(moved.to_place), node);
            }
            None => {
                let node = self.stock(entry, lot, moved.to_place);
                self.put_lot(node, entry, lot, &amount_load(amounts));
            }
        }
    }

    /// All stock comes out of a container.
    pub(super) fn unload(&mut self, entry: &Entry, container: Address) {
        for lot in self.lots.inside.remove(&container).unwrap_or_default() {
            let amounts = self.lots.amounts.remove(&(lot, container));
            let left = self.lots.left.remove(&(lot, container));
            let stock = self.lots.stock.get_mut(&lot);
            let Some(from) = stock.and_then(|stock| stock.remove(&Spot::In(container))) else {
                continue;
            };
            let place = entry.biz_location.or(entry.read_point);
            let place = place.or_else(|| self.place_of(from));
            let key = self.lot_key(lot, place, None);
            let going = Going {
                kind: EdgeKind::Unpacked,
                certainty: Certainty::Inferred,
                is_dark: false,
                load: amount_load(amounts.unwrap_or_default()),
                left: left.as_ref(),
                entry,
            };
            let node = self.carry(lot, from, key, going);
            self.lots.set(lot, Spot::At(place), node);
        }
    }

    /// Stock goes with the containers it is in.
    pub(super) fn move_lots_inside(
        &mut self,
        entry: &Entry,
        flow: Flow,
        end: Option<NodeKind>,
        containers: &[Address],
    ) {
        for container in containers {
            let lots = self.lots.inside.get(container).cloned().unwrap_or_default();
            for lot in lots {
                let stock = self.lots.stock.get(&lot);
                let Some(from) = stock
                    .and_then(|stock| stock.get(&Spot::In(*container)))
                    .copied()
                else {
                    continue;
                };
                self.move_inside(entry, (flow, end), (lot, *container), from);
            }
        }
    }

    fn move_inside(
        &mut self,
        entry: &Entry,
        (flow, end): (Flow, Option<NodeKind>),
        (lot, container): (Block, Address),
        from: NodeId,
    ) {
        if flow == Flow::Ship && end.is_none() {
            let left = Left {
                to: entry.to_place,
                first: entry.t_lo,
                events: [].into(),
            };
            let left = self.lots.left.entry((lot, container)).or_insert(left);
            left.to = entry.to_place.or(left.to);
            left.events.insert((entry.shard, entry.seq));
            self.note(from, entry);
            return;
        }
        let place = entry.biz_location.or(entry.read_point);
        let place = place.or_else(|| self.place_of(from));
        let mut key = self.lot_key(lot, place, Some(container));
        if let Some(kind) = end {
            key = Key {
                kind,
                ..self.lot_key(lot, place, None)
            };
        }
        let left = self.lots.left.remove(&(lot, container));
        if self.key_of(from) == Some(key) {
            self.note(from, entry);
            return;
        }
        let amounts = self.lots.amounts.get(&(lot, container)).cloned();
        let going = Going {
            kind: match end {
                Some(NodeKind::Sold) => EdgeKind::Sold,
                Some(_) => EdgeKind::Ended,
                None => EdgeKind::Moved,
            },
            certainty: Certainty::Inferred,
            is_dark: false,
            load: amount_load(amounts.unwrap_or_default()),
            left: left.as_ref(),
            entry,
        };
        let node = self.carry(lot, from, key, going);
        self.lots.set(lot, Spot::In(container), node);
    }
}

fn parent(entry: &Entry) -> Option<Address> {
    let part = entry.parts.iter().find(|part| part.role == Role::Parent)?;
    match &part.what {
        What::Members(members) => Some(Address {
            block: part.block,
            member: members.first()?,
        }),
        What::Quantity(_) => None,
    }
}

/// As much as both have, of each unit of measure; what is not known of one is taken from the other.
fn least(a: &Amounts, b: &Amounts) -> Amounts {
    let mut both = Amounts {
        known: BTreeMap::new(),
        is_open: a.is_open || b.is_open,
    };
    for (uom, amount) in &a.known {
        if let Some(other) = b.known.get(uom) {
            let least = Bounds {
                lo: amount.lo.min(other.lo),
                hi: amount.hi.min(other.hi),
            };
            both.known.insert(uom.clone(), least);
        }
    }
    both
}
