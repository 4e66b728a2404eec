//! Where a lot is of which nothing moves by quantity: where its single items are, counted.

use std::collections::{BTreeMap, BTreeSet};

use super::Quantity;
use super::place::{PartView, Where};
use crate::codes::{Dictionary, MemberSet};
use crate::epcis::Timestamp;
use crate::ledger::Position;
use crate::trace::Error;
use crate::trace::evaluate::{Certainty, Evaluation};
use crate::trace::holding::{Holding, Names, named_blocks};
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
    let mut evaluation = Evaluation::new(&mut source);
    let found = evaluation.whereabouts(&subject.items, at)?;
    let owned = evaluation.owners(&subject.items, at)?;
    let mut blocks = named_blocks(found.standings.iter());
    blocks.extend(owned.iter().map(|owned| owned.owner));
    let names = Names::read(source.conn(), dictionary, &blocks, position)?;
    let mut counts: BTreeMap<Holding, u64> = BTreeMap::new();
    let mut others: BTreeSet<Holding> = BTreeSet::new();
    let mut certainty = Certainty::Asserted;
    for (block, group) in found.groups() {
        let standing = found.standings.get(group.standing as usize);
        let Some(standing) = standing.filter(|standing| standing.is_told()) else {
            continue;
        };
        let mut count = |owner, members: &MemberSet| {
            let holding = names.owned_by(owner, names.holding(&standing.answer));
            *counts.entry(holding).or_default() += u64::from(members.len());
        };
        let mut rest = group.members.to_set();
        for owned in owned.iter().filter(|owned| owned.block == block) {
            let mut of_owner = rest.clone();
            of_owner.intersect_with(&owned.members);
            if !of_owner.is_empty() {
                count(Some(owned.owner), &of_owner);
            }
            rest.subtract(&of_owner);
        }
        if !rest.is_empty() {
            count(None, &rest);
        }
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
    let others = others.into_iter().collect();
    Ok(Where::of_parts(subject, at, certainty, others, parts))
}
