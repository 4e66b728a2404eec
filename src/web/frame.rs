//! What stands around every request: an id, a line in the log, numbers for the metrics, headers for
//! browsers, and a problem wherever the framework itself would answer with bare text.

use std::time::Instant;

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, VARY,
};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage};
use tracing::Instrument;
use uuid::Uuid;

use super::epcis::headers;
use super::problem::response;
use super::query::URI_BYTES_MAX;
use super::route::Route;
use super::stats;
use crate::app::{Code, Problem};
use crate::parties::Caller;

/// Characters of a request id that a client brings along.
const REQUEST_ID_MAX: usize = 64;

/// Headers of every answer.
const ALWAYS: [(&str, &str); 5] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("access-control-allow-origin", "*"),
    (
        "access-control-expose-headers",
        "Location, Link, Allow, Retry-After, X-Request-Id, GS1-EPCIS-Version, GS1-EPCIS-Min, GS1-EPCIS-Max, GS1-CBV-Version, GS1-CBV-Min, GS1-CBV-Max, GS1-EPC-Format, GS1-Vendor-Version, GS1-EPCIS-Capture-Limit, GS1-EPCIS-Capture-File-Size-Limit, GS1-Capture-Error-Behaviour",
    ),
];

/// Headers that a handler may have said better.
const UNLESS_SAID: [(&str, &str); 2] = [
    ("cache-control", "no-store"),
    (
        "content-security-policy",
        "default-src 'none'; frame-ancestors 'none'",
    ),
];

/// Headers of a preflight's answer. Keys travel in a header and never in a cookie, so any origin may ask.
const PREFLIGHT: [(&str, &str); 2] = [
    (
        "access-control-allow-headers",
        "Authorization, Content-Type, Accept, Accept-Language, X-Request-Id, GS1-EPCIS-Version, GS1-CBV-Version, GS1-EPC-Format, GS1-Extensions, GS1-Capture-Error-Behaviour",
    ),
    ("access-control-max-age", "86400"),
];

/// Serves one request.
pub(super) async fn frame<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let began = Instant::now();
    let id = request_id(request.headers());
    let method = request.method().clone();
    let path = request.path().to_owned();
    let span = tracing::info_span!("request", id = %id);
    let uri_length = request.uri().to_string().len();

    let mut answered = if URI_BYTES_MAX < uri_length {
        let problem = Problem::new(
            Code::UriTooLong,
            format!("{uri_length} bytes, at most {URI_BYTES_MAX} are taken"),
        );
        request.into_response(response(problem))
    } else {
        next.call(request)
            .instrument(span.clone())
            .await?
            .map_into_boxed_body()
    };

    if let Some(problem) = bare_failure(&answered) {
        let (asked, bare) = answered.into_parts();
        let mut full = response(problem);
        for (name, value) in bare.headers() {
            if name != CONTENT_TYPE {
                full.headers_mut().append(name.clone(), value.clone());
            }
        }
        answered = ServiceResponse::new(asked, full);
    }
    add_headers(&mut answered, &method, &path, &id);
    measure(&answered, &method, &path, began, &span);
    Ok(answered)
}

fn add_headers(answered: &mut ServiceResponse, method: &Method, path: &str, id: &str) {
    let headers = answered.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    for (name, value) in UNLESS_SAID {
        let name = HeaderName::from_static(name);
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if method == Method::OPTIONS {
        for (name, value) in PREFLIGHT {
            headers.insert(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
        }
        headers.remove(CACHE_CONTROL);
        headers.append(
            VARY,
            HeaderValue::from_static("Access-Control-Request-Method"),
        );
    }
    if path.starts_with("/epcis") {
        headers::announce(headers);
    }
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
}

/// The problem to put in the place of an answer that failed without telling what.
fn bare_failure(answered: &ServiceResponse) -> Option<Problem> {
    let status = answered.status();
    if !status.is_client_error() && !status.is_server_error() {
        return None;
    }
    let form = answered.headers().get(CONTENT_TYPE);
    let is_bare = form.is_none_or(|form| form.as_bytes().starts_with(b"text/plain"));
    let is_small = matches!(
        answered.response().body().size(),
        BodySize::None | BodySize::Sized(_)
    );
    if !is_bare || !is_small {
        return None;
    }
    let code = match status.as_u16() {
        404 => Code::NotFound,
        405 => Code::MethodNotAllowed,
        406 => Code::NotAcceptable,
        413 => Code::TooLarge,
        414 => Code::UriTooLong,
        415 => Code::UnsupportedMediaType,
        400..=499 => Code::InvalidBody,
        _ => Code::Internal,
    };
    Some(Problem::new(
        code,
        "the request was refused before it was looked at",
    ))
}

fn measure(
    answered: &ServiceResponse,
    method: &Method,
    path: &str,
    began: Instant,
    span: &tracing::Span,
) {
    let duration = began.elapsed();
    let status = answered.status().as_u16();
    let extensions = answered.request().extensions();
    let route = extensions
        .get::<&'static Route>()
        .map_or("none", |route| route.path);
    let caller = extensions
        .get::<Caller>()
        .map_or_else(|| Caller::Anyone.name(), Caller::name);
    stats::request(route, method, status, duration);
    tracing::info!(
        target: "suyuan::access",
        parent: span,
        %method,
        path,
        route,
        status,
        caller,
        duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
        "{method} {path} {status}"
    );
}

/// The client's own id when it is a plain word, else a new one.
fn request_id(headers: &HeaderMap) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    headers
        .get("x-request-id")
        .and_then(|value| value.to_str().ok())
        .filter(|id| !id.is_empty() && id.len() <= REQUEST_ID_MAX && id.bytes().all(plain))
        .map_or_else(|| Uuid::now_v7().simple().to_string(), str::to_owned)
}
