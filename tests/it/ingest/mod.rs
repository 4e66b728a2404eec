//! `suyuan ingest` against a real Kafka.

mod given;
mod holds;
mod records;
mod shares;
mod survives_kills;
mod survives_loss;
