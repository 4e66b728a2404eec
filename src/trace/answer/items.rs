//! Where a lot is of which nothing moves by quantity: where its single items are, counted.

use std::collections::{BTreeMap, BTreeSet};

use super::place::{PartView, Where};
use super::{Quantity, certainty_word};
use crate::codes::Dictionary;
use crate::epcis::Timestamp;
use crate::ledger::Position;
use crate::trace::Error;
use crate::trace::evaluate::{Certainty, Evaluation, Standing, Status};
use crate::trace::holding::{Fate, Holding, Names, named_blocks};
use crate::trace::store::StoreSource;
use crate::trace::subject::Subject;

/// Where the items of a lot are at a time, a part for each place and holder.
pub(super) fn where_items_are(
    mut source: StoreSource<'_>,
    dictionary: Dictionary<'_>,
    subject: Subject,
    at: Timestamp,
    position: &Position,
) -> Result<Where, Error> {
    let found = Evaluation::new(&mut source).whereabouts(&subject.items, at)?;
    let blocks = named_blocks(found.standings.iter());
    let names = Names::read(source.conn(), dictionary, &blocks, position)?;
    let mut counts: BTreeMap<Holding, u64> = BTreeMap::new();
    let mut others: BTreeSet<Holding> = BTreeSet::new();
    let mut certainty = Certainty::Asserted;
    for (_, group) in found.groups() {
        let standing = found.standings.get(group.standing as usize);
        let Some(standing) = standing.filter(|standing| had_begun(standing)) else {
            continue;
        };
        *counts.entry(names.holding(&standing.answer)).or_default() +=
            u64::from(group.members.len());
        others.extend(standing.others.iter().map(|other| names.holding(other)));
        certainty = certainty.max(standing.answer.certainty);
    }
    let parts: Vec<PartView> = counts
        .into_iter()
        .map(|(holding, count)| PartView {
            quantity: Quantity {
                lo: Some(count.to_string()),
                hi: Some(count.to_string()),
                uom: None,
            },
            holding,
        })
        .collect();
    let one = match parts.as_slice() {
        [part] => Some(part.holding.clone()),
        _ => None,
    };
    Ok(Where {
        id: subject.id,
        at: at.to_string(),
        place: one.as_ref().and_then(|held| held.place.clone()),
        holder: one.as_ref().map(|held| held.holder.clone()),
        status: one.map_or(Fate::Unknown, |held| held.status),
        inside: None,
        containers: Vec::new(),
        certainty: certainty_word(certainty),
        event: None,
        others: others.into_iter().collect(),
        parts,
    })
}

/// Whether anything had been recorded of it by then.
fn had_begun(standing: &Standing) -> bool {
    standing.answer.status != Status::Unknown || standing.answer.event.is_some()
}
