//! Events as they stand in the ledger: the header columns and the participants of each.

mod entry;

pub use entry::{Action, Entry, EventType, Part, Quantity, Role, What};
