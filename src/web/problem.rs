//! Problems as answers: RFC 9457, `application/problem+json`, everywhere.

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpResponse, ResponseError};

use crate::app::{Code, Problem};

/// The media type of problems.
pub(super) const PROBLEM_JSON: &str = "application/problem+json";

/// What a handler gives back.
pub(super) type Answer = Result<HttpResponse, Refused>;

/// A problem on its way out.
#[derive(Debug)]
pub(super) struct Refused {
    problem: Problem,
    header: Option<(&'static str, String)>,
}

impl Refused {
    pub(super) fn with_header(mut self, name: &'static str, value: String) -> Self {
        self.header = Some((name, value));
        self
    }
}

impl<E: Into<Problem>> From<E> for Refused {
    fn from(error: E) -> Self {
        let problem = error.into();
        let header = match problem.code {
            Code::Unauthenticated => Some(("WWW-Authenticate", "Bearer".to_owned())),
            Code::Unavailable => Some(("Retry-After", "5".to_owned())),
            _ => None,
        };
        Self { problem, header }
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.problem.fmt(f)
    }
}

impl ResponseError for Refused {
    fn status_code(&self) -> StatusCode {
        status(&self.problem)
    }

    fn error_response(&self) -> HttpResponse {
        if 500 <= self.problem.code.status() {
            tracing::error!(
                problem = self.problem.code.slug(),
                "{}",
                self.problem.chain()
            );
        }
        let mut response = HttpResponse::build(self.status_code());
        response.insert_header((CONTENT_TYPE, PROBLEM_JSON));
        if let Some((name, value)) = &self.header {
            response.insert_header((*name, value.as_str()));
        }
        response.body(self.problem.to_json())
    }
}

/// The status of a problem.
pub(super) fn status(problem: &Problem) -> StatusCode {
    StatusCode::from_u16(problem.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// A problem as a response.
pub(super) fn response(problem: Problem) -> HttpResponse {
    Refused::from(problem).error_response()
}
