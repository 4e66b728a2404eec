//! What the fields of an event must say together.
//!
//! The JSON schema of the standard leaves holes: an aggregation without a parent, three and a half
//! pieces, an item inside itself. Every one of them would later make a trace wrong, so they are refused
//! here, each under a name that stays.

use std::collections::HashSet;

use super::event::{Action, Event, EventType, QuantityElement};
use super::fault::{At, Findings};
use super::json::Value;
use super::limits::{FUTURE_MICROS_MAX, Limits};

/// Which types have a field. `Custom` types have the common fields alone.
const FIELDS: [(&str, &[EventType]); 21] = {
    use EventType::{Aggregation, Association, Object, Transaction, Transformation};
    const ALL: &[EventType] = &[
        Object,
        Aggregation,
        Association,
        Transaction,
        Transformation,
    ];
    const WITH_ACTION: &[EventType] = &[Object, Aggregation, Association, Transaction];
    const LISTS: &[EventType] = &[Object, Transaction];
    const CHILDREN: &[EventType] = &[Aggregation, Association];
    const PARENT: &[EventType] = &[Aggregation, Association, Transaction];
    const PROCESS: &[EventType] = &[Transformation];
    const BIRTH: &[EventType] = &[Object, Transformation];
    [
        ("action", WITH_ACTION),
        ("epcList", LISTS),
        ("quantityList", LISTS),
        ("parentID", PARENT),
        ("childEPCs", CHILDREN),
        ("childQuantityList", CHILDREN),
        ("inputEPCList", PROCESS),
        ("inputQuantityList", PROCESS),
        ("outputEPCList", PROCESS),
        ("outputQuantityList", PROCESS),
        ("transformationID", PROCESS),
        ("bizTransactionList", ALL),
        ("bizStep", ALL),
        ("disposition", ALL),
        ("persistentDisposition", ALL),
        ("readPoint", ALL),
        ("bizLocation", ALL),
        ("sourceList", ALL),
        ("destinationList", ALL),
        ("sensorElementList", ALL),
        ("ilmd", BIRTH),
    ]
};

/// Whether a key is a field that only some event types have.
pub(super) fn is_standard_field(key: &str) -> bool {
    FIELDS.iter().any(|(field, _)| *field == key)
}

/// Whether events of a type may have a field.
pub(super) fn allows(event_type: &EventType, key: &str) -> bool {
    FIELDS
        .iter()
        .any(|(field, types)| *field == key && types.contains(event_type))
}

/// Checks an event whose fields are right one by one. `raw` tells an empty list from an absent one.
pub(super) fn check(event: &Event, raw: &Value<'_>, at: &At<'_>, findings: &mut Findings) {
    action(event, raw, at, findings);
    objects(event, raw, at, findings);
    ilmd(event, raw, at, findings);
    persistent_disposition(event, raw, at, findings);
    let transactions = raw.get("bizTransactionList").and_then(Value::elements);
    if event.event_type == EventType::Transaction && transactions.is_none_or(<[_]>::is_empty) {
        findings.fault(
            &at.key("bizTransactionList"),
            "biz-transaction-missing",
            "a transaction event names at least one transaction",
        );
    }
    for (name, list) in event.quantity_lists() {
        quantities(list, &at.key(name), findings);
    }
    for (name, list) in event.epc_lists() {
        distinct(list, &at.key(name), findings);
    }
    parent_and_child(event, at, findings);
    instance_and_class(event, at, findings);
}

/// What depends on the limits in force rather than on the standard.
pub(super) fn check_limits(event: &Event, limits: &Limits, at: &At<'_>, findings: &mut Findings) {
    let count = event.participant_count();
    if limits.epcs_max < count {
        findings.fault(
            at,
            "too-many-epcs",
            format_args!("{count} identifiers, at most {} are taken", limits.epcs_max),
        );
    }
    if let Some(now) = limits.now
        && FUTURE_MICROS_MAX < event.event_time.at.micros().saturating_sub(now.micros())
    {
        findings.fault(
            &at.key("eventTime"),
            "event-time-in-the-future",
            format_args!(
                "{} is more than 24 hours after {now}",
                event.event_time.text
            ),
        );
    }
}

fn action(event: &Event, raw: &Value<'_>, at: &At<'_>, findings: &mut Findings) {
    if allows(&event.event_type, "action") && raw.get("action").is_none() {
        findings.fault(at, "action-missing", "action is missing");
    }
}

