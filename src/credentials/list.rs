//! Reading credentials and people: as of a time, as of a place in the ledger, as far as somebody may see.

use super::Error;
use super::authority::Sight;
use super::credential::{Credential, Person};
use super::history::{Dated, History, Version, speaking};
use super::kind::{Kind, State};
use super::store::{self, Wanted};
use super::store_people;
use super::view::{CredentialView, HistoryView, PersonView, RevocationView, VersionView};
use crate::db::{self, Conn};
use crate::epcis::Timestamp;

/// Numbers read at a time while a page fills.
const STRIDE: i64 = 500;

/// When, and as of which place in the ledger.
#[derive(Debug, Clone, Copy)]
pub struct AsOf {
    /// The instant.
    pub at: Timestamp,
    /// Orders of `control/0` before this one count.
    pub before: i64,
}

/// Which credentials or people.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter<'a> {
    /// Of this organisation.
    pub org: Option<&'a str>,
    /// Of this kind.
    pub kind: Option<Kind>,
    /// Whose scope names this GTIN or a lot of it.
    pub gtin: Option<&'a str>,
    /// Only what holds at the instant.
    pub valid_only: bool,
}

/// The credential with this number, as it stood, and everything recorded of it.
pub fn show(
    conn: &mut Conn,
    sight: Sight<'_>,
    id: &str,
    as_of: AsOf,
) -> Result<HistoryView, Error> {
    let history = seen(conn, sight, id, as_of.before)?;
    let version = speaking(&history.versions, as_of.at);
    let version = version.ok_or_else(|| Error::NoCredential(id.to_owned()))?;
    Ok(HistoryView {
        credential: CredentialView::of(version, history.state(as_of.at)),
        versions: history.versions.iter().map(VersionView::of).collect(),
        revocations: history.revocations.iter().map(RevocationView::of).collect(),
    })
}

/// Everything recorded of a credential that is seen.
pub(super) fn seen(
    conn: &mut Conn,
    sight: Sight<'_>,
    id: &str,
    before: i64,
) -> Result<History, Error> {
    let mut found = store::histories(conn, &[id.to_owned()], before)?;
    let history = found.remove(id);
    let is_seen = |history: &History| history.versions.iter().any(|version| sight.sees(version));
    history
        .filter(is_seen)
        .ok_or_else(|| Error::NoCredential(id.to_owned()))
}

/// At most `limit` credentials after a number, in the order of their numbers, each as the version tells it that
/// speaks at the instant.
pub fn list(
    conn: &mut Conn,
    sight: Sight<'_>,
    filter: &Filter<'_>,
    as_of: AsOf,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<CredentialView>, db::Error> {
    let seen_by = match sight {
        Sight::Nothing => return Ok(Vec::new()),
        Sight::Of(org) => org,
        Sight::Everything => "",
    };
    let wanted = Wanted {
        org: filter.org.unwrap_or_default(),
        kind: filter.kind,
        gtin: filter.gtin.unwrap_or_default(),
        seen_by,
        before: as_of.before,
    };
    let mut found = Vec::new();
    let mut after = after.unwrap_or_default().to_owned();
    loop {
        let ids = store::ids_after(conn, &wanted, &after, STRIDE)?;
        let Some(last) = ids.last() else {
            return Ok(found);
        };
        after.clone_from(last);
        for (_, history) in store::histories(conn, &ids, as_of.before)? {
            let Some(version) = speaking(&history.versions, as_of.at) else {
                continue;
            };
            let state = history.state(as_of.at);
            let is_told = !filter.valid_only || state == State::Valid;
            if is_told && sight.sees(version) && filter.takes(&version.content) {
                found.push(CredentialView::of(version, state));
            }
            if limit <= found.len() {
                return Ok(found);
            }
        }
    }
}

/// The person with this id, as he stood.
pub fn show_person(
    conn: &mut Conn,
    sight: Sight<'_>,
    id: &str,
    as_of: AsOf,
) -> Result<PersonView, Error> {
    let found = store_people::versions(conn, &[id.to_owned()], as_of.before)?;
    let version = found
        .get(id)
        .and_then(|versions| speaking(versions, as_of.at))
        .filter(|version| sight.sees_person(version));
    let version = version.ok_or_else(|| Error::NoPerson(id.to_owned()))?;
    Ok(PersonView::of(&version.content))
}

/// At most `limit` people after an id, in the order of their ids.
pub fn list_people(
    conn: &mut Conn,
    sight: Sight<'_>,
    filter: &Filter<'_>,
    as_of: AsOf,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<PersonView>, db::Error> {
    let org = match (sight, filter.org) {
        (Sight::Nothing, _) => return Ok(Vec::new()),
        (Sight::Of(own), Some(org)) if own != org => return Ok(Vec::new()),
        (Sight::Of(org), _) | (Sight::Everything, Some(org)) => org,
        (Sight::Everything, None) => "",
    };
    let mut found = Vec::new();
    let mut after = after.unwrap_or_default().to_owned();
    loop {
        let ids = store_people::ids_after(conn, org, as_of.before, &after, STRIDE)?;
        let Some(last) = ids.last() else {
            return Ok(found);
        };
        after.clone_from(last);
        for (_, versions) in store_people::versions(conn, &ids, as_of.before)? {
            let Some(version) = speaking(&versions, as_of.at) else {
                continue;
            };
            let is_of = org.is_empty() || version.content.org == org;
            let is_told = !filter.valid_only || version.content.holds(as_of.at);
            if is_of && is_told {
                found.push(PersonView::of(&version.content));
            }
            if limit <= found.len() {
                return Ok(found);
            }
        }
    }
}

impl Filter<'_> {
    fn takes(&self, credential: &Credential) -> bool {
        let names = |gtin: &str| {
            let lots = format!("https://id.gs1.org/01/{gtin}/");
            let scope = &credential.scope;
            scope.products.iter().any(|product| product == gtin)
                || scope.lots.iter().any(|lot| lot.starts_with(&lots))
        };
        self.org.is_none_or(|org| credential.org == org)
            && self.kind.is_none_or(|kind| credential.kind == kind)
            && self.gtin.is_none_or(names)
    }
}

impl Sight<'_> {
    fn sees(&self, version: &Version<Credential>) -> bool {
        let credential = &version.content;
        match self {
            Self::Nothing => false,
            Self::Everything => true,
            Self::Of(org) => {
                credential.org == *org
                    || credential.issuer == *org
                    || version.recorded.org.as_deref() == Some(org)
            }
        }
    }

    fn sees_person(&self, version: &Version<Person>) -> bool {
        match self {
            Self::Nothing => false,
            Self::Everything => true,
            Self::Of(org) => version.content.org == *org,
        }
    }
}
