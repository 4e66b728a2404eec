//! Single units on their way.

use std::collections::BTreeMap;

use super::{Going, Key, Left, Teller};
use crate::codes::{Address, Block, MemberSet};
use crate::events::{Action, Entry, EventType, Role, What};
use crate::trace::evaluate::Certainty;
use crate::trace::picture::graph::{EdgeKind, Load, NodeId, NodeKind};
use crate::trace::project::{flow_of, place_after};
use crate::trace::{Flow, LotUnits};

/// What units have in common that go together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct State {
    pub(super) goods: u32,
    pub(super) at: Option<NodeId>,
    pub(super) inside: Option<Address>,
    pub(super) left: Option<Left>,
}

/// Units that an event concerns: named in it, or inside what is named.
#[derive(Debug, Default)]
pub(super) struct Concerned {
    named: BTreeMap<Block, MemberSet>,
    inside: BTreeMap<Block, MemberSet>,
    /// The containers that are named, with those in them.
    pub(super) containers: Vec<Address>,
}

impl Concerned {
    fn sets(self) -> Vec<(Block, MemberSet, Certainty)> {
        let mut sets = Vec::new();
        for (block, mut members) in self.inside {
            if let Some(named) = self.named.get(&block) {
                members.subtract(named);
            }
            sets.push((block, members, Certainty::Inferred));
        }
        let named = self.named.into_iter();
        sets.extend(named.map(|(block, members)| (block, members, Certainty::Asserted)));
        sets.retain(|(_, members, _)| !members.is_empty());
        sets
    }
}

