//! How two frozen versions differ: by which members of a block, by which parts of a lot, and what that comes
//! to. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::amounts::Amounts;
use super::frozen::{Frozen, FrozenLot};
use super::gaps::GapChanges;
use super::scope::{Cell, Group, LotPart, ScopeBlock};
use crate::codes::{BLOCK_SIZE, MemberSet};
use crate::trace::evaluate::Certainty;
use crate::trace::{NOBODY, Quantity};

/// What has become of a unit or lot from one version to another.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[schema(as = RecallChange)]
pub enum Change {
    /// It is affected now.
    Added,
    /// The later version does not find it: it stays until somebody releases it.
    ProposedRemoval,
    /// It is in both, with another holder, place, certainty or quantity.
    Changed,
    /// Its removal was proposed, and it is found again.
    Restored,
    /// Its removal was approved: it is out.
    Released,
}

impl Change {
    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::ProposedRemoval => "proposed_removal",
            Self::Changed => "changed",
            Self::Restored => "restored",
            Self::Released => "released",
        }
    }
}

/// Why something changed.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[schema(as = RecallWhy)]
pub enum Why {
    /// An event of before the earlier version was frozen was recorded after its position.
    LateEvidence,
    /// Something happened after the earlier version was frozen.
    NewEvent,
    /// An event was declared an error, or what changed is no event of its own: master data, codes.
    Correction,
    /// Somebody approved the removal.
    Release,
}

impl Why {
    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LateEvidence => "late_evidence",
            Self::NewEvent => "new_event",
            Self::Correction => "correction",
            Self::Release => "release",
        }
    }
}

/// How many units, or lots, became what.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, ToSchema,
)]
#[schema(as = RecallChanges)]
pub struct Changes {
    /// Affected now.
    pub added: u64,
    /// Not found any more; they stay until somebody releases them.
    pub proposed_removal: u64,
    /// With another holder, place, certainty or quantity.
    pub changed: u64,
    /// Proposed for removal, and found again.
    pub restored: u64,
    /// Out: their removal was approved.
    pub released: u64,
}

impl Changes {
    fn add(&mut self, change: Change, count: u64) {
        *match change {
            Change::Added => &mut self.added,
            Change::ProposedRemoval => &mut self.proposed_removal,
            Change::Changed => &mut self.changed,
            Change::Restored => &mut self.restored,
            Change::Released => &mut self.released,
        } += count;
    }

    /// Whether a version with these changes says something new. A release alone is known already.
    const fn is_news(&self) -> bool {
        self.added + self.proposed_removal + self.changed + self.restored > 0
    }
}

/// Units and lots by why they changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = RecallReasons)]
pub struct Reasons {
    /// By events of before the earlier version was frozen, recorded after its position.
    pub late_evidence: u64,
    /// By events that happened after it was frozen.
    pub new_event: u64,
    /// By declared errors and corrected master data.
    pub correction: u64,
}

/// What a holder has more or less to answer for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = RecallHolderChange)]
pub struct HolderChange {
    /// The organisation or party.
    pub holder: String,
    /// Units it had, was to get, had sent or might have by the earlier version.
    pub before: u64,
    /// The same by the later version, with those whose removal is proposed.
    pub now: u64,
    /// Units among them that it did not have before.
    pub gained: u64,
    /// Lots of which it has more than before.
    pub lots_gained: u64,
    /// How much of lots it had by the earlier version; none where only units are affected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quantity_before: Vec<Quantity>,
    /// How much of lots by the later version, with what of them is proposed for removal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quantity_now: Vec<Quantity>,
}

/// What the difference of two versions comes to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = RecallDifference)]
pub struct Difference {
    /// Units.
    pub units: Changes,
    /// Lots.
    pub lots: Changes,
    /// Gaps in the records.
    #[serde(default, skip_serializing_if = "GapChanges::is_empty")]
    pub gaps: GapChanges,
    /// Why.
    pub why: Reasons,
    /// Holders that had nothing of it before.
    pub holders_added: Vec<String>,
    /// Holders that have nothing of it any more. Their tasks stay.
    pub holders_without_goods: Vec<String>,
    /// The holders whose part changed.
    pub holders: Vec<HolderChange>,
}

