//! `POST /epcis/capture`, and the jobs it leaves.

use actix_web::http::header::{LINK, LOCATION};
use actix_web::{HttpRequest, HttpResponse, web};

use super::headers::error_behaviour;
use super::job;
use crate::app::{self, Code, Problem, Submission};
use crate::capture::{self, Authority, Receipt};
use crate::web::body::Body;
use crate::web::caller::Who;
use crate::web::page::Page;
use crate::web::problem::Answer;
use crate::web::query::Query;
use crate::web::state::State;
use crate::web::stats;

/// Where jobs are found.
const JOBS: &str = "/epcis/capture";

/// `POST /epcis/capture`: the job is finished when the answer comes, and the answer says where it is.
pub(in crate::web) async fn create(
    state: web::Data<State>,
    who: Who,
    request: HttpRequest,
    body: Body,
) -> Answer {
    let error_behaviour = error_behaviour(request.headers())?;
    let id = state
        .run(move |app| {
            let submission = Submission {
                org: &who.org,
                authority: Authority::Of(who.org.clone()),
                body: body.0,
                error_behaviour,
                keep_job: true,
            };
            let receipt = app::capture_body(app, submission)?;
            stats::captured(&receipt);
            if let Some(problem) = refused_at_sight(&receipt) {
                return Err(problem);
            }
            let no_job = || Problem::new(Code::Internal, "the capture has no job");
            receipt.job.ok_or_else(no_job)
        })
        .await?;
    Ok(HttpResponse::Accepted()
        .insert_header((LOCATION, format!("{JOBS}/{id}")))
        .finish())
}

/// `GET /epcis/capture/{captureID}`: a job of the caller's organisation.
pub(in crate::web) async fn show(
    state: web::Data<State>,
    who: Who,
    id: web::Path<String>,
) -> Answer {
    let id = id.into_inner();
    let found = state
        .run(move |app| {
            let found = app.db.read(|conn| capture::job(conn, &who.org, &id))?;
            found.ok_or_else(|| Problem::new(Code::NotFound, format!("no capture job {id:?}")))
        })
        .await?;
    Ok(HttpResponse::Ok().json(job::View::of(&found)))
}

/// `GET /epcis/capture`: the jobs of the caller's organisation, newest first.
pub(in crate::web) async fn list(state: web::Data<State>, who: Who, query: Query) -> Answer {
    let page = Page::of("captures", &query)?;
    let (jobs, next) = state
        .run(move |app| {
            let mut jobs = app
                .db
                .read(|conn| capture::jobs(conn, &who.org, page.after.as_deref(), page.rows()))?;
            let next = page.cut(&mut jobs, JOBS, |job| job.id.as_str());
            Ok((jobs, next))
        })
        .await?;
    let mut response = HttpResponse::Ok();
    if let Some(next) = next {
        response.insert_header((LINK, next));
    }
    let views: Vec<job::View> = jobs.iter().map(job::View::of).collect();
    Ok(response.json(views))
}

/// The problem of a body of which nothing could be stored because of what it says itself: no job is made
/// for what reading alone refuses.
pub(super) fn refused_at_sight(receipt: &Receipt) -> Option<Problem> {
    if !receipt.is_refused_at_sight() {
        return None;
    }
    let too_large = receipt
        .errors
        .iter()
        .find(|fault| ["too-many-events", "body-too-large"].contains(&fault.rule.as_str()));
    Some(match too_large {
        Some(fault) => Problem::new(Code::TooLarge, fault.detail.clone()),
        None => Problem::new(
            Code::InvalidDocument,
            format!("nothing was stored: {}", app::faults(receipt.errors.len())),
        )
        .with_errors(job::faults(receipt)),
    })
}
