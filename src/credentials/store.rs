//! Rows of credentials, their scopes and revocations. Every version stays; the newest has no `until_seq`.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::credential::{Credential, Revoked, Scope, Test};
use super::history::{History, Recorded, Revocation, Version};
use super::kind::{Kind, NoWord};
use crate::db::schema::{credential_revocations, credential_scopes, credentials};
use crate::db::{self, Conn};
use crate::epcis::Timestamp;

/// Keys asked for in one query.
const CHUNK: usize = 500;

const PLACE: &str = "place";
const PRODUCT: &str = "product";
const LOT: &str = "lot";
const CATEGORY: &str = "category";

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = credentials)]
#[diesel(treat_none_as_default_value = false)]
struct CredentialRow {
    id: String,
    seq: i64,
    until_seq: Option<i64>,
    kind: String,
    name: String,
    issuer: String,
    org: String,
    is_general: bool,
    valid_from: i64,
    valid_to: Option<i64>,
    standard: Option<String>,
    outcome: Option<String>,
    laboratory: Option<String>,
    instrument: Option<String>,
    calibrated_from: Option<i64>,
    calibrated_to: Option<i64>,
    uri: Option<String>,
    digest: Option<String>,
    recorded_by: String,
    recorded_for: Option<String>,
    recorded_at: i64,
}

impl CredentialRow {
    fn of(version: &Version<Credential>) -> Self {
        let credential = version.content.clone();
        let micros = |moment: Option<Timestamp>| moment.map(Timestamp::micros);
        let test = credential.test;
        Self {
            seq: version.seq,
            until_seq: None,
            kind: credential.kind.as_str().to_owned(),
            is_general: credential.scope.is_general(),
            valid_from: credential.valid_from.micros(),
            valid_to: micros(credential.valid_to),
            outcome: test.as_ref().map(|test| test.outcome.as_str().to_owned()),
            calibrated_from: micros(test.as_ref().and_then(|test| test.calibrated_from)),
            calibrated_to: micros(test.as_ref().and_then(|test| test.calibrated_to)),
            laboratory: test.as_ref().and_then(|test| test.laboratory.clone()),
            instrument: test.and_then(|test| test.instrument),
            id: credential.id,
            name: credential.name,
            issuer: credential.issuer,
            org: credential.org,
            standard: credential.standard,
            uri: credential.uri,
            digest: credential.digest,
            recorded_by: version.recorded.by.clone(),
            recorded_for: version.recorded.org.clone(),
            recorded_at: version.recorded.at.micros(),
        }
    }

    fn into_version(self, scope: Scope) -> Result<Version<Credential>, db::Error> {
        let id = self.id.clone();
        let corrupt = |error: NoWord| db::Error::Corrupt {
            table: "credentials",
            what: format!("{id}: {error}"),
        };
        let moment = |micros: Option<i64>| micros.map(Timestamp::from_micros);
        let test = match &self.outcome {
            None => None,
            Some(outcome) => Some(Test {
                outcome: outcome.parse().map_err(corrupt)?,
                laboratory: self.laboratory,
                instrument: self.instrument,
                calibrated_from: moment(self.calibrated_from),
                calibrated_to: moment(self.calibrated_to),
            }),
        };
        Ok(Version {
            seq: self.seq,
            recorded: Recorded {
                by: self.recorded_by,
                org: self.recorded_for,
                at: Timestamp::from_micros(self.recorded_at),
            },
            content: Credential {
                kind: self.kind.parse().map_err(corrupt)?,
                id: self.id,
                name: self.name,
                issuer: self.issuer,
                org: self.org,
                scope,
                valid_from: Timestamp::from_micros(self.valid_from),
                valid_to: moment(self.valid_to),
                standard: self.standard,
                test,
                uri: self.uri,
                digest: self.digest,
            },
        })
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = credential_scopes)]
#[diesel(treat_none_as_default_value = false)]
struct ScopeRow {
    id: String,
    seq: i64,
    kind: String,
    value: String,
}

