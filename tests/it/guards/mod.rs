//! What a review would forget: tests of the source itself and of the two schemas.

mod migrations;
mod schema;
mod source;
mod sql;
mod tidy;
