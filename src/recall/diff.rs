//! The walk over two frozen versions, block by block, and its lines: what changed, how and why. What is the
//! same in both is passed over in sets; nothing is held for a unit.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use super::Error;
use super::difference::{Change, Count, Part, Sides, Why};
use super::evidence::{Asked, Behind, Finding, Moments, Sight, explain, unseen};
use super::frozen::{FrozenLot, merged};
use super::scope::{Cell, Group, ScopeBlock};
use crate::codes::{Address, Block, Dictionary, MemberSet};
use crate::db::Conn;
use crate::ledger::hex;
use crate::trace::evaluate::Certainty;
use crate::trace::{EventKey, Holding, Quantity, certainty_word, event_ids};

/// A line of a difference: one unit, or one part of a lot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RecallDiffLine)]
pub struct DiffLine {
    /// The identifier.
    pub id: String,
    /// What has become of it.
    pub change: Change,
    /// Why.
    pub why: Why,
    /// The event that says so; for a correction, the one that was declared an error.
    pub event: Option<String>,
    /// What the earlier version said; none when it did not have it.
    pub was: Option<Label>,
    /// What the later version says; none when it does not find it.
    pub now: Option<Label>,
    /// The events that lead to it from the scope's start, by the version that found it last.
    pub path: Vec<String>,
}

/// What a version says of a unit or a part of a lot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RecallLabel)]
pub struct Label {
    /// How certain it is that it is affected.
    pub certainty: &'static str,
    /// How much, for parts of lots.
    pub quantity: Option<Quantity>,
    /// Where and with whom.
    #[serde(flatten)]
    pub holding: Holding,
    /// Where else it can be.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<Holding>,
}

/// A block before and after, with what changed of it.
#[derive(Debug)]
pub(super) struct BlockDiff {
    pub(super) old: ScopeBlock,
    pub(super) new: ScopeBlock,
    pub(super) parts: Vec<(Part, Finding)>,
}

/// A lot that changed.
#[derive(Debug)]
pub(super) struct LotDiff {
    pub(super) old: Option<FrozenLot>,
    pub(super) new: Option<FrozenLot>,
    pub(super) change: Change,
    pub(super) finding: Finding,
}

/// Two versions to walk over.
#[derive(Debug)]
pub(super) struct Walk<'f> {
    pub(super) sides: Sides<'f>,
    pub(super) moments: Moments,
}

