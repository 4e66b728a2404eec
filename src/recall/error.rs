//! What the verbs of recalls refuse or cannot do.

use super::definition::UnitRange;
use super::state::Illegal;
use crate::codes::pack::Damaged;
use crate::trace::Until;
use crate::{db, ledger, parties, trace, webhooks};

/// Why nothing changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// The ledger refused.
    #[error(transparent)]
    Ledger(#[from] ledger::Error),
    /// The question about the past has no answer.
    #[error(transparent)]
    Trace(#[from] trace::Error),
    /// The same, of an identifier of the scope.
    #[error("{error}")]
    Named {
        /// Where the scope names it: `lots[0]`.
        field: String,
        /// What is wrong with it.
        error: trace::Error,
    },
    /// The notices for webhooks cannot be noted.
    #[error(transparent)]
    Webhooks(#[from] webhooks::Error),
    /// The caller may not.
    #[error(transparent)]
    Refusal(#[from] parties::Refusal),
    /// The scope names nothing.
    #[error(
        "the scope names nothing: no lot, unit, range, place, container, product, attribute or credential"
    )]
    NothingAsked,
    /// A pattern, which could be everything.
    #[error(
        "{0:?} is a pattern: name lots, single things, ranges of them, or a product with a window"
    )]
    Pattern(String),
    /// A scope or policies that cannot be read.
    #[error("the {field} cannot be read")]
    Unreadable {
        /// `scope` or `policies`.
        field: &'static str,
        /// The member that is wrong; empty where it is the whole.
        member: String,
        /// Why not.
        #[source]
        source: serde_json::Error,
    },
    /// A field of a request is wrong.
    #[error("{field}: {detail}")]
    Field {
        /// The field.
        field: String,
        /// What is wrong with it.
        detail: String,
    },
    /// A policy about a place that no event names.
    #[error("{list}: {place} is known from no event")]
    PolicyPlace {
        /// The policies: `policies.vessels`.
        list: &'static str,
        /// The place, as it is recorded.
        place: String,
    },
    /// Two identifiers are no ends of a range.
    #[error("ranges: {detail}")]
    Range {
        /// The range, as it is recorded.
        range: UnitRange,
        /// What is wrong with it.
        detail: String,
    },
    /// Nothing is affected.
    #[error("nothing that any event names is affected; no recall was opened{left_out}{gaps}")]
    EmptyScope {
        /// What was looked at and left out, to be read on; empty where nothing was.
        left_out: String,
        /// The records that are missing, to be read on; empty where none is.
        gaps: String,
    },
    /// An extension that would say nothing new.
    #[error("nothing differs from version {version} of recall {recall:?}; nothing was recorded")]
    NothingDiffers {
        /// The recall.
        recall: String,
        /// Its newest version.
        version: i32,
    },
    /// Somebody else changed the scope while an extension was prepared.
    #[error(
        "recall {recall:?} was changed meanwhile: this was prepared from version {base}, its newest is {newest}, or something was released since; look at it and extend again"
    )]
    Overtaken {
        /// The recall.
        recall: String,
        /// The version it was prepared from.
        base: i32,
        /// The newest.
        newest: i32,
    },
    /// A release of nothing.
    #[error("recall {recall:?} has no proposed removal that is not released{}", version.map_or_else(String::new, |version| format!(" of version {version}")))]
    NothingProposed {
        /// The recall.
        recall: String,
        /// The version whose proposals were to be released.
        version: Option<i32>,
    },
    /// There is no such credential.
    #[error("no credential {id:?}{until}")]
    NoCredential {
        /// Where the scope names it.
        field: String,
        /// Its number.
        id: String,
        /// Until when was looked.
        until: Until,
    },
    /// A credential says nothing of anything that a recall could start from.
    #[error("{id} is about no lot, product or place: name what is meant")]
    AboutNothing {
        /// Its number.
        id: String,
    },
    /// There is no such recall.
    #[error("no recall {0:?}")]
    NoRecall(String),
    /// The recall has no such version.
    #[error("recall {recall:?} has no version {version}")]
    NoVersion {
        /// The recall.
        recall: String,
        /// The version.
        version: i32,
    },
    /// The organisation is not known.
    #[error("no organisation {0:?}")]
    NoOrganisation(String),
    /// Nobody is named whom this is recorded for.
    #[error("a recall is conducted and answered for an organisation, and none is named")]
    NoOneNamed,
    /// Somebody else's recall.
    #[error("this recall is conducted by {conductor:?}; {org:?} may not")]
    NotConductor {
        /// Who conducts it.
        conductor: String,
        /// Who asked.
        org: String,
    },
    /// Somebody else's product or place.
    #[error("{what} is no product or place of {org:?}; a regulator can recall it")]
    NotOwn {
        /// What was to be recalled.
        what: String,
        /// Who asked.
        org: String,
    },
    /// The organisation has no task in this recall.
    #[error("{org:?} has no task in recall {recall:?}")]
    NoTask {
        /// The recall.
        recall: String,
        /// The organisation.
        org: String,
    },
    /// The state does not allow it.
    #[error(transparent)]
    Illegal(#[from] Illegal),
    /// An order in the ledger cannot be read.
    #[error("the order at control/0 {seq} cannot be read")]
    Order {
        /// Its seq.
        seq: i64,
        /// Why not.
        #[source]
        source: serde_json::Error,
    },
    /// An order in the ledger does not fit what stands before it.
    #[error("the order at control/0 {seq} does not fit: {what}")]
    Misfit {
        /// Its seq.
        seq: i64,
        /// What does not fit.
        what: String,
    },
    /// Something cannot be written as JSON.
    #[error("a result cannot be written as JSON")]
    Unwritable(#[source] serde_json::Error),
}

impl Error {
    /// The same, of an answer that looks until then: what was not there may have come since.
    #[must_use]
    pub fn until(self, until: Until) -> Self {
        match self {
            Self::Trace(error) => Self::Trace(error.until(until)),
            Self::Named { field, error } => Self::Named {
                field,
                error: error.until(until),
            },
            Self::NoCredential { field, id, .. } => Self::NoCredential { field, id, until },
            other => other,
        }
    }

    /// A field of a request that is wrong.
    pub(super) fn field(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::Field {
            field: field.into(),
            detail: detail.into(),
        }
    }

    /// A row of the store that cannot be read.
    pub(super) fn corrupt(table: &'static str, what: &dyn std::fmt::Display) -> Self {
        Self::Db(db::Error::Corrupt {
            table,
            what: what.to_string(),
        })
    }
}

impl From<Damaged> for Error {
    fn from(damaged: Damaged) -> Self {
        Self::corrupt("scope_blocks", &damaged)
    }
}
