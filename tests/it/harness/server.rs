//! A server of a test's own, for tests that break it and bring it back. Everything else uses the shared ones.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A server that `tests/servers` knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// PostgreSQL.
    Postgres,
    /// Apache Kafka.
    Kafka,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Kafka => "kafka",
        }
    }
}

/// A running server with its own folder and port; both stay through [`kill`](Self::kill) and [`start`](Self::start).
#[derive(Debug)]
pub(crate) struct OwnServer {
    kind: Kind,
    folder: TempDir,
    address: String,
}

impl OwnServer {
    /// Makes and starts one.
    pub(crate) fn new(kind: Kind) -> Self {
        // PostgreSQL's own user must be able to enter.
        let folder = tempfile::Builder::new()
            .prefix("suyuan-server.")
            .permissions(Permissions::from_mode(0o755))
            .tempdir()
            .unwrap();
        let mut server = Self {
            kind,
            folder,
            address: String::new(),
        };
        server.address = server.start();
        server
    }

    /// PostgreSQL: a URL. Kafka: the bootstrap address.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Starts it again where it was, and waits until it answers.
    pub(crate) fn start(&self) -> String {
        self.tell("start")
    }

    /// Ends it at once, as a power cut would.
    pub(crate) fn kill(&self) {
        self.tell("kill");
    }

    fn tell(&self, verb: &str) -> String {
        let output = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/servers"))
            .args([self.kind.as_str(), verb])
            .arg(self.folder.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        if !output.status.success() {
            let why = String::from_utf8_lossy(&output.stderr);
            // A second panic while a failed test unwinds would hide the first.
            assert!(std::thread::panicking(), "{:?} {verb}: {why}", self.kind);
        }
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
}

impl Drop for OwnServer {
    fn drop(&mut self) {
        self.tell("stop");
    }
}
