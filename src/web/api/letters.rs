//! What was refused.

use actix_web::http::header::LINK;
use actix_web::{HttpResponse, web};

use crate::app::{self, LetterList};
use crate::capture::{LetterId, NotALetterId};
use crate::web::caller::Who;
use crate::web::page::Page;
use crate::web::problem::Answer;
use crate::web::query::{Query, wrong};
use crate::web::state::State;

const LETTERS: &str = "/api/v1/dead-letters";

/// The parameters of the list of dead letters.
pub(in crate::web) const LIST: &[&str] = &["shard", "all", "perPage", "nextPageToken"];

/// `GET /api/v1/dead-letters`: open ones; with `all`, those that were replayed too.
pub(in crate::web) async fn list(state: web::Data<State>, who: Who, query: Query) -> Answer {
    let page = Page::of("dead-letters", &query)?;
    let all = query.flag("all")?;
    let not_ours = |error: NotALetterId| wrong("nextPageToken", error.to_string());
    let after: Option<LetterId> = match &page.after {
        None => None,
        Some(id) => Some(id.parse().map_err(not_ours)?),
    };
    let (letters, next) = state
        .run(move |app| {
            let asked = LetterList {
                shard: query.get("shard"),
                all,
                after,
                limit: page.size + 1,
            };
            let mut letters = app::list_letters(app, &who.caller, &asked)?;
            let next = page.cut(&mut letters, LETTERS, |letter| letter.id.as_str());
            Ok((letters, next))
        })
        .await?;
    let mut response = HttpResponse::Ok();
    if let Some(next) = next {
        response.insert_header((LINK, next));
    }
    Ok(response.json(letters))
}
