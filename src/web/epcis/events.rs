//! Single events: `POST /epcis/events` and `GET /epcis/events/{eventID}`.

use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, web};

use super::capture::refused_at_sight;
use super::document::query_document;
use super::{job, sight};
use crate::app::{self, Code, Fault, Problem, Submission};
use crate::capture::{Authority, ErrorBehaviour};
use crate::epcis::{self, DocumentKind, Limits};
use crate::web::body::Body;
use crate::web::caller::Who;
use crate::web::problem::Answer;
use crate::web::query::{percent_decode, percent_encode};
use crate::web::state::State;
use crate::web::stats;

/// Where events are found.
const EVENTS: &str = "/epcis/events/";

/// `POST /epcis/events`: one bare event, recorded when the answer comes. The same event again is no
/// error; another one under a known id is.
pub(in crate::web) async fn create(state: web::Data<State>, who: Who, body: Body) -> Answer {
    let id = state
        .run(move |app| {
            check_bare(&body.0, &Limits::at(app.clock.now()))?;
            let submission = Submission {
                org: &who.org,
                authority: Authority::Of(who.org.clone()),
                body: body.0,
                error_behaviour: ErrorBehaviour::Rollback,
                keep_job: false,
            };
            let receipt = app::capture_body(app, submission)?;
            stats::captured(&receipt);
            if let Some(problem) = refused_at_sight(&receipt) {
                return Err(problem);
            }
            let code = match (receipt.conflicts, receipt.refused) {
                (0, 0) => None,
                (0, _) => Some(Code::Forbidden),
                _ => Some(Code::EventConflict),
            };
            if let Some(code) = code {
                let detail = receipt.errors.first().map(|fault| fault.detail.clone());
                return Err(Problem::new(code, detail.unwrap_or_default())
                    .with_errors(job::faults(&receipt)));
            }
            let place = receipt.places.into_iter().next();
            place
                .map(|place| place.id)
                .ok_or_else(|| Problem::new(Code::Internal, "the event has no place"))
        })
        .await?;
    Ok(HttpResponse::Created()
        .insert_header((LOCATION, format!("{EVENTS}{}", percent_encode(&id))))
        .finish())
}

/// `GET /epcis/events/{eventID}`: the event and the declaration of its error, when there is one.
pub(in crate::web) async fn show(
    state: web::Data<State>,
    who: Who,
    request: HttpRequest,
) -> Answer {
    let id = event_id(&request, EVENTS)?;
    let document = state
        .run(move |app| {
            let found = app.db.read(|conn| sight::event(conn, &who.caller, &id))?;
            if found.is_empty() {
                return Err(no_event(&id));
            }
            query_document(&id, &found, app.clock.now())
        })
        .await?;
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .body(document))
}

/// `GET /api/v1/events/{eventID}`: the event with its place in the ledger.
pub(in crate::web) async fn show_with_position(
    state: web::Data<State>,
    who: Who,
    request: HttpRequest,
) -> Answer {
    let id = event_id(&request, "/api/v1/events/")?;
    let versions = state
        .run(move |app| {
            let found = app.db.read(|conn| sight::event(conn, &who.caller, &id))?;
            if found.is_empty() {
                return Err(no_event(&id));
            }
            Ok(found
                .into_iter()
                .map(|found| found.version)
                .collect::<Vec<_>>())
        })
        .await?;
    Ok(HttpResponse::Ok().json(versions))
}

fn no_event(id: &str) -> Problem {
    Problem::new(Code::NotFound, format!("no event {id:?}"))
}

/// The id behind this stem of the path as it was sent: percent-encoded once, slashes and all.
fn event_id(request: &HttpRequest, stem: &str) -> Result<String, Problem> {
    request
        .uri()
        .path()
        .strip_prefix(stem)
        .and_then(percent_decode)
        .filter(|id| !id.contains('\0'))
        .ok_or_else(|| {
            Problem::new(
                Code::InvalidIdentifier,
                "the event's id in the address is not percent-encoded UTF-8",
            )
        })
}

/// Refuses whatever is not one bare event without a fault.
fn check_bare(body: &[u8], limits: &Limits) -> Result<(), Problem> {
    let refuse = |faults: Vec<epcis::Fault>| {
        let faults: Vec<Fault> = faults
            .into_iter()
            .map(|fault| Fault {
                pointer: fault.pointer,
                rule: fault.rule.to_owned(),
                detail: fault.detail,
                ..Fault::default()
            })
            .collect();
        let detail = faults.first().map(|fault| fault.detail.clone());
        Problem::new(Code::InvalidDocument, detail.unwrap_or_default()).with_errors(faults)
    };
    let document = epcis::read_body(body, limits).map_err(refuse)?;
    if document.kind != DocumentKind::BareEvent {
        return Err(Problem::new(
            Code::InvalidDocument,
            "one bare event is taken here; documents go to /epcis/capture",
        ));
    }
    for item in document.items {
        item.event.map_err(refuse)?;
    }
    Ok(())
}
