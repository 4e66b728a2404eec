//! A capture job: how a capture went, as it is kept and as it is told.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::headers::ErrorBehaviour;
use crate::app::{Code, Fault};
use crate::capture::Receipt;
use crate::epcis::Timestamp;

/// A finished capture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Job {
    /// Its id; ids are in the order of time.
    pub(super) id: String,
    /// The organisation the events were recorded for.
    pub(super) org: String,
    /// When the body was there.
    pub(super) created_at: Timestamp,
    /// When it was done.
    pub(super) finished_at: Option<Timestamp>,
    /// `rollback` or `proceed`.
    pub(super) error_behaviour: String,
    /// Whether everything is stored.
    pub(super) success: bool,
    /// Whether it is still worked on.
    pub(super) running: bool,
    /// What became of the events.
    pub(super) report: Report,
}

/// What became of the events of a capture.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Report {
    recorded: usize,
    duplicates: usize,
    conflicts: usize,
    refused: usize,
    errors: Vec<Reason>,
}

/// Why one event was not recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Reason {
    index: Option<usize>,
    event_id: Option<String>,
    pointer: String,
    rule: String,
    detail: String,
}

impl Job {
    pub(super) fn of(
        org: &str,
        behaviour: ErrorBehaviour,
        created_at: Timestamp,
        finished_at: Timestamp,
        receipt: &Receipt,
    ) -> Self {
        Self {
            id: Uuid::now_v7().to_string(),
            org: org.to_owned(),
            created_at,
            finished_at: Some(finished_at),
            error_behaviour: behaviour.as_str().to_owned(),
            success: receipt.conflicts + receipt.refused == 0,
            running: false,
            report: Report {
                recorded: receipt.recorded,
                duplicates: receipt.duplicates,
                conflicts: receipt.conflicts,
                refused: receipt.refused,
                errors: receipt
                    .errors
                    .iter()
                    .map(|fault| Reason {
                        index: fault.index,
                        event_id: fault.event_id.clone(),
                        pointer: fault.pointer.clone(),
                        rule: fault.rule.clone(),
                        detail: fault.detail.clone(),
                    })
                    .collect(),
            },
        }
    }

    /// The job as it is told.
    pub(super) fn view(&self) -> View {
        View {
            capture_id: self.id.clone(),
            created_at: self.created_at.to_string(),
            finished_at: self.finished_at.map(|time| time.to_string()),
            running: self.running,
            success: self.success,
            capture_error_behaviour: self.error_behaviour.clone(),
            recorded: self.report.recorded,
            duplicates: self.report.duplicates,
            conflicts: self.report.conflicts,
            refused: self.report.refused,
            errors: self.report.errors.iter().map(EventProblem::of).collect(),
        }
    }
}

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
    capture_error_behaviour: String,
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
    fn of(reason: &Reason) -> Self {
        let code = match reason.rule.as_str() {
            "event-id-conflict" => Code::EventConflict,
            "not-authorised" => Code::Forbidden,
            _ => Code::InvalidDocument,
        };
        Self {
            r#type: code.epcis().unwrap_or("about:blank"),
            title: code.title(),
            status: code.status(),
            detail: reason.detail.clone(),
            pointer: reason.pointer.clone(),
            rule: reason.rule.clone(),
            index: reason.index,
            event_id: reason.event_id.clone(),
        }
    }
}

/// The faults of a receipt as those of a problem.
pub(super) fn faults(receipt: &Receipt) -> Vec<Fault> {
    receipt
        .errors
        .iter()
        .map(|fault| Fault {
            pointer: fault.pointer.clone(),
            rule: fault.rule.clone(),
            detail: fault.detail.clone(),
            file: None,
            index: fault.index,
            event_id: fault.event_id.clone(),
        })
        .collect()
}
