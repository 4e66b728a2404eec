//! One EPCIS event, typed. Field names are the standard's in `snake_case`.
//!
//! The model keeps what trace, query and hash need; the event as sent stays in the bytes it came in.

mod declaration;
mod member;
mod part;
mod quantity;
pub(super) mod reader;
mod sensor;
mod value;

use std::sync::Arc;

use super::context::Context;
use super::json::Value;
use super::time::Timestamp;

pub(super) use member::BARE_MASTER_DATA;
pub use quantity::{Decimal, QuantityElement};

/// The type of an event.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum EventType {
    /// `ObjectEvent`
    Object,
    /// `AggregationEvent`
    Aggregation,
    /// `AssociationEvent`
    Association,
    /// `TransactionEvent`
    Transaction,
    /// `TransformationEvent`
    Transformation,
    /// A type of somebody's own: a URI or a CURIE, as sent.
    Custom(String),
}

impl EventType {
    /// The name as it stands in an event.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Object => "ObjectEvent",
            Self::Aggregation => "AggregationEvent",
            Self::Association => "AssociationEvent",
            Self::Transaction => "TransactionEvent",
            Self::Transformation => "TransformationEvent",
            Self::Custom(name) => name,
        }
    }
}

/// What an event does to the link or the life it states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// `ADD`: commissions, attaches.
    Add,
    /// `OBSERVE`: states, changes nothing.
    Observe,
    /// `DELETE`: ends, detaches.
    Delete,
}

impl Action {
    /// The name as it stands in an event.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Add => "ADD",
            Self::Observe => "OBSERVE",
            Self::Delete => "DELETE",
        }
    }
}

/// A time as sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// The instant; digits below a microsecond are only in the text.
    pub at: Timestamp,
    /// The text as sent.
    pub text: String,
}

/// `eventTimeZoneOffset`: where the event's local time stands, whatever zone its time was written in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offset {
    /// Minutes east of UTC.
    pub minutes: i16,
    /// The text as sent: `-00:00` and `+00:00` differ in it.
    pub text: String,
}

/// `readPoint` or `bizLocation`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its identifier as sent.
    pub id: String,
    /// Its namespaced members.
    pub extensions: Vec<Member>,
}

/// A member with a namespaced key, as sent.
pub type Member = (String, Value<'static>);

/// An entry of `bizTransactionList`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BizTransaction {
    /// The bare CBV word, or a URI or CURIE of somebody's own.
    pub transaction_type: Option<String>,
    /// The document's identifier as sent.
    pub biz_transaction: String,
}

/// An entry of `sourceList` or `destinationList`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// `location`, `owning_party`, `possessing_party`, or a URI or CURIE of somebody's own.
    pub endpoint_type: String,
    /// The place or party, as sent.
    pub id: String,
}

/// `persistentDisposition`: what holds until it is unset. Bare CBV words, or values of somebody's own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PersistentDisposition {
    /// What begins to hold.
    pub set: Vec<String>,
    /// What ends.
    pub unset: Vec<String>,
}

/// `errorDeclaration`: the event with this id is declared wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorDeclaration {
    /// When it was declared.
    pub declaration_time: Moment,
    /// `did_not_occur`, `incorrect_data`, or a value of somebody's own.
    pub reason: Option<String>,
    /// The events that say it right; they may not have arrived.
    pub corrective_event_ids: Vec<String>,
    /// Its namespaced members.
    pub extensions: Vec<Member>,
}

/// An event that keeps every rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// `type`
    pub event_type: EventType,
    /// `eventTime`
    pub event_time: Moment,
    /// `eventTimeZoneOffset`
    pub event_time_zone_offset: Offset,
    /// `recordTime` as the sender wrote it; the server's own takes its place.
    pub record_time: Option<Moment>,
    /// `eventID` as sent.
    pub event_id: Option<String>,
    /// `certificationInfo`, one or several.
    pub certification_info: Vec<String>,
    /// `errorDeclaration`
    pub error_declaration: Option<ErrorDeclaration>,
    /// `action`; none for transformations and custom types.
    pub action: Option<Action>,
    /// `epcList`
    pub epc_list: Vec<String>,
    /// `quantityList`
    pub quantity_list: Vec<QuantityElement>,
    /// `parentID`
    pub parent_id: Option<String>,
    /// `childEPCs`
    pub child_epcs: Vec<String>,
    /// `childQuantityList`
    pub child_quantity_list: Vec<QuantityElement>,
    /// `inputEPCList`
    pub input_epc_list: Vec<String>,
    /// `inputQuantityList`
    pub input_quantity_list: Vec<QuantityElement>,
    /// `outputEPCList`
    pub output_epc_list: Vec<String>,
    /// `outputQuantityList`
    pub output_quantity_list: Vec<QuantityElement>,
    /// `transformationID`; an empty one counts as absent.
    pub transformation_id: Option<String>,
    /// `bizTransactionList`
    pub biz_transaction_list: Vec<BizTransaction>,
    /// `bizStep`: the bare CBV word, or a URI or CURIE of somebody's own.
    pub biz_step: Option<String>,
    /// `disposition`: likewise.
    pub disposition: Option<String>,
    /// `persistentDisposition`
    pub persistent_disposition: Option<PersistentDisposition>,
    /// `readPoint`
    pub read_point: Option<Place>,
    /// `bizLocation`
    pub biz_location: Option<Place>,
    /// `sourceList`
    pub source_list: Vec<Endpoint>,
    /// `destinationList`
    pub destination_list: Vec<Endpoint>,
    /// `sensorElementList`: its objects, checked.
    pub sensor_element_list: Vec<Value<'static>>,
    /// `ilmd`: its members, in the order sent.
    pub ilmd: Vec<Member>,
    /// The namespaced members of the event itself, in the order sent.
    pub extensions: Vec<Member>,
    /// The prefixes in force, those of the document and of the event.
    pub context: Arc<Context>,
}

impl Event {
    /// An instance or lot attribute of the CBV, such as `lotNumber`, from `ilmd`.
    pub fn master_data(&self, name: &str) -> Option<&Value<'static>> {
        self.ilmd
            .iter()
            .find(|(key, _)| self.context.master_data_name(key) == Some(name))
            .map(|(_, value)| value)
    }

    /// How many identifiers and quantities its lists hold, the parent counted too.
    pub fn participant_count(&self) -> usize {
        self.epc_lists().map(|(_, list)| list.len()).sum::<usize>()
            + self
                .quantity_lists()
                .map(|(_, list)| list.len())
                .sum::<usize>()
            + usize::from(self.parent_id.is_some())
    }

    /// The lists of instances with their names in the standard.
    pub fn epc_lists(&self) -> impl Iterator<Item = (&'static str, &[String])> {
        [
            ("epcList", &self.epc_list),
            ("childEPCs", &self.child_epcs),
            ("inputEPCList", &self.input_epc_list),
            ("outputEPCList", &self.output_epc_list),
        ]
        .into_iter()
        .map(|(name, list)| (name, list.as_slice()))
    }

    /// The lists of quantities with their names in the standard.
    pub fn quantity_lists(&self) -> impl Iterator<Item = (&'static str, &[QuantityElement])> {
        [
            ("quantityList", &self.quantity_list),
            ("childQuantityList", &self.child_quantity_list),
            ("inputQuantityList", &self.input_quantity_list),
            ("outputQuantityList", &self.output_quantity_list),
        ]
        .into_iter()
        .map(|(name, list)| (name, list.as_slice()))
    }
}
