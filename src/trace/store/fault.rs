//! What an audit finds.

use std::fmt;

use super::log::LogRow;
use crate::codes::Block;

/// A row of the index that does not say what the events say, or is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The table.
    pub table: &'static str,
    /// The row's key, for people.
    pub key: String,
    /// The column.
    pub column: &'static str,
    /// What is wrong with it.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "table {}: {}: {}: {}",
            self.table, self.key, self.column, self.what
        )
    }
}

impl Fault {
    pub(super) fn of_log(row: &LogRow, column: &'static str, what: impl Into<String>) -> Self {
        Self {
            table: "trace_log",
            key: row.key(),
            column,
            what: what.into(),
        }
    }

    pub(super) fn of_missing_log(block: Block, shard: i32, what: impl Into<String>) -> Self {
        Self {
            table: "trace_log",
            key: format!("block {block:?} shard {shard}"),
            column: "data",
            what: what.into(),
        }
    }
}
