//! Code batches: issue, show, and write the codes.

use actix_web::http::header::{CONTENT_DISPOSITION, LOCATION};
use actix_web::{HttpResponse, rt, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::{App, Code, Problem};
use crate::codes::{self, Dictionary, PublicUrl, Request};
use crate::gs1::Gtin;
use crate::web::body::Body;
use crate::web::caller::Who;
use crate::web::pipe::pipe;
use crate::web::problem::Answer;
use crate::web::state::State;

/// Codes to issue.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct BatchRequest {
    /// The product.
    gtin: String,
    /// The lot: A-Z 0-9 - . _
    lot: String,
    /// How many codes, up to 16777216.
    count: u64,
    /// A name for this request: asked again, it is the same batch.
    request_id: Option<String>,
}

/// Codes of one product and lot that were issued together.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Batch {
    #[serde(rename = "batch")]
    id: String,
    gtin: String,
    lot: String,
    count: u32,
    first_index: u32,
    last_index: u32,
    key_epoch: u8,
}

impl From<&codes::Batch> for Batch {
    fn from(batch: &codes::Batch) -> Self {
        Self {
            id: batch.id.clone(),
            gtin: batch.gtin.to_string(),
            lot: batch.lot.to_string(),
            count: batch.count,
            first_index: batch.first_index(),
            last_index: batch.last_index(),
            key_epoch: batch.key_epoch.number(),
        }
    }
}

/// `POST /api/v1/batches`
pub(in crate::web) async fn create(state: web::Data<State>, who: Who, body: Body) -> Answer {
    let wanted: BatchRequest = body.json()?;
    let gtin = Gtin::parse(&wanted.gtin)
        .map_err(|fault| Problem::new(Code::InvalidIdentifier, fault.to_string()))?;
    let request = Request {
        gtin,
        lot: wanted.lot,
        count: wanted.count,
        request_id: wanted.request_id,
    };
    let batch = state
        .run(move |app| {
            let giver = who.giver(app.clock.now());
            let dictionary = Dictionary {
                master: &app.master,
                seal: &app.ledger.seal,
            };
            Ok(app
                .db
                .write(|conn| codes::issue(conn, &app.ledger, dictionary, &giver, &request))?)
        })
        .await?;
    Ok(HttpResponse::Created()
        .insert_header((LOCATION, format!("/api/v1/batches/{}", batch.id)))
        .json(Batch::from(&batch)))
}

/// `GET /api/v1/batches/{id}`
pub(in crate::web) async fn show(
    state: web::Data<State>,
    who: Who,
    id: web::Path<String>,
) -> Answer {
    let batch = state.run(move |app| theirs(app, &who, &id)).await?;
    Ok(HttpResponse::Ok().json(Batch::from(&batch)))
}

/// `GET /api/v1/batches/{id}/codes`: written while it is sent; a batch of millions takes no memory.
pub(in crate::web) async fn write_codes(
    state: web::Data<State>,
    who: Who,
    id: web::Path<String>,
) -> Answer {
    let batch = state.run(move |app| theirs(app, &who, &id)).await?;
    let url = PublicUrl::parse(&state.app().config.http.public_url)
        .map_err(|error| Problem::new(Code::Configuration, format!("http.{error}")))?;
    let name = format!(
        "attachment; filename=\"{}-{}.csv\"",
        batch.gtin, batch.number
    );
    let (mut writer, body) = pipe();
    rt::task::spawn_blocking(move || {
        let written = codes::write_csv(&batch, &state.app().master, &url, &mut writer, &mut |_| {});
        match written.and_then(|_| writer.finish()) {
            Ok(()) => {}
            Err(error) => tracing::warn!(batch = batch.id, %error, "a download broke off"),
        }
    });
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((CONTENT_DISPOSITION, name))
        .body(body))
}

/// The batch of this id, if it was issued for the caller's organisation.
fn theirs(app: &App, who: &Who, id: &str) -> Result<codes::Batch, Problem> {
    let found = app.db.read(|conn| codes::batch(conn, id))?;
    found
        .filter(|batch| batch.issued_for == who.org)
        .ok_or_else(|| Problem::new(Code::NotFound, format!("no batch {id:?}")))
}
