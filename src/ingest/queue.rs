//! The bounded queue from the thread that polls to the thread that writes.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use super::batch::{Arrived, BYTES_MAX, RECORDS_MAX};
use super::lease::Lease;

/// Records queued or being written at most; polling pauses beyond.
const QUEUE_RECORDS: usize = 10 * RECORDS_MAX;
/// Bytes queued or being written at most; polling pauses beyond. With what librdkafka prefetches (32 MiB)
/// and what a batch is in memory, an ingesting process stays below 256 MiB.
const QUEUE_BYTES: usize = 8 * BYTES_MAX;
/// How long the first record of a batch waits for company.
const LINGER: Duration = Duration::from_millis(50);

/// Work for the thread that writes.
#[derive(Debug)]
pub(super) enum Work {
    /// Take over a partition's shard, or open a new one when the topic was made anew.
    Claim(Lease, Shard),
    /// Write these, in this order.
    Records(Vec<(Lease, Arrived)>),
}

/// Which shard of a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shard {
    /// The one that is there, or the first.
    Latest,
    /// A new one after it.
    New,
}

/// Claims and records in order.
#[derive(Debug, Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    orders: VecDeque<Order>,
    claims: usize,
    queued_bytes: usize,
    /// Queued or being written.
    records: usize,
    bytes: usize,
    busy: bool,
    closed: bool,
}

#[derive(Debug)]
enum Order {
    Claim(Lease, Shard),
    Record(Lease, Arrived),
}

impl State {
    fn is_full(&self) -> bool {
        QUEUE_RECORDS <= self.records || QUEUE_BYTES <= self.bytes
    }

    fn is_ripe(&self) -> bool {
        self.closed
            || 0 < self.claims
            || RECORDS_MAX <= self.orders.len()
            || BYTES_MAX <= self.queued_bytes
    }
}

impl Queue {
    /// Asks for a claim.
    pub(super) fn claim(&self, lease: Lease, shard: Shard) {
        let mut state = self.state.lock();
        state.claims += 1;
        state.orders.push_back(Order::Claim(lease, shard));
        self.changed.notify_all();
    }

    /// Hands a record over, whether there is room or not.
    pub(super) fn record(&self, lease: Lease, arrived: Arrived) {
        let mut state = self.state.lock();
        let weight = arrived.weight();
        state.records += 1;
        state.bytes += weight;
        state.queued_bytes += weight;
        state.orders.push_back(Order::Record(lease, arrived));
        self.changed.notify_all();
    }

    /// Waits at most this long for room.
    pub(super) fn has_room(&self, patience: Duration) -> bool {
        let give_up = Instant::now() + patience;
        let mut state = self.state.lock();
        while state.is_full() && !self.changed.wait_until(&mut state, give_up).timed_out() {}
        !state.is_full()
    }

    /// Whether at least half of the room is free.
    pub(super) fn is_half_empty(&self) -> bool {
        let state = self.state.lock();
        state.records <= QUEUE_RECORDS / 2 && state.bytes <= QUEUE_BYTES / 2
    }

    /// Whether nothing is queued and nothing is being written.
    pub(super) fn is_idle(&self) -> bool {
        let state = self.state.lock();
        state.orders.is_empty() && !state.busy
    }

    /// Waits for work; `None` when the queue is closed. What was taken before is done.
    pub(super) fn take(&self) -> Option<Work> {
        let mut state = self.state.lock();
        state.busy = false;
        while state.orders.is_empty() && !state.closed {
            self.changed.wait(&mut state);
        }
        let give_up = Instant::now() + LINGER;
        while !state.is_ripe() && !self.changed.wait_until(&mut state, give_up).timed_out() {}
        if state.closed {
            return None;
        }
        state.busy = true;
        let mut records = Vec::new();
        while let Some(order) = state.orders.pop_front() {
            match order {
                Order::Record(lease, arrived) => {
                    state.queued_bytes -= arrived.weight();
                    records.push((lease, arrived));
                }
                Order::Claim(lease, shard) if records.is_empty() => {
                    state.claims -= 1;
                    return Some(Work::Claim(lease, shard));
                }
                claim @ Order::Claim(..) => {
                    state.orders.push_front(claim);
                    break;
                }
            }
        }
        Some(Work::Records(records))
    }

    /// Records of this weight are written or dropped: their room is free.
    pub(super) fn free(&self, records: usize, bytes: usize) {
        let mut state = self.state.lock();
        state.records -= records;
        state.bytes -= bytes;
        self.changed.notify_all();
    }

    /// Nothing more is handed out.
    pub(super) fn close(&self) {
        self.state.lock().closed = true;
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::batch::Arrived;
    use super::super::lease::Leases;
    use super::{QUEUE_RECORDS, Queue, Shard, Work};
    use crate::epcis::Timestamp;

    fn record(offset: i64) -> Arrived {
        Arrived {
            offset,
            record_time: Timestamp::from_micros(0),
            value: None,
            signature: None,
        }
    }

    #[test]
    fn work_comes_in_order_and_a_claim_parts_the_records_around_it() {
        let (queue, leases) = (Queue::default(), Leases::default());
        let (a, b) = (leases.begin(0), leases.begin(1));
        queue.record(a, record(0));
        queue.record(a, record(1));
        queue.claim(b, Shard::Latest);
        queue.record(b, record(7));

        let Some(Work::Records(first)) = queue.take() else {
            panic!("records come first")
        };
        assert_eq!(first, [(a, record(0)), (a, record(1))]);
        assert!(matches!(queue.take(), Some(Work::Claim(lease, Shard::Latest)) if lease == b));
        assert!(matches!(queue.take(), Some(Work::Records(last)) if last == [(b, record(7))]));
    }

    #[test]
    fn room_is_free_again_when_records_are_written_not_when_they_are_taken() {
        let (queue, leases) = (Queue::default(), Leases::default());
        let lease = leases.begin(0);
        for offset in 0..i64::try_from(QUEUE_RECORDS).unwrap() {
            assert!(queue.has_room(Duration::ZERO));
            queue.record(lease, record(offset));
        }
        assert!(!queue.has_room(Duration::ZERO));

        let Some(Work::Records(taken)) = queue.take() else {
            panic!("no records")
        };
        assert!(!queue.has_room(Duration::ZERO) && !queue.is_idle());

        let bytes = taken.iter().map(|(_, arrived)| arrived.weight()).sum();
        queue.free(taken.len(), bytes);
        assert!(queue.has_room(Duration::ZERO) && queue.is_half_empty());
    }

    #[test]
    fn a_closed_queue_hands_nothing_out() {
        let (queue, leases) = (Queue::default(), Leases::default());
        queue.record(leases.begin(0), record(0));

        queue.close();

        assert!(queue.take().is_none());
    }
}
