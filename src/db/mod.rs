//! The only place that knows there are two databases.
//!
//! SQLite is the embedded default, PostgreSQL the server; one schema of plain types serves both
//! ([`schema`]). Everything else works on [`Conn`], reads through [`Db::read`] and writes through
//! [`Db::write`]; where the two dialects part (batch inserts, upserts), the [`either!`] macro gives the
//! concrete connection. Synchronous on purpose: a transaction is a closure.

mod conn;
mod error;
mod pool;
mod space;
mod turn;
mod url;

pub mod catalog;
pub mod copy;
pub mod migrate;
pub mod schema;

pub use conn::Conn;
pub(crate) use conn::{bulk_insert, either, insert_new};
pub use error::Error;
pub use pool::Db;
pub use space::Space;
pub use url::{BadUrl, DatabaseUrl};
