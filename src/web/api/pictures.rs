//! Pictures of chains, as SVG.

use std::str::FromStr;

use actix_web::http::header::{CONTENT_LANGUAGE, CONTENT_TYPE};
use actix_web::{HttpResponse, web};

use super::traces::{id, time};
use crate::app::{self, PictureOf, Problem};
use crate::trace::evaluate::Window;
use crate::trace::picture::Picture;
use crate::trace::picture::collapse::Collapse;
use crate::trace::picture::words::Lang;
use crate::web::caller::Who;
use crate::web::problem::Answer;
use crate::web::query::{Query, wrong};
use crate::web::state::State;

/// The parameters of a picture of a thing.
pub(in crate::web) const PICTURE: &[&str] = &[
    "id",
    "direction",
    "from",
    "until",
    "position",
    "recall",
    "collapse",
    "lang",
];
/// The parameters of a picture of a recall.
pub(in crate::web) const RECALL: &[&str] = &["version", "collapse", "lang"];

/// `GET /api/v1/trace/picture`
pub(in crate::web) async fn draw(state: web::Data<State>, who: Who, query: Query) -> Answer {
    let id = id(&query)?;
    let lang = one_of(&query, "lang")?;
    let way = one_of(&query, "direction")?;
    let collapse = one_of(&query, "collapse")?;
    let window = Window {
        from: time(&query, "from")?,
        until: time(&query, "until")?,
    };
    let position = query.get("position").map(str::to_owned);
    let recall = query.get("recall").map(str::to_owned);
    let picture = state
        .run(move |app| {
            let of = PictureOf {
                id: &id,
                way,
                window,
                position: position.as_deref(),
                recall: recall.as_deref(),
                collapse,
            };
            app::picture(app, &who.caller, &of).map(|picture| picture.svg(lang))
        })
        .await?;
    Ok(answer(picture, lang))
}

/// `GET /api/v1/recalls/{id}/picture`
pub(in crate::web) async fn draw_recall(
    state: web::Data<State>,
    who: Who,
    id: web::Path<String>,
    query: Query,
) -> Answer {
    let lang = one_of(&query, "lang")?;
    let collapse: Collapse = one_of(&query, "collapse")?;
    let version = super::recalls::version(&query)?;
    let picture = state
        .run(move |app| {
            let drawn = |picture: Picture| picture.svg(lang);
            app::recall_picture(app, &who.caller, &id, version, collapse).map(drawn)
        })
        .await?;
    Ok(answer(picture, lang))
}

fn answer(picture: String, lang: Lang) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "image/svg+xml; charset=utf-8"))
        .insert_header((CONTENT_LANGUAGE, lang.code()))
        .body(picture)
}

/// A parameter that is one of a few words; the usual one without it.
fn one_of<T: FromStr<Err = String> + Default>(query: &Query, name: &str) -> Result<T, Problem> {
    query.get(name).map_or_else(
        || Ok(T::default()),
        |text| text.parse().map_err(|detail: String| wrong(name, detail)),
    )
}
