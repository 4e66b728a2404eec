//! The trace index and what is asked of it.

pub mod evaluate;
pub mod log;
pub mod project;
mod record;
mod source;

pub use record::{Flow, LotMove, LotRole, Op, Record};
pub use source::{EventKey, MemorySource, Source};
/// shim
pub fn record(_: &mut crate::db::Conn, _: &[crate::events::Entry]) -> Result<(), crate::db::Error> {
    Ok(())
}
/// shim
pub fn void(
    _: &mut crate::db::Conn,
    _: &[((i32, i64), (i32, i64))],
) -> Result<(), crate::db::Error> {
    Ok(())
}
