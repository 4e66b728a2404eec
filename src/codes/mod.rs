//! Codes: how identifiers are computed, issued and addressed.
//!
//! [`issue()`] makes a batch — one order, one row — and [`write_csv`] writes its codes out, as often as
//! somebody wants them; [`verify_serial`] tells whether a code was issued.
//!
//! A computed serial is batch and index in the producer's own writing: [`SerialBook`] issues and opens it
//! under a key of [`MasterKey`], [`PublicUrl`] makes the link that is printed, [`qr`] the symbol. An
//! [`Address`] is where any identifier lives: [`Derived`] says where without a look-up, [`BaseRow`] writes
//! it out again.

mod address;
mod aliases;
mod base;
pub mod base32;
mod batch;
pub mod cipher;
mod code_list;
mod computed;
mod derive;
mod dictionary;
mod error;
mod few;
mod issue;
mod keys;
mod link;
mod members;
pub mod pack;
mod project;
pub mod qr;
mod range;
mod serial;
mod span;
mod speller;
mod store;
mod store_batches;
mod store_check;

pub use address::{Address, BLOCK_SIZE, Block, BlockKind};
pub use aliases::import_aliases;
pub use base::{BaseError, BaseRow, Spelled, spell};
pub use batch::{Batch, Request};
pub use code_list::{Written, write_csv};
pub use computed::ComputedBlock;
pub use derive::Derived;
pub use dictionary::Dictionary;
pub use error::Error;
pub use issue::{SerialVerdict, batch_of_item, issue, tenant, verify_serial};
pub use keys::{KEY_BYTES, KeyEpoch, MasterKey, PinKey, SerialKey};
pub use link::{PublicUrl, PublicUrlError};
pub use members::MemberSet;
pub use project::{ORDERS, apply};
pub use range::{RangeFault, range};
pub use serial::{
    BATCHES, ComputedSerial, INDEXES, ItemNumber, ItemNumberError, SERIAL_LENGTH, SerialBook,
    fold_typed,
};
pub use span::Members;
pub use speller::{BlockSpeller, Speller};
pub use store::UnitRow;
pub use store::blocks_of_class;
pub use store_batches::{batch, batch_numbered, batches_of_lot, batches_of_product, clear};
pub use store_check::{bad_units, copy_units, is_consistent_row};
