//! Questions about the visible past: what can be affected, what can be the cause, where things are, who
//! had them, how much of a lot is where. Pure over what a [`Source`] hands out.

mod alike;
mod amount;
mod assumed;
mod blanks;
mod book;
mod book_items;
mod booking;
mod carried;
mod carriers;
mod cause;
mod contact;
mod contents;
mod direction;
mod distinct;
mod endings;
mod entries;
mod epochs;
mod filled;
mod flows;
mod gone_along;
mod history;
mod holding;
mod items;
mod journeys;
mod kin;
mod kinds;
mod labels;
mod late;
mod lots;
mod membership;
mod mingled;
mod names;
mod nested;
mod outcome;
mod owners;
mod packed;
mod past;
mod reach;
mod reader;
mod rules;
mod seeds;
mod settle;
mod sight;
mod sightings;
mod slots;
mod stages;
mod standing;
mod stays;
mod stock;
mod supply;
mod taint;
mod under_way;
mod unpacked;
mod vessels;
mod ways;
mod whereabouts;
mod who;

pub use amount::{Amount, Bounds, is_counted};
pub use blanks::{Blank, BlankKind};
pub use cause::{Cause, CauseId, Causes, Certainty, Meets, Why};
pub use direction::Direction;
pub use entries::{Entries, Entry as LotEntry};
pub use gone_along::GoneAlong;
pub use history::History;
pub use journeys::{UnitGap, unshipped};
pub use lots::{Account, Balances, EndedPart, Gap, GapKind, LotFault, Unmet};
pub use mingled::{Mingled, PackedItems};
pub use owners::{LotOwners, OwnedUnits};
pub use reach::{
    Excluded, Reach, ReachedProcess, ReachedStock, ReachedUnits, Reason, Seed, Window,
};
pub use reader::Units;
pub use rules::{Contact, KillSteps, Mixing, Rules, Starts};
pub use standing::{Answer, Fault, Standing, Standings, Status, Together, Whereabouts};
pub use stock::Spot;
pub use ways::Parties;
pub use who::{Hop, Part, Responsible, Told, Who, who};

use std::collections::{BTreeMap, BTreeSet};

use crate::codes::{Address, Block};
use crate::epcis::Timestamp;
use crate::events::Entry;

use super::{EventKey, Source};
use reader::Reader;

/// Evaluations over one source. What one question loaded, the next one uses.
#[derive(Debug)]
pub struct Evaluation<'s, S> {
    reader: Reader<'s, S>,
}

impl<'s, S: Source> Evaluation<'s, S> {
    /// Over this source.
    pub fn new(source: &'s mut S) -> Self {
        Self {
            reader: Reader::new(source),
        }
    }

    /// What the seeds can have affected, or what can have caused them.
    pub fn reach(
        &mut self,
        direction: Direction,
        seeds: &[Seed],
        rules: &Rules,
    ) -> Result<Reach, S::Error> {
        taint::taint(&mut self.reader, direction, seeds, rules)
    }

    /// The events of a result, in order: everything upstream or downstream, the subject's own events and
    /// those of the containers they were in.
    pub fn history(&mut self, reach: &Reach) -> Result<History, S::Error> {
        history::history(&mut self.reader, reach)
    }

    /// How much of each lot is where, a result for each unit of measure. What a lot is missing under one name
    /// it may have under another.
    pub fn balances(
        &mut self,
        lots: &BTreeSet<Block>,
        at: Timestamp,
    ) -> Result<BTreeMap<Block, Vec<Balances>>, S::Error> {
        names::balances(&mut self.reader, lots, at)
    }

    /// What is missing in the histories of the instances that were reached, and of the containers while reached
    /// things were in them.
    pub fn unit_gaps(&mut self, reach: &Reach) -> Result<Vec<UnitGap>, S::Error> {
        let units = reach.unit_sets();
        self.reader.load(&units)?;
        let mut found = journeys::unit_gaps(&mut self.reader, &units)?;
        found.extend(carried::carrier_gaps(&mut self.reader, reach, &units)?);
        Ok(found)
    }

    /// Those of these receipts without a shipment that did not come out of what was shipped by quantity.
    pub fn not_carried(&mut self, gaps: Vec<UnitGap>) -> Result<Vec<UnitGap>, S::Error> {
        journeys::not_carried(&mut self.reader, gaps)
    }

