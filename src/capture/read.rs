//! Reading what came: pure, in parallel, and the same whenever the same bytes are read with the same
//! record time.

use std::sync::Arc;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::signature::{Signature, Unproven};
use crate::epcis::{self, DocumentKind, Event, Fault, Frame, Limits, Timestamp, Truncated};
use crate::ledger::{Draft, Fields, Kind, member_fields};

/// Something that came.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// The Kafka offset; `None` where the ledger numbers records itself.
    pub offset: Option<i64>,
    /// Kafka's append time, or ours.
    pub record_time: Timestamp,
    /// What it is.
    pub content: Content,
    /// Its signature, if it has one, or why that is none. Only Kafka records have any.
    pub signature: Option<Result<Signature, Unproven>>,
}

/// The content of a record.
#[derive(Debug, Clone)]
pub enum Content {
    /// Its bytes; those of a Kafka record may begin with the frame of a schema registry.
    Value(Vec<u8>),
    /// A record without a value.
    Tombstone,
    /// Offsets that never came, from this one to the record's own.
    Gap {
        /// The first missing offset.
        first: i64,
    },
}

/// A record, read.
#[derive(Debug, Clone)]
pub struct ReadRecord {
    /// See [`Incoming::offset`].
    pub offset: Option<i64>,
    /// See [`Incoming::record_time`].
    pub record_time: Timestamp,
    /// The id of its schema, when it came in the frame of a schema registry; else 0.
    pub schema: u32,
    /// The key that its signature names: see [`Leaf::submitter_key`](crate::ledger::Leaf::submitter_key).
    pub submitter_key: [u8; 8],
    /// Which part of a batch it is in, from 0.
    pub(super) part: usize,
    /// What it turned out to be.
    pub shape: Shape,
}

/// What a record turned out to be.
#[derive(Debug, Clone)]
pub enum Shape {
    /// A document: its envelope and its events.
    Document {
        /// The document with its events cut out.
        envelope: Vec<u8>,
        /// The events, in order.
        events: Vec<Leaf>,
    },
    /// One bare event.
    Bare(Leaf),
    /// No valid document or event at all.
    Refused {
        /// The bytes as they came.
        value: Vec<u8>,
        /// Why.
        faults: Vec<Fault>,
    },
    /// A record without a value.
    Tombstone,
    /// Offsets that never came.
    Gap {
        /// The first missing offset.
        first: i64,
    },
}

/// One leaf of a record.
#[derive(Debug, Clone)]
pub struct Leaf {
    /// The bytes to keep.
    pub payload: Vec<u8>,
    /// The fields to commit to.
    pub fields: Fields,
    /// The kind, unless it is an event's and depends on the shard's past.
    pub kind: Kind,
    /// [`Kind::Gap`]: the first missing offset.
    pub reference: i64,
    /// The event, or why it is none.
    pub event: Result<Option<Box<Accepted>>, Vec<Fault>>,
}

/// A valid event with what identifies it.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// The event.
    pub event: Event,
    /// Its id: as sent, or its CBV hash id.
    pub id: String,
    /// SHA-256 of the id.
    pub id_hash: [u8; 32],
    /// Whether it declares an error of the event with the same id.
    pub is_declaration: bool,
    /// SHA-256 over its fields but `recordTime`: equal content, equal hash.
    pub content: [u8; 32],
}

impl Leaf {
    /// The draft, and the event when there is one.
    pub(super) fn into_draft(self) -> (Draft, Option<Box<Accepted>>) {
        let draft = Draft {
            kind: self.kind,
            payload: self.payload,
            fields: self.fields,
            detail: 0,
            reference: self.reference,
        };
        (draft, self.event.ok().flatten())
    }

    fn other(kind: Kind, payload: Vec<u8>, reference: i64) -> Self {
        Self {
            fields: fields(kind, &payload),
            payload,
            kind,
            reference,
            event: Ok(None),
        }
    }
}

