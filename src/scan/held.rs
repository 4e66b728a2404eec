//! What the maker held when it made something, as the public is told it: licences, certificates, declared standards
//! and test reports. Insurance and what had lapsed are not the public's.

use super::Error;
use crate::credentials::{self, Kind, Outcome, Things};
use crate::db::Conn;
use crate::epcis::Timestamp;
use crate::parties;

/// Credentials that are told of one thing.
const HELD_MAX: usize = 20;

/// A credential that was valid when the thing was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// The issuer's number.
    pub number: String,
    /// The issuer's name.
    pub issuer: String,
    /// The issuer's name in English.
    pub issuer_en: Option<String>,
    /// Of a test report: what was found.
    pub outcome: Option<Outcome>,
}

/// What the maker held at a place and time for these things.
pub(super) fn held(
    conn: &mut Conn,
    maker: &str,
    things: Things,
    place: Option<&str>,
    at: Timestamp,
) -> Result<Vec<Held>, Error> {
    let mut found = credentials::held(conn, maker, things, place, at)?;
    found.retain(|credential| credential.kind != Kind::Insurance);
    found.truncate(HELD_MAX);
    let issuers: Vec<String> = found.iter().map(|held| held.issuer.clone()).collect();
    let issuers = parties::organisations(conn, &issuers)?;
    let told = found.into_iter().map(|credential| {
        let issuer = issuers.get(&credential.issuer);
        Held {
            kind: credential.kind,
            name: credential.name,
            number: credential.id,
            issuer_en: issuer.and_then(|issuer| issuer.name_en.clone()),
            issuer: issuer.map_or(credential.issuer, |issuer| issuer.name.clone()),
            outcome: credential.test.map(|test| test.outcome),
        }
    });
    Ok(told.collect())
}
