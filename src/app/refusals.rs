//! From the concepts' own errors to public problems: what each means to whoever asked.

use super::problem::{Code, Fault, Problem, json_fault};
use crate::parties::RowFault;
use crate::{capture, codes, credentials, db, ledger, parties, recall, scan, trace, webhooks};

impl Problem {
    /// A parameter or member that is wrong.
    fn of_field(name: &str, error: &dyn std::error::Error) -> Self {
        let fault = Fault {
            pointer: name.to_owned(),
            detail: error.to_string(),
            ..Fault::default()
        };
        Self::new(Code::InvalidParameter, error.to_string()).with_errors(vec![fault])
    }

    /// A table that was refused: each fault with its line and column.
    pub fn of_table(faults: &[RowFault]) -> Self {
        let detail = format!("nothing was imported: {}", super::faults(faults.len()));
        Self::new(Code::InvalidTable, detail).with_errors(rows(faults))
    }

    /// A mistake of whoever asked: the error's reasons are his to know, so they stand in the sentence.
    fn mistake(code: Code, error: impl std::error::Error + Send + Sync + 'static) -> Self {
        let told = Self::new(code, error.to_string()).because(error);
        Self::new(code, told.chain())
    }
}

fn rows(faults: &[RowFault]) -> Vec<Fault> {
    let row = |fault: &RowFault| Fault {
        pointer: format!("line {}, {}", fault.line, fault.field),
        detail: fault.detail.clone(),
        ..Fault::default()
    };
    faults.iter().map(row).collect()
}

impl From<db::Error> for Problem {
    fn from(error: db::Error) -> Self {
        match &error {
            db::Error::Unreachable(_) => {
                Self::new(Code::Unavailable, "the database cannot be reached").because(error)
            }
            db::Error::Pending { .. } => Self::new(Code::Configuration, error.to_string()),
            db::Error::Query(_) | db::Error::Migration(_) => {
                Self::new(Code::Internal, "the database refused a query").because(error)
            }
            db::Error::Corrupt { .. } => Self::new(
                Code::Internal,
                "a row in the database is damaged (`suyuan verify` names it)",
            )
            .because(error),
        }
    }
}

impl From<ledger::Error> for Problem {
    fn from(error: ledger::Error) -> Self {
        match error {
            ledger::Error::Db(error) => error.into(),
            ledger::Error::NoShard(_) => Self::new(Code::NotFound, error.to_string()),
            ledger::Error::OtherOrigin { .. } | ledger::Error::KeyDestroyed { .. } => {
                Self::new(Code::Configuration, error.to_string())
            }
            ledger::Error::OtherSeal(_) | ledger::Error::Fenced { .. } => {
                Self::new(Code::Conflict, error.to_string())
            }
            ledger::Error::OutOfOrder { .. } | ledger::Error::Unwritable(_) => {
                Self::new(Code::Internal, "the ledger cannot be appended to").because(error)
            }
        }
    }
}

impl From<parties::Error> for Problem {
    fn from(error: parties::Error) -> Self {
        match error {
            parties::Error::Db(error) => error.into(),
            parties::Error::Ledger(error) => error.into(),
            parties::Error::NoOrganisation(_) | parties::Error::NoKey(_) => {
                Self::new(Code::NotFound, error.to_string())
            }
            parties::Error::KeyTaken { .. } => Self::new(Code::Conflict, error.to_string()),
            parties::Error::Csv(_) => Self::mistake(Code::InvalidTable, error),
            parties::Error::Column { ref column, .. } => {
                let fault = Fault {
                    pointer: column.clone(),
                    detail: error.to_string(),
                    ..Fault::default()
                };
                Self::new(Code::InvalidTable, error.to_string()).with_errors(vec![fault])
            }
            parties::Error::Order { .. } | parties::Error::Randomness(_) => {
                Self::new(Code::Internal, error.to_string()).because(error)
            }
        }
    }
}

