//! Codes: how identifiers are computed, issued and addressed.
//!
//! A computed serial is batch and index in the producer's own writing: [`SerialBook`] issues and opens it
//! under a key of [`MasterKey`], [`PublicUrl`] makes the link that is printed, [`qr`] the symbol. An
//! [`Address`] is where any identifier lives: [`Derived`] says where without a look-up, [`BaseRow`] writes
//! it out again.

mod address;
mod base;
pub mod base32;
pub mod cipher;
mod check;
mod computed;
mod derive;
mod dictionary;
mod keys;
mod link;
mod members;
pub mod pack;
pub mod qr;
mod serial;
mod span;
mod store;

pub use address::{Address, BLOCK_SIZE, Block, BlockKind};
pub use base::{BaseError, BaseRow, Spelled, spell};
pub use check::{bad_units, copy_units, is_consistent_row};
pub use computed::ComputedBlock;
pub use derive::Derived;
pub use dictionary::Dictionary;
pub use keys::{KEY_BYTES, KeyEpoch, MasterKey, PinKey, SerialKey};
pub use link::{PublicUrl, PublicUrlError};
pub use members::MemberSet;
pub use serial::{
    BATCHES, ComputedSerial, INDEXES, ItemNumber, ItemNumberError, SERIAL_LENGTH, SerialBook,
    fold_typed,
};
pub use span::Members;
pub use store::UnitRow;
