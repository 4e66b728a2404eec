//! What became of a batch, told to whoever sent it.

use serde::{Deserialize, Serialize};

use super::Sender;
use super::decide::Decision;
use super::read::{ReadRecord, Shape};
use crate::events::Verdict;
use crate::ledger::Shard;

/// The rule of an event that its submitter may not say.
pub(super) const NOT_AUTHORISED: &str = "not-authorised";

/// The rule of an event of a record of which it is not proven who sent it.
pub(super) const UNPROVEN: &str = "unproven-submitter";

/// What is said of what its submitter may not say.
pub(super) const NOT_AUTHORISED_DETAIL: &str =
    "the submitter may not say this: not its product and place, or not its own event";

/// Where the id of the event with this part stands in its record.
pub(super) fn event_pointer(shape: &Shape, part: usize) -> String {
    match (shape, part.checked_sub(1)) {
        (Shape::Document { .. }, Some(index)) => format!("/epcisBody/eventList/{index}/eventID"),
        _ => "/eventID".to_owned(),
    }
}

/// What became of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Receipt {
    /// Events that count now.
    pub recorded: usize,
    /// Events that were known already, word for word.
    pub duplicates: usize,
    /// Events whose id is known with other content.
    pub conflicts: usize,
    /// Events and records that break a rule, or that the submitter may not say.
    pub refused: usize,
    /// Kafka offsets that never came, as ranges.
    #[serde(default)]
    pub gaps: usize,
    /// Why events were not recorded.
    pub errors: Vec<EventFault>,
    /// Where the events stand, in the order they came; refused ones are left out.
    #[serde(skip)]
    pub places: Vec<EventPlace>,
    /// The job under which this receipt is kept, if it is.
    #[serde(skip)]
    pub job: Option<String>,
}

/// Where an event stands in the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventPlace {
    /// The event's id.
    pub id: String,
    /// The shard's name.
    pub shard: String,
    /// Its leaf.
    pub seq: i64,
    /// What became of it.
    pub verdict: Verdict,
}

/// Why one event was not recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventFault {
    /// Which event of its document, from 0; `None` for the document as a whole.
    pub index: Option<usize>,
    /// The event's id, where it has one.
    pub event_id: Option<String>,
    /// Where in the document.
    pub pointer: String,
    /// The rule's stable name.
    pub rule: String,
    /// What is wrong.
    pub detail: String,
}

impl Receipt {
    /// One for each part of a batch.
    pub(super) fn of(
        shard: &Shard,
        first_seq: i64,
        senders: &[Sender<'_>],
        records: &[ReadRecord],
        decisions: &[Decision],
    ) -> Vec<Self> {
        let mut receipts = vec![Self::default(); senders.len()];
        let mut decisions = decisions.iter();
        let mut seq = first_seq;
        for record in records {
            let receipt = &mut receipts[record.part];
            if matches!(record.shape, Shape::Gap { .. }) {
                receipt.gaps += 1;
            }
            let is_document = matches!(record.shape, Shape::Document { .. });
            let is_whole = matches!(record.shape, Shape::Refused { .. });
            for (part, outcome) in record.shape.outcomes() {
                let index = part.checked_sub(usize::from(is_document));
                match outcome {
                    Err(faults) => {
                        receipt.refused += 1;
                        receipt.errors.extend(faults.iter().map(|fault| EventFault {
                            index: index.filter(|_| !is_whole),
                            event_id: None,
                            pointer: fault.pointer.clone(),
                            rule: fault.rule.to_owned(),
                            detail: fault.detail.clone(),
                        }));
                    }
                    Ok(event) => {
                        let Some(decision) = decisions.next() else {
                            continue;
                        };
                        let pointer = event_pointer(&record.shape, part);
                        let refusal = senders[record.part].authority.refusal();
                        let id = Some(event.id.clone());
                        let fault = receipt.count(decision, refusal);
                        receipt
                            .errors
                            .extend(fault.map(|(rule, detail)| EventFault {
                                index,
                                event_id: id,
                                pointer,
                                rule: rule.to_owned(),
                                detail: detail.to_owned(),
                            }));
                        receipt.places.push(EventPlace {
                            id: event.id.clone(),
                            shard: shard.name.to_string(),
                            seq: seq + i64::try_from(part).unwrap_or(i64::MAX),
                            verdict: decision.verdict,
                        });
                    }
                }
            }
            seq += i64::try_from(record.shape.leaf_count()).unwrap_or(i64::MAX);
        }
        receipts
    }

    /// Counts an event, and tells the rule that it breaks, if any. `refusal`: the rule of what may not be said.
    const fn count(
        &mut self,
        decision: &Decision,
        refusal: (&'static str, &'static str),
    ) -> Option<(&'static str, &'static str)> {
        match decision.verdict {
            Verdict::First => {
                self.recorded += 1;
                None
            }
            Verdict::Duplicate => {
                self.duplicates += 1;
                None
            }
            Verdict::Conflict => {
                self.conflicts += 1;
                Some((
                    "event-id-conflict",
                    "an event with this id and other content is recorded already",
                ))
            }
            Verdict::NotAuthorised => {
                self.refused += 1;
                Some(refusal)
            }
        }
    }

    /// Whether nothing was stored because of what the body itself says.
    pub fn is_refused_at_sight(&self) -> bool {
        let none = self.recorded + self.duplicates + self.conflicts == 0 && self.refused != 0;
        none && !self.errors.iter().any(|fault| fault.rule == NOT_AUTHORISED)
    }

    /// Adds another receipt to this one.
    pub fn merge(&mut self, other: Self) {
        self.recorded += other.recorded;
        self.duplicates += other.duplicates;
        self.conflicts += other.conflicts;
        self.refused += other.refused;
        self.gaps += other.gaps;
        self.errors.extend(other.errors);
        self.places.extend(other.places);
    }
}
