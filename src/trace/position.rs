//! Positions as people and orders write them: by the names of shards, with the chain hash that says which
//! history is meant.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Error;
use crate::db::Conn;
use crate::ledger::{self, Head, Position, Shard, hex};

/// How much of one shard counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = PositionMark)]
pub struct Mark {
    /// How many leaves.
    pub size: i64,
    /// The chain after the last of them, in hexadecimal.
    pub chain_hash: String,
}

/// A position by the names of shards; a shard that is not named counts as empty.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(as = Position)]
pub struct NamedPosition(pub BTreeMap<String, Mark>);

/// How much of a shard is asked for: what we print, or a size alone.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    size: i64,
    chain_hash: Option<String>,
}

impl Asked {
    fn read(name: &str, given: serde_json::Value) -> Result<Self, Error> {
        if let Some(size) = given.as_i64() {
            return Ok(Self {
                size,
                chain_hash: None,
            });
        }
        serde_json::from_value(given).map_err(|_other| {
            Error::Position(format!(
                "{name}: neither a size nor an object of size and chain_hash"
            ))
        })
    }
}

impl NamedPosition {
    /// The whole ledger as it is now.
    pub fn now(conn: &mut Conn) -> Result<(Position, Self), Error> {
        let heads = heads(conn)?;
        let mut position = Position::default();
        let mut named = Self::default();
        for (name, (shard, head)) in heads {
            position.0.insert(shard.number, head.size);
            let chain_hash = hex(&head.chain_hash);
            let mark = Mark {
                size: head.size,
                chain_hash,
            };
            named.0.insert(name, mark);
        }
        Ok((position, named))
    }

    /// A position out of its JSON. It must lie in the past of this ledger, and where it gives a chain
    /// hash, it must be this ledger's.
    pub fn read(conn: &mut Conn, json: &str) -> Result<(Position, Self), Error> {
        let asked: BTreeMap<String, serde_json::Value> =
            serde_json::from_str(json).map_err(|error| {
                Error::Position(format!("not an object of shards and sizes: {error}"))
            })?;
        let heads = heads(conn)?;
        let mut position = Position::default();
        let mut named = Self::default();
        for (name, given) in asked {
            let Asked {
                size,
                chain_hash: claimed,
            } = Asked::read(&name, given)?;
            let (shard, head) = heads
                .get(&name)
                .ok_or_else(|| Error::Position(format!("there is no shard {name:?}")))?;
            if size < 0 {
                return Err(Error::Position(format!("{name}: {size} is no size")));
            }
            if head.size < size {
                return Err(Error::Position(format!(
                    "{name}: {size} lies in the future; the shard has {} leaves",
                    head.size
                )));
            }
            let chain_hash = chain_at(conn, shard, head, size)?;
            if claimed.is_some_and(|claimed| !claimed.eq_ignore_ascii_case(&chain_hash)) {
                return Err(Error::Position(format!(
                    "{name}: the chain at {size} is another one; the position is of another ledger"
                )));
            }
            position.0.insert(shard.number, size);
            named.0.insert(name, Mark { size, chain_hash });
        }
        Ok((position, named))
    }

    /// The same position by the local numbers of shards. Its chain hashes are taken as they stand.
    pub fn numbered(&self, conn: &mut Conn) -> Result<Position, Error> {
        let shards = ledger::shards(conn)?;
        let numbers: BTreeMap<String, i32> = shards
            .into_iter()
            .map(|shard| (shard.name.to_string(), shard.number))
            .collect();
        let mut position = Position::default();
        for (name, mark) in &self.0 {
            let number = numbers
                .get(name)
                .ok_or_else(|| Error::Position(format!("there is no shard {name:?}")))?;
            position.0.insert(*number, mark.size);
        }
        Ok(position)
    }
}

fn heads(conn: &mut Conn) -> Result<BTreeMap<String, (Shard, Head)>, Error> {
    let mut heads: BTreeMap<i32, Head> = ledger::heads(conn)?
        .into_iter()
        .map(|head| (head.shard, head))
        .collect();
    let shards = ledger::shards(conn)?.into_iter();
    let found = shards.filter_map(|shard| {
        let head = heads.remove(&shard.number)?;
        Some((shard.name.to_string(), (shard, head)))
    });
    Ok(found.collect())
}

fn chain_at(conn: &mut Conn, shard: &Shard, head: &Head, size: i64) -> Result<String, Error> {
    if size == head.size {
        return Ok(hex(&head.chain_hash));
    }
    if size == 0 {
        return Ok(hex(&ledger::chain_start(
            &shard.name.log_origin(&shard.origin),
        )));
    }
    let last = ledger::entries(conn, shard.number, size - 1, 1)?.pop();
    let last = last.filter(|entry| entry.seq == size - 1).ok_or_else(|| {
        Error::Position(format!("{}: leaf {} is not there", shard.name, size - 1))
    })?;
    Ok(hex(&ledger::chain_step(&last.leaf)))
}
