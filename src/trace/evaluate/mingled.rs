//! Affected items among the stock of their lot: where a lot moves by quantity, any of its items that lie loose
//! can have gone along, and nobody recorded which.

use std::collections::BTreeMap;

use crate::codes::{Block, Members};
use crate::epcis::Timestamp;
use crate::trace::Source;

use super::cause::{Cause, Why};
use super::items;
use super::reader::{Asked, Reader, Units};
use super::stock::Spot;
use super::supply::Labelled;
use super::taint::Taint;

/// Items of a lot that moves by quantity, too.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mingled {
    /// The items.
    pub items: Units,
    /// The latest times of the movements of the lot, sorted.
    pub moves: Vec<Timestamp>,
}

/// Those of these items whose lot moves by quantity, lot by lot.
pub(super) fn mingled<S: Source>(
    reader: &mut Reader<'_, S>,
    items: &Units,
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
    Ok(found)
}

impl<S: Source> Taint<'_, '_, S> {
    /// Forward: the stock of a lot from where affected items of it lie loose, since nothing is said of them. It
    /// makes neither other items nor the lot as a whole affected.
    pub(super) fn mingle(&mut self, sunk: &Units) -> Result<(), S::Error> {
        let moving = self.reader.moving(sunk)?;
        if moving.is_empty() {
            return Ok(());
        }
        self.reader.load(&moving)?;
        // What is done with them after that is not looked at.
        let until = self.rules.limit.unwrap_or(Timestamp::from_micros(i64::MAX));
        for (told, _) in self.reader.memberships(Asked::LotsOf(&moving))? {
            let Some(asked) = moving.get(&told.block) else {
                continue;
            };
            let mut members = told.members.clone();
            members.intersect_with(asked);
            let (_, lying) = items::read(self.reader.log(&told.block), &members, until);
            for loose in lying {
                let members = Members::from(loose.members.clone());
                let labels = self.units.get(&told.block);
                let Some((label, _)) = labels.and_then(|labels| labels.earliest(&members)) else {
                    continue;
                };
                let tick = label.tick.max(self.direction.tick(loose.since));
                let spot = Spot::of(loose.place);
                let supply = self.lots.entry(told.lot).or_default();
                let is_known = supply.at(spot).is_some_and(|held| held.tick <= tick);
                if is_known || tick > self.limit {
                    continue;
                }
                self.entries
                    .note_items(told.lot, told.block, &loose.members);
                let next = self.causes.next();
                if supply.sink_as(Labelled::Among, spot, tick, next) {
                    self.causes.add(Cause {
                        time: self.direction.time(tick),
                        why: Why::OfLot(told.lot),
                        event: Some(loose.event),
                        before: Some(label.cause),
                    });
                    self.sunk_lots.insert(told.lot);
                }
            }
        }
        Ok(())
    }
}
