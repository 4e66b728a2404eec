//! Master data and messages into a fresh database, through the doors that everybody's come through.

use indicatif::ProgressBar;

use crate::app::{App, Problem};
use crate::capture::{self, Authority, Batch, Content, Incoming, Part, Recorded};
use crate::cli::Context;
use crate::cli::bench::fill::{broken, dictionary};
use crate::codes;
use crate::db::Conn;
use crate::ledger::{Expect, Giver, Ledger, ShardName};
use crate::parties::{self, Imported};
use crate::scenario::{SerialSource, Stream, Truth, World};

use super::REGULATOR;

/// Messages of one transaction.
const MESSAGES_A_BATCH: usize = 500;

/// What became of the messages.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Fed {
    pub(super) recorded: u64,
}

type Import = fn(&mut Conn, &Ledger, &Giver, &[u8], bool) -> Result<Imported, parties::Error>;
type WriteCsv = fn(&World, &mut Vec<u8>) -> std::io::Result<()>;

/// Imports the master data as CSV.
pub(super) fn import(app: &App, world: &World) -> Result<(), Problem> {
    let giver = Context::giver(None, app.clock.now());
    let tables: [(WriteCsv, Import); 4] = [
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
        (
            |world, out| world.write_aliases_csv(out),
            codes::import_aliases,
        ),
    ];
    for (write, import) in tables {
        let mut csv = Vec::new();
        write(world, &mut csv)
            .map_err(|error| broken("the master data cannot be written").because(error))?;
        let done = app
            .db
            .write(|conn| import(conn, &app.ledger, &giver, &csv, false))?;
        if let Some(fault) = done.refused.first() {
            return Err(broken(format!("the master data was refused: {fault:?}")));
        }
    }
    Ok(())
}

/// Records every message of a world; its truth.
pub(super) fn feed<S: SerialSource>(
    app: &App,
    mut stream: Stream<S>,
    bar: &ProgressBar,
) -> Result<(Truth, Fed), Problem> {
    let name = ShardName::new("suyuan.events", 0);
    let mut fed = Fed::default();
    let mut offset = 0;
    loop {
        let messages = stream.by_ref().take(MESSAGES_A_BATCH);
        let incoming: Vec<Incoming> = messages
            .zip(offset..)
            .map(|(message, offset)| Incoming {
                offset: Some(offset),
                record_time: message.recorded_at,
                content: Content::Value(message.body),
                signature: None,
            })
            .collect();
        if incoming.is_empty() {
            return Ok((stream.finish(), fed));
        }
        let count = incoming.len() as u64;
        offset += i64::try_from(count).unwrap_or(i64::MAX);
        let records = capture::read_all(incoming);
        let receipt = app.db.write(|conn| {
            let shard = app.ledger.shard(conn, &name)?;
            let batch = Batch {
                shard: &shard,
                expect: Expect::Any,
                parts: vec![Part {
                    submitter: REGULATOR,
                    authority: Authority::Any,
                    records,
                }],
            };
            capture::record(conn, &app.ledger, dictionary(app), batch)
                .map(Recorded::whole)
                .map_err(Problem::from)
        })?;
        if receipt.refused != 0 || receipt.conflicts != 0 {
            return Err(broken(format!("not every event was recorded: {receipt:?}")));
        }
        fed.recorded += receipt.recorded as u64;
        bar.inc(count);
    }
}