impl ScopeRow {
    fn of(version: &Version<Credential>) -> Vec<Self> {
        let scope = &version.content.scope;
        let lists = [
            (PLACE, &scope.places),
            (PRODUCT, &scope.products),
            (LOT, &scope.lots),
            (CATEGORY, &scope.categories),
        ];
        let row = |kind: &str, value: &String| Self {
            id: version.content.id.clone(),
            seq: version.seq,
            kind: kind.to_owned(),
            value: value.clone(),
        };
        lists
            .into_iter()
            .flat_map(|(kind, list)| list.iter().map(move |value| row(kind, value)))
            .collect()
    }

    fn add_to(self, scope: &mut Scope) -> Result<(), db::Error> {
        let list = match self.kind.as_str() {
            PLACE => &mut scope.places,
            PRODUCT => &mut scope.products,
            LOT => &mut scope.lots,
            CATEGORY => &mut scope.categories,
            other => {
                return Err(db::Error::Corrupt {
                    table: "credential_scopes",
                    what: format!("{}: no kind {other:?}", self.id),
                });
            }
        };
        list.push(self.value);
        Ok(())
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = credential_revocations)]
#[diesel(treat_none_as_default_value = false)]
struct RevocationRow {
    id: String,
    seq: i64,
    begins_at: i64,
    ends_at: Option<i64>,
    reason: String,
    recorded_by: String,
    recorded_for: Option<String>,
    recorded_at: i64,
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = Text)]
    id: String,
}

/// Adds a version, after all that are there.
pub(super) fn put(conn: &mut Conn, version: &Version<Credential>) -> Result<(), db::Error> {
    diesel::update(credentials::table)
        .filter(credentials::id.eq(&version.content.id))
        .filter(credentials::until_seq.is_null())
        .set(credentials::until_seq.eq(version.seq))
        .execute(conn)?;
    diesel::insert_into(credentials::table)
        .values(CredentialRow::of(version))
        .execute(conn)?;
    db::bulk_insert!(&mut *conn, credential_scopes::table, ScopeRow::of(version))
}

/// Adds a revocation.
pub(super) fn put_revoked(conn: &mut Conn, version: &Version<Revoked>) -> Result<(), db::Error> {
    let revoked = &version.content;
    diesel::insert_into(credential_revocations::table)
        .values(RevocationRow {
            id: revoked.credential.clone(),
            seq: version.seq,
            begins_at: revoked.from.micros(),
            ends_at: revoked.until.map(Timestamp::micros),
            reason: revoked.reason.clone(),
            recorded_by: version.recorded.by.clone(),
            recorded_for: version.recorded.org.clone(),
            recorded_at: version.recorded.at.micros(),
        })
        .execute(conn)?;
    Ok(())
}

/// The newest versions under these numbers.
pub(super) fn newest(
    conn: &mut Conn,
    ids: &[String],
) -> Result<BTreeMap<String, Version<Credential>>, db::Error> {
    let histories = histories(conn, ids, i64::MAX)?;
    let newest = histories.into_iter().filter_map(|(id, mut history)| {
        let version = history.versions.pop()?;
        Some((id, version))
    });
    Ok(newest.collect())
}

