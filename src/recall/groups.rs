//! Where the things of a scope are: none twice, and by whose they are and where they can have gone.

use std::collections::BTreeMap;

use super::scope::Group;
use crate::codes::{Block, MemberSet};
use crate::trace::evaluate::{Certainty, OwnedUnits, Standing, Units};
use crate::trace::{Along, Goes, Holding, Names, Whither};

/// No group.
pub(super) const NONE: u32 = u32::MAX;

/// Groups by number, in the order of first sight.
#[derive(Debug, Default)]
pub(super) struct Groups {
    pub(super) list: Vec<Group>,
    numbers: BTreeMap<Group, u32>,
}

impl Groups {
    pub(super) fn number(&mut self, group: Group) -> u32 {
        if let Some(number) = self.numbers.get(&group) {
            return *number;
        }
        let number = u32::try_from(self.list.len()).unwrap_or(NONE);
        self.list.push(group.clone());
        self.numbers.insert(group, number);
        number
    }
}

/// Where a standing is.
pub(super) fn group(names: &Names, standing: &Standing) -> Group {
    let mut others: Vec<_> = standing
        .others
        .iter()
        .map(|answer| names.holding(answer))
        .collect();
    others.sort();
    others.dedup();
    let holding = names.holding(&standing.answer);
    others.retain(|other| *other != holding);
    Group {
        holding,
        others,
        can_be: Vec::new(),
        is_inferred: standing.answer.certainty == Certainty::Inferred,
    }
}

/// What parts the things of a block further than where they are seen by themselves.
pub(super) struct Parting<'a> {
    pub(super) whither: Whither<'a>,
    /// Units that somebody is named to own, block by block.
    pub(super) owned: &'a [OwnedUnits],
    /// Units that can have gone along with their lot, block by block.
    pub(super) along: &'a [Along],
}

impl Parting<'_> {
    /// Parts the groups of a block's members by owner, and by where they can have gone.
    pub(super) fn part(&self, block: Block, group_of: &mut [u32], groups: &mut Groups) {
        for owned in of_block(self.owned, block, |owned| owned.block) {
            regroup(&owned.members, group_of, groups, |mut group| {
                group.holding = self
                    .whither
                    .names
                    .owned_by(Some(owned.owner), group.holding);
                group
            });
        }
        for along in of_block(self.along, block, |along| along.block) {
            regroup(&along.members, group_of, groups, |group| {
                let (holding, can_be) = self.whither.gone(along, group.holding);
                let is_new = |other: &Holding| !group.others.contains(other);
                Group {
                    holding,
                    can_be: can_be.into_iter().filter(is_new).collect(),
                    others: group.others,
                    is_inferred: group.is_inferred || along.goes() != Goes::Stays,
                }
            });
        }
    }
}

/// The rows of a list that is sorted by block.
fn of_block<T>(all: &[T], block: Block, key: impl Fn(&T) -> Block) -> impl Iterator<Item = &T> {
    let first = all.partition_point(|row| key(row) < block);
    all[first..].iter().take_while(move |row| key(row) == block)
}

/// Gives members another group, made of the one they have.
fn regroup(
    members: &MemberSet,
    group_of: &mut [u32],
    groups: &mut Groups,
    make: impl Fn(Group) -> Group,
) {
    let mut known: BTreeMap<u32, u32> = BTreeMap::new();
    for member in members.iter() {
        let group = &mut group_of[usize::from(member)];
        if *group == NONE {
            continue;
        }
        *group = *known.entry(*group).or_insert_with(|| {
            let Some(found) = groups.list.get(*group as usize).cloned() else {
                return NONE;
            };
            groups.number(make(found))
        });
    }
}

/// Whether the rows of a lot tell of nothing but items each of which is known to be where the stock of the lot is, or
/// where it was seen: these stand for themselves.
pub(super) fn all_went(along: &[Along], items: &Units) -> bool {
    items.iter().all(|(block, members)| {
        let mut rest = members.clone();
        for along in of_block(along, *block, |along| along.block) {
            let stayed = along.stays && along.accounts.is_empty();
            if stayed || matches!(along.goes(), Goes::To(..)) {
                rest.subtract(&along.members);
            }
        }
        rest.is_empty()
    })
}
