//! The truth of a world as JSON.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::epcis::Timestamp;
use crate::scenario::{
    Affected, AffectedLot, Cause, Fate, Fates, LotPart, Question, Scenario, Truth, Uom,
};

/// What truly happened: what is affected, since when, why, and where it ended.
#[derive(Debug, Serialize)]
pub(super) struct TruthView<'a> {
    scenario: &'static str,
    seed: u64,
    start: String,
    question: &'a Question,
    unit_count: u64,
    event_count: u64,
    fates: FatesView,
    affected: Vec<UnitView<'a>>,
    lots: Vec<LotView<'a>>,
    needed_packing_events: &'a BTreeSet<String>,
}

/// How all units ended, affected or not.
#[derive(Debug, Serialize)]
struct FatesView {
    held: u64,
    in_transit: u64,
    sold: u64,
    destroyed: u64,
    consumed: u64,
}

#[derive(Debug, Serialize)]
struct UnitView<'a> {
    id: &'a str,
    lot: &'a str,
    line: &'a str,
    since: String,
    cause: CauseView<'a>,
    fate: FateView<'a>,
    was_returned: bool,
    hops: Vec<HopView<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum CauseView<'a> {
    MadeInWindow,
    FromLot { lot: &'a str },
    FromUnit { unit: &'a str },
    FromVessel { vessel: &'a str },
    InsideContainer { container: &'a str },
    Named,
}

#[derive(Debug, Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
enum FateView<'a> {
    Held {
        place: &'a str,
        holder: &'a str,
        inside: Option<&'a str>,
    },
    InTransit {
        from: &'a str,
        to: &'a str,
        inside: Option<&'a str>,
    },
    Sold {
        shop: &'a str,
        inside: Option<&'a str>,
    },
    Destroyed {
        place: &'a str,
    },
    Consumed {
        into: &'a str,
    },
    Renamed {
        lot: &'a str,
    },
}

#[derive(Debug, Serialize)]
struct HopView<'a> {
    at: String,
    place: &'a str,
    carried_by: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct LotView<'a> {
    id: &'a str,
    since: String,
    cause: CauseView<'a>,
    /// `KGM`; none for pieces.
    uom: Option<&'static str>,
    made: Amount,
    parts: Vec<PartView<'a>>,
}

#[derive(Debug, Serialize)]
struct PartView<'a> {
    amount: Amount,
    #[serde(flatten)]
    fate: FateView<'a>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Amount {
    Pieces(u64),
    Kilograms(f64),
}

impl Amount {
    #[expect(
        clippy::cast_precision_loss,
        reason = "grams of a lot are far below 2^53"
    )]
    const fn of(uom: Uom, amount: u64) -> Self {
        match uom {
            Uom::Pieces => Self::Pieces(amount),
            Uom::Kilograms => Self::Kilograms(amount as f64 / 1000.0),
        }
    }
}

impl<'a> TruthView<'a> {
    /// The truth of this world.
    pub(super) fn new(scenario: &Scenario, seed: u64, start: Timestamp, truth: &'a Truth) -> Self {
        Self {
            scenario: scenario.name(),
            seed,
            start: start.to_string(),
            question: &truth.question,
            unit_count: truth.unit_count,
            event_count: truth.event_count,
            fates: FatesView::of(truth.fates),
            affected: truth.affected.iter().map(UnitView::of).collect(),
            lots: truth.lots.iter().map(LotView::of).collect(),
            needed_packing_events: truth.needed_packing_events(),
        }
    }
}

impl FatesView {
    const fn of(fates: Fates) -> Self {
        let Fates {
            held,
            in_transit,
            sold,
            destroyed,
            consumed,
        } = fates;
        Self {
            held,
            in_transit,
            sold,
            destroyed,
            consumed,
        }
    }
}

impl<'a> UnitView<'a> {
    fn of(unit: &'a Affected) -> Self {
        let hops = unit.hops.iter().map(|hop| HopView {
            at: hop.at.to_string(),
            place: &hop.place,
            carried_by: hop.carried_by.as_deref(),
        });
        Self {
            id: &unit.id,
            lot: &unit.lot,
            line: &unit.line,
            since: unit.since.to_string(),
            cause: CauseView::of(&unit.cause),
            fate: FateView::of(&unit.fate),
            was_returned: unit.was_returned,
            hops: hops.collect(),
        }
    }
}

impl<'a> LotView<'a> {
    fn of(lot: &'a AffectedLot) -> Self {
        let part = |part: &'a LotPart| PartView {
            amount: Amount::of(lot.uom, part.amount),
            fate: FateView::of(&part.fate),
        };
        Self {
            id: &lot.id,
            since: lot.since.to_string(),
            cause: CauseView::of(&lot.cause),
            uom: match lot.uom {
                Uom::Pieces => None,
                Uom::Kilograms => Some("KGM"),
            },
            made: Amount::of(lot.uom, lot.made),
            parts: lot.parts.iter().map(part).collect(),
        }
    }
}

impl<'a> CauseView<'a> {
    fn of(cause: &'a Cause) -> Self {
        match cause {
            Cause::MadeInWindow => Self::MadeInWindow,
            Cause::FromLot { lot } => Self::FromLot { lot },
            Cause::FromUnit { unit } => Self::FromUnit { unit },
            Cause::FromVessel { vessel } => Self::FromVessel { vessel },
            Cause::InsideContainer { container } => Self::InsideContainer { container },
            Cause::Named => Self::Named,
        }
    }
}

impl<'a> FateView<'a> {
    fn of(fate: &'a Fate) -> Self {
        match fate {
            Fate::Held {
                place,
                holder,
                inside,
            } => Self::Held {
                place,
                holder,
                inside: inside.as_deref(),
            },
            Fate::InTransit { from, to, inside } => Self::InTransit {
                from,
                to,
                inside: inside.as_deref(),
            },
            Fate::Sold { shop, inside } => Self::Sold {
                shop,
                inside: inside.as_deref(),
            },
            Fate::Destroyed { place } => Self::Destroyed { place },
            Fate::Consumed { into } => Self::Consumed { into },
            Fate::Renamed { lot } => Self::Renamed { lot },
        }
    }
}
