//! `suyuan quality`.

use std::io::Write as _;

use super::context::unwritable;
use super::{Context, Exit, Lang, Outcome};
use crate::app::{self, Code, Problem};
use crate::epcis::Timestamp;
use crate::trace::evaluate::Window;
use crate::trace::quality::{Finding, Kind, Look, Report, Settings};

/// What in the records contradicts itself, is missing, or cannot be true.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only this product: its items and lots.
    #[arg(long, value_name = "GTIN", conflicts_with = "lot")]
    gtin: Option<String>,
    /// Only this lot with its items.
    #[arg(long, value_name = "ID")]
    lot: Option<String>,
    /// Only what concerns this place or one inside it.
    #[arg(long, value_name = "GLN")]
    place: Option<String>,
    /// Nothing earlier counts (RFC 3339).
    #[arg(long)]
    from: Option<Timestamp>,
    /// Nothing later counts (RFC 3339).
    #[arg(long)]
    until: Option<Timestamp>,
    /// Evaluate at this position: the object `position` that `trace back`, `quality` and `recall show` print
    /// with --json.
    #[arg(long, value_name = "JSON")]
    position: Option<String>,
    /// List the findings, one a line.
    #[arg(long)]
    list: bool,
    /// With --list: name every thing of a finding, not the first alone. JSON names all of them.
    #[arg(long, requires = "list")]
    all: bool,
    /// Only findings of this kind; may stand several times.
    #[arg(long, value_name = "KIND")]
    kind: Vec<String>,
    /// Nothing travels faster, in kilometres an hour.
    #[arg(long, value_name = "KMH", default_value_t = Settings::default().speed_kmh)]
    speed: u32,
    /// Nearer than this, in kilometres, anything may be.
    #[arg(long, value_name = "KM", default_value_t = Settings::default().floor_km)]
    floor: u32,
    /// What was shipped so many days before the newest recording and has not arrived is overdue.
    #[arg(long, value_name = "DAYS", default_value_t = Settings::default().overdue_days)]
    overdue: u32,
    /// An event recorded more than so many days after it happened is late.
    #[arg(long, value_name = "DAYS", default_value_t = Settings::default().late_days)]
    late: u32,
}

pub(super) fn run(context: &mut Context, args: Args) -> Outcome {
    let look = Look {
        gtin: args.gtin,
        lot: args.lot,
        place: args.place,
        window: Window {
            from: args.from,
            until: args.until,
        },
        kinds: kinds(&args.kind)?,
        all: args.list && (args.all || context.json()),
        org: None,
    };
    let settings = Settings {
        speed_kmh: args.speed,
        floor_km: args.floor,
        overdue_days: args.overdue,
        late_days: args.late,
    };
    let position = args.position.as_deref();
    let total = if args.list {
        list(context, &look, settings, position)?
    } else {
        let app = context.app()?;
        let caller = Context::operator(None);
        let report = app::quality_report(&app, &caller, &look, settings, position)?;
        context.print(&report, || sentences(&report, context.lang()))?;
        report.total
    };
    Ok(if total == 0 {
        Exit::Done
    } else {
        Exit::Finding
    })
}

/// Reads the names of kinds.
fn kinds(names: &[String]) -> Result<Vec<Kind>, Problem> {
    let kind = |name: &String| {
        let mut all = Kind::ALL.iter();
        all.find(|kind| kind.as_str() == name)
            .copied()
            .ok_or_else(|| {
                let all: Vec<&str> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
                let detail = format!("{name:?} is no kind of finding: {}", all.join(", "));
                Problem::new(Code::InvalidParameter, detail)
            })
    };
    names.iter().map(kind).collect()
}

/// Prints the findings as they are found: memory does not grow with their number.
fn list(
    context: &Context,
    look: &Look,
    settings: Settings,
    position: Option<&str>,
) -> Result<u64, Problem> {
    let app = context.app()?;
    let caller = Context::operator(None);
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut total = 0;
    app::each_finding(
        &app,
        &caller,
        look,
        settings,
        (position, None),
        &mut |finding, _| {
            total += 1;
            let text = if context.json() {
                serde_json::to_string(&finding).map_err(|error| {
                    Problem::new(Code::Internal, "a line cannot be written as JSON").because(error)
                })?
            } else {
                lines(&finding, look.all, context.lang())
            };
            writeln!(out, "{text}").map_err(unwritable)?;
            Ok(true)
        },
    )?;
    out.flush().map_err(unwritable)?;
    Ok(total)
}

/// A finding on a line, and below it what it is about besides the first thing, which the sentence names.
fn lines(finding: &Finding, all: bool, lang: Lang) -> String {
    let mut text = line(finding, lang);
    for thing in finding.things.iter().skip(1).filter(|_| all) {
        text.push_str(&format!("\n    {thing}"));
    }
    text
}

fn line(finding: &Finding, lang: Lang) -> String {
    let (sentence, ask) = match lang {
        Lang::Zh => (&finding.sentence.zh, "问"),
        Lang::En => (&finding.sentence.en, "ask"),
    };
    let whom = if finding.ask.is_empty() {
        String::new()
    } else {
        format!("  {ask} {}", finding.ask.join(", "))
    };
    format!("{}  {sentence}{whom}", finding.kind.as_str())
}

fn sentences(report: &Report, lang: Lang) -> String {
    let mut text = match (lang, report.total) {
        (Lang::Zh, 0) => "未发现问题".to_owned(),
        (Lang::Zh, total) => format!("发现 {total} 项问题"),
        (Lang::En, 0) => "no findings".to_owned(),
        (Lang::En, 1) => "1 finding".to_owned(),
        (Lang::En, total) => format!("{total} findings"),
    };
    for count in &report.counts {
        text.push_str(&format!("\n{:>9}  {}", count.findings, count.kind.as_str()));
    }
    text
}
