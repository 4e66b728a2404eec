//! What is wrong with the records of single things: one fold over a block's log, member by member, with the
//! logs of the containers they were in beside it.

use std::collections::BTreeMap;

use crate::codes::{Address, BLOCK_SIZE, Block, MemberSet};
use crate::epcis::Timestamp;
use crate::trace::evaluate::{GapKind, UnitGap};
use crate::trace::{Flow, Op, Record};

use super::containers::Containers;
use super::finding::Raw;
use super::kind::Kind;
use super::sites::Sites;
use super::travel::Travel;

/// Logs in order of evaluation.
pub(super) type Logs = BTreeMap<Block, Vec<Record>>;

/// What the folds of a page share.
#[derive(Debug, Clone, Copy)]
pub(super) struct Beside<'a> {
    pub(super) containers: &'a Containers,
    pub(super) sites: &'a Sites,
    pub(super) travel: Travel,
    /// What was shipped before this and has not arrived is overdue.
    pub(super) due_before: Timestamp,
}

/// The number of a record in its log.
type Index = usize;

#[derive(Debug, Clone, Copy, Default)]
struct State {
    first: Option<Index>,
    began: bool,
    received: bool,
    ended: Option<Index>,
    stood: Option<Index>,
    shipped: Option<Index>,
    inside: Option<(Address, Index)>,
}

/// Members by what is wrong with them: the kind, the record, and the one it contradicts.
type Wrong = BTreeMap<(Kind, Index, Option<Index>), MemberSet>;

/// Everything wrong in one block, of which this moved and was never shipped.
pub(super) fn findings(
    block: Block,
    mask: &MemberSet,
    records: &[Record],
    unshipped: Vec<UnitGap>,
    beside: &Beside<'_>,
) -> Vec<Raw> {
    let mut states = vec![State::default(); BLOCK_SIZE as usize];
    let mut fold = Fold {
        records,
        beside,
        wrong: Wrong::new(),
    };
    for (index, record) in records.iter().enumerate() {
        record.members.for_each_in(mask, |member| {
            fold.step(&mut states[usize::from(member)], index, member);
        });
    }
    for (member, state) in (0_u16..).zip(&states) {
        fold.end(state, member);
    }
    let mut found: Vec<Raw> = fold
        .wrong
        .into_iter()
        .map(|((kind, index, other), members)| {
            let others = other.map(|other| &records[other]);
            raw(kind, block, members, others, &records[index])
        })
        .collect();
    for gap in unshipped {
        if gap
            .from
            .is_some_and(|from| beside.sites.are_one(Some(from), gap.to))
        {
            continue;
        }
        let kind = match gap.kind {
            GapKind::NotRecorded => Kind::MovedUnrecorded,
            GapKind::NotShipped => Kind::ReceivedNotShipped,
            GapKind::NotReceived if gap.time < beside.due_before => Kind::ShippedNotReceived,
            GapKind::NotReceived => continue,
        };
        let mut raw = Raw::of_units(kind, block, gap.members, gap.time);
        raw.events.push(gap.event);
        raw.places.extend(gap.from.into_iter().chain(gap.to));
        found.push(raw);
    }
    found
}

fn raw(
    kind: Kind,
    block: Block,
    members: MemberSet,
    other: Option<&Record>,
    record: &Record,
) -> Raw {
    let mut raw = Raw::of_units(kind, block, members, record.t_lo);
    for record in other.into_iter().chain([record]) {
        raw.events.push((record.shard, record.seq));
        raw.places.extend(record.place);
    }
    raw.places.dedup();
    raw
}

struct Fold<'a> {
    records: &'a [Record],
    beside: &'a Beside<'a>,
    wrong: Wrong,
}

