//! Which recalls concern one thing: what somebody who scans its code has to know.

use std::collections::{BTreeMap, BTreeSet};

use super::Error;
use super::assumed::Ruling;
use super::state::State;
use super::store::{self, Case};
use super::store_scopes::{lot_class, versions_naming, versions_with_lot, versions_with_units};
use crate::codes::{Address, Block, MemberSet};
use crate::db::Conn;
use crate::epcis::Timestamp;
use crate::trace::evaluate::Certainty;

/// A recall that a thing is affected by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Covering {
    /// The recall.
    pub recall: String,
    /// Its state.
    pub state: State,
    /// What the danger is.
    pub hazard: Option<String>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// Of a lot: only some of its items are known to be affected.
    pub in_part: bool,
}

/// A thing, and the lot it belongs to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Affected {
    /// Where it lives, if anything is recorded of it.
    pub thing: Option<Address>,
    /// Its lot's address.
    pub lot: Option<Address>,
    /// Of a lot: its single items.
    pub items: BTreeMap<Block, MemberSet>,
    /// The canonical identifiers of its lot and its product.
    pub names: Vec<String>,
}

/// The recalls that were decided and affect the thing, newest first; closed ones too, because what was
/// recalled stays dangerous. A thing nobody saw shares the fate of its lot; one that was seen shares it
/// when the recall names the lot or the product. What a recall's newest version does not find any more is
/// affected until its removal is released; what is only assumed is not when a person left that out.
pub fn covering(conn: &mut Conn, affected: &Affected) -> Result<Vec<Covering>, Error> {
    let lot = match (affected.thing, affected.lot) {
        (Some(thing), _) if thing.block.is_quantified() => Some(thing.block),
        (Some(_), _) | (None, None) => None,
        (None, Some(lot)) => Some(lot.block),
    };
    let unit = affected.thing.filter(|_| lot.is_none());
    let unit = unit.map(|thing| (thing.block, MemberSet::one(thing.member)));
    let hits = Hits {
        named: versions_naming(conn, &affected.names)?
            .into_iter()
            .collect(),
        of_lot: match lot {
            Some(lot) => versions_with_lot(conn, lot)?.into_iter().collect(),
            None => BTreeSet::new(),
        },
        of_unit: versions_with_units(conn, &unit.into_iter().collect())?,
        of_items: versions_with_units(conn, &affected.items)?,
    };
    let all = hits.all();
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for case in store::cases_at(conn, &all)? {
        if matches!(case.state, State::Assessing | State::Cancelled) {
            continue;
        }
        let is_whole = hits.is_whole(conn, &case, lot)?;
        if is_whole || hits.has_items(&case) {
            found.push(Covering {
                in_part: !is_whole,
                recall: case.id,
                state: case.state,
                hazard: case.hazard,
                opened_at: Timestamp::from_micros(case.opened_at),
            });
        }
    }
    Ok(found)
}

/// A version of a recall.
type Key = (String, i32);

/// The versions that a thing is in, by what of it they have.
struct Hits {
    /// Its lot or product is named.
    named: BTreeSet<Key>,
    /// The lot.
    of_lot: BTreeSet<Key>,
    /// The unit, with its best class.
    of_unit: BTreeMap<Key, Certainty>,
    /// Some of a lot's items, with the best class of any.
    of_items: BTreeMap<Key, Certainty>,
}

impl Hits {
    fn all(&self) -> BTreeSet<Key> {
        let sets = self.named.iter().chain(&self.of_lot);
        let maps = self.of_unit.keys().chain(self.of_items.keys());
        sets.chain(maps).cloned().collect()
    }

    /// Whether a recall affects the thing itself.
    fn is_whole(&self, conn: &mut Conn, case: &Case, lot: Option<Block>) -> Result<bool, Error> {
        let key = (case.id.clone(), case.version);
        if self.named.contains(&key) || counts(case, self.of_unit.get(&key)) {
            return Ok(true);
        }
        let Some(lot) = lot.filter(|_| self.of_lot.contains(&key)) else {
            return Ok(false);
        };
        // Only who left something out has to look at the parts of the lot.
        if case.assumed != Some(Ruling::Leave) {
            return Ok(true);
        }
        let class = lot_class(conn, &case.id, case.version, lot)?;
        Ok(counts(case, class.as_ref()))
    }

    /// Whether a recall affects items of the lot.
    fn has_items(&self, case: &Case) -> bool {
        let key = (case.id.clone(), case.version);
        counts(case, self.of_items.get(&key))
    }
}

/// Whether something that a recall's newest version has, with this class, is recalled.
fn counts(case: &Case, class: Option<&Certainty>) -> bool {
    class.is_some_and(|class| !Ruling::leaves_out(case.assumed, *class))
}
