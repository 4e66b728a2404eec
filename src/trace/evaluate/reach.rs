//! What a taint evaluation answers: who is reached, when, how certainly and why, and who was looked at
//! and left out.

use std::collections::{BTreeMap, BTreeSet};

use crate::codes::{Address, Block, Members};
use crate::epcis::Timestamp;
use crate::trace::EventKey;

use super::blanks::Blank;
use super::cause::{CauseId, Causes, Certainty};
use super::direction::Direction;
use super::entries::Entries;
use super::reader::Units;
use super::stock::Spot;

/// What an evaluation starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seed {
    /// Units named one by one or in ranges. What was inside them while the window lasted is exposed.
    Units {
        /// Which.
        units: Units,
        /// The window; open where none is given.
        window: Window,
    },
    /// A whole lot or class, at one spot of it or wherever it is.
    Lot {
        /// Which.
        lot: Block,
        /// Only what was at this place.
        place: Option<Block>,
        /// The window: forward its start counts, backward its end.
        window: Window,
    },
    /// A place, with what is inside it, during a window.
    Place {
        /// Which.
        place: Block,
        /// The window.
        window: Window,
        /// How far beyond the window to look, in microseconds: clock skew, hold-up time.
        guard: i64,
    },
}

/// A closed window of time, open at an end that is not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Window {
    /// Its start.
    pub from: Option<Timestamp>,
    /// Its end.
    pub until: Option<Timestamp>,
}

/// Units of a block that share label, certainty and cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReachedUnits {
    /// The block.
    pub block: Block,
    /// Its members.
    pub members: Members,
    /// Forward: from when on they can be affected. Backward: until when they matter.
    pub time: Timestamp,
    /// The best class that reaches them.
    pub certainty: Certainty,
    /// Why, in that class.
    pub cause: CauseId,
}

/// Stock of a lot at one spot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReachedStock {
    /// The lot.
    pub lot: Block,
    /// Where. `Unknown` stands for all of it, wherever it is.
    pub spot: Spot,
    /// As for units.
    pub time: Timestamp,
    /// As for units.
    pub certainty: Certainty,
    /// As for units.
    pub cause: CauseId,
}

/// A process on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReachedProcess {
    /// The process.
    pub process: Block,
    /// As for units.
    pub time: Timestamp,
    /// As for units.
    pub certainty: Certainty,
    /// As for units.
    pub cause: CauseId,
}

/// Why something that was looked at is not reached.
/// The number stands in the store: never change one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Reason {
    /// The unit took part in the process before it could be affected (backward: after it mattered).
    TimeOrder = 1,
    /// Under the time-order policy: the output was finished before the process was reached.
    FinishedBefore = 2,
    /// The process is a kill step for this hazard.
    KillStep = 3,
    /// It was in the exposed container, but not then.
    DisjointInterval = 4,
    /// It took part in an event at the place, and that was the nearest one outside the window.
    OutsideWindow = 5,
    /// It came out of the vessel after a cleaning, or after all that was in it had come out.
    Cleaned = 6,
    /// It came out of the vessel after the band of mixing.
    BeyondBand = 7,
    /// It went into work at the place in the window (backward: came out of it): what came out is reached, and it
    /// itself was there before.
    WentIn = 8,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 8] = [
        Self::TimeOrder,
        Self::FinishedBefore,
        Self::KillStep,
        Self::DisjointInterval,
        Self::OutsideWindow,
        Self::Cleaned,
        Self::BeyondBand,
        Self::WentIn,
    ];

    /// The reason with this number.
    pub fn from_number(number: i32) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|reason| *reason as i32 == number)
    }

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TimeOrder => "time_order",
            Self::FinishedBefore => "finished_before",
            Self::KillStep => "kill_step",
            Self::DisjointInterval => "disjoint_interval",
            Self::OutsideWindow => "outside_window",
            Self::Cleaned => "cleaned",
            Self::BeyondBand => "beyond_band",
            Self::WentIn => "went_in",
        }
    }
}

/// Something looked at and left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excluded {
    /// The block of what is left out: units, a lot or a process.
    pub block: Block,
    /// The units; 0 of a lot or process.
    pub members: Members,
    /// Why.
    pub reason: Reason,
    /// The event that was looked at.
    pub event: EventKey,
}

/// The result of a forward or backward evaluation, sorted.
#[derive(Debug, Clone)]
pub struct Reach {
    /// Which way.
    pub direction: Direction,
    /// Nothing later (backward: earlier) than this counted.
    pub limit: Option<Timestamp>,
    /// Instances, by block and lowest member.
    pub units: Vec<ReachedUnits>,
    /// Lots and classes, by lot and spot.
    pub stock: Vec<ReachedStock>,
    /// Lot by lot, from when on any of it can be affected, however uncertain that is. Backward: until when it matters.
    pub since: BTreeMap<Block, Timestamp>,
    /// Processes.
    pub processes: Vec<ReachedProcess>,
    /// What was left out, with its reason.
    pub excluded: Vec<Excluded>,
    /// What no record says of it, as far as its own records show; [`super::Evaluation::blanks`] tells all.
    pub blanks: Vec<Blank>,
    /// By what each lot was reached.
    pub entries: Entries,
    /// Why anything was reached.
    pub causes: Causes,
}

impl Reach {
    /// The reached units as sets, of every class.
    pub fn unit_sets(&self) -> Units {
        self.unit_sets_up_to(Certainty::Assumed)
    }

    /// The reached units as sets, of this class and the more certain ones.
    pub fn unit_sets_up_to(&self, certainty: Certainty) -> Units {
        let mut units = Units::new();
        for group in self
            .units
            .iter()
            .filter(|group| group.certainty <= certainty)
        {
            group.members.add_to(units.entry(group.block).or_default());
        }
        units
    }

    /// What is said of one unit.
    pub fn unit(&self, unit: Address) -> Option<&ReachedUnits> {
        let of_block = |group: &&ReachedUnits| group.block == unit.block;
        let start = self.units.partition_point(|group| group.block < unit.block);
        let mut groups = self.units[start..].iter().take_while(of_block);
        groups.find(|group| group.members.contains(unit.member))
    }

    /// What is said of a lot, spot by spot.
    pub fn lot(&self, lot: Block) -> impl Iterator<Item = &ReachedStock> {
        self.stock.iter().filter(move |stock| stock.lot == lot)
    }

    /// How many instances are reached.
    pub fn unit_count(&self) -> u64 {
        let counts = self
            .units
            .iter()
            .map(|group| u64::from(group.members.len()));
        counts.sum()
    }

    /// The reached lots.
    pub fn lots(&self) -> BTreeSet<Block> {
        self.stock.iter().map(|stock| stock.lot).collect()
    }
}
