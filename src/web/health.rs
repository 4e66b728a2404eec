//! Is the process alive, can it work, and what does it measure.

use std::time::Duration;

use actix_web::{HttpResponse, web};

use super::problem::Answer;
use super::state::State;
use crate::app::{Code, Problem, Readiness};
use crate::db::{self, Conn, migrate};
use crate::ledger;

/// How long a connection of the pool is waited for: the reason is to be told before whoever asks loses patience.
const PATIENCE: Duration = Duration::from_secs(2);

/// `GET /healthz`
pub(super) async fn live() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body("alive\n")
}

/// `GET /readyz`: 503 with the reason while the database cannot be reached or its schema is not ours, and
/// while this process ingests and cannot. Partitions that are held while others go on are told.
pub(super) async fn ready(state: web::Data<State>) -> Answer {
    let not_ready =
        |error: db::Error| Problem::new(Code::Unavailable, error.to_string()).because(error);
    let told = state
        .run(move |app| {
            // A connection of its own first: a database that is away refuses it at once.
            let mut conn = Conn::open(app.db.url()).map_err(not_ready)?;
            migrate::check(&mut conn).map_err(not_ready)?;
            app.db.read_within(PATIENCE, |conn: &mut Conn| {
                ledger::position(conn).map(drop).map_err(Problem::from)
            })?;
            let Readiness { hindered, told } = app.ingesting.readiness();
            if hindered.is_empty() {
                Ok(told)
            } else {
                Err(Problem::new(Code::Unavailable, hindered.join("; ")))
            }
        })
        .await?;
    let lines: String = told.iter().map(|line| format!("{line}\n")).collect();
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body(format!("ready\n{lines}")))
}

/// `GET /metrics`
pub(super) async fn metrics(state: web::Data<State>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(state.metrics.render())
}