impl Difference {
    /// Whether the later version says nothing new.
    pub const fn is_empty(&self) -> bool {
        !self.units.is_news() && !self.lots.is_news() && self.gaps.is_empty()
    }
}

/// What a version says of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Found,
    Kept,
    /// Kept by the earlier version, and released before the later one.
    Released,
}

/// Two versions side by side.
#[derive(Debug)]
pub(super) struct Sides<'f> {
    pub(super) old: &'f Frozen<'f>,
    pub(super) new: &'f Frozen<'f>,
    released: BTreeSet<i32>,
    old_content: Vec<u32>,
    new_content: Vec<u32>,
}

/// Members of a block that changed alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) change: Change,
    /// Their cell in the earlier block.
    pub(super) old: Option<usize>,
    /// Their cell in the later block.
    pub(super) new: Option<usize>,
    pub(super) members: MemberSet,
}

/// A part of a lot before and after.
pub(super) type LotLine<'l> = (Option<&'l LotPart>, Option<&'l LotPart>);

impl<'f> Sides<'f> {
    /// The versions, and whose proposals were released between them.
    pub(super) fn new(old: &'f Frozen<'f>, new: &'f Frozen<'f>, released: BTreeSet<i32>) -> Self {
        let mut numbers = BTreeMap::new();
        let mut content = |groups: &'f [Group]| {
            let numbered = groups.iter().map(|group| {
                let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
                *numbers.entry(group.whereabouts()).or_insert(next)
            });
            numbered.collect()
        };
        let old_content = content(&old.groups);
        let new_content = content(&new.groups);
        Self {
            old,
            new,
            released,
            old_content,
            new_content,
        }
    }

    fn old_standing(&self, proposed: Option<i32>) -> Standing {
        match proposed {
            None => Standing::Found,
            Some(version) if self.released.contains(&version) => Standing::Released,
            Some(_) => Standing::Kept,
        }
    }

    fn same_place(&self, old: u32, new: u32) -> bool {
        let old = self.old_content.get(old as usize);
        old.is_some() && old == self.new_content.get(new as usize)
    }

    /// The members of a block that changed.
    pub(super) fn parts(&self, old: &ScopeBlock, new: &ScopeBlock) -> Vec<Part> {
        let (before, after) = (by_member(old), by_member(new));
        let mut sets: BTreeMap<(Option<usize>, Option<usize>), MemberSet> = BTreeMap::new();
        for (member, cells) in (0_u16..).zip(before.into_iter().zip(after)) {
            if cells != (None, None) {
                sets.entry(cells).or_default().insert(member);
            }
        }
        let parts = sets
            .into_iter()
            .filter_map(|((old_cell, new_cell), members)| {
                let was = old_cell.and_then(|index| old.cells.get(index));
                let now = new_cell.and_then(|index| new.cells.get(index));
                Some(Part {
                    change: self.cell_change(was, now)?,
                    old: old_cell,
                    new: new_cell,
                    members,
                })
            });
        parts.collect()
    }

    fn cell_change(&self, was: Option<&Cell>, now: Option<&Cell>) -> Option<Change> {
        let before = was.map(|cell| self.old_standing(self.old.proposed_in(cell.group)));
        let after = now.map(|cell| match self.new.proposed_in(cell.group) {
            None => Standing::Found,
            Some(_) => Standing::Kept,
        });
        let is_same = was.zip(now).is_some_and(|(was, now)| {
            was.certainty == now.certainty && self.same_place(was.group, now.group)
        });
        change(before, after, is_same)
    }

    /// What has become of a lot, and its parts before and after where they differ; what a removal keeps stands
    /// as it was before.
    pub(super) fn lot<'l>(
        &self,
        old: Option<&'l FrozenLot>,
        new: Option<&'l FrozenLot>,
    ) -> Option<(Change, Vec<LotLine<'l>>)> {
        let before = old.map(|lot| self.old_standing(lot.proposed));
        let after = new.map(|lot| match lot.proposed {
            None => Standing::Found,
            Some(_) => Standing::Kept,
        });
        let mut lines = self.lot_lines(old, new);
        let certainty = |lot: Option<&FrozenLot>| lot.map(|lot| lot.lot.certainty);
        let is_certain = certainty(old) == certainty(new);
        let is_same = lines.is_empty() && is_certain;
        let change = change(before, after, is_same)?;
        match change {
            Change::Added => {
                let parts = new.into_iter().flat_map(|lot| &lot.lot.parts);
                lines = parts.map(|part| (None, Some(part))).collect();
            }
            Change::ProposedRemoval | Change::Released => {
                let kept = if change == Change::Released { old } else { new };
                let parts = kept.into_iter().flat_map(|lot| &lot.lot.parts);
                lines = parts.map(|part| (Some(part), None)).collect();
            }
            Change::Changed | Change::Restored => {}
        }
        if lines.is_empty() {
            lines.push((None, None));
        }
        Some((change, lines))
    }

    /// The parts of a lot that are not the same before and after.
    fn lot_lines<'l>(
        &self,
        old: Option<&'l FrozenLot>,
        new: Option<&'l FrozenLot>,
    ) -> Vec<LotLine<'l>> {
        type Key<'l> = (Option<u32>, Option<&'l str>);
        let mut parts: BTreeMap<Key<'l>, (Vec<&'l LotPart>, Vec<&'l LotPart>)> = BTreeMap::new();
        for part in old.into_iter().flat_map(|lot| &lot.lot.parts) {
            let content = self.old_content.get(part.group as usize).copied();
            let key = (content, part.quantity.uom.as_deref());
            parts.entry(key).or_default().0.push(part);
        }
        for part in new.into_iter().flat_map(|lot| &lot.lot.parts) {
            let content = self.new_content.get(part.group as usize).copied();
            let key = (content, part.quantity.uom.as_deref());
            parts.entry(key).or_default().1.push(part);
        }
        let mut lines = Vec::new();
        for (mut was, mut now) in parts.into_values() {
            was.sort_by_key(|part| &part.quantity);
            now.sort_by_key(|part| &part.quantity);
            for index in 0..was.len().max(now.len()) {
                let pair = (was.get(index).copied(), now.get(index).copied());
                let said =
                    |part: Option<&'l LotPart>| part.map(|part| (&part.quantity, part.certainty));
                if said(pair.0) != said(pair.1) {
                    lines.push(pair);
                }
            }
        }
        lines
    }
}