impl From<credentials::Error> for Problem {
    fn from(error: credentials::Error) -> Self {
        use credentials::Error;
        let code = match error {
            Error::Db(error) => return error.into(),
            Error::Ledger(error) => return error.into(),
            Error::Parties(error) => return error.into(),
            Error::Order { .. } => {
                return Self::new(Code::Internal, error.to_string()).because(error);
            }
            Error::NotTheirs(ref faults) => {
                return Self::new(Code::Forbidden, error.to_string()).with_errors(rows(faults));
            }
            Error::NotTheirsToRevoke { .. } => Code::Forbidden,
            Error::NoCredential(_) | Error::NoPerson(_) => Code::NotFound,
            Error::Reason { .. } => return Self::of_field("reason", &error),
            Error::Ends { .. } => return Self::of_field("until", &error),
            Error::AlreadyRevoked { .. } => Code::Conflict,
        };
        Self::new(code, error.to_string())
    }
}

impl From<codes::Error> for Problem {
    fn from(error: codes::Error) -> Self {
        let code = match error {
            codes::Error::Db(error) => return error.into(),
            codes::Error::Ledger(error) => return error.into(),
            codes::Error::Order { .. } => {
                return Self::new(Code::Internal, error.to_string()).because(error);
            }
            codes::Error::Lot(_) | codes::Error::Count(_) | codes::Error::RequestId(_) => {
                Code::InvalidParameter
            }
            codes::Error::NoProduct(_) => Code::NotFound,
            codes::Error::NotTheirs { .. } => Code::Forbidden,
            codes::Error::RequestConflict { .. }
            | codes::Error::Mode { .. }
            | codes::Error::ForeignSerial { .. }
            | codes::Error::NoBatchLeft(_) => Code::Conflict,
        };
        Self::new(code, error.to_string())
    }
}

impl From<parties::Refusal> for Problem {
    fn from(refusal: parties::Refusal) -> Self {
        let code = match refusal {
            parties::Refusal::NoKey => Code::Unauthenticated,
            parties::Refusal::WrongRole { .. } => Code::Forbidden,
        };
        Self::new(code, refusal.to_string())
    }
}

impl From<capture::Error> for Problem {
    fn from(error: capture::Error) -> Self {
        match error {
            capture::Error::Db(error) => error.into(),
            capture::Error::Ledger(error) => error.into(),
            capture::Error::Damaged { .. } => Self::new(Code::Internal, error.to_string()),
            capture::Error::NoOrganisation(_) => Self::new(Code::NotFound, error.to_string()),
        }
    }
}

impl From<scan::Error> for Problem {
    fn from(error: scan::Error) -> Self {
        match error {
            scan::Error::Db(error) => error.into(),
            scan::Error::Ledger(error) => error.into(),
            scan::Error::Recall(error) => error.into(),
        }
    }
}

impl From<trace::Error> for Problem {
    fn from(error: trace::Error) -> Self {
        match error {
            trace::Error::Db(error) => error.into(),
            trace::Error::Ledger(error) => error.into(),
            trace::Error::Identifier { .. } | trace::Error::NoPlace { .. } => {
                Self::mistake(Code::InvalidIdentifier, error)
            }
            trace::Error::OtherKind { .. } | trace::Error::Product { .. } => {
                Self::new(Code::InvalidIdentifier, error.to_string())
            }
            trace::Error::NeverSeen { .. }
            | trace::Error::NeverSeenUntil { .. }
            | trace::Error::UnknownPlace { .. } => Self::new(Code::NotFound, error.to_string()),
            trace::Error::Window { .. } => Self::parameter("until", error.to_string()),
            trace::Error::Position(_) => Self::parameter("position", error.to_string()),
            trace::Error::Common { .. } | trace::Error::PictureTooLarge { .. } => {
                Self::new(Code::InvalidParameter, error.to_string())
            }
        }
    }
}

