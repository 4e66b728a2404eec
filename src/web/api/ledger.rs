//! How far the ledger is.

use actix_web::{HttpResponse, web};

use crate::app;
use crate::web::caller::Who;
use crate::web::problem::Answer;
use crate::web::state::State;

/// `GET /api/v1/position`
pub(in crate::web) async fn position(state: web::Data<State>, who: Who) -> Answer {
    let position = state
        .run(move |app| app::position(app, &who.caller))
        .await?;
    Ok(HttpResponse::Ok().json(position))
}
