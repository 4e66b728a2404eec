//! Codes: batches issued, verified, written and drawn.

mod draws;
mod given;
mod interns;
mod issues;
mod refuses;
mod writes;

pub(crate) use writes::dairy_at_work;
