//! `suyuan recall preview|open|decide|notify|ack|cancel|close|show|picture|list|units|why|excluded|extend|check|
//! release|versions|diff`.

use std::io::Write as _;
use std::path::PathBuf;

use clap::Subcommand;

use super::context::{read_input, unwritable};
use super::recall_reasons::{self, ExcludedArgs, PreviewArgs, WhyArgs};
use super::words::recall as words;
use super::{Context, Exit, Outcome, picture, recall_versions};
use crate::app::{self, Code, NewRecall, Problem};
use crate::epcis::Timestamp;
use crate::recall::{
    Act, Action, Answer, Request, RequestedContainer, RequestedPlace, RequestedPolicies,
    RequestedProduct, RequestedRange, Ruling, UnitQuery,
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
    Decide {
        #[command(flatten)]
        act: ActArgs,
        /// What becomes of what is affected only across a gap in the records (assumed): `include` recalls it like the
        /// rest; `leave` gives nobody a task for it and warns nobody who scans it, and it stays listed. Needed when the
        /// scope has any.
        #[arg(long, value_name = "include|leave")]
        assumed: Option<Ruling>,
    },
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
        /// With places, holders, owners and gaps as they were at this time (RFC 3339).
        #[arg(long)]
        at: Option<Timestamp>,
    },
    /// Draw its scope as SVG: where it began on the left, who has it on the right.
    Picture(picture::RecallArgs),
    /// List all recalls, newest first.
    List,
    /// Find only, and tell what each rule of the scope costs; record nothing.
    Preview(PreviewArgs),
    /// Why something is affected, or why not.
    Why(WhyArgs),
    /// List what was looked at and left out, with the reason, one a line.
    Excluded(ExcludedArgs),
    /// Evaluate the frozen definition again, now or at a later position, and freeze that as the next version.
    Extend(recall_versions::ExtendArgs),
    /// Tell whether an extension would change the scope.
    Check {
        /// The recall.
        recall: String,
    },
    /// Approve what a version proposes to remove from the scope.
    Release {
        #[command(flatten)]
        act: ActArgs,
        /// The version; every proposal unless given.
        #[arg(long)]
        version: Option<i32>,
    },
    /// List the versions of a recall, oldest first.
    Versions {
        /// The recall.
        recall: String,
    },
    /// List how two versions differ: the counts, then one line for a unit or part of a lot.
    Diff(recall_versions::DiffArgs),
    /// List what is affected, one a line.
    Units {
        /// The recall.
        recall: String,
        /// Only what this holder has, is to get, has sent or may have.
        #[arg(long)]
        holder: Option<String>,
        /// A version as it was frozen; the scope in effect unless given.
        #[arg(long)]
        version: Option<i32>,
        /// Where everything was at this time (RFC 3339). What is kept until its removal is released is left out.
        #[arg(long)]
        at: Option<Timestamp>,
        /// As CSV.
        #[arg(long)]
        csv: bool,
    },
}

/// Scopes without a window. They are named because clap passes over `requires` when something of the
/// same group as the required argument is given.
const OTHER_SCOPES: [&str; 4] = ["lot", "serial", "range", "scope"];

/// Scopes without a guard: what was inside a container, or began, is told by its events, not by a place's clock.
const UNGUARDED_SCOPES: [&str; 6] = ["lot", "serial", "range", "scope", "container", "product"];

