//! Steps of a load as EPCIS events.

use super::map::sscc;
use super::{Deed, ITEMS_A_LOT, Load, Serial, Site, Step, map};
use crate::scenario::keys;
use crate::scenario::report::{Destination, Kind, Report, Source};
use crate::scenario::rng::Rng;

/// Purpose of the numbers that event ids are made of.
const IDS: u64 = 3;

pub(super) fn body(load: &Load, number: usize, step: &Step, serial: Serial<'_>) -> Vec<u8> {
    let site = &load.sites[step.site as usize];
    let from = step.from.and_then(|from| load.sites.get(from as usize));
    let read_at = from.filter(|_| step.deed == Deed::Ship).unwrap_or(site);
    let (kind, biz_step, disposition) = match step.deed {
        Deed::Make => (Kind::Born, "commissioning", "active"),
        Deed::Pack => (Kind::Packed, "packing", "in_progress"),
        Deed::Empty => (Kind::Unpacked, "unpacking", "in_progress"),
        Deed::Ship => (Kind::Seen, "shipping", "in_transit"),
        Deed::Receive => (Kind::Seen, "receiving", "in_progress"),
        Deed::Sell => (Kind::Seen, "retail_selling", "retail_sold"),
    };
    let mut report = Report::new(kind, biz_step, &read_at.link)
        .as_(disposition)
        .happened(step.time, true);
    if step.deed != Deed::Ship {
        report = report.at(&site.link);
    }
    let epcs = step
        .units
        .iter()
        .map(|unit| identifier(load, *unit, serial));
    match step.container {
        Some(container) => {
            report.parent_id = identifier(load, container, serial);
            report.child_epcs = epcs.collect();
        }
        None => report = report.of(epcs.collect()),
    }
    if let Some(from) = from {
        report.source_list = sources(from);
        report.destination_list = destinations(site);
    }
    report.event_id = Some(event_id(load, number));
    report.into_bare()
}

pub(super) fn identifier(load: &Load, unit: u32, serial: Serial<'_>) -> String {
    let first_pallet = load.plan.items + load.case_count;
    if unit < load.plan.items {
        keys::item_link(&map::gtin(unit / ITEMS_A_LOT), &serial(unit))
    } else if unit < first_pallet {
        keys::sscc_link(&sscc(0, unit - load.plan.items))
    } else {
        keys::sscc_link(&sscc(1, unit - first_pallet))
    }
}

fn sources(site: &Site) -> Vec<Source> {
    let source = |kind, source: &str| Source {
        kind,
        source: source.to_owned(),
    };
    vec![
        source("possessing_party", &site.party_link),
        source("location", &site.link),
    ]
}

fn destinations(site: &Site) -> Vec<Destination> {
    let destination = |kind, destination: &str| Destination {
        kind,
        destination: destination.to_owned(),
    };
    vec![
        destination("possessing_party", &site.party_link),
        destination("location", &site.link),
    ]
}

/// A UUID (version 8: ours to fill) of the event's number.
fn event_id(load: &Load, number: usize) -> String {
    let mut ids = Rng::new(load.plan.seed ^ number as u64, IDS);
    let (high, low) = (ids.next(), ids.next());
    format!(
        "urn:uuid:{:08x}-{:04x}-8{:03x}-8{:03x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        low >> 48 & 0xfff,
        low & 0xffff_ffff_ffff
    )
}
