//! Findings with everything written out: things, events, places, whom to ask.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::{Finding, Raw, Thing};
use super::kind::{Kind, Words};
use crate::codes::{Address, Block, Dictionary};
use crate::db::Conn;
use crate::events;
use crate::gs1::{Identifier, Key};
use crate::ledger::Position;
use crate::trace::{Error, EventKey, Names, Quantity};

/// What a finding is about, for those who may see only some.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) finding: Finding,
    /// The product, where it is about one.
    pub(super) gtin: Option<String>,
    /// The organisations that answer for the places.
    pub(super) orgs: BTreeSet<String>,
}

/// Writes findings out, each with its first things or with `all`.
pub(super) fn tell(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    position: &Position,
    (raws, all): (Vec<Raw>, bool),
) -> Result<Vec<Told>, Error> {
    if raws.is_empty() {
        return Ok(Vec::new());
    }
    let keys: BTreeSet<EventKey> = raws.iter().flat_map(|raw| raw.events.clone()).collect();
    let keys: Vec<EventKey> = keys.into_iter().collect();
    let mut entries: BTreeMap<EventKey, (String, Option<Block>)> = BTreeMap::new();
    for entry in events::by_keys(conn, &keys)?
        .into_iter()
        .filter(|entry| !entry.is_declaration)
    {
        entries.insert((entry.shard, entry.seq), (entry.id, entry.submitter));
    }
    let things: BTreeSet<Address> = raws.iter().flat_map(|raw| raw.named(all)).collect();
    let ids = dictionary.spell(conn, &things)?;
    let mut blocks: BTreeSet<Block> = entries.values().filter_map(|(_, by)| *by).collect();
    blocks.extend(
        raws.iter()
            .flat_map(|raw| raw.places.iter().chain(&raw.parties)),
    );
    let names = Names::read(conn, dictionary, &blocks, position)?;
    let told = raws.into_iter().map(|raw| {
        let things: Vec<String> = raw
            .named(all)
            .iter()
            .filter_map(|thing| ids.get(thing).cloned())
            .collect();
        let events: Vec<String> = raw
            .events
            .iter()
            .filter_map(|event| entries.get(event).map(|(id, _)| id.clone()))
            .collect();
        let places: Vec<String> = raw
            .places
            .iter()
            .filter_map(|place| names.text(*place).map(str::to_owned))
            .collect();
        let orgs: BTreeSet<String> = raw
            .places
            .iter()
            .filter_map(|place| names.org_of(*place).map(str::to_owned))
            .collect();
        let mut ask: BTreeSet<String> = raw
            .places
            .iter()
            .filter_map(|place| names.answers_for(*place))
            .collect();
        ask.extend(raw.parties.iter().filter_map(|party| names.party(*party)));
        let submitters = raw
            .events
            .iter()
            .filter_map(|event| names.text(entries.get(event)?.1?).map(str::to_owned));
        let submitters: BTreeSet<String> = submitters.collect();
        if ask.is_empty() || matches!(raw.thing, Thing::Event) {
            ask.extend(submitters.iter().cloned());
        }
        let quantity: Vec<Quantity> = raw
            .amounts
            .iter()
            .map(|(uom, bounds)| match bounds {
                Some(bounds) => Quantity::between(*bounds, uom.as_deref()),
                None => Quantity::unknown(uom.as_deref()),
            })
            .collect();
        let amounts: Vec<String> = quantity
            .iter()
            .map(|quantity| match &quantity.uom {
                // What is wrong is the units of measure alone.
                _ if raw.kind != Kind::MixedUnits => quantity.to_string(),
                Some(uom) => uom.clone(),
                None => "–".to_owned(),
            })
            .collect();
        let count = raw.count();
        let sentence = raw.kind.sentence(&Words {
            things: &things,
            count,
            places: &places,
            events: &events,
            amount: &amounts.join(", "),
        });
        let mut orgs = orgs;
        orgs.extend(submitters);
        let is_time = i64::MIN < raw.at.micros() && raw.at.micros() < i64::MAX;
        Told {
            gtin: things.first().and_then(|id| gtin(id)),
            orgs,
            finding: Finding {
                kind: raw.kind,
                more: count.saturating_sub(things.len() as u64),
                things,
                count,
                events,
                places,
                quantity,
                at: is_time.then(|| raw.at.to_string()),
                ask: ask.into_iter().collect(),
                sentence,
            },
        }
    });
    Ok(told.collect())
}

fn gtin(id: &str) -> Option<String> {
    let parsed = Identifier::parse(id).ok()?;
    let gtin = parsed.identifier.key().and_then(Key::gtin)?;
    Some(gtin.as_str().to_owned())
}
