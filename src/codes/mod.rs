//! Codes: how identifiers are computed, issued and addressed.

mod address;
mod members;
pub mod pack;

pub use address::{Address, BLOCK_SIZE, Block, BlockKind};
pub use members::MemberSet;
