//! Documents and bare events as they arrive: read once, every event with its bytes and its own verdict.
//!
//! A fault of the document refuses it whole; a fault inside one event refuses that event alone.

use std::ops::Range;
use std::sync::Arc;

use super::context::Context;
use super::envelope::{EnvelopeError, join, slice_count};
use super::event::{Event, Moment, reader};
use super::fault::{At, Fault, Findings};
use super::frame::{frame, unframed};
use super::json::{JsonFault, Reader, Value, compare_keys, push_token};
use super::limits::Limits;
use super::outline::{Outline, RawItem, outline};
use super::rule;

/// What was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentKind {
    /// `EPCISDocument`
    Document,
    /// `EPCISQueryDocument`
    QueryDocument,
    /// One event by itself.
    BareEvent,
}

/// A document whose frame is right.
#[derive(Debug)]
pub struct Document {
    /// What it is.
    pub kind: DocumentKind,
    /// The document's own prefixes and contexts.
    pub context: Arc<Context>,
    /// `schemaVersion`; a query document or bare event may have none.
    pub schema_version: Option<String>,
    /// `creationDate`; likewise.
    pub creation_date: Option<Moment>,
    /// The events, in order.
    pub items: Vec<Item>,
    /// What was taken although it could be better.
    pub warnings: Vec<Fault>,
}

/// One event of a document.
#[derive(Debug)]
pub struct Item {
    /// Its bytes in the document; for a bare event, all of them.
    pub range: Range<usize>,
    /// The pointer to it; empty for a bare event.
    pub pointer: String,
    /// The event, or everything wrong with it.
    pub event: Result<Event, Vec<Fault>>,
    /// What was taken although it could be better.
    pub warnings: Vec<Fault>,
    /// Its members, each `ilmd` member by itself: pointer within the event and canonical bytes, sorted by
    /// pointer. A tree over them lets a few be shown and proved.
    pub fields: Vec<(String, Vec<u8>)>,
}

/// Reads an `EPCISDocument`, an `EPCISQueryDocument` or a bare event.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Document, Vec<Fault>> {
    if limits.body_bytes_max < bytes.len() {
        return Err(vec![Fault {
            pointer: String::new(),
            rule: "body-too-large",
            detail: format!(
                "{} bytes, at most {} are taken",
                bytes.len(),
                limits.body_bytes_max
            ),
        }]);
    }
    let mut reader = Reader::new(bytes).map_err(json_fault)?;
    let outline = outline(&mut reader).map_err(json_fault)?;
    reader.end().map_err(json_fault)?;
    assemble(outline, reader.faults(), bytes.len(), limits)
}

/// Reads a body that came by another way than Kafka, as [`read`] does: a frame has no place there.
pub fn read_body(bytes: &[u8], limits: &Limits) -> Result<Document, Vec<Fault>> {
    if matches!(frame(bytes), Ok(None)) {
        return read(bytes, limits);
    }
    Err(vec![Fault {
        pointer: String::new(),
        rule: "frame-unexpected",
        detail: "this begins as the frame of a schema registry, which only a Kafka record may have: send the JSON behind it".to_owned(),
    }])
}

/// Reads one event slice again under the context of its document.
pub fn read_event(slice: &[u8], context: &Arc<Context>, limits: &Limits) -> Item {
    let whole = 0..slice.len();
    let mut reader = match Reader::new(slice) {
        Ok(reader) => reader,
        Err(fault) => return unreadable(whole, fault),
    };
    let value = reader
        .value()
        .and_then(|value| reader.end().map(|()| value));
    match value {
        Ok(value) => {
            let raw = RawItem {
                range: whole,
                value,
            };
            item(
                &raw,
                String::new(),
                context,
                reader.faults().to_vec(),
                limits,
            )
        }
        Err(fault) => unreadable(whole, fault),
    }
}

/// The rest of an envelope whose record was a bare event in a frame.
pub(super) const BARE: &[u8] = b"null";

/// What is left of the document an envelope was cut from, without its frame: `null` stands where an event
/// stood, and alone where a bare event stood in a frame.
pub fn rest_of(envelope: &[u8]) -> Result<Vec<u8>, Vec<Fault>> {
    let refuse = |error: &EnvelopeError| {
        vec![Fault {
            pointer: String::new(),
            rule: "envelope-invalid",
            detail: error.to_string(),
        }]
    };
    let count = slice_count(envelope).map_err(|error| refuse(&error))?;
    let mut rest = join(envelope, &vec![BARE; count]).map_err(|error| refuse(&error))?;
    rest.drain(..rest.len() - unframed(&rest).len());
    Ok(rest)
}

/// The context of the document an envelope was cut from; a bare event has its own alone.
pub fn envelope_context(envelope: &[u8]) -> Result<Arc<Context>, Vec<Fault>> {
    let bytes = rest_of(envelope)?;
    if bytes == BARE {
        return Ok(Arc::default());
    }
    let mut reader = Reader::new(&bytes).map_err(json_fault)?;
    let outline = outline(&mut reader).map_err(json_fault)?;
    let mut findings = Findings::default();
    let context = document_context(&outline, &mut findings);
    if findings.faults.is_empty() {
        Ok(context)
    } else {
        Err(findings.faults)
    }
}

/// Reads one event slice from the ledger with the envelope it was cut from; none for a bare event.
pub fn read_event_with_context(
    slice: &[u8],
    envelope: Option<&[u8]>,
    limits: &Limits,
) -> Result<Item, Vec<Fault>> {
    let context = match envelope {
        Some(envelope) => envelope_context(envelope)?,
        None => Arc::default(),
    };
    Ok(read_event(slice, &context, limits))
}

