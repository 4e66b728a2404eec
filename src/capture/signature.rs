//! Signatures of records: a JWS with its payload detached (RFC 7515, appendix F) by Ed25519 (RFC 8037), over the value
//! of the record. Who signed is whose key it is.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::epcis::Timestamp;
use crate::parties::Signer;

/// The header of a Kafka record that its signature is in.
pub const HEADER: &str = "suyuan-signature";

/// Bytes of a signature's text at most.
const LENGTH_MAX: usize = 1_024;

/// A signature, read; not yet verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The name of the key: its thumbprint (RFC 7638).
    pub kid: String,
    /// The protected header as it came.
    protected: String,
    bytes: [u8; 64],
}

/// Why nobody is the sender of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unproven {
    /// It is not signed, and must be.
    NotSigned,
    /// Its signature is no detached JWS by Ed25519 that names its key.
    Malformed,
    /// It has several signatures.
    Several,
    /// Nobody's key has this name.
    UnknownKey,
    /// The key had been revoked when the record was recorded.
    RevokedKey,
    /// The signature is not over this value, or not by this key.
    Wrong,
}

impl Unproven {
    /// What is said of it.
    pub const fn detail(self) -> &'static str {
        match self {
            Self::NotSigned => "the record is not signed, and unsigned records are refused",
            Self::Malformed => {
                "suyuan-signature is no detached JWS (header..signature) with alg EdDSA and a kid"
            }
            Self::Several => "the record has several headers suyuan-signature",
            Self::UnknownKey => "suyuan-signature names a key that no organisation has",
            Self::RevokedKey => "suyuan-signature is by a key that was revoked",
            Self::Wrong => "suyuan-signature does not hold for this value",
        }
    }
}

#[derive(Deserialize)]
struct Protected {
    alg: String,
    kid: String,
    crit: Option<serde::de::IgnoredAny>,
    b64: Option<bool>,
}

impl Signature {
    /// Reads the value of the header.
    pub fn parse(header: &[u8]) -> Result<Self, Unproven> {
        Self::read(header).ok_or(Unproven::Malformed)
    }

    fn read(header: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(header).ok()?;
        if LENGTH_MAX < text.len() {
            return None;
        }
        let (protected, signature) = text.split_once("..")?;
        let header = URL_SAFE_NO_PAD.decode(protected).ok()?;
        let header: Protected = serde_json::from_slice(&header).ok()?;
        let is_ours = matches!(header.alg.as_str(), "EdDSA" | "Ed25519");
        if !is_ours || header.crit.is_some() || header.b64 == Some(false) {
            return None;
        }
        Some(Self {
            kid: header.kid,
            protected: protected.to_owned(),
            bytes: URL_SAFE_NO_PAD.decode(signature).ok()?.try_into().ok()?,
        })
    }

    /// How many bytes it takes.
    pub fn weight(&self) -> usize {
        self.kid.len() + self.protected.len() + self.bytes.len()
    }

    /// What a leaf says of the key: the first 8 bytes of SHA-256 over its JWK, which the thumbprint is; of what is no
    /// thumbprint, zeros.
    pub fn leaf_key(&self) -> [u8; 8] {
        let thumbprint = URL_SAFE_NO_PAD.decode(&self.kid).unwrap_or_default();
        match thumbprint.first_chunk() {
            Some(first) if thumbprint.len() == Sha256::output_size() => *first,
            _ => [0; 8],
        }
    }

    /// The organisation that signed this value, which was recorded at this time. `signer`: who has the key, if anybody.
    pub fn prove<'s>(
        &self,
        value: &[u8],
        recorded: Timestamp,
        signer: Option<&'s Signer>,
    ) -> Result<&'s str, Unproven> {
        let signer = signer.ok_or(Unproven::UnknownKey)?;
        if signer.revoked_at.is_some_and(|revoked| revoked <= recorded) {
            return Err(Unproven::RevokedKey);
        }
        let payload = URL_SAFE_NO_PAD.encode(value);
        let signed = format!("{}.{payload}", self.protected);
        if signer.key.has_signed(signed.as_bytes(), &self.bytes) {
            Ok(&signer.org)
        } else {
            Err(Unproven::Wrong)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parties::SubmitterKey;

    /// The example of RFC 8037, appendix A.4, with its payload detached; its header names no key.
    const EXAMPLE: &str = "eyJhbGciOiJFZERTQSJ9..hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    const KID: &str = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";

    fn header(json: &str) -> String {
        let (_, signature) = EXAMPLE.split_once("..").unwrap();
        format!("{}..{signature}", URL_SAFE_NO_PAD.encode(json))
    }

    fn signer() -> Signer {
        let jwk =
            r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
        Signer {
            org: "dairy".into(),
            key: SubmitterKey::parse(jwk).unwrap(),
            revoked_at: Some(Timestamp::from_micros(100)),
        }
    }

    /// The signature of the example, as if its header named the key.
    fn example() -> Signature {
        let (protected, _) = EXAMPLE.split_once("..").unwrap();
        let named = header(&format!(r#"{{"alg":"EdDSA","kid":"{KID}"}}"#));
        Signature {
            protected: protected.into(),
            ..Signature::parse(named.as_bytes()).unwrap()
        }
    }

    #[test]
    fn the_example_of_rfc_8037_holds_for_its_value_alone() {
        let value = b"Example of Ed25519 signing";
        let proven = |value: &[u8], recorded, signer: Option<&Signer>| {
            let proven = example().prove(value, Timestamp::from_micros(recorded), signer);
            proven.map(str::to_owned)
        };
        assert_eq!(proven(value, 99, Some(&signer())), Ok("dairy".to_owned()));
        assert_eq!(
            proven(value, 100, Some(&signer())),
            Err(Unproven::RevokedKey)
        );
        assert_eq!(proven(value, 99, None), Err(Unproven::UnknownKey));
        assert_eq!(
            proven(b"another", 99, Some(&signer())),
            Err(Unproven::Wrong)
        );
    }

    #[test]
    fn a_leaf_names_the_key_by_the_beginning_of_its_thumbprint() {
        let thumbprint = URL_SAFE_NO_PAD.decode(KID).unwrap();
        assert_eq!(example().leaf_key(), thumbprint[..8]);
        let other = header(r#"{"alg":"EdDSA","kid":"mine"}"#);
        assert_eq!(
            Signature::parse(other.as_bytes()).unwrap().leaf_key(),
            [0; 8]
        );
    }

    #[test]
    fn what_is_no_detached_jws_by_ed25519_that_names_its_key_is_malformed() {
        for json in [
            r#"{"alg":"EdDSA"}"#,
            r#"{"alg":"none","kid":"k"}"#,
            r#"{"alg":"HS256","kid":"k"}"#,
            r#"{"alg":"EdDSA","kid":"k","crit":["b64"],"b64":false}"#,
            r#"{"alg":"EdDSA","kid":"k","b64":false}"#,
            "[]",
        ] {
            assert_eq!(
                Signature::parse(header(json).as_bytes()),
                Err(Unproven::Malformed),
                "{json}"
            );
        }
        let attached = EXAMPLE.replace("..", ".RXhhbXBsZQ.");
        let long = header(&format!(
            r#"{{"alg":"EdDSA","kid":"{}"}}"#,
            "k".repeat(1_000)
        ));
        for text in ["", "..", "a..b", EXAMPLE, &attached, &long] {
            assert_eq!(
                Signature::parse(text.as_bytes()),
                Err(Unproven::Malformed),
                "{text}"
            );
        }
        assert_eq!(Signature::parse(&[0xff, 0xfe]), Err(Unproven::Malformed));
    }
}
