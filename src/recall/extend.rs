//! Extending a scope: its frozen definition is evaluated again at a newer position, and what comes out is the
//! next version. Nothing frozen is edited: what the newer version does not find any more is kept beside
//! it until somebody releases it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::amounts::Amounts;
use super::assess::{Assessment, assess};
use super::assumed::{AssumedView, Ruling, counted, summed};
use super::diff::{Walk, after};
use super::difference::{Changes, Difference, Doubted, Sides};
use super::evidence::Moments;
use super::frozen::{Frozen, FrozenLot, Kept, merged};
use super::gaps::GapChanges;
use super::ranges::units_of;
use super::scope::{Cell, Group, LotPart, Scope, ScopeBlock, ScopeLot};
use super::store;
use super::store_versions::{self, KeptGroup, Removal, Version};
use super::summary::{CountedPart, Summary, Tally};
use super::{Definition, Error, amounts};
use crate::codes::{Block, Dictionary, MemberSet};
use crate::db::Conn;
use crate::ledger::Position;
use crate::trace::evaluate::{Account, Bounds};
use crate::trace::store::StoreSource;
use crate::trace::{self, EventKey, NamedPosition, Quantity, Reached, Share, Wanted};

/// The order that adds a version to a recall.
pub(super) const EXTENDED: &str = "recall-extended";

/// Blocks read at a time.
const BLOCKS_AT_A_TIME: i64 = 64;

/// Lots read at a time.
const LOTS_AT_A_TIME: i64 = 1_024;

/// A recall was extended: at which position, what came out, and what is another than before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Extended {
    pub(super) recall: String,
    pub(super) version: i32,
    pub(super) reason: String,
    pub(super) definition: Definition,
    pub(super) position: NamedPosition,
    pub(super) unit_count: u64,
    pub(super) quantity: Vec<Quantity>,
    pub(super) digest: String,
    pub(super) units: Changes,
    pub(super) lots: Changes,
    #[serde(default, skip_serializing_if = "GapChanges::is_empty")]
    pub(super) gaps: GapChanges,
    pub(super) difference: String,
    /// Organisations of this system that get a task or have to answer again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) sent: Vec<String>,
    /// Holders that somebody has to tell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) created: Vec<String>,
    /// What becomes of what is assumed, from here on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) assumed: Option<Ruling>,
}

/// What the next version of a recall would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    pub(super) recall: String,
    /// The version it is compared with.
    pub(super) base: i32,
    /// Whose proposals were released when it was made.
    pub(super) released: BTreeMap<i32, i64>,
    pub(super) assessment: Assessment,
    pub(super) kept: Kept,
    pub(super) difference: Difference,
    pub(super) digest: String,
    /// Holders that have something that they did not have, and that is not assumed.
    pub(super) surely_gained: BTreeSet<String>,
    /// What is less certain than it was.
    pub(super) doubted: Doubted,
    /// What had been said of what is assumed when it was made.
    pub(super) ruling: Option<Ruling>,
}

impl Extension {
    /// The number the version would have.
    pub const fn number(&self) -> i32 {
        self.base + 1
    }

    /// What was evaluated.
    pub const fn assessment(&self) -> &Assessment {
        &self.assessment
    }

    /// How it differs from the newest version.
    pub const fn difference(&self) -> &Difference {
        &self.difference
    }

    /// The digest of the difference.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Whether it says nothing new.
    pub const fn is_empty(&self) -> bool {
        self.difference.is_empty()
    }

    /// What is kept though it is not found any more.
    pub(super) fn removals(&self) -> &[Removal] {
        &self.kept.removals
    }

    /// What of the scope in effect is assumed.
    pub(super) fn assumed(&self) -> AssumedView {
        AssumedView::of(&self.assessment.scope.summary, &self.kept.removals)
    }

    /// Refuses that what was affected for sure is left out by a word that was said before it was in doubt: nothing
    /// leaves a recall unless a person says so.
    pub(super) fn check_doubted(&self) -> Result<(), Error> {
        if self.doubted == Doubted::default() {
            return Ok(());
        }
        let Doubted { units, lots } = self.doubted;
        let version = self.number();
        Err(Error::field(
            "assumed",
            format!(
                "by version {version}, {} and {} that were affected for sure are so only across a gap in the records, and what is assumed is left out so far: say it anew, `include` or `leave`",
                counted(units, "unit"),
                counted(lots, "lot"),
            ),
        ))
    }

    /// What each holder has to answer for in the scope in effect.
    pub(super) fn due(&self, ruling: Option<Ruling>) -> BTreeMap<String, (u64, Amounts)> {
        due(&self.assessment.scope.summary, &self.kept.removals, ruling)
    }
}

/// What each holder has to answer for: what a version found, and what is kept beside it; without what is
/// assumed, when that is left out.
pub(super) fn due<'r>(
    summary: &Summary,
    removals: impl IntoIterator<Item = &'r Removal>,
    ruling: Option<Ruling>,
) -> BTreeMap<String, (u64, Amounts)> {
    let kept = removals
        .into_iter()
        .flat_map(|removal| removal.summary.due_under(ruling));
    summed(summary.due_under(ruling).iter().chain(kept))
}

