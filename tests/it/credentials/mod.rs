//! Credentials and people in charge: recorded, read as of a time and a place in the ledger, and told of whoever did
//! something.

mod commands;
mod given;
mod imports;
mod over_http;
mod reads;
mod refuses;
mod revokes;
mod stands;
