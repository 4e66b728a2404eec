//! What truly happened, written down by the simulation while it happens. No event is read and no
//! trace is asked: this is what the product's answers are held against.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::epcis::Timestamp;

use super::question::Question;

/// Where and when a fault was.
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

/// Why a unit or a lot is affected.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// It was made at the place in the window.
    MadeInWindow,
    /// It was made from an affected lot.
    FromLot {
        /// The lot, a canonical Digital Link.
        lot: Arc<str>,
    },
    /// It was made from an affected unit.
    FromUnit {
        /// The unit, a canonical Digital Link.
        unit: Arc<str>,
    },
    /// It was made in a vessel that something affected had been in, and that was not cleaned since.
    FromVessel {
        /// The vessel, a canonical Digital Link.
        vessel: Arc<str>,
    },
    /// It was in a container while that was exposed.
    InsideContainer {
        /// The container, a canonical Digital Link.
        container: Arc<str>,
    },
    /// It is bad by itself: the question names it, under this or another name.
    Named,
}

/// What truly has become of a unit, or of a part of a lot, when the world ends.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// At a place.
    Held {
        /// The place, a canonical Digital Link.
        place: Arc<str>,
        /// The id of the party that has it.
        holder: Arc<str>,
        /// The container it is in, a canonical Digital Link; none when it stands open.
        inside: Option<Arc<str>>,
    },
    /// Left, and nobody ever said that it arrived.
    InTransit {
        /// The place it left.
        from: Arc<str>,
        /// The place it was sent to.
        to: Arc<str>,
        /// The container it is in.
        inside: Option<Arc<str>>,
    },
    /// With a consumer.
    Sold {
        /// The shop that sold it last.
        shop: Arc<str>,
        /// The parcel in which the consumer got it, by which he is known.
        inside: Option<Arc<str>>,
    },
    /// Destroyed.
    Destroyed {
        /// The place where it was destroyed.
        place: Arc<str>,
    },
    /// Used up.
    Consumed {
        /// What it went into: a lot or a unit, a canonical Digital Link.
        into: Arc<str>,
    },
    /// Goes by another name from here on; for parts of lots alone.
    Renamed {
        /// The other name, a canonical Digital Link.
        lot: Arc<str>,
    },
}

/// How many units ended how, affected or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fates {
    /// At a place.
    pub held: u64,
    /// Left and never arrived.
    pub in_transit: u64,
    /// With consumers.
    pub sold: u64,
    /// Destroyed.
    pub destroyed: u64,
    /// Used up.
    pub consumed: u64,
}

impl Fates {
    /// All of them.
    pub const fn sum(&self) -> u64 {
        self.held + self.in_transit + self.sold + self.destroyed + self.consumed
    }

    /// So many more ended so.
    pub(super) const fn add(&mut self, fate: &Fate, count: u64) {
        match fate {
            Fate::Held { .. } => self.held += count,
            Fate::InTransit { .. } => self.in_transit += count,
            Fate::Sold { .. } => self.sold += count,
            Fate::Destroyed { .. } => self.destroyed += count,
            Fate::Consumed { .. } => self.consumed += count,
            Fate::Renamed { .. } => {}
        }
    }
}

/// A stay on a unit's way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// When it came there.
    pub at: Timestamp,
    /// The place, a canonical Digital Link.
    pub place: Arc<str>,
    /// The container that carried it there, as a canonical Digital Link: the outermost one.
    pub carried_by: Option<Arc<str>>,
}

/// An affected unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Affected {
    /// The canonical Digital Link of the item.
    pub id: String,
    /// Its lot number.
    pub lot: Arc<str>,
    /// Where it was made, a canonical Digital Link.
    pub line: Arc<str>,
    /// When it became affected.
    pub since: Timestamp,
    /// Why it is affected.
    pub cause: Cause,
    /// Where it is at the end.
    pub fate: Fate,
    /// True if it was once sold and came back.
    pub was_returned: bool,
    /// Its way, from where it was made on.
    pub hops: Vec<Hop>,
}

/// What the amounts of a lot are counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Uom {
    /// Pieces; an amount is a number of them.
    Pieces,
    /// Kilograms; an amount is a number of grams.
    Kilograms,
}

/// A part of a lot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LotPart {
    /// What has become of it.
    pub fate: Fate,
    /// How much it is: pieces or grams.
    pub amount: u64,
}

/// An affected lot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AffectedLot {
    /// The canonical Digital Link of the lot.
    pub id: Arc<str>,
    /// From when on.
    pub since: Timestamp,
    /// Why it is affected.
    pub cause: Cause,
    /// What its amounts are counted in.
    pub uom: Uom,
    /// How much of it there ever was: the sum of its parts.
    pub made: u64,
    /// Where all of it went; what left before it was affected, too.
    pub parts: Vec<LotPart>,
}

/// The hidden truth of a world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truth {
    /// The recall's question.
    pub question: Question,
    /// The same with lots, units and places alone, without policies and other names, where that leads to the
    /// same answer.
    pub plain_question: Option<Question>,
    /// Every affected unit, ordered by its identifier.
    pub affected: Vec<Affected>,
    /// Every affected lot, in the order in which they became so.
    pub lots: Vec<AffectedLot>,
    /// Units made, affected or not.
    pub unit_count: u64,
    /// How all of them ended.
    pub fates: Fates,
    /// Events that happened, without the duplicates.
    pub event_count: u64,
    /// Of these, events that were lost on the way: nobody sent them.
    pub dropped_count: u64,
    pub(super) needed: BTreeSet<String>,
}

impl Truth {
    /// Event ids of packing events without any one of which affected units cannot be placed: nobody
    /// saw these units (or their case) by themselves after the packing, and they moved since. Only the
    /// formula world tells them.
    pub const fn needed_packing_events(&self) -> &BTreeSet<String> {
        &self.needed
    }

    /// The identifiers of the affected units, in order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.affected.iter().map(|unit| unit.id.as_str())
    }

    /// How many affected units ended so.
    pub fn count(&self, ended: impl Fn(&Affected) -> bool) -> usize {
        self.affected.iter().filter(|unit| ended(unit)).count()
    }
}
