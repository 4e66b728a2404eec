//! Codes that are used again: a thing that begins after one of that code had ended is another thing. What holds
//! of the one does not hold of the other. A second beginning without an end between could be a record of
//! the same thing: it changes nothing. A container begins again when something is in it, too: not everybody
//! commissions the codes of pallets.

use crate::codes::{Block, MemberSet, Members};
use crate::epcis::Timestamp;
use crate::trace::{Flow, Op, Record};

use super::direction::{Direction, FIRST};
use super::kinds::Kinds;
use super::labels::Labels;

/// Whether a code that had ended is used again with this.
pub(super) const fn begins(op: Op) -> bool {
    matches!(op, Op::Commission | Op::Produce | Op::Hold)
}

/// Whether a record withdraws the code of a container alone: what was in it is there still. Destroyed or sold with
/// its code withdrawn, it takes along what is in it.
pub(super) const fn withdraws(record: &Record) -> bool {
    matches!(record.op, Op::Decommission)
        && !matches!(
            record.flow,
            Flow::Destroy | Flow::Sell | Flow::Stolen | Flow::Ship
        )
}

/// Whether nothing is in a container to be left behind after a record: what was in it shared its fate.
pub(super) const fn takes_along(record: &Record) -> bool {
    Kinds::TAKES_ALONG.has(record)
}

/// Members that began again, and when.
#[derive(Debug, Clone)]
pub(super) struct Rebirth {
    pub(super) time: Timestamp,
    pub(super) members: MemberSet,
}

/// When members of a block began again, in order, by its log with [`Kinds::ENDS`]. Most blocks have none.
pub(super) fn rebirths(block: &Block, log: &[Record], mask: &MemberSet) -> Vec<Rebirth> {
    let mut found = Vec::new();
    if block.is_quantified() {
        return found;
    }
    let mut ended = Ended::default();
    for record in log {
        let again = ended.again(record, mask);
        found.extend(again.map(|members| Rebirth {
            time: record.t_lo,
            members,
        }));
    }
    found
}

/// Members that have ended, as records go by in order.
#[derive(Debug, Default)]
pub(super) struct Ended(Option<MemberSet>);

impl Ended {
    /// Those of these members that the record lets begin again.
    #[inline]
    pub(super) fn again(&mut self, record: &Record, mask: &MemberSet) -> Option<MemberSet> {
        let ends = Kinds::ENDS.has(record);
        let begins = begins(record.op);
        if ends || (begins && self.0.is_some()) {
            self.note(record, mask, ends)
        } else {
            None
        }
    }

    fn note(&mut self, record: &Record, mask: &MemberSet, ends: bool) -> Option<MemberSet> {
        let mut members = record.members.to_set();
        members.intersect_with(mask);
        if ends {
            self.0.get_or_insert_default().union_with(&members);
            return None;
        }
        let ended = self.0.as_mut()?;
        members.intersect_with(ended);
        ended.subtract(&members);
        Some(members).filter(|members| !members.is_empty())
    }
}

/// Containers that have ended with what was in them, though their codes may be those of the same things still: used up,
/// sold or stolen. Commissioned after that, one holds nothing of what it held.
#[derive(Debug, Default)]
pub(super) struct Gone(Option<MemberSet>);

impl Gone {
    /// Those of these containers that the record lets begin again.
    pub(super) fn again(&mut self, record: &Record, mask: &MemberSet) -> Option<MemberSet> {
        let ends = takes_along(record);
        if !ends && self.0.is_none() {
            return None;
        }
        let mut members = record.members.to_set();
        members.intersect_with(mask);
        if ends {
            self.0.get_or_insert_default().union_with(&members);
            return None;
        }
        let has_changed = begins(record.op) && record.op != Op::Hold;
        let gone = self
            .0
            .as_mut()
            .filter(|_| has_changed || record.flow == Flow::Return)?;
        members.intersect_with(gone);
        gone.subtract(&members);
        Some(members).filter(|members| record.op == Op::Commission && !members.is_empty())
    }
}

/// Those members of a record that are still what their label is about.
pub(super) fn same_epoch(
    direction: Direction,
    rebirths: &[Rebirth],
    labels: &Labels,
    record: &Record,
) -> Members {
    if rebirths.is_empty() {
        return record.members.clone();
    }
    let mut members = record.members.to_set();
    for (label, labelled) in labels.groups(&members.clone()) {
        if label.tick == FIRST {
            continue;
        }
        let time = direction.time(label.tick);
        let between = |rebirth: &&Rebirth| match direction {
            Direction::Forward => time < rebirth.time && rebirth.time <= record.t_lo,
            Direction::Backward => record.t_hi < rebirth.time && rebirth.time <= time,
        };
        for rebirth in rebirths.iter().filter(between) {
            let mut other = labelled.to_set();
            other.intersect_with(&rebirth.members);
            members.subtract(&other);
        }
    }
    Members::from(members)
}
