//! A frozen version as a whole: what it found, and what it keeps though it does not find it any more. A page
//! of blocks at a time; the newest version can be one that is only being made.

use std::collections::BTreeSet;

use super::Error;
use super::scope::{Group, Scope, ScopeBlock, ScopeLot};
use super::store_scopes;
use super::store_versions::{Compared, KeptGroup, Removal, Version};
use crate::codes::Block;
use crate::db::Conn;

/// What a version keeps: found by an earlier one, not by this one, not released.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Kept {
    pub(super) blocks: Vec<ScopeBlock>,
    /// Each with the version that proposes to remove it.
    pub(super) lots: Vec<(ScopeLot, i32)>,
    pub(super) groups: Vec<KeptGroup>,
    /// What each version proposes, in the order of versions.
    pub(super) removals: Vec<Removal>,
}

/// A version with what it keeps. The groups of both are numbered together.
#[derive(Debug)]
pub(super) struct Frozen<'s> {
    /// By group: where it is.
    pub(super) groups: Vec<Group>,
    /// By group: the version that proposes to remove what is there.
    pub(super) proposed: Vec<Option<i32>>,
    found_groups: u32,
    released: BTreeSet<i32>,
    rows: Rows<'s>,
}

#[derive(Debug)]
enum Rows<'s> {
    Stored {
        scope: Vec<u8>,
        kept: Option<Vec<u8>>,
    },
    Made {
        scope: &'s Scope,
        kept: &'s Kept,
    },
}

/// A lot, and the version that proposes to remove it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FrozenLot {
    pub(super) lot: ScopeLot,
    pub(super) proposed: Option<i32>,
    /// Whether that proposal is released: the lot is out.
    pub(super) is_released: bool,
}

impl<'s> Frozen<'s> {
    /// A version out of the store.
    pub(super) fn stored(version: Version, compared: Option<Compared>) -> Self {
        let (kept, kept_groups) = match compared {
            Some(compared) => (Some(compared.kept), compared.groups),
            None => (None, Vec::new()),
        };
        let rows = Rows::Stored {
            scope: version.scope,
            kept,
        };
        Self::of(version.groups, kept_groups, rows)
    }

    /// A version in the making.
    pub(super) fn made(scope: &'s Scope, kept: &'s Kept) -> Self {
        let rows = Rows::Made { scope, kept };
        Self::of(scope.groups.clone(), kept.groups.clone(), rows)
    }

    fn of(mut groups: Vec<Group>, kept: Vec<KeptGroup>, rows: Rows<'s>) -> Self {
        let found_groups = u32::try_from(groups.len()).unwrap_or(u32::MAX);
        let mut proposed = vec![None; groups.len()];
        for of_kept in kept {
            proposed.push(Some(of_kept.version));
            groups.push(of_kept.group);
        }
        Self {
            groups,
            proposed,
            found_groups,
            released: BTreeSet::new(),
            rows,
        }
    }

    /// Without what these versions proposed: it is released.
    #[must_use]
    pub(super) fn without(mut self, released: BTreeSet<i32>) -> Self {
        self.released = released;
        self
    }

    /// The version that proposes to remove what is in a group.
    pub(super) fn proposed_in(&self, group: u32) -> Option<i32> {
        self.proposed.get(group as usize).copied().flatten()
    }

    /// Blocks from one on, in order, at most as many.
    pub(super) fn blocks_from(
        &self,
        conn: &mut Conn,
        from: Block,
        limit: i64,
    ) -> Result<Vec<ScopeBlock>, Error> {
        let (found, mut kept) = match &self.rows {
            Rows::Stored { scope, kept } => {
                let found = store_scopes::blocks_from(conn, scope, from, limit)?;
                let kept = match kept {
                    Some(kept) => store_scopes::blocks_from(conn, kept, from, limit)?,
                    None => Vec::new(),
                };
                (found, kept)
            }
            Rows::Made { scope, kept } => (
                page(&scope.blocks, from, limit, |block| block.block),
                page(&kept.blocks, from, limit, |block| block.block),
            ),
        };
        for block in &mut kept {
            for cell in &mut block.cells {
                cell.group = cell.group.saturating_add(self.found_groups);
            }
            let stays = |group| {
                self.proposed_in(group)
                    .is_none_or(|version| !self.released.contains(&version))
            };
            block.cells.retain(|cell| stays(cell.group));
        }
        let pairs = merged(found, kept, limit, |block| block.block);
        Ok(pairs.into_iter().filter_map(joined).collect())
    }

