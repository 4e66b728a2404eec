//! `POST /epcis/capture`, and the jobs it leaves.

use actix_web::http::header::{LINK, LOCATION};
use actix_web::{HttpRequest, HttpResponse, web};

use super::headers::ErrorBehaviour;
use super::job::{self, Job};
use super::store;
use crate::app::{self, Code, Problem};
use crate::capture::{Authority, Receipt};
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
    let behaviour = ErrorBehaviour::of(request.headers())?;
    let id = state
        .run(move |app| {
            let created = app.clock.now();
            let rollback = behaviour == ErrorBehaviour::Rollback;
            let authority = Authority::Of(who.org.clone());
            let receipt = app::capture_body(app, &who.org, authority, body.0, rollback)?;
            stats::captured(&receipt);
            if let Some(problem) = refused_at_sight(&receipt) {
                return Err(problem);
            }
            let job = Job::of(&who.org, behaviour, created, app.clock.now(), &receipt);
            app.db.write(|conn| store::insert(conn, &job))?;
            Ok(job.id)
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
            let found = app.db.read(|conn| store::find(conn, &who.org, &id))?;
            found.ok_or_else(|| Problem::new(Code::NotFound, format!("no capture job {id:?}")))
        })
        .await?;
    Ok(HttpResponse::Ok().json(found.view()))
}

/// `GET /epcis/capture`: the jobs of the caller's organisation, newest first.
pub(in crate::web) async fn list(state: web::Data<State>, who: Who, query: Query) -> Answer {
    let page = Page::of("captures", &query)?;
    let (jobs, next) = state
        .run(move |app| {
            let mut jobs = app
                .db
                .read(|conn| store::list(conn, &who.org, page.after.as_deref(), page.rows()))?;
            let next = page.cut(&mut jobs, JOBS, |job| job.id.as_str());
            Ok((jobs, next))
        })
        .await?;
    let mut response = HttpResponse::Ok();
    if let Some(next) = next {
        response.insert_header((LINK, next));
    }
    let views: Vec<job::View> = jobs.iter().map(Job::view).collect();
    Ok(response.json(views))
}

/// The problem of a body of which nothing could be stored because of what it says itself: no job is made
/// for what reading alone refuses.
pub(super) fn refused_at_sight(receipt: &Receipt) -> Option<Problem> {
    if receipt.recorded + receipt.duplicates + receipt.conflicts != 0 || receipt.refused == 0 {
        return None;
    }
    if receipt
        .errors
        .iter()
        .any(|fault| fault.rule == "not-authorised")
    {
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
            format!("nothing was stored: {} faults", receipt.errors.len()),
        )
        .with_errors(job::faults(receipt)),
    })
}
