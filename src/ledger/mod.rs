//! The ledger: one append-only, hash-linked log a shard (a Kafka partition, `http/N`, `control/0`).
//!
//! A leaf is fixed binary and public: it holds salted commitments to what was recorded and the hash of
//! the leaf before it; the bytes and salts stand beside it. Leaves are hashed as RFC 6962 Merkle leaves,
//! so the log is provable by Merkle alone. `docs/LEDGER.md` writes the format down. The ledger knows
//! nothing of what it records: callers hand in bytes, fields and a kind.

mod append;
mod bad;
mod error;
mod leaf;
pub mod merkle;
mod order;
mod packing;
mod position;
mod salt;
mod seal;
mod shard;
mod store;
mod store_payloads;
mod verify;

pub use append::{Appender, Draft, Fields, RecordDraft};
pub use bad::Bad;
pub use error::Error;
pub use leaf::{Kind, LEAF_LEN, Leaf, chain_start, chain_step, field_root, hex, raw_commit};
pub use order::{Giver, Ledger, control_size, member_fields};
pub use position::Position;
pub use salt::{Salt, SaltKeys};
pub use seal::{SealKey, Sealer};
pub use shard::{CONTROL, HTTP, Shard, ShardName};
pub use store::{
    Expect, Head, StoredEntry, check_shards, claim, entries, head, heads, hold, newest_record_time,
    open_shard, position, shard_by_name, shards,
};
pub use store_payloads::{Payload, payload, payloads};
pub use verify::{ShardReport, verify_shard};