#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["lot", "serial", "range", "place", "container", "product", "scope"]))]
pub(super) struct ScopeArgs {
    /// A lot or class.
    #[arg(long, value_name = "ID")]
    lot: Option<String>,
    /// A single thing: an item, a case, a pallet.
    #[arg(long, value_name = "ID")]
    serial: Option<String>,
    /// Single things, from one to another.
    #[arg(long, value_names = ["FROM", "TO"], num_args = 2)]
    range: Option<Vec<String>>,
    /// A place, with --from and --until.
    #[arg(long, value_name = "ID", requires = "from", requires = "until")]
    place: Option<String>,
    /// What was inside a container in a window.
    #[arg(long, value_name = "ID")]
    container: Option<String>,
    /// What of a product or lot began in a window.
    #[arg(long, value_name = "ID")]
    product: Option<String>,
    /// The start of the window (RFC 3339).
    #[arg(long, conflicts_with_all = OTHER_SCOPES)]
    from: Option<String>,
    /// The end of the window (RFC 3339).
    #[arg(long, conflicts_with_all = OTHER_SCOPES)]
    until: Option<String>,
    /// How far beyond the window of a place to look: 30s, 10m, 1h.
    #[arg(long, requires = "place", conflicts_with_all = UNGUARDED_SCOPES)]
    guard: Option<String>,
    /// A file with all that is to be looked for, and policies (JSON), or - for standard input.
    #[arg(long, value_name = "FILE")]
    scope: Option<PathBuf>,
    /// A file with policies (JSON): vessels, kill steps, contact, times.
    #[arg(long, value_name = "FILE")]
    policies: Option<PathBuf>,
    /// What the danger is.
    #[arg(long)]
    hazard: Option<String>,
    /// Evaluate at this position: the object `position` that `trace back`, `quality` and `recall show` print
    /// with --json.
    #[arg(long, value_name = "JSON")]
    pub(super) position: Option<String>,
}

