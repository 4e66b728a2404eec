//! Secrets at rest: `XChaCha20-Poly1305` under a key that follows from the master key, bound to the webhook whose
//! secret it is. Whoever can read the database reads none, and can put none in another's place.

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use super::Error;
use super::secret::{SECRET_LEN, Secret};

/// How sealed bytes begin: the way they were sealed.
const VERSION: u8 = 1;
/// Bytes of the nonce: enough to draw it.
const NONCE_LEN: usize = 24;

/// The key that secrets are sealed with.
#[derive(Clone)]
pub struct SealingKey([u8; 32]);

impl std::fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealingKey(…)")
    }
}

impl SealingKey {
    /// From 32 secret bytes.
    pub const fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// Seals the secret of this webhook: version, nonce, what is sealed.
    pub(super) fn seal(&self, webhook: &str, secret: &Secret) -> Result<Vec<u8>, Error> {
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).map_err(|error| Error::Randomness(error.to_string()))?;
        let payload = Payload {
            msg: secret.bytes(),
            aad: webhook.as_bytes(),
        };
        let sealed = XChaCha20Poly1305::new(&self.0.into())
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_opaque| Error::Sealing(webhook.to_owned()))?;
        Ok([&[VERSION], nonce.as_slice(), &sealed].concat())
    }

    /// Opens what was sealed for this webhook with this key.
    pub(super) fn open(&self, webhook: &str, sealed: &[u8]) -> Result<Secret, Error> {
        let refuse = || Error::Sealing(webhook.to_owned());
        let rest = sealed.strip_prefix(&[VERSION]).ok_or_else(refuse)?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_LEN>().ok_or_else(refuse)?;
        let payload = Payload {
            msg: sealed,
            aad: webhook.as_bytes(),
        };
        let bytes = XChaCha20Poly1305::new(&self.0.into())
            .decrypt(&XNonce::from(*nonce), payload)
            .map_err(|_opaque| refuse())?;
        let bytes: [u8; SECRET_LEN] = bytes.try_into().map_err(|_length| refuse())?;
        Ok(Secret::from_bytes(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_with_its_key_for_its_webhook_and_not_otherwise() {
        let (key, secret) = (SealingKey::new([7; 32]), Secret::random().unwrap());

        let sealed = key.seal("wh_1", &secret).unwrap();

        assert_eq!(key.open("wh_1", &sealed).unwrap(), secret);
        assert!(key.open("wh_2", &sealed).is_err());
        assert!(SealingKey::new([8; 32]).open("wh_1", &sealed).is_err());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(key.open("wh_1", &changed).is_err(), "byte {at}");
            assert!(key.open("wh_1", &sealed[..at]).is_err(), "{at} bytes");
        }
    }

    #[test]
    fn equal_secrets_are_sealed_differently() {
        let (key, secret) = (SealingKey::new([7; 32]), Secret::random().unwrap());

        assert_ne!(
            key.seal("wh_1", &secret).unwrap(),
            key.seal("wh_1", &secret).unwrap()
        );
    }
}
