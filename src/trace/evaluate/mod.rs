//! Questions about the visible past: what can be affected, what can be the cause, where things are, who
//! had them, how much of a lot is where. Pure over what a [`Source`] hands out.

mod alike;
mod amount;
mod answers;
mod booking;
mod cause;
mod contents;
mod direction;
mod flows;
mod history;
mod holding;
mod labels;
mod lots;
mod membership;
mod outcome;
mod reach;
mod reader;
mod seeds;
mod slots;
mod standing;
mod stays;
mod stock;
mod supply;
mod taint;
mod whereabouts;
mod who;

pub use amount::{Amount, Bounds};
pub use cause::{Cause, CauseId, Causes, Certainty, Why};
pub use direction::Direction;
pub use history::History;
pub use lots::{Account, Balances, LotFault};
pub use reach::{
    Excluded, Reach, ReachedProcess, ReachedStock, ReachedUnits, Reason, Rules, Seed, Window,
};
pub use reader::Units;
pub use standing::{Answer, Fault, Standing, Standings, Status, Whereabouts};
pub use stock::Spot;
pub use who::{Hop, Part, Responsible, Who, who};

use std::collections::{BTreeMap, BTreeSet};

use crate::codes::{Address, Block, MemberSet};
use crate::epcis::Timestamp;

use super::Source;
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

    /// How much of each lot is where, a result for each unit of measure.
    pub fn balances(
        &mut self,
        lots: &BTreeSet<Block>,
        at: Timestamp,
    ) -> Result<BTreeMap<Block, Vec<Balances>>, S::Error> {
        let logs = lots.iter().map(|lot| (*lot, MemberSet::one(0))).collect();
        self.reader.load(&logs)?;
        self.reader.load_containers(&logs)?;
        let moves = self.reader.lot_moves(lots)?;
        let balances = moves.iter().map(|(lot, moves)| {
            let records = self.reader.log(lot);
            let emptied = stays::emptied(&self.reader, lot);
            (*lot, booking::balances(moves, records, &emptied, at))
        });
        Ok(balances.collect())
    }

    /// Who had a unit or lot and who answers for it, up to a time.
    pub fn who(&mut self, unit: Address, at: Timestamp) -> Result<Who, S::Error> {
        let keys = history::own_history(&mut self.reader, unit, at)?;
        let entries = self.reader.entries(&keys.into_iter().collect())?;
        Ok(who::who(&entries))
    }

    /// Where these instances are at this time. Lots have balances instead.
    pub fn whereabouts(&mut self, units: &Units, at: Timestamp) -> Result<Whereabouts, S::Error> {
        whereabouts::whereabouts(&mut self.reader, units, at)
    }
}

#[cfg(test)]
mod tests;
