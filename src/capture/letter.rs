//! Dead letters: what was refused, why, for whom it came, and whether it was submitted again since.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a letter lies: shard, offset of the record, part of it. Letters are ordered by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterId {
    /// The shard's name.
    pub shard: String,
    /// The record's offset.
    pub offset: i64,
    /// The leaf in the record, from 0; 0 is the record as a whole, or a bare event.
    pub part: i32,
}

impl fmt::Display for LetterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.shard, self.offset, self.part)
    }
}

/// A text that names no letter.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0:?} is no dead letter's id, such as suyuan.events/0:12:0")]
pub struct NotALetterId(pub String);

impl FromStr for LetterId {
    type Err = NotALetterId;

    fn from_str(text: &str) -> Result<Self, NotALetterId> {
        let read = || {
            let mut parts = text.rsplitn(3, ':');
            let part = parts.next()?.parse().ok()?;
            let offset = parts.next()?.parse().ok()?;
            let shard = parts.next().filter(|shard| !shard.is_empty())?.to_owned();
            Some(Self {
                shard,
                offset,
                part,
            })
        };
        read().ok_or_else(|| NotALetterId(text.to_owned()))
    }
}

/// A rule that was broken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = DeadLetterFault)]
pub struct LetterFault {
    /// Where in the record; of an event of a document in the document.
    pub pointer: String,
    /// The rule's stable name.
    pub rule: String,
    /// What is wrong.
    pub detail: String,
}

/// A record, or an event of one, that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DeadLetter)]
pub struct Letter {
    /// `SHARD:OFFSET:PART`.
    pub id: String,
    /// The shard, such as `suyuan.events/3`.
    pub shard: String,
    /// The record's offset; in `http/0` the seq of its first leaf.
    pub offset: i64,
    /// The leaf in the record, from 0. The events of a document begin at 1.
    pub part: i32,
    /// Its leaf.
    pub seq: i64,
    /// When the record was recorded, RFC 3339.
    pub recorded_at: String,
    /// The organisation it was captured for; empty where that was not noted yet.
    pub submitter: String,
    /// When it was submitted again and recorded, RFC 3339.
    pub replayed_at: Option<String>,
    /// Why it was refused.
    pub faults: Vec<LetterFault>,
}

/// Which letters are asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct LetterQuery<'a> {
    /// Only of this shard.
    pub shard: Option<&'a str>,
    /// Only of this record; with a shard.
    pub offset: Option<i64>,
    /// Only this part of it.
    pub part: Option<i32>,
    /// Only what was captured for this organisation.
    pub submitter: Option<&'a str>,
    /// Also those that were replayed.
    pub all: bool,
    /// Only those after this one.
    pub after: Option<&'a LetterId>,
    /// At most so many.
    pub rows: i64,
}

/// The bytes of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterBytes {
    /// As they came: the record's, or those of the event in its document.
    pub bytes: Vec<u8>,
    /// Of an event of a document: the document with its events cut out.
    pub envelope: Option<Vec<u8>>,
}

#[cfg(test)]
mod tests {
    use super::LetterId;

    #[test]
    fn an_id_reads_back_whatever_the_shard_is_called() {
        for text in ["suyuan.events/3:12:0", "http/0:0:7", "a#1/0#2:9:1"] {
            let id: LetterId = text.parse().unwrap();
            assert_eq!(id.to_string(), text);
        }
        for wrong in ["", "http/0", "http/0:1", ":1:2", "http/0:x:2", "http/0:1:"] {
            assert!(wrong.parse::<LetterId>().is_err(), "{wrong}");
        }
    }
}
