//! What a caller may trace: an organisation its own products, and things it had or recorded something of;
//! a regulator and the local operator everything. Nobody is told that the rest exists.

use super::Problem;
use crate::codes::Dictionary;
use crate::db::Conn;
use crate::gs1::Key;
use crate::ledger::Position;
use crate::parties::{self, Caller, Role};
use crate::trace::{self, WhoView};

/// Refuses what the caller may not trace, in the words for what was never seen.
pub(super) fn check(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    caller: &Caller,
    id: &str,
    position: &Position,
) -> Result<(), Problem> {
    let Caller::Key { org, role, .. } = caller else {
        return Ok(());
    };
    if *role == Role::Regulator {
        return Ok(());
    }
    let identifier = trace::identifier(id)?;
    if let Some(gtin) = identifier.key().and_then(Key::gtin)
        && let Some(product) = parties::product(conn, gtin.as_str())?
        && product.org == *org
    {
        return Ok(());
    }
    let who = trace::who(conn, dictionary, id, position)?;
    if had_part(&who, org) {
        return Ok(());
    }
    Err(trace::Error::NeverSeen {
        text: id.to_owned(),
        understood: who.id,
    }
    .into())
}

fn had_part(who: &WhoView, org: &str) -> bool {
    let acted = who
        .responsible
        .iter()
        .any(|acting| acting.org == org || acting.recorded_by.as_deref() == Some(org));
    let had = who
        .hops
        .iter()
        .any(|hop| hop.custody.as_deref() == Some(org));
    acted || had
}
