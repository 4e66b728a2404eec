//! What several sites write alike: shipping and receiving events, and what is said of a lot at its birth.

use crate::scenario::papers;
use crate::scenario::report::{Ilmd, Report};
use crate::scenario::serials::SerialSource;

use super::sim::Sim;

/// Shelf life in days.
const SHELF_LIFE_DAYS: u64 = 730;

impl<S: SerialSource> Sim<S> {
    /// Lot number and the day of its expiry.
    pub(super) fn ilmd(&self, lot: &str) -> Ilmd {
        papers::ilmd(lot, self.now, SHELF_LIFE_DAYS)
    }

    /// A shipping event between two sites. The owner changes with the goods, or stays.
    pub(super) fn shipment(
        &mut self,
        from: usize,
        to: usize,
        read_point: &str,
        sold: bool,
    ) -> Report {
        self.despatch_advice += 1;
        let sender = (self.map.senders[from].gln.as_str(), self.despatch_advice);
        let sites = (&self.map.sites[from], &self.map.sites[to]);
        papers::shipment(sender, sites, read_point, sold)
    }

    /// A receiving event.
    pub(super) fn receipt(&self, from: usize, to: usize) -> Report {
        papers::receipt(&self.map.sites[from], &self.map.sites[to])
    }
}
