//! The CBV event hash id: a name for an event that anybody can compute from its content.
//!
//! Version CBV2.0 by the rules of 2026. The pre-hash string lists the event's fields in a fixed order with
//! values in one spelling; its SHA-256 is the id. Left out are what others add or say about the event:
//! `eventID`, `recordTime`, `errorDeclaration`, `certificationInfo`, contexts and comments. So two different
//! records can share an id; a ledger hashes bytes instead.

mod extension;
mod number;
mod sensor;
mod value;

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::context::Context;
use super::event::{BizTransaction, Endpoint, Event, Place, QuantityElement};
use super::vocabulary::{self, Vocabulary};

use number::plain;
use value::{spelled, term};

/// The event hash id, `ni:///sha-256;…?ver=CBV2.0`.
pub fn hash_id(event: &Event) -> String {
    let mut id = String::from("ni:///sha-256;");
    for byte in Sha256::digest(prehash(event)) {
        // Writing to a string cannot fail.
        let _ = write!(id, "{byte:02x}");
    }
    id.push_str("?ver=CBV2.0");
    id
}

/// Whether an event's own id is the hash id of its content; `None` if it is an id of another kind. Senders
/// use older rules, too: an id that does not match is no reason to refuse the event.
pub fn id_matches_content(event: &Event) -> Option<bool> {
    let id = event.event_id.as_deref()?;
    let is_hash = id.starts_with("ni:///sha-256;") && id.ends_with("?ver=CBV2.0");
    is_hash.then(|| id == hash_id(event))
}

/// The text an event's hash id is made over.
pub fn prehash(event: &Event) -> String {
    let context = event.context.as_ref();
    let mut out = String::with_capacity(512);
    scalar(
        &mut out,
        "eventType",
        &spelled(event.event_type.as_str(), context),
    );
    scalar(&mut out, "eventTime", &event.event_time.at.to_millis_text());
    scalar(
        &mut out,
        "eventTimeZoneOffset",
        &event.event_time_zone_offset.text,
    );
    epcs(&mut out, "epcList", &event.epc_list, context);
    optional(&mut out, "parentID", event.parent_id.as_deref(), context);
    epcs(&mut out, "inputEPCList", &event.input_epc_list, context);
    epcs(&mut out, "childEPCs", &event.child_epcs, context);
    quantities(&mut out, "quantityList", &event.quantity_list, context);
    quantities(
        &mut out,
        "childQuantityList",
        &event.child_quantity_list,
        context,
    );
    quantities(
        &mut out,
        "inputQuantityList",
        &event.input_quantity_list,
        context,
    );
    epcs(&mut out, "outputEPCList", &event.output_epc_list, context);
    quantities(
        &mut out,
        "outputQuantityList",
        &event.output_quantity_list,
        context,
    );
    if let Some(action) = event.action {
        scalar(&mut out, "action", action.as_str());
    }
    optional(
        &mut out,
        "transformationID",
        event.transformation_id.as_deref(),
        context,
    );
    word(
        &mut out,
        "bizStep",
        event.biz_step.as_deref(),
        &vocabulary::BIZ_STEP,
        context,
    );
    word(
        &mut out,
        "disposition",
        event.disposition.as_deref(),
        &vocabulary::DISPOSITION,
        context,
    );
    persistent_disposition(&mut out, event);
    place(&mut out, "readPoint", event.read_point.as_ref(), context);
    place(
        &mut out,
        "bizLocation",
        event.biz_location.as_ref(),
        context,
    );
    transactions(&mut out, &event.biz_transaction_list, context);
    endpoints(
        &mut out,
        ["sourceList", "source"],
        &event.source_list,
        context,
    );
    endpoints(
        &mut out,
        ["destinationList", "destination"],
        &event.destination_list,
        context,
    );
    sensor::elements(&mut out, &event.sensor_element_list, context);
    if !event.ilmd.is_empty() {
        out.push_str("ilmd");
        out.push_str(&extension::members(&event.ilmd, context));
    }
    extension::nested_in_fields(&mut out, event);
    out.push_str(&extension::members(&event.extensions, context));
    out
}

fn scalar(out: &mut String, name: &str, value: &str) {
    out.push_str(name);
    out.push('=');
    out.push_str(value);
}

fn optional(out: &mut String, name: &str, value: Option<&str>, context: &Context) {
    if let Some(value) = value {
        scalar(out, name, &spelled(value, context));
    }
}

fn word(
    out: &mut String,
    name: &str,
    value: Option<&str>,
    vocabulary: &Vocabulary,
    context: &Context,
) {
    if let Some(value) = value {
        scalar(out, name, &term(vocabulary, value, context));
    }
}

/// A list name and its items, sorted; nothing for an empty list.
fn list(out: &mut String, name: &str, mut items: Vec<String>) {
    if items.is_empty() {
        return;
    }
    items.sort_unstable();
    out.push_str(name);
    for item in items {
        out.push_str(&item);
    }
}

fn epcs(out: &mut String, name: &str, epcs: &[String], context: &Context) {
    let item = |epc: &String| format!("epc={}", spelled(epc, context));
    list(out, name, epcs.iter().map(item).collect());
}

fn quantities(out: &mut String, name: &str, elements: &[QuantityElement], context: &Context) {
    let item = |element: &QuantityElement| {
        let mut item = String::from("quantityElement");
        scalar(&mut item, "epcClass", &spelled(&element.epc_class, context));
        if let Some(text) = &element.quantity_text {
            scalar(&mut item, "quantity", &plain(text));
        }
        if let Some(uom) = &element.uom {
            scalar(&mut item, "uom", uom);
        }
        item
    };
    list(out, name, elements.iter().map(item).collect());
}

fn persistent_disposition(out: &mut String, event: &Event) {
    let Some(found) = &event.persistent_disposition else {
        return;
    };
    out.push_str("persistentDisposition");
    for (name, values) in [("set", &found.set), ("unset", &found.unset)] {
        let mut items: Vec<_> = values
            .iter()
            .map(|value| term(&vocabulary::DISPOSITION, value, &event.context))
            .collect();
        items.sort_unstable();
        for item in items {
            scalar(out, name, &item);
        }
    }
}

fn place(out: &mut String, name: &str, place: Option<&Place>, context: &Context) {
    if let Some(place) = place {
        out.push_str(name);
        scalar(out, "id", &spelled(&place.id, context));
    }
}

fn transactions(out: &mut String, transactions: &[BizTransaction], context: &Context) {
    let item = |entry: &BizTransaction| {
        let mut item = String::new();
        let kind = entry.transaction_type.as_deref();
        word(
            &mut item,
            "type",
            kind,
            &vocabulary::BIZ_TRANSACTION,
            context,
        );
        scalar(
            &mut item,
            "bizTransaction",
            &spelled(&entry.biz_transaction, context),
        );
        item
    };
    list(
        out,
        "bizTransactionList",
        transactions.iter().map(item).collect(),
    );
}

fn endpoints(
    out: &mut String,
    [name, member]: [&str; 2],
    endpoints: &[Endpoint],
    context: &Context,
) {
    let item = |entry: &Endpoint| {
        let mut item = String::new();
        let kind = Some(entry.endpoint_type.as_str());
        word(&mut item, "type", kind, &vocabulary::SOURCE_DEST, context);
        scalar(&mut item, member, &spelled(&entry.id, context));
        item
    };
    list(out, name, endpoints.iter().map(item).collect());
}
