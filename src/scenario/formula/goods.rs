//! The goods themselves. A tin is owned by the case, shelf or basket that holds it, so the simulation
//! cannot have it in two places. Only contaminated tins carry a history; it becomes the truth.

use std::sync::Arc;

use crate::epcis::Timestamp;
use crate::scenario::truth::{Affected, Cause, Fate, Hop};

use super::sim::Ledger;

/// A packing event that whoever asks where a unit is may need.
#[derive(Debug, Clone)]
pub(super) struct Packing {
    pub(super) event: Arc<str>,
    /// Where it was packed; as long as it stays there nobody needs the event.
    pub(super) place: Arc<str>,
}

/// A tin of formula.
#[derive(Debug)]
pub(super) struct Tin {
    pub(super) id: String,
    /// What is wrong with it; nothing with most.
    pub(super) taint: Option<Box<Taint>>,
}

/// The history of a contaminated tin.
#[derive(Debug)]
pub(super) struct Taint {
    pub(super) lot: Arc<str>,
    pub(super) line: Arc<str>,
    pub(super) filled_at: Timestamp,
    pub(super) cause: Cause,
    pub(super) was_returned: bool,
    pub(super) hops: Vec<Hop>,
    /// Packings since somebody last scanned the tin itself.
    pub(super) packings: Vec<Packing>,
}

impl Tin {
    /// Somebody scanned the tin itself here.
    pub(super) fn scanned(&mut self) {
        if let Some(taint) = &mut self.taint {
            taint.packings.clear();
        }
    }

    /// It came to a place by itself.
    pub(super) fn came_to(&mut self, place: &Arc<str>, at: Timestamp) {
        if let Some(taint) = &mut self.taint {
            taint.hops.push(Hop {
                at,
                place: place.clone(),
                carried_by: None,
            });
        }
    }

    /// Its story ends.
    pub(super) fn end(self, fate: Fate, truth: &mut Ledger) {
        let Some(taint) = self.taint else { return };
        let stays_at = match &fate {
            Fate::Held { place, .. } => Some(place),
            Fate::InTransit { .. }
            | Fate::Sold { .. }
            | Fate::Destroyed { .. }
            | Fate::Reworked { .. } => None,
        };
        for packing in &taint.packings {
            if stays_at != Some(&packing.place) {
                truth.needed.insert(packing.event.to_string());
            }
        }
        truth.affected.push(Affected {
            id: self.id,
            lot: taint.lot,
            line: taint.line,
            filled_at: taint.filled_at,
            cause: taint.cause,
            fate,
            was_returned: taint.was_returned,
            hops: taint.hops,
        });
    }
}

/// A case of tins.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) sscc: String,
    pub(super) tins: Vec<Tin>,
    /// The packing of the tins into it.
    pub(super) packed: Packing,
    /// Packings onto pallets since somebody last scanned the case itself.
    pub(super) stacked: Option<Packing>,
    /// Where it has been.
    pub(super) hops: Vec<Hop>,
}

impl Case {
    /// Somebody scanned the case itself.
    pub(super) fn scanned(&mut self) {
        self.stacked = None;
    }

    /// It came to a place, perhaps on a pallet.
    pub(super) fn came_to(&mut self, place: &Arc<str>, at: Timestamp, pallet: Option<&Arc<str>>) {
        let carried_by = pallet.cloned().unwrap_or_else(|| Arc::from(self.link()));
        self.hops.push(Hop {
            at,
            place: place.clone(),
            carried_by: Some(carried_by),
        });
    }

    /// The tins, each with the way it came.
    pub(super) fn open(self) -> Vec<Tin> {
        let mut tins = self.tins;
        for taint in tins.iter_mut().filter_map(|tin| tin.taint.as_mut()) {
            taint.hops.extend(self.hops.iter().cloned());
            taint.packings.push(self.packed.clone());
            taint.packings.extend(self.stacked.clone());
        }
        tins
    }

    /// The story of all its tins ends, unopened.
    pub(super) fn end(self, truth: &mut Ledger, fate: impl Fn(Arc<str>) -> Fate) {
        let inside: Arc<str> = Arc::from(self.link());
        for tin in self.open() {
            tin.end(fate(inside.clone()), truth);
        }
    }

    /// It stays at a place for good.
    pub(super) fn stay(self, place: &Arc<str>, holder: &Arc<str>, truth: &mut Ledger) {
        self.end(truth, |inside| Fate::Held {
            place: place.clone(),
            holder: holder.clone(),
            inside: Some(inside),
        });
    }

    /// Its canonical Digital Link.
    pub(super) fn link(&self) -> String {
        crate::scenario::keys::sscc_link(&self.sscc)
    }
}

/// A pallet of cases.
#[derive(Debug)]
pub(super) struct Pallet {
    pub(super) sscc: String,
    pub(super) cases: Vec<Case>,
}

impl Pallet {
    /// It came to a place, and its cases with it.
    pub(super) fn came_to(&mut self, place: &Arc<str>, at: Timestamp) {
        let pallet: Arc<str> = Arc::from(crate::scenario::keys::sscc_link(&self.sscc));
        for case in &mut self.cases {
            case.came_to(place, at, Some(&pallet));
        }
    }
}
