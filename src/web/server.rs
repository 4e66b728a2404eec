//! The server: bound, said to be ready, run until it is asked to stop.

use std::sync::Arc;
use std::time::Duration;

use actix_web::middleware::{Compress, from_fn};
use actix_web::{App as Service, HttpServer, rt, web};

use super::frame::frame;
use super::route::{install, not_found};
use super::routes::ROUTES;
use super::state::State;
use super::stats;
use crate::app::{App, Code, Problem};

/// How long requests may go on after the signal to stop.
const STOP_SECONDS: u64 = 20;

/// How long a client may take to say what it wants.
const REQUEST_HEAD_TIME: Duration = Duration::from_secs(10);

/// How long an idle connection is kept: longer than the balancers' usual 60 seconds.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// How often finished measurements are folded.
const UPKEEP: Duration = Duration::from_secs(5);

/// Listens where the configuration says, tells the address (port 0 takes a free one), and serves until
/// SIGTERM or SIGINT; requests under way are answered first.
pub fn serve(app: App, ready: impl FnOnce(&str) -> Result<(), Problem>) -> Result<(), Problem> {
    let listen = app.config.http.listen.clone();
    let metrics = stats::install()
        .map_err(|error| Problem::new(Code::Internal, "measuring cannot begin").because(error))?;
    let state = web::Data::new(State::new(Arc::new(app), metrics.clone()));
    rt::System::new().block_on(async move {
        let server = HttpServer::new(move || {
            Service::new()
                .app_data(state.clone())
                .configure(|config| install(config, ROUTES))
                .default_service(web::to(not_found))
                .wrap(Compress::default())
                .wrap(from_fn(frame))
        })
        .keep_alive(KEEP_ALIVE)
        .client_request_timeout(REQUEST_HEAD_TIME)
        .shutdown_timeout(STOP_SECONDS)
        .bind(&listen)
        .map_err(|error| {
            Problem::new(
                Code::Configuration,
                format!("http.listen: {listen}: {error}"),
            )
        })?;
        let url = match server.addrs().first() {
            Some(address) => format!("http://{address}"),
            None => {
                return Err(Problem::new(Code::Internal, "nothing is listened on"));
            }
        };
        let running = server.run();
        ready(&url)?;
        rt::spawn(async move {
            let mut often = rt::time::interval(UPKEEP);
            loop {
                often.tick().await;
                metrics.run_upkeep();
            }
        });
        running
            .await
            .map_err(|error| Problem::new(Code::Internal, "the server failed").because(error))
    })
}
