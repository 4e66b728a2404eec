//! From a JSON value to an [`Event`]: the shape of every field. What fields say together is checked in
//! `rule`.

use std::sync::Arc;

use super::super::context::{Context, is_uri};
use super::super::fault::{At, Findings};
use super::super::json::Value;
use super::super::rule;
use super::super::time::Timestamp;
use super::super::vocabulary;
use super::value::Reading;
use super::{Event, EventType, Moment, Offset, sensor};

/// Reads an event. Faults are in `findings`; without any, the event is there.
pub(in super::super) fn read(
    value: &Value<'_>,
    document: &Arc<Context>,
    at: &At<'_>,
    findings: &mut Findings,
) -> Option<Event> {
    let Value::Object(members) = value else {
        findings.fault(
            at,
            "event-not-an-object",
            format_args!("found {}", value.kind()),
        );
        return None;
    };
    let context = event_context(members, document, at, findings);
    let mut reading = Reading {
        context: &context,
        findings,
    };
    let event_type = reading.event_type(value.get("type"), &at.key("type"))?;
    let mut draft = blank();
    for (key, value) in members {
        let at = at.key(key);
        if rule::is_standard_field(key) && !rule::allows(&event_type, key) {
            reading.findings.fault(
                &at,
                "field-not-allowed",
                format_args!("{} has no {key}", event_type.as_str()),
            );
            continue;
        }
        reading.field(&mut draft, key, value, &at);
    }
    reading.nested_keys(value, at);
    reading.required(value, at, "eventTime", "event-time-missing");
    reading.required(
        value,
        at,
        "eventTimeZoneOffset",
        "event-time-zone-offset-missing",
    );
    let mut event = draft;
    event.event_type = event_type;
    event.context = Arc::clone(&context);
    rule::check(&event, value, at, findings);
    Some(event)
}

/// The document's context, or with an event's own on top.
fn event_context(
    members: &[(std::borrow::Cow<'_, str>, Value<'_>)],
    document: &Arc<Context>,
    at: &At<'_>,
    findings: &mut Findings,
) -> Arc<Context> {
    let is_context = |key: &str| key == "@context" || key.starts_with("@xmlns:");
    if !members.iter().any(|(key, _)| is_context(key)) {
        return Arc::clone(document);
    }
    let mut context = Context::clone(document);
    for (key, value) in members {
        if key == "@context" {
            context.add(value, &at.key(key), findings);
        } else if let Some(prefix) = key.strip_prefix("@xmlns:") {
            context.declare(prefix, value, &at.key(key), findings);
        }
    }
    Arc::new(context)
}

/// An event without anything in it, to be filled field by field.
fn blank() -> Event {
    let text = String::new();
    Event {
        event_type: EventType::Object,
        event_time: Moment {
            at: Timestamp::default(),
            text: text.clone(),
        },
        event_time_zone_offset: Offset { minutes: 0, text },
        record_time: None,
        event_id: None,
        certification_info: Vec::new(),
        error_declaration: None,
        action: None,
        epc_list: Vec::new(),
        quantity_list: Vec::new(),
        parent_id: None,
        child_epcs: Vec::new(),
        child_quantity_list: Vec::new(),
        input_epc_list: Vec::new(),
        input_quantity_list: Vec::new(),
        output_epc_list: Vec::new(),
        output_quantity_list: Vec::new(),
        transformation_id: None,
        biz_transaction_list: Vec::new(),
        biz_step: None,
        disposition: None,
        persistent_disposition: None,
        read_point: None,
        biz_location: None,
        source_list: Vec::new(),
        destination_list: Vec::new(),
        sensor_element_list: Vec::new(),
        ilmd: Vec::new(),
        extensions: Vec::new(),
        context: Arc::default(),
    }
}

impl Reading<'_> {
    fn event_type(&mut self, value: Option<&Value<'_>>, at: &At<'_>) -> Option<EventType> {
        let Some(value) = value else {
            self.findings
                .fault(at, "event-type-missing", "an event names its type");
            return None;
        };
        let text = self.text(value, at)?;
        Some(match text {
            "ObjectEvent" => EventType::Object,
            "AggregationEvent" => EventType::Aggregation,
            "AssociationEvent" => EventType::Association,
            "TransactionEvent" => EventType::Transaction,
            "TransformationEvent" => EventType::Transformation,
            custom if self.context.expand(custom).is_some() || is_uri(custom) => {
                EventType::Custom(custom.to_owned())
            }
            other => {
                self.findings.fault(
                    at,
                    "event-type-unknown",
                    format_args!("{other:?} is no event type; one of your own is a URI or a CURIE"),
                );
                return None;
            }
        })
    }

    fn field(&mut self, event: &mut Event, key: &str, value: &Value<'_>, at: &At<'_>) {
        match key {
            "type" | "@context" => {}
            "eventTime" => {
                if let Some(moment) = self.moment(value, at, "event-time") {
                    event.event_time = moment;
                }
            }
            "eventTimeZoneOffset" => {
                if let Some(offset) = self.offset(value, at) {
                    event.event_time_zone_offset = offset;
                }
            }
            "recordTime" => event.record_time = self.moment(value, at, "record-time"),
            "eventID" => event.event_id = self.event_id(value, at),
            "certificationInfo" => event.certification_info = self.one_or_more_uris(value, at),
            "errorDeclaration" => event.error_declaration = self.error_declaration(value, at),
            "baseExtension" => self.base_extension(event, value, at),
            "action" => event.action = self.action(value, at),
            "epcList" => event.epc_list = self.epcs(value, at),
            "childEPCs" => event.child_epcs = self.epcs(value, at),
            "inputEPCList" => event.input_epc_list = self.epcs(value, at),
            "outputEPCList" => event.output_epc_list = self.epcs(value, at),
            "quantityList" => event.quantity_list = self.quantities(value, at),
            "childQuantityList" => event.child_quantity_list = self.quantities(value, at),
            "inputQuantityList" => event.input_quantity_list = self.quantities(value, at),
            "outputQuantityList" => event.output_quantity_list = self.quantities(value, at),
            "parentID" => event.parent_id = self.identifier(value, at),
            "transformationID" => event.transformation_id = self.transformation_id(value, at),
            "bizStep" => event.biz_step = self.term(&vocabulary::BIZ_STEP, value, at),
            "disposition" => event.disposition = self.term(&vocabulary::DISPOSITION, value, at),
            "persistentDisposition" => {
                event.persistent_disposition = self.persistent_disposition(value, at);
            }
            "readPoint" => event.read_point = self.place(value, at),
            "bizLocation" => event.biz_location = self.place(value, at),
            "bizTransactionList" => {
                event.biz_transaction_list = self.list(value, at, Self::biz_transaction);
            }
            "sourceList" => event.source_list = self.endpoints(value, at, "source"),
            "destinationList" => event.destination_list = self.endpoints(value, at, "destination"),
            "sensorElementList" => {
                event.sensor_element_list = self.list(value, at, sensor::element);
            }
            "ilmd" => event.ilmd = self.ilmd(value, at),
            key => event.extensions.extend(self.member(key, value, at)),
        }
    }

    fn required(&mut self, value: &Value<'_>, at: &At<'_>, key: &str, rule: &'static str) {
        if value.get(key).is_none() {
            self.findings
                .fault(at, rule, format_args!("{key} is missing"));
        }
    }
}
