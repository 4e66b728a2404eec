//! Records that their submitters sign.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::given::{Site, event};
use crate::harness::database::TestDatabase;
use crate::harness::kafka::Topic;

/// The header that a signature is in.
const HEADER: &str = "suyuan-signature";

/// A submitter's pair of keys.
struct Pair(SigningKey);

impl Pair {
    fn new(secret: u8) -> Self {
        Self(SigningKey::from_bytes(&[secret; 32]))
    }

    fn x(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.verifying_key().as_bytes())
    }

    /// The thumbprint of RFC 7638.
    fn id(&self) -> String {
        let jwk = json!({"crv": "Ed25519", "kty": "OKP", "x": self.x()});
        URL_SAFE_NO_PAD.encode(Sha256::digest(jwk.to_string()))
    }

    /// What a leaf says of it.
    fn in_leaf(&self) -> String {
        let thumbprint = URL_SAFE_NO_PAD.decode(self.id()).unwrap();
        thumbprint[..8]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    fn jwk(&self) -> String {
        json!({"kty": "OKP", "crv": "Ed25519", "x": self.x()}).to_string()
    }

    /// The `SubjectPublicKeyInfo` of RFC 8410.
    fn pem(&self) -> String {
        let prefix = [
            0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
        ];
        let der = [&prefix[..], self.0.verifying_key().as_bytes()].concat();
        let text = STANDARD.encode(der);
        format!("-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----\n")
    }

    /// A JWS with its payload left out.
    fn sign(&self, value: &str) -> String {
        let protected = json!({"alg": "EdDSA", "kid": self.id()}).to_string();
        let protected = URL_SAFE_NO_PAD.encode(protected);
        let signed = format!("{protected}.{}", URL_SAFE_NO_PAD.encode(value));
        let signature = self.0.sign(signed.as_bytes());
        format!(
            "{protected}..{}",
            URL_SAFE_NO_PAD.encode(signature.to_bytes())
        )
    }
}

/// A site that knows two more organisations and the key of one of them.
fn signing(database: &TestDatabase, topic: &Topic, dairy: &Pair) -> Site {
    let site = Site::new(database, topic);
    let file = |name: &str, text: &str| std::fs::write(site.workplace.path(name), text).unwrap();
    file(
        "more.csv",
        "id,name,role\ndairy,奶牛场,producer\nshop,商店,retailer\n",
    );
    file("dairy.pem", &dairy.pem());
    site.workplace
        .run(["party", "import", "more.csv"])
        .expect_code(0);
    let added = add(&site, "dairy", "dairy.pem").expect_code(0).json();
    assert_eq!(
        (added["id"].as_str(), added["org"].as_str()),
        (Some(&*dairy.id()), Some("dairy"))
    );
    site
}

fn add(site: &Site, org: &str, file: &str) -> crate::harness::process::Finished {
    site.workplace
        .run(["--json", "signer", "add", "--org", org, file])
}

fn send(topic: &Topic, value: &str, signatures: &[&str]) {
    let headers: Vec<(&str, &[u8])> = signatures
        .iter()
        .map(|signature| (HEADER, signature.as_bytes()))
        .collect();
    topic.produce_headed(0, value.as_bytes(), &headers);
}

/// The event with this number as the ledger has it.
fn shown(site: &Site, number: usize) -> Value {
    let id = format!("urn:uuid:00000000-0000-4000-8000-{number:012x}");
    site.workplace
        .run(["--json", "event", "show", &id])
        .expect_code(0)
        .json()
}

/// What was refused: for whom it came, the rule, and what is said.
fn refused(site: &Site) -> Vec<(String, String, String)> {
    let listed = site
        .workplace
        .run(["--json", "dead-letter", "list"])
        .expect_code(0);
    let letters = listed
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    letters
        .map(|letter| {
            let fault = &letter["faults"][0];
            (
                text(&letter["submitter"]),
                text(&fault["rule"]),
                text(&fault["detail"]),
            )
        })
        .collect()
}