fn objects(event: &Event, raw: &Value<'_>, at: &At<'_>, findings: &mut Findings) {
    let has = |key: &str| raw.get(key).is_some();
    // What was sent counts here, not what was read: an element with a fault has its own fault already.
    let filled = |key: &str| match raw.get(key) {
        Some(Value::Array(elements)) => !elements.is_empty(),
        other => other.is_some(),
    };
    let delete = event.action == Some(Action::Delete);
    let mut refuse = |rule, detail: &str| findings.fault(at, rule, detail);
    match &event.event_type {
        EventType::Object => {
            let sensed = filled("sensorElementList") && has("readPoint");
            if !has("epcList") && !filled("quantityList") && !sensed {
                refuse(
                    "objects-missing",
                    "an object event has an epcList, a quantityList, or sensor data and a readPoint",
                );
            }
        }
        EventType::Transaction => {
            if !has("epcList") && !filled("quantityList") && !delete {
                refuse(
                    "objects-missing",
                    "a transaction event has an epcList or a quantityList",
                );
            }
        }
        kind @ (EventType::Aggregation | EventType::Association) => {
            let changes = matches!(event.action, Some(Action::Add | Action::Delete));
            if !has("parentID") && (changes || *kind == EventType::Association) {
                refuse(
                    "parent-missing",
                    "what is attached or detached has a parentID",
                );
            }
            if !filled("childEPCs") && !filled("childQuantityList") && !delete {
                refuse(
                    "children-missing",
                    "only DELETE may leave out the children: it means all of them",
                );
            }
        }
        EventType::Transformation => {
            let input = filled("inputEPCList") || filled("inputQuantityList");
            let output = filled("outputEPCList") || filled("outputQuantityList");
            let joined = event.transformation_id.is_some();
            if !(input && output || joined && (input || output)) {
                refuse(
                    "transformation-incomplete",
                    "a transformation has inputs and outputs, or a transformationID and either of them",
                );
            }
        }
        EventType::Custom(_) => {}
    }
}

fn ilmd(event: &Event, raw: &Value<'_>, at: &At<'_>, findings: &mut Findings) {
    let later = matches!(event.action, Some(Action::Observe | Action::Delete));
    if event.event_type == EventType::Object && raw.get("ilmd").is_some() && later {
        findings.fault(
            &at.key("ilmd"),
            "ilmd-not-at-birth",
            "instance and lot data is set once, by an object event with action ADD",
        );
    }
}

fn persistent_disposition(event: &Event, raw: &Value<'_>, at: &At<'_>, findings: &mut Findings) {
    let Some(found) = &event.persistent_disposition else {
        return;
    };
    let at = at.key("persistentDisposition");
    let sent = raw.get("persistentDisposition");
    if sent.is_some_and(|sent| sent.get("set").is_none() && sent.get("unset").is_none()) {
        findings.fault(&at, "persistent-disposition-empty", "set, unset or both");
    }
    distinct(&found.set, &at.key("set"), findings);
    distinct(&found.unset, &at.key("unset"), findings);
}

fn quantities(list: &[QuantityElement], at: &At<'_>, findings: &mut Findings) {
    for (index, element) in list.iter().enumerate() {
        let at = at.index(index);
        let Some(quantity) = element.quantity else {
            if element.uom.is_some() && element.quantity_text.is_none() {
                findings.fault(
                    &at.key("uom"),
                    "uom-without-quantity",
                    "a unit needs a quantity",
                );
            }
            continue;
        };
        let at = at.key("quantity");
        if quantity.digits <= 0 {
            findings.fault(
                &at,
                "quantity-not-positive",
                "a quantity is more than zero; leave it out if it is not known",
            );
        } else if element.uom.is_none() && !quantity.is_whole() {
            findings.fault(
                &at,
                "quantity-not-whole",
                "a quantity without a unit counts pieces",
            );
        }
    }
}

/// One rule for every list: nothing stands in it twice.
fn distinct(list: &[String], at: &At<'_>, findings: &mut Findings) {
    if list.len() < 2 {
        return;
    }
    let mut seen = HashSet::with_capacity(list.len());
    for (index, item) in list.iter().enumerate() {
        if !seen.insert(item.as_str()) {
            findings.fault(
                &at.index(index),
                "duplicate-in-list",
                format_args!("{item} stands twice"),
            );
        }
    }
}

fn parent_and_child(event: &Event, at: &At<'_>, findings: &mut Findings) {
    let Some(parent) = &event.parent_id else {
        return;
    };
    for (index, child) in event.child_epcs.iter().enumerate() {
        if child == parent {
            findings.fault(
                &at.key("childEPCs").index(index),
                "parent-is-its-own-child",
                format_args!("{child} is the parent"),
            );
        }
    }
}

fn instance_and_class(event: &Event, at: &At<'_>, findings: &mut Findings) {
    let pairs = event.epc_lists().zip(event.quantity_lists());
    for ((_, epcs), (name, quantities)) in pairs {
        if epcs.is_empty() || quantities.is_empty() {
            continue;
        }
        let instances: HashSet<&str> = epcs.iter().map(String::as_str).collect();
        for (index, element) in quantities.iter().enumerate() {
            if instances.contains(element.epc_class.as_str()) {
                findings.fault(
                    &at.key(name).index(index).key("epcClass"),
                    "instance-and-class",
                    format_args!("{} stands among the instances, too", element.epc_class),
                );
            }
        }
    }
}
