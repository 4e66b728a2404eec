//! Recalls: open, move, show, list, and the listing of what is affected.

use actix_web::http::header::{CONTENT_DISPOSITION, LINK, LOCATION};
use actix_web::{HttpResponse, rt, web};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::traces::time;
use crate::app::{self, App, Code, NewRecall, Problem};
use crate::parties::Caller;
use crate::recall::{
    Act, Action, Answer as Found, Cursor, Request, RequestedAttribute, RequestedContainer,
    RequestedPlace, RequestedPolicies, RequestedProduct, RequestedRange, Ruling, UnitQuery, object,
    objects,
};
use crate::web::body::Body;
use crate::web::caller::Who;
use crate::web::pipe::{PipeWriter, pipe};
use crate::web::problem::Answer;
use crate::web::query::{Query, percent_encode, wrong};
use crate::web::state::State;

/// The parameters of a recall that is shown.
pub(in crate::web) const SHOW: &[&str] = &["version", "at"];
/// The parameters of the listing of what is affected.
pub(in crate::web) const UNITS: &[&str] = &["version", "holder", "at", "nextPageToken"];
/// The parameters of the whole listing as a table.
pub(in crate::web) const TABLE: &[&str] = &["version", "holder", "at"];

/// A recall to open: what to look for, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct RecallRequest {
    /// Lots and products.
    #[serde(default)]
    lots: Vec<String>,
    /// Single things: items, cases, pallets.
    #[serde(default)]
    units: Vec<String>,
    /// Single things, from one to another.
    #[serde(default, deserialize_with = "objects")]
    ranges: Vec<RequestedRange>,
    /// Places with windows of time.
    #[serde(default, deserialize_with = "objects")]
    places: Vec<RequestedPlace>,
    /// Containers with windows: what was inside meanwhile.
    #[serde(default, deserialize_with = "objects")]
    containers: Vec<RequestedContainer>,
    /// Products with windows: what began meanwhile.
    #[serde(default, deserialize_with = "objects")]
    products: Vec<RequestedProduct>,
    /// Products with something said of them when they began.
    #[serde(default, deserialize_with = "objects")]
    attributes: Vec<RequestedAttribute>,
    /// Credentials, by number: what was made or done under them while they were not valid; for regulators.
    #[serde(default)]
    credentials: Vec<String>,
    /// What the danger is. Whoever scans a recalled code is told.
    hazard: Option<String>,
    /// What changes how taint spreads.
    #[serde(default, deserialize_with = "object")]
    policies: RequestedPolicies,
    /// Why.
    reason: String,
    /// Find only; record nothing.
    #[serde(default)]
    dry_run: bool,
    /// Evaluate at this position: the object that `position` is in an answer.
    #[schema(value_type = Option<Object>)]
    position: Option<Box<serde_json::value::RawValue>>,
}

/// A move of a recall.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct MoveRequest {
    /// Why, or what a holder says.
    reason: String,
    /// A holder's answer: how many units it found.
    found: Option<i64>,
    /// A holder's answer: how many of them it set aside.
    quarantined: Option<i64>,
    /// A decision: what becomes of what is affected only across a gap in the records. `include` recalls it like the
    /// rest; `leave` gives nobody a task for it and warns nobody who scans it, and it stays listed. Needed when the
    /// scope has any.
    assumed: Option<Ruling>,
}

/// `POST /api/v1/recalls`
pub(in crate::web) async fn open(state: web::Data<State>, who: Who, body: Body) -> Answer {
    let wanted: RecallRequest = body.json()?;
    let view = state
        .run(move |app| {
            let request = Request {
                lots: wanted.lots,
                units: wanted.units,
                ranges: wanted.ranges,
                places: wanted.places,
                containers: wanted.containers,
                products: wanted.products,
                attributes: wanted.attributes,
                credentials: wanted.credentials,
                hazard: wanted.hazard,
                policies: wanted.policies,
            };
            let new = NewRecall {
                request: &request,
                reason: &wanted.reason,
                position: wanted
                    .position
                    .as_deref()
                    .map(serde_json::value::RawValue::get),
                dry_run: wanted.dry_run,
            };
            app::open_recall(app, &who.caller, &new)
        })
        .await?;
    Ok(match &view.recall {
        Some(id) => HttpResponse::Created()
            .insert_header((LOCATION, format!("/api/v1/recalls/{id}")))
            .json(&view),
        None => HttpResponse::Ok().json(&view),
    })
}

/// `GET /api/v1/recalls`
pub(in crate::web) async fn list(state: web::Data<State>, who: Who) -> Answer {
    let lines = state
        .run(move |app| app::list_recalls(app, &who.caller))
        .await?;
    Ok(HttpResponse::Ok().json(lines))
}

/// `GET /api/v1/recalls/{id}`
pub(in crate::web) async fn show(
    state: web::Data<State>,
    who: Who,
    id: web::Path<String>,
    query: Query,
) -> Answer {
    let version = version(&query)?;
    let at = time(&query, "at")?;
    let view = state
        .run(move |app| match at {
            None => app::show_recall(app, &who.caller, &id, version),
            Some(at) => app::show_recall_at(app, &who.caller, &id, version, at),
        })
        .await?;
    Ok(HttpResponse::Ok().json(view))
}

