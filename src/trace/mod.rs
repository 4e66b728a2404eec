//! The trace index and what is asked of it.

pub mod evaluate;
pub mod log;
pub mod project;
mod record;
mod source;
pub mod store;

pub use record::{Flow, LotMove, LotRole, Op, Record};
pub use source::{EventKey, MemorySource, Source};
pub use store::{record, void};
