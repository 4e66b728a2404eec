//! What does not fit in the records, and how much of a lot is where when something is missing.

mod balances;
mod concerns;
mod finds;
mod given;
mod parties;
mod serves;
