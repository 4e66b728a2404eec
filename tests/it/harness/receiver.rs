//! Somebody whom notices are sent to: listens on a free port of this machine and keeps what it hears.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// Longest wait for something to be heard.
const PATIENCE: Duration = Duration::from_mins(3);

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Heard {
    /// `POST /path HTTP/1.1`
    pub(crate) line: String,
    /// By names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    /// The body.
    pub(crate) body: String,
}

impl Heard {
    /// The notice's id.
    pub(crate) fn id(&self) -> &str {
        &self.headers["webhook-id"]
    }

    /// What the notice says.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Which of its signatures this secret makes, counted from 0; computed as the standard says it.
    pub(crate) fn signature_of(&self, secret: &str) -> Option<usize> {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap());
        let mut mac = Hmac::<Sha256>::new_from_slice(&key.unwrap()).unwrap();
        for part in [self.id(), ".", &self.headers["webhook-timestamp"], "."] {
            mac.update(part.as_bytes());
        }
        mac.update(self.body.as_bytes());
        let expected = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        let signatures = &self.headers["webhook-signature"];
        signatures.split(' ').position(|found| found == expected)
    }
}

/// The one who listens.
#[derive(Debug)]
pub(crate) struct Receiver {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<Heard>>>,
    is_over: Arc<AtomicBool>,
}

impl Receiver {
    /// Takes everything.
    pub(crate) fn content() -> Self {
        Self::answering(|_, _| "204 No Content".to_owned())
    }

    /// Answers as it is told: status and more lines of the head, by what it hears and how much it heard before.
    pub(crate) fn answering(
        answer: impl Fn(&Heard, usize) -> String + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let receiver = Self {
            address: listener.local_addr().unwrap(),
            heard: Arc::default(),
            is_over: Arc::default(),
        };
        let (heard, is_over) = (Arc::clone(&receiver.heard), Arc::clone(&receiver.is_over));
        let answer = Arc::new(answer);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if is_over.load(Ordering::SeqCst) {
                    return;
                }
                let (heard, answer) = (Arc::clone(&heard), Arc::clone(&answer));
                std::thread::spawn(move || converse(stream.unwrap(), &heard, &*answer));
            }
        });
        receiver
    }

    /// Where it listens, with this path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What it heard until now, in order.
    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    /// The ids of what it heard until now.
    pub(crate) fn ids(&self) -> Vec<String> {
        self.heard()
            .iter()
            .map(|heard| heard.id().to_owned())
            .collect()
    }

    /// Waits until it has heard so much.
    pub(crate) fn wait_for(&self, count: usize) -> Vec<Heard> {
        let began = Instant::now();
        loop {
            let heard = self.heard();
            if count <= heard.len() {
                return heard;
            }
            assert!(began.elapsed() < PATIENCE, "heard only {heard:#?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        // Wakes whoever waits for the next caller; if nobody can call, nobody waits.
        drop(TcpStream::connect(self.address));
    }
}

/// Whoever calls may go away at any time: that is heard as nothing.
fn converse(
    mut stream: TcpStream,
    all: &Mutex<Vec<Heard>>,
    answer: &dyn Fn(&Heard, usize) -> String,
) {
    let Some(heard) = hear(&stream) else { return };
    let before = {
        let mut all = all.lock().unwrap();
        all.push(heard.clone());
        all.len() - 1
    };
    let answer = answer(&heard, before);
    let text = format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    drop(stream.write_all(text.as_bytes()));
}

fn hear(stream: &TcpStream) -> Option<Heard> {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| 0 < *read)?;
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let headers: BTreeMap<String, String> = lines[1..]
        .iter()
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let mut body = vec![0; headers["content-length"].parse().unwrap()];
    reader.read_exact(&mut body).ok()?;
    Some(Heard {
        line: lines.remove(0),
        headers,
        body: String::from_utf8(body).unwrap(),
    })
}
