//! What happened, as far as a picture tells it: the input of the graph.

use std::collections::{BTreeMap, BTreeSet};

use crate::codes::{Address, Block, MemberSet};
use crate::events::Entry;
use crate::trace::evaluate::{Bounds, Reason, Units};
use crate::trace::picture::graph::Amounts;
use crate::trace::{EventKey, LotMove, LotUnits};

/// Things the graph follows or marks: single units and lots.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Things {
    /// Units.
    pub units: Units,
    /// Lots and classes.
    pub lots: BTreeSet<Block>,
}

impl Things {
    /// How many of these members of a block are among them.
    pub fn count(&self, block: &Block, members: &MemberSet) -> u64 {
        self.units.get(block).map_or(0, |known| {
            let mut both = members.clone();
            both.intersect_with(known);
            u64::from(both.len())
        })
    }

    /// Adds others.
    pub fn add(&mut self, more: &Self) {
        for (block, members) in &more.units {
            self.units.entry(*block).or_default().union_with(members);
        }
        self.lots.extend(&more.lots);
    }
}

/// One of the things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Thing {
    /// A unit.
    Unit(Address),
    /// A lot.
    Lot(Block),
    /// A process.
    Process(Block),
}

/// Something that reached something else otherwise than by moving, making and using.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Touch {
    /// What was there first.
    pub from: Thing,
    /// What it reached.
    pub to: Thing,
    /// Whether the two are one under two names; else they were together.
    pub is_same: bool,
    /// The event that says so.
    pub event: Option<EventKey>,
}

/// Something looked at and left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Its goods.
    pub goods: u32,
    /// How many units; none of a lot or process.
    pub units: u64,
    /// Why.
    pub reason: Reason,
    /// The event that was looked at.
    pub event: EventKey,
    /// Where that was.
    pub place: Option<Block>,
}

/// Where a part of what was found is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Units of a block.
    pub block: Block,
    /// Which.
    pub members: MemberSet,
    /// Who has them.
    pub holder: String,
}

/// How much of a lot is at a place now: upstream of what was asked about all of it, downstream what is affected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stock {
    /// The lot.
    pub lot: Block,
    /// The place.
    pub place: Option<Block>,
    /// The unit of measure.
    pub uom: Option<String>,
    /// At least and at most how much.
    pub amount: Bounds,
    /// Whether there is more of it than that, which is not affected.
    pub is_share: bool,
    /// Who has it, where that is to be drawn.
    pub holder: Option<String>,
}

/// What happened.
#[derive(Debug, Default)]
pub struct Story {
    /// The events, in order of evaluation.
    pub entries: Vec<Entry>,
    /// Movements of the lots, by event.
    pub moves: BTreeMap<EventKey, Vec<LotMove>>,
    /// How much of a lot came to a place by events that are not among them, up to the last of them that moved it.
    pub undrawn: BTreeMap<(Block, Option<Block>), Amounts>,
    /// Which items are of which lot, by the event that tells.
    pub told: BTreeMap<EventKey, Vec<LotUnits>>,
    /// What is followed.
    pub tracked: Things,
    /// What is affected.
    pub affected: Things,
    /// What was asked about.
    pub subject: Things,
    /// The containers that tracked things were in.
    pub containers: Units,
    /// Goods: for each block, which members are of which goods.
    pub goods: BTreeMap<Block, Vec<(MemberSet, u32)>>,
    /// What reached what by being one or being together.
    pub touches: Vec<Touch>,
    /// What was left out.
    pub left_out: Vec<LeftOut>,
    /// Who has the units now, where holders are to be drawn.
    pub held: Vec<Held>,
    /// How much of the lots is where now.
    pub stock: Vec<Stock>,
}
