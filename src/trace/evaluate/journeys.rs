//! What is missing in the histories of units: receipts without a shipment, and movements that nothing tells of.

use std::collections::{BTreeMap, BTreeSet};

use crate::codes::{Block, MemberSet};
use crate::epcis::Timestamp;
use crate::trace::{EventKey, Flow, Op, Record, Source};

use super::alike::each_of;
use super::amount::Amount;
use super::epochs::begins;
use super::lots::GapKind;
use super::names::balances;
use super::reader::{Asked, Reader, Units};

/// Units that arrived and never left, that left and never arrived though they are seen elsewhere, or that are seen
/// elsewhere than they were.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitGap {
    /// Which record is missing.
    pub kind: GapKind,
    /// Their block.
    pub block: Block,
    /// Which.
    pub members: MemberSet,
    /// Where they were seen last, if anywhere; else where the receipt says they came from.
    pub from: Option<Block>,
    /// Seen nowhere before: who the receipt says sent them.
    pub sender: Option<Block>,
    /// Where they arrived, or were seen.
    pub to: Option<Block>,
    /// When.
    pub time: Timestamp,
    /// The receipt, or what they were seen by.
    pub event: EventKey,
}

/// Movements of these members without a shipment, from their own records (in order). What was in a
/// container since it was last received came with it; what arrives where it is has arrived before. Where consumers take
/// something nobody records, and what ended is elsewhere another thing of that code.
pub fn unshipped(block: Block, mask: &MemberSet, records: &[Record]) -> Vec<UnitGap> {
    let mut found = Vec::new();
    let mut on_the_way = MemberSet::new();
    let mut carried = MemberSet::new();
    let mut gone = MemberSet::new();
    let mut astray = Astray::default();
    let mut places: BTreeMap<Block, MemberSet> = BTreeMap::new();
    for record in records {
        let mut members = record.members.to_set();
        members.intersect_with(mask);
        if members.is_empty() {
            continue;
        }
        if names_a_carrier(record) {
            carried.union_with(&members);
            astray.arrive(&members);
        }
        match (record.flow, record.op) {
            (Flow::Ship, _) => {
                on_the_way.union_with(&members);
                astray.ship(&members, record);
            }
            (Flow::Receive, _) => {
                let mut unshipped = members.clone();
                unshipped.subtract(&on_the_way);
                unshipped.subtract(&carried);
                if let Some(here) = record.place.and_then(|place| places.get(&place)) {
                    unshipped.subtract(here);
                }
                split(&mut found, (block, unshipped), &places, record);
                on_the_way.subtract(&members);
                carried.subtract(&members);
                astray.arrive(&members);
            }
            (Flow::Return | Flow::VoidShip, _) => {
                on_the_way.subtract(&members);
                astray.arrive(&members);
            }
            (_, Op::Commission | Op::Produce) => {
                on_the_way.subtract(&members);
                astray.see(&members, record);
            }
            (Flow::None | Flow::Sell | Flow::Destroy, _) => {
                astray.see(&members, record);
                if let Some(place) = record.place.filter(|_| !places.is_empty()) {
                    let mut moved = members.clone();
                    for elsewhere in [
                        Some(&on_the_way),
                        Some(&carried),
                        Some(&gone),
                        places.get(&place),
                    ] {
                        moved.subtract(elsewhere.unwrap_or(&MemberSet::new()));
                    }
                    went(&mut found, (block, moved), &places, record);
                }
            }
            (Flow::Stolen, _) => {}
        }
        match (record.flow, record.op) {
            (Flow::Sell | Flow::Destroy, _) | (_, Op::Decommission | Op::Consume) => {
                gone.union_with(&members);
            }
            (Flow::Receive | Flow::Return, _) => gone.subtract(&members),
            (_, op) if begins(op) => gone.subtract(&members),
            _ => {}
        }
        if let Some(place) = record.place.filter(|_| record.flow != Flow::Ship) {
            for there in places.values_mut() {
                there.subtract(&members);
            }
            places.entry(place).or_default().union_with(&members);
        }
    }
    found.extend(astray.gaps(block, records));
    found
}

/// What was shipped, seen at another place, and never received.
#[derive(Default)]
struct Astray {
    /// What is under way, by where it is to arrive.
    towards: BTreeMap<Block, MemberSet>,
    /// Those of them that were seen elsewhere since.
    seen: MemberSet,
}

impl Astray {
    fn ship(&mut self, members: &MemberSet, record: &Record) {
        self.arrive(members);
        if let Some(place) = record.place {
            self.towards.entry(place).or_default().union_with(members);
        }
    }

    fn see(&mut self, members: &MemberSet, record: &Record) {
        let Some(here) = record.place else {
            return;
        };
        for (place, under_way) in &mut self.towards {
            let mut seen = members.clone();
            seen.intersect_with(under_way);
            if *place == here {
                under_way.subtract(&seen);
                self.seen.subtract(&seen);
            } else {
                self.seen.union_with(&seen);
            }
        }
    }

    fn arrive(&mut self, members: &MemberSet) {
        for under_way in self.towards.values_mut() {
            under_way.subtract(members);
        }
        self.seen.subtract(members);
    }

    /// Each belongs to its last shipment.
    fn gaps(mut self, block: Block, records: &[Record]) -> Vec<UnitGap> {
        let mut found = Vec::new();
        let shipments = records.iter().filter(|record| record.flow == Flow::Ship);
        for shipment in shipments.rev() {
            if self.seen.is_empty() {
                break;
            }
            let mut lost = shipment.members.to_set();
            lost.intersect_with(&self.seen);
            self.seen.subtract(&lost);
            found.extend(gap(GapKind::NotReceived, (block, lost), None, shipment));
        }
        found.reverse();
        found
    }
}

