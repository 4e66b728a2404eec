//! The ledger: what is recorded stays as it was, or it shows.

mod compacts;
mod detects_tampering;
mod documented;
mod keys;
mod races;
mod rebuilds;
mod world;
