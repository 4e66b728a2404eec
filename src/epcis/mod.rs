//! (being written)
mod time;
pub use time::{NotATime, Timestamp};
