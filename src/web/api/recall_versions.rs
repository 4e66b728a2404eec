//! Versions of recalls: extend, release, list, compare.

use actix_web::http::header::{CONTENT_DISPOSITION, LINK, LOCATION};
use actix_web::{HttpResponse, rt, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::{self, Code, NewVersion, Problem};
use crate::recall::{DiffCursor, DiffLine, DiffQuery, DiffView, Ruling};
use crate::web::body::Body;
use crate::web::caller::Who;
use crate::web::pipe::pipe;
use crate::web::problem::Answer;
use crate::web::query::{Query, percent_encode, wrong};
use crate::web::state::State;

/// The parameters of a difference.
pub(in crate::web) const DIFF: &[&str] = &["from", "to", "holder", "cursor", "limit"];
/// The parameters of a whole difference as a table.
pub(in crate::web) const TABLE: &[&str] = &["from", "to", "holder"];

/// Lines of a page unless asked otherwise.
const LIMIT: usize = 1_000;

/// Lines of a page at most; who asks for more gets this many.
const LIMIT_MAX: usize = 10_000;

/// A version to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct ExtensionRequest {
    /// Why.
    reason: String,
    /// Evaluate and compare only; record nothing.
    #[serde(default)]
    dry_run: bool,
    /// What becomes, from here on, of what is affected only across a gap in the records: `include` recalls it like the
    /// rest and gives its holders tasks; `leave` gives nobody a task for it and warns nobody who scans it; tasks that
    /// there are stay as they are. Needed when the recall is decided, the version has any, and nobody has said it.
    assumed: Option<Ruling>,
    /// Evaluate at this position: the object that `position` is in an answer. It may not lie before the newest
    /// version's.
    #[schema(value_type = Option<Object>)]
    position: Option<Box<serde_json::value::RawValue>>,
}

/// Proposals to approve.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct ReleaseRequest {
    /// Why.
    reason: String,
    /// The version whose proposals they are; every proposal unless given.
    version: Option<i32>,
}

/// A page of a difference.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct RecallDiffPage {
    /// What is compared, and the counts.
    #[serde(flatten)]
    view: DiffView,
    /// The lines.
    lines: Vec<DiffLine>,
}

/// `POST /api/v1/recalls/{id}/extend`
pub(in crate::web) async fn extend(
    state: web::Data<State>,
    who: Who,
    id: web::Path<String>,
    body: Body,
) -> Answer {
    let wanted: ExtensionRequest = body.json()?;
    let view = state
        .run(move |app| {
            let position = wanted.position.as_deref();
            let new = NewVersion {
                recall: &id,
                reason: &wanted.reason,
                position: position.map(serde_json::value::RawValue::get),
                assumed: wanted.assumed,
                dry_run: wanted.dry_run,
            };
            app::extend_recall(app, &who.caller, &new)
        })
        .await?;
    if !view.recorded {
        return Ok(HttpResponse::Ok().json(&view));
    }
    let recall = percent_encode(&view.recall);
    let location = format!("/api/v1/recalls/{recall}/versions/{}", view.version);
    Ok(HttpResponse::Created()
        .insert_header((LOCATION, location))
        .json(&view))
}

/// `POST /api/v1/recalls/{id}/release`
pub(in crate::web) async fn release(
    state: web::Data<State>,
    who: Who,
    id: web::Path<String>,
    body: Body,
) -> Answer {
    let wanted: ReleaseRequest = body.json()?;
    let view = state
        .run(move |app| app::release_recall(app, &who.caller, &id, wanted.version, &wanted.reason))
        .await?;
    Ok(HttpResponse::Ok().json(view))
}

/// `GET /api/v1/recalls/{id}/versions`
pub(in crate::web) async fn list(
    state: web::Data<State>,
    who: Who,
    id: web::Path<String>,
) -> Answer {
    let lines = state
        .run(move |app| app::recall_versions(app, &who.caller, &id))
        .await?;
    Ok(HttpResponse::Ok().json(lines))
}

/// `GET /api/v1/recalls/{id}/versions/{version}`
pub(in crate::web) async fn show(
    state: web::Data<State>,
    who: Who,
    path: web::Path<(String, String)>,
) -> Answer {
    let (id, version) = path.into_inner();
    let version = number("version", &version)?;
    let view = state
        .run(move |app| app::show_recall(app, &who.caller, &id, Some(version)))
        .await?;
    Ok(HttpResponse::Ok().json(view))
}

