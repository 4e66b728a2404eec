//! Who may say what: an organisation speaks for its own products and places, and takes back only what it
//! said itself.

use std::collections::BTreeSet;

use super::Error;
use super::read::{Accepted, ReadRecord};
use crate::db::Conn;
use crate::epcis::Action;
use crate::events;
use crate::gs1::Identifier;
use crate::parties;

/// What the submitter of a batch may say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authority {
    /// Anything: the local operator, a feed that is trusted as a whole.
    Any,
    /// What this organisation may.
    Of(String),
}

/// For each valid event of the batch whether it may be said.
pub(super) fn check(
    conn: &mut Conn,
    authority: &Authority,
    records: &[ReadRecord],
) -> Result<Vec<bool>, Error> {
    let events: Vec<&Accepted> = records
        .iter()
        .flat_map(|record| {
            record
                .shape
                .outcomes()
                .filter_map(|(_, outcome)| outcome.ok())
        })
        .collect();
    let Authority::Of(org) = authority else {
        return Ok(vec![true; events.len()]);
    };

    let gtins: BTreeSet<String> = events
        .iter()
        .flat_map(|event| commissioned(event))
        .collect();
    let products = parties::products(conn, &gtins.into_iter().collect::<Vec<_>>())?;
    let points: BTreeSet<String> = events
        .iter()
        .filter_map(|event| read_point(event))
        .collect();
    let places = parties::places(conn, &points.into_iter().collect::<Vec<_>>())?;
    let declared: Vec<&[u8]> = events
        .iter()
        .filter(|event| event.is_declaration)
        .map(|event| event.id_hash.as_slice())
        .collect();
    let originals = events::claims(conn, &declared)?;

    let mut allowed = Vec::with_capacity(events.len());
    for event in events {
        let at_home = read_point(event)
            .and_then(|id| places.get(&id))
            .is_some_and(|place| place.org == *org);
        let foreign = commissioned(event).any(|gtin| {
            products
                .get(&gtin)
                .is_some_and(|product| product.org != *org)
        });
        let takes_back_foreign = match originals.get(&(event.id_hash.to_vec(), false)) {
            Some(original) if event.is_declaration => {
                let row =
                    events::verdicts_of(conn, original.shard, original.seq, original.seq + 1)?
                        .into_iter()
                        .next();
                row.is_some_and(|row| row.submitter != *org)
            }
            _ => false,
        };
        let speaks_for_others = foreign && !at_home;
        allowed.push(!speaks_for_others && !takes_back_foreign);
    }
    Ok(allowed)
}

/// The products an event makes items or lots of.
fn commissioned(event: &Accepted) -> impl Iterator<Item = String> + '_ {
    let event = &event.event;
    let born = event.action == Some(Action::Add)
        && event.parent_id.is_none()
        && event.child_epcs.is_empty();
    let objects = event.epc_list.iter().filter(move |_| born);
    let classes = event
        .quantity_list
        .iter()
        .filter(move |_| born)
        .map(|element| &element.epc_class);
    let outputs = event.output_epc_list.iter();
    let output_classes = event
        .output_quantity_list
        .iter()
        .map(|element| &element.epc_class);
    objects
        .chain(classes)
        .chain(outputs)
        .chain(output_classes)
        .filter_map(|text| match Identifier::parse(text).ok()?.identifier {
            Identifier::Gs1(key) => key.gtin().map(|gtin| gtin.as_str().to_owned()),
            Identifier::Private(_) => None,
        })
}

fn read_point(event: &Accepted) -> Option<String> {
    let place = event
        .event
        .read_point
        .as_ref()
        .or(event.event.biz_location.as_ref())?;
    Some(
        Identifier::parse(&place.id)
            .ok()?
            .identifier
            .canonical()
            .into_owned(),
    )
}
