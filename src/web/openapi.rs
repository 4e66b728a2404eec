//! The `OpenAPI` document, written from the table of routes: what is enforced is what is told.

mod schemas;

use actix_web::HttpResponse;
use utoipa::openapi::path::{
    HttpMethod, Operation, OperationBuilder, ParameterBuilder, ParameterIn, Paths,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, HeaderBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, Ref,
    Required, ResponseBuilder,
};

use super::problem::{Answer, PROBLEM_JSON};
use super::route::{Content, Parameters, Policy, Route};
use super::routes::ROUTES;
use crate::app::{Code, Problem};
use crate::capture::ErrorBehaviour;
use crate::parties;

/// The name under which keys are known in the document.
const BEARER: &str = "apiKey";

/// `GET /api/v1/openapi.json`
pub(super) async fn show() -> Answer {
    let text =
        document().map_err(|error| Problem::new(Code::Internal, "no document").because(error))?;
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .body(text))
}

/// The document, as it is kept in `schemas/openapi.json`.
pub fn document() -> Result<String, serde_json::Error> {
    build().to_pretty_json().map(|text| text + "\n")
}

fn build() -> OpenApi {
    let mut paths = Paths::new();
    for route in ROUTES {
        paths.add_path_operation(route.template(), vec![method(route)], operation(route));
    }
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(
            "An API key: `suyuan key create`, or POST /api/v1/keys",
        ))
        .build();
    let components = schemas::components().security_scheme(BEARER, SecurityScheme::Http(bearer));
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("suyuan 溯源")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(env!("CARGO_PKG_DESCRIPTION")))
                .license(Some(
                    LicenseBuilder::new()
                        .name("Apache-2.0")
                        .identifier(Some("Apache-2.0"))
                        .build(),
                ))
                .build(),
        )
        .paths(paths)
        .components(Some(components.build()))
        .build()
}

fn method(route: &Route) -> HttpMethod {
    match route.method {
        "POST" => HttpMethod::Post,
        "DELETE" => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}

fn operation(route: &Route) -> Operation {
    let mut operation = OperationBuilder::new()
        .operation_id(Some(route.operation_id()))
        .summary(Some(route.summary))
        .tag(tag(route));
    if let Policy::May(action) = route.policy {
        let roles: Vec<&str> = parties::policy()
            .iter()
            .filter(|(known, _)| *known == action)
            .flat_map(|(_, roles)| roles.iter().map(|role| role.as_str()))
            .collect();
        operation = operation
            .description(Some(format!("Roles: {}.", roles.join(", "))))
            .security(SecurityRequirement::new(BEARER, Vec::<String>::new()));
    }
    for (name, place) in parameters(route) {
        // Of a query's parameters one alone can never be left out: what the answer is about.
        let required = match place {
            ParameterIn::Path => Required::True,
            _ if name == "id" => Required::True,
            _ => Required::False,
        };
        operation = operation.parameter(
            ParameterBuilder::new()
                .name(name)
                .parameter_in(place)
                .required(required)
                .schema(Some(text())),
        );
    }
    if is_capture(route) {
        operation = operation.parameter(error_behaviour());
    }
    if let Some(forms) = forms(route.takes) {
        let mut body = RequestBodyBuilder::new().required(Some(Required::True));
        for (form, schema) in forms {
            body = body.content(form, content(schema));
        }
        operation = operation.request_body(Some(body.build()));
    }
    if is_tried_out(route) {
        let found = success(
            route,
            "What would be affected: with dry_run nothing is recorded",
        );
        operation = operation.response("200", found.build());
    }
    let mut made = success(route, route.summary);
    if has_location(route) {
        let address = HeaderBuilder::new()
            .description(Some("Where it is"))
            .schema(Some(text()))
            .build();
        made = made.header("Location", address);
    }
    operation
        .response(route.status.to_string(), made.build())
        .response("default", failure(route).build())
        .build()
}

fn success(route: &Route, description: &str) -> ResponseBuilder {
    let mut response = ResponseBuilder::new().description(description);
    for (form, schema) in forms(route.gives).into_iter().flatten() {
        response = response.content(form, content(schema));
    }
    response
}

/// People who scan a code are told in a page what failed.
fn failure(route: &Route) -> ResponseBuilder {
    let response = ResponseBuilder::new()
        .description("A problem (RFC 9457)")
        .content(PROBLEM_JSON, content(Some("Problem")));
    if route.gives == Content::Page {
        response.content("text/html", content(None))
    } else {
        response
    }
}

fn is_capture(route: &Route) -> bool {
    (route.method, route.path) == ("POST", "/epcis/capture")
}

/// Whether a body with `dry_run` is answered with 200 and makes nothing.
fn is_tried_out(route: &Route) -> bool {
    (route.method, route.path) == ("POST", "/api/v1/recalls")
}

/// Whether the answer says where the thing is that was made: when it can be asked for by itself.
fn has_location(route: &Route) -> bool {
    let single = format!("{}/{{", route.path);
    [201, 202].contains(&route.status)
        && ROUTES
            .iter()
            .any(|other| other.method == "GET" && other.path.starts_with(&single))
}

/// The header that says what an error in a capture does.
fn error_behaviour() -> ParameterBuilder {
    let values = [ErrorBehaviour::Rollback, ErrorBehaviour::Proceed].map(ErrorBehaviour::as_str);
    ParameterBuilder::new()
        .name("GS1-Capture-Error-Behaviour")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "Whether one wrong event refuses all (rollback, the default) or itself alone (proceed)",
        ))
        .schema(Some(text().enum_values(Some(values))))
}

fn tag(route: &Route) -> &'static str {
    if route.path.starts_with("/epcis") {
        "epcis"
    } else if route.path.starts_with("/api/") {
        "api"
    } else if route.gives == Content::Page {
        "scan"
    } else {
        "operation"
    }
}

fn parameters(route: &Route) -> Vec<(String, ParameterIn)> {
    let template = route.template();
    let in_path = template
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| (name.to_owned(), ParameterIn::Path));
    let in_query: &[&str] = match route.parameters {
        Parameters::Only(names) => names,
        Parameters::DigitalLink => &["linkType", "lang"],
    };
    let in_query = in_query
        .iter()
        .map(|name| ((*name).to_owned(), ParameterIn::Query));
    in_path.chain(in_query).collect()
}

type Form = (&'static str, Option<&'static str>);

fn forms(content: Content) -> Option<Vec<Form>> {
    Some(match content {
        Content::Nothing => return None,
        Content::Json(schema) => vec![("application/json", Some(schema))],
        Content::Epcis => vec![
            ("application/json", Some("Epcis")),
            ("application/ld+json", Some("Epcis")),
        ],
        Content::Csv => vec![("text/csv", None)],
        Content::JsonLines => vec![("application/x-ndjson", None)],
        Content::Svg => vec![("image/svg+xml", None)],
        Content::Image => vec![("image/svg+xml", None), ("image/png", None)],
        Content::Text => vec![("text/plain", None)],
        Content::Page => vec![
            ("text/html", None),
            ("application/json", Some("Scan")),
            ("application/linkset+json", Some("Linkset")),
        ],
    })
}

fn content(schema: Option<&str>) -> utoipa::openapi::Content {
    let content = ContentBuilder::new();
    match schema {
        Some(name) => content.schema(Some(Ref::from_schema_name(name))).build(),
        None => content.schema(Some(text())).build(),
    }
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}
