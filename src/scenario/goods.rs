//! The goods themselves. An item is owned by the case, shelf or basket that holds it, so the simulation
//! cannot have it in two places. Only affected items carry a history; it becomes the truth.

use std::sync::Arc;

use crate::epcis::Timestamp;

use super::book::Book;
use super::truth::{Affected, Cause, Fate, Hop};

/// A packing event that whoever asks where a unit is may need.
#[derive(Debug, Clone)]
pub(super) struct Packing {
    pub(super) event: Arc<str>,
    /// Where it was packed; as long as it stays there nobody needs the event.
    pub(super) place: Arc<str>,
}

/// A unit of a product.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) id: String,
    /// What is wrong with it; nothing with most.
    pub(super) taint: Option<Box<Taint>>,
}

/// The history of an affected item.
#[derive(Debug)]
pub(super) struct Taint {
    pub(super) lot: Arc<str>,
    pub(super) line: Arc<str>,
    pub(super) since: Timestamp,
    pub(super) cause: Cause,
    pub(super) was_returned: bool,
    pub(super) hops: Vec<Hop>,
    /// Packings since somebody last scanned the item itself.
    pub(super) packings: Vec<Packing>,
}

impl Item {
    /// Somebody scanned the item itself here.
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
    pub(super) fn end(self, fate: Fate, book: &mut Book) {
        book.fates.add(&fate, 1);
        let Some(taint) = self.taint else { return };
        let stays_at = match &fate {
            Fate::Held { place, .. } => Some(place),
            Fate::InTransit { .. }
            | Fate::Sold { .. }
            | Fate::Destroyed { .. }
            | Fate::Consumed { .. }
            | Fate::Renamed { .. } => None,
        };
        for packing in &taint.packings {
            if stays_at != Some(&packing.place) {
                book.needed.insert(packing.event.to_string());
            }
        }
        book.affected.push(Affected {
            id: self.id,
            lot: taint.lot,
            line: taint.line,
            since: taint.since,
            cause: taint.cause,
            fate,
            was_returned: taint.was_returned,
            hops: taint.hops,
        });
    }
}

/// A case of items.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) sscc: String,
    pub(super) items: Vec<Item>,
    /// The packing of the items into it, where somebody wants to know it.
    pub(super) packed: Option<Packing>,
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

    /// The items, each with the way it came.
    pub(super) fn open(self) -> Vec<Item> {
        let mut items = self.items;
        for taint in items.iter_mut().filter_map(|item| item.taint.as_mut()) {
            taint.hops.extend(self.hops.iter().cloned());
            taint.packings.extend(self.packed.clone());
            taint.packings.extend(self.stacked.clone());
        }
        items
    }

    /// The story of all its items ends, unopened.
    pub(super) fn end(self, book: &mut Book, fate: impl Fn(Arc<str>) -> Fate) {
        let inside: Arc<str> = Arc::from(self.link());
        for item in self.open() {
            item.end(fate(inside.clone()), book);
        }
    }

    /// It stays at a place for good.
    pub(super) fn stay(self, place: &Arc<str>, holder: &Arc<str>, book: &mut Book) {
        self.end(book, |inside| Fate::Held {
            place: place.clone(),
            holder: holder.clone(),
            inside: Some(inside),
        });
    }

    /// Its canonical Digital Link.
    pub(super) fn link(&self) -> String {
        super::keys::sscc_link(&self.sscc)
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
        let pallet: Arc<str> = Arc::from(super::keys::sscc_link(&self.sscc));
        for case in &mut self.cases {
            case.came_to(place, at, Some(&pallet));
        }
    }
}
