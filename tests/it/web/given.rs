//! Events to send.

use serde_json::{Value, json};

use crate::harness::site::PLANT;

/// An event that the dairy saw something at its plant.
pub(super) fn seen(id: &str, epc: &str) -> Value {
    json!({
        "@context": "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
        "type": "ObjectEvent",
        "eventID": id,
        "eventTime": "2026-11-01T08:00:00Z",
        "eventTimeZoneOffset": "+08:00",
        "action": "OBSERVE",
        "bizStep": "storing",
        "epcList": [epc],
        "readPoint": {"id": PLANT},
    })
}

/// A document of events.
pub(super) fn document(events: &[Value]) -> String {
    let events: Vec<Value> = events
        .iter()
        .map(|event| {
            let mut event = event.clone();
            event.as_object_mut().unwrap().remove("@context");
            event
        })
        .collect();
    json!({
        "@context": [
            "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
            {"farm": "https://dairy.example/terms/"},
        ],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-11-01T08:00:00Z",
        "epcisBody": {"eventList": events},
    })
    .to_string()
}

/// The id of event number `n` of a test.
pub(super) fn id(n: u32) -> String {
    format!("urn:uuid:00000000-0000-7000-8000-{n:012}")
}

/// A pallet.
pub(super) const PALLET: &str = "https://id.gs1.org/00/095212345000000018";
