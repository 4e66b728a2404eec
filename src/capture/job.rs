//! A capture job: how a capture went, kept for whoever sent it.

use uuid::Uuid;

use super::receipt::Receipt;
use crate::epcis::Timestamp;

/// What an error in a capture does (EPCIS 2.0, `GS1-Capture-Error-Behaviour`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorBehaviour {
    /// All or nothing.
    Rollback,
    /// Everything but the faulty events.
    Proceed,
}

impl ErrorBehaviour {
    /// The name in headers, in jobs and in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rollback => "rollback",
            Self::Proceed => "proceed",
        }
    }

    /// The behaviour of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Rollback, Self::Proceed]
            .into_iter()
            .find(|known| known.as_str() == name)
    }
}

/// A capture and its outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its id; ids are in the order of time.
    pub id: String,
    /// The organisation the events were recorded for.
    pub org: String,
    /// When the body was there.
    pub created_at: Timestamp,
    /// When it was done.
    pub finished_at: Option<Timestamp>,
    /// What an error was to do.
    pub error_behaviour: ErrorBehaviour,
    /// Whether everything is stored.
    pub success: bool,
    /// Whether it is still worked on.
    pub running: bool,
    /// What became of the events.
    pub receipt: Receipt,
}

impl Job {
    /// A finished capture.
    pub fn finished(
        org: &str,
        error_behaviour: ErrorBehaviour,
        created_at: Timestamp,
        finished_at: Timestamp,
        receipt: &Receipt,
    ) -> Self {
        Self {
            id: Uuid::now_v7().to_string(),
            org: org.to_owned(),
            created_at,
            finished_at: Some(finished_at),
            error_behaviour,
            success: receipt.conflicts + receipt.refused == 0,
            running: false,
            receipt: receipt.clone(),
        }
    }
}
