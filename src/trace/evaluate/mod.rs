//! Questions about the visible past: what can be affected, what can be the cause, where things are, who
//! had them, how much of a lot is where. Pure over what a [`Source`](super::Source) hands out.

mod cause;
mod contents;
mod direction;
mod labels;
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

pub use cause::{Cause, CauseId, Causes, Certainty, Why};
pub use direction::Direction;
pub use reach::{
    Excluded, Reach, ReachedProcess, ReachedStock, ReachedUnits, Reason, Rules, Seed, Window,
};
pub use reader::Units;
pub use standing::{Answer, Fault, Standing, Standings, Status, Whereabouts};
pub use stock::Spot;

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

    /// Where these instances are at this time. Lots have balances instead.
    pub fn whereabouts(&mut self, units: &Units, at: Timestamp) -> Result<Whereabouts, S::Error> {
        whereabouts::whereabouts(&mut self.reader, units, at)
    }
}
