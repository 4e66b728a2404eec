//! What truly happened, written down by the simulation while it happens. No event is read and no
//! trace is asked: this is what the product's answers are held against.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::epcis::Timestamp;

/// Where and when the fault was: the recall's question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// The place, a canonical Digital Link.
    pub place: String,
    /// The first instant of the fault. Nothing is made at the place close to it on either side.
    pub from: Timestamp,
    /// The first instant after it.
    pub until: Timestamp,
    /// What the fault brings into the product.
    pub hazard: String,
}

/// Why a unit is contaminated.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// It was filled at the place in the window.
    FilledInWindow,
    /// It was filled elsewhere or later, from a bulk lot that held contaminated rework.
    FilledFromRework {
        /// The bulk lot, a canonical Digital Link.
        bulk: Arc<str>,
    },
}

/// Where a unit truly is when the world ends.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// At a place.
    Held {
        /// The place, a canonical Digital Link.
        place: Arc<str>,
        /// The id of the party that has it.
        holder: Arc<str>,
        /// The case it is in, a canonical Digital Link; none when it stands open.
        inside: Option<Arc<str>>,
    },
    /// Left and never arrived: the receipt is missing.
    InTransit {
        /// The place it left.
        from: Arc<str>,
        /// The place it was sent to.
        to: Arc<str>,
        /// The case it is in.
        inside: Arc<str>,
    },
    /// With a consumer.
    Sold {
        /// The shop that sold it last.
        shop: Arc<str>,
    },
    /// Destroyed.
    Destroyed {
        /// The place where it was destroyed.
        place: Arc<str>,
    },
    /// Opened; its powder went back into a bulk lot.
    Reworked {
        /// The bulk lot, a canonical Digital Link.
        bulk: Arc<str>,
    },
}

/// A stay on a unit's way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// When it came there.
    pub at: Timestamp,
    /// The place, a canonical Digital Link.
    pub place: Arc<str>,
    /// The case or pallet that carried it there, as a canonical Digital Link: the outermost one.
    pub carried_by: Option<Arc<str>>,
}

/// A contaminated unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Affected {
    /// The canonical Digital Link of the item.
    pub id: String,
    /// Its lot number.
    pub lot: Arc<str>,
    /// The line that filled it, a canonical Digital Link.
    pub line: Arc<str>,
    /// When it was filled, and became contaminated.
    pub filled_at: Timestamp,
    /// Why it is contaminated.
    pub cause: Cause,
    /// Where it is at the end.
    pub fate: Fate,
    /// True if it was once sold and came back.
    pub was_returned: bool,
    /// Its way, from the plant on.
    pub hops: Vec<Hop>,
}

/// A bulk lot that holds contaminated powder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AffectedBulk {
    /// The canonical Digital Link of the lot.
    pub id: Arc<str>,
    /// From when on.
    pub since: Timestamp,
}

/// The hidden truth of a world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truth {
    /// The recall's question.
    pub window: Window,
    /// Every contaminated unit, ordered by its identifier.
    pub affected: Vec<Affected>,
    /// Every contaminated bulk lot, in the order in which they became so.
    pub bulk: Vec<AffectedBulk>,
    /// Units filled, contaminated or not.
    pub unit_count: u64,
    /// Events that happened, without the duplicates.
    pub event_count: u64,
    pub(super) needed: BTreeSet<String>,
}

impl Truth {
    /// Event ids of packing events without any one of which contaminated units cannot be placed: nobody
    /// saw these units (or their case) by themselves after the packing, and they moved since.
    pub const fn needed_packing_events(&self) -> &BTreeSet<String> {
        &self.needed
    }

    /// The identifiers of the contaminated units, in order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.affected.iter().map(|unit| unit.id.as_str())
    }

    /// How many contaminated units ended so.
    pub fn count(&self, ended: impl Fn(&Affected) -> bool) -> usize {
        self.affected.iter().filter(|unit| ended(unit)).count()
    }
}
