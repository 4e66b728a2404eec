//! By what a label comes into a lot: as a whole, out of a process that turned a measured amount, or in a way
//! that says nothing of how much.

use std::collections::{BTreeMap, BTreeSet};

use crate::codes::Block;
use crate::trace::EventKey;

use super::cause::{Cause, Why};
use super::stock::Spot;
use super::taint::Taint;

/// One way into a lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entry {
    /// All of it, wherever it is.
    Whole,
    /// Forward: what this event of a process made of it. Backward: what this event used up of it.
    Turned(EventKey),
    /// Some of it, nobody knows how much.
    Some,
}

/// The ways into each lot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entries(BTreeMap<Block, BTreeSet<Entry>>);

impl Entries {
    /// Whether all of a lot is reached.
    pub fn is_whole(&self, lot: Block) -> bool {
        let of_lot = self.0.get(&lot);
        of_lot.is_some_and(|entries| entries.contains(&Entry::Whole))
    }

    /// The events whose amounts are all that is reached of a lot; none when that cannot be said.
    pub fn turned(&self, lot: Block) -> Option<Vec<EventKey>> {
        let of_lot = self.0.get(&lot)?;
        let events = of_lot.iter().map(|entry| match entry {
            Entry::Turned(event) => Some(*event),
            Entry::Whole | Entry::Some => None,
        });
        events.collect()
    }
}

impl<S> Taint<'_, '_, S> {
    /// Notes a way into a lot, whether or not it lowers a label.
    pub(super) fn note_entry(&mut self, lot: Block, spot: Spot, cause: &Cause) {
        let entry = match (cause.why, cause.event) {
            (Why::Listed(_), _) if spot == Spot::Unknown => Entry::Whole,
            (Why::SameAs(other), _) if spot == Spot::Unknown && self.entries.is_whole(other) => {
                Entry::Whole
            }
            (Why::Left(_), Some(event)) => Entry::Turned(event),
            _ => Entry::Some,
        };
        self.entries.0.entry(lot).or_default().insert(entry);
    }
}
