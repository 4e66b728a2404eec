//! Capturing outside Kafka: one body, one record in `http/0`.

use super::{App, Problem};
use crate::capture::{
    self, Authority, Batch, Content, ErrorBehaviour, Incoming, Job, Receipt, Shape,
};
use crate::codes::Dictionary;
use crate::db::{self, Conn};
use crate::ledger::{Expect, ShardName};
use crate::parties;

/// A batch that shall leave no trace, or that failed.
enum Stop {
    NothingToRecord(Receipt),
    Failed(capture::Error),
}

impl From<db::Error> for Stop {
    fn from(error: db::Error) -> Self {
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

/// One body, on its way in.
#[derive(Debug)]
pub struct Submission<'a> {
    /// The organisation it is recorded for.
    pub org: &'a str,
    /// What that organisation may say.
    pub authority: Authority,
    /// The body.
    pub body: Vec<u8>,
    /// What an error does.
    pub error_behaviour: ErrorBehaviour,
    /// Whether a job tells afterwards how it went.
    pub keep_job: bool,
}

/// Captures one body for the local operator, who may record for any organisation.
pub fn capture_local(
    app: &App,
    org: &str,
    body: Vec<u8>,
    error_behaviour: ErrorBehaviour,
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
    let submission = Submission {
        org,
        authority: Authority::Any,
        body,
        error_behaviour,
        keep_job: true,
    };
    capture_body(app, submission)
}

/// Captures one body for an organisation. With rollback, and when nothing of the body can be recorded,
/// nothing is written; the receipt tells why. The job is written with the events, in one transaction; one
/// whose body reading alone refuses is not kept.
pub fn capture_body(app: &App, submission: Submission<'_>) -> Result<Receipt, Problem> {
    let Submission {
        org,
        authority,
        body,
        error_behaviour,
        keep_job,
    } = submission;
    let created_at = app.clock.now();
    let incoming = Incoming {
        offset: None,
        record_time: created_at,
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
    let keep = |conn: &mut Conn, receipt: &mut Receipt| -> Result<(), db::Error> {
        if keep_job && !receipt.is_refused_at_sight() {
            let now = app.clock.now();
            let job = Job::finished(org, error_behaviour, created_at, now, receipt);
            capture::insert_job(conn, &job)?;
            receipt.job = Some(job.id);
        }
        Ok(())
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
        let (mut receipt, _) =
            capture::record(conn, &app.ledger, dictionary, batch).map_err(Failure)?;
        let bad = receipt.conflicts + receipt.refused;
        let none = receipt.recorded + receipt.duplicates == 0 && bad != 0;
        let rollback = error_behaviour == ErrorBehaviour::Rollback;
        if malformed || none || (rollback && bad != 0) {
            receipt.recorded = 0;
            receipt.duplicates = 0;
            return Err(Stop::NothingToRecord(receipt));
        }
        keep(conn, &mut receipt)?;
        Ok(receipt)
    });
    match written {
        Ok(receipt) => Ok(receipt),
        Err(Stop::NothingToRecord(mut receipt)) => {
            app.db.write(|conn| keep(conn, &mut receipt))?;
            Ok(receipt)
        }
        Err(Stop::Failed(error)) => Err(error.into()),
    }
}
