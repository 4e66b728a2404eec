//! `suyuan recall open|decide|notify|ack|cancel|close|show|list|units`.

use std::io::Write as _;
use std::path::PathBuf;

use clap::Subcommand;

use super::context::read_input;
use super::{Context, Exit, Outcome};
use crate::app::{self, Code, NewRecall, Problem};
use crate::recall::{
    Act, Action, Answer, RecallLine, RecallView, Request, RequestedPlace, UnitLine, UnitQuery,
};

/// Recalls.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Find what is affected, freeze it, open a case.
    Open(OpenArgs),
    /// Decide that there will be a recall.
    Decide(ActArgs),
    /// Give every holder a task.
    Notify(ActArgs),
    /// Answer as the holder.
    Ack {
        #[command(flatten)]
        act: ActArgs,
        /// How many units were found.
        #[arg(long)]
        found: Option<i64>,
        /// How many of them were set aside.
        #[arg(long)]
        quarantined: Option<i64>,
    },
    /// Give it up before anybody is told.
    Cancel(ActArgs),
    /// Close it; while tasks are open, the first time only announces it.
    Close(ActArgs),
    /// Show a recall with its tasks and history.
    Show {
        /// The recall.
        recall: String,
        /// A version of its scope; the newest unless given.
        #[arg(long)]
        version: Option<i32>,
    },
    /// List all recalls, newest first.
    List,
    /// List what is affected, one a line.
    Units {
        /// The recall.
        recall: String,
        /// Only what this holder has, is to get, has sent or may have.
        #[arg(long)]
        holder: Option<String>,
        /// As CSV.
        #[arg(long)]
        csv: bool,
    },
}

#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["lot", "serial", "place", "scope"]))]
struct OpenArgs {
    /// A lot or class.
    #[arg(long, value_name = "ID")]
    lot: Option<String>,
    /// A single thing: an item, a case, a pallet.
    #[arg(long, value_name = "ID")]
    serial: Option<String>,
    /// A place, with --from and --until.
    #[arg(long, value_name = "ID", requires = "from", requires = "until")]
    place: Option<String>,
    /// The start of the window (RFC 3339).
    #[arg(long, requires = "place")]
    from: Option<String>,
    /// The end of the window (RFC 3339).
    #[arg(long, requires = "place")]
    until: Option<String>,
    /// How far beyond the window to look: 30s, 10m, 1h.
    #[arg(long, requires = "place")]
    guard: Option<String>,
    /// A file with lots, units and places (JSON), or - for standard input.
    #[arg(long, value_name = "FILE")]
    scope: Option<PathBuf>,
    /// What the danger is.
    #[arg(long)]
    hazard: Option<String>,
    /// Why.
    #[arg(long)]
    reason: String,
    /// The organisation that conducts the recall.
    #[arg(long = "as", value_name = "ORG")]
    org: String,
    /// Find only; record nothing.
    #[arg(long)]
    dry_run: bool,
    /// Evaluate at this position: the object that `position` prints.
    #[arg(long, value_name = "JSON")]
    position: Option<String>,
}

#[derive(Debug, clap::Args)]
struct ActArgs {
    /// The recall.
    recall: String,
    /// For whom.
    #[arg(long = "as", value_name = "ORG")]
    org: String,
    /// Why.
    #[arg(long)]
    reason: String,
}

pub(super) fn run(context: &mut Context, args: Args) -> Outcome {
    match args.command {
        Command::Open(args) => open(context, &args),
        Command::Decide(args) => act(context, Action::Decide, &args, Answer::default()),
        Command::Notify(args) => act(context, Action::Notify, &args, Answer::default()),
        Command::Ack {
            act: args,
            found,
            quarantined,
        } => act(context, Action::Ack, &args, Answer { found, quarantined }),
        Command::Cancel(args) => act(context, Action::Cancel, &args, Answer::default()),
        Command::Close(args) => act(context, Action::Close, &args, Answer::default()),
        Command::Show { recall, version } => {
            let app = context.app()?;
            let view = app::show_recall(&app, &Context::operator(None), &recall, version)?;
            context.print(&view, || sentences(&view))?;
            Ok(Exit::Done)
        }
        Command::List => {
            let app = context.app()?;
            for line in app::list_recalls(&app, &Context::operator(None))? {
                context.print(&line, || list_line(&line))?;
            }
            Ok(Exit::Done)
        }
        Command::Units {
            recall,
            holder,
            csv,
        } => units(context, &recall, holder.as_deref(), csv),
    }
}

