//! A database that is away: waited for, and told about without flooding the log.

use std::time::{Duration, Instant};

use crate::app::Ingesting;
use crate::db;

/// First and longest wait before a database that failed is tried again.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));
/// How often a failure that lasts is told again.
const TELL_AGAIN: Duration = Duration::from_secs(30);
/// How often a waiting writer looks whether it shall stop.
const LOOK: Duration = Duration::from_millis(20);

/// A failure that lasts: told at its beginning, at intervals, and at its end.
#[derive(Debug)]
pub(super) struct Trouble<'a> {
    ingesting: &'a Ingesting,
    tries: u32,
    told: Option<Instant>,
}

impl<'a> Trouble<'a> {
    /// None so far.
    pub(super) const fn new(ingesting: &'a Ingesting) -> Self {
        Self {
            ingesting,
            tries: 0,
            told: None,
        }
    }

    pub(super) fn tell(&mut self, error: &db::Error) {
        self.ingesting.database_is_away(true);
        if self.told.is_none_or(|told| TELL_AGAIN <= told.elapsed()) {
            tracing::warn!(
                error = chain(error),
                "the database failed: holding everything, going on when it is back"
            );
            self.told = Some(Instant::now());
        }
    }

    pub(super) fn is_over(&mut self) {
        if self.told.take().is_some() {
            self.ingesting.database_is_away(false);
            tracing::info!("the database is back");
        }
        self.tries = 0;
    }

    /// Waits, longer each time, while it makes sense.
    pub(super) fn wait(&mut self, goes_on: impl Fn() -> bool) {
        let (first, longest) = BACK_OFF;
        let wait = (first * 2_u32.saturating_pow(self.tries.min(16))).min(longest);
        self.tries += 1;
        let until = Instant::now() + wait;
        while Instant::now() < until && goes_on() {
            std::thread::sleep(LOOK);
        }
    }
}

impl Drop for Trouble<'_> {
    /// Whoever gave up waits for the database no longer.
    fn drop(&mut self) {
        if self.told.is_some() {
            self.ingesting.database_is_away(false);
        }
    }
}

/// An error and its causes in one line.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let sentence = cause.to_string();
        if !text.ends_with(&sentence) {
            text = format!("{text}: {sentence}");
        }
        next = cause.source();
    }
    text
}
