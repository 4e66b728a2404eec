//! Webhooks: register, look after, see what was sent.

use actix_web::http::header::{LINK, LOCATION};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::{self, NewTarget};
use crate::web::body::Body;
use crate::web::caller::Who;
use crate::web::page::Page;
use crate::web::problem::Answer;
use crate::web::query::Query;
use crate::web::state::State;
use crate::webhooks::DeliveryQuery;

/// The parameters of the list of deliveries.
pub(in crate::web) const DELIVERIES: &[&str] = &["state", "perPage", "nextPageToken"];

/// How long an old secret signs unless it is said, in hours: a day.
const OVERLAP: i64 = 24;

/// A webhook to register.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct WebhookRequest {
    /// Where notices are sent: an `https:` address of the public internet.
    url: String,
    /// The kinds of notices to send, such as `recall-task`; all, when none is named.
    #[serde(default)]
    kinds: Vec<String>,
}

/// A new secret.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct RotationRequest {
    /// How many hours the secret before it signs too: 24 unless said, at most 168; 0 ends it at once.
    #[serde(default = "overlap")]
    overlap_hours: i64,
}

const fn overlap() -> i64 {
    OVERLAP
}

/// `POST /api/v1/webhooks`
pub(in crate::web) async fn register(state: web::Data<State>, who: Who, body: Body) -> Answer {
    let wanted: WebhookRequest = body.json()?;
    let made = state
        .run(move |app| {
            let target = NewTarget {
                url: &wanted.url,
                kinds: &wanted.kinds,
            };
            app::register_webhook(app, &who.caller, target)
        })
        .await?;
    let address = format!("/api/v1/webhooks/{}", made.webhook.id);
    Ok(HttpResponse::Created()
        .insert_header((LOCATION, address))
        .json(made))
}

/// `GET /api/v1/webhooks`
pub(in crate::web) async fn list(state: web::Data<State>, who: Who) -> Answer {
    let found = state
        .run(move |app| app::list_webhooks(app, &who.caller))
        .await?;
    Ok(HttpResponse::Ok().json(found))
}

/// `GET /api/v1/webhooks/{id}`
pub(in crate::web) async fn show(
    state: web::Data<State>,
    who: Who,
    id: web::Path<String>,
) -> Answer {
    let found = state
        .run(move |app| app::show_webhook(app, &who.caller, &id))
        .await?;
    Ok(HttpResponse::Ok().json(found))
}

/// `DELETE /api/v1/webhooks/{id}`
pub(in crate::web) async fn delete(
    state: web::Data<State>,
    who: Who,
    id: web::Path<String>,
) -> Answer {
    let deleted = state
        .run(move |app| app::delete_webhook(app, &who.caller, &id))
        .await?;
    Ok(HttpResponse::Ok().json(deleted))
}

/// `POST /api/v1/webhooks/{id}/rotate`
pub(in crate::web) async fn rotate(
    state: web::Data<State>,
    who: Who,
    id: web::Path<String>,
    body: Body,
) -> Answer {
    let wanted: RotationRequest = body.json()?;
    let made = state
        .run(move |app| app::rotate_webhook(app, &who.caller, &id, wanted.overlap_hours))
        .await?;
    Ok(HttpResponse::Ok().json(made))
}

/// `POST /api/v1/webhooks/{id}/disable`
pub(in crate::web) async fn disable(
    state: web::Data<State>,
    who: Who,
    id: web::Path<String>,
) -> Answer {
    let webhook = state
        .run(move |app| app::disable_webhook(app, &who.caller, &id))
        .await?;
    Ok(HttpResponse::Ok().json(webhook))
}

/// `POST /api/v1/webhooks/{id}/enable`
pub(in crate::web) async fn enable(
    state: web::Data<State>,
    who: Who,
    id: web::Path<String>,
) -> Answer {
    let webhook = state
        .run(move |app| app::enable_webhook(app, &who.caller, &id))
        .await?;
    Ok(HttpResponse::Ok().json(webhook))
}

/// `GET /api/v1/webhooks/{id}/deliveries`
pub(in crate::web) async fn deliveries(
    state: web::Data<State>,
    who: Who,
    id: web::Path<String>,
    query: Query,
) -> Answer {
    let page = Page::of("webhook-deliveries", &query)?;
    let (found, next) = state
        .run(move |app| {
            let asked = DeliveryQuery {
                state: query.get("state"),
                after: page.after.as_deref(),
                rows: page.rows(),
            };
            let mut found = app::webhook_deliveries(app, &who.caller, &id, asked)?;
            let path = format!("/api/v1/webhooks/{id}/deliveries");
            let next = page.cut(&mut found, &path, |delivery| delivery.notice.as_str());
            Ok((found, next))
        })
        .await?;
    let mut response = HttpResponse::Ok();
    if let Some(next) = next {
        response.insert_header((LINK, next));
    }
    Ok(response.json(found))
}

/// `POST /api/v1/webhooks/{id}/deliveries/{notice}/resend`
pub(in crate::web) async fn resend(
    state: web::Data<State>,
    who: Who,
    path: web::Path<(String, String)>,
) -> Answer {
    let (id, notice) = path.into_inner();
    let delivery = state
        .run(move |app| app::resend_notice(app, &who.caller, &id, &notice))
        .await?;
    Ok(HttpResponse::Ok().json(delivery))
}
