//! Ranges of single things: from one identifier to another.

use std::collections::BTreeMap;

use super::address::{BLOCK_SIZE, Block};
use super::base::BaseRow;
use super::derive::{Derived, numbered_parts};
use super::dictionary::Dictionary;
use super::members::MemberSet;
use super::{ComputedBlock, store};
use crate::db::{self, Conn};
use crate::gs1::Identifier;

/// Numbers in one range: a batch of computed codes has no more, and their blocks are 4,096.
const RANGE_MAX: u64 = 1 << 24;

/// Why two identifiers are no ends of a range.
#[derive(Debug, thiserror::Error)]
pub enum RangeFault {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// One of them was never seen or issued.
    #[error("{0} is known from no event and no batch of codes")]
    Unknown(String),
    /// They differ in more than their serial numbers.
    #[error("{from} and {to} are not of one kind: only their serial numbers may differ")]
    Different {
        /// One end.
        from: String,
        /// The other.
        to: String,
    },
    /// Computed codes of two batches.
    #[error("{from} and {to} were issued in different batches")]
    OtherBatch {
        /// One end.
        from: String,
        /// The other.
        to: String,
    },
    /// It ends before it starts.
    #[error("the range ends ({to}) before it starts ({from})")]
    Backwards {
        /// One end.
        from: String,
        /// The other.
        to: String,
    },
    /// It is too wide.
    #[error("the range has {count} numbers, more than {RANGE_MAX}")]
    Wide {
        /// How many.
        count: u64,
    },
}

/// The things from one identifier to another, both with them: numbers by value; computed codes in the order
/// in which they were issued; any other serials, which must be equally long, in the order of their
/// characters, as far as events name them.
pub fn range(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    from: &Identifier,
    to: &Identifier,
) -> Result<BTreeMap<Block, MemberSet>, RangeFault> {
    let ends = (from.canonical().into_owned(), to.canonical().into_owned());
    let different = || RangeFault::Different {
        from: ends.0.clone(),
        to: ends.1.clone(),
    };
    let (Some(from_key), Some(to_key)) = (from.key(), to.key()) else {
        return Err(different());
    };
    if from_key.class().canonical() != to_key.class().canonical()
        || from_key.primary() != to_key.primary()
    {
        return Err(different());
    }
    let numbers = (
        numbered_parts(from_key, &ends.0),
        numbered_parts(to_key, &ends.1),
    );
    let derived = [Derived::of_thing(from), Derived::of_thing(to)];
    if let (Some((stem, first)), Some((other, last))) = numbers
        && stem == other
    {
        return numbered(stem, first, last, &ends);
    }
    let found = dictionary.find(conn, &derived)?;
    let computed = |index: usize| {
        let address = found.get(index).copied().flatten()?;
        let block = ComputedBlock::from_block(address.block)?;
        Some((block, block.item(address.member)?))
    };
    match (computed(0), computed(1)) {
        (Some((first_block, first)), Some((last_block, last))) => {
            if !first_block.is_of_batch_with(&last_block) {
                return Err(RangeFault::OtherBatch {
                    from: ends.0,
                    to: ends.1,
                });
            }
            let (first, last) = (first.index(), last.index());
            if last < first {
                return Err(backwards(&ends));
            }
            let mut units: BTreeMap<Block, MemberSet> = BTreeMap::new();
            for chunk in first / BLOCK_SIZE..=last / BLOCK_SIZE {
                let low = first.max(chunk * BLOCK_SIZE) % BLOCK_SIZE;
                let high = last.min(chunk * BLOCK_SIZE + (BLOCK_SIZE - 1)) % BLOCK_SIZE;
                if let Some(block) = first_block.sibling(chunk) {
                    let members = units.entry(block.block()).or_default();
                    let member = |number: u32| u16::try_from(number).unwrap_or_default();
                    members.insert_run(member(low), member(high));
                }
            }
            Ok(units)
        }
        (None, None) => interned(conn, &derived, &ends),
        _ => Err(different()),
    }
}

fn numbered(
    stem: &str,
    first: u64,
    last: u64,
    ends: &(String, String),
) -> Result<BTreeMap<Block, MemberSet>, RangeFault> {
    let Some(span) = last.checked_sub(first) else {
        return Err(backwards(ends));
    };
    let count = span.saturating_add(1);
    if RANGE_MAX < count {
        return Err(RangeFault::Wide { count });
    }
    let size = u64::from(BLOCK_SIZE);
    let mut units: BTreeMap<Block, MemberSet> = BTreeMap::new();
    for chunk in first / size..=last / size {
        let low = first.max(chunk * size);
        let high = last.min(chunk * size + (size - 1));
        let (_, low) = BaseRow::numbered(stem, low);
        let (_, high) = BaseRow::numbered(stem, high);
        let members = units.entry(low.block).or_default();
        members.insert_run(low.member, high.member);
    }
    Ok(units)
}

fn interned(
    conn: &mut Conn,
    derived: &[Derived; 2],
    ends: &(String, String),
) -> Result<BTreeMap<Block, MemberSet>, RangeFault> {
    let different = || RangeFault::Different {
        from: ends.0.clone(),
        to: ends.1.clone(),
    };
    let prefix = |derived: &Derived| match derived.otherwise() {
        Derived::Intern { prefix, .. } => Some(prefix.clone()),
        Derived::At(..) | Derived::MaybeComputed { .. } => None,
    };
    let [from, to] = derived;
    let (Some(one), Some(other)) = (prefix(from), prefix(to)) else {
        return Err(different());
    };
    if one != other || ends.0.len() != ends.1.len() {
        return Err(different());
    }
    if ends.1 < ends.0 {
        return Err(backwards(ends));
    }
    let units = store::units_between(conn, &one, &ends.0, &ends.1)?;
    if units.is_empty() {
        return Err(RangeFault::Unknown(ends.0.clone()));
    }
    Ok(units)
}

fn backwards(ends: &(String, String)) -> RangeFault {
    RangeFault::Backwards {
        from: ends.0.clone(),
        to: ends.1.clone(),
    }
}