impl Walk<'_> {
    /// The blocks from one on, at most as many, and the last of them; no last after the last.
    pub(super) fn blocks(
        &self,
        conn: &mut Conn,
        from: Block,
        limit: i64,
    ) -> Result<(Vec<BlockDiff>, Option<Block>), Error> {
        let old = self.sides.old.blocks_from(conn, from, limit)?;
        let new = self.sides.new.blocks_from(conn, from, limit)?;
        let pairs = merged(old, new, limit, |block| block.block);
        let empty = |block| ScopeBlock {
            block,
            paths: Vec::new(),
            cells: Vec::new(),
        };
        let mut found: Vec<(ScopeBlock, ScopeBlock, Vec<Part>)> = Vec::new();
        let mut last = None;
        for (old, new) in pairs {
            let Some(block) = old.as_ref().or(new.as_ref()).map(|block| block.block) else {
                continue;
            };
            last = Some(block);
            let old = old.unwrap_or_else(|| empty(block));
            let new = new.unwrap_or_else(|| empty(block));
            let parts = self.sides.parts(&old, &new);
            if !parts.is_empty() {
                found.push((old, new, parts));
            }
        }
        Ok((self.explained(conn, found)?, last))
    }

    /// The parts, cut by why.
    fn explained(
        &self,
        conn: &mut Conn,
        found: Vec<(ScopeBlock, ScopeBlock, Vec<Part>)>,
    ) -> Result<Vec<BlockDiff>, Error> {
        let mut units: BTreeMap<Block, MemberSet> = BTreeMap::new();
        let mut missing: BTreeMap<Block, MemberSet> = BTreeMap::new();
        for (old, _, parts) in &found {
            for part in parts.iter().filter(|part| is_explained(part.change)) {
                let members = units.entry(old.block).or_default();
                members.union_with(&part.members);
                if part.change == Change::ProposedRemoval {
                    let members = missing.entry(old.block).or_default();
                    members.union_with(&part.members);
                }
            }
        }
        let (before, after) = self.sights(conn, &units, &BTreeSet::new())?;
        // What took a thing's reason away may say nothing of where it is.
        let own = unseen(conn, &self.moments, &missing)?;
        let mut asked = Vec::new();
        let mut blocks = Vec::new();
        for (old, new, parts) in found {
            let (was, now) = (before.events_of(old.block), after.events_of(old.block));
            let mut cut = Vec::new();
            for part in parts {
                let mut sets: BTreeMap<[Option<EventKey>; 3], MemberSet> = BTreeMap::new();
                for member in part.members.iter() {
                    let block = old.block;
                    let own = own.get(&Address { block, member });
                    let own = own.filter(|_| part.change == Change::ProposedRemoval);
                    let events = [was.get(&member), now.get(&member), own];
                    let events = events.map(Option::<&EventKey>::copied);
                    sets.entry(events).or_default().insert(member);
                }
                for ([was, now, own], members) in sets {
                    let part = Part {
                        members,
                        ..part.clone()
                    };
                    asked.push(Asked {
                        change: part.change,
                        old: behind(known_path((&old, &new), &part), [was, None]),
                        new: behind(found_path(&new, &part), [now, own]),
                    });
                    cut.push(part);
                }
            }
            blocks.push((old, new, cut));
        }
        let mut findings = explain(conn, &self.moments, &asked)?.into_iter();
        let blocks = blocks.into_iter().map(|(old, new, cut)| BlockDiff {
            parts: cut
                .into_iter()
                .zip(findings.by_ref())
                .map(|(part, finding)| (finding_of(part.change, finding), part))
                .map(|(finding, part)| (part, finding))
                .collect(),
            old,
            new,
        });
        Ok(blocks.collect())
    }

    /// The lots from one on, at most as many, and the last of them; no last after the last.
    pub(super) fn lots(
        &self,
        conn: &mut Conn,
        from: Block,
        limit: i64,
    ) -> Result<(Vec<LotDiff>, Option<Block>), Error> {
        let old = self.sides.old.lots_from(conn, from, limit)?;
        let new = self.sides.new.lots_from(conn, from, limit)?;
        let pairs = merged(old, new, limit, |lot| lot.lot.lot);
        let block = |pair: &(Option<FrozenLot>, Option<FrozenLot>)| {
            let lot = pair.0.as_ref().or(pair.1.as_ref());
            lot.map(|lot| lot.lot.lot)
        };
        let last = pairs.last().and_then(block);
        let mut changed = Vec::new();
        let mut lots = BTreeSet::new();
        for pair in pairs {
            let Some((change, _)) = self.sides.lot(pair.0.as_ref(), pair.1.as_ref()) else {
                continue;
            };
            lots.extend(block(&pair).filter(|_| is_explained(change)));
            changed.push((pair, change));
        }
        let (before, after) = self.sights(conn, &BTreeMap::new(), &lots)?;
        let asked: Vec<Asked> = changed
            .iter()
            .map(|((old, new), change)| ((old.as_ref(), new.as_ref()), change))
            .map(|(pair, change)| Asked {
                change: *change,
                old: behind_lot(pair, known_lot(pair, *change), &before),
                new: behind_lot(pair, found(pair.1), &after),
            })
            .collect();
        let findings = explain(conn, &self.moments, &asked)?;
        let lots = changed.into_iter().zip(findings);
        let lots = lots.map(|(((old, new), change), finding)| LotDiff {
            old,
            new,
            change,
            finding: finding_of(change, finding),
        });
        Ok((lots.collect(), last))
    }

    fn sights(
        &self,
        conn: &mut Conn,
        units: &BTreeMap<Block, MemberSet>,
        lots: &BTreeSet<Block>,
    ) -> Result<(Sight, Sight), Error> {
        let before = Sight::at(conn, &self.moments.old, units, lots)?;
        let after = Sight::at(conn, &self.moments.new, units, lots)?;
        Ok((before, after))
    }

    /// Adds up what changed and digests its lines.
    pub(super) fn count(
        &self,
        conn: &mut Conn,
        dictionary: Dictionary<'_>,
    ) -> Result<(Count, String), Error> {
        let (mut count, mut lines) = (Count::default(), Vec::new());
        let mut from = Some(Block([0; 16]));
        while let Some(start) = from {
            let (lots, last) = self.lots(conn, start, LOTS_AT_A_TIME)?;
            for lot in &lots {
                let pair = (lot.old.as_ref(), lot.new.as_ref());
                count.lot(&self.sides, lot.change, pair, lot.finding.why);
            }
            lines.extend(self.lot_lines(conn, &lots)?.iter().map(digest_line));
            from = last.and_then(after);
        }
        let mut from = Some(Block([0; 16]));
        while let Some(start) = from {
            let (blocks, last) = self.blocks(conn, start, BLOCKS_AT_A_TIME)?;
            for block in &blocks {
                for (part, finding) in &block.parts {
                    let cells = (block.was(part), block.now(part));
                    count.units(&self.sides, part, cells, finding.why);
                }
            }
            let of_units = self.unit_lines(conn, dictionary, &blocks)?;
            lines.extend(of_units.iter().map(digest_line));
            from = last.and_then(after);
        }
        lines.sort_unstable();
        let mut hash = Sha256::new();
        for line in &lines {
            hash.update(line.as_bytes());
        }
        Ok((count, hex(&hash.finalize())))
    }

    /// The lines of blocks, in the order of their members.
    pub(super) fn unit_lines(
        &self,
        conn: &mut Conn,
        dictionary: Dictionary<'_>,
        blocks: &[BlockDiff],
    ) -> Result<Vec<DiffLine>, Error> {
        let mut members: BTreeMap<Block, MemberSet> = BTreeMap::new();
        let mut keys: BTreeSet<EventKey> = BTreeSet::new();
        for block in blocks {
            let all = members.entry(block.old.block).or_default();
            for (part, finding) in &block.parts {
                all.union_with(&part.members);
                keys.extend(finding.event);
                keys.extend(block.path(part));
            }
        }
        let speller = dictionary.speller(conn, &members)?;
        let ids = event_ids(conn, &keys)?;
        let mut lines = Vec::new();
        for block in blocks {
            let mut of_block: Vec<(u16, DiffLine)> = Vec::new();
            for (part, finding) in &block.parts {
                let (was, now) = (block.was(part), block.now(part));
                let line = DiffLine {
                    id: String::new(),
                    change: part.change,
                    why: finding.why,
                    event: finding.event.and_then(|key| ids.get(&key).cloned()),
                    was: was.and_then(|cell| {
                        label(
                            self.was_groups(part.change),
                            (cell.certainty, cell.group),
                            None,
                        )
                    }),
                    now: now.and_then(|cell| {
                        label(&self.sides.new.groups, (cell.certainty, cell.group), None)
                    }),
                    path: spelled(&ids, block.path(part)),
                };
                for member in part.members.iter() {
                    let unit = Address {
                        block: block.old.block,
                        member,
                    };
                    let id = speller.spell(unit)?.unwrap_or_default();
                    of_block.push((member, DiffLine { id, ..line.clone() }));
                }
            }
            of_block.sort_by_key(|(member, _)| *member);
            lines.extend(of_block.into_iter().map(|(_, line)| line));
        }
        Ok(lines)
    }

    /// The groups of what a removal keeps are those of the later version.
    fn was_groups(&self, change: Change) -> &[Group] {
        match change {
            Change::ProposedRemoval => &self.sides.new.groups,
            _ => &self.sides.old.groups,
        }
    }

    /// The lines of lots.
    pub(super) fn lot_lines(
        &self,
        conn: &mut Conn,
        lots: &[LotDiff],
    ) -> Result<Vec<DiffLine>, Error> {
        let mut keys: BTreeSet<EventKey> = BTreeSet::new();
        for lot in lots {
            keys.extend(lot.finding.event);
            keys.extend(lot.path());
            let both = [&lot.old, &lot.new].into_iter().flatten();
            keys.extend(both.flat_map(|lot| lot.lot.parts.iter().flat_map(|part| &part.path)));
        }
        let ids = event_ids(conn, &keys)?;
        let mut lines = Vec::new();
        for lot in lots {
            let Some((_, parts)) = self.sides.lot(lot.old.as_ref(), lot.new.as_ref()) else {
                continue;
            };
            let id = lot.old.as_ref().or(lot.new.as_ref());
            let id = id.map(|lot| lot.lot.id.clone()).unwrap_or_default();
            for (was, now) in parts {
                let path = now.or(was).map_or(lot.path(), |part| &part.path);
                let was = was.and_then(|part| {
                    let quantity = Some(part.quantity.clone());
                    let groups = self.was_groups(lot.change);
                    label(groups, (part.certainty, part.group), quantity)
                });
                let now = now.and_then(|part| {
                    let quantity = Some(part.quantity.clone());
                    let groups = &self.sides.new.groups;
                    label(groups, (part.certainty, part.group), quantity)
                });
                lines.push(DiffLine {
                    id: id.clone(),
                    change: lot.change,
                    why: lot.finding.why,
                    event: lot.finding.event.and_then(|key| ids.get(&key).cloned()),
                    was,
                    now,
                    path: spelled(&ids, path),
                });
            }
        }
        Ok(lines)
    }
}

