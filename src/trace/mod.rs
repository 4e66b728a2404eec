//! The trace index and what is asked of it.

mod record;

pub use record::{Flow, LotMove, LotRole, Op, Record};