fn json_fault(fault: JsonFault) -> Vec<Fault> {
    vec![fault.into()]
}

fn unreadable(range: Range<usize>, fault: JsonFault) -> Item {
    Item {
        range,
        pointer: String::new(),
        event: Err(json_fault(fault)),
        warnings: Vec::new(),
        fields: Vec::new(),
    }
}

fn document_context(outline: &Outline<'_>, findings: &mut Findings) -> Arc<Context> {
    let root = At::Root("");
    let at = root.key("@context");
    let mut context = Context::default();
    match outline.get("@context") {
        Some(value) => context.add(value, &at, findings),
        None => findings.fault(&root, "context-missing", "@context is missing"),
    }
    Arc::new(context)
}

fn assemble(
    outline: Outline<'_>,
    json_faults: &[JsonFault],
    length: usize,
    limits: &Limits,
) -> Result<Document, Vec<Fault>> {
    let mut findings = Findings::default();
    let kind = outline.kind();
    if kind == DocumentKind::BareEvent {
        return bare_event(outline, json_faults, length, limits);
    }
    outline.shape()?;
    let context = document_context(&outline, &mut findings);
    outline.check(kind, &context, &mut findings);
    let (base, raws) = outline.events(kind);
    if limits.events_max < raws.len() {
        findings.fault(
            &At::Root(base),
            "too-many-events",
            format_args!(
                "{} events, at most {} are taken",
                raws.len(),
                limits.events_max
            ),
        );
    }
    let (mut inside, outside) = split_by_item(json_faults, raws);
    findings.faults.extend(outside.into_iter().map(Fault::from));
    if !findings.faults.is_empty() {
        return Err(findings.faults);
    }
    let items = raws.iter().enumerate().map(|(index, raw)| {
        let faults = std::mem::take(inside.get_mut(index).unwrap_or(&mut Vec::new()));
        item(raw, format!("{base}/{index}"), &context, faults, limits)
    });
    Ok(Document {
        kind,
        items: items.collect(),
        schema_version: outline.text("schemaVersion"),
        creation_date: outline.moment("creationDate"),
        context,
        warnings: findings.warnings,
    })
}

fn bare_event(
    outline: Outline<'_>,
    json_faults: &[JsonFault],
    length: usize,
    limits: &Limits,
) -> Result<Document, Vec<Fault>> {
    if outline.get("type").is_none() {
        return Err(vec![Fault {
            pointer: "/type".to_owned(),
            rule: "document-type-missing",
            detail: "expected an EPCIS document or an event".to_owned(),
        }]);
    }
    let raw = RawItem {
        range: 0..length,
        value: outline.into_value(),
    };
    let mut read = item(
        &raw,
        String::new(),
        &Arc::default(),
        json_faults.to_vec(),
        limits,
    );
    if raw.value.get("@context").is_none() {
        let missing = Fault {
            pointer: String::new(),
            rule: "context-missing",
            detail: "@context is missing".to_owned(),
        };
        read.event = Err(match read.event {
            Ok(_) => vec![missing],
            Err(faults) => std::iter::once(missing).chain(faults).collect(),
        });
    }
    Ok(Document {
        kind: DocumentKind::BareEvent,
        context: read
            .event
            .as_ref()
            .map(|event| Arc::clone(&event.context))
            .unwrap_or_default(),
        schema_version: None,
        creation_date: None,
        items: vec![read],
        warnings: Vec::new(),
    })
}

/// Faults by the event whose bytes they stand in, and those outside of all.
fn split_by_item(
    faults: &[JsonFault],
    raws: &[RawItem<'_>],
) -> (Vec<Vec<JsonFault>>, Vec<JsonFault>) {
    let mut inside = vec![Vec::new(); raws.len()];
    let mut outside = Vec::new();
    for fault in faults {
        let next = raws.partition_point(|raw| raw.range.end <= fault.offset);
        match (raws.get(next), inside.get_mut(next)) {
            (Some(raw), Some(faults)) if raw.range.contains(&fault.offset) => {
                faults.push(fault.clone());
            }
            _ => outside.push(fault.clone()),
        }
    }
    (inside, outside)
}

fn item(
    raw: &RawItem<'_>,
    pointer: String,
    context: &Arc<Context>,
    json_faults: Vec<JsonFault>,
    limits: &Limits,
) -> Item {
    let mut findings = Findings::default();
    findings
        .faults
        .extend(json_faults.into_iter().map(Fault::from));
    let at = At::Root(&pointer);
    let event = reader::read(&raw.value, context, &at, &mut findings);
    if let Some(event) = &event {
        rule::check_limits(event, limits, &at, &mut findings);
    }
    let event = match event {
        Some(event) if findings.faults.is_empty() => Ok(event),
        _ => Err(findings.faults),
    };
    Item {
        range: raw.range.clone(),
        event,
        warnings: findings.warnings,
        fields: fields(&raw.value),
        pointer,
    }
}

fn fields(value: &Value<'_>) -> Vec<(String, Vec<u8>)> {
    let Value::Object(members) = value else {
        return vec![(String::new(), value.canonical())];
    };
    let mut fields = Vec::with_capacity(members.len() + 4);
    for (key, value) in members {
        match value {
            Value::Object(parts) if key == "ilmd" && !parts.is_empty() => {
                for (key, value) in parts {
                    let mut pointer = String::from("/ilmd");
                    push_token(&mut pointer, key);
                    fields.push((pointer, value.canonical()));
                }
            }
            value => {
                let mut pointer = String::new();
                push_token(&mut pointer, key);
                fields.push((pointer, value.canonical()));
            }
        }
    }
    fields.sort_by(|(a, _), (b, _)| compare_keys(a, b));
    fields
}