impl Shape {
    /// The leaves of the record, in order.
    pub fn into_leaves(self) -> impl Iterator<Item = Leaf> {
        let (first, rest) = match self {
            Self::Document { envelope, events } => {
                (Leaf::other(Kind::Envelope, envelope, 0), events)
            }
            Self::Bare(leaf) => (leaf, Vec::new()),
            Self::Refused { value, faults } => {
                let mut leaf = Leaf::other(Kind::Refused, value, 0);
                leaf.event = Err(faults);
                (leaf, Vec::new())
            }
            Self::Tombstone => (Leaf::other(Kind::Tombstone, Vec::new(), 0), Vec::new()),
            Self::Gap { first } => (Leaf::other(Kind::Gap, Vec::new(), first), Vec::new()),
        };
        std::iter::once(first).chain(rest)
    }

    /// How many leaves it makes.
    pub fn leaf_count(&self) -> usize {
        match self {
            Self::Document { events, .. } => 1 + events.len(),
            Self::Bare(_) | Self::Refused { .. } | Self::Tombstone | Self::Gap { .. } => 1,
        }
    }

    /// The outcomes of reading its events with the part each has in the record.
    pub fn outcomes(&self) -> impl Iterator<Item = (usize, Result<&Accepted, &[Fault]>)> {
        let leaves: &[Leaf] = match self {
            Self::Document { events, .. } => events,
            Self::Bare(leaf) => std::slice::from_ref(leaf),
            Self::Refused { .. } | Self::Tombstone | Self::Gap { .. } => &[],
        };
        let refused = match self {
            Self::Refused { faults, .. } => Some((0, Err(faults.as_slice()))),
            Self::Document { .. } | Self::Bare(_) | Self::Tombstone | Self::Gap { .. } => None,
        };
        let first = usize::from(matches!(self, Self::Document { .. }));
        let events = leaves
            .iter()
            .zip(first..)
            .filter_map(|(leaf, part)| match &leaf.event {
                Ok(Some(accepted)) => Some((part, Ok(accepted.as_ref()))),
                Ok(None) => None,
                Err(faults) => Some((part, Err(faults.as_slice()))),
            });
        refused.into_iter().chain(events)
    }
}

/// Reads records, in parallel, in their order.
pub fn read_all(incoming: Vec<Incoming>) -> Vec<ReadRecord> {
    incoming
        .into_par_iter()
        .with_min_len(16)
        .map(read)
        .collect()
}

/// A record of which nothing can be recorded but its bytes as they came: refused as a whole, for this reason. Other
/// content than a value is read as ever.
pub fn refused(incoming: Incoming, fault: &Fault) -> ReadRecord {
    read_by(incoming, |value, is_kafka, _| {
        let frame = frame(&value, is_kafka).ok().flatten();
        let faults = vec![fault.clone()];
        let shape = Shape::Refused { value, faults };
        (frame.map_or(0, |frame| frame.schema), shape)
    })
}

/// The frame before a value. Only a Kafka record may stand in one.
fn frame(value: &[u8], is_kafka: bool) -> Result<Option<Frame>, Truncated> {
    if is_kafka {
        epcis::frame(value)
    } else {
        Ok(None)
    }
}

fn read(incoming: Incoming) -> ReadRecord {
    read_by(incoming, read_value)
}

fn read_by(
    incoming: Incoming,
    read_value: impl Fn(Vec<u8>, bool, Timestamp) -> (u32, Shape),
) -> ReadRecord {
    let Incoming {
        offset,
        record_time,
        content,
        signature,
    } = incoming;
    let (schema, shape) = match content {
        Content::Tombstone => (0, Shape::Tombstone),
        Content::Gap { first } => (0, Shape::Gap { first }),
        Content::Value(value) => read_value(value, offset.is_some(), record_time),
    };
    let signature = signature.and_then(Result::ok);
    ReadRecord {
        submitter_key: signature.map_or([0; 8], |signature| signature.leaf_key()),
        part: 0,
        offset,
        record_time,
        schema,
        shape,
    }
}