/// `GET /api/v1/recalls/{id}/diff`: the counts, and a page of lines; the last one has no `Link`.
pub(in crate::web) async fn diff(
    state: web::Data<State>,
    who: Who,
    id: web::Path<String>,
    query: Query,
) -> Answer {
    let (from, to) = (version(&query, "from")?, version(&query, "to")?);
    let holder = query.get("holder").map(str::to_owned);
    let after = match query.get("cursor") {
        None => None,
        Some(cursor) => Some(cursor.parse::<DiffCursor>()?),
    };
    let limit = limit(&query)?;
    let path = format!("/api/v1/recalls/{}/diff", percent_encode(&id));
    let of_holder = holder.clone();
    let (view, page) = state
        .run(move |app| {
            let mut query = DiffQuery {
                from,
                to,
                holder: of_holder.as_deref(),
                after,
                limit: Some(limit),
            };
            let view = app::recall_difference(app, &who.caller, &id, query)?;
            (query.from, query.to) = (Some(view.from), Some(view.to));
            loop {
                let page = app::recall_diff(app, &who.caller, &id, query)?;
                if page.next.is_none() || !page.lines.is_empty() {
                    return Ok::<_, Problem>((view, page));
                }
                query.after = page.next;
            }
        })
        .await?;
    let mut response = HttpResponse::Ok();
    if let Some(cursor) = page.next {
        let mut next = format!("{path}?from={}&to={}&limit={limit}", view.from, view.to);
        if let Some(holder) = &holder {
            next.push_str(&format!("&holder={}", percent_encode(holder)));
        }
        response.insert_header((LINK, format!("<{next}&cursor={cursor}>; rel=\"next\"")));
    }
    Ok(response.json(RecallDiffPage {
        view,
        lines: page.lines,
    }))
}

/// `GET /api/v1/recalls/{id}/diff.csv`: written while it is sent.
pub(in crate::web) async fn write_diff(
    state: web::Data<State>,
    who: Who,
    id: web::Path<String>,
    query: Query,
) -> Answer {
    let (from, to) = (version(&query, "from")?, version(&query, "to")?);
    let holder = query.get("holder").map(str::to_owned);
    let id = id.into_inner();
    let (caller, recall) = (who.caller.clone(), id.clone());
    let of_holder = holder.clone();
    // What is refused is refused before anything is sent.
    let view = state
        .run(move |app| {
            let query = DiffQuery {
                from,
                to,
                holder: of_holder.as_deref(),
                ..DiffQuery::default()
            };
            app::recall_difference(app, &caller, &recall, query)
        })
        .await?;
    let name = format!(
        "attachment; filename=\"{id}.{}-{}.csv\"",
        view.from, view.to
    );
    let (mut writer, body) = pipe();
    rt::task::spawn_blocking(move || {
        let query = DiffQuery {
            from: Some(view.from),
            to: Some(view.to),
            holder: holder.as_deref(),
            ..DiffQuery::default()
        };
        let written = app::write_recall_diff(state.app(), &who.caller, &id, query, &mut writer);
        let finished = written.and_then(|()| {
            let unwritable = |error| Problem::new(Code::Internal, "not finished").because(error);
            writer.finish().map_err(unwritable)
        });
        if let Err(problem) = finished {
            tracing::warn!(recall = id, "a download broke off: {}", problem.chain());
        }
    });
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((CONTENT_DISPOSITION, name))
        .body(body))
}

fn version(query: &Query, name: &str) -> Result<Option<i32>, Problem> {
    query.get(name).map(|text| number(name, text)).transpose()
}

fn number(name: &str, text: &str) -> Result<i32, Problem> {
    text.parse()
        .map_err(|_no_number| wrong(name, format!("{name} is a number, not {text:?}")))
}

fn limit(query: &Query) -> Result<usize, Problem> {
    let Some(text) = query.get("limit") else {
        return Ok(LIMIT);
    };
    let refuse = || wrong("limit", format!("limit is a number from 1, not {text:?}"));
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse::<usize>().unwrap_or(usize::MAX) {
        0 => Err(refuse()),
        limit if is_number => Ok(limit.min(LIMIT_MAX)),
        _ => Err(refuse()),
    }
}
