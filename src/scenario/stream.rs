//! The messages of a world in the order in which they were sent, and its truth at the end.

use std::collections::BTreeSet;

use super::chain::Chain;
use super::dairy::Dairy;
use super::formula;
use super::parcel::Parcels;
use super::powerbank::PowerBanks;
use super::report::Message;
use super::serials::SerialSource;
use super::shrimp::Shrimp;
use super::tale::{Tale, Told};
use super::toy::Toys;
use super::truth::Truth;

/// A world under way. Memory is taken by what is under way and by what is affected, whatever its size.
#[derive(Debug)]
pub struct Stream<S>(Under<S>);

#[derive(Debug)]
pub(super) enum Under<S> {
    Formula(Box<formula::Sim<S>>),
    Dairy(Chain<Dairy, S>),
    Toy(Chain<Toys, S>),
    PowerBank(Chain<PowerBanks, S>),
    Shrimp(Chain<Shrimp, S>),
    Parcel(Chain<Parcels, S>),
}

impl<S: SerialSource> Under<S> {
    fn tale(&mut self) -> &mut dyn Tale {
        match self {
            Self::Formula(tale) => tale.as_mut(),
            Self::Dairy(tale) => tale,
            Self::Toy(tale) => tale,
            Self::PowerBank(tale) => tale,
            Self::Shrimp(tale) => tale,
            Self::Parcel(tale) => tale,
        }
    }
}

impl<S: SerialSource> Stream<S> {
    pub(super) const fn new(under: Under<S>) -> Self {
        Self(under)
    }

    /// The same world with these events never reported: they happen, and nobody sends them. Say it before
    /// the first message.
    #[must_use]
    pub fn omitting(mut self, event_ids: BTreeSet<String>) -> Self {
        self.0.tale().outbox().omit(event_ids);
        self
    }

    /// The same world with so many of a hundred events lost, which ones the world's seed decides: they happen,
    /// and nobody sends them. Say it before the first message.
    #[must_use]
    pub fn losing(mut self, percent: u8) -> Self {
        self.0.tale().outbox().lose(percent);
        self
    }

    /// How much is under way: things still to be done, and messages that wait to be sent. Memory grows with it
    /// and with what is affected, and with nothing else.
    pub fn under_way(&mut self) -> usize {
        let tale = self.0.tale();
        tale.queued() + tale.outbox().waiting()
    }

    /// Lets the world run to its end, drops the messages that are left, and tells the truth.
    pub fn finish(mut self) -> Truth {
        while self.next().is_some() {}
        let tale = self.0.tale();
        let Told {
            question,
            plain_question,
            book,
        } = tale.finish();
        let mut affected = book.affected;
        affected.sort_by(|a, b| a.id.cmp(&b.id));
        let outbox = tale.outbox();
        Truth {
            question,
            plain_question,
            affected,
            lots: book.lots,
            unit_count: book.unit_count,
            fates: book.fates,
            event_count: outbox.event_count,
            dropped_count: outbox.dropped_count,
            needed: book.needed,
        }
    }
}

impl<S: SerialSource> Iterator for Stream<S> {
    type Item = Message;

    fn next(&mut self) -> Option<Message> {
        let tale = self.0.tale();
        loop {
            // Nothing that still happens is sent before the next thing to do.
            let next_at = tale.next_at();
            if let Some(message) = tale.outbox().pop(next_at) {
                return Some(message);
            }
            if !tale.step() {
                return tale.outbox().pop(None);
            }
        }
    }
}