    /// What no record says of what was reached, though something on record shows that it happened. `containers`:
    /// where those are that the balances name.
    pub fn blanks(
        &mut self,
        reach: &Reach,
        balances: &BTreeMap<Block, Vec<Balances>>,
        containers: &Whereabouts,
    ) -> Result<Vec<Blank>, S::Error> {
        let mut found = reach.blanks.clone();
        found.extend(match reach.direction {
            Direction::Forward => blanks::strays(&mut self.reader, reach, balances, containers)?,
            Direction::Backward => blanks::origins(&mut self.reader, reach)?,
        });
        Ok(found)
    }

    /// Who had a unit or lot and who answers for it, up to a time, by the events that name it or its containers.
    pub fn who_by_name(&mut self, unit: Address, at: Timestamp) -> Result<Who, S::Error> {
        let keys = history::own_history(&mut self.reader, unit, at)?;
        let entries = self.reader.entries(&keys.into_iter().collect())?;
        Ok(who::who(&entries, unit, &Told::default()))
    }

    /// The same, with what tells of a lot under its other names, and of an item as a part of its lots.
    /// `has_gone`: the item is surely where the stock is among which it lay last.
    pub fn who(&mut self, unit: Address, at: Timestamp, has_gone: bool) -> Result<Who, S::Error> {
        let mut keys = kin::whole_history(&mut self.reader, unit, at)?;
        let along = gone_along::gone_along(&mut self.reader, unit, at)?;
        let told = Told::new(&keys, along, has_gone);
        keys.extend(told.inferred());
        let entries = self.reader.entries(&keys)?;
        Ok(who::who(&entries, unit, &told))
    }

    /// A history with the events by which an item came along with the stock of its lots, or can have, and that
    /// are not earlier than a time.
    pub fn with_gone_along(
        &mut self,
        mut history: History,
        unit: Address,
        from: Option<Timestamp>,
    ) -> Result<History, S::Error> {
        let end = Timestamp::from_micros(i64::MAX);
        let along = gone_along::gone_along(&mut self.reader, unit, end)?;
        let mut keys: BTreeSet<EventKey> = along.came.into_iter().chain(along.may).collect();
        if keys.is_empty() {
            return Ok(history);
        }
        let of_history: BTreeSet<EventKey> = history.events.into_iter().collect();
        keys.extend(&of_history);
        let entries = self.reader.entries(&keys)?.into_iter();
        let counts = |entry: &Entry| {
            let key = (entry.shard, entry.seq);
            of_history.contains(&key) || from.is_none_or(|from| from <= entry.t_hi)
        };
        let counted = entries.filter(counts);
        history.events = counted.map(|entry| (entry.shard, entry.seq)).collect();
        Ok(history)
    }

    /// The lots that a thing is or is of, under all their names.
    pub fn lots_of(&mut self, unit: Address) -> Result<BTreeSet<Block>, S::Error> {
        kin::lots(&mut self.reader, unit)
    }

    /// Who owns these instances at this time; those of which no event says so are left out.
    pub fn owners(&mut self, units: &Units, at: Timestamp) -> Result<Vec<OwnedUnits>, S::Error> {
        owners::owners(&mut self.reader, units, at)
    }

    /// Who owns the stock of these lots at this time.
    pub fn lot_owners(
        &mut self,
        lots: &BTreeSet<Block>,
        at: Timestamp,
    ) -> Result<BTreeMap<Block, LotOwners>, S::Error> {
        owners::lot_owners(&mut self.reader, lots, at)
    }

    /// Those of these items whose lot moves by quantity, too, lot by lot, as they are at a time.
    pub fn mingled(
        &mut self,
        items: &Units,
        at: Timestamp,
    ) -> Result<BTreeMap<Block, Mingled>, S::Error> {
        mingled::mingled(&mut self.reader, items, at)
    }

    /// Whether any of these lots moves by a number of pieces.
    pub fn any_moves_by_pieces(&mut self, lots: &BTreeSet<Block>) -> Result<bool, S::Error> {
        let moves = self.reader.lot_moves(lots)?;
        Ok(moves.values().any(|moves| items::move_by_pieces(moves)))
    }

    /// Where these instances are at this time. Lots have balances instead.
    pub fn whereabouts(&mut self, units: &Units, at: Timestamp) -> Result<Whereabouts, S::Error> {
        whereabouts::whereabouts(&mut self.reader, units, at, false)
    }

    /// The same, with what the containers around them are in.
    pub fn whereabouts_in_containers(
        &mut self,
        units: &Units,
        at: Timestamp,
    ) -> Result<Whereabouts, S::Error> {
        whereabouts::whereabouts(&mut self.reader, units, at, true)
    }
}

#[cfg(test)]
mod tests;
