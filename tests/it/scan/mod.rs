//! What somebody who scans a code is told.

pub(crate) mod given;
mod refuses;
mod shows_pages;
mod tells_verdicts;
