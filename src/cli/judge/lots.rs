//! The parts of affected lots: whether each amount that somebody has, got or destroyed is in the answer, and
//! at its place.

use std::collections::BTreeMap;

use super::judgement::{Answer, Share, Standing};
use crate::scenario::{AffectedLot, Fate, Truth, Uom};

/// What is wrong with the answer for one lot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct LotFault {
    /// The lot.
    pub(in crate::cli) id: String,
    /// Of how much of it the answer says nothing at all, in thousandths.
    pub(in crate::cli) missing: u64,
    /// How much of it the answer puts elsewhere, in thousandths.
    pub(in crate::cli) misplaced: u64,
    /// Of how much it was to tell, in thousandths.
    pub(in crate::cli) expected: u64,
}

/// Judges every lot that is in the answer; those without any fault are left out.
pub(super) fn judge_lots(truth: &Truth, answer: &Answer) -> Vec<LotFault> {
    let lots = truth.lots.iter();
    let told = lots.filter_map(|lot| Some((lot, answer.lots.get(&*lot.id)?)));
    let faults = told.map(|(lot, shares)| judge(lot, shares));
    faults
        .filter(|fault| 0 < fault.missing + fault.misplaced)
        .collect()
}

/// Whether somebody is to be told of a part.
const fn is_somewhere(fate: &Fate) -> bool {
    match fate {
        Fate::Held { .. } | Fate::InTransit { .. } | Fate::Sold { .. } | Fate::Destroyed { .. } => {
            true
        }
        Fate::Consumed { .. } | Fate::Renamed { .. } => false,
    }
}

fn judge(lot: &AffectedLot, shares: &[Share]) -> LotFault {
    let scale = match lot.uom {
        Uom::Pieces => 1000,
        Uom::Kilograms => 1,
    };
    // Two parts may be at one place, in different containers.
    let mut wanted: BTreeMap<(&'static str, &str), (&Fate, u64)> = BTreeMap::new();
    for part in lot.parts.iter().filter(|part| is_somewhere(&part.fate)) {
        let entry = wanted.entry(spot(&part.fate));
        entry.or_insert((&part.fate, 0)).1 += part.amount * scale;
    }
    let expected: u64 = wanted.values().map(|(_, amount)| amount).sum();
    let live = |share: &&Share| share.standing.status != "consumed";
    let found = sum(shares.iter().filter(live));
    let elsewhere = wanted.values().map(|(fate, amount)| {
        let there = shares.iter().filter(|share| may_be(&share.standing, fate));
        amount.saturating_sub(sum(there))
    });
    let missing = expected.saturating_sub(found);
    LotFault {
        id: lot.id.to_string(),
        missing,
        misplaced: elsewhere.sum::<u64>().saturating_sub(missing),
        expected,
    }
}

fn spot(fate: &Fate) -> (&'static str, &str) {
    match fate {
        Fate::Held { place, .. } => ("held", place),
        Fate::InTransit { to, .. } => ("in_transit", to),
        Fate::Sold { shop, .. } => ("sold", shop),
        Fate::Destroyed { place } => ("destroyed", place),
        Fate::Consumed { into } => ("consumed", into),
        Fate::Renamed { lot } => ("renamed", lot),
    }
}

/// An event need not say where it sold or destroyed: an answer without a place is enough.
fn may_be(standing: &Standing, fate: &Fate) -> bool {
    let nowhere = standing.place.is_none();
    match fate {
        Fate::Sold { .. } if nowhere => standing.status == "sold",
        Fate::Destroyed { .. } if nowhere => standing.status == "destroyed",
        _ => standing.is(fate),
    }
}

/// What shares hold at most; everything when one of them holds nobody knows how much.
fn sum<'a>(shares: impl Iterator<Item = &'a Share>) -> u64 {
    shares.fold(0, |sum: u64, share| {
        sum.saturating_add(share.hi.unwrap_or(u64::MAX))
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::scenario::{Cause, LotPart};

    fn held(place: &str, amount: u64) -> LotPart {
        LotPart {
            fate: Fate::Held {
                place: Arc::from(place),
                holder: Arc::from("h"),
                inside: None,
            },
            amount,
        }
    }

    fn share(place: &str, hi: Option<u64>) -> Share {
        Share {
            standing: Standing {
                status: "held".into(),
                place: Some(place.into()),
                holder: "h".into(),
            },
            hi,
        }
    }

    fn fault(shares: &[Share]) -> (u64, u64) {
        let lot = AffectedLot {
            id: Arc::from("lot"),
            since: crate::epcis::Timestamp::default(),
            cause: Cause::Named,
            uom: Uom::Pieces,
            made: 10,
            parts: vec![held("a", 7), held("b", 3)],
        };
        let fault = judge(&lot, shares);
        (fault.missing, fault.misplaced)
    }

    #[test]
    fn amounts_are_missing_where_none_are_and_misplaced_where_they_are_elsewhere() {
        let a = share("a", Some(7_000));
        assert_eq!(fault(&[a.clone(), share("b", Some(3_000))]), (0, 0));
        assert_eq!(fault(std::slice::from_ref(&a)), (3_000, 0));
        assert_eq!(fault(&[a.clone(), share("c", Some(3_000))]), (0, 3_000));
        assert_eq!(fault(&[a, share("b", None)]), (0, 0));
        assert_eq!(fault(&[]), (10_000, 0));
    }
}
