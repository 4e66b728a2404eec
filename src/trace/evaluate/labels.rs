//! Labels of the members of a block. Most blocks have few distinct labels, and whole runs share one:
//! they are kept as steps, each a label with its bits; a block with many labels has one a member.

use crate::codes::{MemberSet, Members};

use super::cause::CauseId;

/// Steps a block may have before it keeps a label a member: 64 steps of 520 bytes are about as large
/// as 4096 labels of 16.
const STEPS_MAX: usize = 64;

/// A label: from which tick on, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Label {
    pub(super) tick: i64,
    pub(super) cause: CauseId,
}

#[derive(Debug, Clone)]
enum Form {
    /// Sorted by tick; no two share a member.
    Steps(Vec<(Label, MemberSet)>),
    /// One a member; only those that are labelled count.
    Dense(Vec<Label>),
}

/// The labels of one block.
#[derive(Debug, Clone)]
pub(super) struct Labels {
    labelled: MemberSet,
    form: Form,
}

impl Default for Labels {
    fn default() -> Self {
        Self {
            labelled: MemberSet::new(),
            form: Form::Steps(Vec::new()),
        }
    }
}

impl Labels {
    /// Lowers the labels of those members whose label is later, or who have none; returns them.
    pub(super) fn sink(&mut self, members: &MemberSet, label: Label) -> MemberSet {
        let mut sunk = members.clone();
        match &mut self.form {
            Form::Steps(steps) => {
                for (held, bits) in steps.iter() {
                    if held.tick <= label.tick {
                        sunk.subtract(bits);
                    }
                }
                if sunk.is_empty() {
                    return sunk;
                }
                for (_, bits) in steps.iter_mut() {
                    bits.subtract(&sunk);
                }
                steps.retain(|(_, bits)| !bits.is_empty());
                let at = steps.partition_point(|(held, _)| held.tick <= label.tick);
                steps.insert(at, (label, sunk.clone()));
                if steps.len() > STEPS_MAX {
                    self.form = Form::Dense(dense(steps));
                }
            }
            Form::Dense(labels) => {
                for member in members.iter() {
                    let held = &mut labels[usize::from(member)];
                    if self.labelled.contains(member) && held.tick <= label.tick {
                        sunk.remove(member);
                    } else {
                        *held = label;
                    }
                }
            }
        }
        self.labelled.union_with(&sunk);
        sunk
    }

    pub(super) const fn labelled(&self) -> &MemberSet {
        &self.labelled
    }

    /// The earliest label among the members, and one member that has it.
    pub(super) fn earliest(&self, members: &Members) -> Option<(Label, u16)> {
        match &self.form {
            Form::Steps(steps) => {
                let (label, bits) = steps.iter().find(|(_, bits)| members.intersects(bits))?;
                let mut first = None;
                members.for_each_in(bits, |member| first = first.or(Some(member)));
                Some((*label, first?))
            }
            Form::Dense(labels) => {
                let mut best: Option<(Label, u16)> = None;
                members.for_each_in(&self.labelled, |member| {
                    let label = labels[usize::from(member)];
                    if best.is_none_or(|(held, _)| label.tick < held.tick) {
                        best = Some((label, member));
                    }
                });
                best
            }
        }
    }

    /// Calls `visit` for the members in `mask`, in groups that share a label, sorted by their lowest
    /// member.
    pub(super) fn groups(&self, mask: &MemberSet) -> Vec<(Label, Members)> {
        match &self.form {
            Form::Steps(steps) => {
                let mut groups: Vec<(Label, Members)> = Vec::new();
                for (label, bits) in steps {
                    let mut bits = bits.clone();
                    bits.intersect_with(mask);
                    if !bits.is_empty() {
                        groups.push((*label, Members::from(bits)));
                    }
                }
                groups.sort_by_key(|(_, members)| members.first());
                groups
            }
            Form::Dense(labels) => {
                let mut groups: Vec<(Label, Members)> = Vec::new();
                let mut wanted = self.labelled.clone();
                wanted.intersect_with(mask);
                for member in wanted.iter() {
                    let label = labels[usize::from(member)];
                    match groups.last_mut() {
                        Some((held, members)) if *held == label => members.push(member),
                        _ => groups.push((label, Members::One(member))),
                    }
                }
                groups
            }
        }
    }
}

fn dense(steps: &[(Label, MemberSet)]) -> Vec<Label> {
    let none = Label {
        tick: super::direction::LAST,
        cause: CauseId::MAX,
    };
    let mut labels = vec![none; 4096];
    for (label, bits) in steps {
        for member in bits.iter() {
            labels[usize::from(member)] = *label;
        }
    }
    labels
}
