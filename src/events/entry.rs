//! What the rest of the system needs of an event once its identifiers are addresses: this, and nothing
//! of its JSON, is what trace and recall work from.

use crate::codes::{Block, MemberSet};
use crate::epcis::Timestamp;

/// How a business step ends that cleans.
pub(super) const CLEANING: &str = "cleaning";

/// The EPCIS event type. The number stands in the store: never change one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum EventType {
    /// `ObjectEvent`
    Object = 1,
    /// `AggregationEvent`
    Aggregation = 2,
    /// `AssociationEvent`
    Association = 3,
    /// `TransactionEvent`
    Transaction = 4,
    /// `TransformationEvent`
    Transformation = 5,
    /// A type of somebody's own: recorded, followed nowhere.
    Custom = 6,
}

/// The EPCIS action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Action {
    /// `ADD`
    Add = 1,
    /// `OBSERVE`
    Observe = 2,
    /// `DELETE`
    Delete = 3,
}

/// What a participant is in its event. The number stands in the store: never change one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Role {
    /// In `epcList` or `quantityList`.
    Object = 1,
    /// `parentID`.
    Parent = 2,
    /// In `childEPCs` or `childQuantityList`.
    Child = 3,
    /// In `inputEPCList` or `inputQuantityList`.
    Input = 4,
    /// In `outputEPCList` or `outputQuantityList`.
    Output = 5,
}

/// A quantity: exact decimal `value × 10^-scale`, or unknown ("some of it"), with its unit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity {
    /// The digits as an integer and how many of them stand after the point; `None` = some, unknown.
    pub amount: Option<(i64, u8)>,
    /// UN/CEFACT Rec 20 code; `None` = a count of pieces.
    pub uom: Option<String>,
}

/// Who or how much took part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Instances: members of the block.
    Members(MemberSet),
    /// A quantity of the lot or class that the block is.
    Quantity(Quantity),
}

/// One participant line of an event. Instances of one block and role are one part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it is in the event.
    pub role: Role,
    /// Its block.
    pub block: Block,
    /// The members, or the quantity.
    pub what: What,
}

/// An event at its place in the ledger, its identifiers resolved to addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The shard's local number.
    pub shard: i32,
    /// The leaf's sequence number in its shard.
    pub seq: i64,
    /// The event id: as sent, or its CBV hash id.
    pub id: String,
    /// The type.
    pub event_type: EventType,
    /// The action; none for transformations.
    pub action: Option<Action>,
    /// The bare CBV word, or a URI of somebody's own.
    pub biz_step: Option<String>,
    /// The bare CBV word, or a URI of somebody's own.
    pub disposition: Option<String>,
    /// Earliest the event can have happened (`eventTime`, when exact).
    pub t_lo: Timestamp,
    /// Latest the event can have happened; equal to `t_lo` when exact.
    pub t_hi: Timestamp,
    /// When it was recorded: Kafka's append time, or ours.
    pub record_time: Timestamp,
    /// Where it happened: `readPoint`.
    pub read_point: Option<Block>,
    /// Where its objects are afterwards: `bizLocation`.
    pub biz_location: Option<Block>,
    /// `sourceList` entry of type `location`.
    pub from_place: Option<Block>,
    /// `destinationList` entry of type `location`.
    pub to_place: Option<Block>,
    /// `sourceList` `possessing_party`, else `owning_party`.
    pub from_party: Option<Block>,
    /// `destinationList` `possessing_party`, else `owning_party`.
    pub to_party: Option<Block>,
    /// `sourceList` `owning_party`.
    pub from_owner: Option<Block>,
    /// `destinationList` `owning_party`.
    pub to_owner: Option<Block>,
    /// The organisation the event was recorded for.
    pub submitter: Option<Block>,
    /// The process of a transformation: its transformationID, or the event itself.
    pub process: Option<Block>,
    /// Whether this is an error declaration about the event with the same id.
    pub is_declaration: bool,
    /// The participants, sorted by (role, block), no two equal in both (quantities of one lot and unit
    /// may stand twice).
    pub parts: Vec<Part>,
}

impl Entry {
    /// Where the event happened: `readPoint`, else `bizLocation`.
    pub fn happened_at(&self) -> Option<Block> {
        self.read_point.or(self.biz_location)
    }

    /// Whether it is work done at a place, which takes the time since the work before it: a transformation,
    /// things or lots that begin, a cleaning.
    pub fn is_work(&self) -> bool {
        let begins = self.event_type == EventType::Object && self.action == Some(Action::Add);
        self.event_type == EventType::Transformation || begins || self.is_cleaning()
    }

    /// Whether it cleans the place, vessel or container it names: its business step is, or ends in,
    /// `cleaning`. CBV 2.0 has no word for it, so it comes as a URI of somebody's own.
    pub fn is_cleaning(&self) -> bool {
        let step = self.biz_step.as_deref();
        step.is_some_and(|step| step.ends_with(CLEANING))
    }
}
