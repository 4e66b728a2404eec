//! What of other names tells of a thing: a lot under its other names, and the lots an item is of.

use std::collections::BTreeSet;

use crate::codes::{Address, Block, MemberSet};
use crate::epcis::Timestamp;
use crate::trace::{EventKey, Source};

use super::direction::Direction;
use super::history::{history, own_history};
use super::reach::{Seed, Window};
use super::reader::{Asked, Reader, Units};
use super::rules::Rules;
use super::taint::taint;

/// These lots with all their other names.
pub(super) fn names<S: Source>(
    reader: &mut Reader<'_, S>,
    lots: BTreeSet<Block>,
) -> Result<BTreeSet<Block>, S::Error> {
    let mut known = BTreeSet::new();
    let mut open = lots;
    while !open.is_empty() {
        let aliases = reader.aliases(&open)?;
        known.append(&mut open);
        let named = aliases.iter().flat_map(|alias| [alias.lot, alias.same_as]);
        open = named.filter(|lot| !known.contains(lot)).collect();
    }
    Ok(known)
}

/// The lots that a thing is or is of, under all their names.
pub(super) fn lots<S: Source>(
    reader: &mut Reader<'_, S>,
    unit: Address,
) -> Result<BTreeSet<Block>, S::Error> {
    if unit.block.is_quantified() {
        return names(reader, [unit.block].into());
    }
    let alone: Units = [(unit.block, MemberSet::one(unit.member))].into();
    let told = reader.memberships(Asked::LotsOf(&alone))?.into_iter();
    let of_it =
        told.filter(|(told, _)| told.block == unit.block && told.members.contains(unit.member));
    let lots = of_it.map(|(told, _)| told.lot).collect();
    names(reader, lots)
}

/// The events of a unit or lot and of its containers up to a time; of a lot under all its names; of an item moreover
/// those of the stock of its lots that it can have been of.
pub(super) fn whole_history<S: Source>(
    reader: &mut Reader<'_, S>,
    unit: Address,
    at: Timestamp,
) -> Result<BTreeSet<EventKey>, S::Error> {
    let mut events: BTreeSet<EventKey> = own_history(reader, unit, at)?.into_iter().collect();
    let mut lots = lots(reader, unit)?;
    if unit.block.is_quantified() {
        lots.remove(&unit.block);
        for lot in lots {
            let member = unit.member;
            events.extend(own_history(reader, Address { block: lot, member }, at)?);
        }
        return Ok(events);
    }
    if lots.is_empty() {
        return Ok(events);
    }
    let seed = Seed::Units {
        units: [(unit.block, MemberSet::one(unit.member))].into(),
        window: Window {
            from: None,
            until: Some(at),
        },
    };
    let rules = Rules::default();
    events.extend(stock_history(
        reader,
        Direction::Backward,
        &[seed],
        &rules,
        &lots,
    )?);
    Ok(events)
}

/// The events of the stock of these lots that seeds reach.
pub(super) fn stock_history<S: Source>(
    reader: &mut Reader<'_, S>,
    direction: Direction,
    seeds: &[Seed],
    rules: &Rules,
    lots: &BTreeSet<Block>,
) -> Result<BTreeSet<EventKey>, S::Error> {
    let mut reach = taint(reader, direction, seeds, rules)?;
    reach.units.clear();
    reach.processes.clear();
    reach.stock.retain(|stock| lots.contains(&stock.lot));
    Ok(history(reader, &reach)?.events.into_iter().collect())
}
