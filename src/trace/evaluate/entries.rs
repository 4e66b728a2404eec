//! By what a label comes into a lot: as a whole, out of a process that turned a measured amount, or in a way
//! that says nothing of how much.

use std::collections::{BTreeMap, BTreeSet};

use crate::codes::{Block, MemberSet};
use crate::trace::EventKey;

use super::amount::Amount;
use super::cause::{Cause, Why};
use super::reader::Units;
use super::stock::Spot;
use super::taint::Taint;

/// One way into a lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entry {
    /// All of it, wherever it is.
    Whole,
    /// Forward: what this event of a process made of it. Backward: what this event used up of it.
    Turned(EventKey),
    /// At least what this event names of it: it took part there and then.
    Named(EventKey),
    /// Some of it, nobody knows how much.
    Some,
}

/// The ways into each lot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entries {
    by_lot: BTreeMap<Block, BTreeSet<Entry>>,
    /// Lots of which at least so much was in exposed containers, by unit of measure.
    inside: BTreeMap<Block, BTreeMap<Option<String>, Amount>>,
    /// Items by which a lot was reached, that may be anywhere among its stock.
    items: BTreeMap<Block, Units>,
}

impl Entries {
    /// Whether all of a lot is reached.
    pub fn is_whole(&self, lot: Block) -> bool {
        let of_lot = self.by_lot.get(&lot);
        of_lot.is_some_and(|entries| entries.contains(&Entry::Whole))
    }

    /// The events whose amounts are all that is reached of a lot; none when that cannot be said.
    pub fn turned(&self, lot: Block) -> Option<Vec<EventKey>> {
        let of_lot = self.by_lot.get(&lot)?;
        let events = of_lot.iter().map(|entry| match entry {
            Entry::Turned(event) => Some(*event),
            Entry::Whole | Entry::Named(_) | Entry::Some => None,
        });
        events.collect()
    }

    /// The events that a part of the lot came in by; there may be more of it.
    pub fn at_least(&self, lot: Block) -> impl Iterator<Item = EventKey> {
        let of_lot = self.by_lot.get(&lot).into_iter().flatten();
        of_lot.filter_map(|entry| match entry {
            Entry::Turned(event) | Entry::Named(event) => Some(*event),
            Entry::Whole | Entry::Some => None,
        })
    }

    /// How much of it, in a unit of measure, was in one exposed container at least.
    pub fn at_least_inside(&self, lot: Block, uom: Option<&str>) -> Amount {
        let of_lot = self.inside.get(&lot).into_iter().flatten();
        let mut alike = of_lot.filter(|(of, _)| of.as_deref() == uom);
        alike.next().map_or(Amount::ZERO, |(_, amount)| *amount)
    }

    pub(super) fn note_inside(&mut self, lot: Block, amounts: BTreeMap<Option<String>, Amount>) {
        let of_lot = self.inside.entry(lot).or_default();
        for (uom, amount) in amounts {
            let most = of_lot.entry(uom).or_default();
            *most = amount.max(*most);
        }
    }

    /// The items it was reached by that may be anywhere among its stock.
    pub fn items(&self, lot: Block) -> Option<&Units> {
        self.items.get(&lot)
    }

    /// How many they are.
    pub fn item_count(&self, lot: Block) -> u32 {
        let units = self.items(lot).into_iter().flatten();
        units.map(|(_, members)| members.len()).sum()
    }

    /// Whether items are all that it was reached by.
    pub fn is_by_items(&self, lot: Block) -> bool {
        self.items.contains_key(&lot) && !self.by_lot.contains_key(&lot)
    }

    /// Whether it was reached by some of these items, told of by their serials, that may be among its stock.
    pub fn is_of_items(&self, lot: Block, units: &Units) -> bool {
        let mut items = self.items.get(&lot).into_iter().flatten();
        items.any(|(block, members)| {
            units
                .get(block)
                .is_some_and(|asked| asked.intersects(members))
        })
    }

    pub(super) fn note_items(&mut self, lot: Block, block: Block, members: &MemberSet) {
        let of_lot = self.items.entry(lot).or_default();
        of_lot.entry(block).or_default().union_with(members);
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
            (Why::AtPlace { .. }, Some(event)) => Entry::Named(event),
            _ => Entry::Some,
        };
        self.entries.by_lot.entry(lot).or_default().insert(entry);
    }
}
