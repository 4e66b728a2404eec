//! Credentials and people in charge: import, list, show, revoke.

use actix_web::http::header::LINK;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::master::ImportReport;
use crate::app::{self, App, Code, CredentialQuery, Fault, Moment, NewRevocation, Problem};
use crate::credentials::{Kind, parse_moment};
use crate::epcis::Timestamp;
use crate::gs1::Gtin;
use crate::parties::{Caller, Imported};
use crate::web::body::Body;
use crate::web::caller::Who;
use crate::web::page::Page;
use crate::web::problem::Answer;
use crate::web::query::{Query, wrong};
use crate::web::state::State;

const CREDENTIALS: &str = "/api/v1/credentials";
const PEOPLE: &str = "/api/v1/people";

/// The parameters of the list of credentials.
pub(in crate::web) const LIST: &[&str] = &[
    "org",
    "kind",
    "gtin",
    "at",
    "position",
    "perPage",
    "nextPageToken",
];
/// The parameters of the list of people.
pub(in crate::web) const LIST_PEOPLE: &[&str] =
    &["org", "at", "position", "perPage", "nextPageToken"];
/// The parameters of one credential or person.
pub(in crate::web) const SHOW: &[&str] = &["at", "position"];

/// A credential to suspend or withdraw.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct RevocationRequest {
    /// Why.
    reason: String,
    /// From when on: RFC 3339, or a date in China; from now unless given.
    from: Option<String>,
    /// The first instant after a suspension; a withdrawal has none.
    until: Option<String>,
}

/// `POST /api/v1/credentials`
pub(in crate::web) async fn import(
    state: web::Data<State>,
    who: Who,
    query: Query,
    body: Body,
) -> Answer {
    import_table(state, who, query, body, app::import_credentials).await
}

/// `POST /api/v1/people`
pub(in crate::web) async fn import_people(
    state: web::Data<State>,
    who: Who,
    query: Query,
    body: Body,
) -> Answer {
    import_table(state, who, query, body, app::import_people).await
}

type Import = fn(&App, &Caller, &[u8], bool) -> Result<Imported, Problem>;

async fn import_table(
    state: web::Data<State>,
    who: Who,
    query: Query,
    body: Body,
    import: Import,
) -> Answer {
    let dry_run = query.flag("dryRun")?;
    let report = state
        .run(move |app| ImportReport::of(&import(app, &who.caller, &body.0, dry_run)?))
        .await?;
    Ok(HttpResponse::Ok().json(report))
}

/// `GET /api/v1/credentials`
pub(in crate::web) async fn list(state: web::Data<State>, who: Who, query: Query) -> Answer {
    let page = Page::of("credentials", &query)?;
    let kind = read(&query, "kind", str::parse::<Kind>)?;
    let gtin = read(&query, "gtin", Gtin::parse)?;
    let at = read(&query, "at", parse_moment)?;
    let (found, next) = state
        .run(move |app| {
            let asked = CredentialQuery {
                kind,
                gtin,
                ..asked(&query, &page, at)
            };
            let mut found = app::list_credentials(app, &who.caller, &asked)?;
            let next = page.cut(&mut found, CREDENTIALS, |row| row.id.as_str());
            Ok((found, next))
        })
        .await?;
    Ok(answer(&found, next))
}

/// `GET /api/v1/people`
pub(in crate::web) async fn list_people(state: web::Data<State>, who: Who, query: Query) -> Answer {
    let page = Page::of("people", &query)?;
    let at = read(&query, "at", parse_moment)?;
    let (found, next) = state
        .run(move |app| {
            let mut found = app::list_people(app, &who.caller, &asked(&query, &page, at))?;
            let next = page.cut(&mut found, PEOPLE, |row| row.id.as_str());
            Ok((found, next))
        })
        .await?;
    Ok(answer(&found, next))
}

/// `GET /api/v1/credentials/{id}`
pub(in crate::web) async fn show(
    state: web::Data<State>,
    who: Who,
    id: web::Path<String>,
    query: Query,
) -> Answer {
    let at = read(&query, "at", parse_moment)?;
    let found = state
        .run(move |app| app::show_credential(app, &who.caller, &id, moment(&query, at)))
        .await?;
    Ok(HttpResponse::Ok().json(found))
}

/// `GET /api/v1/people/{id}`
pub(in crate::web) async fn show_person(
    state: web::Data<State>,
    who: Who,
    id: web::Path<String>,
    query: Query,
) -> Answer {
    let at = read(&query, "at", parse_moment)?;
    let found = state
        .run(move |app| app::show_person(app, &who.caller, &id, moment(&query, at)))
        .await?;
    Ok(HttpResponse::Ok().json(found))
}

/// `POST /api/v1/credentials/{id}/revoke`
pub(in crate::web) async fn revoke(
    state: web::Data<State>,
    who: Who,
    id: web::Path<String>,
    body: Body,
) -> Answer {
    let wanted: RevocationRequest = body.json()?;
    let from = member("/from", wanted.from.as_deref())?;
    let until = member("/until", wanted.until.as_deref())?;
    let found = state
        .run(move |app| {
            let order = NewRevocation {
                id: &id,
                reason: &wanted.reason,
                from,
                until,
            };
            app::revoke_credential(app, &who.caller, &order)
        })
        .await?;
    Ok(HttpResponse::Ok().json(found))
}

fn asked<'a>(query: &'a Query, page: &'a Page, at: Option<Timestamp>) -> CredentialQuery<'a> {
    CredentialQuery {
        org: query.get("org"),
        moment: moment(query, at),
        after: page.after.as_deref(),
        limit: page.size + 1,
        ..CredentialQuery::default()
    }
}

fn moment(query: &Query, at: Option<Timestamp>) -> Moment<'_> {
    Moment {
        at,
        position: query.get("position"),
    }
}

fn answer(found: &impl Serialize, next: Option<String>) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    if let Some(next) = next {
        response.insert_header((LINK, next));
    }
    response.json(found)
}

/// A parameter as something parsed.
fn read<T, E: ToString>(
    query: &Query,
    name: &str,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<Option<T>, Problem> {
    let Some(text) = query.get(name) else {
        return Ok(None);
    };
    parse(text)
        .map(Some)
        .map_err(|error| wrong(name, error.to_string()))
}

/// A moment in a body.
fn member(pointer: &str, text: Option<&str>) -> Result<Option<Timestamp>, Problem> {
    text.map(parse_moment).transpose().map_err(|detail| {
        let fault = Fault {
            pointer: pointer.to_owned(),
            detail: detail.clone(),
            ..Fault::default()
        };
        Problem::new(Code::InvalidBody, detail).with_errors(vec![fault])
    })
}
