//! Events as the sites of a world write them: EPCIS 2.0 JSON, in the order of fields a person would choose.

use serde::Serialize;

use crate::epcis::Timestamp;

use super::truth::Uom;

/// The context every message names.
const CONTEXT: &str = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld";
/// China's offset from UTC.
const OFFSET: &str = "+08:00";
const OFFSET_MICROS: i64 = 8 * 3600 * 1_000_000;

/// What a site sends at once: a bare event, or a document with several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The GLN of the site: messages of one site keep their order.
    pub key: String,
    /// JSON.
    pub body: Vec<u8>,
    /// The site's number in the world, from 0: take it modulo the number of partitions.
    pub partition_hint: u32,
    /// When the site sent it, in the world's time; never before the one sent last.
    pub recorded_at: Timestamp,
}

/// An event as it is written.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report {
    #[serde(rename = "@context", skip_serializing_if = "Option::is_none")]
    context: Option<&'static str>,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(rename = "eventID", skip_serializing_if = "Option::is_none")]
    pub(super) event_id: Option<String>,
    event_time: String,
    event_time_zone_offset: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    action: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    biz_step: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) disposition: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    read_point: Option<Id>,
    #[serde(skip_serializing_if = "Option::is_none")]
    biz_location: Option<Id>,
    #[serde(rename = "parentID", skip_serializing_if = "String::is_empty")]
    pub(super) parent_id: String,
    #[serde(rename = "childEPCs", skip_serializing_if = "Vec::is_empty")]
    pub(super) child_epcs: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) child_quantity_list: Vec<Quantity>,
    #[serde(rename = "epcList", skip_serializing_if = "Option::is_none")]
    pub(super) epc_list: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) quantity_list: Vec<Quantity>,
    #[serde(rename = "transformationID", skip_serializing_if = "Option::is_none")]
    pub(super) transformation_id: Option<String>,
    #[serde(rename = "inputEPCList", skip_serializing_if = "Vec::is_empty")]
    pub(super) input_epc_list: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) input_quantity_list: Vec<Quantity>,
    #[serde(rename = "outputEPCList", skip_serializing_if = "Vec::is_empty")]
    pub(super) output_epc_list: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) output_quantity_list: Vec<Quantity>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) biz_transaction_list: Vec<Transaction>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) source_list: Vec<Source>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) destination_list: Vec<Destination>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) sensor_element_list: Vec<SensorElement>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ilmd: Option<Ilmd>,
}

#[derive(Debug, Clone, Serialize)]
struct Id {
    id: String,
}

/// Some amount of a lot.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Quantity {
    epc_class: String,
    #[serde(rename = "quantity")]
    amount: Amount,
    #[serde(skip_serializing_if = "str::is_empty")]
    uom: &'static str,
}

#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
enum Amount {
    Pieces(u64),
    Kilograms(f64),
}

impl Quantity {
    /// This many grams, written in kilograms.
    #[expect(
        clippy::cast_precision_loss,
        reason = "grams of a lot are far below 2^53"
    )]
    pub(super) fn grams(lot: &str, grams: u64) -> Self {
        Self {
            epc_class: lot.to_owned(),
            amount: Amount::Kilograms(grams as f64 / 1000.0),
            uom: "KGM",
        }
    }

    /// This many pieces.
    pub(super) fn pieces(lot: &str, pieces: u64) -> Self {
        Self {
            epc_class: lot.to_owned(),
            amount: Amount::Pieces(pieces),
            uom: "",
        }
    }

    /// This many grams or pieces.
    pub(super) fn of(lot: &str, uom: Uom, amount: u64) -> Self {
        match uom {
            Uom::Pieces => Self::pieces(lot, amount),
            Uom::Kilograms => Self::grams(lot, amount),
        }
    }
}

/// What a sensor said.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SensorElement {
    sensor_report: [SensorReport; 1],
}

#[derive(Debug, Clone, Serialize)]
struct SensorReport {
    #[serde(rename = "type")]
    kind: &'static str,
    value: f64,
    uom: &'static str,
}

impl SensorElement {
    /// A temperature in degrees Celsius.
    pub(super) const fn temperature(celsius: f64) -> Self {
        Self {
            sensor_report: [SensorReport {
                kind: "Temperature",
                value: celsius,
                uom: "CEL",
            }],
        }
    }
}

/// A business document that an event belongs to.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Transaction {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) biz_transaction: String,
}

/// From whom or where.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Source {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) source: String,
}

/// To whom or where.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Destination {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) destination: String,
}