impl Teller<'_> {
    /// What of an event's parts in these roles is followed.
    pub(super) fn concerned(&self, entry: &Entry, roles: &[Role]) -> Concerned {
        let mut found = Concerned::default();
        for part in entry.parts.iter().filter(|part| roles.contains(&part.role)) {
            let What::Members(members) = &part.what else {
                continue;
            };
            if let Some(tracked) = self.story.tracked.units.get(&part.block) {
                let mut both = members.clone();
                both.intersect_with(tracked);
                if !both.is_empty() {
                    found.named.entry(part.block).or_default().union_with(&both);
                }
            }
            for container in self.containers_among(part.block, members) {
                found.containers.extend(self.boxes.inside(container));
            }
        }
        for container in &found.containers {
            for block in self.boxes.blocks(*container) {
                for (state, members) in self.units.get(&block).into_iter().flatten() {
                    if state.inside == Some(*container) {
                        found.inside.entry(block).or_default().union_with(members);
                    }
                }
            }
        }
        found
    }

    pub(super) fn containers_among(&self, block: Block, members: &MemberSet) -> Vec<Address> {
        let Some(containers) = self.story.containers.get(&block) else {
            return Vec::new();
        };
        let mut both = members.clone();
        both.intersect_with(containers);
        both.iter()
            .map(|member| Address { block, member })
            .collect()
    }

    /// Takes units out of their states; those without one begin.
    fn take(&mut self, block: Block, members: &MemberSet) -> Vec<(State, MemberSet)> {
        let states = self.units.entry(block).or_default();
        let mut taken = Vec::new();
        let mut fresh = members.clone();
        for (state, known) in states.iter_mut() {
            if known.intersects(members) {
                let mut both = known.clone();
                both.intersect_with(members);
                known.subtract(&both);
                fresh.subtract(&both);
                taken.push((state.clone(), both));
            }
        }
        states.retain(|_, known| !known.is_empty());
        for (of_goods, goods) in self.story.goods.get(&block).into_iter().flatten() {
            let mut both = of_goods.clone();
            both.intersect_with(&fresh);
            if !both.is_empty() {
                let state = State {
                    goods: *goods,
                    at: None,
                    inside: None,
                    left: None,
                };
                taken.push((state, both));
            }
        }
        taken
    }

    fn keep(&mut self, block: Block, state: State, members: &MemberSet) {
        let states = self.units.entry(block).or_default();
        states.entry(state).or_default().union_with(members);
    }

    pub(super) fn load(&self, block: Block, members: &MemberSet) -> Load {
        let sample = members.iter().take(5);
        Load {
            units: u64::from(members.len()),
            affected: self.story.affected.count(&block, members),
            sample: sample.map(|member| Address { block, member }).collect(),
            ..Load::default()
        }
    }

    fn is_subject(&self, block: Block, members: &MemberSet) -> bool {
        self.story.subject.count(&block, members) > 0
    }

    /// Objects and transactions.
    pub(super) fn observe(&mut self, entry: &Entry) {
        let roles = [Role::Object, Role::Parent, Role::Child];
        let concerned = self.concerned(entry, &roles);
        let mut flow = flow_of(entry);
        let ends = entry.event_type == EventType::Object && entry.action == Some(Action::Delete);
        let kind = match (flow, ends) {
            (Flow::Sell, _) => Some(NodeKind::Sold),
            (Flow::Destroy, _) => Some(NodeKind::Destroyed),
            (Flow::Stolen, _) => Some(NodeKind::Stolen),
            (_, true) => Some(NodeKind::Ended),
            _ => None,
        };
        if ends {
            flow = Flow::None;
        }
        self.act(entry, flow, kind, concerned);
    }

    /// Packing and unpacking.
    pub(super) fn aggregate(&mut self, entry: &Entry) {
        let children = self.concerned(entry, &[Role::Child]);
        let before = self.concerned(entry, &[Role::Parent, Role::Child]);
        let parent = entry.parts.iter().find(|part| part.role == Role::Parent);
        let parent = parent.and_then(|part| match &part.what {
            What::Members(members) => self.containers_among(part.block, members).first().copied(),
            What::Quantity(_) => None,
        });
        if let Some(container) = parent {
            let out = entry.action == Some(Action::Delete);
            let all = !entry.parts.iter().any(|part| part.role == Role::Child);
            self.repack(entry, container, &children, out, all);
        }
        let mut concerned = self.concerned(entry, &[Role::Parent, Role::Child]);
        // What has come out was there, too.
        for (block, members) in before.inside {
            let inside = concerned.inside.entry(block).or_default();
            inside.union_with(&members);
        }
        let known = concerned.containers.clone();
        let more = before.containers.into_iter();
        concerned
            .containers
            .extend(more.filter(|container| !known.contains(container)));
        self.act(entry, flow_of(entry), None, concerned);
    }

    fn repack(
        &mut self,
        entry: &Entry,
        container: Address,
        children: &Concerned,
        out: bool,
        all: bool,
    ) {
        let mut moved = children.named.clone();
        if all && out {
            let blocks: Vec<Block> = self.boxes.blocks(container).collect();
            for block in blocks {
                for (state, members) in self.units.get(&block).into_iter().flatten() {
                    if state.inside == Some(container) {
                        moved.entry(block).or_default().union_with(members);
                    }
                }
            }
            self.boxes.empty(container);
            self.unload(entry, container);
        }
        for part in entry.parts.iter().filter(|part| part.role == Role::Child) {
            let What::Members(members) = &part.what else {
                continue;
            };
            for child in self.containers_among(part.block, members) {
                if out {
                    self.boxes.take_box(child);
                } else {
                    self.boxes.put_box(child, container);
                }
            }
        }
        for (block, members) in moved {
            for (mut state, members) in self.take(block, &members) {
                if out && state.inside == Some(container) {
                    // Out of the container: it is where the container was, by itself.
                    state = self.arrive(
                        entry,
                        block,
                        &state,
                        &members,
                        None,
                        Certainty::Asserted,
                        None,
                    );
                } else if !out {
                    state.inside = Some(container);
                    self.boxes.put_units(block, container);
                }
                self.keep(block, state, &members);
            }
        }
    }

    /// Events move units, end them, or see them.
    fn act(&mut self, entry: &Entry, flow: Flow, end: Option<NodeKind>, concerned: Concerned) {
        let containers = concerned.containers.clone();
        for (block, members, certainty) in concerned.sets() {
            for (state, members) in self.take(block, &members) {
                let state = match (end, flow) {
                    (Some(kind), _) => self.end(entry, block, state, &members, kind, certainty),
                    (None, Flow::Ship) => self.ship(entry, block, state, &members, certainty),
                    (None, _) => {
                        let place = place_after(entry, flow);
                        let inside = state.inside;
                        self.arrive(entry, block, &state, &members, place, certainty, inside)
                    }
                };
                self.keep(block, state, &members);
            }
        }
        self.move_lots_inside(entry, flow, end, &containers);
    }

    fn ship(
        &mut self,
        entry: &Entry,
        block: Block,
        mut state: State,
        members: &MemberSet,
        certainty: Certainty,
    ) -> State {
        let here = entry.happened_at();
        let is_elsewhere = state
            .at
            .is_none_or(|at| here.is_some() && self.place_of(at) != here && state.left.is_none());
        if is_elsewhere {
            let inside = state.inside;
            state = self.arrive(entry, block, &state, members, here, certainty, inside);
        }
        if let Some(at) = state.at {
            self.note(at, entry);
        }
        let left = state.left.get_or_insert_with(|| Left {
            to: None,
            first: entry.t_lo,
            events: [].into(),
        });
        left.to = entry.to_place.or(left.to);
        left.events.insert((entry.shard, entry.seq));
        state
    }

    /// Units are at a place, in a container or by themselves.
    #[expect(
        clippy::too_many_arguments,
        reason = "all of it is said of one arrival"
    )]
    fn arrive(
        &mut self,
        entry: &Entry,
        block: Block,
        state: &State,
        members: &MemberSet,
        place: Option<Block>,
        certainty: Certainty,
        inside: Option<Address>,
    ) -> State {
        let before = state.at.and_then(|at| self.key_of(at));
        let place = place.or_else(|| before.and_then(|key| key.place));
        let key = Key {
            kind: NodeKind::Stay,
            goods: state.goods,
            place,
            inside: self.outermost(inside),
        };
        let kind = match before {
            Some(before) if before.kind == NodeKind::Sold => EdgeKind::Returned,
            Some(before) if before.place != place => EdgeKind::Moved,
            Some(before) if before.inside != key.inside && key.inside.is_some() => EdgeKind::Packed,
            Some(before) if before.inside != key.inside => EdgeKind::Unpacked,
            _ => EdgeKind::Moved,
        };
        if before == Some(key)
            && let Some(at) = state.at
        {
            self.note(at, entry);
            return State {
                left: None,
                inside,
                ..state.clone()
            };
        }
        let at = self.go(entry, block, state, members, key, (kind, certainty));
        State {
            at: Some(at),
            left: None,
            inside,
            ..state.clone()
        }
    }

    fn end(
        &mut self,
        entry: &Entry,
        block: Block,
        mut state: State,
        members: &MemberSet,
        kind: NodeKind,
        certainty: Certainty,
    ) -> State {
        let here = entry.biz_location.or(entry.read_point);
        if state.at.is_none() {
            let inside = state.inside;
            state = self.arrive(entry, block, &state, members, here, certainty, inside);
        }
        let before = state.at.and_then(|at| self.place_of(at));
        let key = Key {
            kind,
            goods: state.goods,
            place: here.or(before),
            inside: None,
        };
        let edge = if kind == NodeKind::Sold {
            EdgeKind::Sold
        } else {
            EdgeKind::Ended
        };
        let at = self.go(entry, block, &state, members, key, (edge, certainty));
        State {
            at: Some(at),
            left: None,
            inside: None,
            ..state
        }
    }

    /// Units go to a node.
    fn go(
        &mut self,
        entry: &Entry,
        block: Block,
        state: &State,
        members: &MemberSet,
        key: Key,
        (kind, certainty): (EdgeKind, Certainty),
    ) -> NodeId {
        let load = self.load(block, members);
        let (is_affected, is_subject) = (load.affected > 0, self.is_subject(block, members));
        let to = self.node(key, state.at);
        self.put(to, entry, &load, is_affected, is_subject);
        match state.at {
            None => {
                let firsts = self.firsts.entry(block).or_default();
                firsts.push((members.clone(), to));
            }
            Some(from) => {
                let going = Going {
                    kind,
                    certainty,
                    is_dark: false,
                    load,
                    left: state.left.as_ref(),
                    entry,
                };
                self.link(from, to, going, is_affected);
            }
        }
        to
    }

    /// A transformation: what goes in, what comes out.
    pub(super) fn transform(&mut self, entry: &Entry) {
        let here = entry.happened_at();
        for (block, members, certainty) in self.concerned(entry, &[Role::Input]).sets() {
            for (mut state, members) in self.take(block, &members) {
                if state.at.is_none() {
                    state = self.arrive(entry, block, &state, &members, here, certainty, None);
                }
                let Some(process) = self.process(entry, state.at) else {
                    self.keep(block, state, &members);
                    continue;
                };
                let load = self.load(block, &members);
                let is_affected = load.affected > 0;
                self.put(process, entry, &Load::default(), is_affected, false);
                if let Some(from) = state.at {
                    let left = state.left.clone();
                    let going = Going {
                        kind: EdgeKind::Used,
                        certainty,
                        is_dark: false,
                        load,
                        left: left.as_ref(),
                        entry,
                    };
                    self.link(from, process, going, is_affected);
                }
                state.at = Some(process);
                state.left = None;
                state.inside = None;
                self.keep(block, state, &members);
            }
        }
        for (block, members, certainty) in self.concerned(entry, &[Role::Output]).sets() {
            let process = self.process(entry, None);
            for (mut state, members) in self.take(block, &members) {
                let known = state.at;
                let key = Key {
                    kind: NodeKind::Stay,
                    goods: state.goods,
                    place: entry.biz_location.or(entry.read_point),
                    inside: self.outermost(state.inside),
                };
                let going = |load| Going {
                    kind: EdgeKind::Made,
                    certainty,
                    is_dark: false,
                    load,
                    left: None,
                    entry,
                };
                let load = self.load(block, &members);
                let is_affected = load.affected > 0;
                let joined = known.zip(process).is_some_and(|(at, process)| {
                    self.link(process, at, going(load.clone()), is_affected)
                });
                if !joined {
                    let at = self.node(key, known.or(process));
                    self.put(
                        at,
                        entry,
                        &load,
                        is_affected,
                        self.is_subject(block, &members),
                    );
                    if let Some(process) = process {
                        self.link(process, at, going(load), is_affected);
                    }
                    if known.is_none() {
                        let firsts = self.firsts.entry(block).or_default();
                        firsts.push((members.clone(), at));
                    }
                    state.at = Some(at);
                }
                self.keep(block, state, &members);
            }
        }
    }

    /// Items were said to be of a lot: its stock there went into them.
    pub(super) fn fill(&mut self, entry: &Entry, told: &LotUnits) {
        if !self.story.tracked.lots.contains(&told.lot) {
            return;
        }
        let Some(from) = self
            .lots
            .stock_at(told.lot, entry.biz_location.or(entry.read_point))
        else {
            return;
        };
        let Some(tracked) = self.story.tracked.units.get(&told.block) else {
            return;
        };
        let mut members = told.members.clone();
        members.intersect_with(tracked);
        let firsts = self.firsts.get(&told.block).cloned().unwrap_or_default();
        for (set, to) in firsts {
            let mut both = set;
            both.intersect_with(&members);
            if both.is_empty() {
                continue;
            }
            let load = self.load(told.block, &both);
            let is_affected = load.affected > 0;
            let going = Going {
                kind: EdgeKind::Filled,
                certainty: Certainty::Asserted,
                is_dark: false,
                load,
                left: None,
                entry,
            };
            self.link(from, to, going, is_affected);
        }
        self.note(from, entry);
    }
}
