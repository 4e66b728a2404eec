//! The trace index.

mod compacts;
mod compares;
mod given;
mod rebuilds;
mod refuses;
mod sources;
mod stores;
