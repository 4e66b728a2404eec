//! Why a question about the past has no answer.

use std::fmt;

use crate::{db, gs1, ledger};

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] ledger::Error),
    /// The text is no identifier.
    #[error("{text:?} is not understood as an identifier")]
    Identifier {
        /// The text.
        text: String,
        /// Why not.
        #[source]
        fault: Box<gs1::Fault>,
    },
    /// The text is no place.
    #[error("{text:?} is no place: a GLN of 13 digits, (414)… or a URI is one")]
    NoPlace {
        /// The text.
        text: String,
        /// Why not.
        #[source]
        fault: Box<gs1::Fault>,
    },
    /// No event before the position names it.
    #[error("no event names {understood}{}", typed(text, understood))]
    NeverSeen {
        /// The text.
        text: String,
        /// The canonical identifier.
        understood: String,
    },
    /// No event before a position that was asked for names it; a later one may.
    #[error("no event names {understood}{until}{}", typed(text, understood))]
    NeverSeenUntil {
        /// The text.
        text: String,
        /// The canonical identifier.
        understood: String,
        /// The position.
        until: Until,
    },
    /// No event before the position names the place, and it is not registered either.
    #[error(
        "no event names {understood}, and it is no registered place{}",
        typed(text, understood)
    )]
    UnknownPlace {
        /// The text.
        text: String,
        /// The canonical identifier.
        understood: String,
    },
    /// The identifier names something of another kind.
    #[error("{text:?} is no {wanted}: it was understood as {understood}")]
    OtherKind {
        /// The text.
        text: String,
        /// What was wanted.
        wanted: &'static str,
        /// The canonical identifier.
        understood: String,
    },
    /// The identifier names a product, and what is asked is told of a lot or a single thing.
    #[error(
        "{text:?} is a product: it was understood as {understood}; ask about a lot of it, \
         (01)…(10)…, or a single item, (01)…(21)…; `trace forward` lists those there are"
    )]
    Product {
        /// The text.
        text: String,
        /// The canonical identifier.
        understood: String,
    },
    /// A window that ends before it starts.
    #[error("the window ends ({until}) before it starts ({from})")]
    Window {
        /// Its start.
        from: String,
        /// Its end.
        until: String,
    },
    /// Too few or too many things to have something in common.
    #[error("different things named: {given}; from 2 to {most} can have something in common")]
    Common {
        /// How many were named.
        given: usize,
        /// How many may be.
        most: usize,
    },
    /// A position that cannot be used.
    #[error("position: {0}")]
    Position(String),
    /// A picture of more than can be drawn.
    #[error(
        "a picture of {count} {what} cannot be drawn, {most} can: ask about less, or let nodes become one"
    )]
    PictureTooLarge {
        /// Of what there are too many.
        what: &'static str,
        /// How many.
        count: usize,
        /// How many there may be.
        most: usize,
    },
}

/// Until when an answer looks, in the words of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// Everything recorded so far.
    Now,
    /// A position that was asked for.
    Position,
    /// The position of a version of a recall's scope.
    Version(i32),
}

impl fmt::Display for Until {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Now => Ok(()),
            Self::Position => f.write_str(" at the position asked for"),
            Self::Version(version) => write!(f, " at the position of version {version}"),
        }
    }
}

impl Error {
    /// The text that names what is wrong or was not found.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Identifier { text, .. }
            | Self::NoPlace { text, .. }
            | Self::NeverSeen { text, .. }
            | Self::NeverSeenUntil { text, .. }
            | Self::UnknownPlace { text, .. }
            | Self::OtherKind { text, .. }
            | Self::Product { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The same, told of what somebody typed.
    #[must_use]
    pub fn of(mut self, typed: String) -> Self {
        if let Self::Identifier { text, .. }
        | Self::NoPlace { text, .. }
        | Self::NeverSeen { text, .. }
        | Self::NeverSeenUntil { text, .. }
        | Self::UnknownPlace { text, .. }
        | Self::OtherKind { text, .. }
        | Self::Product { text, .. } = &mut self
        {
            *text = typed;
        }
        self
    }

    /// The same, of an answer that looks until then: what was never seen there may have been seen since.
    #[must_use]
    pub fn until(self, until: Until) -> Self {
        match self {
            Self::NeverSeen { text, understood } if until != Until::Now => Self::NeverSeenUntil {
                text,
                understood,
                until,
            },
            other => other,
        }
    }
}

/// What was typed, where it is not what it was understood as.
fn typed(text: &str, understood: &str) -> String {
    if text == understood {
        String::new()
    } else {
        format!(", as {text:?} was understood")
    }
}
