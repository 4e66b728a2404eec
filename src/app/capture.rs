//! Capturing outside Kafka: one body, one record in `http/0`.

use super::{App, Problem};
use crate::capture::{
    self, Authority, Batch, Content, ErrorBehaviour, Incoming, Job, Part, ReadRecord, Receipt,
    Recorded, Shape,
};
use crate::codes::Dictionary;
use crate::db::{self, Conn};
use crate::epcis::Timestamp;
use crate::ledger::{Expect, ShardName};
use crate::parties;

/// Why nothing was written.
pub(super) enum Stop {
    /// Some shall leave no trace: which, from 0, and why.
    NothingToRecord(Vec<(usize, Receipt)>),
    /// It failed.
    Failed(capture::Error),
}

impl From<db::Error> for Stop {
    fn from(error: db::Error) -> Self {
        Self::Failed(error.into())
    }
}

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

/// A body that was read.
#[derive(Debug)]
pub(super) struct Submitted {
    org: String,
    authority: Authority,
    records: Vec<ReadRecord>,
    /// How long it is.
    pub(super) bytes: usize,
    error_behaviour: ErrorBehaviour,
    keep_job: bool,
    created_at: Timestamp,
}

impl Submitted {
    fn part(&self) -> Part<'_> {
        Part {
            submitter: &self.org,
            authority: self.authority.clone(),
            records: self.records.clone(),
        }
    }

    /// Whether nothing of it shall be recorded.
    fn leaves_no_trace(&self, receipt: &Receipt) -> bool {
        let bad = receipt.conflicts + receipt.refused;
        let none = receipt.recorded + receipt.duplicates == 0 && bad != 0;
        let rollback = self.error_behaviour == ErrorBehaviour::Rollback;
        is_malformed(&self.records) || none || (rollback && bad != 0)
    }

    fn job(&self, app: &App, receipt: &mut Receipt) -> Option<Job> {
        let is_kept = self.keep_job && !receipt.is_refused_at_sight();
        is_kept.then(|| {
            let now = app.clock.now();
            let job = Job::finished(
                &self.org,
                self.error_behaviour,
                self.created_at,
                now,
                receipt,
            );
            receipt.job = Some(job.id.clone());
            job
        })
    }
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

/// Captures one body for an organisation, in one transaction with those that come meanwhile. With rollback, and
/// when nothing of the body can be recorded, nothing is written; the receipt tells why. The job is written with the
/// events; one whose body reading alone refuses is not kept.
pub fn capture_body(app: &App, submission: Submission<'_>) -> Result<Receipt, Problem> {
    let created_at = app.clock.now();
    let bytes = submission.body.len();
    let submitted = Submitted {
        org: submission.org.to_owned(),
        authority: submission.authority,
        records: read(submission.body, created_at),
        bytes,
        error_behaviour: submission.error_behaviour,
        keep_job: submission.keep_job,
        created_at,
    };
    if is_malformed(&submitted.records) {
        return alone(app, &submitted);
    }
    app.group.capture(app, submitted)
}

/// Captures bodies in one transaction, if none of them shall leave no trace.
pub(super) fn together(app: &App, bodies: &[&Submitted]) -> Result<Vec<Receipt>, Stop> {
    app.db.write_in_turn(|conn| {
        let parts = bodies.iter().map(|body| body.part()).collect();
        let recorded = record_here(app, conn, parts).map_err(Stop::Failed)?;
        let mut receipts = recorded.receipts;
        let all = bodies.iter().zip(&receipts).enumerate();
        let refused = all.filter(|(_, (body, receipt))| body.leaves_no_trace(receipt));
        let refused: Vec<(usize, Receipt)> = refused
            .map(|(number, (_, receipt))| (number, receipt.clone()))
            .collect();
        if !refused.is_empty() {
            return Err(Stop::NothingToRecord(refused));
        }
        let jobs = bodies.iter().zip(&mut receipts);
        let jobs = jobs.filter_map(|(body, receipt)| body.job(app, receipt));
        capture::insert_jobs(conn, jobs.collect())?;
        Ok(receipts)
    })
}

/// Captures one body by itself.
pub(super) fn alone(app: &App, body: &Submitted) -> Result<Receipt, Problem> {
    match together(app, &[body]) {
        Ok(receipts) => Ok(receipts.into_iter().next().unwrap_or_default()),
        Err(Stop::NothingToRecord(refused)) => {
            let refused = refused.into_iter().next();
            let mut receipt = refused.map(|(_, receipt)| receipt).unwrap_or_default();
            receipt.recorded = 0;
            receipt.duplicates = 0;
            if let Some(job) = body.job(app, &mut receipt) {
                app.db.write(|conn| capture::insert_jobs(conn, vec![job]))?;
            }
            Ok(receipt)
        }
        Err(Stop::Failed(error)) => Err(error.into()),
    }
}

/// Reads one body as one record.
pub(super) fn read(body: Vec<u8>, now: Timestamp) -> Vec<ReadRecord> {
    capture::read_all(vec![Incoming {
        offset: None,
        record_time: now,
        content: Content::Value(body),
        signature: None,
    }])
}

/// Whether any of it is no document or event at all.
pub(super) fn is_malformed(records: &[ReadRecord]) -> bool {
    let mut shapes = records.iter().map(|record| &record.shape);
    shapes.any(|shape| matches!(shape, Shape::Refused { .. }))
}

/// Records parts in `http/0`.
pub(super) fn record_here(
    app: &App,
    conn: &mut Conn,
    parts: Vec<Part<'_>>,
) -> Result<Recorded, capture::Error> {
    let dictionary = Dictionary {
        master: &app.master,
        seal: &app.ledger.seal,
    };
    let shard = app.ledger.shard(conn, &ShardName::http())?;
    let batch = Batch {
        shard: &shard,
        expect: Expect::Any,
        parts,
    };
    capture::record(conn, &app.ledger, dictionary, batch)
}
