//! Ranges of single things that a scope names, and the codes in them that were issued and that no event names:
//! where these are is known of their lots alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Error;
use super::definition::{Definition, UnitRange};
use crate::codes::{self, Batch, ComputedBlock, Dictionary, MemberSet, RangeFault};
use crate::gs1::Key;
use crate::ledger;
use crate::trace;
use crate::trace::evaluate::Units;
use crate::trace::store::StoreSource;

/// Issued codes of a scope's ranges that no event names, of one lot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UnnamedCodes {
    /// The lot they were issued for.
    pub lot: String,
    /// How many.
    pub count: u64,
}

/// The units of a range. Of what was not issued here, some event before the position of the source must name
/// something.
pub(super) fn units_of(
    source: &mut StoreSource<'_>,
    dictionary: Dictionary<'_>,
    range: &UnitRange,
) -> Result<Units, Error> {
    let (from, to) = (
        trace::identifier(&range.from)?,
        trace::identifier(&range.to)?,
    );
    let units = codes::range(source.conn(), dictionary, &from, &to);
    let units = units.map_err(|fault| match fault {
        RangeFault::Db(error) => Error::Db(error),
        RangeFault::Unknown { .. } => never_seen(range),
        fault => Error::Range {
            range: range.clone(),
            detail: fault.to_string(),
        },
    })?;
    let is_known =
        batch_of(source, &units)?.is_some() || !trace::seen_units(source, &units)?.is_empty();
    if is_known {
        Ok(units)
    } else {
        Err(never_seen(range))
    }
}

/// What a range that no event names is called.
pub(super) fn anything_of(range: &UnitRange) -> String {
    format!("anything from {} to {}", range.from, range.to)
}

fn never_seen(range: &UnitRange) -> Error {
    let nothing = anything_of(range);
    Error::Trace(trace::Error::NeverSeen {
        text: nothing.clone(),
        understood: nothing,
    })
}

/// The batch that a range of issued codes is of, if it was issued before the position of the source.
fn batch_of(source: &mut StoreSource<'_>, units: &Units) -> Result<Option<Batch>, Error> {
    let first = units.keys().next();
    let Some(block) = first.and_then(|block| ComputedBlock::from_block(*block)) else {
        return Ok(None);
    };
    let position = source.position().clone();
    let size = ledger::control_size(source.conn(), &position)?;
    let batch = codes::batch_numbered(source.conn(), block.gtin(), block.batch())?;
    Ok(batch.filter(|batch| batch.seq < size))
}

/// The issued codes of a definition's ranges that no event names, lot by lot.
pub(super) fn unnamed_codes(
    source: &mut StoreSource<'_>,
    dictionary: Dictionary<'_>,
    definition: &Definition,
) -> Result<Vec<UnnamedCodes>, Error> {
    let mut by_lot: BTreeMap<String, Units> = BTreeMap::new();
    for range in &definition.ranges {
        let units = units_of(source, dictionary, range)?;
        let Some(batch) = batch_of(source, &units)? else {
            continue;
        };
        let seen = trace::seen_units(source, &units)?;
        let lot = Key::of_lot(batch.gtin, &batch.lot).canonical();
        let of_lot = by_lot.entry(lot).or_default();
        for (block, first, last) in batch.blocks() {
            let Some(members) = units.get(&block) else {
                continue;
            };
            let mut unnamed = MemberSet::new();
            unnamed.insert_run(first, last);
            unnamed.intersect_with(members);
            if let Some(seen) = seen.get(&block) {
                unnamed.subtract(seen);
            }
            of_lot.entry(block).or_default().union_with(&unnamed);
        }
    }
    let counted = by_lot.into_iter().map(|(lot, units)| UnnamedCodes {
        lot,
        count: units.values().map(|members| u64::from(members.len())).sum(),
    });
    Ok(counted.filter(|codes| 0 < codes.count).collect())
}