    /// Lots from one on, in order, at most as many.
    pub(super) fn lots_from(
        &self,
        conn: &mut Conn,
        from: Block,
        limit: i64,
    ) -> Result<Vec<FrozenLot>, Error> {
        let (found, kept) = match &self.rows {
            Rows::Stored { scope, kept } => {
                let found = store_scopes::lots_from(conn, scope, from, limit)?;
                let kept = match kept {
                    Some(kept) => store_scopes::lots_from(conn, kept, from, limit)?,
                    None => Vec::new(),
                };
                (found, kept)
            }
            Rows::Made { scope, kept } => {
                let kept = page(&kept.lots, from, limit, |(lot, _)| lot.lot);
                let kept = kept.into_iter().map(|(lot, version)| (lot, Some(version)));
                let found = page(&scope.lots, from, limit, |lot| lot.lot);
                let found = found.into_iter().map(|lot| (lot, None));
                (found.collect(), kept.collect())
            }
        };
        let whole = |(lot, proposed): (ScopeLot, Option<i32>)| FrozenLot {
            is_released: proposed.is_some_and(|version| self.released.contains(&version)),
            lot,
            proposed,
        };
        let found = found.into_iter().map(whole).collect();
        let kept = kept.into_iter().map(whole).map(|mut lot| {
            for part in &mut lot.lot.parts {
                part.group = part.group.saturating_add(self.found_groups);
            }
            lot
        });
        let pairs = merged(found, kept.collect(), limit, |lot| lot.lot.lot);
        let lots = pairs.into_iter().filter_map(|(found, kept)| found.or(kept));
        Ok(lots.collect())
    }
}

/// A page of a sorted list.
fn page<T: Clone>(all: &[T], from: Block, limit: i64, key: impl Fn(&T) -> Block) -> Vec<T> {
    let start = all.partition_point(|item| key(item) < from);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    all[start..].iter().take(limit).cloned().collect()
}

/// Two sorted pages as pairs of equal keys, in order, at most as many.
pub(super) fn merged<T>(
    left: Vec<T>,
    right: Vec<T>,
    limit: i64,
    key: impl Fn(&T) -> Block,
) -> Vec<(Option<T>, Option<T>)> {
    let mut pairs = Vec::new();
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while (pairs.len() as u64) < limit.unsigned_abs() {
        let (a, b) = (left.peek().map(&key), right.peek().map(&key));
        let next = match (a, b) {
            (None, None) => break,
            (Some(a), Some(b)) if a == b => (left.next(), right.next()),
            (Some(a), Some(b)) if a < b => (left.next(), None),
            (Some(_), None) => (left.next(), None),
            (_, Some(_)) => (None, right.next()),
        };
        pairs.push(next);
    }
    pairs
}

/// What was found in a block and what is kept in it, together.
fn joined(pair: (Option<ScopeBlock>, Option<ScopeBlock>)) -> Option<ScopeBlock> {
    match pair {
        (Some(mut found), Some(kept)) => {
            let paths = u32::try_from(found.paths.len()).unwrap_or(u32::MAX);
            found.paths.extend(kept.paths);
            found.cells.extend(kept.cells.into_iter().map(|mut cell| {
                cell.path = cell.path.saturating_add(paths);
                cell
            }));
            Some(found)
        }
        (one, other) => one.or(other),
    }
}
