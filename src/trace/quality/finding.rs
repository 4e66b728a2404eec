//! Findings: as they are found, in addresses, and as they are told.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::kind::{Kind, Sentence};
use crate::codes::{Address, Block, MemberSet};
use crate::epcis::Timestamp;
use crate::trace::evaluate::Bounds;
use crate::trace::{EventKey, Quantity};

/// Things that one finding names unless all are asked for; `more` says how many it does not name.
pub const THINGS_NAMED_MAX: usize = 20;

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Finding {
    /// What kind.
    pub kind: Kind,
    /// The things it is about; of more than twenty the first twenty, unless all were asked for.
    pub things: Vec<String>,
    /// How many things it is about.
    pub count: u64,
    /// How many of them are not named.
    pub more: u64,
    /// The ids of the events that tell of it.
    pub events: Vec<String>,
    /// The places it is about: from, to.
    pub places: Vec<String>,
    /// How much, of lots; a row a unit of measure.
    pub quantity: Vec<Quantity>,
    /// When.
    pub at: Option<String>,
    /// Whom to ask, sorted.
    pub ask: Vec<String>,
    /// One sentence.
    pub sentence: Sentence,
}

/// What a finding is about.
#[derive(Debug, Clone)]
pub(super) enum Thing {
    Units(Block, MemberSet),
    /// A lot, class or process.
    Whole(Block),
    /// Nothing but events.
    Event,
}

/// A finding in addresses.
#[derive(Debug, Clone)]
pub(super) struct Raw {
    pub(super) kind: Kind,
    pub(super) thing: Thing,
    pub(super) events: Vec<EventKey>,
    pub(super) places: Vec<Block>,
    /// Parties to ask beside those who answer for the places.
    pub(super) parties: Vec<Block>,
    pub(super) amounts: Vec<(Option<String>, Option<Bounds>)>,
    pub(super) at: Timestamp,
}

impl Raw {
    pub(super) fn of_units(kind: Kind, block: Block, members: MemberSet, at: Timestamp) -> Self {
        Self::new(kind, Thing::Units(block, members), at)
    }

    pub(super) const fn new(kind: Kind, thing: Thing, at: Timestamp) -> Self {
        Self {
            kind,
            thing,
            events: Vec::new(),
            places: Vec::new(),
            parties: Vec::new(),
            amounts: Vec::new(),
            at,
        }
    }

    pub(super) fn count(&self) -> u64 {
        match &self.thing {
            Thing::Units(_, members) => u64::from(members.len()),
            Thing::Whole(_) => 1,
            Thing::Event => 0,
        }
    }

    /// The things to name: the first, or all.
    pub(super) fn named(&self, all: bool) -> Vec<Address> {
        match &self.thing {
            Thing::Units(block, members) => {
                let most = if all { usize::MAX } else { THINGS_NAMED_MAX };
                let members = members.iter().take(most);
                members
                    .map(|member| Address {
                        block: *block,
                        member,
                    })
                    .collect()
            }
            Thing::Whole(block) => vec![Address {
                block: *block,
                member: 0,
            }],
            Thing::Event => Vec::new(),
        }
    }
}
