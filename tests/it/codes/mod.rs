//! Codes: batches issued, verified, written and drawn.

mod draws;
mod given;
mod issues;
mod refuses;
mod writes;
