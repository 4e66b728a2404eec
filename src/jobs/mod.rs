//! Background jobs: notices go out to webhooks. The only place that calls other servers over HTTP.

mod gauges;
mod post;
mod roots;
mod send;

pub use send::{send_all_due, sending_beside};
