//! Scan addresses, `/01/…`, `/00/…`, `/414/…`: a page for people, data for who asks for it by name.

mod data;
mod page;
mod words;

pub(super) use data::{City, HeldCredential, Producer, Product, RecallNotice, ScanView, Stop};

use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde_json::json;

use super::accept::{Accept, language};
use super::problem::{Answer, PROBLEM_JSON, status};
use super::query::Query;
use super::state::State;
use super::stats;
use crate::app::{Code, Problem};
use crate::codes::{Dictionary, PublicUrl};
use crate::gs1::{Key, Link};
use crate::scan::{self, Scan, Verdict};
use page::{FailurePage, ScanPage};
use words::Lang;

const JSON: &str = "application/json";
const LINKSET: &str = "application/linkset+json";

/// The parameter by which GS1 Digital Link asks for one kind of link.
const LINK_TYPE: &str = "linkType";

/// What the client wants, and in which language.
struct Wish {
    form: &'static str,
    lang: Lang,
}

/// `GET /01/{gtin}/…`
pub(super) async fn product(
    state: web::Data<State>,
    request: HttpRequest,
    query: Query,
) -> HttpResponse {
    show(state, request, query).await
}

/// `GET /00/{sscc}`
pub(super) async fn unit(
    state: web::Data<State>,
    request: HttpRequest,
    query: Query,
) -> HttpResponse {
    show(state, request, query).await
}

/// `GET /414/{gln}`
pub(super) async fn place(
    state: web::Data<State>,
    request: HttpRequest,
    query: Query,
) -> HttpResponse {
    show(state, request, query).await
}

async fn show(state: web::Data<State>, request: HttpRequest, query: Query) -> HttpResponse {
    let wish = wish(&request, &query);
    match answer(&state, &request, &query, &wish).await {
        Ok(response) => response,
        Err(problem) => failure(&problem, &wish),
    }
}

/// `GET /.well-known/gs1resolver`
pub(super) async fn describe(state: web::Data<State>) -> Answer {
    let root = public_url(&state)?;
    Ok(HttpResponse::Ok().json(json!({
        "name": "suyuan 溯源",
        "resolverRoot": root.as_str(),
        "supportedPrimaryKeys": ["01", "00", "414"],
        "linkTypeDefaultCanBeLinkset": false,
    })))
}

async fn answer(
    state: &web::Data<State>,
    request: &HttpRequest,
    query: &Query,
    wish: &Wish,
) -> Result<HttpResponse, Problem> {
    let path = request.uri().path();
    let link = Link::parse(path, Some(request.query_string()))
        .map_err(|fault| Problem::new(Code::InvalidIdentifier, fault.to_string()))?;
    check_link_type(query)?;
    let key = link.key.clone();
    let scan = state
        .run(move |app| {
            let dictionary = Dictionary {
                master: &app.master,
                seal: &app.ledger.seal,
            };
            Ok(app.db.read(|conn| scan::look_up(conn, dictionary, &key))?)
        })
        .await?;
    if request.method() == actix_web::http::Method::GET {
        stats::scanned(scan.verdict.as_str());
    }
    respond(state, &scan, &link.key, path, wish)
}

fn respond(
    state: &web::Data<State>,
    scan: &Scan,
    key: &Key,
    path: &str,
    wish: &Wish,
) -> Result<HttpResponse, Problem> {
    let found = match scan.verdict {
        Verdict::UnknownProduct => StatusCode::NOT_FOUND,
        _ => StatusCode::OK,
    };
    let link = public_url(state)?.link(key);
    let body = match wish.form {
        JSON => json_text(&ScanView::of(scan, key, wish.lang))?,
        LINKSET => json_text(&data::linkset(scan, &link))?,
        _ => html(&ScanPage::of(scan, path, wish.lang))?,
    };
    let mut response = HttpResponse::build(found);
    prepare(&mut response, wish);
    response.insert_header((
        "Link",
        format!("<{link}?linkType=linkset>; rel=\"linkset\"; type=\"{LINKSET}\""),
    ));
    Ok(response.body(body))
}

/// Headers of every answer at a scan address.
fn prepare(response: &mut actix_web::HttpResponseBuilder, wish: &Wish) {
    let form = match wish.form {
        "text/html" => "text/html; charset=utf-8",
        other => other,
    };
    response
        .insert_header((CONTENT_TYPE, form))
        .insert_header(("Content-Language", wish.lang.code()))
        .insert_header(("Vary", "Accept, Accept-Language"))
        .insert_header(("Cache-Control", "no-store"))
        .insert_header(("X-Robots-Tag", "noindex"));
    if wish.form == "text/html" {
        response.insert_header(("Content-Security-Policy", page::security_policy()));
    }
}

fn failure(problem: &Problem, wish: &Wish) -> HttpResponse {
    let code = status(problem);
    if code.is_server_error() {
        tracing::error!(problem = problem.code.slug(), "{}", problem.chain());
    }
    let mut response = HttpResponse::build(code);
    prepare(&mut response, wish);
    if wish.form != "text/html" {
        response.insert_header((CONTENT_TYPE, PROBLEM_JSON));
        return response.body(problem.to_json());
    }
    let page = if code.is_server_error() {
        FailurePage::unavailable(wish.lang)
    } else {
        FailurePage::bad_code(problem.detail.clone(), wish.lang)
    };
    match html(&page) {
        Ok(text) => response.body(text),
        Err(_unwritable) => response.finish(),
    }
}

fn wish(request: &HttpRequest, query: &Query) -> Wish {
    let headers = request.headers();
    let asked = Accept::of(headers.get_all(ACCEPT)).asks_for(&[LINKSET, JSON]);
    let wants_linkset = matches!(query.get(LINK_TYPE), Some("linkset" | "all"));
    let form = match asked {
        _ if wants_linkset => LINKSET,
        Some(LINKSET) => LINKSET,
        Some(_) => JSON,
        None => "text/html",
    };
    let lang = query
        .get("lang")
        .or_else(|| language(headers.get_all(ACCEPT_LANGUAGE)))
        .and_then(Lang::from_code)
        .unwrap_or(Lang::Zh);
    Wish { form, lang }
}

/// Types of links that lead here; any other one is not to be had.
fn check_link_type(query: &Query) -> Result<(), Problem> {
    let Some(asked) = query.get(LINK_TYPE) else {
        return Ok(());
    };
    let bare = [
        "gs1:",
        "https://gs1.org/voc/",
        "https://ref.gs1.org/voc/",
        "https://www.gs1.org/voc/",
    ]
    .iter()
    .find_map(|prefix| asked.strip_prefix(prefix))
    .unwrap_or(asked);
    let known = [
        "linkset",
        "all",
        "defaultLink",
        "pip",
        "traceability",
        "recallStatus",
    ];
    if known.contains(&bare) {
        return Ok(());
    }
    Err(Problem::new(
        Code::NotFound,
        format!("there is no link of type {asked:?}"),
    ))
}

fn public_url(state: &web::Data<State>) -> Result<PublicUrl, Problem> {
    PublicUrl::parse(&state.app().config.http.public_url)
        .map_err(|error| Problem::new(Code::Configuration, format!("http.{error}")))
}

fn json_text(value: &impl serde::Serialize) -> Result<String, Problem> {
    serde_json::to_string(value).map_err(|error| {
        Problem::new(Code::Internal, "the answer cannot be written").because(error)
    })
}

fn html(page: &impl Template) -> Result<String, Problem> {
    page.render()
        .map_err(|error| Problem::new(Code::Internal, "the page cannot be written").because(error))
}
