//! The secret that a webhook's notices are signed with, as Standard Webhooks say: `whsec_` and base64 outside,
//! HMAC-SHA256 over `id.timestamp.payload`, and `v1,` and base64 in the header. Pure but for its making.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::Error;

/// How a secret begins, so that a leaked one is found by scanners.
const PREFIX: &str = "whsec_";
/// Bytes of a secret.
pub(super) const SECRET_LEN: usize = 32;

/// A secret. Not printed by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; SECRET_LEN]);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    pub(super) fn random() -> Result<Self, Error> {
        let mut bytes = [0; SECRET_LEN];
        getrandom::fill(&mut bytes).map_err(|error| Error::Randomness(error.to_string()))?;
        Ok(Self(bytes))
    }

    pub(super) const fn from_bytes(bytes: [u8; SECRET_LEN]) -> Self {
        Self(bytes)
    }

    pub(super) const fn bytes(&self) -> &[u8; SECRET_LEN] {
        &self.0
    }

    /// The text to hand over.
    pub fn reveal(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(self.0))
    }
}

/// The value of `webhook-signature`: a signature with each secret that counts now.
pub fn signatures(secrets: &[Secret], id: &str, seconds: i64, payload: &str) -> String {
    let one = |secret: &Secret| signature(secret.bytes(), id, seconds, payload);
    secrets.iter().map(one).collect::<Vec<_>>().join(" ")
}

fn signature(key: &[u8; SECRET_LEN], id: &str, seconds: i64, payload: &str) -> String {
    // A key that is shorter than a block of the hash is filled up with zeros (RFC 2104).
    let mut block = [0; 64];
    block[..SECRET_LEN].copy_from_slice(key);
    let mut mac = Hmac::<Sha256>::new(&block.into());
    mac.update(format!("{id}.{seconds}.{payload}").as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_standard_is_signed_as_there() {
        // Its key has 24 bytes: zeros behind it change nothing.
        let mut key = [0; SECRET_LEN];
        let bytes = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        key[..bytes.len()].copy_from_slice(&bytes);

        let signed = signature(
            &key,
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            "{\"test\": 2432232314}",
        );

        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn each_secret_that_counts_signs() {
        let (new, old) = (Secret([1; 32]), Secret([2; 32]));

        let both = signatures(&[new.clone(), old.clone()], "a", 1, "{}");

        let alone = [new, old].map(|secret| signatures(&[secret], "a", 1, "{}"));
        assert_eq!(both, alone.join(" "));
        assert_ne!(alone[0], alone[1]);
    }

    #[test]
    fn a_secret_is_told_by_its_text_alone() {
        let secret = Secret::random().unwrap();

        assert_eq!(format!("{secret:?}"), "Secret(…)");
        let text = secret.reveal();
        let key = STANDARD.decode(text.strip_prefix("whsec_").unwrap());
        assert_eq!(key.unwrap(), secret.bytes());
    }
}