/// Evaluates the newest version's definition again at a position that does not lie before that version's.
/// Records nothing. Call inside a snapshot or a write.
pub fn prepare(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    recall: &str,
    (position, named): (Position, NamedPosition),
) -> Result<Extension, Error> {
    let case = store::case(conn, recall)?;
    case.state.extended(0)?;
    let newest = store_versions::version(conn, recall, case.version)?;
    check_after(&newest, &named)?;
    let at = (position.clone(), named);
    let assessment = evaluate(conn, dictionary, &newest.definition, at)?;
    let moments = Moments {
        old: newest.position.numbered(conn)?,
        frozen_at: store_versions::frozen_at(conn, recall, newest.seq)?,
        new: position,
    };
    let compared = store_versions::compared(conn, recall, newest.number)?;
    let released = store_versions::releases(conn, recall)?;
    let gone: BTreeSet<i32> = released.keys().copied().collect();
    let removals = compared.as_ref().map(|compared| compared.removals.clone());
    let removals = removals.unwrap_or_default();
    let open = removals
        .iter()
        .filter(|removal| !gone.contains(&removal.version));
    let due_before = due(&newest.summary, open, None);
    let gaps = &assessment.scope.summary.dark_edges;
    let gaps = GapChanges::between(&newest.summary.dark_edges, gaps);
    let base = newest.number;
    let old = Frozen::stored(newest, compared);
    let kept = keep(conn, (&old, &gone), &assessment.scope, base + 1)?;
    let new = Frozen::made(&assessment.scope, &kept);
    let walk = Walk {
        sides: Sides::new(&old, &new, gone),
        moments,
    };
    let (count, digest) = walk.count(conn, dictionary)?;
    let due_now = due(&assessment.scope.summary, &kept.removals, None);
    let surely_gained = count.surely_gained().clone();
    let doubted = count.doubted();
    let difference = count.finish(gaps, &due_before, &due_now);
    Ok(Extension {
        recall: recall.to_owned(),
        base,
        released,
        kept,
        difference,
        digest,
        surely_gained,
        doubted,
        ruling: case.assumed,
        assessment,
    })
}

/// Evaluates a frozen definition. What it names and no event that still counts does leads nowhere: that is no
/// reason not to extend.
fn evaluate(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    definition: &Definition,
    at: (Position, NamedPosition),
) -> Result<Assessment, Error> {
    let found = assess(conn, dictionary, definition.clone(), at.clone());
    if !matches!(found, Err(Error::Trace(trace::Error::NeverSeen { .. }))) {
        return found;
    }
    let mut source = StoreSource::new(conn, at.0.clone()).map_err(trace::Error::from)?;
    let mut seen = definition.clone();
    for (names, wanted) in [
        (&mut seen.lots, Wanted::Lot),
        (&mut seen.units, Wanted::Unit),
    ] {
        let mut kept = BTreeSet::new();
        for name in std::mem::take(names) {
            match trace::subject(&mut source, dictionary, &name, wanted) {
                Ok(_) => kept.insert(name),
                Err(trace::Error::NeverSeen { .. }) => continue,
                Err(error) => return Err(error.into()),
            };
        }
        *names = kept;
    }
    for range in std::mem::take(&mut seen.ranges) {
        match units_of(&mut source, dictionary, &range) {
            Ok(_) => seen.ranges.insert(range),
            Err(Error::Trace(trace::Error::NeverSeen { .. })) => continue,
            Err(error) => return Err(error),
        };
    }
    Ok(Assessment {
        definition: definition.clone(),
        ..assess(conn, dictionary, seen, at)?
    })
}

/// A scope is not evaluated in a past that its newest version has seen more of.
fn check_after(newest: &Version, asked: &NamedPosition) -> Result<(), Error> {
    for (shard, mark) in &newest.position.0 {
        let size = asked.0.get(shard).map_or(0, |mark| mark.size);
        if size < mark.size {
            let (version, seen) = (newest.number, mark.size);
            let detail = format!("{shard}: {size} lies before version {version}, which saw {seen}");
            return Err(Error::field("position", detail));
        }
    }
    Ok(())
}

