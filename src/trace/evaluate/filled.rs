//! How much of a lot is in containers, by what went in and what came out.

use std::collections::BTreeMap;

use crate::codes::Address;
use crate::epcis::Timestamp;
use crate::events::Quantity;
use crate::trace::{Op, Record};

use super::amount::Amount;

/// A container, and whether things are fixed to it.
pub(super) type Key = (Address, bool);

/// So much of a lot is in a container from a time on.
#[derive(Debug, Clone)]
pub(super) struct Inside {
    pub(super) since: Timestamp,
    pub(super) uom: Option<String>,
    pub(super) amount: Amount,
}

/// What of one lot is in containers, in the order of its log.
#[derive(Debug, Default)]
pub(super) struct Filled {
    /// By unit of measure when some went in last, and how much is left; none when nobody knows.
    left: BTreeMap<(Key, Option<String>), (Timestamp, Option<Amount>)>,
}

impl Filled {
    /// Puts some in, to what the container still has since it was emptied last.
    pub(super) fn put_in(&mut self, key: Key, record: &Record, emptied: Option<Timestamp>) {
        let (uom, amount) = amount(record);
        let nothing = (record.t_lo, Some(Amount::ZERO));
        let (since, known) = self.left.entry((key, uom)).or_insert(nothing);
        if !stayed(*since, emptied) {
            *known = nothing.1;
        }
        *since = record.t_lo;
        *known = match (*known, amount) {
            (Some(known), Some(more)) if is_seen(record.op) => Some(known.max(more)),
            (Some(known), Some(more)) => Some(known.plus(more)),
            _ => None,
        };
    }

    /// Takes some out; whether so much was known to be inside after the container was emptied last.
    pub(super) fn take_out(
        &mut self,
        key: Key,
        record: &Record,
        emptied: Option<Timestamp>,
    ) -> bool {
        let (uom, amount) = amount(record);
        let known = self.left.get_mut(&(key, uom));
        let known = known.filter(|(since, _)| stayed(*since, emptied));
        match (known, amount) {
            (Some((_, Some(known))), Some(less)) => {
                let left = known.minus(less);
                *known = left.max(Amount::ZERO);
                !left.is_negative()
            }
            (known, _) => known.is_some(),
        }
    }

    /// How much is inside in the unit of measure of a record that put some in or took some out, when that is known.
    pub(super) fn known(&self, key: Key, record: &Record) -> Option<Inside> {
        let (uom, _) = amount(record);
        let (since, left) = self.left.get(&(key, uom.clone()))?;
        Some(Inside {
            since: (*since).max(record.t_hi),
            uom,
            amount: (*left)?,
        })
    }

    /// Whether some can be left, in any unit of measure, of what went in since the container was emptied last.
    pub(super) fn can_have(&self, key: Key, emptied: Option<Timestamp>) -> bool {
        let from = (key, None);
        let of_key = self
            .left
            .range(from..)
            .take_while(|((of, _), _)| *of == key);
        let mut left = of_key.filter(|(_, (since, _))| stayed(*since, emptied));
        left.any(|(_, (_, left))| left.is_none_or(Amount::is_positive))
    }

    /// Takes everything out.
    pub(super) fn empty(&mut self, key: Key) {
        self.left.retain(|(of, _), _| *of != key);
    }
}

/// How much a record tells of.
pub(super) fn amount(record: &Record) -> (Option<String>, Option<Amount>) {
    let Some(Quantity { amount, uom }) = record.quantity.as_deref() else {
        return (None, None);
    };
    let amount = amount.and_then(|(digits, scale)| Amount::new(digits, scale));
    (uom.clone(), amount)
}

/// Whether what went in then is there still, by when the container was emptied last.
pub(super) fn stayed(since: Timestamp, emptied: Option<Timestamp>) -> bool {
    emptied.is_none_or(|emptied| emptied <= since)
}

const fn is_seen(op: Op) -> bool {
    matches!(op, Op::SeenInside | Op::SeenAttached)
}
