//! (being written)
pub mod json;
mod time;
pub use time::{NotATime, Timestamp};
