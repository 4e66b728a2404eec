//! The trace index.

mod given;
mod rebuilds;
mod refuses;
mod sources;
mod stores;
