//! Rows of capture jobs. Each organisation sees its own.

use diesel::prelude::*;

use super::job::{ErrorBehaviour, Job};
use super::receipt::Receipt;
use crate::db::schema::capture_jobs;
use crate::db::{self, Conn};
use crate::epcis::Timestamp;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = capture_jobs)]
#[diesel(treat_none_as_default_value = false)]
struct JobRow {
    id: String,
    org: String,
    created_at: i64,
    finished_at: Option<i64>,
    error_behaviour: String,
    success: bool,
    running: bool,
    report: String,
}

impl JobRow {
    fn of(job: Job) -> Result<Self, db::Error> {
        let report = serde_json::to_string(&job.receipt).map_err(|error| db::Error::Corrupt {
            table: "capture_jobs",
            what: error.to_string(),
        })?;
        Ok(Self {
            id: job.id,
            org: job.org,
            created_at: job.created_at.micros(),
            finished_at: job.finished_at.map(Timestamp::micros),
            error_behaviour: job.error_behaviour.as_str().to_owned(),
            success: job.success,
            running: job.running,
            report,
        })
    }

    fn into_job(self) -> Result<Job, db::Error> {
        let corrupt = |what: String| db::Error::Corrupt {
            table: "capture_jobs",
            what: format!("{}: {what}", self.id),
        };
        let receipt: Receipt =
            serde_json::from_str(&self.report).map_err(|error| corrupt(error.to_string()))?;
        let error_behaviour = ErrorBehaviour::from_name(&self.error_behaviour)
            .ok_or_else(|| corrupt(format!("error_behaviour {:?}", self.error_behaviour)))?;
        Ok(Job {
            id: self.id,
            org: self.org,
            created_at: Timestamp::from_micros(self.created_at),
            finished_at: self.finished_at.map(Timestamp::from_micros),
            error_behaviour,
            success: self.success,
            running: self.running,
            receipt,
        })
    }
}

/// Keeps jobs.
pub fn insert_jobs(conn: &mut Conn, jobs: Vec<Job>) -> Result<(), db::Error> {
    let rows = jobs.into_iter().map(JobRow::of);
    let rows = rows.collect::<Result<Vec<JobRow>, _>>()?;
    db::bulk_insert!(&mut *conn, capture_jobs::table, rows)
}

/// A job of an organisation.
pub fn job(conn: &mut Conn, org: &str, id: &str) -> Result<Option<Job>, db::Error> {
    let row: Option<JobRow> = capture_jobs::table
        .filter(capture_jobs::id.eq(id))
        .filter(capture_jobs::org.eq(org))
        .select(JobRow::as_select())
        .first(conn)
        .optional()?;
    row.map(JobRow::into_job).transpose()
}

/// Jobs of an organisation, newest first, after this one.
pub fn jobs(
    conn: &mut Conn,
    org: &str,
    after: Option<&str>,
    rows: i64,
) -> Result<Vec<Job>, db::Error> {
    let mut query = capture_jobs::table
        .filter(capture_jobs::org.eq(org))
        .order(capture_jobs::id.desc())
        .limit(rows)
        .select(JobRow::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(capture_jobs::id.lt(after));
    }
    let rows: Vec<JobRow> = query.load(conn)?;
    rows.into_iter().map(JobRow::into_job).collect()
}
