//! Every integration test, in one binary: the harness, then one module a concept in the order of `lib.rs`, then the
//! guards. They need a real PostgreSQL and a real Apache Kafka: `tests/run` starts both.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails, and says where"
)]

#[macro_use]
mod harness;

mod bench;
mod cli;
mod codes;
mod credentials;
mod db;
mod documents;
mod guards;
mod ingest;
mod ledger;
mod letters;
mod quality;
mod recall;
mod scan;
mod stories;
mod trace;
mod web;
