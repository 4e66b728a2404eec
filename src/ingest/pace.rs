//! Pace: how many records a batch has, so that the embedded database's one writer is free again soon.

use std::time::Duration;

use super::batch::RECORDS_MAX;

/// Longest transaction that others shall wait for.
const WRITE_MAX: Duration = Duration::from_millis(200);
/// Records of a batch at least.
const RECORDS_MIN: usize = 100;

/// The size of the next batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pace {
    records: usize,
    adapts: bool,
}

impl Pace {
    /// Full batches; with `adapts`, as many records as are written in time.
    pub(super) const fn new(adapts: bool) -> Self {
        Self {
            records: RECORDS_MAX,
            adapts,
        }
    }

    /// Records of a batch at most.
    pub(super) const fn records(self) -> usize {
        self.records
    }

    /// A batch of this many records took this long.
    pub(super) fn saw(&mut self, records: usize, took: Duration) {
        if !self.adapts {
            return;
        }
        if WRITE_MAX < took {
            self.records = (records.min(self.records) / 2).max(RECORDS_MIN);
        } else if took < WRITE_MAX / 2 && self.records <= records {
            self.records = (self.records * 3 / 2).min(RECORDS_MAX);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Pace, RECORDS_MIN};
    use crate::ingest::batch::RECORDS_MAX;
    use std::time::Duration;

    const SLOW: Duration = Duration::from_millis(300);
    const QUICK: Duration = Duration::from_millis(50);

    #[test]
    fn batches_shrink_when_they_hold_others_up_and_grow_back() {
        let mut pace = Pace::new(true);
        pace.saw(RECORDS_MAX, SLOW);
        assert_eq!(pace.records(), RECORDS_MAX / 2);

        for _ in 0..20 {
            pace.saw(pace.records(), SLOW);
        }
        assert_eq!(pace.records(), RECORDS_MIN);

        for _ in 0..20 {
            pace.saw(pace.records(), QUICK);
        }
        assert_eq!(pace.records(), RECORDS_MAX);
    }

    #[test]
    fn a_small_batch_that_was_quick_says_nothing_about_large_ones() {
        let mut pace = Pace::new(true);
        pace.saw(RECORDS_MAX, SLOW);

        pace.saw(3, QUICK);

        assert_eq!(pace.records(), RECORDS_MAX / 2);
    }

    #[test]
    fn a_server_with_many_writers_gets_full_batches() {
        let mut pace = Pace::new(false);

        pace.saw(RECORDS_MAX, SLOW);

        assert_eq!(pace.records(), RECORDS_MAX);
    }
}