/// The table of changes: what the earlier version said, what the later one says, and whether both say the
/// same of certainty, holder and place.
const fn change(
    before: Option<Standing>,
    after: Option<Standing>,
    is_same: bool,
) -> Option<Change> {
    use Standing::{Found, Kept, Released};
    match (before, after) {
        (None | Some(Released), Some(Found)) => Some(Change::Added),
        (None | Some(Released | Found), Some(Kept | Released)) => Some(Change::ProposedRemoval),
        (Some(_), None) => Some(Change::Released),
        (Some(Kept), Some(Found)) => Some(Change::Restored),
        (Some(Found), Some(Found)) if !is_same => Some(Change::Changed),
        (Some(Found), Some(Found)) | (Some(Kept), Some(Kept | Released)) | (None, None) => None,
    }
}

/// The cell of each member.
fn by_member(block: &ScopeBlock) -> Vec<Option<usize>> {
    let mut cells = vec![None; BLOCK_SIZE as usize];
    for (index, cell) in block.cells.iter().enumerate() {
        for member in cell.members.iter() {
            cells[usize::from(member)] = Some(index);
        }
    }
    cells
}

/// Who has to answer for what is in a group: who has, is to get, has sent or may have it.
pub(super) fn answerers(group: &Group) -> BTreeSet<&str> {
    let all = std::iter::once(&group.holding).chain(&group.others);
    let with = all.filter(|held| held.status.is_with_somebody());
    let names = with.flat_map(|held| [Some(held.holder.as_str()), held.sender.as_deref()]);
    names.flatten().filter(|name| *name != NOBODY).collect()
}

