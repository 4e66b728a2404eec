//! What a route says of itself: who may call it, which parameters, body and answer it has. The guard
//! enforces it and the `OpenAPI` document is written from it, so the two cannot part.

use std::future::ready;

use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::{HttpResponse, guard as when, web};

use super::guard;
use super::problem::{Answer, Refused};
use crate::app::{Code, Problem};
use crate::parties;

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Anybody, without a key.
    Open,
    /// Bearers of a key whose role may do this.
    May(parties::Action),
}

/// What a body or an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Nothing.
    Nothing,
    /// JSON of this schema.
    Json(&'static str),
    /// An EPCIS document or event, `application/json` or `application/ld+json`.
    Epcis,
    /// A table, `text/csv`.
    Csv,
    /// JSON, one object a line, `application/x-ndjson`.
    JsonLines,
    /// A picture, `image/svg+xml` or `image/png`.
    Image,
    /// A drawing, `image/svg+xml`.
    Svg,
    /// Plain text.
    Text,
    /// A page for people, or JSON for those who ask for it.
    Page,
}

/// The parameters a query may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parameters {
    /// These; any other name is refused.
    Only(&'static [&'static str]),
    /// Whatever GS1 Digital Link allows: attributes, and extensions nobody need know.
    DigitalLink,
}

/// A route: one line of the table.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// The method.
    pub method: &'static str,
    /// The path with its parameters in braces; `{name:.*}` takes slashes too.
    pub path: &'static str,
    /// Who may call it.
    pub policy: Policy,
    /// What its query may have.
    pub parameters: Parameters,
    /// What its body is.
    pub takes: Content,
    /// The status of success.
    pub status: u16,
    /// What it answers.
    pub gives: Content,
    /// What it does, in one line.
    pub summary: &'static str,
    /// The handler's name, which is the operation's.
    pub name: &'static str,
    pub(super) handler: fn() -> actix_web::Route,
}

impl Route {
    /// The path as `OpenAPI` writes it: parameters without their patterns.
    pub fn template(&self) -> String {
        let mut text = String::with_capacity(self.path.len());
        let mut in_pattern = false;
        for c in self.path.chars() {
            match c {
                ':' => in_pattern = true,
                '}' => in_pattern = false,
                _ => {}
            }
            if !in_pattern {
                text.push(c);
            }
        }
        text
    }

    /// The operation's id: `capture::create` is `capture_create`.
    pub fn operation_id(&self) -> String {
        self.name
            .split("::")
            .map(str::trim)
            .collect::<Vec<_>>()
            .join("_")
    }
}

/// Installs the routes: a resource for each path, the guard before each handler, and an answer to every
/// other method.
pub(super) fn install(config: &mut web::ServiceConfig, routes: &'static [Route]) {
    let mut done: Vec<&str> = Vec::new();
    for first in routes {
        if done.contains(&first.path) {
            continue;
        }
        done.push(first.path);
        let methods: Vec<&'static Route> = routes
            .iter()
            .filter(|route| route.path == first.path)
            .collect();
        let allow = allow(&methods);
        let mut resource = web::resource(first.path);
        for route in methods {
            let handler = (route.handler)().wrap(from_fn(move |request, next| {
                guard::guard(route, request, next)
            }));
            resource = resource.route(match route.method {
                "GET" => handler.guard(when::Any(when::Get()).or(when::Head())),
                other => handler.guard(when::Method(method(other))),
            });
        }
        let options = allow.clone();
        resource = resource
            .route(
                web::route()
                    .method(Method::OPTIONS)
                    .to(move || ready(preflight(&options))),
            )
            .default_service(web::to(move || ready(method_not_allowed(&allow))));
        config.service(resource);
    }
}

fn method(name: &str) -> Method {
    Method::from_bytes(name.as_bytes()).unwrap_or_default()
}

fn allow(routes: &[&Route]) -> String {
    let mut methods: Vec<&str> = Vec::new();
    for route in routes {
        methods.push(route.method);
        if route.method == "GET" {
            methods.push("HEAD");
        }
    }
    methods.push("OPTIONS");
    methods.join(", ")
}

fn preflight(allow: &str) -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header(("Allow", allow))
        .insert_header(("Access-Control-Allow-Methods", allow))
        .finish()
}

fn method_not_allowed(allow: &str) -> Answer {
    let problem = Problem::new(
        Code::MethodNotAllowed,
        format!("this address takes {allow}"),
    );
    Err(Refused::from(problem).with_header("Allow", allow.to_owned()))
}

/// The answer to an address that nothing is at.
pub(super) async fn not_found() -> Answer {
    Err(Problem::new(Code::NotFound, "there is nothing at this address").into())
}

#[cfg(test)]
mod tests {
    use super::super::routes::ROUTES;

    #[test]
    fn patterns_of_parameters_stay_out_of_the_template() {
        let route = ROUTES
            .iter()
            .find(|route| route.path == "/epcis/events/{eventID:.+}")
            .unwrap();

        assert_eq!(route.template(), "/epcis/events/{eventID}");
    }
}
