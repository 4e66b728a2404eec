//! What a recall would find and cost, why something is in it, and what it left out.

use actix_web::http::header::LINK;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::recalls::version;
use crate::app;
use crate::recall::{ExcludedCursor, Language, Request};
use crate::web::body::Body;
use crate::web::caller::Who;
use crate::web::problem::Answer;
use crate::web::query::{Query, percent_encode, wrong};
use crate::web::state::State;

/// The parameters of the listing of what was left out.
pub(in crate::web) const EXCLUDED: &[&str] = &["version", "nextPageToken"];
/// The parameters of a question about one thing.
pub(in crate::web) const WHY: &[&str] = &["id", "version", "lang"];

/// A scope to try out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct PreviewRequest {
    /// What to look for.
    #[schema(value_type = Request)]
    scope: Box<serde_json::value::RawValue>,
    /// Evaluate at this position: the object that `position` is in an answer.
    #[schema(value_type = Option<Object>)]
    position: Option<Box<serde_json::value::RawValue>>,
}

/// `POST /api/v1/recalls/preview`
pub(in crate::web) async fn preview(state: web::Data<State>, who: Who, body: Body) -> Answer {
    let wanted: PreviewRequest = body.json()?;
    let scope = Request::read(wanted.scope.get().as_bytes())?;
    let preview = state
        .run(move |app| {
            let position = wanted.position.as_deref();
            let position = position.map(serde_json::value::RawValue::get);
            app::preview_recall(app, &who.caller, &scope, position)
        })
        .await?;
    Ok(HttpResponse::Ok().json(preview))
}

/// `GET /api/v1/recalls/{id}/why?id=…`
pub(in crate::web) async fn why(
    state: web::Data<State>,
    who: Who,
    recall: web::Path<String>,
    query: Query,
) -> Answer {
    let version = version(&query)?;
    let Some(id) = query.get("id").map(str::to_owned) else {
        return Err(wrong(
            "id",
            "id is needed: the identifier of what is asked about".into(),
        )
        .into());
    };
    let language = match query.get("lang") {
        None | Some("en") => Language::En,
        Some("zh") => Language::Zh,
        Some(other) => {
            return Err(wrong("lang", format!("lang is zh or en, not {other:?}")).into());
        }
    };
    let found = state
        .run(move |app| app::why_recalled(app, &who.caller, &recall, version, &id, language))
        .await?;
    Ok(HttpResponse::Ok().json(found))
}

/// `GET /api/v1/recalls/{id}/excluded`: pages; the last one has no `Link`.
pub(in crate::web) async fn excluded(
    state: web::Data<State>,
    who: Who,
    recall: web::Path<String>,
    query: Query,
) -> Answer {
    let version = version(&query)?;
    let after = match query.get("nextPageToken") {
        None => None,
        Some(token) => Some(token.parse::<ExcludedCursor>()?),
    };
    let mut next = format!("/api/v1/recalls/{}/excluded?", percent_encode(&recall));
    if let Some(version) = version {
        next = format!("{next}version={version}&");
    }
    let page = state
        .run(move |app| app::recall_excluded(app, &who.caller, &recall, version, after))
        .await?;
    let mut response = HttpResponse::Ok();
    if let Some(cursor) = page.next {
        let link = format!("<{next}nextPageToken={cursor}>; rel=\"next\"");
        response.insert_header((LINK, link));
    }
    Ok(response.json(json!({"lines": page.lines})))
}
