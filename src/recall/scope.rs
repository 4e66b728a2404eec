//! A frozen scope: what is affected, how certainly, by which path, and who has it. Units stand in sets of
//! members of blocks, never one by one.

use serde::{Deserialize, Serialize};

use super::summary::Summary;
use crate::codes::{Block, MemberSet};
use crate::trace::evaluate::{Certainty, Reason};
use crate::trace::{EventKey, Fate, Holding, certainty_word};

/// A scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// Where units and parts of lots are, none twice.
    pub groups: Vec<Group>,
    /// The affected units.
    pub blocks: Vec<ScopeBlock>,
    /// The affected lots.
    pub lots: Vec<ScopeLot>,
    /// What was looked at and left out, sorted.
    pub excluded: Vec<ScopeExcluded>,
    /// Counts by holder and place.
    pub summary: Summary,
    /// SHA-256 over the sorted lines of the result, in hexadecimal.
    pub digest: String,
}

/// Where units or a part of a lot are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Group {
    /// The answer.
    pub holding: Holding,
    /// Answers that contradict it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<Holding>,
    /// Where else single items can be because their lot moves by quantity. The rows of that lot tell how many, and
    /// are what holders answer for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub can_be: Vec<Holding>,
    /// No event tells of these at the place by themselves: what they are in is there, or the stock they went with.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_inferred: bool,
}

impl Group {
    /// At one place, without a doubt.
    pub const fn at(holding: Holding) -> Self {
        Self {
            holding,
            others: Vec::new(),
            can_be: Vec::new(),
            is_inferred: false,
        }
    }

    /// How certain the place is, in a word; none where nobody says.
    pub fn place_certainty(&self) -> Option<&'static str> {
        let certainty = if self.is_inferred {
            Certainty::Inferred
        } else {
            Certainty::Asserted
        };
        (self.holding.status != Fate::Unknown).then(|| certainty_word(certainty))
    }

    /// What it tells of where things are, however certainly.
    pub(super) fn whereabouts(&self) -> (&Holding, &[Holding], &[Holding]) {
        (&self.holding, &self.others, &self.can_be)
    }

    /// The answers beside the first one.
    pub fn alternatives(&self) -> impl Iterator<Item = &Holding> {
        self.others.iter().chain(&self.can_be)
    }

    /// Whether somebody has, is to get, has sent or may have what is here.
    pub fn is_with(&self, holder: &str) -> bool {
        let mut all = std::iter::once(&self.holding).chain(self.alternatives());
        all.any(|held| held.holder == holder || held.sender.as_deref() == Some(holder))
    }
}

/// The affected members of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeBlock {
    /// The block.
    pub block: Block,
    /// Witness paths: events from the seed on.
    pub paths: Vec<Vec<EventKey>>,
    /// The members, each in one cell.
    pub cells: Vec<Cell>,
}

/// Members of a block of which the same is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// How certain it is that they are affected.
    pub certainty: Certainty,
    /// The number of their path in the block.
    pub path: u32,
    /// The number of their group in the scope.
    pub group: u32,
    /// Which.
    pub members: MemberSet,
}

/// An affected lot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeLot {
    /// The lot.
    pub lot: Block,
    /// Its identifier.
    pub id: String,
    /// How certain it is that some of it is affected: the best class of its parts.
    pub certainty: Certainty,
    /// Events from the seed on, to what is most certain of it.
    pub path: Vec<EventKey>,
    /// How much of it is where.
    pub parts: Vec<LotPart>,
}

/// Things of a block that were looked at and left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeExcluded {
    /// The block: of units, of a lot or of a process.
    pub block: Block,
    /// The units; 0 of a lot or process.
    pub members: MemberSet,
    /// Why.
    pub reason: Reason,
    /// The event that was looked at.
    pub event: EventKey,
}

/// A part of a lot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LotPart {
    /// How much.
    pub quantity: crate::trace::Quantity,
    /// How certain it is that it is affected.
    pub certainty: Certainty,
    /// Events from the seed on.
    pub path: Vec<EventKey>,
    /// The number of its group in the scope.
    pub group: u32,
    /// The container it is in.
    pub inside: Option<String>,
}
