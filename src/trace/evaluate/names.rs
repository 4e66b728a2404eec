//! Balances of lots that have several names: what is missing under one name is what is left over under
//! another.

use std::collections::{BTreeMap, BTreeSet};

use crate::codes::{Block, MemberSet};
use crate::epcis::Timestamp;
use crate::trace::{Alias, Source};

use super::amount::{Amount, Bounds};
use super::booking;
use super::items::{self, is_counted_in_pieces};
use super::lots::{Account, Balances};
use super::reader::Reader;
use super::{stages, stays};

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
    let mut found: BTreeMap<Block, Vec<Balances>> = BTreeMap::new();
    for (lot, moves) in &moves {
        let emptied = stays::emptied(reader, lot);
        let of_lot = {
            let items = items.get(lot).map_or(&[][..], Vec::as_slice);
            booking::balances(moves, items, reader.log(lot), &emptied, &stages, at)
        };
        found.insert(*lot, of_lot);
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
    let (Some(mut lenders), Some(borrowers)) = (found.remove(&lender), found.get_mut(&borrower))
    else {
        return;
    };
    for borrower in borrowers {
        let alike = lenders.iter_mut().find(|lender| lender.uom == borrower.uom);
        if let Some(lender) = alike {
            lend_in(lender, borrower);
        }
    }
    found.insert(lender, lenders);
}

fn lend_in(lender: &mut Balances, borrower: &mut Balances) {
    for gap in borrower.gaps.iter_mut().filter(|gap| gap.from.is_none()) {
        let Some(place) = gap.to.and_then(|to| to.place()) else {
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
            if let Account::InTransit { from, to } = account {
                let of = |gap: &&mut super::lots::Gap| {
                    let left = gap.from.and_then(|end| end.place());
                    let towards = gap.to.and_then(|end| end.place());
                    left == *from && (towards == *to || towards == Some(place))
                };
                if let Some(open) = lender.gaps.iter_mut().find(of) {
                    open.amount = less(open.amount, lent);
                }
            }
        }
    }
    for balances in [lender, borrower] {
        balances.gaps.retain(|gap| gap.amount.hi.is_positive());
        balances.parts.retain(|_, part| part.hi.is_positive());
    }
}

fn less(bounds: Bounds, by: Amount) -> Bounds {
    let less = |bound: Amount| bound.minus(by).max(Amount::ZERO);
    Bounds {
        lo: less(bounds.lo),
        hi: less(bounds.hi),
    }
}