/// Blocks compared at a time where no page is wanted: up to 262,144 units.
const BLOCKS_AT_A_TIME: i64 = 64;

/// Lots compared at a time where no page is wanted.
const LOTS_AT_A_TIME: i64 = 1_024;

/// The block after one; none after the last there can be.
pub(super) fn after(block: Block) -> Option<Block> {
    let next = u128::from_be_bytes(block.0).checked_add(1)?;
    Some(Block(next.to_be_bytes()))
}

impl BlockDiff {
    /// What was said of a part before; of what came back after its release, nothing.
    fn was(&self, part: &Part) -> Option<&Cell> {
        match part.change {
            Change::Added => None,
            Change::ProposedRemoval => self.new.cells.get(part.new?),
            Change::Changed | Change::Restored | Change::Released => self.old.cells.get(part.old?),
        }
    }

    /// What is said of a part now; of what is not found any more, nothing.
    fn now(&self, part: &Part) -> Option<&Cell> {
        match part.change {
            Change::ProposedRemoval | Change::Released => None,
            Change::Added | Change::Changed | Change::Restored => self.new.cells.get(part.new?),
        }
    }

    /// The path by the version that found it last.
    fn path(&self, part: &Part) -> &[EventKey] {
        match part.change {
            Change::Released => path_of(&self.old, part.old),
            _ => path_of(&self.new, part.new),
        }
    }
}

