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

mod book;
mod chain;
mod dairy;
mod formula;
mod goods;
mod keys;
pub mod load;
mod outbox;
mod papers;
mod parcel;
mod powerbank;
mod question;
mod report;
mod rng;
mod serials;
mod shrimp;
mod site;
mod stream;
mod tale;
mod toy;
mod truth;
mod world;

#[cfg(test)]
mod implied;
#[cfg(test)]
mod tests;

pub use chain::Setting;
pub use formula::Formula;
pub use question::{
    ContainerWindow, KillStep, PlaceWindow, Policies, Question, SerialRange, Vessel,
};
pub use report::Message;
pub use serials::{PlainSerials, SerialSource};
pub use stream::Stream;
pub use truth::{Affected, AffectedLot, Cause, Fate, Fates, Hop, LotPart, Truth, Uom, Window};
pub use world::{Alias, Party, Place, Product, World};

use crate::epcis::Timestamp;
use stream::Under;

/// Why there is no such world.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ScenarioError {
    /// No scenario of this name.
    #[error("no scenario is called {name:?}; there are: {}", Scenario::NAMES.join(", "))]
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

/// Serials of one lot that a stream will take, in one or more portions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedLot {
    /// Fourteen digits.
    pub gtin: String,
    /// The lot number.
    pub lot: String,
    /// How many.
    pub count: u32,
}

/// A world ready to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scenario {
    /// Infant formula: a sieve breaks on a packing line for three hours, and tins are worked in again.
    Formula(Formula),
    /// Dairy: silos in which milk stays behind, a pasteuriser that stops one hazard and not another.
    Dairy(Setting),
    /// Toys: a paint lot under other names, and paint that is used again.
    Toy(Setting),
    /// Power banks: a range of serials, online sale, returns and resale.
    PowerBank(Setting),
    /// Frozen shrimp: containers that are used again, and a cooling that fails on one leg.
    Shrimp(Setting),
    /// Cross-border parcels: a lot by the piece, and holders who report nothing.
    Parcel(Setting),
}

impl Scenario {
    /// The names of all scenarios.
    pub const NAMES: [&'static str; 6] =
        ["formula", "dairy", "toy", "powerbank", "shrimp", "parcel"];

    /// The scenario of this name. The world's time begins at `start`.
    pub fn named(
        name: &str,
        units: u32,
        seed: u64,
        start: Timestamp,
    ) -> Result<Self, ScenarioError> {
        let setting = |frame| Setting::new(units, seed, start, frame);
        Ok(match name {
            "formula" => Self::Formula(Formula::new(units, seed, start)?),
            "dairy" => Self::Dairy(setting(dairy::FRAME)?),
            "toy" => Self::Toy(setting(toy::FRAME)?),
            "powerbank" => Self::PowerBank(setting(powerbank::FRAME)?),
            "shrimp" => Self::Shrimp(setting(shrimp::FRAME)?),
            "parcel" => Self::Parcel(setting(parcel::FRAME)?),
            _ => {
                return Err(ScenarioError::Unknown {
                    name: name.to_owned(),
                });
            }
        })
    }

    /// The least units with which the whole story of a scenario happens; none of an unknown name.
    pub fn least_units(name: &str) -> Option<u32> {
        Some(match name {
            "formula" => Formula::UNITS_MIN,
            "dairy" => dairy::FRAME.least,
            "toy" => toy::FRAME.least,
            "powerbank" => powerbank::FRAME.least,
            "shrimp" => shrimp::FRAME.least,
            "parcel" => parcel::FRAME.least,
            _ => return None,
        })
    }

    /// Its name.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Formula(_) => "formula",
            Self::Dairy(_) => "dairy",
            Self::Toy(_) => "toy",
            Self::PowerBank(_) => "powerbank",
            Self::Shrimp(_) => "shrimp",
            Self::Parcel(_) => "parcel",
        }
    }

    /// A few sentences for the reader.
    pub fn describe(&self) -> Description {
        match self {
            Self::Formula(formula) => formula.describe(),
            Self::Dairy(setting) => dairy::describe(setting),
            Self::Toy(setting) => toy::describe(setting),
            Self::PowerBank(setting) => powerbank::describe(setting),
            Self::Shrimp(setting) => shrimp::describe(setting),
            Self::Parcel(setting) => parcel::describe(setting),
        }
    }

    /// The master data.
    pub fn world(&self) -> World {
        match self {
            Self::Formula(formula) => formula.world(),
            Self::Dairy(_) => dairy::world(),
            Self::Toy(setting) => toy::world(setting),
            Self::PowerBank(_) => powerbank::world(),
            Self::Shrimp(_) => shrimp::world(),
            Self::Parcel(_) => parcel::world(),
        }
    }

    /// The lots whose serials the stream will take, in the order in which it first takes them.
    pub fn planned_lots(&self) -> Vec<PlannedLot> {
        match self {
            Self::Formula(formula) => formula.planned_lots(),
            Self::Dairy(setting) => dairy::planned_lots(setting),
            Self::Toy(setting) => toy::planned_lots(setting),
            Self::PowerBank(setting) => powerbank::planned_lots(setting),
            Self::Shrimp(setting) => shrimp::planned_lots(setting),
            // Nothing in it has a serial.
            Self::Parcel(_) => Vec::new(),
        }
    }

    /// Lets the world run: its messages, in the order in which they were sent.
    pub fn stream<S: SerialSource>(&self, serials: S) -> Stream<S> {
        Stream::new(match self {
            Self::Formula(formula) => Under::Formula(Box::new(formula.tell(serials))),
            Self::Dairy(setting) => Under::Dairy(dairy::tell(setting, serials)),
            Self::Toy(setting) => Under::Toy(toy::tell(setting, serials)),
            Self::PowerBank(setting) => Under::PowerBank(powerbank::tell(setting, serials)),
            Self::Shrimp(setting) => Under::Shrimp(shrimp::tell(setting, serials)),
            Self::Parcel(setting) => Under::Parcel(parcel::tell(setting, serials)),
        })
    }
}
