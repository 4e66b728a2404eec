//! API keys: 32 random bytes, shown once, kept as SHA-256. That a key was made or revoked is in the
//! ledger; its hash is not.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel::prelude::*;
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::access::{Caller, Role};
use super::{Error, store};
use crate::db::schema::api_keys;
use crate::db::{self, Conn};
use crate::epcis::Timestamp;
use crate::ledger::{Giver, Ledger};

/// How a key begins, so that a leaked one is found by scanners.
const PREFIX: &str = "sy_live_";

/// A key, told without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyView {
    /// The key's id.
    pub id: String,
    /// Whose it is.
    pub org: String,
    /// What its bearer is.
    pub role: String,
    /// When it was made.
    pub created_at: String,
    /// When it ends.
    pub expires_at: Option<String>,
    /// When it was revoked.
    pub revoked_at: Option<String>,
}

/// A new key: the only time its text is told.
#[derive(Debug, Clone, Serialize)]
pub struct NewKey {
    /// The key's id.
    pub id: String,
    /// Whose it is.
    pub org: String,
    /// What its bearer is.
    pub role: String,
    /// The key.
    pub key: ApiKey,
    /// When it ends.
    pub expires_at: Option<String>,
}

/// A key's text. Not printed by `Debug`.
#[derive(Clone, Serialize)]
pub struct ApiKey(String);

impl ApiKey {
    /// The text to hand over.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    fn random() -> Result<Self, Error> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(|error| Error::Randomness(error.to_string()))?;
        Ok(Self(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(secret))))
    }
}

impl std::fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ApiKey(…)")
    }
}

#[derive(Serialize)]
struct KeyOrder<'a> {
    key: &'a str,
    org: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = api_keys)]
struct KeyRow {
    id: String,
    org: String,
    role: String,
    hash: Vec<u8>,
    created_at: i64,
    expires_at: Option<i64>,
    revoked_at: Option<i64>,
}

impl From<KeyRow> for KeyView {
    fn from(row: KeyRow) -> Self {
        let time = |micros: i64| Timestamp::from_micros(micros).to_string();
        Self {
            id: row.id,
            org: row.org,
            role: row.role,
            created_at: time(row.created_at),
            expires_at: row.expires_at.map(time),
            revoked_at: row.revoked_at.map(time),
        }
    }
}

/// Makes a key for an organisation.
pub fn create_key(
    conn: &mut Conn,
    ledger: &Ledger,
    giver: &Giver,
    org: &str,
    role: Role,
    expires_at: Option<Timestamp>,
) -> Result<NewKey, Error> {
    ledger.hold_control(conn)?;
    let known =
        store::organisation(conn, org)?.ok_or_else(|| Error::NoOrganisation(org.to_owned()))?;
    let key = ApiKey::random()?;
    let id = format!("key_{}", Uuid::now_v7().simple());
    let order = KeyOrder {
        key: &id,
        org: &known.id,
        role: Some(role.as_str()),
        expires_at: expires_at.map(|time| time.to_string()),
    };
    ledger.record(conn, giver, "key-made", &[order])?;
    diesel::insert_into(api_keys::table)
        .values(KeyRow {
            id: id.clone(),
            org: known.id.clone(),
            role: role.as_str().to_owned(),
            hash: hash(&key.0),
            created_at: giver.at.micros(),
            expires_at: expires_at.map(Timestamp::micros),
            revoked_at: None,
        })
        .execute(conn)
        .map_err(db::Error::from)?;
    Ok(NewKey {
        id,
        org: known.id,
        role: role.as_str().to_owned(),
        key,
        expires_at: expires_at.map(|time| time.to_string()),
    })
}

/// All keys, newest first, without their secrets.
pub fn list_keys(conn: &mut Conn) -> Result<Vec<KeyView>, Error> {
    let rows: Vec<KeyRow> = api_keys::table
        .order(api_keys::id.desc())
        .select(KeyRow::as_select())
        .load(conn)
        .map_err(db::Error::from)?;
    Ok(rows.into_iter().map(KeyView::from).collect())
}

/// Ends a key at once. Revoking it again changes nothing.
pub fn revoke_key(
    conn: &mut Conn,
    ledger: &Ledger,
    giver: &Giver,
    id: &str,
) -> Result<KeyView, Error> {
    ledger.hold_control(conn)?;
    let row: Option<KeyRow> = api_keys::table
        .find(id)
        .select(KeyRow::as_select())
        .first(conn)
        .optional()
        .map_err(db::Error::from)?;
    let mut row = row.ok_or_else(|| Error::NoKey(id.to_owned()))?;
    if row.revoked_at.is_none() {
        let order = KeyOrder {
            key: id,
            org: &row.org,
            role: None,
            expires_at: None,
        };
        ledger.record(conn, giver, "key-revoked", &[order])?;
        diesel::update(api_keys::table.find(id))
            .set(api_keys::revoked_at.eq(giver.at.micros()))
            .execute(conn)
            .map_err(db::Error::from)?;
        row.revoked_at = Some(giver.at.micros());
    }
    Ok(row.into())
}

/// Who bears this key now; `None` for an unknown, ended or revoked one.
pub fn find_caller(conn: &mut Conn, key: &str, now: Timestamp) -> Result<Option<Caller>, Error> {
    let row: Option<KeyRow> = api_keys::table
        .filter(api_keys::hash.eq(hash(key)))
        .select(KeyRow::as_select())
        .first(conn)
        .optional()
        .map_err(db::Error::from)?;
    let Some(row) = row else { return Ok(None) };
    let ended = row.revoked_at.is_some() || row.expires_at.is_some_and(|end| end <= now.micros());
    let Some(role) = row.role.parse::<Role>().ok().filter(|_| !ended) else {
        return Ok(None);
    };
    let region = store::organisation(conn, &row.org)?.and_then(|org| org.region);
    Ok(Some(Caller::Key {
        id: row.id,
        org: row.org,
        role,
        region,
    }))
}

fn hash(key: &str) -> Vec<u8> {
    Sha256::digest(key.as_bytes()).to_vec()
}
