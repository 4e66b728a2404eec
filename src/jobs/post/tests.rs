//! A courier against receivers of this machine, and names that are made up.

use std::io::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;

use super::*;

const NOW: Timestamp = Timestamp::from_micros(1_790_000_000_000_000);

/// Names that lead to one address after the other, and then always to the last.
#[derive(Debug)]
struct Changing {
    addresses: Vec<SocketAddr>,
    asked: AtomicUsize,
}

impl Changing {
    fn new(addresses: &[SocketAddr]) -> Self {
        Self {
            addresses: addresses.to_vec(),
            asked: AtomicUsize::new(0),
        }
    }
}

impl Resolver for Changing {
    fn resolve(
        &self,
        _uri: &Uri,
        _config: &Config,
        _timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let asked = self.asked.fetch_add(1, Ordering::SeqCst);
        let mut found = self.empty();
        found.push(self.addresses[asked.min(self.addresses.len() - 1)]);
        Ok(found)
    }
}

fn courier(allow: &str, addresses: &[SocketAddr]) -> Courier {
    let rules = Rules {
        plain_http: true,
        allowed: allow.parse().unwrap(),
    };
    Courier::with_names(rules, Vec::new(), Changing::new(addresses))
}

fn post(courier: &Courier, url: &str) -> Outcome {
    courier.post(url, &[("webhook-id", "a")], "{}", NOW)
}

/// Answers this to each of so many callers, and tells what it heard.
fn answering(answer: &'static str, callers: usize) -> (SocketAddr, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let heard = std::thread::spawn(move || {
        let hear = |_| {
            let (mut stream, _) = listener.accept().unwrap();
            let mut heard = [0; 4096];
            let count = stream.read(&mut heard).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
            String::from_utf8_lossy(&heard[..count]).into_owned()
        };
        (0..callers).map(hear).collect()
    });
    (address, heard)
}

#[test]
fn what_is_answered_decides_and_redirects_are_not_followed() {
    let failed = |failure, seconds: Option<u64>| Outcome::Failed {
        failure,
        asked: seconds.map(Duration::from_secs),
    };
    for (answer, expected) in [
        ("HTTP/1.1 204 No Content\r\n\r\n", Outcome::Delivered),
        (
            "HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n",
            Outcome::Gone,
        ),
        (
            "HTTP/1.1 503 Busy\r\nretry-after: 77\r\ncontent-length: 0\r\n\r\n",
            failed(Failure::Answered(503), Some(77)),
        ),
        (
            "HTTP/1.1 307 Elsewhere\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
            failed(Failure::Redirected(307), None),
        ),
        ("nonsense\r\n\r\n", failed(Failure::Garbled, None)),
    ] {
        let (address, heard) = answering(answer, 1);
        let courier = courier("127.0.0.0/8", &[address]);

        let outcome = post(&courier, "http://receiver.example/x?y=1");

        assert_eq!(outcome, expected, "{answer}");
        let heard = heard.join().unwrap().remove(0);
        assert!(heard.starts_with("POST /x?y=1 HTTP/1.1\r\n"), "{heard}");
        assert!(heard.contains("host: receiver.example\r\n"), "{heard}");
        assert!(heard.contains("user-agent: suyuan/"), "{heard}");
    }
}

#[test]
fn a_name_that_comes_to_lead_into_a_closed_network_is_not_called_there() {
    let (open, heard) = answering("HTTP/1.1 204 No Content\r\n\r\n", 1);
    let closed = TcpListener::bind("127.0.0.2:0").unwrap();
    closed.set_nonblocking(true).unwrap();
    let courier = courier("127.0.0.1", &[open, closed.local_addr().unwrap()]);

    let first = post(&courier, "http://receiver.example/");
    let second = post(&courier, "http://receiver.example/");

    assert_eq!(first, Outcome::Delivered);
    assert_eq!(second, Outcome::failed(Misaddressed::Closed.into()));
    heard.join().unwrap();
    assert!(closed.accept().is_err(), "somebody called");
}

#[test]
fn what_cannot_be_reached_is_told_without_saying_where_it_was_looked_for() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = nobody.local_addr().unwrap();
    drop(nobody);
    let courier = courier("127.0.0.0/8", &[address]);

    let refused = post(&courier, "http://receiver.example/");
    let unencrypted = post(&courier, "ftp://receiver.example/");

    assert_eq!(refused, Outcome::failed(Failure::Unreachable));
    assert_eq!(unencrypted, Outcome::failed(Misaddressed::Scheme.into()));
    assert!(!Failure::Unreachable.to_string().contains("127"));
}

#[test]
fn who_does_not_speak_encrypted_is_not_sent_to_over_https() {
    let (address, _heard) = answering("HTTP/1.1 204 No Content\r\n\r\n", 1);
    let courier = courier("127.0.0.0/8", &[address]);

    let outcome = post(&courier, "https://receiver.example/");

    assert_eq!(outcome, Outcome::failed(Failure::Encryption));
}

/// Somebody called `receiver.example` who takes everything from so many callers, encrypted, and his certificate.
fn encrypted(callers: usize) -> (SocketAddr, rcgen::Certificate) {
    let names = vec!["receiver.example".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).unwrap();
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.into())
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for _ in 0..callers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut conn = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = rustls::Stream::new(&mut conn, &mut stream);
            // Who does not trust us goes away.
            if stream.read(&mut [0; 4096]).is_ok() {
                drop(stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n"));
            }
        }
    });
    (address, made.cert)
}

#[test]
fn only_who_has_a_trusted_certificate_of_his_name_is_sent_to() {
    let (address, cert) = encrypted(3);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, cert.pem()).unwrap();
    let courier = |roots| {
        let rules = Rules {
            plain_http: false,
            allowed: "127.0.0.1".parse().unwrap(),
        };
        Courier::with_names(rules, roots, Changing::new(&[address]))
    };
    let (trusting, strange) = (
        courier(roots(&file).unwrap()),
        courier(roots(Path::new("")).unwrap()),
    );

    let refused = Outcome::failed(Failure::Encryption);
    for (courier, url, expected) in [
        (&trusting, "https://receiver.example/", Outcome::Delivered),
        (&trusting, "https://another.example/", refused),
        (&strange, "https://receiver.example/", refused),
    ] {
        assert_eq!(post(courier, url), expected, "{url}");
    }
}
