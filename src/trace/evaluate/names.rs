//! Balances of lots that have several names: what is missing under one name is what is left over under
//! another.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::codes::{Block, MemberSet};
use crate::epcis::Timestamp;
use crate::trace::{Alias, LotMove, Source};

use super::amount::{Amount, Bounds};
use super::booking;
use super::items::{self, is_counted_in_pieces};
use super::lots::{Account, Balances, Gap, GapKind};
use super::reader::Reader;
use super::stages::Sites;
use super::{carriers, stages};

/// The balances of these lots at a time.
pub(super) fn balances<S: Source>(
    reader: &mut Reader<'_, S>,
    lots: &BTreeSet<Block>,
    at: Timestamp,
) -> Result<BTreeMap<Block, Vec<Balances>>, S::Error> {
    if lots.is_empty() {
        return Ok(BTreeMap::new());
    }
    let (names, aliases) = names(reader, lots)?;
    let logs = names.iter().map(|lot| (*lot, MemberSet::one(0))).collect();
    reader.load(&logs)?;
    reader.load_containers(&logs)?;
    let moves = reader.lot_moves(&names)?;
    let by_pieces = moves
        .iter()
        .filter(|(_, moves)| is_counted_in_pieces(moves));
    let by_pieces = by_pieces.map(|(lot, _)| *lot).collect();
    let items = items::of_lots(reader, &by_pieces, at)?;
    let stages = stages::stages(reader, &moves)?;
    let openings = carriers::openings(reader, &logs)?;
    let mut found: BTreeMap<Block, Vec<Balances>> = BTreeMap::new();
    let book = |reader: &Reader<'_, S>, lot: &Block, moves: &[LotMove], sites: &Arc<Sites>| {
        let items = items.get(lot).map_or(&[][..], Vec::as_slice);
        let carriers = carriers::carriers(reader, lot, (moves, items), &openings);
        let log = reader.log(lot);
        booking::balances(moves, items, log, carriers, (&stages, sites), at)
    };
    let unknown = Arc::default();
    let mut puzzling: BTreeMap<Block, BTreeSet<Block>> = BTreeMap::new();
    for (lot, moves) in &moves {
        let (of_lot, places) = book(reader, lot, moves, &unknown);
        if !places.is_empty() {
            puzzling.insert(*lot, places);
        }
        found.insert(*lot, of_lot);
    }
    let places: BTreeSet<Block> = puzzling.values().flatten().copied().collect();
    let sites = Arc::new(reader.sites(&places)?);
    for (lot, places) in &puzzling {
        let has_parts = |place: &Block| sites.get(place).is_some_and(|site| site.len() > 1);
        if let Some(moves) = moves.get(lot).filter(|_| places.iter().any(has_parts)) {
            found.insert(*lot, book(reader, lot, moves, &sites).0);
        }
    }
    for alias in aliases {
        lend(&mut found, alias.lot, alias.same_as);
        lend(&mut found, alias.same_as, alias.lot);
    }
    found.retain(|lot, _| lots.contains(lot));
    Ok(found)
}

/// The lots with all their other names, and what says that they are.
fn names<S: Source>(
    reader: &mut Reader<'_, S>,
    lots: &BTreeSet<Block>,
) -> Result<(BTreeSet<Block>, BTreeSet<Alias>), S::Error> {
    let (mut names, mut aliases) = (lots.clone(), BTreeSet::new());
    let mut level = lots.clone();
    while !level.is_empty() {
        let mut next = BTreeSet::new();
        for alias in reader.aliases(&level)? {
            next.extend([alias.lot, alias.same_as]);
            aliases.insert(alias);
        }
        next.retain(|lot| names.insert(*lot));
        level = next;
    }
    Ok((names, aliases))
}

/// What came up under one name out of nowhere is what lies there, or was on its way there, under another.
fn lend(found: &mut BTreeMap<Block, Vec<Balances>>, lender: Block, borrower: Block) {
    let Some(mut lenders) = found.remove(&lender) else {
        return;
    };
    for borrower in found.get_mut(&borrower).into_iter().flatten() {
        let alike = lenders.iter_mut().find(|lender| lender.uom == borrower.uom);
        if let Some(lender) = alike {
            lend_in(lender, borrower);
        }
    }
    found.insert(lender, lenders);
}

