//! HTTP. The only place that names actix: it parses, asks one domain verb, and answers.
//!
//! [`routes`](ROUTES) is every address with who may call it; `guard` enforces that line before a handler
//! runs, `frame` stands around every request, and `openapi` writes the same lines down for others.
//! Blocking work runs away from the threads that answer. Problems are RFC 9457 everywhere.

mod accept;
mod api;
mod body;
mod caller;
mod epcis;
mod frame;
mod guard;
mod health;
mod openapi;
mod page;
mod pipe;
mod problem;
mod query;
mod route;
mod routes;
mod scan;
mod server;
mod state;
mod stats;

pub use openapi::document as openapi;
pub use route::{Content, Parameters, Policy, Route};
pub use routes::ROUTES;
pub use server::{serve, serve_aside};
