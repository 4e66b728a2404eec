//! Orders: what is recorded in `control/0` because it can change an answer — master data, codes, keys,
//! recalls. An order is a JSON object with the members `order`, `by`, `as` and `at`, and its own beside them.

use std::ops::Range;

use serde::Serialize;

use super::append::{Appender, Draft, Fields, RecordDraft};
use super::leaf::Kind;
use super::store::{self, Expect};
use super::{Error, Position, SaltKeys, SealKey, Shard, ShardName};
use crate::db::Conn;
use crate::epcis::{Timestamp, json};

/// What a process needs to write a ledger: its origin and keys.
#[derive(Debug)]
pub struct Ledger {
    /// The ledger's origin: a host name that stays its own, `[ledger] origin`.
    pub origin: String,
    /// The living salt keys.
    pub salts: SaltKeys,
    /// The key of seals.
    pub seal: SealKey,
}

/// Who gives an order, for whom, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Giver {
    /// `cli:<user>` or `key:<id>`.
    pub by: String,
    /// The organisation it is recorded for.
    pub on_behalf_of: Option<String>,
    /// When.
    pub at: Timestamp,
}

#[derive(Serialize)]
struct Body<'a, T> {
    order: &'a str,
    by: &'a str,
    #[serde(rename = "as", skip_serializing_if = "Option::is_none")]
    on_behalf_of: Option<&'a str>,
    at: String,
    #[serde(flatten)]
    content: &'a T,
}

impl Ledger {
    /// The shard of this name, made when there is none yet. Call inside a write.
    pub fn shard(&self, conn: &mut Conn, name: &ShardName) -> Result<Shard, Error> {
        store::open_shard(conn, &self.seal, &self.origin, name)
    }

    /// Takes the lock of `control/0` until the transaction ends: what is read from here on stays true
    /// until the order that rests on it is recorded.
    pub fn hold_control(&self, conn: &mut Conn) -> Result<(), Error> {
        let control = self.shard(conn, &ShardName::control())?;
        store::lock(conn, &self.seal, &control, Expect::Any)?;
        Ok(())
    }

    /// Records orders of one name, a leaf each, and tells their seqs in `control/0`.
    pub fn record<T: Serialize>(
        &self,
        conn: &mut Conn,
        giver: &Giver,
        order: &str,
        contents: &[T],
    ) -> Result<Vec<i64>, Error> {
        let control = self.shard(conn, &ShardName::control())?;
        let mut appender = Appender::begin(conn, &control, Expect::Any, &self.salts, &self.seal)?;
        let records = contents
            .iter()
            .map(|content| {
                let payload = serde_json::to_vec(&Body {
                    order,
                    by: &giver.by,
                    on_behalf_of: giver.on_behalf_of.as_deref(),
                    at: giver.at.to_string(),
                    content,
                })
                .map_err(Error::Unwritable)?;
                let fields = member_fields(&payload);
                let draft = Draft {
                    kind: Kind::Order,
                    payload,
                    fields,
                    detail: 0,
                    reference: 0,
                };
                Ok(RecordDraft {
                    offset: None,
                    record_time: giver.at,
                    submitter_key: [0; 8],
                    leaves: vec![draft],
                })
            })
            .collect::<Result<Vec<_>, Error>>()?;
        let ranges = appender.push(records)?;
        appender.finish(conn)?;
        Ok(ranges
            .into_iter()
            .map(|Range { start, .. }| start)
            .collect())
    }
}

/// How many orders of `control/0` count at a position: master data, credentials and codes as of then.
pub fn control_size(conn: &mut Conn, position: &Position) -> Result<i64, Error> {
    let control = store::shard_by_name(conn, &ShardName::control())?;
    let size = control.and_then(|control| position.0.get(&control.number).copied());
    Ok(size.unwrap_or_default())
}

/// The fields of a JSON object: its members, canonical. Anything else has none.
pub fn member_fields(payload: &[u8]) -> Fields {
    let Ok(value) = json::read(payload) else {
        return Fields::new();
    };
    let members = value.members().unwrap_or_default();
    members
        .iter()
        .map(|(name, value)| {
            let mut pointer = String::new();
            json::push_token(&mut pointer, name);
            (pointer, value.canonical())
        })
        .collect()
}