/// Everything recorded under these numbers before an order of `control/0`.
pub(super) fn histories(
    conn: &mut Conn,
    ids: &[String],
    before: i64,
) -> Result<BTreeMap<String, History>, db::Error> {
    let mut found: BTreeMap<String, History> = BTreeMap::new();
    for ids in ids.chunks(CHUNK) {
        let mut scopes: BTreeMap<(String, i64), Scope> = BTreeMap::new();
        let rows: Vec<ScopeRow> = credential_scopes::table
            .filter(credential_scopes::id.eq_any(ids))
            .filter(credential_scopes::seq.lt(before))
            .order((
                credential_scopes::id,
                credential_scopes::seq,
                credential_scopes::kind,
                credential_scopes::value,
            ))
            .select(ScopeRow::as_select())
            .load(conn)?;
        for row in rows {
            let scope = scopes.entry((row.id.clone(), row.seq)).or_default();
            row.add_to(scope)?;
        }
        let rows: Vec<CredentialRow> = credentials::table
            .filter(credentials::id.eq_any(ids))
            .filter(credentials::seq.lt(before))
            .order((credentials::id, credentials::seq))
            .select(CredentialRow::as_select())
            .load(conn)?;
        for row in rows {
            let id = row.id.clone();
            let scope = scopes.remove(&(id.clone(), row.seq)).unwrap_or_default();
            let version = row.into_version(scope)?;
            found.entry(id).or_default().versions.push(version);
        }
        let rows: Vec<RevocationRow> = credential_revocations::table
            .filter(credential_revocations::id.eq_any(ids))
            .filter(credential_revocations::seq.lt(before))
            .order((credential_revocations::id, credential_revocations::seq))
            .select(RevocationRow::as_select())
            .load(conn)?;
        for row in rows {
            if let Some(history) = found.get_mut(&row.id) {
                history.revocations.push(Revocation {
                    seq: row.seq,
                    from: Timestamp::from_micros(row.begins_at),
                    until: row.ends_at.map(Timestamp::from_micros),
                    reason: row.reason,
                    recorded: Recorded {
                        by: row.recorded_by,
                        org: row.recorded_for,
                        at: Timestamp::from_micros(row.recorded_at),
                    },
                });
            }
        }
    }
    Ok(found)
}

/// The numbers of what these organisations hold that no thing narrows, or that names one of these values.
pub(super) fn ids_about(
    conn: &mut Conn,
    orgs: &[String],
    values: &[String],
    before: i64,
) -> Result<Vec<String>, db::Error> {
    let mut named: Vec<String> = Vec::new();
    for values in values.chunks(CHUNK) {
        let ids: Vec<String> = credential_scopes::table
            .filter(credential_scopes::value.eq_any(values))
            .filter(credential_scopes::kind.ne(PLACE))
            .filter(credential_scopes::seq.lt(before))
            .select(credential_scopes::id)
            .load(conn)?;
        named.extend(ids);
    }
    let mut found: Vec<String> = Vec::new();
    for orgs in orgs.chunks(CHUNK) {
        let general: Vec<String> = credentials::table
            .filter(credentials::org.eq_any(orgs))
            .filter(credentials::is_general.eq(true))
            .filter(credentials::seq.lt(before))
            .select(credentials::id)
            .load(conn)?;
        found.extend(general);
        for named in named.chunks(CHUNK) {
            let theirs: Vec<String> = credentials::table
                .filter(credentials::id.eq_any(named))
                .filter(credentials::org.eq_any(orgs))
                .filter(credentials::seq.lt(before))
                .select(credentials::id)
                .load(conn)?;
            found.extend(theirs);
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// What a version must say that a list asks for; empty texts ask for nothing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) org: &'a str,
    pub(super) kind: Option<Kind>,
    pub(super) gtin: &'a str,
    /// Held, issued or recorded by this organisation.
    pub(super) seen_by: &'a str,
    pub(super) before: i64,
}

/// The next numbers after one, of credentials that have a version as wanted.
pub(super) fn ids_after(
    conn: &mut Conn,
    wanted: &Wanted<'_>,
    after: &str,
    limit: i64,
) -> Result<Vec<String>, db::Error> {
    let gtin = wanted.gtin;
    // '0' is the character after '/'.
    let lots = format!("https://id.gs1.org/01/{gtin}/");
    let after_lots = format!("https://id.gs1.org/01/{gtin}0");
    let rows: Vec<IdRow> = diesel::sql_query(include_str!("store_list.sql"))
        .bind::<BigInt, _>(wanted.before)
        .bind::<Text, _>(after)
        .bind::<Text, _>(wanted.org)
        .bind::<Text, _>(wanted.kind.map_or("", Kind::as_str))
        .bind::<Text, _>(wanted.seen_by)
        .bind::<Text, _>(gtin)
        .bind::<Text, _>(lots)
        .bind::<Text, _>(after_lots)
        .bind::<BigInt, _>(limit)
        .load(conn)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Empties the projections.
pub(super) fn clear(conn: &mut Conn) -> Result<(), db::Error> {
    diesel::delete(credential_revocations::table).execute(conn)?;
    diesel::delete(credential_scopes::table).execute(conn)?;
    diesel::delete(credentials::table).execute(conn)?;
    Ok(())
}
