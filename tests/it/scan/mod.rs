//! What somebody who scans a code is told.

mod given;
mod refuses;
mod shows_pages;
mod tells_verdicts;
