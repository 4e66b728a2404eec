//! What the smaller worlds share: a queue of things to do, sites that send events, and the trade that
//! carries finished goods to shops and consumers. A world is a [`Story`] told at a [`Desk`].

mod cast;
mod desk;
mod setting;
mod trade;

use std::fmt::Debug;

pub(super) use cast::{Cast, Map, Spot, Ware, spot, ware};
pub(super) use desk::{Birth, Desk};
pub(super) use setting::Frame;
pub use setting::Setting;
pub(super) use trade::Habits;

use crate::epcis::Timestamp;

use super::outbox::Outbox;
use super::question::Question;
use super::serials::SerialSource;
use super::tale::{Tale, Told};
use desk::Turn;

/// What one world does.
pub(super) trait Story {
    /// Something to do.
    type Task: Debug;

    /// How its shops and consumers behave.
    const HABITS: Habits;

    /// Puts the first things to do into the queue.
    fn open<S: SerialSource>(&mut self, desk: &mut Desk<Self::Task, S>);

    /// Does something.
    fn perform<S: SerialSource>(&mut self, desk: &mut Desk<Self::Task, S>, task: Self::Task);

    /// Closes what is still open, and gives the recall's question and the plain one.
    fn close<S: SerialSource>(
        &mut self,
        desk: &mut Desk<Self::Task, S>,
    ) -> (Question, Option<Question>);
}

/// A world under way.
#[derive(Debug)]
pub(super) struct Chain<W: Story, S> {
    story: W,
    desk: Desk<W::Task, S>,
}

impl<W: Story, S: SerialSource> Chain<W, S> {
    pub(super) fn new(mut story: W, cast: &Cast, setting: &Setting, serials: S) -> Self {
        let mut desk = Desk::new(Map::draw(cast), setting, serials);
        story.open(&mut desk);
        Self { story, desk }
    }
}

impl<W: Story, S: SerialSource> Tale for Chain<W, S> {
    fn next_at(&self) -> Option<Timestamp> {
        self.desk.next_at()
    }

    fn step(&mut self) -> bool {
        let Some(turn) = self.desk.next_turn() else {
            return false;
        };
        match turn {
            Turn::Own(task) => self.story.perform(&mut self.desk, task),
            Turn::Deal(deal) => self.desk.trade(&W::HABITS, deal),
            Turn::Flush(site) => self.desk.flush(site),
        }
        true
    }

    fn queued(&self) -> usize {
        self.desk.queued()
    }

    fn outbox(&mut self) -> &mut Outbox {
        &mut self.desk.outbox
    }

    fn finish(&mut self) -> Told {
        let (question, plain_question) = self.story.close(&mut self.desk);
        Told {
            question,
            plain_question,
            book: std::mem::take(&mut self.desk.book),
        }
    }
}
