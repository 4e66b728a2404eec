//! Whole tables from one database into another of the same kind and schema, as fast as the server takes finished
//! rows: what a benchmark compares recording with.

use std::cell::{Cell, RefCell};
use std::io::{BufRead, Write};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::pg::CopyFormat;
use diesel::prelude::*;

use super::{Conn, DatabaseUrl, Error, schema};

/// Copies tables one after the other and tells how long the other database took to write them.
macro_rules! tables {
    ($($table:ident),+ $(,)?) => {
        /// The tables that recording events writes, in the order in which they are copied.
        pub const RECORDED: &[&str] = &[$(stringify!($table)),+];

        fn by_copy(from: &DatabaseUrl, to: &mut PgConnection) -> Result<Duration, Error> {
            let mut time = Duration::ZERO;
            $({
                // One for each table: a connection that was read from by COPY takes no other command.
                let Conn::Postgres(mut from) = Conn::open(from)? else {
                    return Err(other_kind());
                };
                let rows = diesel::copy_to(schema::$table::table)
                    .with_format(CopyFormat::Binary)
                    .load_raw(&mut from)?;
                let (rows, reading) = (RefCell::new(rows), Cell::new(Duration::ZERO));
                let started = Instant::now();
                diesel::copy_from(schema::$table::table)
                    .from_raw_data(schema::$table::table, |sink: &mut dyn Write| {
                        pass(&mut *rows.borrow_mut(), sink, &reading)
                    })
                    .with_format(CopyFormat::Binary)
                    .execute(&mut *to)?;
                time += started.elapsed().saturating_sub(reading.get());
            })+
            Ok(time)
        }
    };
}

tables!(
    ledger_shards,
    ledger_heads,
    ledger_entries,
    ledger_payloads,
    event_ids,
    event_echoes,
    verdicts,
    blocks,
    units,
    events,
    trace_log,
    lot_moves,
    lot_units,
    voids,
    place_blocks,
    dead_letters,
);

/// Hands on what is read; the time of reading is counted by itself.
fn pass(
    rows: &mut impl BufRead,
    sink: &mut dyn Write,
    reading: &Cell<Duration>,
) -> Result<(), diesel::result::Error> {
    let failed = |error: std::io::Error| diesel::result::Error::SerializationError(error.into());
    loop {
        let started = Instant::now();
        let chunk = rows.fill_buf().map_err(failed)?;
        reading.set(reading.get() + started.elapsed());
        if chunk.is_empty() {
            return Ok(());
        }
        sink.write_all(chunk).map_err(failed)?;
        let read = chunk.len();
        rows.consume(read);
    }
}

/// Copies the tables that recording events writes from one database into another, where they are emptied before, in
/// one transaction. Gives how long the other took to write: on PostgreSQL binary COPY without the reading, on SQLite
/// `INSERT … SELECT` from the attached file, with it.
pub fn recorded(from: &DatabaseUrl, to: &mut Conn) -> Result<Duration, Error> {
    let empty: String = RECORDED
        .iter()
        .map(|table| format!("DELETE FROM {table};"))
        .collect();
    to.batch_execute(&empty)?;
    match (to, from) {
        (Conn::Postgres(to), _) => to.transaction(|to| by_copy(from, to)),
        (Conn::Sqlite(to), DatabaseUrl::Sqlite(path)) => {
            let path = path.display().to_string().replace('\'', "''");
            to.batch_execute(&format!("ATTACH '{path}' AS made"))?;
            let statements: String = RECORDED
                .iter()
                .map(|table| format!("INSERT INTO main.{table} SELECT * FROM made.{table};"))
                .collect();
            let started = Instant::now();
            to.batch_execute(&format!("BEGIN IMMEDIATE; {statements} COMMIT;"))?;
            let time = started.elapsed();
            to.batch_execute("DETACH made")?;
            Ok(time)
        }
        (Conn::Sqlite(_), DatabaseUrl::Postgres(_)) => Err(other_kind()),
    }
}

fn other_kind() -> Error {
    let what = "the other database is of another kind";
    Error::Query(diesel::result::Error::QueryBuilderError(what.into()))
}