impl From<recall::Error> for Problem {
    fn from(error: recall::Error) -> Self {
        match error {
            recall::Error::Db(error) => error.into(),
            recall::Error::Ledger(error) => error.into(),
            recall::Error::Trace(error) => error.into(),
            recall::Error::Named { field, error } => {
                let problem = Self::from(error);
                let fault = Fault {
                    pointer: field,
                    detail: problem.detail.clone(),
                    ..Fault::default()
                };
                problem.with_errors(vec![fault])
            }
            recall::Error::Webhooks(error) => error.into(),
            recall::Error::Refusal(refusal) => refusal.into(),
            recall::Error::NothingAsked | recall::Error::Pattern(_) | recall::Error::NoOneNamed => {
                Self::new(Code::InvalidParameter, error.to_string())
            }
            recall::Error::PolicyPlace { list, .. } => Self::parameter(list, error.to_string()),
            recall::Error::Range { ref detail, .. } => {
                let fault = Fault {
                    pointer: "ranges".to_owned(),
                    detail: detail.clone(),
                    ..Fault::default()
                };
                Self::new(Code::InvalidParameter, error.to_string()).with_errors(vec![fault])
            }
            recall::Error::Field {
                ref field,
                ref detail,
            } => {
                let fault = Fault {
                    pointer: field.clone(),
                    detail: detail.clone(),
                    ..Fault::default()
                };
                Self::new(Code::InvalidParameter, error.to_string()).with_errors(vec![fault])
            }
            recall::Error::AboutNothing { .. } => Self::parameter("credentials", error.to_string()),
            recall::Error::Unreadable {
                field,
                ref member,
                ref source,
            } => {
                let detail = json_fault(source);
                let (pointer, told) = if member.is_empty() {
                    (field.to_owned(), detail.clone())
                } else {
                    (member.clone(), format!("{member}: {detail}"))
                };
                let fault = Fault {
                    pointer,
                    detail,
                    ..Fault::default()
                };
                Self::new(Code::InvalidParameter, format!("{error}: {told}"))
                    .with_errors(vec![fault])
            }
            recall::Error::EmptyScope { .. } => Self::new(Code::EmptyScope, error.to_string()),
            recall::Error::NothingDiffers { .. } => {
                Self::new(Code::NothingDiffers, error.to_string())
            }
            recall::Error::Overtaken { .. } => Self::new(Code::Conflict, error.to_string()),
            recall::Error::NothingProposed { .. } => {
                Self::new(Code::IllegalMove, error.to_string())
            }
            recall::Error::NoCredential { ref field, .. } => {
                Self::at(Code::NotFound, field, error.to_string())
            }
            recall::Error::NoRecall(_)
            | recall::Error::NoVersion { .. }
            | recall::Error::NoOrganisation(_) => Self::new(Code::NotFound, error.to_string()),
            recall::Error::NotConductor { .. }
            | recall::Error::NotOwn { .. }
            | recall::Error::NoTask { .. } => Self::new(Code::Forbidden, error.to_string()),
            recall::Error::Illegal(illegal) => Self::new(Code::IllegalMove, illegal.to_string()),
            recall::Error::Order { .. }
            | recall::Error::Misfit { .. }
            | recall::Error::Unwritable(_) => {
                Self::new(Code::Internal, error.to_string()).because(error)
            }
        }
    }
}

impl From<webhooks::Error> for Problem {
    fn from(error: webhooks::Error) -> Self {
        use webhooks::Error;
        let code = match error {
            Error::Db(error) => return error.into(),
            Error::Misaddressed(_) => return Self::of_field("url", &error),
            Error::NoKind(_) => return Self::of_field("kinds", &error),
            Error::NoState(_) => return Self::of_field("state", &error),
            Error::Overlap(_) => return Self::of_field("overlap_hours", &error),
            Error::NoOneNamed => Code::InvalidParameter,
            Error::TooMany { .. } => Code::Conflict,
            Error::NoOrganisation(_) | Error::NoWebhook(_) | Error::NoDelivery { .. } => {
                Code::NotFound
            }
            Error::Sealing(_) | Error::Randomness(_) => {
                return Self::new(Code::Internal, error.to_string()).because(error);
            }
        };
        Self::new(code, error.to_string())
    }
}

impl From<super::Error> for Problem {
    fn from(error: super::Error) -> Self {
        match error {
            super::Error::Db(error) => error.into(),
            super::Error::Ledger(error) => error.into(),
            super::Error::Configuration { .. }
            | super::Error::NoKeyFile { .. }
            | super::Error::KeyFile { .. } => Self::new(Code::Configuration, error.to_string()),
        }
    }
}

impl From<codes::qr::QrError> for Problem {
    fn from(error: codes::qr::QrError) -> Self {
        use codes::qr::QrError;
        match error {
            QrError::TooLong { .. } => Self::new(Code::InvalidParameter, error.to_string()),
            QrError::Encode(_) | QrError::Scale(_) | QrError::Png(_) => {
                Self::new(Code::Internal, "the symbol cannot be drawn").because(error)
            }
        }
    }
}
