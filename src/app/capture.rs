//! Capturing outside Kafka: one body, one record in `http/0`.

use super::{App, Problem};
use crate::capture::{self, Authority, Batch, Content, Incoming, Receipt, Shape};
use crate::codes::Dictionary;
use crate::ledger::{Expect, ShardName};
use crate::parties;

/// A batch that shall leave no trace, or that failed.
enum Stop {
    NothingToRecord(Receipt),
    Failed(capture::Error),
}

impl From<crate::db::Error> for Stop {
    fn from(error: crate::db::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl<E: Into<capture::Error>> From<Failure<E>> for Stop {
    fn from(Failure(error): Failure<E>) -> Self {
        Self::Failed(error.into())
    }
}

/// Marks an error of another concept on its way into [`Stop`].
struct Failure<E>(E);

/// Captures one body for the local operator, who may record for any organisation.
pub fn capture_local(
    app: &App,
    org: &str,
    body: Vec<u8>,
    rollback: bool,
) -> Result<Receipt, Problem> {
    let known = app
        .db
        .read(|conn| parties::organisation(conn, org))
        .map_err(Problem::from)?;
    if known.is_none() {
        return Err(Problem::from(capture::Error::NoOrganisation(
            org.to_owned(),
        )));
    }
    capture_body(app, org, Authority::Any, body, rollback)
}

/// Captures one body for an organisation. With `rollback`, and when nothing of the body can be recorded,
/// nothing is written; the receipt tells why.
pub fn capture_body(
    app: &App,
    org: &str,
    authority: Authority,
    body: Vec<u8>,
    rollback: bool,
) -> Result<Receipt, Problem> {
    let incoming = Incoming {
        offset: None,
        record_time: app.clock.now(),
        content: Content::Value(body),
    };
    let records = capture::read_all(vec![incoming]);
    let malformed = records
        .iter()
        .any(|record| matches!(record.shape, Shape::Refused { .. }));
    let dictionary = Dictionary {
        master: &app.master,
        seal: &app.ledger.seal,
    };
    let written = app.db.write(|conn| {
        let shard = app
            .ledger
            .shard(conn, &ShardName::http())
            .map_err(Failure)?;
        let batch = Batch {
            shard: &shard,
            expect: Expect::Any,
            records,
            submitter: org,
            authority,
        };
        let (receipt, _) =
            capture::record(conn, &app.ledger, dictionary, batch).map_err(Failure)?;
        let bad = receipt.conflicts + receipt.refused;
        let none = receipt.recorded + receipt.duplicates == 0 && bad != 0;
        if malformed || none || (rollback && bad != 0) {
            let mut receipt = receipt;
            receipt.recorded = 0;
            receipt.duplicates = 0;
            return Err(Stop::NothingToRecord(receipt));
        }
        Ok(receipt)
    });
    match written {
        Ok(receipt) | Err(Stop::NothingToRecord(receipt)) => Ok(receipt),
        Err(Stop::Failed(error)) => Err(error.into()),
    }
}
