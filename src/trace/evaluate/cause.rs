//! Why something is reached: causes that lead, one by one, back to a seed. Causes are only ever added,
//! so the path of a label stays what it was when the label was given.

use std::collections::BTreeSet;

use crate::codes::{Address, Block};
use crate::epcis::Timestamp;
use crate::trace::EventKey;

use super::stock::Spot;

/// How certain a result is, most certain first. A result has the best class that reaches it at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Certainty {
    /// Events say so.
    Asserted = 1,
    /// By being inside something, or by the only origin the events leave open.
    Inferred = 2,
    /// By a policy: within the guard around a window.
    Policy = 3,
    /// Across a gap in the records.
    Assumed = 4,
}

impl Certainty {
    pub(super) const ALL: [Self; 4] = [Self::Asserted, Self::Inferred, Self::Policy, Self::Assumed];
}

/// The number of a cause in its [`Causes`].
pub type CauseId = u32;

/// What gave a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// It was named in the scope: by the seed with this number.
    Listed(u32),
    /// It took part in an event at a place.
    AtPlace {
        /// The place.
        place: Block,
        /// How that meets the window.
        meets: Meets,
    },
    /// It was inside this container while that was exposed or used up.
    Inside(Address),
    /// Forward: this went into the process. Backward: this came out of it.
    Entered {
        /// The unit, or the lot as member 0.
        unit: Address,
        /// The process.
        process: Block,
    },
    /// Forward: it came out of the process. Backward: it went into it.
    Left(Block),
    /// Forward: it is an item of this lot, which was tainted when the item was told to be of it. Backward:
    /// an item of the lot was made of it. Of stock of the lot itself, forward: an affected item of it can be among
    /// that stock.
    OfLot(Block),
    /// It went through this vessel after something tainted (backward: before).
    Mixed(Block),
    /// It was at this place together with something tainted, or soon after it.
    Near(Block),
    /// It was in this container together with something tainted, or after it.
    Beside(Address),
    /// It is the same as this lot, under another name.
    SameAs(Block),
    /// Stock of the lot went from one spot to another (backward: came from the second).
    Moved {
        /// The lot.
        lot: Block,
        /// From where.
        from: Spot,
        /// To where.
        to: Spot,
        /// Whether records tell of the move; else the event only shows that stock was there.
        is_recorded: bool,
    },
}

/// How an event at a place meets the window around which it is looked for. Lengths are microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Meets {
    /// It happened within the window.
    Window,
    /// It happened within the window, which is taken longer by a guard on both sides.
    Widened(i64),
    /// It happened outside the window, within the guard around it.
    Guard(i64),
    /// It was stamped after the window, and began in it or before it: when the work before it at the place
    /// ended.
    Began {
        /// When that was; none where no work before it is known.
        at: Option<Timestamp>,
        /// It began after the window, within this guard; 0 otherwise.
        guard: i64,
    },
    /// It is of a process that had begun before the window and went on after it.
    Ran,
}

/// One cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cause {
    /// The label it gave: forward the earliest time, backward the latest.
    pub time: Timestamp,
    /// What gave it.
    pub why: Why,
    /// The event that says so, if one does.
    pub event: Option<EventKey>,
    /// The cause before it; none for a seed.
    pub before: Option<CauseId>,
}

/// All causes of one evaluation.
#[derive(Debug, Clone, Default)]
pub struct Causes(Vec<Cause>);

impl Causes {
    pub(super) fn add(&mut self, cause: Cause) -> CauseId {
        let id = self.next();
        self.0.push(cause);
        id
    }

    /// The number the next cause will have.
    pub(super) fn next(&self) -> CauseId {
        CauseId::try_from(self.0.len()).unwrap_or(CauseId::MAX)
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// The cause with this number.
    pub fn get(&self, id: CauseId) -> Option<&Cause> {
        self.0.get(id as usize)
    }

    /// The chain of causes from the seed to this one.
    pub fn chain(&self, id: CauseId) -> Vec<&Cause> {
        let mut chain: Vec<_> =
            std::iter::successors(self.get(id), |cause| self.get(cause.before?)).collect();
        chain.reverse();
        chain
    }

    /// The events of these causes and of all before them.
    pub(super) fn events(&self, ids: impl Iterator<Item = CauseId>) -> BTreeSet<EventKey> {
        let mut visited = vec![false; self.0.len()];
        let mut events = BTreeSet::new();
        for id in ids {
            let mut next = Some(id);
            while let Some(id) = next {
                match visited.get_mut(id as usize) {
                    Some(visited) if !*visited => *visited = true,
                    _ => break,
                }
                let cause = self.get(id);
                events.extend(cause.and_then(|cause| cause.event));
                next = cause.and_then(|cause| cause.before);
            }
        }
        events
    }

    /// The witness path: the events from the seed to this cause, none named twice in a row.
    pub fn path(&self, id: CauseId) -> Vec<EventKey> {
        let mut path: Vec<_> = self
            .chain(id)
            .into_iter()
            .filter_map(|cause| cause.event)
            .collect();
        path.dedup();
        path
    }
}
