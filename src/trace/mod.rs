//! The trace index and what is asked of it.

pub mod log;
mod record;

pub use record::{Flow, LotMove, LotRole, Op, Record};
