//! What is missing in the journeys of the containers that things were in: what a container did, they did.

use std::collections::{BTreeMap, BTreeSet};

use crate::codes::{Address, Block, MemberSet};
use crate::epcis::Timestamp;
use crate::trace::{Record, Source};

use super::journeys::{UnitGap, unit_gaps};
use super::kinds::Kinds;
use super::lots::GapKind;
use super::reach::Reach;
use super::reader::{Reader, Units, add_unit, has_unit};
use super::stays::stays;
use super::stock::Spot;

/// From when to when something was in a container; no end, if none is known.
type Period = (Timestamp, Option<Timestamp>);

/// When something of what was reached was in each container.
type Inside = BTreeMap<Address, BTreeSet<Period>>;

/// The gaps in the journeys of containers while something of what was reached was in them, however deep. `units`: all
/// that were reached.
pub(super) fn carrier_gaps<S: Source>(
    reader: &mut Reader<'_, S>,
    reach: &Reach,
    units: &Units,
) -> Result<Vec<UnitGap>, S::Error> {
    let mut things = units.clone();
    things.extend(reach.lots().iter().map(|lot| (*lot, MemberSet::one(0))));
    reader.load(&things)?;
    let containers = reader.load_containers(&things)?;
    let mut others = containers.clone();
    for (block, members) in &mut others {
        if let Some(reached) = units.get(block) {
            members.subtract(reached);
        }
    }
    let mut gaps = unit_gaps(reader, &others)?;
    if gaps.is_empty() {
        return Ok(gaps);
    }
    let around = around(reader, &containers, &gaps);
    let inside = inside(reader, &things, reach, &around);
    for gap in &mut gaps {
        let (block, all) = (gap.block, std::mem::take(&mut gap.members));
        let held = |member: &u16| {
            let container = Address {
                block,
                member: *member,
            };
            let periods = inside.get(&container).into_iter().flatten();
            periods.into_iter().any(|period| is_within(gap, *period))
        };
        gap.members = all.iter().filter(held).collect();
    }
    gaps.retain(|gap| !gap.members.is_empty());
    Ok(gaps)
}

/// Whether what was inside then took part. What is found elsewhere moved before it was found.
fn is_within(gap: &UnitGap, (since, until): Period) -> bool {
    let has_begun = match gap.kind {
        GapKind::NotReceived => since <= gap.time,
        GapKind::NotShipped | GapKind::NotRecorded => since < gap.time,
    };
    has_begun && until.is_none_or(|until| gap.time <= until)
}

/// Those of the containers that have gaps, and those that were ever in them.
fn around<S: Source>(reader: &Reader<'_, S>, containers: &Units, gaps: &[UnitGap]) -> Units {
    let mut found = Units::new();
    for gap in gaps {
        let members = found.entry(gap.block).or_default();
        members.union_with(&gap.members);
    }
    loop {
        let mut more = Units::new();
        for (block, mask) in containers {
            for record in reader.log_with(block, Kinds::OPENS) {
                if peer_in(record, &found) {
                    let members = more.entry(*block).or_default();
                    record.members.for_each_in(mask, |member| {
                        members.insert(member);
                    });
                }
            }
        }
        let mut has_grown = false;
        for (block, members) in more {
            let known = found.entry(block).or_default();
            has_grown |= !members.is_subset(known);
            known.union_with(&members);
        }
        if !has_grown {
            return found;
        }
    }
}

fn peer_in(record: &Record, containers: &Units) -> bool {
    let peer = record.peer.filter(|_| Kinds::OPENS.has(record));
    peer.is_some_and(|peer| has_unit(containers, peer))
}

/// When something of these things was in those of the containers that count.
fn inside<S: Source>(
    reader: &Reader<'_, S>,
    things: &Units,
    reach: &Reach,
    around: &Units,
) -> Inside {
    let reached: BTreeSet<(Block, Option<Address>)> = reach
        .stock
        .iter()
        .filter_map(|stock| match stock.spot {
            Spot::In(container, _) => Some((stock.lot, Some(container))),
            Spot::Unknown => Some((stock.lot, None)),
            Spot::At(_) => None,
        })
        .collect();
    let is_reached = |block: &Block, container: &Address| {
        !block.is_quantified()
            || reached.contains(&(*block, Some(*container)))
            || reached.contains(&(*block, None))
    };
    let mut found = Inside::new();
    for (block, mask) in things {
        let counts =
            |container: &Address| has_unit(around, *container) && is_reached(block, container);
        for stay in stays(reader, block, mask, counts) {
            let periods = found.entry(stay.container).or_default();
            periods.insert((stay.t_in, stay.t_out));
        }
    }
    let mut level = found.clone();
    while !level.is_empty() {
        let mut next = Inside::new();
        for (block, mask) in masks(&level) {
            for stay in stays(reader, &block, &mask, |outer| has_unit(around, *outer)) {
                for member in stay.members.iter() {
                    let within = level.get(&Address { block, member });
                    for (since, until) in within.into_iter().flatten() {
                        let since = stay.t_in.max(*since);
                        let until = [stay.t_out, *until].into_iter().flatten().min();
                        let is_any = until.is_none_or(|until| since < until);
                        let known = found.entry(stay.container).or_default();
                        if is_any && known.insert((since, until)) {
                            let periods = next.entry(stay.container).or_default();
                            periods.insert((since, until));
                        }
                    }
                }
            }
        }
        level = next;
    }
    found
}

fn masks(inside: &Inside) -> Units {
    let mut units = Units::new();
    for container in inside.keys() {
        add_unit(&mut units, *container);
    }
    units
}
