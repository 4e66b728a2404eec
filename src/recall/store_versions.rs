//! The rows of versions: what each was asked and answered, how it differs from the one before, and which
//! proposals were released.

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::difference::Difference;
use super::frozen::Kept;
use super::scope::{Group, Scope};
use super::store::{json, read};
use super::store_scopes::insert_scope;
use super::summary::Summary;
use super::{Definition, Error, store_excluded};
use crate::db::schema::{recall_differences, recall_moves, recall_releases, recall_versions};
use crate::db::{self, Conn};
use crate::epcis::Timestamp;
use crate::trace::NamedPosition;

/// A frozen version without its units and lots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) number: i32,
    pub(super) seq: i64,
    pub(super) scope: Vec<u8>,
    pub(super) definition: Definition,
    pub(super) position: NamedPosition,
    pub(super) summary: Summary,
    pub(super) groups: Vec<Group>,
    pub(super) digest: String,
}

/// How a version differs from the one before, without the units and lots that it keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Compared {
    pub(super) kept: Vec<u8>,
    pub(super) groups: Vec<KeptGroup>,
    pub(super) removals: Vec<Removal>,
    pub(super) summary: Difference,
    pub(super) digest: String,
}

/// Where kept units and lots were when they were last found, and the version that proposes to remove them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct KeptGroup {
    pub(super) version: i32,
    #[serde(flatten)]
    pub(super) group: Group,
}

/// What one version proposes to remove.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Removal {
    pub(super) version: i32,
    #[serde(flatten)]
    pub(super) summary: Summary,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = recall_versions)]
struct VersionRow {
    recall: String,
    version: i32,
    seq: i64,
    scope: Vec<u8>,
    definition: String,
    ledger_position: String,
    summary: String,
    holdings: String,
    digest: String,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = recall_differences)]
struct DifferenceRow {
    recall: String,
    version: i32,
    kept: Vec<u8>,
    holdings: String,
    removals: String,
    summary: String,
    digest: String,
}

/// The key of a frozen scope.
fn scope_key(recall: &str, version: i32) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(version.to_be_bytes());
    hash.update(recall);
    hash.finalize()[..16].to_vec()
}

/// The key of what a version keeps.
fn kept_key(recall: &str, version: i32) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update("kept");
    hash.update(scope_key(recall, version));
    hash.finalize()[..16].to_vec()
}

/// Adds a version with its frozen scope.
pub(super) fn insert_version(
    conn: &mut Conn,
    recall: &str,
    (number, seq): (i32, i64),
    definition: &Definition,
    position: &NamedPosition,
    scope: &Scope,
) -> Result<(), Error> {
    let key = scope_key(recall, number);
    diesel::insert_into(recall_versions::table)
        .values(VersionRow {
            recall: recall.to_owned(),
            version: number,
            seq,
            scope: key.clone(),
            definition: json(definition)?,
            ledger_position: json(position)?,
            summary: json(&scope.summary)?,
            holdings: json(&scope.groups)?,
            digest: scope.digest.clone(),
        })
        .execute(conn)
        .map_err(db::Error::from)?;
    super::store_scopes::insert_names(conn, recall, number, definition)?;
    let lots = scope.lots.iter().map(|lot| (lot, None));
    insert_scope(conn, &key, &scope.blocks, lots)?;
    store_excluded::insert(conn, &key, &scope.excluded)
}

/// Adds how a version differs from the one before, with what it keeps.
pub(super) fn insert_compared(
    conn: &mut Conn,
    recall: &str,
    number: i32,
    kept: &Kept,
    (summary, digest): (&Difference, &str),
) -> Result<(), Error> {
    let key = kept_key(recall, number);
    diesel::insert_into(recall_differences::table)
        .values(DifferenceRow {
            recall: recall.to_owned(),
            version: number,
            kept: key.clone(),
            holdings: json(&kept.groups)?,
            removals: json(&kept.removals)?,
            summary: json(summary)?,
            digest: digest.to_owned(),
        })
        .execute(conn)
        .map_err(db::Error::from)?;
    let lots = kept.lots.iter().map(|(lot, version)| (lot, Some(*version)));
    insert_scope(conn, &key, &kept.blocks, lots)
}

/// A version of a case.
pub(super) fn version(conn: &mut Conn, recall: &str, version: i32) -> Result<Version, Error> {
    let row: Option<VersionRow> = recall_versions::table
        .find((recall, version))
        .select(VersionRow::as_select())
        .first(conn)
        .optional()
        .map_err(db::Error::from)?;
    let row = row.ok_or_else(|| Error::NoVersion {
        recall: recall.to_owned(),
        version,
    })?;
    Ok(Version {
        number: row.version,
        seq: row.seq,
        scope: row.scope,
        definition: read("recall_versions", &row.definition)?,
        position: read("recall_versions", &row.ledger_position)?,
        summary: read("recall_versions", &row.summary)?,
        groups: read("recall_versions", &row.holdings)?,
        digest: row.digest,
    })
}

/// How a version differs from the one before; nothing for the first.
pub(super) fn compared(
    conn: &mut Conn,
    recall: &str,
    version: i32,
) -> Result<Option<Compared>, Error> {
    let row: Option<DifferenceRow> = recall_differences::table
        .find((recall, version))
        .select(DifferenceRow::as_select())
        .first(conn)
        .optional()
        .map_err(db::Error::from)?;
    row.map(|row| {
        Ok(Compared {
            kept: row.kept,
            groups: read("recall_differences", &row.holdings)?,
            removals: read("recall_differences", &row.removals)?,
            summary: read("recall_differences", &row.summary)?,
            digest: row.digest,
        })
    })
    .transpose()
}

/// When a version was frozen.
pub(super) fn frozen_at(conn: &mut Conn, recall: &str, seq: i64) -> Result<Timestamp, Error> {
    let at: i64 = recall_moves::table
        .find((recall, seq))
        .select(recall_moves::given_at)
        .first(conn)
        .map_err(db::Error::from)?;
    Ok(Timestamp::from_micros(at))
}

/// The versions whose proposals were released, each with the order that did it.
pub(super) fn releases(conn: &mut Conn, recall: &str) -> Result<BTreeMap<i32, i64>, Error> {
    let rows: Vec<(i32, i64)> = recall_releases::table
        .filter(recall_releases::recall.eq(recall))
        .order(recall_releases::version)
        .select((recall_releases::version, recall_releases::seq))
        .load(conn)
        .map_err(db::Error::from)?;
    Ok(rows.into_iter().collect())
}

/// The proposals of a version are released by an order.
pub(super) fn insert_release(
    conn: &mut Conn,
    recall: &str,
    version: i32,
    seq: i64,
) -> Result<(), Error> {
    diesel::insert_into(recall_releases::table)
        .values((
            recall_releases::recall.eq(recall),
            recall_releases::version.eq(version),
            recall_releases::seq.eq(seq),
        ))
        .execute(conn)
        .map_err(db::Error::from)?;
    Ok(())
}
