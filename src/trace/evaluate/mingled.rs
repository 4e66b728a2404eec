//! Affected items among the stock of their lot: where a lot moves by quantity, any of its items that lie loose
//! can have gone along, and nobody recorded which.

use std::collections::{BTreeMap, BTreeSet};

use crate::codes::{Address, Block, MemberSet, Members};
use crate::epcis::Timestamp;
use crate::trace::{EventKey, Op, Source};

use super::cause::{Cause, Why};
use super::items::{self, Resting};
use super::kinds::Kinds;
use super::reader::{Asked, Reader, Units};
use super::stays::{Emptied, emptied_at};
use super::stock::{Spot, filling};
use super::supply::Labelled;
use super::taint::Taint;

/// Items of a lot that moves by quantity, too.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mingled {
    /// The items.
    pub items: Units,
    /// Those of them that went into containers under their serials, and that no event names anywhere else since.
    pub packed: Vec<PackedItems>,
    /// The latest times of the movements of the lot, sorted.
    pub moves: Vec<Timestamp>,
}

/// Items of one block that were packed together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackedItems {
    /// The block.
    pub block: Block,
    /// Which.
    pub members: MemberSet,
    /// Into what.
    pub container: Address,
    /// When.
    pub since: Timestamp,
    /// Some of the lot was taken out of it by number.
    pub is_drawn: bool,
}

/// Those of these items whose lot moves by quantity, lot by lot, as they are at a time.
pub(super) fn mingled<S: Source>(
    reader: &mut Reader<'_, S>,
    items: &Units,
    at: Timestamp,
) -> Result<BTreeMap<Block, Mingled>, S::Error> {
    let moving = reader.moving(items)?;
    let mut found: BTreeMap<Block, Mingled> = BTreeMap::new();
    if moving.is_empty() {
        return Ok(found);
    }
    for (told, _) in reader.memberships(Asked::LotsOf(&moving))? {
        let Some(asked) = moving.get(&told.block) else {
            continue;
        };
        let mut members = told.members;
        members.intersect_with(asked);
        if !members.is_empty() {
            let of_lot = found.entry(told.lot).or_default();
            let of_block = of_lot.items.entry(told.block).or_default();
            of_block.union_with(&members);
        }
    }
    let moves = reader.lot_moves(&found.keys().copied().collect())?;
    found.retain(|lot, mingled| {
        let moves = moves.get(lot).map_or(&[][..], Vec::as_slice);
        mingled.moves = moves.iter().map(|lot_move| lot_move.t_hi).collect();
        mingled.moves.sort_unstable();
        items::move_by_pieces(moves)
    });
    let lots = found.keys().map(|lot| (*lot, MemberSet::one(0)));
    reader.load(&lots.collect())?;
    reader.load(&moving)?;
    for (lot, mingled) in &mut found {
        let drawn = drawn(reader, *lot);
        for (block, members) in &mingled.items {
            let (_, Resting { packed, .. }) = items::read(reader.log(block), members, at);
            let packed = packed.into_iter().map(|packed| PackedItems {
                block: *block,
                members: packed.members,
                container: packed.container,
                since: packed.since,
                is_drawn: drawn.contains(&packed.container),
            });
            mingled.packed.extend(packed);
        }
    }
    Ok(found)
}

/// The containers that some of a lot was taken out of by number. Its log must be loaded.
fn drawn<S: Source>(reader: &Reader<'_, S>, lot: Block) -> BTreeSet<Address> {
    let log = reader.log_with(&lot, Kinds::of(Op::Unpack)).iter();
    let unpacked = log.filter(|record| record.op == Op::Unpack);
    unpacked.filter_map(|record| record.peer).collect()
}

impl<S: Source> Taint<'_, '_, S> {
    /// Forward: the stock of a lot from where affected items of it lie loose, since nothing is said of them. It
    /// makes neither other items nor the lot as a whole affected. Items that went into a container lie where it was
    /// emptied, and among what is taken out of it by number.
    pub(super) fn mingle(&mut self, sunk: &Units) -> Result<(), S::Error> {
        let moving = self.reader.moving(sunk)?;
        if moving.is_empty() {
            return Ok(());
        }
        self.reader.load(&moving)?;
        self.reader.load_containers(&moving)?;
        // What is done with them after that is not looked at.
        let until = self.rules.limit.unwrap_or(Timestamp::from_micros(i64::MAX));
        let told = self.reader.memberships(Asked::LotsOf(&moving))?;
        let lots = told.iter().map(|(told, _)| (told.lot, MemberSet::one(0)));
        self.reader.load(&lots.collect())?;
        for (told, _) in told {
            let Some(asked) = moving.get(&told.block) else {
                continue;
            };
            let mut members = told.members.clone();
            members.intersect_with(asked);
            for lying in self.lying(told.lot, (told.block, &members), until) {
                self.mingle_in(told.lot, told.block, &lying);
            }
        }
        Ok(())
    }

    /// Where these items lie among stock of their lot.
    fn lying(
        &self,
        lot: Block,
        (block, members): (Block, &MemberSet),
        until: Timestamp,
    ) -> Vec<Lying> {
        let (_, resting) = items::read(self.reader.log(&block), members, until);
        let loose = resting.loose.into_iter().map(|loose| Lying {
            spot: Spot::of(loose.place),
            since: loose.since,
            event: loose.event,
            members: loose.members,
        });
        let mut found: Vec<Lying> = loose.collect();
        if resting.packed.is_empty() {
            return found;
        }
        let drawn = drawn(self.reader, lot);
        for packed in resting.packed {
            let emptied = emptied_at(self.reader, packed.container);
            if drawn.contains(&packed.container) {
                found.push(Lying {
                    spot: filling(packed.container, &emptied, packed.since),
                    since: packed.since,
                    event: packed.event,
                    members: packed.members.clone(),
                });
            }
            let after = |emptied: &&Emptied| packed.since <= emptied.t_hi && emptied.t_lo <= until;
            if let Some(emptied) = emptied.iter().find(after) {
                found.push(Lying {
                    spot: Spot::of(emptied.place),
                    since: emptied.t_lo.max(packed.since),
                    event: emptied.event,
                    members: packed.members,
                });
            }
        }
        found
    }

    fn mingle_in(&mut self, lot: Block, block: Block, lying: &Lying) {
        let members = Members::from(lying.members.clone());
        let labels = self.units.get(&block);
        let Some((label, _)) = labels.and_then(|labels| labels.earliest(&members)) else {
            return;
        };
        let tick = label.tick.max(self.direction.tick(lying.since));
        let supply = self.lots.entry(lot).or_default();
        let is_known = supply.at(lying.spot).is_some_and(|held| held.tick <= tick);
        if is_known || tick > self.limit {
            return;
        }
        self.entries.note_items(lot, block, &lying.members);
        let next = self.causes.next();
        if supply.sink_as(Labelled::Among, lying.spot, tick, next) {
            self.causes.add(Cause {
                time: self.direction.time(tick),
                why: Why::OfLot(lot),
                event: Some(lying.event),
                before: Some(label.cause),
            });
            self.sunk_lots.insert(lot);
        }
    }
}

/// Items that lie among stock of their lot.
struct Lying {
    spot: Spot,
    since: Timestamp,
    event: EventKey,
    members: MemberSet,
}