/// `GET /api/v1/recalls/{id}/units`: a page holds whole blocks of codes, so its length varies; the last
/// one has no `Link`.
pub(in crate::web) async fn units(
    state: web::Data<State>,
    who: Who,
    id: web::Path<String>,
    query: Query,
) -> Answer {
    let version = version(&query)?;
    let after = match query.get("nextPageToken") {
        None => None,
        Some(token) => Some(token.parse::<Cursor>()?),
    };
    let holder = query.get("holder").map(str::to_owned);
    let at = time(&query, "at")?;
    let path = format!("/api/v1/recalls/{}/units", percent_encode(&id));
    let mut next = path + "?";
    for name in ["version", "holder", "at"] {
        if let Some(value) = query.get(name) {
            next = format!("{next}{name}={}&", percent_encode(value));
        }
    }
    let page = state
        .run(move |app| {
            let mut query = UnitQuery {
                version,
                holder: holder.as_deref(),
                at,
                after,
            };
            loop {
                let page = app::recall_units(app, &who.caller, &id, query)?;
                if page.next.is_none() || !page.lines.is_empty() {
                    return Ok(page);
                }
                query.after = page.next;
            }
        })
        .await?;
    let mut response = HttpResponse::Ok();
    if let Some(cursor) = page.next {
        response.insert_header((
            LINK,
            format!("<{next}nextPageToken={cursor}>; rel=\"next\""),
        ));
    }
    Ok(response.json(json!({"lines": page.lines})))
}

/// Writes a listing in one of its forms.
type WriteListing = fn(&App, &Caller, &str, UnitQuery<'_>, &mut PipeWriter) -> Result<(), Problem>;

/// `GET /api/v1/recalls/{id}/units.csv`: written while it is sent; a scope of millions takes no memory.
pub(in crate::web) async fn write_units(
    state: web::Data<State>,
    who: Who,
    id: web::Path<String>,
    query: Query,
) -> Answer {
    let write: WriteListing =
        |app, caller, id, query, out| app::write_recall_units(app, caller, id, query, out);
    download(
        state,
        who,
        id.into_inner(),
        &query,
        ("csv", "text/csv; charset=utf-8"),
        write,
    )
    .await
}

/// `GET /api/v1/recalls/{id}/units.jsonl`: the same with all that is said of each, contradictions too.
pub(in crate::web) async fn write_lines(
    state: web::Data<State>,
    who: Who,
    id: web::Path<String>,
    query: Query,
) -> Answer {
    let write: WriteListing =
        |app, caller, id, query, out| app::write_recall_lines(app, caller, id, query, out);
    download(
        state,
        who,
        id.into_inner(),
        &query,
        ("jsonl", "application/x-ndjson"),
        write,
    )
    .await
}

async fn download(
    state: web::Data<State>,
    who: Who,
    id: String,
    query: &Query,
    (extension, media_type): (&str, &'static str),
    write: WriteListing,
) -> Answer {
    let version = version(query)?;
    let holder = query.get("holder").map(str::to_owned);
    let at = time(query, "at")?;
    let (caller, recall, of_holder) = (who.caller.clone(), id.clone(), holder.clone());
    // What is refused is refused before anything is sent.
    state
        .run(move |app| {
            let query = UnitQuery {
                version,
                holder: of_holder.as_deref(),
                at,
                after: None,
            };
            app::check_listing(app, &caller, &recall, query)
        })
        .await?;
    let name = format!("attachment; filename=\"{id}.{extension}\"");
    let (mut writer, body) = pipe();
    rt::task::spawn_blocking(move || {
        let query = UnitQuery {
            version,
            holder: holder.as_deref(),
            at,
            after: None,
        };
        let written = write(state.app(), &who.caller, &id, query, &mut writer);
        let finished = written.and_then(|()| {
            let unwritable = |error| Problem::new(Code::Internal, "not finished").because(error);
            writer.finish().map_err(unwritable)
        });
        if let Err(problem) = finished {
            tracing::warn!(recall = id, "a download broke off: {}", problem.chain());
        }
    });
    Ok(HttpResponse::Ok()
        .content_type(media_type)
        .insert_header((CONTENT_DISPOSITION, name))
        .body(body))
}

macro_rules! moves {
    ($($(#[$doc:meta])+ $name:ident => $action:ident;)*) => {$(
        $(#[$doc])+
        pub(in crate::web) async fn $name(
            state: web::Data<State>,
            who: Who,
            id: web::Path<String>,
            body: Body,
        ) -> Answer {
            act(state, who, id, body, Action::$action).await
        }
    )*};
}

moves! {
    /// `POST /api/v1/recalls/{id}/decide`
    decide => Decide;
    /// `POST /api/v1/recalls/{id}/notify`
    notify => Notify;
    /// `POST /api/v1/recalls/{id}/ack`
    ack => Ack;
    /// `POST /api/v1/recalls/{id}/cancel`
    cancel => Cancel;
    /// `POST /api/v1/recalls/{id}/close`
    close => Close;
}

async fn act(
    state: web::Data<State>,
    who: Who,
    id: web::Path<String>,
    body: Body,
    action: Action,
) -> Answer {
    let wanted: MoveRequest = body.json()?;
    if action != Action::Ack && (wanted.found.is_some() || wanted.quarantined.is_some()) {
        let detail = "found and quarantined belong to a holder's answer (ack)";
        return Err(wrong("found", detail.to_owned()).into());
    }
    let moved = state
        .run(move |app| {
            let act = Act {
                recall: &id,
                action,
                reason: &wanted.reason,
                answer: Found {
                    found: wanted.found,
                    quarantined: wanted.quarantined,
                },
                assumed: wanted.assumed,
            };
            app::act_on_recall(app, &who.caller, &act)
        })
        .await?;
    Ok(HttpResponse::Ok().json(moved))
}

pub(super) fn version(query: &Query) -> Result<Option<i32>, Problem> {
    query
        .get("version")
        .map(|text| {
            text.parse().map_err(|_no_number| {
                wrong("version", format!("version is a number, not {text:?}"))
            })
        })
        .transpose()
}
