//! The server: bound, said to be ready, run until it is asked to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::middleware::{Compress, from_fn};
use actix_web::{App as Service, HttpServer, rt, web};

use super::frame::frame;
use super::route::{Route, install, not_found};
use super::routes::{ASIDE, ROUTES};
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

/// How often it is looked whether it is time to stop.
const LOOK: Duration = Duration::from_millis(50);

/// Threads that answer beside ingestion: whoever probes asks now and then.
const ASIDE_WORKERS: usize = 1;

/// Where to listen, and what is there.
struct Place<'a> {
    address: &'a str,
    /// What the address is called, for whoever mistyped it.
    setting: &'static str,
    routes: &'static [Route],
    /// Threads that answer; as many as there are cores, if not said.
    workers: Option<usize>,
}

/// Listens where the configuration says, tells the address (port 0 takes a free one), and serves until
/// `stop` is set; requests under way are answered first.
pub fn serve(
    app: Arc<App>,
    stop: &AtomicBool,
    ready: impl FnOnce(&str) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let address = app.config.http.listen.clone();
    let place = Place {
        address: &address,
        setting: "http.listen",
        routes: ROUTES,
        workers: None,
    };
    serve_at(&place, app, stop, ready)
}

/// Serves nothing but health, readiness and metrics, these without a key, at an address of their own; else
/// as [`serve`].
pub fn serve_aside(
    app: Arc<App>,
    address: &str,
    stop: &AtomicBool,
    ready: impl FnOnce(&str) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let place = Place {
        address,
        setting: "--listen",
        routes: ASIDE,
        workers: Some(ASIDE_WORKERS),
    };
    serve_at(&place, app, stop, ready)
}

fn serve_at(
    place: &Place<'_>,
    app: Arc<App>,
    stop: &AtomicBool,
    ready: impl FnOnce(&str) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let Place {
        address: listen,
        setting,
        routes,
        workers,
    } = *place;
    let metrics = stats::install()
        .map_err(|error| Problem::new(Code::Internal, "measuring cannot begin").because(error))?;
    let state = web::Data::new(State::new(app, metrics.clone()));
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        rt::System::new().block_on(async {
            let mut server = HttpServer::new(move || {
                Service::new()
                    .app_data(state.clone())
                    .configure(|config| install(config, routes))
                    .default_service(web::to(not_found))
                    .wrap(Compress::default())
                    .wrap(from_fn(frame))
            })
            .disable_signals()
            .keep_alive(KEEP_ALIVE)
            .client_request_timeout(REQUEST_HEAD_TIME)
            .shutdown_timeout(STOP_SECONDS);
            if let Some(workers) = workers {
                server = server.workers(workers);
            }
            let server = server.bind(listen).map_err(|error| {
                let detail = format!("{setting}: {listen}: {error}");
                Problem::new(Code::Configuration, detail)
            })?;
            let Some(address) = server.addrs().first().copied() else {
                return Err(Problem::new(Code::Internal, "nothing is listened on"));
            };
            let running = server.run();
            let handle = running.handle();
            ready(&format!("http://{address}"))?;
            let ended = &ended;
            scope.spawn(move || {
                while !stop.load(Ordering::SeqCst) && !ended.load(Ordering::SeqCst) {
                    std::thread::sleep(LOOK);
                }
                // Telling it is enough; that it has stopped is known from the server itself.
                drop(handle.stop(true));
            });
            rt::spawn(async move {
                let mut often = rt::time::interval(UPKEEP);
                loop {
                    often.tick().await;
                    metrics.run_upkeep();
                }
            });
            let served = running.await;
            ended.store(true, Ordering::SeqCst);
            served.map_err(|error| Problem::new(Code::Internal, "the server failed").because(error))
        })
    })
}
