//! Leases: which partitions are ours, and since which assignment.

use std::collections::BTreeMap;

use parking_lot::Mutex;

/// One assignment of one partition. What was buffered under an earlier lease is worth nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lease {
    pub(super) partition: i32,
    generation: u64,
}

/// The living leases, shared by the threads that poll and write.
#[derive(Debug, Default)]
pub(super) struct Leases(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    last: u64,
    living: BTreeMap<i32, u64>,
}

impl Leases {
    /// A new lease; an earlier one of the partition ends.
    pub(super) fn begin(&self, partition: i32) -> Lease {
        let mut state = self.0.lock();
        state.last += 1;
        let generation = state.last;
        state.living.insert(partition, generation);
        Lease {
            partition,
            generation,
        }
    }

    /// The partition is not ours any more.
    pub(super) fn end(&self, partition: i32) {
        self.0.lock().living.remove(&partition);
    }

    /// Whether what came under this lease may still be written.
    pub(super) fn is_living(&self, lease: Lease) -> bool {
        self.0.lock().living.get(&lease.partition) == Some(&lease.generation)
    }
}

#[cfg(test)]
mod tests {
    use super::Leases;

    #[test]
    fn a_lease_ends_with_its_assignment() {
        let leases = Leases::default();
        let first = leases.begin(3);
        let other = leases.begin(4);
        assert!(leases.is_living(first));

        leases.end(3);
        assert!(!leases.is_living(first));

        let second = leases.begin(3);
        assert!(!leases.is_living(first));
        assert!(leases.is_living(second) && leases.is_living(other));
    }
}
