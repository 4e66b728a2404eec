//! Forward and backward are one computation on two clocks: backward is forward with time running the
//! other way and inputs taken for outputs. Inside the evaluation a time is a *tick* of that clock; a
//! smaller tick always reaches more.

use crate::epcis::Timestamp;
use crate::events::Role;
use crate::trace::Op;

/// Which way a trace runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// What can be affected: earliest arrival.
    Forward,
    /// What can be the cause: latest departure.
    Backward,
}

/// The earliest tick: before all events, in either direction.
pub(super) const FIRST: i64 = -i64::MAX;

/// The last tick.
pub(super) const LAST: i64 = i64::MAX;

/// From when to when something happened, in ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span {
    pub(super) lo: i64,
    pub(super) hi: i64,
}

impl Direction {
    pub(super) fn tick(self, time: Timestamp) -> i64 {
        let micros = time.micros().max(FIRST);
        match self {
            Self::Forward => micros,
            Self::Backward => -micros,
        }
    }

    pub(super) fn time(self, tick: i64) -> Timestamp {
        Timestamp::from_micros(match self {
            Self::Forward => tick,
            Self::Backward => -tick,
        })
    }

    pub(super) fn span(self, t_lo: Timestamp, t_hi: Timestamp) -> Span {
        let (lo, hi) = (self.tick(t_lo), self.tick(t_hi));
        match self {
            Self::Forward => Span { lo, hi },
            Self::Backward => Span { lo: hi, hi: lo },
        }
    }

    /// How a unit takes part in a process that it passes its label to.
    pub(super) const fn enters(self) -> Op {
        match self {
            Self::Forward => Op::Consume,
            Self::Backward => Op::Produce,
        }
    }

    /// The side of a process that takes its label.
    pub(super) const fn leaves(self) -> Role {
        match self {
            Self::Forward => Role::Output,
            Self::Backward => Role::Input,
        }
    }
}
