//! What is missing in the histories of units: receipts without a shipment.

use std::collections::BTreeMap;

use crate::codes::{Block, MemberSet};
use crate::epcis::Timestamp;
use crate::trace::{EventKey, Flow, Op, Record};

use super::alike::each_of;
use super::reader::Units;

/// Units that arrived and never left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitGap {
    /// Their block.
    pub block: Block,
    /// Which.
    pub members: MemberSet,
    /// Where they were seen last, if anywhere.
    pub from: Option<Block>,
    /// Where they arrived.
    pub to: Option<Block>,
    /// When.
    pub time: Timestamp,
    /// The receipt.
    pub event: EventKey,
}

/// The receipts of these members without a shipment, from their own records (in order). What was in a
/// container since it was last received came with it; what arrives where it is has arrived before.
pub fn unshipped(block: Block, mask: &MemberSet, records: &[Record]) -> Vec<UnitGap> {
    let mut found = Vec::new();
    let mut on_the_way = MemberSet::new();
    let mut carried = MemberSet::new();
    let mut places: BTreeMap<Block, MemberSet> = BTreeMap::new();
    for record in records {
        let mut members = record.members.to_set();
        members.intersect_with(mask);
        if members.is_empty() {
            continue;
        }
        if names_a_carrier(record) {
            carried.union_with(&members);
        }
        match (record.flow, record.op) {
            (Flow::Ship, _) => on_the_way.union_with(&members),
            (Flow::Receive, _) => {
                let mut unshipped = members.clone();
                unshipped.subtract(&on_the_way);
                unshipped.subtract(&carried);
                if let Some(here) = record.place.and_then(|place| places.get(&place)) {
                    unshipped.subtract(here);
                }
                split(&mut found, block, unshipped, &places, record);
                on_the_way.subtract(&members);
                carried.subtract(&members);
            }
            (Flow::Return | Flow::VoidShip, _) | (_, Op::Commission | Op::Produce) => {
                on_the_way.subtract(&members);
            }
            _ => {}
        }
        if let Some(place) = record.place.filter(|_| record.flow != Flow::Ship) {
            for there in places.values_mut() {
                there.subtract(&members);
            }
            places.entry(place).or_default().union_with(&members);
        }
    }
    found
}

/// Whether a record names something that its members can come along with: a container or what they are fixed
/// to. A process carries nothing.
const fn names_a_carrier(record: &Record) -> bool {
    record.peer.is_some() && !matches!(record.op, Op::Consume | Op::Produce)
}

fn split(
    found: &mut Vec<UnitGap>,
    block: Block,
    mut unshipped: MemberSet,
    places: &BTreeMap<Block, MemberSet>,
    record: &Record,
) {
    let mut add = |members: MemberSet, from| {
        if !members.is_empty() {
            found.push(UnitGap {
                block,
                members,
                from,
                to: record.place,
                time: record.t_lo,
                event: (record.shard, record.seq),
            });
        }
    };
    for (place, there) in places {
        let mut from_there = unshipped.clone();
        from_there.intersect_with(there);
        unshipped.subtract(there);
        add(from_there, Some(*place));
    }
    add(unshipped, None);
}

/// The receipts of units without a shipment, block by block.
pub(super) fn unit_gaps<'r>(units: &Units, log: impl Fn(&Block) -> &'r [Record]) -> Vec<UnitGap> {
    let shares = units.iter().map(|(block, mask)| (*block, mask, log(block)));
    let found = each_of(shares.collect(), |(block, mask, records)| {
        unshipped(block, mask, records)
    });
    found.into_iter().flatten().collect()
}
