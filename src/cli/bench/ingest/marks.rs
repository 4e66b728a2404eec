//! How fast it went at the beginning and at the end, and what it took: looked at whenever another tenth of the events
//! is in.

use std::time::Instant;

use super::super::machine;

/// Between two marks there is one of so many parts at least, however much a commit brings.
const STEPS: u64 = 10;

/// When so many events were in, and how much memory the process had then.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    events: u64,
    at: Instant,
    pub(super) memory: u64,
}

#[derive(Debug)]
pub(super) struct Marks {
    size: u64,
    list: Vec<Mark>,
}

impl Marks {
    pub(super) const fn new(size: u64) -> Self {
        Self {
            size,
            list: Vec::new(),
        }
    }

    /// So many are in by now.
    pub(super) fn see(&mut self, events: u64) {
        let last = self.list.last();
        let due = last.map_or(1, |last| last.events + self.size.div_ceil(STEPS));
        if due <= events {
            self.list.push(Mark {
                events,
                at: Instant::now(),
                memory: machine::memory_now(),
            });
        }
    }

    /// Events a second between the first two marks and between the last two.
    pub(super) fn rates(&self) -> Option<(f64, f64)> {
        let [first, second, ..] = self.list.as_slice() else {
            return None;
        };
        let [.., before, last] = self.list.as_slice() else {
            return None;
        };
        Some((rate(first, second), rate(before, last)))
    }

    pub(super) fn list(&self) -> &[Mark] {
        &self.list
    }
}

fn rate(from: &Mark, to: &Mark) -> f64 {
    let events = super::super::report::as_number(to.events - from.events);
    events / (to.at - from.at).as_secs_f64().max(f64::EPSILON)
}
