//! A world under way, as the stream of its messages sees it.

use crate::epcis::Timestamp;

use super::book::Book;
use super::outbox::Outbox;
use super::question::Question;

/// A simulation that is let run step by step.
pub(super) trait Tale {
    /// When the next thing happens.
    fn next_at(&self) -> Option<Timestamp>;

    /// Does the next thing; false when nothing is left.
    fn step(&mut self) -> bool;

    /// Where its events go.
    fn outbox(&mut self) -> &mut Outbox;

    /// How many things are still to be done.
    fn queued(&self) -> usize;

    /// What is true, once nothing is left to do.
    fn finish(&mut self) -> Told;
}

/// What a simulation knows at its end.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) question: Question,
    /// The same with lots, units and places alone, where that leads to the same answer.
    pub(super) plain_question: Option<Question>,
    pub(super) book: Book,
}