/// What is said once, at birth.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Ilmd {
    #[serde(rename = "cbvmda:lotNumber")]
    pub(super) lot_number: String,
    #[serde(rename = "cbvmda:itemExpirationDate")]
    pub(super) expires_on: String,
}

/// What kind of event, and what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Born,
    Seen,
    Ended,
    Packed,
    Unpacked,
    Transformed,
}

impl Report {
    /// An event of this kind and business step, at a read point.
    pub(super) fn new(kind: Kind, biz_step: &'static str, read_point: &str) -> Self {
        let (kind, action) = match kind {
            Kind::Born => ("ObjectEvent", "ADD"),
            Kind::Seen => ("ObjectEvent", "OBSERVE"),
            Kind::Ended => ("ObjectEvent", "DELETE"),
            Kind::Packed => ("AggregationEvent", "ADD"),
            Kind::Unpacked => ("AggregationEvent", "DELETE"),
            Kind::Transformed => ("TransformationEvent", ""),
        };
        Self {
            kind,
            action,
            biz_step,
            read_point: Some(Id {
                id: read_point.to_owned(),
            }),
            // An object event has its list even when it speaks of quantities alone.
            epc_list: (kind == "ObjectEvent").then(Vec::new),
            ..Self::default()
        }
    }

    /// It happened on the way, at no place that has a name.
    pub(super) fn nowhere(mut self) -> Self {
        self.read_point = None;
        self
    }

    /// Where its objects are afterwards.
    pub(super) fn at(mut self, biz_location: &str) -> Self {
        self.biz_location = Some(Id {
            id: biz_location.to_owned(),
        });
        self
    }

    /// In which state they are afterwards.
    pub(super) const fn as_(mut self, disposition: &'static str) -> Self {
        self.disposition = disposition;
        self
    }

    /// The objects it is about.
    pub(super) fn of(mut self, epcs: Vec<String>) -> Self {
        self.epc_list = Some(epcs);
        self
    }

    /// When it happened, in UTC or in China's time as the site writes it.
    pub(super) fn happened(mut self, at: Timestamp, in_utc: bool) -> Self {
        self.event_time = if in_utc { at.to_string() } else { local(at) };
        self.event_time_zone_offset = OFFSET;
        self
    }

    /// The event by itself, with its context.
    pub(super) fn into_bare(mut self) -> Vec<u8> {
        self.context = Some(CONTEXT);
        encode(&self)
    }
}

/// An `EPCISDocument` of these events.
pub(super) fn document(events: Vec<Report>, created: Timestamp) -> Vec<u8> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Document {
        #[serde(rename = "@context")]
        context: [&'static str; 1],
        #[serde(rename = "type")]
        kind: &'static str,
        schema_version: &'static str,
        creation_date: String,
        epcis_body: Body,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Body {
        event_list: Vec<Report>,
    }
    encode(&Document {
        context: [CONTEXT],
        kind: "EPCISDocument",
        schema_version: "2.0",
        creation_date: local(created),
        epcis_body: Body { event_list: events },
    })
}

/// A time in China's offset: the digits of a UTC time eight hours later.
pub(super) fn local(at: Timestamp) -> String {
    let shifted = Timestamp::from_micros(at.micros() + OFFSET_MICROS).to_string();
    format!("{}{OFFSET}", shifted.trim_end_matches('Z'))
}

/// Nothing in these types can fail to become JSON: names are text, numbers are finite.
fn encode(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_time_and_the_utc_time_are_the_same_instant() {
        let at: Timestamp = "2026-03-01T20:30:00Z".parse().unwrap();
        assert_eq!(local(at), "2026-03-02T04:30:00+08:00");
        assert_eq!(local(at).parse(), Ok(at));
    }

    #[test]
    fn a_bare_event_says_only_what_it_has() {
        let report = Report::new(
            Kind::Seen,
            "receiving",
            "https://id.gs1.org/414/9520001000004",
        )
        .of(vec!["https://id.gs1.org/00/1".into()])
        .happened(Timestamp::from_micros(0), true);
        assert_eq!(
            String::from_utf8(report.into_bare()).unwrap(),
            r#"{"@context":"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld","type":"ObjectEvent","eventTime":"1970-01-01T00:00:00Z","eventTimeZoneOffset":"+08:00","action":"OBSERVE","bizStep":"receiving","readPoint":{"id":"https://id.gs1.org/414/9520001000004"},"epcList":["https://id.gs1.org/00/1"]}"#
        );
    }
}