#[derive(Debug, clap::Args)]
struct OpenArgs {
    #[command(flatten)]
    scope: ScopeArgs,
    /// Why.
    #[arg(long)]
    reason: String,
    /// The organisation that conducts the recall.
    #[arg(long = "as", value_name = "ORG")]
    org: String,
    /// Find only; record nothing.
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct ActArgs {
    /// The recall.
    pub(super) recall: String,
    /// For whom.
    #[arg(long = "as", value_name = "ORG")]
    pub(super) org: String,
    /// Why.
    #[arg(long)]
    pub(super) reason: String,
}

pub(super) fn run(context: &mut Context, args: Args) -> Outcome {
    match args.command {
        Command::Open(args) => open(context, &args),
        Command::Decide { act: args, assumed } => {
            act(context, Action::Decide, &args, Answer::default(), assumed)
        }
        Command::Notify(args) => act(context, Action::Notify, &args, Answer::default(), None),
        Command::Ack {
            act: args,
            found,
            quarantined,
        } => {
            let answer = Answer { found, quarantined };
            act(context, Action::Ack, &args, answer, None)
        }
        Command::Cancel(args) => act(context, Action::Cancel, &args, Answer::default(), None),
        Command::Close(args) => act(context, Action::Close, &args, Answer::default(), None),
        Command::Show {
            recall,
            version,
            at,
        } => {
            let app = context.app()?;
            let caller = Context::operator(None);
            let view = match at {
                None => app::show_recall(&app, &caller, &recall, version)?,
                Some(at) => app::show_recall_at(&app, &caller, &recall, version, at)?,
            };
            context.print(&view, || words::recall(&view, context.lang()))?;
            Ok(Exit::Done)
        }
        Command::Picture(args) => picture::of_recall(context, &args),
        Command::List => {
            let app = context.app()?;
            for line in app::list_recalls(&app, &Context::operator(None))? {
                context.print(&line, || words::listed(&line, context.lang()))?;
            }
            Ok(Exit::Done)
        }
        Command::Preview(args) => recall_reasons::preview(context, &args),
        Command::Why(args) => recall_reasons::why(context, &args),
        Command::Excluded(args) => recall_reasons::excluded(context, &args),
        Command::Units {
            recall,
            holder,
            version,
            at,
            csv,
        } => {
            let query = UnitQuery {
                version,
                at,
                holder: holder.as_deref(),
                after: None,
            };
            units(context, &recall, query, csv)
        }
        Command::Extend(args) => recall_versions::extend(context, &args),
        Command::Check { recall } => recall_versions::check(context, &recall),
        Command::Release { act, version } => recall_versions::release(context, &act, version),
        Command::Versions { recall } => recall_versions::versions(context, &recall),
        Command::Diff(args) => recall_versions::diff(context, &args),
    }
}

impl ScopeArgs {
    /// The scope that is asked for.
    pub(super) fn request(&self) -> Result<Request, Problem> {
        let mut request = match &self.scope {
            Some(file) => Request::read(&read_input(file)?)?,
            None => Request::default(),
        };
        request.lots.extend(self.lot.clone());
        request.units.extend(self.serial.clone());
        if let (Some(place), Some(from), Some(until)) = (&self.place, &self.from, &self.until) {
            request.places.push(RequestedPlace {
                place: place.clone(),
                from: from.clone(),
                until: until.clone(),
                guard: self.guard.clone(),
            });
        }
        if let Some([from, to]) = self.range.as_deref() {
            request.ranges.push(RequestedRange {
                from: from.clone(),
                to: to.clone(),
            });
        }
        if let Some(unit) = &self.container {
            request.containers.push(RequestedContainer {
                unit: unit.clone(),
                from: self.from.clone(),
                until: self.until.clone(),
            });
        }
        if let Some(product) = &self.product {
            request.products.push(RequestedProduct {
                product: product.clone(),
                from: self.from.clone(),
                until: self.until.clone(),
            });
        }
        let twice = |option: &str, has: &str| {
            let detail = format!("{option}: the scope file has {has} of its own: say it once");
            Problem::new(Code::InvalidParameter, detail)
        };
        if self.hazard.is_some() {
            if request.hazard.is_some() {
                return Err(twice("--hazard", "a hazard"));
            }
            request.hazard.clone_from(&self.hazard);
        }
        if let Some(file) = &self.policies {
            if request.policies != RequestedPolicies::default() {
                return Err(twice("--policies", "policies"));
            }
            request.policies = RequestedPolicies::read(&read_input(file)?)?;
        }
        Ok(request)
    }
}

fn open(context: &Context, args: &OpenArgs) -> Outcome {
    let request = args.scope.request()?;
    let app = context.app()?;
    let new = NewRecall {
        request: &request,
        reason: &args.reason,
        position: args.scope.position.as_deref(),
        dry_run: args.dry_run,
    };
    let caller = Context::acting_for(&app, &args.org)?;
    let view = app::open_recall(&app, &caller, &new)?;
    context.print(&view, || words::recall(&view, context.lang()))?;
    Ok(Exit::Done)
}

fn act(
    context: &Context,
    action: Action,
    args: &ActArgs,
    answer: Answer,
    assumed: Option<Ruling>,
) -> Outcome {
    let app = context.app()?;
    let act = Act {
        recall: &args.recall,
        action,
        reason: &args.reason,
        answer,
        assumed,
    };
    let caller = Context::acting_for(&app, &args.org)?;
    let moved = app::act_on_recall(&app, &caller, &act)?;
    context.print(&moved, || words::moved(&moved, context.lang()))?;
    Ok(Exit::Done)
}

/// The lines of a listing, page by page: memory does not grow with the scope.
fn units(context: &Context, recall: &str, query: UnitQuery<'_>, csv: bool) -> Outcome {
    let app = context.app()?;
    let caller = Context::operator(None);
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if csv {
        app::write_recall_units(&app, &caller, recall, query, &mut out)?;
        return Ok(Exit::Done);
    }
    app::each_recall_unit(&app, &caller, recall, query, &mut |line| {
        let text = if context.json() {
            serde_json::to_string(line).map_err(|error| {
                Problem::new(Code::Internal, "a line cannot be written as JSON").because(error)
            })?
        } else {
            words::unit(line, context.lang())
        };
        writeln!(out, "{text}").map_err(unwritable)
    })?;
    out.flush().map_err(unwritable)?;
    Ok(Exit::Done)
}