fn lend_in(lender: &mut Balances, borrower: &mut Balances) {
    lend_shipped(lender, borrower);
    for gap in borrower.gaps.iter_mut().filter(|gap| gap.from.is_none()) {
        let Some(place) = place_of(gap.to) else {
            continue;
        };
        let fits = |account: &Account| match account {
            Account::Stock { place: at, .. } => *at == Some(place),
            Account::InTransit { to, .. } => to.is_none_or(|to| to == place),
            _ => false,
        };
        for (account, part) in lender.parts.iter_mut().filter(|(account, _)| fits(account)) {
            let lent = gap.amount.hi.min(part.hi);
            gap.amount = less(gap.amount, lent);
            *part = less(*part, lent);
            lender.total = lender.total.minus(lent);
            if let Account::InTransit { from, to, .. } = account {
                arrived(&mut lender.gaps, (*from, *to), place, lent);
            }
        }
    }
    for balances in [lender, borrower] {
        balances.gaps.retain(|gap| gap.amount.hi.is_positive());
        balances.parts.retain(|_, part| part.hi.is_positive());
    }
}

/// What was received under one name from a place that it was shipped from under the other: the shipment is that, and
/// nothing of what else lies where it left.
fn lend_shipped(lender: &mut Balances, borrower: &mut Balances) {
    let ends = |gap: &Gap| Some((place_of(gap.from)?, place_of(gap.to)?, gap.amount.hi));
    let not_shipped = borrower.gaps.iter();
    let not_shipped = not_shipped.filter(|gap| gap.kind == GapKind::NotShipped);
    let received: Vec<(Block, Block, Amount)> = not_shipped.filter_map(ends).collect();
    for (left, place, most) in received {
        let is_open = |from: &Option<Block>, to: &Option<Block>| {
            *from == Some(left) && to.is_none_or(|to| to == place)
        };
        let mut rest = most;
        for (account, part) in &mut lender.parts {
            let Account::InTransit { from, to, .. } = account else {
                continue;
            };
            if !is_open(from, to) {
                continue;
            }
            let lent = rest.min(part.hi);
            rest = rest.minus(lent);
            *part = less(*part, lent);
            lender.total = lender.total.minus(lent);
            arrived(&mut lender.gaps, (*from, *to), place, lent);
        }
        let lent = most.minus(rest);
        // It was missing where it left, too: under this name nobody ever had it there.
        let missing = |gap: &Gap| gap.from.is_none() && place_of(gap.to) == Some(left);
        let moved = |gap: &Gap| {
            let way = (place_of(gap.from), place_of(gap.to));
            gap.kind == GapKind::NotShipped && way == (Some(left), Some(place))
        };
        for which in [&missing as &dyn Fn(&Gap) -> bool, &moved] {
            let mut rest = lent;
            for gap in borrower.gaps.iter_mut().filter(|gap| which(gap)) {
                let part = rest.min(gap.amount.hi);
                gap.amount = less(gap.amount, part);
                rest = rest.minus(part);
            }
        }
    }
}

fn place_of(end: Option<Account>) -> Option<Block> {
    end?.place()
}

/// Lessens the gap of a shipment that has arrived at a place under another name.
fn arrived(
    gaps: &mut [Gap],
    (from, to): (Option<Block>, Option<Block>),
    place: Block,
    amount: Amount,
) {
    let of = |gap: &&mut Gap| {
        let towards = place_of(gap.to);
        place_of(gap.from) == from && (towards == to || towards == Some(place))
    };
    if let Some(open) = gaps.iter_mut().find(of) {
        open.amount = less(open.amount, amount);
    }
}

fn less(bounds: Bounds, by: Amount) -> Bounds {
    let less = |bound: Amount| bound.minus(by).max(Amount::ZERO);
    Bounds {
        lo: less(bounds.lo),
        hi: less(bounds.hi),
    }
}
