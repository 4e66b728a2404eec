//! QR symbols of codes.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpResponse, web};

use crate::app::{Code, Problem};
use crate::codes::PublicUrl;
use crate::codes::qr::{EcLevel, PNG_SCALE, Qr};
use crate::web::problem::Answer;
use crate::web::query::{Query, wrong};
use crate::web::state::State;

/// The parameters of a symbol.
pub(in crate::web) const PARAMETERS: &[&str] = &["id", "format"];

/// `GET /api/v1/qr`: the symbol that is printed for an identifier, as SVG or PNG.
pub(in crate::web) async fn draw(state: web::Data<State>, query: Query) -> Answer {
    let id = query
        .get("id")
        .ok_or_else(|| wrong("id", "id is needed: what the symbol holds".to_owned()))?;
    let url = PublicUrl::parse(&state.app().config.http.public_url)
        .map_err(|error| Problem::new(Code::Configuration, format!("http.{error}")))?;
    let link = url
        .printed(id)
        .map_err(|fault| Problem::new(Code::InvalidIdentifier, format!("{id}: {fault}")))?;
    let qr = Qr::of(&link, EcLevel::M)?;
    let (form, picture) = match query.get("format") {
        None | Some("svg") => ("image/svg+xml", qr.to_svg().into_bytes()),
        Some("png") => ("image/png", qr.to_png(PNG_SCALE)?),
        Some(other) => {
            let detail = format!("format is svg or png, not {other:?}");
            return Err(wrong("format", detail).into());
        }
    };
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, form))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(picture))
}
