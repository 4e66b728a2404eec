//! The quality of the records: counts first, then the findings, page by page.

use actix_web::http::header::LINK;
use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::{self, Problem};
use crate::epcis::Timestamp;
use crate::trace::NamedPosition;
use crate::trace::evaluate::Window;
use crate::trace::quality::{Count, Finding, Kind, Look, Mark, Settings};
use crate::web::caller::Who;
use crate::web::page::Page;
use crate::web::problem::Answer;
use crate::web::query::{Query, percent_encode, wrong};
use crate::web::state::State;

/// Things that the findings of a page name together when all are asked for; one finding names 4,096 at most.
const THINGS_A_PAGE_MAX: usize = 10_000;

/// The parameters of the report.
pub(in crate::web) const PARAMETERS: &[&str] = &[
    "gtin",
    "lot",
    "place",
    "from",
    "until",
    "kind",
    "speed",
    "floor",
    "overdue",
    "late",
    "all",
    "position",
    "perPage",
    "nextPageToken",
];

/// A page of the report.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QualityPage)]
pub(in crate::web) struct QualityPage {
    /// What of the ledger counted.
    position: NamedPosition,
    /// How many findings there are, on the first page.
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
    /// By kind, on the first page.
    #[serde(skip_serializing_if = "Option::is_none")]
    counts: Option<Vec<Count>>,
    /// The findings of this page.
    findings: Vec<Finding>,
}

/// `GET /api/v1/quality`
pub(in crate::web) async fn report(state: web::Data<State>, who: Who, query: Query) -> Answer {
    let look = look(&query)?;
    let settings = settings(&query)?;
    let page = Page::of("quality", &query)?;
    let after = match &page.after {
        None => None,
        Some(text) => Some(Mark::read(text).ok_or_else(|| {
            let detail = "this is no token of a page of this list";
            wrong("nextPageToken", detail.to_owned())
        })?),
    };
    let position = query.get("position").map(str::to_owned);
    let size = page.size;
    let (answer, mark) = state
        .run(move |app| {
            let caller = &who.caller;
            let mut position = position;
            let (mut total, mut counts) = (None, None);
            if after.is_none() {
                let report =
                    app::quality_report(app, caller, &look, settings, position.as_deref())?;
                // The findings are those that were counted.
                position = Some(written(&report.position)?);
                total = Some(report.total);
                counts = Some(report.counts);
            }
            let mut findings: Vec<Finding> = Vec::new();
            let (mut named, mut last) = (0, None);
            let mut more = false;
            let at = (position.as_deref(), after);
            let position =
                app::each_finding(app, caller, &look, settings, at, &mut |finding, mark| {
                    named += finding.things.len();
                    let is_long = look.all && THINGS_A_PAGE_MAX < named && !findings.is_empty();
                    more = is_long || findings.len() == size;
                    if !more {
                        findings.push(finding);
                        last = Some(mark);
                    }
                    Ok(!more)
                })?;
            let answer = QualityPage {
                position,
                total,
                counts,
                findings,
            };
            Ok((answer, last.filter(|_| more)))
        })
        .await?;
    let mut response = HttpResponse::Ok();
    if let Some(mark) = mark {
        let mut next = "/api/v1/quality?".to_owned();
        for name in PARAMETERS
            .iter()
            .filter(|name| !["position", "nextPageToken"].contains(name))
        {
            if let Some(value) = query.get(name) {
                next = format!("{next}{name}={}&", percent_encode(value));
            }
        }
        let position = percent_encode(&written(&answer.position)?);
        let token = percent_encode(&page.token(&mark.to_text()));
        let link = format!("<{next}position={position}&nextPageToken={token}>; rel=\"next\"");
        response.insert_header((LINK, link));
    }
    Ok(response.json(answer))
}

fn written(position: &NamedPosition) -> Result<String, Problem> {
    serde_json::to_string(position).map_err(|error| {
        Problem::new(app::Code::Internal, "a position cannot be written as JSON").because(error)
    })
}

fn look(query: &Query) -> Result<Look, Problem> {
    let text = |name: &str| query.get(name).map(str::to_owned);
    if query.get("gtin").is_some() && query.get("lot").is_some() {
        let detail = "lot and gtin exclude each other: a lot is of one product";
        return Err(wrong("lot", detail.to_owned()));
    }
    let kinds = query
        .get("kind")
        .into_iter()
        .flat_map(|kinds| kinds.split(','));
    Ok(Look {
        gtin: text("gtin"),
        lot: text("lot"),
        place: text("place"),
        window: Window {
            from: time(query, "from")?,
            until: time(query, "until")?,
        },
        kinds: kinds.map(kind).collect::<Result<_, _>>()?,
        all: query.flag("all")?,
        org: None,
    })
}

fn kind(name: &str) -> Result<Kind, Problem> {
    let mut all = Kind::ALL.iter();
    all.find(|kind| kind.as_str() == name)
        .copied()
        .ok_or_else(|| wrong("kind", format!("{name:?} is no kind of finding")))
}

fn settings(query: &Query) -> Result<Settings, Problem> {
    let default = Settings::default();
    let number = |name: &str, default: u32| match query.get(name) {
        None => Ok(default),
        Some(text) => text
            .parse()
            .map_err(|_no_number| wrong(name, format!("{name} is a whole number, not {text:?}"))),
    };
    Ok(Settings {
        speed_kmh: number("speed", default.speed_kmh)?,
        floor_km: number("floor", default.floor_km)?,
        overdue_days: number("overdue", default.overdue_days)?,
        late_days: number("late", default.late_days)?,
    })
}

fn time(query: &Query, name: &str) -> Result<Option<Timestamp>, Problem> {
    super::traces::time(query, name)
}
