//! Events as they stand in the ledger: who came first with an id, the verdict on every event leaf, the
//! header columns, and the participants of each. The bytes stay in the ledger's payloads.

mod entry;
mod parts;
mod store;

pub use entry::{Action, Entry, EventType, Part, Quantity, Role, What};
pub use parts::{pack, unpack};
pub use store::{
    Claim, Echo, IdKey, Side, Verdict, VerdictRow, at_places, by_keys, claim, claims, clear,
    echoes, insert, insert_echoes, insert_verdicts, processes_at, range, verdicts_of, work_beside,
};
