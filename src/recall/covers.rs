//! Which recalls concern one thing: what somebody who scans its code has to know.

use std::collections::{BTreeMap, BTreeSet};

use super::Error;
use super::state::State;
use super::store;
use super::store_scopes::{versions_naming, versions_with_lot, versions_with_units};
use crate::codes::{Address, Block, MemberSet};
use crate::db::Conn;
use crate::epcis::Timestamp;

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
/// affected until its removal is released.
pub fn covering(conn: &mut Conn, affected: &Affected) -> Result<Vec<Covering>, Error> {
    let mut whole: BTreeSet<(String, i32)> = BTreeSet::new();
    whole.extend(versions_naming(conn, &affected.names)?);
    match (affected.thing, affected.lot) {
        (Some(thing), _) if thing.block.is_quantified() => {
            whole.extend(versions_with_lot(conn, thing.block)?);
        }
        (Some(thing), _) => {
            let unit = [(thing.block, MemberSet::one(thing.member))].into();
            whole.extend(versions_with_units(conn, &unit)?);
        }
        (None, Some(lot)) => whole.extend(versions_with_lot(conn, lot.block)?),
        (None, None) => {}
    }
    let mut all = versions_with_units(conn, &affected.items)?;
    all.extend(whole.iter().cloned());
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let cases = store::cases_at(conn, &all)?;
    let decided = cases
        .into_iter()
        .filter(|case| !matches!(case.state, State::Assessing | State::Cancelled));
    Ok(decided
        .map(|case| Covering {
            in_part: !whole.contains(&(case.id.clone(), case.version)),
            recall: case.id,
            state: case.state,
            hazard: case.hazard,
            opened_at: Timestamp::from_micros(case.opened_at),
        })
        .collect())
}
