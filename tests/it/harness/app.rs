//! The running whole over a test's database: keys of its own, a clock that stands.

use suyuan::app::{self, App, Clock, Config, KeyFolder};
use suyuan::capture::{ErrorBehaviour, Receipt};
use suyuan::codes;
use suyuan::epcis::Timestamp;
use suyuan::ledger::Giver;
use suyuan::parties;
use tempfile::TempDir;

use super::database::TestDatabase;

/// When every test happens: 2026-09-21T14:13:20Z.
pub(crate) const NOW: Timestamp = Timestamp::from_micros(1_790_000_000_000_000);

/// An opened program, as the local operator has it.
#[derive(Debug)]
pub(crate) struct TestApp {
    pub(crate) app: App,
    // Gone with the app.
    _keys: TempDir,
}

impl TestApp {
    /// Over this database, with new keys.
    pub(crate) fn on(db: &TestDatabase) -> Self {
        let home = tempfile::tempdir().unwrap();
        let keys = home.path().join("keys");
        KeyFolder::init(&keys).unwrap();
        let mut config = Config::default();
        config.database.url = db.address();
        config.database.pool = 2;
        config.keys.dir = keys;
        let app = App::open(config, Clock::standing(NOW)).unwrap();
        Self { app, _keys: home }
    }

    /// The local operator, now.
    pub(crate) fn giver(&self) -> Giver {
        Giver {
            by: "cli:test".into(),
            on_behalf_of: None,
            at: self.app.clock.now(),
        }
    }

    /// Imports organisations: lines under `id,name,role`.
    pub(crate) fn organisations(&self, lines: &str) {
        let csv = format!("id,name,role\n{lines}\n");
        let done = self
            .app
            .db
            .write(|conn| {
                parties::import_organisations(
                    conn,
                    &self.app.ledger,
                    &self.giver(),
                    csv.as_bytes(),
                    false,
                )
            })
            .unwrap();
        assert_eq!(done.refused, vec![]);
    }

    /// Imports places: lines under `gln,name,org`.
    pub(crate) fn places(&self, lines: &str) {
        let csv = format!("gln,name,org\n{lines}\n");
        let done = self
            .app
            .db
            .write(|conn| {
                parties::import_places(conn, &self.app.ledger, &self.giver(), csv.as_bytes(), false)
            })
            .unwrap();
        assert_eq!(done.refused, vec![]);
    }

    /// Imports products: lines under `gtin,name,org,mode`.
    pub(crate) fn products(&self, lines: &str) {
        let csv = format!("gtin,name,org,mode\n{lines}\n");
        let done = self
            .app
            .db
            .write(|conn| {
                parties::import_products(
                    conn,
                    &self.app.ledger,
                    &self.giver(),
                    csv.as_bytes(),
                    false,
                )
            })
            .unwrap();
        assert_eq!(done.refused, vec![]);
    }

    pub(crate) fn aliases(&self, lines: &str) {
        let csv = format!("id,same_as,org,valid\n{lines}\n");
        let done = self
            .app
            .db
            .write(|conn| {
                codes::import_aliases(conn, &self.app.ledger, &self.giver(), csv.as_bytes(), false)
            })
            .unwrap();
        assert_eq!(done.refused, vec![]);
    }

    /// Captures one body for an organisation, as the local operator.
    pub(crate) fn capture(&self, org: &str, body: &str) -> Receipt {
        app::capture_local(
            &self.app,
            org,
            body.as_bytes().to_vec(),
            ErrorBehaviour::Proceed,
        )
        .unwrap()
    }
}