both! {
    fn who_signed_a_record_is_its_submitter(db) {
        let topic = Topic::new(1);
        let dairy = Pair::new(1);
        let site = signing(db, &topic, &dairy);
        let framed = format!("\0\0\u{1}\u{2}\u{3}{}", event(3));

        send(&topic, &event(1), &[]);
        send(&topic, &event(2), &[&dairy.sign(&event(2))]);
        // The frame of a schema registry is not signed.
        send(&topic, &framed, &[&dairy.sign(&event(3))]);
        send(&topic, &event(4), &[&dairy.sign(&event(2))]);
        send(&topic, &event(5), &[&Pair::new(2).sign(&event(5))]);
        send(&topic, &event(6), &["eyJhbGciOiJub25lIn0.."]);
        send(&topic, &event(7), &[&dairy.sign(&event(7)), &dairy.sign(&event(7))]);
        let report = site.ingest().expect_code(0).json();

        assert_eq!((&report["recorded"], &report["refused"]), (&json!(3), &json!(4)), "{report}");
        let told = |number| {
            let shown = shown(&site, number);
            (shown["submitter"].clone(), shown["submitter_key"].clone())
        };
        assert_eq!(told(1), (json!("maker"), Value::Null));
        assert_eq!(told(2), (json!("dairy"), json!(dairy.in_leaf())));
        assert_eq!(told(3), (json!("dairy"), json!(dairy.in_leaf())));
        let details: Vec<String> = refused(&site)
            .into_iter()
            .map(|(submitter, rule, detail)| {
                assert_eq!((submitter.as_str(), rule.as_str()), ("", "unproven-submitter"));
                detail
            })
            .collect();
        let said = ["does not hold", "no organisation has", "no detached JWS", "several headers"];
        assert_eq!(details.len(), said.len(), "{details:?}");
        for (detail, said) in details.iter().zip(said) {
            assert!(detail.contains(said), "{detail}");
        }
        // What nobody is proven to have said can still be said by who it is.
        send(&topic, &event(5), &[&dairy.sign(&event(5))]);
        site.ingest().expect_code(0);
        assert_eq!(told(5), (json!("dairy"), json!(dairy.in_leaf())));
        site.verify();
    }

    fn what_comes_after_a_key_was_revoked_is_nobodys(db) {
        let topic = Topic::new(1);
        let dairy = Pair::new(1);
        let site = signing(db, &topic, &dairy);
        send(&topic, &event(1), &[&dairy.sign(&event(1))]);
        let revoke = || site.workplace.run(["--json", "signer", "revoke", &dairy.id()]);
        let revoked = revoke().expect_code(0).json();
        send(&topic, &event(2), &[&dairy.sign(&event(2))]);
        site.ingest().expect_code(0);

        assert_eq!(shown(&site, 1)["submitter"], "dairy", "it came before");
        let refused = refused(&site);
        assert_eq!(refused.len(), 1);
        assert!(refused[0].2.contains("was revoked"), "{refused:?}");
        assert_eq!(revoke().expect_code(0).json(), revoked, "once is enough");
        add(&site, "dairy", "dairy.pem").expect_code(3);
        site.verify();
    }

    fn who_signs_may_say_what_is_theirs_alone(db) {
        let topic = Topic::new(1);
        let dairy = Pair::new(1);
        let site = signing(db, &topic, &dairy);
        let products = "gtin,name,org,mode\n09521234543213,奶,shop,stored\n";
        std::fs::write(site.workplace.path("products.csv"), products).unwrap();
        site.workplace.run(["product", "import", "products.csv"]).expect_code(0);
        send(&topic, &event(1), &[&dairy.sign(&event(1))]);
        send(&topic, &event(2), &[]);
        site.ingest().expect_code(0);

        let letters = refused(&site);
        assert_eq!(letters.len(), 1, "who writes unsigned is trusted: {letters:?}");
        assert_eq!((&*letters[0].0, &*letters[0].1), ("dairy", "not-authorised"));
        // Nor is it believed when it is replayed.
        let replayed = site.workplace.run(["--json", "dead-letter", "replay", "--all"]);
        replayed.expect_code(3);
        assert_eq!(refused(&site).len(), 1);
    }

    fn unsigned_records_are_refused_where_they_must_be_signed(db) {
        let topic = Topic::new(1);
        let dairy = Pair::new(1);
        let site = signing(db, &topic, &dairy);
        let file = site.workplace.path("suyuan.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        let text = text.replace("submitter = \"maker\"", "unsigned = \"refuse\"");
        std::fs::write(&file, text).unwrap();
        send(&topic, &event(1), &[]);
        send(&topic, &event(2), &[&dairy.sign(&event(2))]);
        site.ingest().expect_code(0);

        assert_eq!(shown(&site, 2)["submitter"], "dairy");
        let refused = refused(&site);
        assert_eq!(refused.len(), 1);
        assert!(refused[0].2.contains("not signed"), "{refused:?}");
        site.verify();
        // Whoever it is said to be of may say no more than is theirs.
        let products = "gtin,name,org,mode\n09521234543213,奶,shop,stored\n";
        std::fs::write(site.workplace.path("products.csv"), products).unwrap();
        site.workplace.run(["product", "import", "products.csv"]).expect_code(0);
        let replay = |org| site.workplace.run(["dead-letter", "replay", "--all", "--as", org]);
        replay("dairy").expect_code(3);
        replay("shop").expect_code(0);
        assert_eq!(shown(&site, 1)["submitter"], "shop");
    }
}

#[test]
fn a_key_is_one_organisations_and_nothing_else_is_a_key() {
    let database = TestDatabase::sqlite();
    let topic = Topic::new(1);
    let dairy = Pair::new(1);
    let site = signing(&database, &topic, &dairy);
    let file = |name: &str, text: &str| std::fs::write(site.workplace.path(name), text).unwrap();
    file("dairy.jwk", &dairy.jwk());
    file("none.pem", "no key");

    let again = add(&site, "dairy", "dairy.jwk").expect_code(0).json();
    let others = add(&site, "shop", "dairy.pem").expect_code(3).json();
    let none = add(&site, "shop", "none.pem").expect_code(3).json();
    add(&site, "nobody", "none.pem").expect_code(3);
    add(&site, "nobody", "dairy.pem").expect_code(4);
    site.workplace
        .run(["signer", "revoke", "none"])
        .expect_code(4);

    assert_eq!(again["id"], json!(dairy.id()), "PEM and JWK are one key");
    assert!(
        others["detail"]
            .as_str()
            .unwrap()
            .contains("another organisation's: dairy")
    );
    assert!(
        none["detail"]
            .as_str()
            .unwrap()
            .contains("none.pem is no Ed25519 public key")
    );
    let listed = site
        .workplace
        .run(["--json", "signer", "list"])
        .expect_code(0);
    assert_eq!(listed.stdout.lines().count(), 1);
    let keys: Value = serde_json::from_str(listed.stdout.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&keys["x"], &keys["revoked_at"]),
        (&json!(dairy.x()), &Value::Null)
    );
}