impl Fold<'_> {
    fn tell(&mut self, kind: Kind, index: Index, other: Option<Index>, member: u16) {
        let members = self.wrong.entry((kind, index, other)).or_default();
        members.insert(member);
    }

    fn step(&mut self, state: &mut State, index: Index, member: u16) {
        let record = &self.records[index];
        let begins = matches!(record.op, Op::Commission | Op::Produce);
        if begins {
            self.begin(state, index, member);
        } else if let Some(ended) = state.ended
            && self.records[ended].t_hi < record.t_lo
        {
            self.tell(Kind::SeenAfterEnd, index, Some(ended), member);
        }
        state.first = state.first.or(Some(index));
        state.received |= record.flow == Flow::Receive;
        self.contain(state, index, member);
        self.travel(state, index, member);
        match record.flow {
            Flow::Ship => state.shipped = state.shipped.or(Some(index)),
            _ if record.place.is_some() || record.flow != Flow::None => state.shipped = None,
            _ => {}
        }
        let is_sale = record.flow == Flow::Sell;
        let ends = record.flow == Flow::Destroy
            || record.op == Op::Consume
            || (record.op == Op::Decommission && !is_sale);
        if ends {
            state.ended = Some(index);
        }
    }

    fn begin(&mut self, state: &mut State, index: Index, member: u16) {
        let reopened = state.ended.take().is_some();
        if let Some(first) = state.first
            && !state.began
            && !reopened
            && self.records[first].t_hi < self.records[index].t_lo
        {
            self.tell(Kind::SeenBeforeBeginning, first, Some(index), member);
        }
        state.began = true;
    }

    fn contain(&mut self, state: &mut State, index: Index, member: u16) {
        let record = &self.records[index];
        let open = state
            .inside
            .filter(|(container, since)| !self.is_emptied(*container, *since, index));
        match (record.op, record.peer) {
            (Op::Pack, Some(container)) => {
                if let Some((known, since)) = open
                    && known != container
                {
                    self.tell(Kind::PackedTwice, index, Some(since), member);
                }
                state.inside = Some((container, index));
            }
            (Op::SeenInside, Some(container)) => {
                if open.is_none_or(|(known, _)| known != container) {
                    self.tell(Kind::NeverPacked, index, None, member);
                }
                state.inside = Some((container, index));
            }
            (Op::Unpack, Some(container)) => {
                if open.is_none_or(|(known, _)| known != container) {
                    self.tell(Kind::UnpackedNotInside, index, None, member);
                }
                state.inside = None;
            }
            (Op::Unpack, None) => state.inside = None,
            (Op::Observe | Op::Hold | Op::Decommission, _) => {
                let Some((container, since)) = open else {
                    state.inside = None;
                    return;
                };
                if self.is_apart(container, index) {
                    self.tell(Kind::SeenApart, index, Some(since), member);
                    state.inside = None;
                } else if record.flow != Flow::None && record.flow != Flow::Receive {
                    // Sold, shipped or destroyed by itself where its container is: it has left it.
                    state.inside = None;
                }
            }
            _ => {}
        }
    }

    fn travel(&mut self, state: &mut State, index: Index, member: u16) {
        let record = &self.records[index];
        if record.place.is_none() || record.flow == Flow::Ship {
            return;
        }
        if let Some(stood) = state.stood {
            let before = &self.records[stood];
            let most = record.t_hi.micros().saturating_sub(before.t_lo.micros());
            let points = self.beside.sites.points(before.place, record.place);
            let too_far = points.is_some_and(|(a, b)| a.is_too_far(b, most, self.beside.travel));
            if too_far {
                self.tell(Kind::TooFast, index, Some(stood), member);
            }
        }
        state.stood = Some(index);
    }

    fn end(&mut self, state: &State, member: u16) {
        let Some(first) = state.first else {
            return;
        };
        let record = &self.records[first];
        let came = state.received || matches!(record.op, Op::Hold | Op::Process);
        if !state.began && !came {
            self.tell(Kind::NeverBegan, first, None, member);
        }
        if let Some(shipped) = state.shipped
            && self.records[shipped].t_hi < self.beside.due_before
        {
            self.tell(Kind::ShippedNotReceived, shipped, state.stood, member);
        }
    }

    fn is_emptied(&self, container: Address, since: Index, until: Index) -> bool {
        let (since, until) = (&self.records[since], &self.records[until]);
        let containers = self.beside.containers;
        containers.is_emptied(container, since.t_lo, until.t_lo)
    }

    /// Whether the container was somewhere else when this record was made.
    fn is_apart(&self, container: Address, index: Index) -> bool {
        let record = &self.records[index];
        let Some(here) = record.place.filter(|_| record.flow != Flow::Ship) else {
            return false;
        };
        let there = self.beside.containers.place_at(container, record.t_lo);
        there.is_some_and(|there| !self.beside.sites.are_one(Some(there), Some(here)))
    }
}
