//! `suyuan ingest` against a real Kafka.

mod broker;
mod frames;
mod given;
mod holds;
mod records;
mod refuses;
mod shares;
mod signed;
mod survives_kills;
mod survives_loss;
mod tells;
