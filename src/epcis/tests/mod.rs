//! Behaviour of reading as a whole, on documents of our own.

mod accepts;
mod document;
mod hash;
mod refuses;

use super::*;

const ITEM: &str = "https://id.gs1.org/01/09521234543213/21/A1";
const OTHER: &str = "https://id.gs1.org/01/09521234543213/21/A2";
const LOT: &str = "https://id.gs1.org/01/09521234543213/10/L1";
const PALLET: &str = "https://id.gs1.org/00/095201234567891235";

/// A document around events given as JSON texts.
fn document(events: &str) -> String {
    format!(
        r#"{{"@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
            {{"ex": "https://ns.example.com/"}}],
            "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2026-01-01T00:00:00Z",
            "epcisBody": {{"eventList": [{events}]}}}}"#
    )
}

/// An event of a type with the members every event has and those given.
fn event(kind: &str, members: &str) -> String {
    format!(
        r#"{{"type": "{kind}", "eventTime": "2026-01-02T03:04:05Z", "eventTimeZoneOffset": "+08:00"{}{members}}}"#,
        if members.is_empty() { "" } else { ", " }
    )
}

/// An object event about one item, with more members.
fn object(members: &str) -> String {
    let more = if members.is_empty() {
        String::new()
    } else {
        format!(", {members}")
    };
    event(
        "ObjectEvent",
        &format!(r#""action": "ADD", "epcList": ["{ITEM}"]{more}"#),
    )
}

/// Reads one event in a document.
fn item(event: &str) -> Item {
    let mut document = read(document(event).as_bytes(), &Limits::default()).unwrap();
    document.items.remove(0)
}

/// Reads one event that must be good.
fn good(event: &str) -> Event {
    item(event)
        .event
        .unwrap_or_else(|faults| panic!("{event}: {faults:?}"))
}

/// The faults as `rule pointer`, pointers from the event on.
fn faults(event: &str) -> Vec<String> {
    let found = match item(event).event {
        Ok(_) => Vec::new(),
        Err(faults) => faults,
    };
    short(&found)
}

fn short(found: &[Fault]) -> Vec<String> {
    let base = "/epcisBody/eventList/0";
    let one = |fault: &Fault| {
        let pointer = fault.pointer.strip_prefix(base).unwrap_or(&fault.pointer);
        format!("{} {pointer}", fault.rule)
    };
    found.iter().map(one).collect()
}
