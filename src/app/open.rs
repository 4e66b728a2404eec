//! Opening: configuration and keys to a running whole.

use super::{Clock, Config, Error, Group, Ingesting, KeyFolder};
use crate::codes::MasterKey;
use crate::db::Db;
use crate::ledger::Ledger;
use crate::webhooks::SealingKey;

/// What every entrance is given.
#[derive(Debug)]
pub struct App {
    /// What is in force.
    pub config: Config,
    /// The database.
    pub db: Db,
    /// The ledger's origin and keys.
    pub ledger: Ledger,
    /// The key of codes.
    pub master: MasterKey,
    /// The key of the secrets of webhooks.
    pub webhook_key: SealingKey,
    /// The time.
    pub clock: Clock,
    /// How ingestion in this process is doing.
    pub ingesting: Ingesting,
    /// What waits to be captured.
    pub group: Group,
}

impl App {
    /// Opens the database and the keys; the schema must be current.
    pub fn open(config: Config, clock: Clock) -> Result<Self, Error> {
        let keys = KeyFolder::open(&config.keys.dir)?;
        let db = Db::open(&config.database_url()?, config.database.pool)?;
        let ledger = Ledger {
            origin: config.ledger.origin.clone(),
            salts: keys.salts,
            seal: keys.seal,
        };
        Ok(Self {
            config,
            db,
            ledger,
            master: keys.master,
            webhook_key: keys.webhooks,
            clock,
            ingesting: Ingesting::default(),
            group: Group::default(),
        })
    }
}
