//! Blanks: what no record says of what was reached, though something on record shows that it happened. A process
//! that took something in and gave nothing out, a container that was emptied and never filled, a lot that begins
//! nowhere. Nothing is made up for them; they are told, so that somebody asks for the missing record.

use std::collections::{BTreeMap, BTreeSet};

use crate::codes::{Address, Block, BlockKind, MemberSet};
use crate::epcis::Timestamp;
use crate::trace::{EventKey, Flow, LotMove, LotRole, Op, Record, Source, begins_nowhere};

use super::direction::Direction;
use super::lots::{Account, Balances};
use super::reach::Reach;
use super::reader::{Asked, Reader, Units};
use super::standing::{Status, Whereabouts};
use super::stock::Spot;

/// What is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BlankKind {
    /// Nothing says where it came from: backward, of anything reached; forward, of a lot that turned up at a site
    /// at which affected stock is on the books, or at which something affected went into work of which nothing
    /// came out.
    NoOrigin,
    /// Backward: nothing says what went into the process.
    NoInputs,
    /// Forward: nothing says what came out of the process.
    NoOutputs,
    /// Forward: it was emptied after it was exposed, and nothing says what was in it.
    NoContents,
}

/// One blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blank {
    /// What is missing.
    pub kind: BlankKind,
    /// The block of what it is missing of.
    pub block: Block,
    /// Its members; 0 of a lot or process.
    pub members: MemberSet,
    /// The place where it was before, if that is known.
    pub from: Option<Block>,
    /// The place where it is seen first after what is missing.
    pub to: Option<Block>,
    /// When.
    pub time: Timestamp,
    /// The event that shows it.
    pub event: EventKey,
}

/// A process of which nothing left, by its own log.
pub(super) fn of_process(direction: Direction, process: Block, log: &[Record]) -> Option<Blank> {
    let part = log.iter().find(|record| record.op == Op::Process)?;
    let (kind, from, to) = match direction {
        Direction::Forward => (BlankKind::NoOutputs, part.place, None),
        Direction::Backward => (BlankKind::NoInputs, None, part.place),
    };
    Some(Blank {
        kind,
        block: process,
        members: MemberSet::one(0),
        from,
        to,
        time: part.t_lo,
        event: (part.shard, part.seq),
    })
}

/// Backward: what was reached, and nothing says where it came from.
pub(super) fn origins<S: Source>(
    reader: &mut Reader<'_, S>,
    reach: &Reach,
) -> Result<Vec<Blank>, S::Error> {
    let lots: BTreeSet<Block> = reach.lots().into_iter().filter(is_lot).collect();
    let mut found = stray_lots(reader, &lots)?;
    found.extend(stray_units(reader, &reach.unit_sets())?);
    Ok(found)
}

fn is_lot(block: &Block) -> bool {
    block.kind() == Some(BlockKind::Lot)
}

/// Those of the lots that begin nowhere. A lot of another name may begin under that one, and a lot of items begins
/// with them.
fn stray_lots<S: Source>(
    reader: &mut Reader<'_, S>,
    lots: &BTreeSet<Block>,
) -> Result<Vec<Blank>, S::Error> {
    let is_stray = |moves: &Vec<LotMove>| begins_nowhere(moves.iter().map(LotMove::told));
    let mut moves = reader.lot_moves(lots)?;
    moves.retain(|_, moves| is_stray(moves));
    let strays: BTreeSet<Block> = moves.keys().copied().collect();
    if strays.is_empty() {
        return Ok(Vec::new());
    }
    let aliases = reader.aliases(&strays)?;
    let names = aliases.iter().flat_map(|alias| [alias.lot, alias.same_as]);
    let named = reader.lot_moves(&names.collect())?;
    for alias in aliases {
        for (lot, name) in [(alias.lot, alias.same_as), (alias.same_as, alias.lot)] {
            if named.get(&name).is_some_and(|moves| !is_stray(moves)) {
                moves.remove(&lot);
            }
        }
    }
    for (told, _) in reader.memberships(Asked::ItemsOf(&strays))? {
        moves.remove(&told.lot);
    }
    let first = moves.iter().filter_map(|(lot, moves)| {
        let first = moves.first()?;
        Some(Blank {
            kind: BlankKind::NoOrigin,
            block: *lot,
            members: MemberSet::one(0),
            from: None,
            to: first.from_place.or(first.to_place),
            time: first.t_lo,
            event: (first.shard, first.seq),
        })
    });
    Ok(first.collect())
}

