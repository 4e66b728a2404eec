//! How much room the database takes, and giving back what it does not need.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable};

use super::{Conn, Error};

/// The room a database takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct Space {
    /// On disk, in bytes: the file of SQLite without its journal; all relations of a PostgreSQL database.
    #[diesel(sql_type = BigInt)]
    pub bytes: i64,
    /// Of it empty, as far as the database tells: the free pages of SQLite. What PostgreSQL keeps for
    /// new rows stands inside its relations and is not told.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub free: Option<i64>,
}

impl Conn {
    /// How much room the database takes now.
    pub fn space(&mut self) -> Result<Space, Error> {
        let query = if self.is_sqlite() {
            "SELECT p.page_count * s.page_size AS bytes, f.freelist_count * s.page_size AS free \
             FROM pragma_page_count p, pragma_page_size s, pragma_freelist_count f"
        } else {
            "SELECT pg_database_size(current_database()) AS bytes, CAST(NULL AS BIGINT) AS free"
        };
        Ok(diesel::sql_query(query).get_result(self)?)
    }

    /// Gives at most so many empty pages of a SQLite file back to the system; inside a write. PostgreSQL's
    /// autovacuum keeps the room of deleted rows for new ones by itself.
    pub fn give_back(&mut self, pages: u32) -> Result<(), Error> {
        if self.is_sqlite() {
            self.batch_execute(&format!("PRAGMA incremental_vacuum({pages})"))?;
        }
        Ok(())
    }
}
