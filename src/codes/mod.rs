//! Codes: how identifiers are computed, issued and addressed.

mod address;
pub mod base32;
pub mod cipher;
mod keys;
mod members;
pub mod pack;
pub mod qr;
mod serial;
mod span;

pub use address::{Address, BLOCK_SIZE, Block, BlockKind};
pub use keys::{KEY_BYTES, KeyEpoch, MasterKey, PinKey, SerialKey};
pub use members::MemberSet;
pub use serial::{
    BATCHES, INDEXES, ItemNumber, ItemNumberError, SERIAL_LENGTH, Serial, SerialBook, fold_typed,
};
pub use span::Members;
