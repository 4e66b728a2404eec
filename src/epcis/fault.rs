//! Faults and warnings: what is wrong, where, under a name that stays.

use std::fmt;

use super::json::{JsonFault, push_token};

/// Something wrong at a place of a document. Also used for warnings: there the value was taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {detail} ({rule})")]
pub struct Fault {
    /// RFC 6901 pointer into the text read; empty for the whole of it.
    pub pointer: String,
    /// The rule's stable name, such as `event-time-without-zone`.
    pub rule: &'static str,
    /// A sentence for whoever sent it.
    pub detail: String,
}

impl From<JsonFault> for Fault {
    fn from(fault: JsonFault) -> Self {
        Self {
            rule: fault.rule.slug(),
            detail: format!("{} (at byte {})", fault.rule, fault.offset),
            pointer: fault.pointer,
        }
    }
}

/// A place in a value, kept on the stack: a pointer is only written when there is a fault.
#[derive(Debug, Clone, Copy)]
pub(super) enum At<'a> {
    /// Where reading began.
    Root(&'a str),
    /// A member of an object.
    Key(&'a At<'a>, &'a str),
    /// An element of an array.
    Index(&'a At<'a>, usize),
}

impl<'a> At<'a> {
    pub(super) fn key(&'a self, key: &'a str) -> At<'a> {
        At::Key(self, key)
    }

    pub(super) fn index(&'a self, index: usize) -> At<'a> {
        At::Index(self, index)
    }

    pub(super) fn pointer(&self) -> String {
        match self {
            At::Root(pointer) => (*pointer).to_owned(),
            At::Key(parent, key) => {
                let mut pointer = parent.pointer();
                push_token(&mut pointer, key);
                pointer
            }
            At::Index(parent, index) => {
                let mut pointer = parent.pointer();
                push_token(&mut pointer, &index.to_string());
                pointer
            }
        }
    }
}

/// The faults and warnings of one reading, in the order found.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) faults: Vec<Fault>,
    pub(super) warnings: Vec<Fault>,
}

impl Findings {
    pub(super) fn fault(&mut self, at: &At<'_>, rule: &'static str, detail: impl fmt::Display) {
        self.faults.push(Fault {
            pointer: at.pointer(),
            rule,
            detail: detail.to_string(),
        });
    }

    pub(super) fn warn(&mut self, at: &At<'_>, rule: &'static str, detail: impl fmt::Display) {
        self.warnings.push(Fault {
            pointer: at.pointer(),
            rule,
            detail: detail.to_string(),
        });
    }
}
