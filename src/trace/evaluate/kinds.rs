//! What kinds of records a log has, so that who looks for one kind passes over the logs without it: most logs of
//! items have a few kinds, and there are millions of records.

use crate::trace::{Flow, Op, Record};

/// Where the flows begin, after the operations.
const FLOWS: u32 = 16;

/// A set of kinds of records: by what they do to structure, and by what they do to custody.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Kinds(u32);

impl Kinds {
    /// Those that put something into a container, or fix it to one.
    pub(super) const OPENS: Self = Self::of(Op::Pack)
        .and(Self::of(Op::SeenInside))
        .and(Self::of(Op::Attach))
        .and(Self::of(Op::SeenAttached));

    /// Those after which a code can begin again.
    pub(super) const ENDS: Self = Self::of(Op::Decommission).and(Self::flow(Flow::Destroy));

    /// Those in which a container ends with what is in it.
    pub(super) const TAKES_ALONG: Self = Self::of(Op::Consume)
        .and(Self::flow(Flow::Destroy))
        .and(Self::flow(Flow::Sell))
        .and(Self::flow(Flow::Stolen));

    pub(super) const fn of(op: Op) -> Self {
        Self(1 << op as u32)
    }

    const fn flow(flow: Flow) -> Self {
        Self(1 << (FLOWS + flow as u32))
    }

    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) fn in_log(records: &[Record]) -> Self {
        let of_record = |record: &Record| Self::of(record.op).and(Self::flow(record.flow));
        records
            .iter()
            .map(of_record)
            .fold(Self::default(), Self::and)
    }

    /// Whether a record is of one of these kinds.
    #[inline]
    pub(super) const fn has(self, record: &Record) -> bool {
        self.meets(Self::of(record.op).and(Self::flow(record.flow)))
    }
}
