//! Rows of submitters' public keys, and the orders that add and revoke them.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::submitter_key::SubmitterKey;
use super::{Error, store};
use crate::db::schema::submitter_keys;
use crate::db::{self, Conn};
use crate::epcis::Timestamp;
use crate::ledger::{Giver, Ledger};

/// Keys asked for in one query.
const CHUNK: usize = 500;

/// The order that adds a key.
pub(super) const ADDED: &str = "submitter-key-added";
/// The order that revokes one.
pub(super) const REVOKED: &str = "submitter-key-revoked";

/// A public key that an organisation signs with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SubmitterKeyView {
    /// Its thumbprint: the `kid` of signatures.
    pub id: String,
    /// Whose it is.
    pub org: String,
    /// The key: the `x` of its JWK.
    pub x: String,
    /// When it was added.
    pub created_at: String,
    /// When it was revoked: what was recorded before stays its holder's.
    pub revoked_at: Option<String>,
}

/// A key that is known, with whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// The organisation.
    pub org: String,
    /// Its key.
    pub key: SubmitterKey,
    /// From when on it counts no more.
    pub revoked_at: Option<Timestamp>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Added {
    submitter_key: String,
    org: String,
    /// The 32 bytes as the `x` of a JWK.
    x: String,
    #[serde(skip_serializing)]
    at: String,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Revoked {
    submitter_key: String,
    org: String,
    #[serde(skip_serializing)]
    at: String,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = submitter_keys)]
#[diesel(treat_none_as_default_value = false)]
struct KeyRow {
    id: String,
    org: String,
    public_key: Vec<u8>,
    seq: i64,
    created_at: i64,
    until_seq: Option<i64>,
    revoked_at: Option<i64>,
}

impl From<KeyRow> for SubmitterKeyView {
    fn from(row: KeyRow) -> Self {
        let time = |micros: i64| Timestamp::from_micros(micros).to_string();
        Self {
            id: row.id,
            org: row.org,
            x: URL_SAFE_NO_PAD.encode(row.public_key),
            created_at: time(row.created_at),
            revoked_at: row.revoked_at.map(time),
        }
    }
}

/// Adds a key for an organisation. Adding it again changes nothing; one that was revoked, or is another's, is
/// refused.
pub fn add_submitter_key(
    conn: &mut Conn,
    ledger: &Ledger,
    giver: &Giver,
    org: &str,
    key: &SubmitterKey,
) -> Result<SubmitterKeyView, Error> {
    ledger.hold_control(conn)?;
    let known = store::organisation(conn, org)?;
    let org = known
        .ok_or_else(|| Error::NoOrganisation(org.to_owned()))?
        .id;
    let id = key.id();
    if let Some(row) = row(conn, &id)? {
        if row.org != org || row.revoked_at.is_some() {
            return Err(Error::KeyTaken { id, org: row.org });
        }
        return Ok(row.into());
    }
    let order = Added {
        submitter_key: id.clone(),
        org,
        x: URL_SAFE_NO_PAD.encode(key.bytes()),
        at: giver.at.to_string(),
    };
    for seq in ledger.record(conn, giver, ADDED, std::slice::from_ref(&order))? {
        put_added(conn, &[(seq, order.clone())])?;
    }
    view(conn, &id)
}

/// Revokes a key: what is recorded from now on it signs no more. Revoking it again changes nothing.
pub fn revoke_submitter_key(
    conn: &mut Conn,
    ledger: &Ledger,
    giver: &Giver,
    id: &str,
) -> Result<SubmitterKeyView, Error> {
    ledger.hold_control(conn)?;
    let row = row(conn, id)?.ok_or_else(|| Error::NoKey(id.to_owned()))?;
    if row.revoked_at.is_some() {
        return Ok(row.into());
    }
    let order = Revoked {
        submitter_key: row.id,
        org: row.org,
        at: giver.at.to_string(),
    };
    for seq in ledger.record(conn, giver, REVOKED, std::slice::from_ref(&order))? {
        put_revoked(conn, &[(seq, order.clone())])?;
    }
    view(conn, id)
}

/// All keys, newest first.
pub fn list_submitter_keys(conn: &mut Conn) -> Result<Vec<SubmitterKeyView>, Error> {
    let rows: Vec<KeyRow> = submitter_keys::table
        .order(submitter_keys::seq.desc())
        .select(KeyRow::as_select())
        .load(conn)
        .map_err(db::Error::from)?;
    Ok(rows.into_iter().map(SubmitterKeyView::from).collect())
}

/// Those of these keys that are known, by their names. A row that holds no key any more is nobody's: verification tells
/// of it.
pub fn signers(
    conn: &mut Conn,
    ids: &BTreeSet<String>,
) -> Result<BTreeMap<String, Signer>, db::Error> {
    let ids: Vec<&String> = ids.iter().collect();
    let mut found = BTreeMap::new();
    for chunk in ids.chunks(CHUNK) {
        let rows: Vec<KeyRow> = submitter_keys::table
            .filter(submitter_keys::id.eq_any(chunk))
            .select(KeyRow::as_select())
            .load(conn)?;
        for row in rows {
            if let Ok(key) = SubmitterKey::from_bytes(&row.public_key) {
                let signer = Signer {
                    org: row.org,
                    key,
                    revoked_at: row.revoked_at.map(Timestamp::from_micros),
                };
                found.insert(row.id, signer);
            }
        }
    }
    Ok(found)
}

fn row(conn: &mut Conn, id: &str) -> Result<Option<KeyRow>, Error> {
    let row = submitter_keys::table
        .find(id)
        .select(KeyRow::as_select())
        .first(conn)
        .optional();
    row.map_err(|error| db::Error::from(error).into())
}

fn view(conn: &mut Conn, id: &str) -> Result<SubmitterKeyView, Error> {
    let row = row(conn, id)?.ok_or_else(|| Error::NoKey(id.to_owned()))?;
    Ok(row.into())
}

/// Projects orders that add keys.
pub(super) fn put_added(conn: &mut Conn, orders: &[(i64, Added)]) -> Result<(), Error> {
    for (seq, order) in orders {
        let public_key = URL_SAFE_NO_PAD.decode(&order.x);
        let public_key = public_key.map_err(|error| unreadable(*seq, error))?;
        diesel::insert_into(submitter_keys::table)
            .values(KeyRow {
                id: order.submitter_key.clone(),
                org: order.org.clone(),
                public_key,
                seq: *seq,
                created_at: time(*seq, &order.at)?,
                until_seq: None,
                revoked_at: None,
            })
            .execute(conn)
            .map_err(db::Error::from)?;
    }
    Ok(())
}

/// Projects orders that revoke keys.
pub(super) fn put_revoked(conn: &mut Conn, orders: &[(i64, Revoked)]) -> Result<(), Error> {
    for (seq, order) in orders {
        let revoked_at = time(*seq, &order.at)?;
        diesel::update(submitter_keys::table.find(&order.submitter_key))
            .set((
                submitter_keys::until_seq.eq(seq),
                submitter_keys::revoked_at.eq(revoked_at),
            ))
            .execute(conn)
            .map_err(db::Error::from)?;
    }
    Ok(())
}

fn time(seq: i64, text: &str) -> Result<i64, Error> {
    let time: Result<Timestamp, _> = text.parse();
    time.map(Timestamp::micros)
        .map_err(|error| unreadable(seq, error))
}

fn unreadable(seq: i64, error: impl std::fmt::Display) -> Error {
    let source = <serde_json::Error as serde::de::Error>::custom(error);
    Error::Order { seq, source }
}
