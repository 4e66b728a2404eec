//! Writes that stand still: PostgreSQL ends them, since others may wait for what they have locked. Those for whose
//! end others always wait, as captures do at the head of a shard, have little time; any other has more.
//!
//! A process that was stopped, or whose machine is gone, keeps what its transaction has locked. Between two
//! statements PostgreSQL notices by itself, and it ends a statement that takes too long. In the middle of one, while it
//! waits for rows to come (COPY) or for an answer to be taken, it does neither: then whoever waited in vain
//! ends the other's connection. SQLite has one process that writes.

use std::time::{Duration, Instant};

use diesel::prelude::*;

use super::{Conn, Error};

/// How long any write may do nothing between two statements.
const IDLE: Duration = Duration::from_mins(5);
/// How long one for which others wait may do nothing between two statements, or wait for its process in one.
const STILL: Duration = Duration::from_secs(20);
/// How long a statement of such a one may take, waiting for other transactions included.
const STATEMENT: Duration = Duration::from_mins(1);
/// What its connection is called meanwhile.
const NAME: &str = "suyuan in turn";

/// Begins a write that is ended when its process does nothing for so long: it was stopped, or its machine is gone.
pub(super) fn begin(conn: &mut PgConnection) -> QueryResult<()> {
    let begin = format!(
        "BEGIN; SET LOCAL idle_in_transaction_session_timeout = '{}s'",
        IDLE.as_secs(),
    );
    <PgConnection as Connection>::TransactionManager::begin_transaction_sql(conn, &begin)
}

/// Begins a write for whose end others wait.
pub(super) fn begin_in_turn(conn: &mut PgConnection) -> QueryResult<()> {
    let begin = format!(
        "BEGIN; SET LOCAL application_name = '{NAME}'; \
         SET LOCAL idle_in_transaction_session_timeout = '{}s'; \
         SET LOCAL statement_timeout = '{}s'",
        STILL.as_secs(),
        STATEMENT.as_secs(),
    );
    <PgConnection as Connection>::TransactionManager::begin_transaction_sql(conn, &begin)
}

/// Whether a write that failed may have waited for one that stands still.
pub(super) fn has_waited(began: Instant) -> bool {
    STATEMENT <= began.elapsed()
}

/// Ends those that stand still in the middle of a statement.
pub(super) fn end_those_that_stand(conn: &mut Conn) -> Result<(), Error> {
    let end = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND usename = current_user AND application_name = '{NAME}' \
         AND wait_event_type = 'Client' AND query_start < clock_timestamp() - interval '{}s'",
        STILL.as_secs(),
    );
    let ended = diesel::sql_query(end).execute(conn)?;
    if ended != 0 {
        tracing::warn!(ended, "transactions that stood still were ended");
    }
    Ok(())
}
