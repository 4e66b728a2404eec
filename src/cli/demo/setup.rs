//! Before the first event: keys, schema, master data, and the codes of every lot.

use std::collections::BTreeMap;
use std::path::Path;

use super::folder::Folder;
use crate::app::{App, Clock, Code, Config, KeyFolder, Problem};
use crate::codes::{self, Batch, ComputedSerial, Dictionary, ItemNumber, SerialBook};
use crate::db::{Conn, migrate};
use crate::gs1::Gtin;
use crate::ledger::{Giver, Ledger};
use crate::parties::{self, Imported};
use crate::scenario::{PlannedLot, SerialSource, World};

/// The name of the demonstration's ledger.
const ORIGIN: &str = "suyuan.demo";
/// The topic of the demonstration.
pub(super) const TOPIC: &str = "suyuan.events";

/// The configuration of a run: nothing of another installation is touched.
pub(super) fn configuration(
    mut config: Config,
    folder: &Folder,
    brokers: String,
    submitter: &str,
) -> Config {
    config.database.url = format!("sqlite:{}", folder.database().display());
    config.keys.dir = folder.keys();
    ORIGIN.clone_into(&mut config.ledger.origin);
    config.kafka.brokers = brokers;
    TOPIC.clone_into(&mut config.kafka.topic);
    submitter.clone_into(&mut config.kafka.submitter);
    config.kafka.client.0.clear();
    config
}

/// Makes the keys and the schema and opens the whole. The configuration is written down for later commands,
/// without the broker, which ends with the demonstration.
pub(super) fn open(config: Config, file: &Path) -> Result<App, Problem> {
    KeyFolder::init(&config.keys.dir)?;
    let mut conn = Conn::open_or_create(&config.database_url()?)?;
    migrate::run(&mut conn)?;
    drop(conn);
    let mut later = config.clone();
    later.kafka.brokers.clear();
    let text = toml::to_string(&later).map_err(|error| {
        Problem::new(Code::Internal, "the configuration cannot be written").because(error)
    })?;
    std::fs::write(file, text).map_err(|error| {
        Problem::new(
            Code::Internal,
            format!("{} cannot be written", file.display()),
        )
        .because(error)
    })?;
    Ok(App::open(config, Clock::System)?)
}

type Import = fn(&mut Conn, &Ledger, &Giver, &[u8], bool) -> Result<Imported, parties::Error>;
type WriteCsv = fn(&World, &mut Vec<u8>) -> std::io::Result<()>;

/// Imports the world's organisations, places and products, as CSV like anybody's.
pub(super) fn import(app: &App, giver: &Giver, world: &World) -> Result<(), Problem> {
    let tables: [(WriteCsv, Import); 3] = [
        (
            |world, out| world.write_parties_csv(out),
            parties::import_organisations,
        ),
        (
            |world, out| world.write_places_csv(out),
            parties::import_places,
        ),
        (
            |world, out| world.write_products_csv(out),
            parties::import_products,
        ),
    ];
    for (write, import) in tables {
        let mut csv = Vec::new();
        write(world, &mut csv).map_err(|error| {
            Problem::new(Code::Internal, "master data cannot be written").because(error)
        })?;
        let done = app
            .db
            .write(|conn| import(conn, &app.ledger, giver, &csv, false))?;
        if let Some(fault) = done.refused.first() {
            let detail = format!(
                "master data, line {}, {}: {}",
                fault.line, fault.field, fault.detail
            );
            return Err(Problem::new(Code::InvalidTable, detail));
        }
    }
    Ok(())
}

/// The issued codes, handed out lot by lot in the order of their indexes.
#[derive(Debug, Clone, Default)]
pub(super) struct Issued {
    lots: BTreeMap<(String, String), Stock>,
}

#[derive(Debug, Clone)]
struct Stock {
    book: SerialBook,
    batch: Batch,
    next: u32,
}

/// Issues the codes of every lot.
pub(super) fn issue(app: &App, giver: &Giver, lots: &[PlannedLot]) -> Result<Issued, Problem> {
    let dictionary = Dictionary {
        master: &app.master,
        seal: &app.ledger.seal,
    };
    let mut issued = Issued::default();
    for lot in lots {
        let gtin = Gtin::parse(&lot.gtin)
            .map_err(|fault| Problem::new(Code::Internal, format!("{}: {fault}", lot.gtin)))?;
        let request = codes::Request {
            gtin,
            lot: lot.lot.clone(),
            count: lot.count.into(),
            request_id: Some(format!("demo {}", lot.lot)),
        };
        let batch = app
            .db
            .write(|conn| codes::issue(conn, &app.ledger, dictionary, giver, &request))?;
        let book = batch.book(&app.master);
        let key = (lot.gtin.clone(), lot.lot.clone());
        issued.lots.insert(
            key,
            Stock {
                book,
                batch,
                next: 0,
            },
        );
    }
    Ok(issued)
}

impl Issued {
    /// Batches that were issued.
    pub(super) fn batches(&self) -> usize {
        self.lots.len()
    }

    /// Codes that were issued.
    pub(super) fn codes(&self) -> u64 {
        self.lots
            .values()
            .map(|stock| u64::from(stock.batch.count))
            .sum()
    }

    /// Every code as its canonical link, lot by lot.
    pub(super) fn links(&self) -> impl Iterator<Item = (Gtin, ComputedSerial)> + '_ {
        self.lots.values().flat_map(|stock| {
            let serials = (0..stock.batch.count).filter_map(|index| stock.serial(index));
            serials.map(|serial| (stock.batch.gtin, serial))
        })
    }
}

impl Stock {
    fn serial(&self, index: u32) -> Option<ComputedSerial> {
        let item = ItemNumber::new(self.batch.number, index).ok()?;
        Some(self.book.issue(item))
    }
}

impl SerialSource for Issued {
    /// As many as are left of the lot.
    fn take(&mut self, gtin: &str, lot: &str, count: usize) -> Vec<String> {
        let Some(stock) = self.lots.get_mut(&(gtin.to_owned(), lot.to_owned())) else {
            return Vec::new();
        };
        let left = stock.batch.count - stock.next;
        let count = u32::try_from(count).unwrap_or(left).min(left);
        let first = stock.next;
        stock.next += count;
        let serials = (first..stock.next).filter_map(|index| stock.serial(index));
        serials.map(|serial| serial.to_string()).collect()
    }
}
