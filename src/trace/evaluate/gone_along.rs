//! The events by which an item can have gone along with the stock of its lot: it lay loose among that stock, or in a
//! container that it came out of by quantity, and the lot moved by quantity, so nobody recorded whether it did.

use std::collections::BTreeSet;

use crate::codes::{Address, Block, MemberSet};
use crate::epcis::Timestamp;
use crate::trace::{EventKey, LotRole, Source};

use super::direction::Direction;
use super::items::{self, Lying, Next};
use super::kin;
use super::mingled::mingled;
use super::reach::{Seed, Window};
use super::reader::{Reader, Units};
use super::rules::Rules;

/// Events that moved the stock of its lots while an item lay among it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GoneAlong {
    /// By these it came to where the next event that names it says it was.
    pub came: BTreeSet<EventKey>,
    /// By these it can have left where it was seen last.
    pub may: BTreeSet<EventKey>,
}

/// The events by which an item can have gone along, up to a time.
pub(super) fn gone_along<S: Source>(
    reader: &mut Reader<'_, S>,
    unit: Address,
    at: Timestamp,
) -> Result<GoneAlong, S::Error> {
    let mut found = GoneAlong::default();
    if unit.block.is_quantified() {
        return Ok(found);
    }
    let alone: Units = [(unit.block, MemberSet::one(unit.member))].into();
    let named: BTreeSet<Block> = mingled(reader, &alone, at)?.into_keys().collect();
    if named.is_empty() {
        return Ok(found);
    }
    let lots = kin::names(reader, named)?;
    let made = made(reader, &lots)?;
    reader.load(&alone)?;
    for lying in items::lying(reader.log(&unit.block), unit.member, at) {
        let is_taken_out = |next: &Next| next.out_of.is_some() && next.out_of == lying.inside;
        if lying.next.as_ref().is_some_and(is_taken_out) {
            continue;
        }
        let next = match lying.next {
            Some(next) => Some(located(reader, next)?),
            None => None,
        };
        let (until, place) = match next {
            Some(Next {
                time,
                place: Some(place),
                ..
            }) => (before(time), Some(place)),
            Some(_) => continue,
            None => (at, None),
        };
        if place.is_some() && place == lying.place {
            continue;
        }
        let window = Window {
            from: Some(lying.since),
            until: Some(until),
        };
        let mut events = left(reader, (unit, &lots), &lying, window)?;
        events.retain(|event| !made.contains(event));
        if let Some(place) = place {
            let brought = brought(reader, &lots, place, window)?;
            found.came.extend(events.intersection(&brought));
        } else {
            found.may.extend(events);
        }
    }
    Ok(found)
}

const fn before(time: Timestamp) -> Timestamp {
    Timestamp::from_micros(time.micros().saturating_sub(1))
}

/// With where the event says the item was, if its record alone does not tell.
fn located<S: Source>(reader: &mut Reader<'_, S>, next: Next) -> Result<Next, S::Error> {
    if next.place.is_some() {
        return Ok(next);
    }
    let entries = reader.entries(&[next.event].into())?;
    let place = entries.first().and_then(items::left_at);
    Ok(Next { place, ..next })
}

/// Events that do nothing with these lots but make more of them.
fn made<S: Source>(
    reader: &mut Reader<'_, S>,
    lots: &BTreeSet<Block>,
) -> Result<BTreeSet<EventKey>, S::Error> {
    let (mut made, mut other) = (BTreeSet::new(), BTreeSet::new());
    for lot_move in reader.lot_moves(lots)?.values().flatten() {
        let of_role = match lot_move.role {
            LotRole::Made => &mut made,
            _ => &mut other,
        };
        of_role.insert((lot_move.shard, lot_move.seq));
    }
    Ok(made.difference(&other).copied().collect())
}

/// What happened to the stock an item lay among, wherever that went.
fn left<S: Source>(
    reader: &mut Reader<'_, S>,
    (unit, lots): (Address, &BTreeSet<Block>),
    lying: &Lying,
    window: Window,
) -> Result<BTreeSet<EventKey>, S::Error> {
    let seed = Seed::Units {
        units: [(unit.block, MemberSet::one(unit.member))].into(),
        window,
    };
    let rules = Rules {
        limit: window.until,
        ..Rules::default()
    };
    let events = kin::stock_history(reader, Direction::Forward, &[seed], &rules, lots)?;
    let entries = reader.entries(&events)?;
    let since = entries.iter().filter(|entry| lying.since <= entry.t_hi);
    Ok(since.map(|entry| (entry.shard, entry.seq)).collect())
}

/// What happened to the stock of the lots on its way to a place.
fn brought<S: Source>(
    reader: &mut Reader<'_, S>,
    lots: &BTreeSet<Block>,
    place: Block,
    window: Window,
) -> Result<BTreeSet<EventKey>, S::Error> {
    let seeds = lots.iter().map(|lot| Seed::Lot {
        lot: *lot,
        place: Some(place),
        window,
    });
    let seeds: Vec<Seed> = seeds.collect();
    let rules = Rules {
        limit: window.from,
        ..Rules::default()
    };
    kin::stock_history(reader, Direction::Backward, &seeds, &rules, lots)
}
