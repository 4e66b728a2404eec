//! Compaction: the small rows that live writing leaves in the block logs become large ones, in small
//! transactions beside everything else, and SQLite gives back the pages that are empty then.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::{App, Problem, beside};
use crate::db::{self, Conn};
use crate::ledger;
use crate::trace::store::{self, Compacted, LogKey};

/// Logs of one transaction: a log has at most 31 rows in tier 0 and 7 in tier 1, so it takes milliseconds.
const LOGS_A_TRANSACTION: i64 = 64;

/// Pages of a SQLite file that one transaction gives back: 4 MB.
const PAGES_A_TRANSACTION: u32 = 1_024;

/// Small rows that are worth while beside other work: rows that grow would be rewritten too often.
const ROWS_WORTH_WHILE: i64 = 8;

/// How often the job looks whether it shall end.
const LOOK: Duration = Duration::from_millis(100);

/// What a compaction did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CompactReport {
    /// Logs (a block in a shard) that were rewritten.
    pub logs: u64,
    /// Rows that were taken out of them.
    pub rows_before: u64,
    /// Rows that stand in their place.
    pub rows_after: u64,
    /// The database on disk before, in bytes.
    pub bytes_before: i64,
    /// The database on disk after, in bytes.
    pub bytes_after: i64,
    /// Of it empty: free pages of SQLite. PostgreSQL keeps the room of deleted rows for new ones, and does
    /// not tell how much that is.
    pub bytes_free: Option<i64>,
}

/// Compacts every log with more than one small row. `progress` hears of logs.
pub fn compact(
    app: &App,
    stop: &AtomicBool,
    progress: &mut dyn FnMut(u64),
) -> Result<CompactReport, Problem> {
    let pace = Pace {
        rows_least: 2,
        rests: false,
    };
    run(app, &pace, stop, progress)
}

/// Does the work, and meanwhile compacts as often as `database.compact_minutes` says. A compaction that
/// fails is logged and tried again the next time.
pub fn compacting_beside<T>(app: &App, work: impl FnOnce() -> T) -> T {
    beside(|stop| keep_compact(app, stop), work)
}

fn keep_compact(app: &App, stop: &AtomicBool) {
    let minutes = app.config.database.compact_minutes;
    if minutes == 0 {
        return;
    }
    let every = Duration::from_mins(minutes.into());
    let pace = Pace {
        rows_least: ROWS_WORTH_WHILE,
        rests: true,
    };
    let mut ended = Instant::now();
    while !stop.load(Ordering::SeqCst) {
        if ended.elapsed() < every {
            std::thread::sleep(LOOK);
            continue;
        }
        match run(app, &pace, stop, &mut |_| {}) {
            Ok(report) => tracing::info!(
                logs = report.logs,
                rows_before = report.rows_before,
                rows_after = report.rows_after,
                "block logs compacted"
            ),
            Err(problem) => {
                tracing::warn!(problem = problem.chain(), "block logs were not compacted");
            }
        }
        ended = Instant::now();
    }
}

/// How eagerly to go about it.
struct Pace {
    /// Small rows a log must have.
    rows_least: i64,
    /// Whether to rest after each transaction for as long as it took.
    rests: bool,
}

fn run(
    app: &App,
    pace: &Pace,
    stop: &AtomicBool,
    progress: &mut dyn FnMut(u64),
) -> Result<CompactReport, Problem> {
    let before = app.db.read(Conn::space)?;
    let mut done = Compacted::default();
    let mut after: Option<LogKey> = None;
    while !stop.load(Ordering::SeqCst) {
        let page = app.db.read(|conn| {
            store::scattered(conn, after.as_ref(), pace.rows_least, LOGS_A_TRANSACTION)
        })?;
        let Some(last) = page.last() else {
            break;
        };
        after = Some(last.clone());
        let of_page = rested(pace, || compact_page(app, &page))?;
        progress(of_page.logs);
        done += of_page;
    }
    while !stop.load(Ordering::SeqCst) && rested(pace, || give_back(app))? {}
    let left = app.db.read(Conn::space)?;
    Ok(CompactReport {
        logs: done.logs,
        rows_before: done.rows_taken,
        rows_after: done.rows_written,
        bytes_before: before.bytes,
        bytes_after: left.bytes,
        bytes_free: left.free,
    })
}

fn rested<T>(pace: &Pace, work: impl FnOnce() -> Result<T, Problem>) -> Result<T, Problem> {
    let started = Instant::now();
    let done = work();
    if pace.rests {
        std::thread::sleep(started.elapsed());
    }
    done
}

/// A transaction for each shard of the page: a writer of the shard waits for it, as for another writer.
fn compact_page(app: &App, page: &[LogKey]) -> Result<Compacted, Problem> {
    let mut of_shards: Vec<&LogKey> = page.iter().collect();
    of_shards.sort_by_key(|log| log.shard());
    let mut done = Compacted::default();
    for logs in of_shards.chunk_by(|a, b| a.shard() == b.shard()) {
        let shard = logs[0].shard();
        done += app.db.write(|conn| {
            ledger::hold(conn, shard)?;
            Ok::<_, Problem>(store::compact(conn, shard, logs)?)
        })?;
    }
    Ok(done)
}

/// Gives back some empty pages; tells whether there were any.
fn give_back(app: &App) -> Result<bool, Problem> {
    let free = |conn: &mut Conn| Ok::<_, db::Error>(conn.space()?.free.unwrap_or_default());
    let before = app.db.read(free)?;
    if before == 0 {
        return Ok(false);
    }
    app.db.write(|conn| conn.give_back(PAGES_A_TRANSACTION))?;
    // A file that was made before pages could be given back keeps them for new rows.
    Ok(app.db.read(free)? < before)
}
