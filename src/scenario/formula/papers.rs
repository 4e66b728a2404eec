//! What several sites write alike: shipping and receiving events, and what is said of a lot at its birth.

use crate::scenario::outbox::later;
use crate::scenario::report::{Destination, Ilmd, Kind, Report, Source, Transaction, local};
use crate::scenario::serials::SerialSource;

use super::sim::Sim;

/// Shelf life in days.
const SHELF_LIFE_DAYS: u64 = 730;

impl<S: SerialSource> Sim<S> {
    /// Lot number and the day of its expiry.
    pub(super) fn ilmd(&self, lot: &str) -> Ilmd {
        let lot = lot.rsplit('/').next().unwrap_or(lot).to_owned();
        let expires = local(later(self.now, SHELF_LIFE_DAYS * 24 * 3_600));
        Ilmd {
            lot_number: lot,
            expires_on: expires.get(..10).unwrap_or_default().to_owned(),
        }
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
        let mut report = Report::new(Kind::Seen, "shipping", read_point).as_("in_transit");
        report.biz_transaction_list.push(Transaction {
            kind: "desadv",
            biz_transaction: format!(
                "urn:epcglobal:cbv:bt:{}:D{:06}",
                self.map.senders[from].gln, self.despatch_advice
            ),
        });
        let party = |site: usize| self.map.sites[site].party_link.clone();
        report.source_list.push(Source {
            kind: "possessing_party",
            source: party(from),
        });
        report.destination_list = vec![
            Destination {
                kind: "possessing_party",
                destination: party(to),
            },
            Destination {
                kind: "location",
                destination: self.link(to).to_string(),
            },
        ];
        if sold {
            report.source_list.push(Source {
                kind: "owning_party",
                source: party(from),
            });
            report.destination_list.push(Destination {
                kind: "owning_party",
                destination: party(to),
            });
        }
        report
    }

    /// A receiving event.
    pub(super) fn receipt(&self, from: usize, to: usize) -> Report {
        let place = self.link(to);
        let mut report = Report::new(Kind::Seen, "receiving", &place)
            .at(&place)
            .as_("in_progress");
        let party = |site: usize| self.map.sites[site].party_link.clone();
        report.source_list.push(Source {
            kind: "possessing_party",
            source: party(from),
        });
        report.destination_list.push(Destination {
            kind: "possessing_party",
            destination: party(to),
        });
        report
    }
}
