//! The truth of a world as JSON.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::epcis::Timestamp;
use crate::scenario::{Affected, Cause, Fate, Scenario, Truth};

/// What truly happened: what is affected, since when, why, and where it ended.
#[derive(Debug, Serialize)]
pub(super) struct TruthView<'a> {
    scenario: &'static str,
    seed: u64,
    start: String,
    window: WindowView<'a>,
    unit_count: u64,
    event_count: u64,
    affected: Vec<UnitView<'a>>,
    bulk: Vec<BulkView<'a>>,
    needed_packing_events: &'a BTreeSet<String>,
}

#[derive(Debug, Serialize)]
struct WindowView<'a> {
    place: &'a str,
    from: String,
    until: String,
    hazard: &'a str,
}

#[derive(Debug, Serialize)]
struct UnitView<'a> {
    id: &'a str,
    lot: &'a str,
    line: &'a str,
    filled_at: String,
    cause: CauseView<'a>,
    fate: FateView<'a>,
    was_returned: bool,
    hops: Vec<HopView<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum CauseView<'a> {
    FilledInWindow,
    FilledFromRework { bulk: &'a str },
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
        inside: &'a str,
    },
    Sold {
        shop: &'a str,
    },
    Destroyed {
        place: &'a str,
    },
    Consumed {
        bulk: &'a str,
    },
}

#[derive(Debug, Serialize)]
struct HopView<'a> {
    at: String,
    place: &'a str,
    carried_by: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct BulkView<'a> {
    id: &'a str,
    since: String,
}

impl<'a> TruthView<'a> {
    /// The truth of this world.
    pub(super) fn new(scenario: &Scenario, seed: u64, start: Timestamp, truth: &'a Truth) -> Self {
        let bulk = truth.bulk.iter().map(|lot| BulkView {
            id: &lot.id,
            since: lot.since.to_string(),
        });
        Self {
            scenario: scenario.name(),
            seed,
            start: start.to_string(),
            window: WindowView {
                place: &truth.window.place,
                from: truth.window.from.to_string(),
                until: truth.window.until.to_string(),
                hazard: &truth.window.hazard,
            },
            unit_count: truth.unit_count,
            event_count: truth.event_count,
            affected: truth.affected.iter().map(UnitView::of).collect(),
            bulk: bulk.collect(),
            needed_packing_events: truth.needed_packing_events(),
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
            filled_at: unit.filled_at.to_string(),
            cause: match &unit.cause {
                Cause::FilledInWindow => CauseView::FilledInWindow,
                Cause::FilledFromRework { bulk } => CauseView::FilledFromRework { bulk },
            },
            fate: match &unit.fate {
                Fate::Held {
                    place,
                    holder,
                    inside,
                } => FateView::Held {
                    place,
                    holder,
                    inside: inside.as_deref(),
                },
                Fate::InTransit { from, to, inside } => FateView::InTransit { from, to, inside },
                Fate::Sold { shop } => FateView::Sold { shop },
                Fate::Destroyed { place } => FateView::Destroyed { place },
                Fate::Reworked { bulk } => FateView::Consumed { bulk },
            },
            was_returned: unit.was_returned,
            hops: hops.collect(),
        }
    }
}