/// Adds up a difference.
#[derive(Debug, Default)]
pub(super) struct Count {
    difference: Difference,
    gained: BTreeMap<String, (u64, u64)>,
    /// Who gained something that is not assumed.
    surely_gained: BTreeSet<String>,
    doubted: Doubted,
}

/// How much was affected for sure, and is now only across a gap in the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Doubted {
    pub(super) units: u64,
    /// Lots of which that is all that some holder has.
    pub(super) lots: u64,
}

impl Count {
    /// Units of a block that changed alike.
    pub(super) fn units(&mut self, sides: &Sides<'_>, part: &Part, cells: Cells<'_>, why: Why) {
        let count = u64::from(part.members.len());
        self.difference.units.add(part.change, count);
        self.why(why, count);
        let Some(now) = cells.1 else { return };
        let before = match cells.0 {
            Some(was) if part.change != Change::Added => group(&sides.old.groups, was.group),
            _ => BTreeSet::new(),
        };
        for holder in group(&sides.new.groups, now.group).difference(&before) {
            self.gained.entry((*holder).to_owned()).or_default().0 += count;
        }
        if now.certainty == Certainty::Assumed {
            let was = cells.0.filter(|_| part.change != Change::Added);
            if was.is_some_and(|was| was.certainty != Certainty::Assumed) {
                self.doubted.units += count;
            }
            return;
        }
        let before = match cells.0 {
            Some(was) if was.certainty != Certainty::Assumed => before,
            _ => BTreeSet::new(),
        };
        let gained = group(&sides.new.groups, now.group);
        let gained = gained.difference(&before).copied();
        self.surely_gained.extend(gained.map(str::to_owned));
    }

    /// A lot that changed.
    pub(super) fn lot(
        &mut self,
        sides: &Sides<'_>,
        change: Change,
        (old, new): (Option<&FrozenLot>, Option<&FrozenLot>),
        why: Why,
    ) {
        self.difference.lots.add(change, 1);
        self.why(why, 1);
        let old = old.filter(|_| change != Change::Added);
        for holder in more(sides, (old, new), |_| true) {
            self.gained.entry(holder).or_default().1 += 1;
        }
        let is_sure = |part: &LotPart| part.certainty != Certainty::Assumed;
        self.surely_gained.extend(more(sides, (old, new), is_sure));
        let sure_before = held(&sides.old.groups, old, is_sure);
        let sure_now = held(&sides.new.groups, new, is_sure);
        let all_now = held(&sides.new.groups, new, |_| true);
        let is_doubted =
            |holder: &&str| !sure_now.contains_key(holder) && all_now.contains_key(holder);
        self.doubted.lots += u64::from(sure_before.keys().any(is_doubted));
    }

    /// How much is less certain than it was, so that a ruling on what is assumed reaches it first now.
    pub(super) const fn doubted(&self) -> Doubted {
        self.doubted
    }

    /// Who has something that it did not have, and that is not assumed.
    pub(super) const fn surely_gained(&self) -> &BTreeSet<String> {
        &self.surely_gained
    }

    fn why(&mut self, why: Why, count: u64) {
        let reasons = &mut self.difference.why;
        match why {
            Why::LateEvidence => reasons.late_evidence += count,
            Why::NewEvent => reasons.new_event += count,
            Why::Correction => reasons.correction += count,
            Why::Release => {}
        }
    }

