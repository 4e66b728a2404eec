//! A scope as it stood at an instant: what is affected does not change, where it was and whose does.

use super::assess::scope;
use super::assumed::Ruling;
use super::frozen::{Frozen, Kept};
use super::scope::Scope;
use super::units::{Listing, UnitPage, UnitQuery};
use super::view::RecallView;
use super::{Error, store, store_versions};
use crate::codes::Dictionary;
use crate::db::Conn;
use crate::epcis::Timestamp;

/// What a version of a recall found, as it stood at an instant.
#[derive(Debug)]
pub struct Then {
    scope: Scope,
    /// Things whose removal is proposed are not found, so nothing is kept.
    kept: Kept,
    number: i32,
    /// What a person said becomes of what is assumed; of a version as it was frozen, nothing.
    ruling: Option<Ruling>,
    at: Timestamp,
}

/// Evaluates a version of a recall again (the newest unless given), at its own position, with everything where
/// it was at this time. Things that came to be later are told as unknown. What the version keeps because its
/// removal is not released is left out: it does not find that any more. Call inside a snapshot.
pub fn then(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    recall: &str,
    version: Option<i32>,
    at: Timestamp,
) -> Result<Then, Error> {
    let case = store::case(conn, recall)?;
    let ruling = case.assumed.filter(|_| version.is_none());
    let version = store_versions::version(conn, recall, version.unwrap_or(case.version))?;
    let position = version.position.numbered(conn)?;
    Ok(Then {
        scope: scope(conn, dictionary, &version.definition, &position, at)?,
        kept: Kept::default(),
        number: version.number,
        ruling,
        at,
    })
}

impl Then {
    /// A page of the listing.
    pub fn units(
        &self,
        conn: &mut Conn,
        dictionary: Dictionary<'_>,
        query: UnitQuery<'_>,
    ) -> Result<UnitPage, Error> {
        let version = Frozen::made(&self.scope, &self.kept);
        let listing = Listing::new(version, (self.number, 0), self.ruling);
        listing.page(conn, dictionary, query)
    }

    /// The recall with places, holders, owners and gaps as they were.
    #[must_use]
    pub fn shown_in(&self, view: RecallView) -> RecallView {
        let summary = self.scope.summary.clone();
        RecallView {
            at: Some(self.at.to_string()),
            quantity: summary.quantity,
            holders: summary.holders,
            places: summary.places,
            owners: summary.owners,
            dark_edges: summary.dark_edges,
            ..view
        }
    }
}