/// The schema's id, and what the value is.
fn read_value(value: Vec<u8>, is_kafka: bool, record_time: Timestamp) -> (u32, Shape) {
    let limits = Limits::at(record_time);
    let frame = frame(&value, is_kafka);
    let (schema, length) = match &frame {
        Ok(Some(frame)) => (frame.schema, frame.length),
        Ok(None) | Err(_) => (0, 0),
    };
    let read = match frame {
        Err(truncated) => Err(vec![truncated.into()]),
        Ok(_) if is_kafka => epcis::read(&value[length..], &limits),
        Ok(_) => epcis::read_body(&value, &limits),
    };
    let shape = match read {
        Err(faults) => Shape::Refused { value, faults },
        Ok(document) => shape(value, length, document),
    };
    (schema, shape)
}

/// The leaves of a value whose document begins at `start`, behind its frame. The frame goes into the
/// envelope, so a bare event in a frame has one too.
fn shape(value: Vec<u8>, start: usize, document: epcis::Document) -> Shape {
    let is_bare = document.kind == DocumentKind::BareEvent && start == 0;
    let mut ranges = Vec::with_capacity(document.items.len());
    let mut events = Vec::with_capacity(document.items.len());
    for item in document.items {
        let range = start + item.range.start..start + item.range.end;
        let payload = value[range.clone()].to_vec();
        ranges.push(range);
        events.push(match item.event {
            Ok(event) => {
                let accepted = accepted(event, &item.fields);
                Leaf {
                    payload,
                    fields: item.fields,
                    kind: Kind::Event,
                    reference: 0,
                    event: Ok(Some(Box::new(accepted))),
                }
            }
            Err(faults) => Leaf {
                payload,
                fields: Fields::new(),
                kind: Kind::Refused,
                reference: 0,
                event: Err(faults),
            },
        });
    }
    match events.pop() {
        Some(leaf) if is_bare => Shape::Bare(Leaf {
            payload: value,
            ..leaf
        }),
        last => {
            events.extend(last);
            match epcis::cut(&value, &ranges) {
                Ok(envelope) => Shape::Document { envelope, events },
                Err(error) => {
                    let fault = Fault {
                        pointer: String::new(),
                        rule: "events-overlap",
                        detail: error.to_string(),
                    };
                    Shape::Refused {
                        value,
                        faults: vec![fault],
                    }
                }
            }
        }
    }
}

/// An event with what identifies it.
pub fn accepted(event: Event, fields: &Fields) -> Accepted {
    let id = event
        .event_id
        .clone()
        .unwrap_or_else(|| epcis::hash_id(&event));
    let mut sorted: Vec<&(String, Vec<u8>)> = fields
        .iter()
        .filter(|(pointer, _)| pointer != "/recordTime")
        .collect();
    sorted.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    let mut hash = Sha256::new();
    for (pointer, value) in sorted {
        hash.update((pointer.len() as u64).to_be_bytes());
        hash.update(pointer);
        hash.update((value.len() as u64).to_be_bytes());
        hash.update(value);
    }
    Accepted {
        id_hash: Sha256::digest(id.as_bytes()).into(),
        id,
        is_declaration: event.error_declaration.is_some(),
        content: hash.finalize().into(),
        event,
    }
}

/// The fields that a leaf of this kind commits to, from its payload: what `verify` derives again.
pub fn fields(kind: Kind, payload: &[u8]) -> Fields {
    match kind {
        Kind::Event | Kind::Duplicate | Kind::Conflict => {
            epcis::read_event(payload, &Arc::default(), &Limits::default()).fields
        }
        Kind::Order => member_fields(payload),
        Kind::Refused | Kind::Envelope | Kind::Tombstone | Kind::Redaction | Kind::Gap => {
            Fields::new()
        }
    }
}
