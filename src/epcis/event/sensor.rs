//! `sensorElementList`: its shape is checked, its objects are kept as they are.

use super::super::fault::At;
use super::super::json::Value;
use super::super::vocabulary::COMPONENT;
use super::value::Reading;

/// Members of `sensorMetadata` and `sensorReport` by the kind of value they take.
const TIMES: [&str; 3] = ["time", "startTime", "endTime"];
const URIS: [&str; 8] = [
    "deviceID",
    "deviceMetadata",
    "rawData",
    "dataProcessingMethod",
    "bizRules",
    "microorganism",
    "chemicalSubstance",
    "uriValue",
];
const NUMBERS: [&str; 7] = [
    "value",
    "minValue",
    "maxValue",
    "meanValue",
    "sDev",
    "percRank",
    "percValue",
];
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
    "coordinateReferenceSystem",
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
];

/// Checks one sensor element and keeps it.
pub(super) fn element(
    reading: &mut Reading<'_>,
    value: &Value<'_>,
    at: &At<'_>,
) -> Option<Value<'static>> {
    for (key, value) in reading.object(value, at)? {
        let at = &at.key(key);
        match key.as_ref() {
            "sensorMetadata" => members(reading, value, at, &METADATA),
            "sensorReport" => {
                let reports = reading.list(value, at, |reading, value, at| {
                    report(reading, value, at);
                    Some(())
                });
                if reports.is_empty() {
                    reading.findings.fault(
                        at,
                        "sensor-report-missing",
                        "at least one report is needed",
                    );
                }
            }
            "type" | "id" => {}
            key => drop(reading.namespaced(key, value, at)),
        }
    }
    if value.get("sensorReport").is_none() {
        reading
            .findings
            .fault(at, "sensor-report-missing", "at least one report is needed");
    }
    Some(value.clone().into_owned())
}

fn report(reading: &mut Reading<'_>, value: &Value<'_>, at: &At<'_>) {
    members(reading, value, at, &REPORT);
    if value.members().is_some() && value.get("type").is_none() {
        reading.findings.fault(
            at,
            "sensor-type-missing",
            "a sensor report names what it measures",
        );
    }
}

fn members(reading: &mut Reading<'_>, value: &Value<'_>, at: &At<'_>, known: &[&str]) {
    for (key, value) in reading.object(value, at).unwrap_or_default() {
        let at = &at.key(key);
        if known.contains(&key.as_ref()) {
            member(reading, key, value, at);
        } else {
            reading.namespaced(key, value, at);
        }
    }
}

fn member(reading: &mut Reading<'_>, key: &str, value: &Value<'_>, at: &At<'_>) {
    if TIMES.contains(&key) {
        reading.moment(value, at, "sensor-time");
    } else if URIS.contains(&key) {
        reading.uri(value, at);
    } else if NUMBERS.contains(&key) {
        kind(
            reading,
            value,
            at,
            matches!(value, Value::Number(_)),
            "a number",
        );
    } else {
        match key {
            "component" => drop(reading.term(&COMPONENT, value, at)),
            "booleanValue" => kind(
                reading,
                value,
                at,
                matches!(value, Value::Bool(_)),
                "a boolean",
            ),
            "hexBinaryValue" => {
                let right = value
                    .as_str()
                    .is_some_and(|text| text.bytes().all(|b| b.is_ascii_hexdigit()));
                kind(reading, value, at, right, "hexadecimal digits");
            }
            "type" | "exception" => measured(reading, value, at),
            _ => drop(reading.text(value, at)),
        }
    }
}

fn kind(reading: &mut Reading<'_>, value: &Value<'_>, at: &At<'_>, right: bool, name: &str) {
    if !right {
        reading.findings.fault(
            at,
            "sensor-value-invalid",
            format_args!("expected {name}, found {}", value.kind()),
        );
    }
}

/// What a report measures: a bare name of the GS1 Web Vocabulary, or a URI or CURIE. The names are not
/// listed here: the vocabulary grows, and nothing hangs on them.
fn measured(reading: &mut Reading<'_>, value: &Value<'_>, at: &At<'_>) {
    let Some(text) = reading.text(value, at) else {
        return;
    };
    let bare = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !bare && !super::super::context::is_uri(text) {
        reading.findings.fault(
            at,
            "sensor-type-invalid",
            format_args!("{text:?} is neither a name nor a URI"),
        );
    }
}
