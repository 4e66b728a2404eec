//! Seals: a keyed check over rows that nothing else derives (heads, verdicts, interned addresses), so
//! that a change of them by whoever can write the database shows in `verify`.

use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::salt::keyed;

/// Bytes of a seal.
const SEAL_LEN: usize = 16;

/// The key of all seals of a ledger.
#[derive(Clone)]
pub struct SealKey([u8; 32]);

impl std::fmt::Debug for SealKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealKey(…)")
    }
}

impl SealKey {
    /// From 32 secret bytes.
    pub const fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// Begins the seal of a row of `table`.
    pub fn row(&self, table: &str) -> Sealer {
        Sealer(keyed(&self.0)).text(table)
    }
}

/// A seal in the making: columns are fed in order, each with its length, so that no two rows read the same.
#[derive(Debug)]
pub struct Sealer(Hmac<Sha256>);

impl Sealer {
    /// A text or bytes column.
    #[must_use]
    pub fn bytes(mut self, value: &[u8]) -> Self {
        self.0.update(&(value.len() as u64).to_be_bytes());
        self.0.update(value);
        self
    }

    /// A text column.
    #[must_use]
    pub fn text(self, value: &str) -> Self {
        self.bytes(value.as_bytes())
    }

    /// A number column.
    #[must_use]
    pub fn number(self, value: i64) -> Self {
        self.bytes(&value.to_be_bytes())
    }

    /// A number column that may be NULL.
    #[must_use]
    pub fn maybe(self, value: Option<i64>) -> Self {
        match value {
            Some(value) => self.number(value),
            None => self.bytes(&[]),
        }
    }

    /// The seal.
    pub fn done(self) -> Vec<u8> {
        self.0.finalize().into_bytes()[..SEAL_LEN].to_vec()
    }

    /// Whether this is the row's seal, in constant time.
    pub fn matches(self, seal: &[u8]) -> bool {
        self.done().ct_eq(seal).into()
    }
}
