//! Who may say what: an organisation speaks for its own products and places, and takes back only what it
//! said itself.

use std::collections::{BTreeMap, BTreeSet};

use super::decide::placed;
use super::read::{Accepted, ReadRecord};
use super::receipt::{NOT_AUTHORISED, NOT_AUTHORISED_DETAIL, UNPROVEN};
use super::signature::Unproven;
use super::{Error, Sender};
use crate::db::Conn;
use crate::epcis::Action;
use crate::events;
use crate::gs1::Identifier;
use crate::parties;
use crate::trace::site;

/// What the submitter of a batch may say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authority {
    /// Anything: the local operator, a feed that is trusted as a whole.
    Any,
    /// What this organisation may.
    Of(String),
    /// Nothing: it is not proven who it is.
    Unproven(Unproven),
}

impl Authority {
    /// The rule of an event that may not be said, and what is said of it.
    pub(super) const fn refusal(&self) -> (&'static str, &'static str) {
        match self {
            Self::Unproven(unproven) => (UNPROVEN, unproven.detail()),
            Self::Any | Self::Of(_) => (NOT_AUTHORISED, NOT_AUTHORISED_DETAIL),
        }
    }
}

/// For each valid event of the batch whether it may be said.
pub(super) fn check(
    conn: &mut Conn,
    senders: &[Sender<'_>],
    records: &[ReadRecord],
) -> Result<Vec<bool>, Error> {
    let events: Vec<(usize, &Accepted)> = placed(0, records)
        .map(|(_, part, event)| (part, event))
        .collect();
    let asked = |part: usize| match &senders[part].authority {
        Authority::Of(org) => Some(org),
        Authority::Any | Authority::Unproven(_) => None,
    };
    let is_trusted = |part: usize| senders[part].authority == Authority::Any;
    if events.iter().all(|(part, _)| is_trusted(*part)) {
        return Ok(vec![true; events.len()]);
    }

    let said: Vec<Said> = events
        .iter()
        .map(|(part, event)| asked(*part).map_or_else(Said::default, |_| Said::of(event)))
        .collect();
    let all = |of: fn(&Said) -> &BTreeSet<String>| -> Vec<String> {
        let all: BTreeSet<&String> = said.iter().flat_map(of).collect();
        all.into_iter().cloned().collect()
    };
    let products = parties::products(conn, &all(|said| &said.gtins))?;
    let mut ids = all(|said| &said.places);
    ids.extend(all(|said| &said.ends));
    let sites: Vec<String> = ids
        .iter()
        .filter_map(|id| site(id))
        .map(str::to_owned)
        .collect();
    ids.extend(sites);
    let places = parties::places(conn, &ids)?;
    let owner_of_product = |gtin: &String| products.get(gtin).map(|product| product.org.as_str());
    let owner_of_place = |id: &String| {
        let own = places.get(id).or_else(|| places.get(site(id)?));
        own.map(|place| place.org.as_str())
    };
    let declared: Vec<&[u8]> = events
        .iter()
        .filter(|(part, event)| event.is_declaration && asked(*part).is_some())
        .map(|(_, event)| event.id_hash.as_slice())
        .collect();
    let originals = events::claims(conn, &declared)?;

    let mut allowed = Vec::with_capacity(events.len());
    // Who said what before in this very batch, where nobody had.
    let mut said_here: BTreeMap<[u8; 32], &str> = BTreeMap::new();
    for ((part, event), said) in events.iter().zip(&said) {
        let Some(org) = asked(*part) else {
            if is_trusted(*part) && !event.is_declaration {
                said_here.entry(event.id_hash).or_insert(senders[*part].org);
            }
            allowed.push(is_trusted(*part));
            continue;
        };
        let takes_back_foreign = match originals.get(&(event.id_hash.to_vec(), false)) {
            Some(original) if event.is_declaration => {
                let row =
                    events::verdicts_of(conn, original.shard, original.seq, original.seq + 1)?
                        .into_iter()
                        .next();
                row.is_some_and(|row| row.submitter != *org)
            }
            None if event.is_declaration => {
                let first = said_here.get(&event.id_hash);
                first.is_some_and(|first| first != org)
            }
            _ => false,
        };
        let may = said.is_for(org, owner_of_product, owner_of_place) && !takes_back_foreign;
        if may && !event.is_declaration {
            said_here.entry(event.id_hash).or_insert(org);
        }
        allowed.push(may);
    }
    Ok(allowed)
}

/// What an event speaks of, as far as it decides who may say it.
#[derive(Debug, Default)]
struct Said {
    /// Where it happened: the read point, else the location.
    places: BTreeSet<String>,
    /// Whether it says no more than that things were seen.
    is_observation: bool,
    /// Places and parties it names as source or destination.
    ends: BTreeSet<String>,
    /// The products of its things and lots.
    gtins: BTreeSet<String>,
    /// Those of them it makes items or lots of.
    made: BTreeSet<String>,
}

impl Said {
    fn of(accepted: &Accepted) -> Self {
        let event = &accepted.event;
        let canonical = |text: &String| match Identifier::parse(text) {
            Ok(parsed) => parsed.identifier.canonical().into_owned(),
            Err(_) => text.clone(),
        };
        let place = event.read_point.as_ref().or(event.biz_location.as_ref());
        let ends = event.source_list.iter().chain(&event.destination_list);
        let things = event.epc_lists().flat_map(|(_, list)| list);
        let classes = event
            .quantity_lists()
            .flat_map(|(_, list)| list.iter().map(|line| &line.epc_class));
        Self {
            places: place.iter().map(|place| canonical(&place.id)).collect(),
            is_observation: event.action == Some(Action::Observe),
            ends: ends.map(|end| canonical(&end.id)).collect(),
            gtins: things
                .chain(classes)
                .chain(&event.parent_id)
                .filter_map(|text| gtin_of(text))
                .collect(),
            made: commissioned(accepted).collect(),
        }
    }

    /// Whether an organisation may say it. What happened at its own places it may always say; of others'
    /// products never that they came to be elsewhere. Else all products must be its own, or it must be a
    /// source or destination of what was seen; of what is nobody's here anybody may speak.
    fn is_for<'o>(
        &self,
        org: &str,
        owner_of_product: impl Fn(&String) -> Option<&'o str>,
        owner_of_place: impl Fn(&String) -> Option<&'o str>,
    ) -> bool {
        let owners = |ids: &BTreeSet<String>, owner: &dyn Fn(&String) -> Option<&'o str>| {
            ids.iter().filter_map(owner).collect::<Vec<&'o str>>()
        };
        let here = owners(&self.places, &owner_of_place);
        if here.contains(&org) {
            return true;
        }
        if owners(&self.made, &owner_of_product)
            .iter()
            .any(|made| *made != org)
        {
            return false;
        }
        let is_named =
            self.ends.contains(org) || owners(&self.ends, &owner_of_place).contains(&org);
        let is_end = self.is_observation && is_named;
        let products = owners(&self.gtins, &owner_of_product);
        let all_own = products.iter().all(|owner| *owner == org);
        is_end
            || if products.is_empty() {
                here.is_empty()
            } else {
                all_own
            }
    }
}

fn gtin_of(text: &str) -> Option<String> {
    let parsed = Identifier::parse(text).ok()?;
    Some(parsed.identifier.key()?.gtin()?.as_str().to_owned())
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
        .filter_map(|text| gtin_of(text))
}
