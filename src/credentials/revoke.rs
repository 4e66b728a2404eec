//! Suspending and withdrawing: an order beside the versions, which change nothing by it.

use super::Error;
use super::authority::{Sight, may_record};
use super::credential::Revoked;
use super::history::Version;
use super::{list, project, store};
use crate::db::Conn;
use crate::epcis::Timestamp;
use crate::ledger::{Giver, Ledger};
use crate::parties::Caller;

/// Characters of a reason.
const REASON_MAX: usize = 1_000;

/// A credential to suspend or withdraw.
#[derive(Debug, Clone, Copy)]
pub struct Revoke<'a> {
    /// Its number.
    pub id: &'a str,
    /// Why.
    pub reason: &'a str,
    /// From when on: before now too, when it comes out late.
    pub from: Timestamp,
    /// The first instant after a suspension; a withdrawal has none.
    pub until: Option<Timestamp>,
}

/// Records that a credential does not hold for a time. A time that is revoked already as a whole is refused.
pub fn revoke(
    conn: &mut Conn,
    ledger: &Ledger,
    caller: &Caller,
    giver: &Giver,
    order: &Revoke<'_>,
) -> Result<(), Error> {
    let &Revoke {
        id,
        reason,
        from,
        until,
    } = order;
    let is_reason = !reason.trim().is_empty()
        && reason.chars().count() <= REASON_MAX
        && !reason.contains(|c: char| c.is_control());
    if !is_reason {
        return Err(Error::Reason { max: REASON_MAX });
    }
    if let Some(until) = until.filter(|until| *until <= from) {
        return Err(Error::Ends { from, until });
    }
    ledger.hold_control(conn)?;
    let history = list::seen(conn, Sight::of(caller), id, i64::MAX)?;
    let newest = history.versions.last();
    if !newest.is_some_and(|version| may_record(caller, &version.content)) {
        return Err(Error::NotTheirsToRevoke {
            org: caller.org().unwrap_or_default().to_owned(),
            id: id.to_owned(),
        });
    }
    let known = history.revocations.iter().find(|revoked| {
        let as_long = match (revoked.until, until) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(known), Some(until)) => until <= known,
        };
        revoked.has(from) && as_long
    });
    if let Some(known) = known {
        return Err(Error::AlreadyRevoked {
            id: id.to_owned(),
            from: known.from,
        });
    }
    let content = Revoked {
        credential: id.to_owned(),
        reason: reason.to_owned(),
        from,
        until,
    };
    let seqs = ledger.record(
        conn,
        giver,
        project::REVOKED,
        std::slice::from_ref(&content),
    )?;
    for seq in seqs {
        let version = Version {
            seq,
            recorded: giver.into(),
            content: content.clone(),
        };
        store::put_revoked(conn, &version)?;
    }
    Ok(())
}
