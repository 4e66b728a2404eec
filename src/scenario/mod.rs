//! Worlds with a hidden truth: seeded simulations of supply chains that send the events such a chain would
//! send, late, twice and in pieces, and write down for themselves what truly happened. Demo, tests and
//! benchmarks are fed from here.
//!
//! A world has no clock and asks no operating system for randomness: parameters and seed decide every
//! byte. Its truth is written by the simulation itself and never read from its events, so it is an oracle
//! that shares no fault with the trace it judges.
//!
//! ```
//! use suyuan::scenario::{PlainSerials, Scenario};
//!
//! let start = "2026-03-02T00:00:00+08:00".parse()?;
//! let scenario = Scenario::named("formula", 2_400, 7, start)?;
//! let mut stream = scenario.stream(PlainSerials::default());
//! let first = stream.next().ok_or("empty")?;
//! assert!(first.body.starts_with(b"{"));
//! let truth = stream.finish();
//! assert_eq!(truth.unit_count, 2_400);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod formula;
mod keys;
pub mod load;
mod outbox;
mod report;
mod rng;
mod serials;
mod truth;
mod world;

pub use formula::{Formula, PlannedLot, Stream};
pub use report::Message;
pub use serials::{PlainSerials, SerialSource};
pub use truth::{Affected, AffectedBulk, Cause, Fate, Hop, Truth, Window};
pub use world::{Party, Place, Product, World};

use crate::epcis::Timestamp;

/// Why there is no such world.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ScenarioError {
    /// No scenario of this name.
    #[error("no scenario is called {name:?}; there is: {}", Scenario::NAMES.join(", "))]
    Unknown {
        /// The name asked for.
        name: String,
    },
    /// The story needs more units than this.
    #[error("units: {units} are too few for this scenario, the least is {least}")]
    TooFew {
        /// What was asked for.
        units: u32,
        /// The least that works.
        least: u32,
    },
    /// Cases are filled from whole trays.
    #[error("tins_per_tray: {tins} is not a positive multiple of {case}")]
    UnevenTray {
        /// What was asked for.
        tins: u32,
        /// Tins in a case.
        case: u32,
    },
}

/// What a world is about, for a reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// A world ready to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scenario {
    /// Infant formula: a sieve breaks on a packing line for three hours.
    Formula(Formula),
}

impl Scenario {
    /// The names of all scenarios.
    pub const NAMES: [&'static str; 1] = ["formula"];

    /// The scenario of this name. The world's time begins at `start`.
    pub fn named(
        name: &str,
        units: u32,
        seed: u64,
        start: Timestamp,
    ) -> Result<Self, ScenarioError> {
        match name {
            "formula" => Ok(Self::Formula(Formula::new(units, seed, start)?)),
            _ => Err(ScenarioError::Unknown {
                name: name.to_owned(),
            }),
        }
    }

    /// Its name.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Formula(_) => "formula",
        }
    }

    /// A few sentences for the reader.
    pub fn describe(&self) -> Description {
        match self {
            Self::Formula(formula) => formula.describe(),
        }
    }

    /// The master data.
    pub fn world(&self) -> World {
        match self {
            Self::Formula(formula) => formula.world(),
        }
    }

    /// The recall's question.
    pub fn window(&self) -> Window {
        match self {
            Self::Formula(formula) => formula.window(),
        }
    }

    /// The lots whose serials the stream will take, in the order in which it first takes them.
    pub fn planned_lots(&self) -> Vec<PlannedLot> {
        match self {
            Self::Formula(formula) => formula.planned_lots(),
        }
    }

    /// Lets the world run: its messages, in the order in which they were sent.
    pub fn stream<S: SerialSource>(&self, serials: S) -> Stream<S> {
        match self {
            Self::Formula(formula) => formula.stream(serials),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_is_refused_with_the_names_there_are() {
        let refusal = Scenario::named("frozen", 1, 1, Timestamp::default()).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "no scenario is called \"frozen\"; there is: formula"
        );
    }
}