/// What an earlier version has that is not released, and that the scope does not have.
fn keep(
    conn: &mut Conn,
    (old, released): (&Frozen<'_>, &BTreeSet<i32>),
    scope: &Scope,
    number: i32,
) -> Result<Kept, Error> {
    let mut keeper = Keeper {
        old,
        released,
        number,
        numbers: BTreeMap::new(),
        tallies: BTreeMap::new(),
        kept: Kept::default(),
    };
    let nothing = Kept::default();
    let new = Frozen::made(scope, &nothing);
    let mut from = Some(Block([0; 16]));
    while let Some(start) = from {
        let before = old.blocks_from(conn, start, BLOCKS_AT_A_TIME)?;
        let now = new.blocks_from(conn, start, BLOCKS_AT_A_TIME)?;
        from = None;
        for (before, now) in merged(before, now, BLOCKS_AT_A_TIME, |block| block.block) {
            let block = before.as_ref().or(now.as_ref()).map(|block| block.block);
            from = block.and_then(after);
            if let Some(before) = before {
                keeper.block(&before, now.as_ref());
            }
        }
    }
    let mut from = Some(Block([0; 16]));
    while let Some(start) = from {
        let before = old.lots_from(conn, start, LOTS_AT_A_TIME)?;
        let now = new.lots_from(conn, start, LOTS_AT_A_TIME)?;
        from = None;
        for (before, now) in merged(before, now, LOTS_AT_A_TIME, |lot| lot.lot.lot) {
            let lot = before.as_ref().or(now.as_ref()).map(|lot| lot.lot.lot);
            from = lot.and_then(after);
            if let (Some(before), None) = (before, now) {
                keeper.lot(&before);
            }
        }
    }
    Ok(keeper.finish())
}

/// Collects what stays.
struct Keeper<'f> {
    old: &'f Frozen<'f>,
    released: &'f BTreeSet<i32>,
    number: i32,
    numbers: BTreeMap<KeptGroup, u32>,
    tallies: BTreeMap<i32, Tally>,
    kept: Kept,
}

impl Keeper<'_> {
    /// The version that proposes to remove what the earlier one has here; none when it is released.
    fn proposed(&self, proposed: Option<i32>) -> Option<i32> {
        let version = proposed.unwrap_or(self.number);
        (!self.released.contains(&version)).then_some(version)
    }

    fn group(&mut self, version: i32, group: &Group) -> u32 {
        let group = KeptGroup {
            version,
            group: group.clone(),
        };
        if let Some(number) = self.numbers.get(&group) {
            return *number;
        }
        let number = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        self.kept.groups.push(group.clone());
        self.numbers.insert(group, number);
        number
    }

    fn block(&mut self, before: &ScopeBlock, now: Option<&ScopeBlock>) {
        let mut found = MemberSet::new();
        for cell in now.into_iter().flat_map(|block| &block.cells) {
            found.union_with(&cell.members);
        }
        let mut stays = ScopeBlock {
            block: before.block,
            paths: Vec::new(),
            cells: Vec::new(),
        };
        let mut path_of: BTreeMap<u32, u32> = BTreeMap::new();
        for cell in &before.cells {
            let mut members = cell.members.clone();
            members.subtract(&found);
            let Some(version) = self.proposed(self.old.proposed_in(cell.group)) else {
                continue;
            };
            let Some(group) = self.old.groups.get(cell.group as usize) else {
                continue;
            };
            if members.is_empty() {
                continue;
            }
            let path = *path_of.entry(cell.path).or_insert_with(|| {
                let path: Option<&Vec<EventKey>> = before.paths.get(cell.path as usize);
                stays.paths.push(path.cloned().unwrap_or_default());
                u32::try_from(stays.paths.len() - 1).unwrap_or(u32::MAX)
            });
            let tally = self.tallies.entry(version).or_default();
            tally.units(group, cell.certainty, members.len());
            let group = self.group(version, group);
            stays.cells.push(Cell {
                certainty: cell.certainty,
                path,
                group,
                members,
            });
        }
        if !stays.cells.is_empty() {
            self.kept.blocks.push(stays);
        }
    }

    fn lot(&mut self, before: &FrozenLot) {
        let Some(version) = self.proposed(before.proposed) else {
            return;
        };
        let mut parts = Vec::new();
        let (mut reached, mut shares) = (Vec::new(), Vec::new());
        for part in &before.lot.parts {
            let Some(group) = self.old.groups.get(part.group as usize) else {
                continue;
            };
            let share = Share {
                account: Account::Unrecorded(None),
                uom: part.quantity.uom.clone(),
                lo: amounts::read(part.quantity.lo.as_deref()),
                hi: amounts::read(part.quantity.hi.as_deref()),
            };
            let bounds = share.lo.zip(share.hi).map(|(lo, hi)| Bounds { lo, hi });
            reached.push(Reached {
                uom: share.uom.clone(),
                bounds,
            });
            shares.push(CountedPart {
                group: group.clone(),
                certainty: part.certainty,
                share,
            });
            parts.push(LotPart {
                group: self.group(version, group),
                ..part.clone()
            });
        }
        let tally = self.tallies.entry(version).or_default();
        tally.lot(before.lot.certainty, &reached, &shares);
        let lot = ScopeLot {
            parts,
            ..before.lot.clone()
        };
        self.kept.lots.push((lot, version));
    }

    fn finish(self) -> Kept {
        let mut kept = self.kept;
        let tallies = self.tallies.into_iter();
        kept.removals = tallies
            .map(|(version, tally)| Removal {
                version,
                summary: tally.finish(),
            })
            .collect();
        kept
    }
}