/// Whether a record names something that its members can come along with: a container or what they are fixed
/// to. A process carries nothing.
const fn names_a_carrier(record: &Record) -> bool {
    record.peer.is_some() && !matches!(record.op, Op::Consume | Op::Produce)
}

/// Notes what arrived, place by place that it was at before.
fn split(
    found: &mut Vec<UnitGap>,
    (block, mut unshipped): (Block, MemberSet),
    places: &BTreeMap<Block, MemberSet>,
    record: &Record,
) {
    for (place, there) in places {
        let mut from_there = unshipped.clone();
        from_there.intersect_with(there);
        unshipped.subtract(there);
        let from = Some(*place);
        found.extend(gap(GapKind::NotShipped, (block, from_there), from, record));
    }
    found.extend(gap(GapKind::NotShipped, (block, unshipped), None, record));
}

/// Notes what is seen elsewhere than it was before.
fn went(
    found: &mut Vec<UnitGap>,
    (block, moved): (Block, MemberSet),
    places: &BTreeMap<Block, MemberSet>,
    record: &Record,
) {
    if moved.is_empty() {
        return;
    }
    for (place, there) in places {
        let mut from_there = moved.clone();
        from_there.intersect_with(there);
        let from = Some(*place);
        found.extend(gap(GapKind::NotRecorded, (block, from_there), from, record));
    }
}

fn gap(
    kind: GapKind,
    (block, members): (Block, MemberSet),
    from: Option<Block>,
    record: &Record,
) -> Option<UnitGap> {
    let is_any = !members.is_empty();
    is_any.then_some(UnitGap {
        kind,
        block,
        members,
        from,
        sender: None,
        to: record.place,
        time: record.t_lo,
        event: (record.shard, record.seq),
    })
}

/// The movements of units without a shipment, block by block. Their logs must be loaded.
pub(super) fn unit_gaps<S: Source>(
    reader: &mut Reader<'_, S>,
    units: &Units,
) -> Result<Vec<UnitGap>, S::Error> {
    let shares = units.iter();
    let shares = shares.map(|(block, mask)| (*block, mask, reader.log(block)));
    let found = each_of(shares.collect(), |(block, mask, records)| {
        unshipped(block, mask, records)
    });
    let gaps = found.into_iter().flatten().collect();
    let mut gaps = not_carried(reader, gaps)?;
    say_who_sent_them(reader, &mut gaps)?;
    Ok(gaps)
}

/// Those that did not come out of what was on its way by quantity, as a part of their lot. What moves by quantity may
/// be seen anywhere.
pub(super) fn not_carried<S: Source>(
    reader: &mut Reader<'_, S>,
    mut gaps: Vec<UnitGap>,
) -> Result<Vec<UnitGap>, S::Error> {
    let mut arrived = Units::new();
    for gap in &gaps {
        let members = arrived.entry(gap.block).or_default();
        members.union_with(&gap.members);
    }
    if arrived.is_empty() {
        return Ok(gaps);
    }
    let moving = reader.moving(&arrived)?;
    if moving.is_empty() {
        return Ok(gaps);
    }
    for gap in gaps
        .iter_mut()
        .filter(|gap| gap.kind != GapKind::NotShipped)
    {
        if let Some(members) = moving.get(&gap.block) {
            gap.members.subtract(members);
        }
    }
    let told = reader.memberships(Asked::LotsOf(&moving))?;
    let lots: BTreeSet<Block> = told.iter().map(|(told, _)| told.lot).collect();
    let balances = balances(reader, &lots, Timestamp::from_micros(i64::MAX))?;
    let mut carried: BTreeMap<(Block, EventKey), Amount> = BTreeMap::new();
    for (lot, of_lot) in &balances {
        let events = of_lot.iter().flat_map(|balances| &balances.carried);
        carried.extend(events.map(|(event, amount)| ((*lot, *event), *amount)));
    }
    for gap in &mut gaps {
        for (told, _) in told.iter().filter(|(told, _)| told.block == gap.block) {
            let Some(left) = carried.get_mut(&(told.lot, gap.event)) else {
                continue;
            };
            let mut of_lot = gap.members.clone();
            of_lot.intersect_with(&told.members);
            for member in of_lot.iter().take_while(|_| {
                let is_carried = left.is_positive();
                *left = left.minus(Amount::pieces(1)).max(Amount::ZERO);
                is_carried
            }) {
                gap.members.subtract(&MemberSet::one(member));
            }
        }
    }
    gaps.retain(|gap| !gap.members.is_empty());
    Ok(gaps)
}

/// Of what was seen nowhere before, the receipt itself may tell where from and who sent it.
fn say_who_sent_them<S: Source>(
    reader: &mut Reader<'_, S>,
    gaps: &mut [UnitGap],
) -> Result<(), S::Error> {
    let open = gaps.iter().filter(|gap| gap.from.is_none());
    let receipts: BTreeSet<EventKey> = open.map(|gap| gap.event).collect();
    if receipts.is_empty() {
        return Ok(());
    }
    let receipts = reader.entries(&receipts)?;
    let sent = receipts.iter();
    let sent = sent.map(|entry| {
        (
            (entry.shard, entry.seq),
            (entry.from_place, entry.from_party),
        )
    });
    let sent: BTreeMap<EventKey, _> = sent.collect();
    for gap in gaps.iter_mut().filter(|gap| gap.from.is_none()) {
        (gap.from, gap.sender) = sent.get(&gap.event).copied().unwrap_or_default();
    }
    Ok(())
}
