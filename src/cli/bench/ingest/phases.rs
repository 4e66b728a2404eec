//! Where the time of ingesting goes: told by the points that a batch comes to, on the thread that writes.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::ingest::Point;

/// What the writer did, and when.
#[derive(Debug, Default)]
pub(super) struct Phases(Mutex<State>);

#[derive(Debug, Default, Clone)]
pub(super) struct State {
    /// When its first batch was taken, and when its last one was committed.
    pub(super) first: Option<Instant>,
    pub(super) last: Option<Instant>,
    since: Option<Instant>,
    pub(super) batches: u64,
    /// Waiting for records.
    pub(super) waiting: Duration,
    /// Reading and hashing them.
    pub(super) reading: Duration,
    /// Statements.
    pub(super) statements: Duration,
    /// Commits.
    pub(super) commits: Duration,
}

impl Phases {
    /// A batch has come to a point.
    pub(super) fn meet(&self, point: Point) {
        let now = Instant::now();
        let mut state = self.0.lock();
        let passed = state.since.map_or(Duration::ZERO, |since| now - since);
        match point {
            Point::Taken => {
                state.first.get_or_insert(now);
                state.waiting += passed;
            }
            Point::Open => state.reading += passed,
            Point::Inserted => state.statements += passed,
            Point::Committed => {
                state.commits += passed;
                state.batches += 1;
                state.last = Some(now);
            }
        }
        state.since = Some(now);
    }

    pub(super) fn state(&self) -> State {
        self.0.lock().clone()
    }
}
