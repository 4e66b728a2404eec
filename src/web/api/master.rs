//! Master data as tables: the imports of the command line over HTTP, all or nothing.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::Problem;
use crate::codes;
use crate::db::Conn;
use crate::ledger::{Giver, Ledger};
use crate::parties::{self, Imported};
use crate::web::body::Body;
use crate::web::caller::Who;
use crate::web::problem::Answer;
use crate::web::query::Query;
use crate::web::state::State;

/// The parameters of an import.
pub(in crate::web) const PARAMETERS: &[&str] = &["dryRun"];

type Import = fn(&mut Conn, &Ledger, &Giver, &[u8], bool) -> Result<Imported, parties::Error>;

/// What an import did, or would do.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct ImportReport {
    /// Rows that were new.
    created: usize,
    /// Rows that changed something.
    updated: usize,
    /// Rows that said what was known.
    unchanged: usize,
}

impl ImportReport {
    /// What was done; a table that was refused is a problem.
    pub(in crate::web) fn of(done: &Imported) -> Result<Self, Problem> {
        if !done.refused.is_empty() {
            return Err(Problem::of_table(&done.refused));
        }
        Ok(Self {
            created: done.created,
            updated: done.updated,
            unchanged: done.unchanged,
        })
    }
}

/// `POST /api/v1/parties`
pub(in crate::web) async fn parties(
    state: web::Data<State>,
    who: Who,
    query: Query,
    body: Body,
) -> Answer {
    import(state, who, query, body, parties::import_organisations).await
}

/// `POST /api/v1/places`
pub(in crate::web) async fn places(
    state: web::Data<State>,
    who: Who,
    query: Query,
    body: Body,
) -> Answer {
    import(state, who, query, body, parties::import_places).await
}

/// `POST /api/v1/aliases`
pub(in crate::web) async fn aliases(
    state: web::Data<State>,
    who: Who,
    query: Query,
    body: Body,
) -> Answer {
    import(state, who, query, body, codes::import_aliases).await
}

/// `POST /api/v1/products`
pub(in crate::web) async fn products(
    state: web::Data<State>,
    who: Who,
    query: Query,
    body: Body,
) -> Answer {
    import(state, who, query, body, parties::import_products).await
}

async fn import(
    state: web::Data<State>,
    who: Who,
    query: Query,
    body: Body,
    import: Import,
) -> Answer {
    let dry_run = query.flag("dryRun")?;
    let report = state
        .run(move |app| {
            let giver = who.giver(app.clock.now());
            let done = app
                .db
                .write(|conn| import(conn, &app.ledger, &giver, &body.0, dry_run))?;
            ImportReport::of(&done)
        })
        .await?;
    Ok(HttpResponse::Ok().json(report))
}