impl LotDiff {
    fn path(&self) -> &[EventKey] {
        let lot = match self.change {
            Change::Released => self.old.as_ref(),
            _ => self.new.as_ref(),
        };
        lot.map_or(&[], |lot| &lot.lot.path)
    }
}

/// A lot, when the version found it and does not only keep it.
fn found(lot: Option<&FrozenLot>) -> Option<&FrozenLot> {
    lot.filter(|lot| lot.proposed.is_none())
}

/// The path of a part, when the version found it and does not only keep it.
fn found_path<'b>(block: &'b ScopeBlock, part: &Part) -> &'b [EventKey] {
    match part.change {
        Change::ProposedRemoval => &[],
        _ => path_of(block, part.new),
    }
}

/// The path that was known before. Of what comes back there is none: what the earlier version kept, or what was
/// released, it did not find any more either. Of what is not found any more it is that by which it was found last.
fn known_path<'b>((old, new): (&'b ScopeBlock, &'b ScopeBlock), part: &Part) -> &'b [EventKey] {
    match part.change {
        Change::Added | Change::Restored => &[],
        Change::ProposedRemoval => path_of(new, part.new),
        Change::Changed | Change::Released => path_of(old, part.old),
    }
}

/// The lot whose path was known before; see [`known_path`].
const fn known_lot<'l>(
    (old, new): (Option<&'l FrozenLot>, Option<&'l FrozenLot>),
    change: Change,
) -> Option<&'l FrozenLot> {
    match change {
        Change::Added | Change::Restored => None,
        Change::ProposedRemoval => new,
        Change::Changed | Change::Released => old,
    }
}

