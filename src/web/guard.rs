//! What stands before every handler: the caller is known and may do this, the query has no parameter the
//! route does not know, the answer exists in a form the caller takes, and the body is of a type we read.
//! A handler that panics is an internal error, not a closed connection.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Poll;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{ACCEPT, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, web};

use super::accept::Accept;
use super::epcis::headers;
use super::problem::response;
use super::query::Query;
use super::route::{Content, Parameters, Policy, Route};
use super::state::State;
use crate::app::{Code, Problem};
use crate::parties::{self, Caller};

/// Lets a request through to its handler, or answers in its place.
pub(super) async fn guard<B: MessageBody + 'static>(
    route: &'static Route,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    request.extensions_mut().insert(route);
    match check(route, request.request()).await {
        Ok(query) => {
            request.extensions_mut().insert(query);
        }
        Err(problem) => {
            return Ok(request.into_response(response(problem)));
        }
    }
    let asked = request.request().clone();
    match unwinding(next.call(request)).await {
        Ok(answered) => answered.map(ServiceResponse::map_into_boxed_body),
        Err(panic) => {
            tracing::error!(route = route.path, panic, "a handler panicked");
            let problem = Problem::new(Code::Internal, "the request could not be worked on");
            Ok(ServiceResponse::new(asked, response(problem)))
        }
    }
}

/// Notes the caller in the request, refused or not: the log tells who was.
async fn check(route: &'static Route, request: &HttpRequest) -> Result<Query, Problem> {
    match route.policy {
        Policy::Open => {
            request.extensions_mut().insert(Caller::Anyone);
        }
        Policy::May(action) => {
            let caller = caller(request).await?;
            request.extensions_mut().insert(caller.clone());
            parties::may(&caller, action)?;
        }
    }
    let query = match route.parameters {
        Parameters::Only(names) => Query::read(request.query_string(), names)?,
        Parameters::DigitalLink => Query::read_any(request.query_string())?,
    };
    check_accept(route, request)?;
    check_body(route, request)?;
    if route.path.starts_with("/epcis") {
        headers::check(request.headers())?;
    }
    Ok(query)
}

/// The bearer of the key in `Authorization`.
async fn caller(request: &HttpRequest) -> Result<Caller, Problem> {
    let Some(header) = request.headers().get(AUTHORIZATION) else {
        return Ok(Caller::Anyone);
    };
    let bad = || {
        Problem::new(
            Code::Unauthenticated,
            "the key is unknown, ended or revoked (Authorization: Bearer …)",
        )
    };
    let (scheme, key) = header
        .to_str()
        .ok()
        .and_then(|text| text.trim().split_once(' '))
        .ok_or_else(bad)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(bad());
    }
    let key = key.trim().to_owned();
    let state = state(request)?;
    let found = state
        .run(move |app| {
            let now = app.clock.now();
            Ok(app.db.read(|conn| parties::find_caller(conn, &key, now))?)
        })
        .await?;
    found.ok_or_else(bad)
}

fn state(request: &HttpRequest) -> Result<&web::Data<State>, Problem> {
    request
        .app_data::<web::Data<State>>()
        .ok_or_else(|| Problem::new(Code::Internal, "the server has no state"))
}

fn check_accept(route: &Route, request: &HttpRequest) -> Result<(), Problem> {
    let forms: &[&str] = match route.gives {
        Content::Json(_) | Content::Nothing => &["application/json"],
        Content::Epcis => &["application/json", "application/ld+json"],
        Content::Csv => &["text/csv"],
        Content::JsonLines => &["application/x-ndjson"],
        Content::Image => &["image/svg+xml", "image/png"],
        Content::Svg => &["image/svg+xml"],
        Content::Text => &["text/plain"],
        Content::Page => return Ok(()),
    };
    let accept = Accept::of(request.headers().get_all(ACCEPT));
    if forms.iter().any(|form| accept.takes(form)) {
        return Ok(());
    }
    Err(Problem::new(
        Code::NotAcceptable,
        format!("this is answered as {}", forms.join(" or ")),
    ))
}

fn check_body(route: &Route, request: &HttpRequest) -> Result<(), Problem> {
    let forms: &[&str] = match route.takes {
        Content::Nothing
        | Content::Page
        | Content::JsonLines
        | Content::Image
        | Content::Svg
        | Content::Text => {
            return Ok(());
        }
        Content::Json(_) => &["application/json"],
        Content::Epcis => &["application/json", "application/ld+json"],
        Content::Csv => &["text/csv"],
    };
    let refuse = |found: &str| {
        Problem::new(
            Code::UnsupportedMediaType,
            format!(
                "the body is taken as {}, found {found:?}",
                forms.join(" or ")
            ),
        )
    };
    let text = |name| {
        request
            .headers()
            .get(name)
            .map(|value| value.to_str().unwrap_or("?").trim())
    };
    match text(CONTENT_ENCODING) {
        None => {}
        Some(encoding) if encoding.eq_ignore_ascii_case("identity") => {}
        Some(encoding) => return Err(refuse(encoding)),
    }
    let full = text(CONTENT_TYPE).unwrap_or_default();
    let (essence, parameters) = full.split_once(';').unwrap_or((full, ""));
    if !forms
        .iter()
        .any(|form| form.eq_ignore_ascii_case(essence.trim()))
    {
        return Err(refuse(full));
    }
    let charset = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("charset")
            .then(|| value.trim().trim_matches('"'))
    });
    match charset {
        Some(charset) if !charset.eq_ignore_ascii_case("utf-8") => Err(refuse(full)),
        _ => Ok(()),
    }
}

/// Runs a future to its end or to its panic, whose message is given.
async fn unwinding<F: Future>(future: F) -> Result<F::Output, String> {
    let mut future = Box::pin(future);
    poll_fn(
        |context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
            Err(panic) => Poll::Ready(Err(panic
                .downcast_ref::<&str>()
                .map(ToString::to_string)
                .or_else(|| panic.downcast_ref::<String>().cloned())
                .unwrap_or_default())),
        },
    )
    .await
}
