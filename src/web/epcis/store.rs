//! Rows of capture jobs. Each organisation sees its own.

use diesel::prelude::*;

use super::job::{Job, Report};
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
    fn into_job(self) -> Result<Job, db::Error> {
        let report: Report =
            serde_json::from_str(&self.report).map_err(|error| db::Error::Corrupt {
                table: "capture_jobs",
                what: format!("{}: {error}", self.id),
            })?;
        Ok(Job {
            id: self.id,
            org: self.org,
            created_at: Timestamp::from_micros(self.created_at),
            finished_at: self.finished_at.map(Timestamp::from_micros),
            error_behaviour: self.error_behaviour,
            success: self.success,
            running: self.running,
            report,
        })
    }
}

/// Keeps a job.
pub(super) fn insert(conn: &mut Conn, job: &Job) -> Result<(), db::Error> {
    let report = serde_json::to_string(&job.report).map_err(|error| db::Error::Corrupt {
        table: "capture_jobs",
        what: error.to_string(),
    })?;
    diesel::insert_into(capture_jobs::table)
        .values(JobRow {
            id: job.id.clone(),
            org: job.org.clone(),
            created_at: job.created_at.micros(),
            finished_at: job.finished_at.map(Timestamp::micros),
            error_behaviour: job.error_behaviour.clone(),
            success: job.success,
            running: job.running,
            report,
        })
        .execute(conn)?;
    Ok(())
}

/// A job of an organisation.
pub(super) fn find(conn: &mut Conn, org: &str, id: &str) -> Result<Option<Job>, db::Error> {
    let row: Option<JobRow> = capture_jobs::table
        .filter(capture_jobs::id.eq(id))
        .filter(capture_jobs::org.eq(org))
        .select(JobRow::as_select())
        .first(conn)
        .optional()?;
    row.map(JobRow::into_job).transpose()
}

/// Jobs of an organisation, newest first, after this one.
pub(super) fn list(
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
