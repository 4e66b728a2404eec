//! Where things are: the shape of the answers.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

use crate::codes::{Address, Block, Members};
use crate::epcis::Timestamp;
use crate::trace::EventKey;

use super::cause::Certainty;
use super::reader::Units;

/// What has become of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// At a place, if any is known.
    Here(Option<Block>),
    /// On its way.
    InTransit {
        /// From where, if said.
        from: Option<Block>,
        /// To where, if said.
        to: Option<Block>,
        /// Who sent it, if said: the last known holder.
        sender: Option<Block>,
    },
    /// Sold to a consumer, at a place if known.
    Sold(Option<Block>),
    /// Destroyed or disposed of.
    Destroyed(Option<Block>),
    /// Stolen; last seen at a place, if known.
    Stolen(Option<Block>),
    /// Used up in this process.
    Consumed(Block),
    /// Decommissioned.
    Ended(Option<Block>),
    /// No record says anything of it.
    Unknown,
}

/// One answer for one unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Answer {
    /// What has become of it.
    pub status: Status,
    /// Who has it, or is to have it when it is on its way; as far as events name parties.
    pub party: Option<Block>,
    /// Asserted by its own record, or inferred from its container's.
    pub certainty: Certainty,
    /// The event that decides.
    pub event: Option<EventKey>,
    /// That event's earliest time.
    pub time: Option<Timestamp>,
}

impl Answer {
    pub(super) const UNKNOWN: Self = Self {
        status: Status::Unknown,
        party: None,
        certainty: Certainty::Assumed,
        event: None,
        time: None,
    };
}

/// What is wrong with the records of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// Seen by itself elsewhere while inside a container.
    SeenApart,
    /// Packed into a second container without leaving the first.
    PackedTwice,
    /// A container inside itself.
    Nested,
}

/// All that is answered for a unit: one answer, and the others that cannot be ruled out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Standing {
    /// The answer.
    pub answer: Answer,
    /// Answers that conflict with it.
    pub others: Vec<Answer>,
    /// Why there are others, or that something is wrong.
    pub fault: Option<Fault>,
}

impl Hash for Standing {
    /// Few standings differ and are decided by the same event, and there are millions to be told apart.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Answer {
            certainty, event, ..
        } = &self.answer;
        (event, certainty, self.fault, self.others.len()).hash(state);
    }
}

impl Standing {
    /// The same as it holds of what is inside: by being inside, and not by a record of its own.
    pub(super) fn inferred(mut self) -> Self {
        for answer in std::iter::once(&mut self.answer).chain(&mut self.others) {
            answer.certainty = answer.certainty.max(Certainty::Inferred);
        }
        self
    }

    /// Whether any event tells of it.
    pub fn is_told(&self) -> bool {
        self.answer.status != Status::Unknown || self.answer.event.is_some()
    }
}

/// The units of one block, by where they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standings {
    /// The block.
    pub block: Block,
    /// Its units, by lowest member.
    pub groups: Vec<Together>,
}

/// Units of one block that share container and standing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Together {
    /// The members of the block.
    pub members: Members,
    /// The container they are in.
    pub inside: Option<Address>,
    /// The number of their standing.
    pub standing: u32,
}

/// Where units are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Whereabouts {
    /// The units, by block.
    pub blocks: Vec<Standings>,
    /// The standings, no two equal; some may be of containers alone.
    pub standings: Vec<Standing>,
    /// Which container the containers of the units are in, when that was asked for.
    pub containers: BTreeMap<Address, Address>,
}

impl Whereabouts {
    /// What is said of one unit.
    pub fn of(&self, unit: Address) -> Option<&Standing> {
        self.standings.get(self.group(unit)?.standing as usize)
    }

    /// The containers around a unit, innermost first.
    pub fn inside(&self, unit: Address) -> Vec<Address> {
        let mut chain: Vec<Address> = Vec::new();
        let mut next = self.group(unit).and_then(|group| group.inside);
        let is_new = |chain: &[Address], container: &Address| {
            *container != unit && !chain.contains(container)
        };
        while let Some(container) = next.filter(|container| is_new(&chain, container)) {
            chain.push(container);
            next = self.containers.get(&container).copied();
        }
        chain
    }

    /// The units by standing: for each number, the units that have it.
    pub fn by_standing(&self) -> Vec<Units> {
        let mut units = vec![Units::new(); self.standings.len()];
        for (block, group) in self.groups() {
            let of_standing = &mut units[group.standing as usize];
            group.members.add_to(of_standing.entry(block).or_default());
        }
        units
    }

    /// All groups, with their blocks.
    pub fn groups(&self) -> impl Iterator<Item = (Block, &Together)> {
        self.blocks
            .iter()
            .flat_map(|of| of.groups.iter().map(|group| (of.block, group)))
    }

    /// The groups of a block.
    pub fn of_block(&self, block: Block) -> &[Together] {
        let found = self.blocks.binary_search_by_key(&block, |of| of.block);
        found.map_or(&[], |index| &self.blocks[index].groups)
    }

    fn group(&self, unit: Address) -> Option<&Together> {
        let mut groups = self.of_block(unit.block).iter();
        groups.find(|group| group.members.contains(unit.member))
    }
}
