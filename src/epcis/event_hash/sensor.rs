//! Sensor elements: their members in the standard's order, reports sorted.

use super::super::context::Context;
use super::super::json::Value;
use super::super::time::Timestamp;
use super::super::vocabulary::COMPONENT;
use super::value::{measured, spelled, term};
use super::{extension, plain, scalar};

const METADATA: [&str; 8] = [
    "time",
    "startTime",
    "endTime",
    "deviceID",
    "deviceMetadata",
    "rawData",
    "dataProcessingMethod",
    "bizRules",
];

const REPORT: [&str; 23] = [
    "type",
    "exception",
    "deviceID",
    "deviceMetadata",
    "rawData",
    "dataProcessingMethod",
    "time",
    "microorganism",
    "chemicalSubstance",
    "value",
    "component",
    "stringValue",
    "booleanValue",
    "hexBinaryValue",
    "uriValue",
    "minValue",
    "maxValue",
    "meanValue",
    "sDev",
    "percRank",
    "percValue",
    "uom",
    "coordinateReferenceSystem",
];

/// The elements, sorted. In CBV2.0 the list's own name is not written.
pub(super) fn elements(out: &mut String, elements: &[Value<'_>], context: &Context) {
    let mut items: Vec<_> = elements
        .iter()
        .map(|element| one(element, context))
        .collect();
    items.sort_unstable();
    out.push_str(&items.concat());
}

fn one(element: &Value<'_>, context: &Context) -> String {
    let mut out = String::from("sensorElement");
    if let Some(metadata) = element.get("sensorMetadata") {
        let found = ordered(metadata, &METADATA, context);
        if !found.is_empty() {
            out.push_str("sensorMetadata");
            out.push_str(&found);
        }
    }
    let reports = element.get("sensorReport").and_then(Value::elements);
    let mut items: Vec<_> = reports
        .unwrap_or_default()
        .iter()
        .map(|report| format!("sensorReport{}", ordered(report, &REPORT, context)))
        .collect();
    items.sort_unstable();
    out.push_str(&items.concat());
    out
}

/// What stands in an element beside the standard's members, led by where it stands; nothing if there is none.
pub(super) fn extensions(element: &Value<'_>, context: &Context) -> String {
    let mut out = String::new();
    let metadata = element
        .get("sensorMetadata")
        .map(|metadata| extension::namespaced(metadata, context))
        .unwrap_or_default();
    if !metadata.is_empty() {
        out.push_str("sensorMetadata");
        out.push_str(&metadata);
    }
    let reports = element.get("sensorReport").and_then(Value::elements);
    let mut items: Vec<_> = reports
        .unwrap_or_default()
        .iter()
        .map(|report| extension::namespaced(report, context))
        .filter(|found| !found.is_empty())
        .collect();
    items.sort_unstable();
    for item in items {
        out.push_str("sensorReport");
        out.push_str(&item);
    }
    out.push_str(&extension::namespaced(element, context));
    if out.is_empty() {
        return out;
    }
    format!("sensorElement{out}")
}

fn ordered(object: &Value<'_>, names: &[&str], context: &Context) -> String {
    let mut out = String::new();
    for name in names {
        let text = object.get(name).map(|value| text(name, value, context));
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            scalar(&mut out, name, &text);
        }
    }
    out
}

fn text(name: &str, value: &Value<'_>, context: &Context) -> String {
    match (name, value) {
        ("time" | "startTime" | "endTime", Value::String(text)) => text
            .parse::<Timestamp>()
            .map_or_else(|_| text.to_string(), Timestamp::to_millis_text),
        ("type" | "exception", Value::String(text)) => measured(text, context),
        ("component", Value::String(text)) => term(&COMPONENT, text, context),
        (_, Value::String(text)) => spelled(text, context),
        (_, Value::Number(text)) => plain(text),
        (_, Value::Bool(value)) => value.to_string(),
        _ => String::new(),
    }
}
