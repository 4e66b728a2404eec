//! How somebody stood when he did something: what he held and who was in charge, at that time, for that thing
//! and place — and what he held that was not valid then.

use std::collections::BTreeSet;

use serde::Serialize;
use utoipa::ToSchema;

use super::credential::{Credential, Person, Test, Things, is_inside};
use super::history::{Dated, History, Version, speaking};
use super::kind::{Kind, Outcome, State};
use super::store;
use super::store_people;
use super::view::{CredentialView, LapsedView, PersonView};
use crate::db::{self, Conn};
use crate::epcis::Timestamp;

/// Everything recorded of some organisations that can be about some things.
#[derive(Debug, Clone, Default)]
pub struct Register {
    things: Things,
    credentials: Vec<History>,
    people: Vec<Vec<Version<Person>>>,
}

/// What somebody did, as far as credentials matter.
#[derive(Debug, Clone, Copy)]
pub struct Act<'a> {
    /// The names under which the organisation may be registered.
    pub orgs: &'a [&'a str],
    /// Where.
    pub place: Option<&'a str>,
    /// When.
    pub at: Timestamp,
}

/// How somebody stood.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, ToSchema)]
pub struct Standing {
    /// Licences that were valid.
    pub licences: Vec<CredentialView>,
    /// Who was in charge.
    pub people: Vec<PersonView>,
    /// Certificates, declared standards, test reports and insurance that were valid.
    pub credentials: Vec<CredentialView>,
    /// What there is for this thing and place and was not valid then.
    pub lapsed: Vec<LapsedView>,
}

/// What these organisations hold that is about these things, or that no thing narrows.
fn about(
    conn: &mut Conn,
    orgs: &[String],
    things: &Things,
    before: i64,
) -> Result<Vec<History>, db::Error> {
    let values: Vec<String> = things
        .gtin
        .iter()
        .chain(&things.lots)
        .chain(&things.category)
        .cloned()
        .collect();
    let ids = store::ids_about(conn, orgs, &values, before)?;
    let found = store::histories(conn, &ids, before)?;
    Ok(found.into_values().collect())
}

/// The credentials that an organisation held when it did something with these things, as everything recorded until
/// now tells it; by number.
pub fn held(
    conn: &mut Conn,
    org: &str,
    things: Things,
    place: Option<&str>,
    at: Timestamp,
) -> Result<Vec<CredentialView>, db::Error> {
    let register = Register {
        credentials: about(conn, &[org.to_owned()], &things, i64::MAX)?,
        things,
        people: Vec::new(),
    };
    let act = Act {
        orgs: &[org],
        place,
        at,
    };
    let Standing {
        licences,
        credentials,
        ..
    } = register.standing(&act);
    Ok(licences.into_iter().chain(credentials).collect())
}

impl Register {
    /// Reads what was recorded of these organisations before an order of `control/0`: what is about these things,
    /// and what no thing narrows.
    pub fn read(
        conn: &mut Conn,
        orgs: &BTreeSet<String>,
        things: Things,
        before: i64,
    ) -> Result<Self, db::Error> {
        let orgs: Vec<String> = orgs.iter().cloned().collect();
        let credentials = about(conn, &orgs, &things, before)?;
        let people = store_people::of_orgs(conn, &orgs, before)?;
        Ok(Self {
            things,
            credentials,
            people: people.into_values().collect(),
        })
    }

    /// How somebody stood when he did this.
    pub fn standing(&self, act: &Act<'_>) -> Standing {
        let mut standing = Standing {
            people: self.people_at(act),
            ..Standing::default()
        };
        let mut valid: Vec<&Credential> = Vec::new();
        let mut lapsed: Vec<(&Version<Credential>, State)> = Vec::new();
        for history in &self.credentials {
            let Some(version) = speaking(&history.versions, act.at) else {
                continue;
            };
            let credential = &version.content;
            let is_theirs = act.orgs.contains(&credential.org.as_str());
            if !is_theirs || !credential.scope.covers(act.place, &self.things) {
                continue;
            }
            match history.state(act.at) {
                State::Valid => {
                    valid.push(credential);
                    let view = CredentialView::of(version, State::Valid);
                    match credential.kind {
                        Kind::Licence => standing.licences.push(view),
                        _ => standing.credentials.push(view),
                    }
                }
                state => lapsed.push((version, state)),
            }
        }
        for (version, state) in lapsed {
            let (kind, name) = (version.content.kind, &version.content.name);
            // A report of a test that was failed stands for none.
            let failed = |test: &Test| test.outcome == Outcome::Fail;
            let passes = |other: &Credential| !other.test.as_ref().is_some_and(failed);
            let other = valid
                .iter()
                .find(|other| other.kind == kind && other.name == *name && passes(other));
            standing.lapsed.push(LapsedView {
                credential: CredentialView::of(version, state),
                replaced_by: other.map(|other| other.id.clone()),
            });
        }
        standing
    }

    /// Who was in charge, the organisation's own before those of its place.
    fn people_at(&self, act: &Act<'_>) -> Vec<PersonView> {
        let speaking = self.people.iter().filter_map(|versions| {
            let person = &speaking(versions, act.at)?.content;
            let is_theirs = act.orgs.contains(&person.org.as_str());
            let is_here = match (&person.place, act.place) {
                (None, _) => true,
                (Some(own), Some(place)) => is_inside(place, own),
                (Some(_), None) => false,
            };
            (is_theirs && is_here && person.holds(act.at)).then_some(person)
        });
        let mut people: Vec<&Person> = speaking.collect();
        people.sort_by_key(|person| (person.place.is_some(), person.role, &person.id));
        people.into_iter().map(PersonView::of).collect()
    }
}
