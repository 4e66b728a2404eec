//! Where stock of a lot went: the spots it lay at and the ways between them, read from its movements.
//! Stock that left a spot before a label is clean, so a lot is labelled spot by spot.

use crate::codes::{Address, Block};
use crate::epcis::Timestamp;
use crate::trace::EventKey;

use super::cause::Certainty;
use super::stays::Emptied;

/// Where stock of a lot can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Spot {
    /// At a place.
    At(Block),
    /// In a container, in its `n`th filling: how often it had been emptied before.
    In(Address, u32),
    /// Nobody says where; it can be at any spot.
    Unknown,
}

impl Spot {
    pub(super) fn of(place: Option<Block>) -> Self {
        place.map_or(Self::Unknown, Self::At)
    }
}

/// A way that stock may have taken. It left within the span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Way {
    pub(super) from: Spot,
    pub(super) to: Spot,
    pub(super) t_lo: Timestamp,
    pub(super) t_hi: Timestamp,
    pub(super) event: EventKey,
    pub(super) certainty: Certainty,
}

/// Stock of a lot that went into or came out of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Turn {
    pub(super) spot: Spot,
    pub(super) process: Block,
    pub(super) t_lo: Timestamp,
    pub(super) t_hi: Timestamp,
    pub(super) event: EventKey,
    pub(super) certainty: Certainty,
}

/// Everything a lot did.
#[derive(Debug, Clone, Default)]
pub(super) struct Flows {
    pub(super) ways: Vec<Way>,
    /// Into processes.
    pub(super) used: Vec<Turn>,
    /// Out of processes.
    pub(super) made: Vec<Turn>,
    /// Whether any event names it.
    pub(super) is_named: bool,
}

/// The filling of a container that something put in at this time belongs to.
pub(super) fn filling(container: Address, emptied: &[Emptied], time: Timestamp) -> Spot {
    let before = emptied.iter().filter(|emptied| emptied.t_hi <= time);
    Spot::In(container, u32::try_from(before.count()).unwrap_or(u32::MAX))
}
