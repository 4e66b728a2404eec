//! Salts: what keeps a public leaf from confirming a guess, and what an erasure destroys.
//!
//! One random key stands for January 1970; each month's key is HKDF of the month before. Only the
//! earliest living key is kept: moving it forward destroys every month before it for good.

use std::sync::Mutex;

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{Error, ShardName};
use crate::epcis::Timestamp;

const STEP_INFO: &[u8] = b"suyuan salt key, next month";
/// Month keys remembered: enough for replays that wander over years.
const CACHE_MAX: usize = 64;

/// The salt of one leaf: kept beside the payload, never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Salt([u8; 32]);

impl Salt {
    /// From stored bytes; `None` unless there are 32.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The bytes to store.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The salt of a part: `HMAC(salt, name)`.
    pub fn derive(&self, name: &[u8]) -> [u8; 32] {
        keyed(&self.0)
            .chain_update(name)
            .finalize()
            .into_bytes()
            .into()
    }
}

impl std::fmt::Debug for Salt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Salt(…)")
    }
}

/// The living salt keys.
pub struct SaltKeys {
    month: i64,
    key: [u8; 32],
    known: Mutex<Vec<(i64, [u8; 32])>>,
}

impl std::fmt::Debug for SaltKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SaltKeys")
            .field("month", &self.month)
            .finish_non_exhaustive()
    }
}

impl SaltKeys {
    /// The earliest living key and its month (months since January 1970).
    pub const fn new(month: i64, key: [u8; 32]) -> Self {
        Self {
            month,
            key,
            known: Mutex::new(Vec::new()),
        }
    }

    /// The earliest living key and its month, to be stored.
    pub const fn earliest(&self) -> (i64, &[u8; 32]) {
        (self.month, &self.key)
    }

    /// The salt of one leaf: `HMAC(k[month of the record]; topic, partition, incarnation, offset, part)`.
    pub fn salt(
        &self,
        shard: &ShardName,
        offset: u64,
        part: u32,
        recorded: Timestamp,
    ) -> Result<Salt, Error> {
        let key = self.key_of(recorded.utc_month())?;
        let mut mac = keyed(&key);
        shard.feed(&mut |bytes| mac.update(bytes));
        mac.update(&offset.to_be_bytes());
        mac.update(&part.to_be_bytes());
        Ok(Salt(mac.finalize().into_bytes().into()))
    }

    fn key_of(&self, month: i64) -> Result<[u8; 32], Error> {
        if month < self.month {
            return Err(Error::KeyDestroyed { month });
        }
        let mut known = self
            .known
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some((_, key)) = known.iter().find(|(at, _)| *at == month) {
            return Ok(*key);
        }
        let mut key = self.key;
        for _ in self.month..month {
            key = next_month(&key);
        }
        if CACHE_MAX <= known.len() {
            known.clear();
        }
        known.push((month, key));
        Ok(key)
    }

    /// The keys from `month` on; what came before can never be derived again once this replaces the
    /// stored one.
    pub fn advanced_to(&self, month: i64) -> Result<Self, Error> {
        Ok(Self::new(month, self.key_of(month)?))
    }
}

fn next_month(key: &[u8; 32]) -> [u8; 32] {
    let mut next = [0; 32];
    // HKDF-SHA256 gives up to 8,160 bytes; 32 cannot fail.
    if Hkdf::<Sha256>::new(None, key)
        .expand(STEP_INFO, &mut next)
        .is_err()
    {
        unreachable!("HKDF-SHA256 expands to 32 bytes");
    }
    next
}

/// HMAC-SHA256 with a 32-byte key, which RFC 2104 pads with zeros to the 64 bytes of a block.
pub(super) fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    let mut block = [0; 64];
    block[..32].copy_from_slice(key);
    Hmac::<Sha256>::new(&block.into())
}

#[cfg(test)]
mod tests {
    use super::SaltKeys;
    use crate::epcis::Timestamp;
    use crate::ledger::ShardName;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_salt_depends_on_everything_that_places_the_leaf() {
        let keys = SaltKeys::new(0, [7; 32]);
        let name = |partition| ShardName::new("suyuan.events", partition);
        let base = keys
            .salt(&name(0), 5, 0, at("2026-11-22T00:00:00Z"))
            .unwrap();

        assert_eq!(
            base,
            keys.salt(&name(0), 5, 0, at("2026-11-30T23:59:59Z"))
                .unwrap()
        );
        assert_ne!(
            base,
            keys.salt(&name(1), 5, 0, at("2026-11-22T00:00:00Z"))
                .unwrap()
        );
        assert_ne!(
            base,
            keys.salt(&name(0), 6, 0, at("2026-11-22T00:00:00Z"))
                .unwrap()
        );
        assert_ne!(
            base,
            keys.salt(&name(0), 5, 1, at("2026-11-22T00:00:00Z"))
                .unwrap()
        );
        assert_ne!(
            base,
            keys.salt(&name(0), 5, 0, at("2026-12-01T00:00:00Z"))
                .unwrap()
        );
    }

    #[test]
    fn later_months_survive_an_advance_and_earlier_ones_do_not() {
        let keys = SaltKeys::new(0, [7; 32]);
        let name = ShardName::new("suyuan.events", 0);
        let november = at("2026-11-22T00:00:00Z");
        let advanced = keys.advanced_to(november.utc_month()).unwrap();

        assert_eq!(
            keys.salt(&name, 1, 0, november).unwrap(),
            advanced.salt(&name, 1, 0, november).unwrap()
        );
        assert!(
            advanced
                .salt(&name, 1, 0, at("2026-10-31T23:59:59Z"))
                .is_err()
        );
    }
}
