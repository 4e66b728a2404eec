//! Positions: how much of each shard counts.

use std::collections::BTreeMap;

/// A ledger position: for each shard (by its local number) how many leaves of it are visible.
/// A shard that is not named counts as empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Position(pub BTreeMap<i32, i64>);

impl Position {
    /// Whether the leaf `seq` of `shard` lies before the position.
    pub fn sees(&self, shard: i32, seq: i64) -> bool {
        self.0.get(&shard).is_some_and(|size| seq < *size)
    }
}
