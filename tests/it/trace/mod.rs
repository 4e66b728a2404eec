//! The trace index.

mod audits;
mod given;
mod rebuilds;
mod refuses;
mod sources;
mod stores;
