//! The times in which one credential was not valid: what a recall can take its window and its scope from.

use super::credential::Scope;
use super::history::Lapse;
use super::kind::Kind;
use super::store;
use crate::db::Conn;
use crate::epcis::Timestamp;
use crate::ledger::{self, Position};

/// One credential and when it was not valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lapses {
    /// Its number.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// Its holder, as its newest version says.
    pub holder: String,
    /// What its newest version is about: places, products, lots and categories; nothing means its holder as a
    /// whole. What it was about in each lapse stands there.
    pub scope: Scope,
    /// When it was not valid, in order; no two overlap.
    pub lapses: Vec<Lapse>,
}

/// The times in which the credential with this number was not valid — expired, revoked, or its instrument outside
/// of its calibration — from the first beginning of its validity until `now`, half-open, as what was recorded before
/// the position tells it. The gap before a renewal is one; before the first beginning there is none. `None` when
/// nothing was recorded under this number before the position.
pub fn lapses(
    conn: &mut Conn,
    id: &str,
    as_of: &Position,
    now: Timestamp,
) -> Result<Option<Lapses>, ledger::Error> {
    let before = ledger::control_size(conn, as_of)?;
    let mut found = store::histories(conn, &[id.to_owned()], before)?;
    let lapses = found.remove(id).and_then(|history| {
        let newest = &history.versions.last()?.content;
        Some(Lapses {
            id: newest.id.clone(),
            kind: newest.kind,
            holder: newest.org.clone(),
            scope: newest.scope.clone(),
            lapses: history.lapses(now),
        })
    });
    Ok(lapses)
}
