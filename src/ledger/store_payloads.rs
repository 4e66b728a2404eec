//! Rows of payloads: what stands behind leaves, packed and unpacked.

use diesel::prelude::*;

use super::packing::{self, NotPacked};
use super::{Error, Salt};
use crate::db::schema::ledger_payloads;
use crate::db::{self, Conn};

/// What stands behind a leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    /// The shard's local number.
    pub shard: i32,
    /// The leaf's number.
    pub seq: i64,
    /// The bytes: an event, an envelope, an order, a refused body.
    pub bytes: Vec<u8>,
    /// The salt of the commitments.
    pub salt: Vec<u8>,
}

/// A payload as it is kept.
#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = ledger_payloads)]
#[diesel(treat_none_as_default_value = false)]
pub(super) struct StoredPayload {
    pub(super) shard: i32,
    pub(super) seq: i64,
    pub(super) bytes: Vec<u8>,
    pub(super) salt: Vec<u8>,
    pub(super) packing: i32,
}

impl StoredPayload {
    /// What was packed.
    pub(super) fn unpacked(self) -> Result<Payload, NotPacked> {
        Ok(Payload {
            shard: self.shard,
            seq: self.seq,
            bytes: packing::unpack(self.packing, self.bytes)?,
            salt: self.salt,
        })
    }
}

impl Payload {
    /// The salt, when the stored bytes are one.
    pub fn salt(&self) -> Option<Salt> {
        Salt::from_bytes(&self.salt)
    }
}

/// Payloads of the leaves `from..until`, in order. One that cannot be unpacked is left out, as one that is not there:
/// the walk over the ledger names it.
pub fn payloads(conn: &mut Conn, shard: i32, from: i64, until: i64) -> Result<Vec<Payload>, Error> {
    let stored = stored_payloads(conn, shard, from, until)?.into_iter();
    Ok(stored.filter_map(|one| one.unpacked().ok()).collect())
}

/// The same as they are kept, for whoever looks at each row.
pub(super) fn stored_payloads(
    conn: &mut Conn,
    shard: i32,
    from: i64,
    until: i64,
) -> Result<Vec<StoredPayload>, Error> {
    Ok(ledger_payloads::table
        .filter(ledger_payloads::shard.eq(shard))
        .filter(ledger_payloads::seq.ge(from))
        .filter(ledger_payloads::seq.lt(until))
        .order(ledger_payloads::seq)
        .select(StoredPayload::as_select())
        .load(conn)
        .map_err(db::Error::from)?)
}

/// The seqs of payloads from `from` on.
pub(super) fn payload_seqs(conn: &mut Conn, shard: i32, from: i64) -> Result<Vec<i64>, Error> {
    Ok(ledger_payloads::table
        .filter(ledger_payloads::shard.eq(shard))
        .filter(ledger_payloads::seq.ge(from))
        .order(ledger_payloads::seq)
        .select(ledger_payloads::seq)
        .load(conn)
        .map_err(db::Error::from)?)
}

/// The payload of one leaf.
pub fn payload(conn: &mut Conn, shard: i32, seq: i64) -> Result<Option<Payload>, Error> {
    let stored = ledger_payloads::table
        .find((shard, seq))
        .select(StoredPayload::as_select())
        .first(conn)
        .optional()
        .map_err(db::Error::from)?;
    let unpacked = stored.map(StoredPayload::unpacked).transpose();
    let corrupt = |why: NotPacked| db::Error::Corrupt {
        table: "ledger_payloads",
        what: format!("shard {shard} seq {seq}: {}: {why}", why.column()),
    };
    Ok(unpacked.map_err(corrupt)?)
}
