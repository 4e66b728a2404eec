//! What is inside what: cartons in boxes, boxes in the truck's container.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::epcis::Timestamp;
use crate::scenario::goods::{Item, Taint};
use crate::scenario::truth::Cause;

/// A carton, with what has to be known of it should it become affected.
#[derive(Debug)]
pub(in crate::scenario) struct Carton {
    pub(super) item: Item,
    pub(super) lot: Arc<str>,
}

/// A box in use.
#[derive(Debug)]
pub(in crate::scenario) struct Crate {
    pub(super) number: u32,
    pub(super) link: String,
    pub(super) cartons: Vec<Carton>,
}

/// The boxes: whichever lies empty in the cold store is used again before a new one is bought.
#[derive(Debug, Default)]
pub(super) struct Pool {
    empty: BTreeSet<u32>,
    bought: u32,
}

impl Pool {
    pub(super) fn take(&mut self) -> u32 {
        self.empty.pop_first().unwrap_or_else(|| {
            self.bought += 1;
            self.bought
        })
    }

    pub(super) fn put_back(&mut self, number: u32) {
        self.empty.insert(number);
    }
}

/// A truck's load.
#[derive(Debug)]
pub(in crate::scenario) struct Load {
    pub(super) run: u32,
    pub(super) container: String,
    /// For the first stop, and for the second.
    pub(super) boxes: [Vec<Crate>; 2],
}

impl Load {
    /// The cooling fails: everything inside is affected. The cartons it hits first, by their identifiers.
    pub(super) fn warm(&mut self, at: Timestamp, line: &Arc<str>) -> Vec<String> {
        let container: Arc<str> = Arc::from(self.container.as_str());
        let cartons = self.boxes.iter_mut().flatten();
        let cartons = cartons.flat_map(|full| &mut full.cartons);
        let hit = cartons.map(|carton| {
            carton.item.taint = Some(Box::new(Taint {
                lot: carton.lot.clone(),
                line: line.clone(),
                since: at,
                cause: Cause::InsideContainer {
                    container: container.clone(),
                },
                was_returned: false,
                hops: Vec::new(),
                packings: Vec::new(),
            }));
            carton.item.id.clone()
        });
        hit.collect()
    }
}
