//! Which recalls concern one thing: what somebody who scans its code has to know.

use super::Error;
use super::state::State;
use super::store;
use crate::codes::Address;
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
}

/// A thing, and the lot it belongs to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Affected {
    /// Where it lives, if anything is recorded of it.
    pub thing: Option<Address>,
    /// Its lot's address.
    pub lot: Option<Address>,
    /// The canonical identifiers of its lot and its product.
    pub names: Vec<String>,
}

/// The recalls that were decided and affect the thing, newest first; closed ones too, because what was
/// recalled stays dangerous. A thing nobody saw shares the fate of its lot; one that was seen shares it
/// when the recall names the lot or the product.
pub fn covering(conn: &mut Conn, affected: &Affected) -> Result<Vec<Covering>, Error> {
    let mut found = Vec::new();
    for case in store::cases(conn)? {
        if matches!(case.state, State::Assessing | State::Cancelled) {
            continue;
        }
        let version = store::version(conn, &case.id, case.version)?;
        let lots = &version.definition.lots;
        let named = affected.names.iter().any(|name| lots.contains(name));
        let by_lot = match (affected.lot, affected.thing) {
            (Some(lot), None) => has_lot(conn, &version.scope, lot)?,
            _ => false,
        };
        let itself = match affected.thing {
            Some(thing) => has_thing(conn, &version.scope, thing)?,
            None => false,
        };
        if named || by_lot || itself {
            found.push(Covering {
                recall: case.id,
                state: case.state,
                hazard: case.hazard,
                opened_at: Timestamp::from_micros(case.opened_at),
            });
        }
    }
    Ok(found)
}

fn has_thing(conn: &mut Conn, scope: &[u8], thing: Address) -> Result<bool, Error> {
    if thing.block.is_quantified() {
        return has_lot(conn, scope, thing);
    }
    let blocks = store::blocks_from(conn, scope, thing.block, 1)?;
    Ok(blocks.iter().any(|block| {
        block.block == thing.block
            && block
                .cells
                .iter()
                .any(|cell| cell.members.contains(thing.member))
    }))
}

fn has_lot(conn: &mut Conn, scope: &[u8], lot: Address) -> Result<bool, Error> {
    let lots = store::lots_from(conn, scope, lot.block, 1)?;
    Ok(lots.iter().any(|found| found.lot == lot.block))
}
