//! A capture job as it is told.

use serde::Serialize;
use utoipa::ToSchema;

use crate::app::{Code, Fault};
use crate::capture::{EventFault, Job, Receipt};

/// How a capture went.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CaptureJob)]
pub(in crate::web) struct View {
    #[serde(rename = "captureID")]
    #[schema(rename = "captureID")]
    capture_id: String,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<String>,
    running: bool,
    /// With `running` false: whether everything is stored.
    success: bool,
    /// `rollback` or `proceed`.
    capture_error_behaviour: &'static str,
    /// Events that count now.
    recorded: usize,
    /// Events that were known already, word for word.
    duplicates: usize,
    /// Events whose id is known with other content.
    conflicts: usize,
    /// Events that break a rule, or that the organisation may not say.
    refused: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<EventProblem>,
}

impl View {
    pub(super) fn of(job: &Job) -> Self {
        let receipt = &job.receipt;
        Self {
            capture_id: job.id.clone(),
            created_at: job.created_at.to_string(),
            finished_at: job.finished_at.map(|time| time.to_string()),
            running: job.running,
            success: job.success,
            capture_error_behaviour: job.error_behaviour.as_str(),
            recorded: receipt.recorded,
            duplicates: receipt.duplicates,
            conflicts: receipt.conflicts,
            refused: receipt.refused,
            errors: receipt.errors.iter().map(EventProblem::of).collect(),
        }
    }
}

/// Why one event of a capture was not stored: a problem, with the event it is about.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::web) struct EventProblem {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: String,
    pointer: String,
    rule: String,
    /// Which event of the document, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<usize>,
    #[serde(rename = "eventID", skip_serializing_if = "Option::is_none")]
    #[schema(rename = "eventID")]
    event_id: Option<String>,
}

impl EventProblem {
    fn of(fault: &EventFault) -> Self {
        let code = match fault.rule.as_str() {
            "event-id-conflict" => Code::EventConflict,
            "not-authorised" => Code::Forbidden,
            _ => Code::InvalidDocument,
        };
        Self {
            r#type: code.epcis().unwrap_or("about:blank"),
            title: code.title(),
            status: code.status(),
            detail: fault.detail.clone(),
            pointer: fault.pointer.clone(),
            rule: fault.rule.clone(),
            index: fault.index,
            event_id: fault.event_id.clone(),
        }
    }
}

/// The faults of a receipt as those of a problem.
pub(super) fn faults(receipt: &Receipt) -> Vec<Fault> {
    receipt.errors.iter().map(Fault::from).collect()
}
