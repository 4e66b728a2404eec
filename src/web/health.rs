//! Is the process alive, can it work, and what does it measure.

use actix_web::{HttpResponse, web};

use super::problem::Answer;
use super::state::State;
use crate::app::{Code, Problem};
use crate::db::{Conn, migrate};

/// `GET /healthz`
pub(super) async fn live() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body("alive\n")
}

/// `GET /readyz`: 503 with the reason while the database cannot be reached or its schema is not ours.
pub(super) async fn ready(state: web::Data<State>) -> Answer {
    state
        .run(|app| {
            app.db
                .read(|conn: &mut Conn| migrate::check(conn))
                .map_err(|error| Problem::new(Code::Unavailable, error.to_string()).because(error))
        })
        .await?;
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body("ready\n"))
}

/// `GET /metrics`
pub(super) async fn metrics(state: web::Data<State>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(state.metrics.render())
}
