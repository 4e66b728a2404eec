//! What sites of every world write alike: shipping and receiving events, and what is said at birth.

use crate::epcis::Timestamp;

use super::outbox::later;
use super::report::{Destination, Ilmd, Kind, Report, Source, Transaction, local};
use super::site::Site;

const DAY_SECONDS: u64 = 24 * 3_600;

/// Lot number and the day of its expiry.
pub(super) fn ilmd(lot: &str, made_at: Timestamp, shelf_life_days: u64) -> Ilmd {
    let lot = lot.rsplit('/').next().unwrap_or(lot).to_owned();
    let expires = local(later(made_at, shelf_life_days * DAY_SECONDS));
    Ilmd {
        lot_number: lot,
        expires_on: expires.get(..10).unwrap_or_default().to_owned(),
    }
}

/// A shipping event between two sites, under the sender's despatch advice of this number. The owner changes
/// with the goods, or stays.
pub(super) fn shipment(
    (sender_gln, advice): (&str, u64),
    (from, to): (&Site, &Site),
    read_point: &str,
    sold: bool,
) -> Report {
    let mut report = Report::new(Kind::Seen, "shipping", read_point).as_("in_transit");
    report.biz_transaction_list.push(Transaction {
        kind: "desadv",
        biz_transaction: format!("urn:epcglobal:cbv:bt:{sender_gln}:D{advice:06}"),
    });
    report.source_list.push(possessor(from));
    report.destination_list = vec![
        receiver(to),
        Destination {
            kind: "location",
            destination: to.link.to_string(),
        },
    ];
    if sold {
        report.source_list.push(Source {
            kind: "owning_party",
            source: from.party_link.clone(),
        });
        report.destination_list.push(Destination {
            kind: "owning_party",
            destination: to.party_link.clone(),
        });
    }
    report
}

/// A receiving event.
pub(super) fn receipt(from: &Site, to: &Site) -> Report {
    let mut report = Report::new(Kind::Seen, "receiving", &to.link)
        .at(&to.link)
        .as_("in_progress");
    report.source_list.push(possessor(from));
    report.destination_list.push(receiver(to));
    report
}

fn possessor(site: &Site) -> Source {
    Source {
        kind: "possessing_party",
        source: site.party_link.clone(),
    }
}

fn receiver(site: &Site) -> Destination {
    Destination {
        kind: "possessing_party",
        destination: site.party_link.clone(),
    }
}
