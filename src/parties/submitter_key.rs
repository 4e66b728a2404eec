//! Public keys that submitters sign records with: Ed25519 (RFC 8032), named by their thumbprint (RFC 7638).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::pkcs8::DecodePublicKey as _;
use ed25519_dalek::{PUBLIC_KEY_LENGTH, Signature, VerifyingKey};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubmitterKey(VerifyingKey);

/// Why a text is no public key to sign with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is no Ed25519 public key: {0}")]
pub struct NotAKey(String);

/// A public key as a JWK (RFC 8037).
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    crv: String,
    x: String,
    /// Present in a private key alone.
    d: Option<serde::de::IgnoredAny>,
}

impl SubmitterKey {
    /// Reads a public key: PEM (`BEGIN PUBLIC KEY`) or JWK.
    pub fn parse(text: &str) -> Result<Self, NotAKey> {
        let text = text.trim();
        if text.contains("PRIVATE KEY") {
            return Err(NotAKey("it is a private one; keep it to yourself".into()));
        }
        if text.starts_with('{') {
            return Self::from_jwk(text);
        }
        match VerifyingKey::from_public_key_pem(text) {
            Ok(key) => Self::sound(key),
            Err(error) => Err(NotAKey(format!("neither PEM nor JWK ({error})"))),
        }
    }

    fn from_jwk(text: &str) -> Result<Self, NotAKey> {
        let jwk: Jwk = serde_json::from_str(text).map_err(|error| NotAKey(error.to_string()))?;
        if jwk.d.is_some() {
            return Err(NotAKey("it is a private one; keep it to yourself".into()));
        }
        if (jwk.kty.as_str(), jwk.crv.as_str()) != ("OKP", "Ed25519") {
            return Err(NotAKey(format!("{} {}", jwk.kty, jwk.crv)));
        }
        let bytes = URL_SAFE_NO_PAD.decode(&jwk.x);
        let bytes = bytes.map_err(|error| NotAKey(format!("x: {error}")))?;
        Self::from_bytes(&bytes)
    }

    /// The key with these bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NotAKey> {
        let bytes: &[u8; PUBLIC_KEY_LENGTH] = bytes
            .try_into()
            .map_err(|_wrong| NotAKey(format!("{} bytes", bytes.len())))?;
        let key = VerifyingKey::from_bytes(bytes).map_err(|error| NotAKey(error.to_string()))?;
        Self::sound(key)
    }

    /// With a key of small order anybody could sign.
    fn sound(key: VerifyingKey) -> Result<Self, NotAKey> {
        if key.is_weak() {
            return Err(NotAKey("it is of small order".into()));
        }
        Ok(Self(key))
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Its name: the thumbprint of its JWK, 43 characters.
    pub fn id(&self) -> String {
        let x = URL_SAFE_NO_PAD.encode(self.0.as_bytes());
        let jwk = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
        URL_SAFE_NO_PAD.encode(Sha256::digest(jwk))
    }

    /// Whether the signature over these bytes is by the holder of this key.
    pub fn has_signed(&self, bytes: &[u8], signature: &[u8; 64]) -> bool {
        let signature = Signature::from_bytes(signature);
        self.0.verify_strict(bytes, &signature).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8037, appendix A.1 to A.4: a key, its thumbprint, and a signature.
    const JWK: &str =
        r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    const THUMBPRINT: &str = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";
    const SIGNED: &str = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    const SIGNATURE: &str =
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

    #[test]
    fn the_example_of_rfc_8037_is_read_named_and_verified() {
        let key = SubmitterKey::parse(JWK).unwrap();
        assert_eq!(key.id(), THUMBPRINT);
        let signature: [u8; 64] = URL_SAFE_NO_PAD
            .decode(SIGNATURE)
            .unwrap()
            .try_into()
            .unwrap();
        assert!(key.has_signed(SIGNED.as_bytes(), &signature));
        assert!(!key.has_signed(&SIGNED.as_bytes()[1..], &signature));
    }

    #[test]
    fn pem_and_jwk_are_one_key() {
        // The SubjectPublicKeyInfo of RFC 8410, section 10.1, as a JWK.
        let pem = "-----BEGIN PUBLIC KEY-----\n\
                   MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n\
                   -----END PUBLIC KEY-----\n";
        let jwk = r#"{"crv":"Ed25519","x":"Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE","kty":"OKP","use":"sig"}"#;
        assert_eq!(SubmitterKey::parse(pem), SubmitterKey::parse(jwk));
        assert!(SubmitterKey::parse(pem).is_ok());
    }

    #[test]
    fn what_is_no_public_key_is_refused_and_a_private_one_is_not_told_again() {
        let refused = |text: &str| SubmitterKey::parse(text).unwrap_err().to_string();
        assert!(refused("").contains("neither PEM nor JWK"));
        let private = r#"{"kty":"OKP","crv":"Ed25519","x":"11qY","d":"nWGx"}"#;
        assert!(refused(private).contains("private"));
        assert!(!refused(private).contains("nWGx"));
        assert!(refused("-----BEGIN PRIVATE KEY-----\nMC4C").contains("private"));
        let other = r#"{"kty":"OKP","crv":"X25519","x":"11qY"}"#;
        assert!(refused(other).contains("X25519"));
        let short = r#"{"kty":"OKP","crv":"Ed25519","x":"AAAA"}"#;
        assert!(refused(short).contains("3 bytes"));
        assert!(
            SubmitterKey::from_bytes(&[0; 32]).is_err(),
            "of small order"
        );
    }
}
