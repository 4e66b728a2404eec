//! Policies: what changes how taint spreads. The default is the cautious choice wherever there is one; what a
//! default cannot know — which places are mixing vessels, which steps stop which hazard, where mere
//! contact is enough — has to be said.

use std::collections::{BTreeMap, BTreeSet};

use crate::codes::Block;
use crate::epcis::Timestamp;

/// The policies of an evaluation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rules {
    /// Input and output times of processes are sound: what was finished before the process was reached, by
    /// more than this tolerance of clocks (microseconds), is clean. Without it every input reaches
    /// every output of a process.
    pub time_order: Option<i64>,
    /// Where the hazard at hand is stopped.
    pub kill_steps: KillSteps,
    /// Places in which what is left of one process gets into later ones.
    pub vessels: BTreeMap<Block, Mixing>,
    /// Where being together is enough.
    pub contact: Contact,
    /// When a process began that has one time only.
    pub starts: Starts,
    /// Nothing later (backward: earlier) than this counts.
    pub limit: Option<Timestamp>,
}

impl Rules {
    /// The same where nothing stops the hazard.
    #[must_use]
    pub fn without_kill_steps(&self) -> Self {
        Self {
            kill_steps: KillSteps::default(),
            ..self.clone()
        }
    }
}

/// Steps that stop the hazard: what comes out of them is clean.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KillSteps {
    /// Single processes.
    pub processes: BTreeSet<Block>,
    /// Places whose every process is one.
    pub places: BTreeSet<Block>,
}

impl KillSteps {
    /// Whether nothing stops the hazard.
    pub fn is_empty(&self) -> bool {
        self.processes.is_empty() && self.places.is_empty()
    }
}

/// How a vessel mixes what goes through it. What went in at a time reaches what comes out at that time or
/// later; a cleaning ends it in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mixing {
    /// Something always stays behind: only a cleaning ends it.
    UntilCleaned,
    /// All of it mixes; it ends, too, when as much has come out as had gone in, in one unit of measure. Where
    /// amounts are not known this is as [`Mixing::UntilCleaned`].
    WellMixed,
    /// First in, first out, with a band of mixing.
    PlugFlow {
        /// How long after it went in something still comes out, in microseconds.
        band: i64,
    },
}

/// Contact: what was together with a tainted thing is tainted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contact {
    /// In a container: siblings, and the container's later loads until it is cleaned.
    pub containers: bool,
    /// At these places, while both were there.
    pub places: BTreeSet<Block>,
    /// How long a place or container stays dangerous after a tainted thing has left it, in microseconds;
    /// none: a place not at all, a container until it is cleaned.
    pub linger: Option<i64>,
}

impl Contact {
    /// Whether contact counts anywhere.
    pub fn is_on(&self) -> bool {
        self.containers || !self.places.is_empty()
    }
}

/// When a process began of which only the end was stamped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Starts {
    /// At the end of what was done before at the same place: the process, changeover or cleaning before it. And
    /// a process with several times ran between them.
    #[default]
    Previous,
    /// When it was stamped: its times are all of it.
    Stamped,
}