/// Whether an event can be the reason.
fn is_explained(change: Change) -> bool {
    change != Change::Released
}

fn finding_of(change: Change, finding: Finding) -> Finding {
    if is_explained(change) {
        finding
    } else {
        Finding::RELEASE
    }
}

fn path_of(block: &ScopeBlock, cell: Option<usize>) -> &[EventKey] {
    let cell = cell.and_then(|index| block.cells.get(index));
    let path = cell.and_then(|cell| block.paths.get(cell.path as usize));
    path.map_or(&[], Vec::as_slice)
}

fn behind(path: &[EventKey], place: [Option<EventKey>; 2]) -> Behind {
    Behind {
        path: path.iter().copied().collect(),
        place: place.into_iter().flatten().collect(),
    }
}

/// What stands behind a lot: the path of the version that tells it, and where the lot was.
fn behind_lot(
    (old, new): (Option<&FrozenLot>, Option<&FrozenLot>),
    told: Option<&FrozenLot>,
    sight: &Sight,
) -> Behind {
    let block = old.or(new).map(|lot| lot.lot.lot);
    Behind {
        path: told
            .into_iter()
            .flat_map(|lot| lot.lot.path.iter().copied())
            .collect(),
        place: block
            .map(|block| sight.events_of_lot(block))
            .unwrap_or_default(),
    }
}

fn label(
    groups: &[Group],
    (certainty, group): (Certainty, u32),
    quantity: Option<Quantity>,
) -> Option<Label> {
    let group = groups.get(group as usize)?;
    Some(Label {
        certainty: certainty_word(certainty),
        quantity,
        holding: group.holding.clone(),
        others: group.alternatives().cloned().collect(),
    })
}

fn spelled(ids: &BTreeMap<EventKey, String>, keys: &[EventKey]) -> Vec<String> {
    keys.iter()
        .filter_map(|key| ids.get(key).cloned())
        .collect()
}

/// A line of the digest:
/// `{id}\t{change}\t{why}\t{was}\t{now}\n`, each of the two `{certainty}\t{status}\t{place}\t{holder}\t{lo}\t{hi}\t{uom}`,
/// with what is not known left empty. `LC_ALL=C sort | sha256sum` over the listing gives the same.
fn digest_line(line: &DiffLine) -> Box<str> {
    let side = |label: &Option<Label>| {
        let Some(label) = label else {
            return "\t\t\t\t\t\t".to_owned();
        };
        let known = |text: Option<&String>| text.cloned().unwrap_or_default();
        let quantity = label.quantity.as_ref();
        format!(
            "{}\t{}\t{}\t{}\t{}\t{}\t{}",
            label.certainty,
            label.holding.status.as_str(),
            known(label.holding.place.as_ref()),
            label.holding.holder,
            known(quantity.and_then(|quantity| quantity.lo.as_ref())),
            known(quantity.and_then(|quantity| quantity.hi.as_ref())),
            known(quantity.and_then(|quantity| quantity.uom.as_ref())),
        )
    };
    let (change, why) = (line.change.as_str(), line.why.as_str());
    let (was, now) = (side(&line.was), side(&line.now));
    format!("{}\t{change}\t{why}\t{was}\t{now}\n", line.id).into_boxed_str()
}
