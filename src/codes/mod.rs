//! Codes: how identifiers are computed, issued and addressed.

mod address;
mod members;
mod span;

pub use address::{Address, BLOCK_SIZE, Block, BlockKind};
pub use members::MemberSet;
pub use span::Members;