fn open(context: &Context, args: &OpenArgs) -> Outcome {
    let mut request = match &args.scope {
        Some(file) => Request::read(&read_input(file)?)?,
        None => Request::default(),
    };
    request.lots.extend(args.lot.clone());
    request.units.extend(args.serial.clone());
    if let (Some(place), Some(from), Some(until)) = (&args.place, &args.from, &args.until) {
        request.places.push(RequestedPlace {
            place: place.clone(),
            from: from.clone(),
            until: until.clone(),
            guard: args.guard.clone(),
        });
    }
    if args.hazard.is_some() {
        request.hazard.clone_from(&args.hazard);
    }
    let app = context.app()?;
    let new = NewRecall {
        request: &request,
        reason: &args.reason,
        position: args.position.as_deref(),
        dry_run: args.dry_run,
    };
    let view = app::open_recall(&app, &Context::operator(Some(&args.org)), &new)?;
    context.print(&view, || sentences(&view))?;
    Ok(Exit::Done)
}

fn act(context: &Context, action: Action, args: &ActArgs, answer: Answer) -> Outcome {
    let app = context.app()?;
    let act = Act {
        recall: &args.recall,
        action,
        reason: &args.reason,
        answer,
    };
    let moved = app::act_on_recall(&app, &Context::operator(Some(&args.org)), &act)?;
    context.print(&moved, || {
        format!(
            "{}  {}, {} open tasks",
            moved.recall, moved.state, moved.open_tasks
        )
    })?;
    Ok(Exit::Done)
}

/// The lines of a listing, page by page: memory does not grow with the scope.
fn units(context: &Context, recall: &str, holder: Option<&str>, csv: bool) -> Outcome {
    let unwritable = |error: std::io::Error| {
        Problem::new(Code::Internal, "standard output cannot be written").because(error)
    };
    let app = context.app()?;
    let caller = Context::operator(None);
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if csv {
        out.write_all(CSV_HEADER.as_bytes()).map_err(unwritable)?;
    }
    let mut after = None;
    loop {
        let query = UnitQuery {
            version: None,
            holder,
            after,
        };
        let page = app::recall_units(&app, &caller, recall, query)?;
        for line in &page.lines {
            let text = if csv {
                csv_line(line)
            } else if context.json() {
                serde_json::to_string(line).map_err(|error| {
                    Problem::new(Code::Internal, "a line cannot be written as JSON").because(error)
                })?
            } else {
                unit_line(line)
            };
            writeln!(out, "{text}").map_err(unwritable)?;
        }
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    out.flush().map_err(unwritable)?;
    Ok(Exit::Done)
}

const CSV_HEADER: &str = "id,certainty,quantity,place,holder,status,path\n";

fn csv_line(line: &UnitLine) -> String {
    let quantity = quantity_text(line);
    let path = line.path.join(" ");
    let place = line.place.as_deref().unwrap_or_default();
    let cells = [
        line.id.as_str(),
        line.certainty,
        &quantity,
        place,
        &line.holder,
        line.status.as_str(),
        &path,
    ];
    cells.map(csv_cell).join(",")
}

/// A cell of RFC 4180.
fn csv_cell(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

fn quantity_text(line: &UnitLine) -> String {
    let Some(quantity) = &line.quantity else {
        return String::new();
    };
    let or = |text: &Option<String>| text.clone().unwrap_or_else(|| "?".to_owned());
    let (lo, hi) = (or(&quantity.lo), or(&quantity.hi));
    let amount = if lo == hi { lo } else { format!("{lo}..{hi}") };
    match &quantity.uom {
        Some(uom) => format!("{amount} {uom}"),
        None => amount,
    }
}

fn unit_line(line: &UnitLine) -> String {
    let place = line.place.as_deref().unwrap_or("–");
    let quantity = quantity_text(line);
    let status = line.status.as_str();
    let certainty = line.certainty;
    format!(
        "{}  {quantity}  {status}  {}  {place}  {certainty}",
        line.id, line.holder
    )
}

fn list_line(line: &RecallLine) -> String {
    format!(
        "{}  {}  {} units, {} open tasks  {}",
        line.recall, line.state, line.unit_count, line.open_tasks, line.reason
    )
}

fn sentences(view: &RecallView) -> String {
    let mut lines = vec![match &view.recall {
        Some(id) => format!("{id}  version {}, {}", view.version, view.state),
        None => "not recorded (dry run)".to_owned(),
    }];
    let sure = &view.certainty;
    lines.push(format!(
        "{} units affected ({} asserted, {} inferred, {} policy, {} assumed), {} lots\ndigest {}",
        view.unit_count,
        sure.asserted,
        sure.inferred,
        sure.policy,
        sure.assumed,
        view.lot_count,
        view.digest
    ));
    for row in &view.holders {
        let place = row.place.as_deref().unwrap_or("–");
        let role = if row.role == "holder" { "" } else { &row.role };
        let status = row.status.as_str();
        lines.push(format!(
            "{:>9}  {}  {status}  {place}  {role}",
            row.count, row.holder
        ));
    }
    for task in &view.tasks {
        lines.push(format!("task  {}  {}", task.holder, task.state));
    }
    for row in &view.history {
        lines.push(format!(
            "{}  {}  {}: {}",
            row.at, row.by, row.action, row.reason
        ));
    }
    lines.join("\n")
}
