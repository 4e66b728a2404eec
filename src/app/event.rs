//! One event as it was sent, read from the ledger.

use serde::Serialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::capture;
use crate::db::Conn;
use crate::events;
use crate::ledger::{self, Leaf, hex};

/// An event and its place in the ledger.
#[derive(Debug, Serialize)]
pub struct EventVersion {
    /// The event, byte for byte as it was sent.
    pub event: Box<RawValue>,
    /// The shard's name.
    pub shard: String,
    /// Its leaf.
    pub seq: i64,
    /// When it was recorded.
    pub recorded_at: String,
    /// The organisation it was recorded for.
    pub submitter: String,
    /// The key that its record's signature names: the first 8 bytes of the thumbprint, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub submitter_key: Option<String>,
    /// Whether this is the declaration of an error in the event with the same id.
    pub is_declaration: bool,
}

/// The event with this id and, after it, the declaration of its error when there is one.
pub fn event_versions(conn: &mut Conn, id: &str) -> Result<Vec<EventVersion>, capture::Error> {
    let hash = Sha256::digest(id.as_bytes());
    let claims = events::claims(conn, &[hash.as_slice()])?;
    let mut found = Vec::new();
    for claim in claims.into_values() {
        let damaged = |what: String| capture::Error::Damaged {
            shard: claim.shard,
            seq: claim.seq,
            what,
        };
        let shard = ledger::shards(conn)?
            .into_iter()
            .find(|shard| shard.number == claim.shard)
            .ok_or_else(|| damaged("no such shard".into()))?;
        let entry = ledger::entries(conn, claim.shard, claim.seq, 1)?
            .into_iter()
            .next();
        let entry = entry
            .filter(|entry| entry.seq == claim.seq)
            .ok_or_else(|| damaged("no such leaf".into()))?;
        let leaf = Leaf::decode(&entry.leaf).map_err(&damaged)?;
        let payload = ledger::payload(conn, claim.shard, claim.seq)?
            .ok_or_else(|| damaged("no payload".into()))?;
        let text = String::from_utf8(payload.bytes).map_err(|error| damaged(error.to_string()))?;
        let verdict = events::verdicts_of(conn, claim.shard, claim.seq, claim.seq + 1)?
            .into_iter()
            .next();
        found.push(EventVersion {
            event: RawValue::from_string(text).map_err(|error| damaged(error.to_string()))?,
            shard: shard.name.to_string(),
            seq: claim.seq,
            recorded_at: leaf.record_time.to_string(),
            submitter: verdict.map(|verdict| verdict.submitter).unwrap_or_default(),
            submitter_key: (leaf.submitter_key != [0; 8]).then(|| hex(&leaf.submitter_key)),
            is_declaration: claim.is_declaration,
        });
    }
    Ok(found)
}
