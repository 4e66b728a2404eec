//! What is wrong with the balances of a lot.

use std::collections::BTreeSet;

use crate::codes::Block;
use crate::epcis::Timestamp;
use crate::trace::evaluate::{Account, Balances, Bounds, Gap, GapKind, LotFault, Unmet};
use crate::trace::{EventKey, LotMove, LotRole};

use super::finding::{Raw, Thing};
use super::kind::Kind;
use super::sites::Sites;

/// Everything wrong with one lot.
pub(super) fn findings(
    lot: Block,
    balances: &[Balances],
    moves: &[LotMove],
    sites: &Sites,
    due_before: Timestamp,
) -> Vec<Raw> {
    let mut found: Vec<Raw> = mixed(lot, moves).into_iter().collect();
    let was_received = moves.iter().any(|m| m.role == LotRole::Received);
    let began = was_received || balances.iter().any(Balances::began);
    if let Some(first) = moves.first().filter(|_| !began) {
        let mut raw = raw(lot, Kind::NeverBegan, first.t_lo);
        raw.events.push((first.shard, first.seq));
        raw.places.extend(first.from_place.or(first.to_place));
        found.push(raw);
    }
    for balances in balances {
        // More left of what never began than was there, of course.
        let overdrawn = |fault: &&LotFault| began || !matches!(fault, LotFault::Overdrawn { .. });
        for fault in balances.faults.iter().filter(overdrawn) {
            found.extend(of_fault(lot, fault, balances, moves));
        }
        for gap in &balances.gaps {
            let (from, to) = (
                gap.from.and_then(|end| end.place()),
                gap.to.and_then(|end| end.place()),
            );
            let within = from.is_some() && sites.are_one(from, to);
            let due = gap.kind != GapKind::NotReceived || gap.since < due_before;
            // What came from nowhere is told as a negative balance; what moved within a site is nobody's.
            let is_told = gap.kind == GapKind::NotRecorded && (within || gap.from.is_none());
            if due && !is_told {
                found.push(of_gap(lot, gap, balances, moves, (from, to)));
            }
        }
        let unmet = balances.unmet.iter();
        let overdue = unmet.filter(|(_, unmet)| unmet.since < due_before);
        found.extend(overdue.map(|(way, unmet)| unmeasured(lot, way, unmet, balances)));
    }
    found
}

fn raw(lot: Block, kind: Kind, at: Timestamp) -> Raw {
    Raw::new(kind, Thing::Whole(lot), at)
}

fn time(moves: &[LotMove], event: EventKey) -> Timestamp {
    let found = moves.iter().find(|m| (m.shard, m.seq) == event);
    found.map_or(Timestamp::from_micros(i64::MIN), |m| m.t_lo)
}

fn of_fault(lot: Block, fault: &LotFault, balances: &Balances, moves: &[LotMove]) -> Option<Raw> {
    match fault {
        LotFault::Overdrawn { account, by, event } => {
            let mut raw = raw(lot, Kind::NegativeBalance, time(moves, *event));
            raw.events.push(*event);
            raw.places.extend(account.place());
            if let Account::Stock {
                party: Some(party), ..
            } = account
            {
                raw.parties.push(*party);
            }
            let amount = Some(Bounds::exact(*by));
            raw.amounts.push((balances.uom.clone(), amount));
            Some(raw)
        }
        LotFault::TooFine { event } => {
            let mut raw = raw(lot, Kind::AmountTooFine, time(moves, *event));
            raw.events.push(*event);
            Some(raw)
        }
        // Told as a gap, unless its shipment came late.
        LotFault::NotShipped { .. } => None,
    }
}

fn of_gap(
    lot: Block,
    gap: &Gap,
    balances: &Balances,
    moves: &[LotMove],
    (from, to): (Option<Block>, Option<Block>),
) -> Raw {
    let was_shipped_here = moves.iter().any(|m| {
        let there = m.to_place.is_none() || m.to_place == to;
        m.role == LotRole::Shipped && there && m.quantity.uom == balances.uom
    });
    let kind = match gap.kind {
        GapKind::NotReceived => Kind::ShippedNotReceived,
        GapKind::NotShipped if was_shipped_here => Kind::ReceivedMoreThanShipped,
        GapKind::NotShipped => Kind::ReceivedNotShipped,
        GapKind::NotRecorded => Kind::MovedUnrecorded,
    };
    let mut raw = raw(lot, kind, gap.since);
    raw.events.extend(&gap.events);
    raw.places.extend(from.into_iter().chain(to));
    raw.parties.extend(parties(gap.from, gap.to));
    raw.amounts.push((balances.uom.clone(), Some(gap.amount)));
    raw
}

/// What was shipped without an amount and not received.
fn unmeasured(lot: Block, way: &Account, unmet: &Unmet, balances: &Balances) -> Raw {
    let (from, to) = way.ends();
    let mut raw = raw(lot, Kind::ShippedNotReceived, unmet.since);
    raw.events.extend(&unmet.events);
    let ends = from.iter().chain(&to);
    raw.places.extend(ends.filter_map(Account::place));
    raw.parties.extend(parties(from, to));
    raw.amounts.push((balances.uom.clone(), None));
    raw
}

/// Who is named at the ends of a movement.
fn parties(from: Option<Account>, to: Option<Account>) -> impl Iterator<Item = Block> {
    let named = |end| match end {
        Account::Stock { party, .. } => party,
        _ => None,
    };
    [from, to].into_iter().flatten().filter_map(named)
}

fn mixed(lot: Block, moves: &[LotMove]) -> Option<Raw> {
    let uoms: BTreeSet<&Option<String>> = moves.iter().map(|m| &m.quantity.uom).collect();
    if uoms.len() < 2 {
        return None;
    }
    let first = moves.iter().map(|m| m.t_lo).min()?;
    let mut raw = raw(lot, Kind::MixedUnits, first);
    for uom in uoms {
        let of_uom = moves.iter().find(|m| m.quantity.uom == *uom);
        raw.events.extend(of_uom.map(|m| (m.shard, m.seq)));
        raw.amounts.push((uom.clone(), None));
    }
    raw.events.dedup();
    Some(raw)
}