/// Those of the units of which nobody says that they began, that nothing brought to where they were seen first, and
/// that are of no lot.
fn stray_units<S: Source>(
    reader: &mut Reader<'_, S>,
    units: &Units,
) -> Result<Vec<Blank>, S::Error> {
    reader.load(units)?;
    let mut found: Vec<Blank> = Vec::new();
    for (block, members) in units {
        let mut strays = members.clone();
        let log = reader.log(block);
        for record in log {
            if matches!(record.op, Op::Commission | Op::Produce) {
                strays.subtract(&record.members.to_set());
            }
        }
        for record in log {
            let mut seen = record.members.to_set();
            seen.intersect_with(&strays);
            strays.subtract(&seen);
            if seen.is_empty() || brings(record) {
                continue;
            }
            found.push(Blank {
                kind: BlankKind::NoOrigin,
                block: *block,
                members: seen,
                from: None,
                to: None,
                time: record.t_lo,
                event: (record.shard, record.seq),
            });
        }
    }
    let mut strays = Units::new();
    for blank in &found {
        let of_block = strays.entry(blank.block).or_default();
        of_block.union_with(&blank.members);
    }
    if strays.is_empty() {
        return Ok(found);
    }
    for (told, _) in reader.memberships(Asked::LotsOf(&strays))? {
        for blank in found.iter_mut().filter(|blank| blank.block == told.block) {
            blank.members.subtract(&told.members);
        }
    }
    found.retain(|blank| !blank.members.is_empty());
    // Something that left was where it left from.
    let entries = reader.entries(&found.iter().map(|blank| blank.event).collect())?;
    let places: BTreeMap<EventKey, Option<Block>> = entries
        .iter()
        .map(|entry| {
            let place = entry.happened_at().or(entry.from_place);
            ((entry.shard, entry.seq), place)
        })
        .collect();
    for blank in &mut found {
        blank.to = places.get(&blank.event).copied().flatten();
    }
    Ok(found)
}

/// Whether what is seen first in this record came with something, or from somebody. A container begins when
/// something is put into it.
fn brings(record: &Record) -> bool {
    matches!(record.flow, Flow::Receive | Flow::Return)
        || matches!(
            record.op,
            Op::Hold | Op::Unpack | Op::Detach | Op::SeenInside | Op::SeenAttached
        )
}

/// Forward: lots that begin nowhere and turned up, after it was affected, at a site where affected stock still is on
/// the books, or where something affected went into work of which nothing came out. `containers`: where those are
/// that the balances name.
pub(super) fn strays<S: Source>(
    reader: &mut Reader<'_, S>,
    reach: &Reach,
    balances: &BTreeMap<Block, Vec<Balances>>,
    containers: &Whereabouts,
) -> Result<Vec<Blank>, S::Error> {
    let mut places: BTreeMap<Block, Timestamp> = BTreeMap::new();
    let mut note = |place: Block, time: Timestamp| {
        let since = places.entry(place).or_insert(time);
        *since = time.min(*since);
    };
    let known = reach.lots();
    let moves = reader.lot_moves(&known)?;
    for stock in &reach.stock {
        let of_lot = balances.get(&stock.lot).map_or(&[][..], Vec::as_slice);
        let moves = moves.get(&stock.lot).map_or(&[][..], Vec::as_slice);
        for account in of_lot.iter().flat_map(lying) {
            let place = match account {
                Account::Stock { place, .. } => *place,
                Account::Inside(Some(container)) => standing_at(containers, *container),
                _ => None,
            };
            let is_reached = stock.spot == Spot::Unknown || account.can_be_of(stock.spot);
            let Some(place) = place.filter(|_| is_reached) else {
                continue;
            };
            // What is affected from the beginning lay there no earlier than it came.
            let came = earliest_at(moves, place);
            note(place, came.map_or(stock.time, |came| came.max(stock.time)));
        }
    }
    for blank in &reach.blanks {
        if let (BlankKind::NoOutputs, Some(place)) = (blank.kind, blank.from) {
            note(place, blank.time);
        }
    }
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let at_places = reader.strays(&places)?;
    let lots: BTreeSet<Block> = at_places
        .values()
        .flat_map(|strays| &strays.lots)
        .filter(|lot| !known.contains(lot))
        .copied()
        .collect();
    let mut found = stray_lots(reader, &lots)?;
    found.retain(|blank| {
        at_places.iter().any(|(place, strays)| {
            let is_here = blank.to.is_some_and(|to| strays.site.contains(&to));
            is_here && places.get(place).is_some_and(|since| *since <= blank.time)
        })
    });
    Ok(found)
}

/// From when on stock of a lot can have lain at a place. What comes in a container, or without a record, is named there
/// only later: it may have come since the lot is on record.
fn earliest_at(moves: &[LotMove], place: Block) -> Option<Timestamp> {
    let names = |moved: &LotMove| [moved.from_place, moved.to_place].contains(&Some(place));
    let first = moves.first()?;
    let at = moves.iter().position(names).unwrap_or(0);
    let (before, from) = moves.split_at(at);
    let arrives = |moved: &&LotMove| {
        let is_arrival = matches!(
            moved.role,
            LotRole::Made | LotRole::Shipped | LotRole::Received | LotRole::Returned
        );
        is_arrival && moved.to_place == Some(place)
    };
    let is_packed = before.iter().any(|moved| moved.role == LotRole::Packed);
    let arrival = from.first().filter(arrives).filter(|_| !is_packed);
    Some(arrival.unwrap_or(first).t_lo)
}

/// Where some of a lot is on the books, or may be.
fn lying(balances: &Balances) -> impl Iterator<Item = &Account> {
    let parts = balances.parts.iter();
    let parts = parts.filter(|(_, part)| part.hi.is_positive());
    parts.map(|(account, _)| account).chain(&balances.unknown)
}

fn standing_at(containers: &Whereabouts, container: Address) -> Option<Block> {
    match containers.of(container)?.answer.status {
        Status::Here(place) => place,
        _ => None,
    }
}
