//! Which lot an event says single items are of: `lotNumber` beside items that begin (`ilmd`), and links
//! that name lot and serial number. Pure.

use std::collections::BTreeMap;

use crate::epcis::json::Value;
use crate::epcis::{self, Event};
use crate::gs1::{Identifier, Key, Lot};

/// A lot and items of it, as texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LotItems<'a> {
    /// The lot's canonical identifier.
    pub(super) lot: String,
    /// The items as the event names them.
    pub(super) items: Vec<&'a str>,
}

/// What an event says of the lots of its items. A declaration of an error and a type of somebody's own
/// say nothing.
pub(super) fn lot_items(event: &Event) -> Vec<LotItems<'_>> {
    if event.error_declaration.is_some() || matches!(event.event_type, epcis::EventType::Custom(_))
    {
        return Vec::new();
    }
    let named = match event.master_data("lotNumber") {
        Some(Value::String(text)) => Lot::parse(text).ok(),
        _ => None,
    };
    let begun = [&event.epc_list, &event.output_epc_list];
    let other = [&event.child_epcs, &event.input_epc_list];
    let mut found: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let begun = begun.into_iter().flatten().map(|epc| (epc, named.as_ref()));
    let other = other.into_iter().flatten().map(|epc| (epc, None));
    for (epc, named) in begun.chain(other) {
        if named.is_none() && !names_a_lot(epc) {
            continue;
        }
        let Some(lot) = lot_of(epc, named) else {
            continue;
        };
        found.entry(lot).or_default().push(epc);
    }
    found
        .into_iter()
        .map(|(lot, items)| LotItems { lot, items })
        .collect()
}

/// Whether the text can be a key with a lot in it: a look that costs less than reading it.
fn names_a_lot(epc: &str) -> bool {
    epc.contains("/10/") || epc.contains("(10)")
}

/// The lot of an item: the one its own link names, else the one beside it.
fn lot_of(epc: &str, named: Option<&Lot>) -> Option<String> {
    let parsed = Identifier::parse(epc).ok()?;
    let key = parsed.identifier.key()?;
    key.serial()?;
    let own = key.lot().and_then(|lot| Lot::parse(lot).ok());
    let lot = own.or_else(|| named.cloned())?;
    Some(Key::of_lot(key.gtin()?, &lot).canonical())
}
