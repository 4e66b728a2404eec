//! What tables take on disk, and how many rows they have.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::app::Problem;
use crate::db::catalog::TABLES;
use crate::db::{self, Conn};

/// The tables that make up the trace index: what is compared with rows of items.
const INDEX: [&str; 6] = [
    "trace_log",
    "lot_moves",
    "voids",
    "place_blocks",
    "blocks",
    "units",
];

/// Whether a table belongs to the trace index.
pub(super) fn is_index(table: &str) -> bool {
    INDEX.contains(&table)
}

/// Whether a table belongs to the rows of items.
pub(super) fn is_baseline(table: &str) -> bool {
    table.starts_with("bench_")
}

/// Whether a table is ours and none of the trace index.
pub(super) fn is_record(table: &str) -> bool {
    let is_ours = TABLES.iter().any(|(name, _)| *name == table);
    is_ours && !is_index(table)
}

/// A table's size.
#[derive(Debug, QueryableByName)]
pub(super) struct TableSize {
    /// Its name.
    #[diesel(sql_type = Text)]
    pub(super) name: String,
    /// With indexes and everything that belongs to it.
    #[diesel(sql_type = BigInt)]
    pub(super) bytes: i64,
    /// Its indexes alone.
    #[diesel(sql_type = BigInt)]
    pub(super) index_bytes: i64,
}

/// Several tables together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Total {
    pub(super) rows: u64,
    pub(super) bytes: u64,
    pub(super) index_bytes: u64,
}

/// All tables of the database.
pub(super) fn tables(conn: &mut Conn) -> Result<Vec<TableSize>, Problem> {
    let query = if conn.is_sqlite() {
        include_str!("sizes.sqlite.sql")
    } else {
        include_str!("sizes.pg.sql")
    };
    Ok(diesel::sql_query(query)
        .load(conn)
        .map_err(db::Error::from)?)
}

/// The sum over some tables.
pub(super) fn total(
    conn: &mut Conn,
    sizes: &[TableSize],
    counts: impl Fn(&str) -> bool,
) -> Result<Total, Problem> {
    let mut total = Total::default();
    for size in sizes.iter().filter(|size| counts(&size.name)) {
        total.rows += rows(conn, &size.name)?;
        total.bytes += u64::try_from(size.bytes).unwrap_or_default();
        total.index_bytes += u64::try_from(size.index_bytes).unwrap_or_default();
    }
    Ok(total)
}

/// The bytes of all block logs as they are packed.
pub(super) fn packed(conn: &mut Conn) -> Result<u64, Problem> {
    #[derive(QueryableByName)]
    struct Sum {
        #[diesel(sql_type = BigInt)]
        bytes: i64,
    }
    let sum: Sum = diesel::sql_query(
        "SELECT CAST(coalesce(sum(length(data)), 0) AS BIGINT) AS bytes FROM trace_log",
    )
    .get_result(conn)
    .map_err(db::Error::from)?;
    Ok(sum.bytes.unsigned_abs())
}

/// How many rows a table has.
fn rows(conn: &mut Conn, table: &str) -> Result<u64, Problem> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        rows: i64,
    }
    let count: Count = diesel::sql_query(format!("SELECT count(*) AS rows FROM {table}"))
        .get_result(conn)
        .map_err(db::Error::from)?;
    Ok(u64::try_from(count.rows).unwrap_or_default())
}