    /// The sums, with the gaps, and what each holder had to answer for before and has now.
    pub(super) fn finish(
        self,
        gaps: GapChanges,
        before: &BTreeMap<String, (u64, Amounts)>,
        now: &BTreeMap<String, (u64, Amounts)>,
    ) -> Difference {
        let mut difference = self.difference;
        difference.gaps = gaps;
        let names: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
        for holder in names {
            let (was, is) = (before.get(holder), now.get(holder));
            if was.is_none() {
                difference.holders_added.push(holder.clone());
            }
            if is.is_none() {
                difference.holders_without_goods.push(holder.clone());
            }
            let (gained, lots_gained) = self.gained.get(holder).copied().unwrap_or_default();
            if was != is || gained + lots_gained > 0 {
                difference.holders.push(HolderChange {
                    holder: holder.clone(),
                    before: was.map_or(0, |(units, _)| *units),
                    now: is.map_or(0, |(units, _)| *units),
                    gained,
                    lots_gained,
                    quantity_before: quantities(was),
                    quantity_now: quantities(is),
                });
            }
        }
        difference
    }
}

/// How much of lots somebody answers for.
fn quantities(held: Option<&(u64, Amounts)>) -> Vec<Quantity> {
    held.map(|(_, amounts)| amounts.clone().quantities())
        .unwrap_or_default()
}

/// A cell of the earlier and one of the later block.
pub(super) type Cells<'c> = (Option<&'c Cell>, Option<&'c Cell>);

fn group(groups: &[Group], number: u32) -> BTreeSet<&str> {
    groups
        .get(number as usize)
        .map(answerers)
        .unwrap_or_default()
}

/// Who has more than before of the parts of a lot that count.
fn more(
    sides: &Sides<'_>,
    (old, new): (Option<&FrozenLot>, Option<&FrozenLot>),
    counts: fn(&LotPart) -> bool,
) -> Vec<String> {
    let before = held(&sides.old.groups, old, counts);
    let now = held(&sides.new.groups, new, counts).into_iter();
    let more = now.filter(|(holder, now)| {
        let was = before.get(holder).cloned().unwrap_or_default();
        Amounts::of(now.iter().copied()).exceeds(&Amounts::of(was))
    });
    more.map(|(holder, _)| holder.to_owned()).collect()
}

/// How much of the parts of a lot that count each holder has to answer for.
fn held<'l>(
    groups: &'l [Group],
    lot: Option<&'l FrozenLot>,
    counts: fn(&LotPart) -> bool,
) -> BTreeMap<&'l str, Vec<&'l Quantity>> {
    let mut held: BTreeMap<&str, Vec<&Quantity>> = BTreeMap::new();
    let parts = lot.into_iter().flat_map(|lot| &lot.lot.parts);
    for part in parts.filter(|part| counts(part)) {
        for holder in group(groups, part.group) {
            held.entry(holder).or_default().push(&part.quantity);
        }
    }
    held
}

#[cfg(test)]
mod tests {
    use super::{Change, Standing, change};

    /// Each row: what the earlier version said; then what becomes of it when the later one has found it,
    /// keeps it, and does not know it.
    #[test]
    fn the_table_of_changes_is_this_one_and_no_other() {
        use Change::{Added, Changed, ProposedRemoval, Released, Restored};
        let table = [
            (None, [Some(Added), Some(ProposedRemoval), None]),
            (
                Some(Standing::Found),
                [Some(Changed), Some(ProposedRemoval), Some(Released)],
            ),
            (Some(Standing::Kept), [Some(Restored), None, Some(Released)]),
            (
                Some(Standing::Released),
                [Some(Added), Some(ProposedRemoval), Some(Released)],
            ),
        ];
        for (before, row) in table {
            let after = [Some(Standing::Found), Some(Standing::Kept), None];
            for (after, due) in after.into_iter().zip(row) {
                assert_eq!(change(before, after, false), due, "{before:?} {after:?}");
            }
        }
        let found = Some(Standing::Found);
        assert_eq!(change(found, found, true), None, "the same is no change");
    }
}
