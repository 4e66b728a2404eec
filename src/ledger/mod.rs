//! The ledger: one hash-linked log a shard.

mod position;

pub use position::Position;
