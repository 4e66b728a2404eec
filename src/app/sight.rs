//! What a caller may trace: an organisation its own products, and things it had or recorded something of;
//! a regulator and the local operator everything. Nobody is told that the rest exists. Of people in charge the
//! telephone numbers are for regulators and the organisation itself.

use crate::codes::Dictionary;
use crate::credentials;
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
) -> Result<(), trace::Error> {
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
    let (understood, involved) = trace::involved(conn, dictionary, id, position)?;
    if involved.contains(org) {
        return Ok(());
    }
    Err(trace::Error::NeverSeen {
        text: id.to_owned(),
        understood,
    })
}

/// Leaves out the telephone numbers that the caller is not told.
pub(super) fn hide_phones(who: &mut WhoView, caller: &Caller) {
    for acting in &mut who.responsible {
        for person in &mut acting.standing.people {
            if !credentials::sees_phones(caller, &person.org) {
                person.phone = None;
            }
        }
    }
}
