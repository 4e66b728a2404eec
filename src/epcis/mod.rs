//! EPCIS 2.0 events: read, checked, typed and hashed. Pure: bytes in, values or faults out.
//!
//! [`read`] takes a document or a bare event and gives every event with its bytes, its fields and its own
//! verdict; [`cut`] and [`join`] take a document apart for the ledger and put it together again; [`Event`]
//! is what the rest of the system works from. It follows EPCIS 2.0 and CBV 2.0 (JSON). Contexts are never
//! fetched, XML is not read, and master data in a header is passed over.

mod alone;
mod context;
mod document;
mod envelope;
mod event;
mod event_hash;
mod fault;
mod frame;
pub mod json;
mod limits;
mod master_data;
mod outline;
mod rule;
#[cfg(test)]
mod tests;
mod time;
pub mod vocabulary;

pub use alone::alone;
pub use context::{Context, is_uri};
pub use document::{
    Document, DocumentKind, Item, envelope_context, read, read_body, read_event,
    read_event_with_context, rest_of,
};
pub use envelope::{EnvelopeError, cut, join};
pub use event::{
    Action, BizTransaction, Decimal, Endpoint, ErrorDeclaration, Event, EventType, Member, Moment,
    Offset, PersistentDisposition, Place, QuantityElement,
};
pub use event_hash::{hash_id, id_matches_content, prehash};
pub use fault::Fault;
pub use frame::{Frame, Truncated, frame, unframed};
pub use limits::{BODY_BYTES_MAX, EPCS_MAX, EVENTS_MAX, FUTURE_MICROS_MAX, Limits};
pub use master_data::is_master_data;
pub use time::{NotATime, Timestamp};
