//! The trace index.

mod compares;
mod given;
mod rebuilds;
mod refuses;
mod sources;
mod stores;
