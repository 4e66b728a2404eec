//! What verification finds: rows that are not what they must be.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Shard;

/// A row that is not what it must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bad {
    /// The table.
    pub table: String,
    /// The shard's name, where the row belongs to one.
    pub shard: Option<String>,
    /// The leaf's seq, where the row belongs to one.
    pub seq: Option<i64>,
    /// The row's key, column by column.
    pub key: BTreeMap<String, String>,
    /// The column; `None` when the whole row is missing or must not be there.
    pub column: Option<String>,
    /// What it must be.
    pub expected: String,
    /// What it is.
    pub found: String,
}

impl Bad {
    /// A row keyed by (shard, seq).
    pub fn of_leaf(
        table: &str,
        shard: &Shard,
        seq: i64,
        column: Option<&str>,
        expected: &str,
        found: &str,
    ) -> Self {
        Self {
            seq: Some(seq),
            key: BTreeMap::from([
                ("shard".into(), shard.number.to_string()),
                ("seq".into(), seq.to_string()),
            ]),
            ..Self::of_shard(table, shard, column, expected, found)
        }
    }

    /// A row keyed by its shard.
    pub fn of_shard(
        table: &str,
        shard: &Shard,
        column: Option<&str>,
        expected: &str,
        found: &str,
    ) -> Self {
        Self {
            shard: Some(shard.name.to_string()),
            ..Self::of_row(
                table,
                [("shard".into(), shard.number.to_string())].into(),
                column,
                expected,
                found,
            )
        }
    }

    /// Any other row.
    pub fn of_row(
        table: &str,
        key: BTreeMap<String, String>,
        column: Option<&str>,
        expected: &str,
        found: &str,
    ) -> Self {
        Self {
            table: table.to_owned(),
            shard: None,
            seq: None,
            key,
            column: column.map(str::to_owned),
            expected: expected.to_owned(),
            found: found.to_owned(),
        }
    }
}
