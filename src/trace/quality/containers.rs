//! What the containers of a page did: where each stood, what it was in, when it was emptied.

use std::collections::BTreeMap;

use crate::codes::{Address, Block, MemberSet};
use crate::epcis::Timestamp;
use crate::trace::{Flow, Op, Record};

/// What one container did, each list in order of time.
#[derive(Debug, Default)]
struct Life {
    emptied: Vec<Timestamp>,
    /// Nowhere known while it is on its way to nobody says where.
    stood: Vec<(Timestamp, Option<Block>)>,
    inside: Vec<(Timestamp, Option<Address>)>,
}

/// Containers by address.
#[derive(Debug, Default)]
pub(super) struct Containers(BTreeMap<Address, Life>);

impl Containers {
    /// Adds what the records (in order) say of these containers of a block.
    pub(super) fn add(&mut self, block: Block, mask: &MemberSet, records: &[Record]) {
        for record in records {
            let time = record.t_lo;
            record.members.for_each_in(mask, |member| {
                let life = self.0.entry(Address { block, member }).or_default();
                match record.op {
                    Op::UnpackAll | Op::Decommission => life.emptied.push(time),
                    Op::Pack | Op::SeenInside => life.inside.push((time, record.peer)),
                    Op::Unpack => life.inside.push((time, None)),
                    _ => {}
                }
                if record.place.is_some() || record.flow == Flow::Ship {
                    life.stood.push((time, record.place));
                }
            });
        }
    }

    /// The places that containers stood at.
    pub(super) fn places(&self) -> impl Iterator<Item = Block> {
        let stood = self.0.values().flat_map(|life| &life.stood);
        stood.filter_map(|(_, place)| *place)
    }

    /// Whether a container was emptied, or its code ended, within these times.
    pub(super) fn is_emptied(&self, container: Address, from: Timestamp, until: Timestamp) -> bool {
        let Some(life) = self.0.get(&container) else {
            return false;
        };
        let next = life.emptied.partition_point(|time| *time < from);
        life.emptied.get(next).is_some_and(|time| *time <= until)
    }

    /// Where a container was known to be at a time, by itself or inside others; on its way, where it was
    /// going to.
    pub(super) fn place_at(&self, container: Address, time: Timestamp) -> Option<Block> {
        let mut best: Option<(Timestamp, Option<Block>)> = None;
        let mut next = Some(container);
        let mut passed = Vec::new();
        while let Some(unit) = next.filter(|unit| !passed.contains(unit)) {
            passed.push(unit);
            let life = self.0.get(&unit)?;
            let stood = last(&life.stood, time);
            if let Some((since, place)) = stood
                && best.is_none_or(|(known, _)| known <= since)
            {
                best = Some((since, place));
            }
            next = last(&life.inside, time).and_then(|(_, outer)| outer);
        }
        best?.1
    }
}

/// The last of a list, in order, that is not after a time.
fn last<T: Copy>(list: &[(Timestamp, T)], time: Timestamp) -> Option<(Timestamp, T)> {
    let count = list.partition_point(|(since, _)| *since <= time);
    list.get(count.checked_sub(1)?).copied()
}
