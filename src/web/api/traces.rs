//! Traces: back, forward, where, who. The identifier is a parameter, in any form.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app;
use crate::app::Problem;
use crate::epcis::Timestamp;
use crate::trace::evaluate::{Direction, Window};
use crate::web::body::Body;
use crate::web::caller::Who;
use crate::web::problem::Answer;
use crate::web::query::{Query, wrong};
use crate::web::state::State;

/// The parameters of a trace back or forward.
pub(in crate::web) const WAY: &[&str] = &["id", "from", "until", "position"];
/// The parameters of whereabouts.
pub(in crate::web) const WHERE: &[&str] = &["id", "at"];
/// The parameters of responsibility.
pub(in crate::web) const WHO: &[&str] = &["id"];

/// `GET /api/v1/trace/back`
pub(in crate::web) async fn back(state: web::Data<State>, who: Who, query: Query) -> Answer {
    way(state, who, query, Direction::Backward).await
}

/// `GET /api/v1/trace/forward`
pub(in crate::web) async fn forward(state: web::Data<State>, who: Who, query: Query) -> Answer {
    way(state, who, query, Direction::Forward).await
}

async fn way(state: web::Data<State>, who: Who, query: Query, direction: Direction) -> Answer {
    let id = id(&query)?;
    let window = Window {
        from: time(&query, "from")?,
        until: time(&query, "until")?,
    };
    let position = query.get("position").map(str::to_owned);
    let traced = state
        .run(move |app| {
            app::trace(
                app,
                &who.caller,
                direction,
                &id,
                window,
                position.as_deref(),
            )
        })
        .await?;
    Ok(HttpResponse::Ok().json(traced))
}

/// Things that may have something in common.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct CommonRequest {
    /// Their identifiers, in any form.
    ids: Vec<String>,
    /// Evaluate at this position: the object that `position` is in an answer.
    #[schema(value_type = Option<Object>)]
    position: Option<Box<serde_json::value::RawValue>>,
}

/// `POST /api/v1/trace/common`
pub(in crate::web) async fn common(state: web::Data<State>, who: Who, body: Body) -> Answer {
    let wanted: CommonRequest = body.json()?;
    let found = state
        .run(move |app| {
            let position = wanted.position.as_deref();
            let position = position.map(serde_json::value::RawValue::get);
            app::common(app, &who.caller, &wanted.ids, position)
        })
        .await?;
    Ok(HttpResponse::Ok().json(found))
}

/// `GET /api/v1/trace/where`
pub(in crate::web) async fn where_is(state: web::Data<State>, who: Who, query: Query) -> Answer {
    let id = id(&query)?;
    let at = time(&query, "at")?;
    let found = state
        .run(move |app| {
            let at = at.unwrap_or_else(|| app.clock.now());
            app::where_is(app, &who.caller, &id, at)
        })
        .await?;
    Ok(HttpResponse::Ok().json(found))
}

/// `GET /api/v1/trace/who`
pub(in crate::web) async fn who(state: web::Data<State>, who: Who, query: Query) -> Answer {
    let id = id(&query)?;
    let found = state
        .run(move |app| app::who(app, &who.caller, &id))
        .await?;
    Ok(HttpResponse::Ok().json(found))
}

pub(super) fn id(query: &Query) -> Result<String, Problem> {
    query
        .get("id")
        .map(str::to_owned)
        .ok_or_else(|| wrong("id", "id is needed: what to trace".to_owned()))
}

pub(super) fn time(query: &Query, name: &str) -> Result<Option<Timestamp>, Problem> {
    query
        .get(name)
        .map(|text| {
            text.parse::<Timestamp>().map_err(|error| {
                // A bare + in a query is a blank.
                let hint = if text.contains(' ') {
                    " (a + is written %2B in a query)"
                } else {
                    ""
                };
                wrong(name, format!("{error}{hint}"))
            })
        })
        .transpose()
}
