//! Shards and their names: `topic/partition`, the same everywhere.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

/// Orders, master data and policies.
pub const CONTROL: &str = "control";
/// Captures over HTTP and the command line.
pub const HTTP: &str = "http";

/// A shard's name: topic, partition, and which incarnation of the topic.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShardName {
    /// The Kafka topic, or [`CONTROL`] or [`HTTP`].
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// 0, and one more each time a topic of this name was made anew.
    pub incarnation: i32,
}

impl ShardName {
    /// The first incarnation of a topic's partition.
    pub fn new(topic: &str, partition: i32) -> Self {
        Self {
            topic: topic.to_owned(),
            partition,
            incarnation: 0,
        }
    }

    /// `control/0`.
    pub fn control() -> Self {
        Self::new(CONTROL, 0)
    }

    /// `http/0`.
    pub fn http() -> Self {
        Self::new(HTTP, 0)
    }

    /// Whether the shard's records come from Kafka.
    pub fn is_kafka(&self) -> bool {
        self.topic != CONTROL && self.topic != HTTP
    }

    /// Hands out the bytes that name the shard, unambiguously.
    pub(super) fn feed(&self, put: &mut dyn FnMut(&[u8])) {
        put(&(self.topic.len() as u64).to_be_bytes());
        put(self.topic.as_bytes());
        put(&self.partition.to_be_bytes());
        put(&self.incarnation.to_be_bytes());
    }

    /// The shard's identity in leaves: the first 8 bytes of SHA-256 over the ledger's origin and the name.
    pub fn ident(&self, origin: &str) -> [u8; 8] {
        let mut hash = Sha256::new();
        hash.update((origin.len() as u64).to_be_bytes());
        hash.update(origin);
        self.feed(&mut |bytes| hash.update(bytes));
        let digest: [u8; 32] = hash.finalize().into();
        let mut ident = [0; 8];
        ident.copy_from_slice(&digest[..8]);
        ident
    }

    /// The origin string of this shard's log: `{ledger origin}/{topic}/{partition}`, and `#n` after it
    /// for later incarnations.
    pub fn log_origin(&self, origin: &str) -> String {
        format!("{origin}/{self}")
    }
}

impl fmt::Display for ShardName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.topic, self.partition)?;
        if self.incarnation != 0 {
            write!(f, "#{}", self.incarnation)?;
        }
        Ok(())
    }
}

/// A text that names no shard.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a shard (topic/partition): {0:?}")]
pub struct BadShardName(pub String);

impl FromStr for ShardName {
    type Err = BadShardName;

    fn from_str(text: &str) -> Result<Self, BadShardName> {
        let refuse = || BadShardName(text.to_owned());
        let (topic, rest) = text.rsplit_once('/').ok_or_else(refuse)?;
        let (partition, incarnation) = rest.split_once('#').unwrap_or((rest, "0"));
        let number = |digits: &str| digits.parse::<i32>().ok().filter(|n| 0 <= *n);
        match (number(partition), number(incarnation)) {
            (Some(partition), Some(incarnation)) if !topic.is_empty() => Ok(Self {
                topic: topic.to_owned(),
                partition,
                incarnation,
            }),
            _ => Err(refuse()),
        }
    }
}

/// A shard of this ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shard {
    /// Its local number in this database.
    pub number: i32,
    /// Its name.
    pub name: ShardName,
    /// The ledger's origin.
    pub origin: String,
    /// Its identity in leaves.
    pub ident: [u8; 8],
}
