//! `suyuan dead-letter list|show|replay`.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Subcommand;
use serde::Serialize;

use super::context::unwritable;
use super::signal::Signals;
use super::words::letters as words;
use super::{Context, Exit, Outcome};
use crate::app::{self, LetterList, Problem, Replay, ReplayOutcome, Replayed};
use crate::capture::{Letter, LetterId};

/// What was refused, with the reason.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List what was refused and not recorded since.
    List(ListArgs),
    /// Show a dead letter: for whom it came, why it was refused, and its bytes as they came.
    Show(ShowArgs),
    /// Submit the bytes of dead letters again, for whom they came, under the rules of now. What is recorded then is
    /// marked; what is refused again is told and stays as it is. Exit 1 when some are refused again, 3 when all are.
    Replay(ReplayArgs),
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    /// Only of this shard, such as suyuan.events/3 or http/0.
    #[arg(long, value_name = "S")]
    shard: Option<String>,
    /// Also those that were replayed.
    #[arg(long)]
    all: bool,
    /// At most so many; if there are more, it is said how to go on. All, unless given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    /// Only those after the letter with this id (SHARD:OFFSET:PART).
    #[arg(long, value_name = "CURSOR")]
    after: Option<LetterId>,
}

#[derive(Debug, clap::Args)]
struct ShowArgs {
    /// The shard, such as suyuan.events/3 or http/0.
    shard: String,
    /// The offset of the record.
    offset: i64,
    /// The part of it; all of the record unless given.
    part: Option<i32>,
    /// The bytes alone, exactly as they came.
    #[arg(long)]
    raw: bool,
}

#[derive(Debug, clap::Args)]
struct ReplayArgs {
    /// The shard, such as suyuan.events/3 or http/0.
    #[arg(required_unless_present = "all", requires = "offset")]
    shard: Option<String>,
    /// The offset of the record.
    offset: Option<i64>,
    /// The part of it; all of the record unless given.
    part: Option<i32>,
    /// All that is open.
    #[arg(long, conflicts_with = "shard")]
    all: bool,
    /// With --all: only of this shard.
    #[arg(long = "shard", value_name = "S", requires = "all")]
    only: Option<String>,
    /// Tell how it would go, and leave everything as it is.
    #[arg(long)]
    dry_run: bool,
    /// For whom to submit letters of which it was not noted yet for whom they came.
    #[arg(long = "as", value_name = "ORG")]
    org: Option<String>,
}

/// A letter with its bytes.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    letter: &'a Letter,
    /// The bytes as they came, where they are text.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    /// The bytes as they came, where they are not.
    #[serde(skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
    /// Of an event of a document: what is submitted when it is replayed, a document of it alone under the
    /// `@context` it came with.
    #[serde(skip_serializing_if = "Option::is_none")]
    replayed_as: Option<String>,
}

pub(super) fn run(context: &Context, args: Args) -> Outcome {
    match args.command {
        Command::List(args) => list(context, &args),
        Command::Show(args) => show(context, &args),
        Command::Replay(args) => replay(context, &args),
    }
}

fn list(context: &Context, args: &ListArgs) -> Outcome {
    let app = context.app()?;
    let limit = args.limit.map_or(usize::MAX - 1, |limit| limit as usize);
    let query = LetterList {
        shard: args.shard.as_deref(),
        all: args.all,
        after: args.after.clone(),
        // One more tells whether there are more.
        limit: limit + 1,
    };
    let mut printed = 0;
    let mut last = String::new();
    app::each_letter(&app, &Context::operator(None), &query, &mut |letter| {
        printed += 1;
        if printed <= limit {
            last.clone_from(&letter.id);
            context.print(letter, || words::line(letter, context.lang()))?;
        }
        Ok(())
    })?;
    if limit < printed {
        eprintln!("{}", words::more(&last, context.lang()));
    }
    Ok(Exit::Done)
}

fn show(context: &Context, args: &ShowArgs) -> Outcome {
    let app = context.app()?;
    let found = app::show_letters(&app, &args.shard, args.offset, args.part)?;
    for (letter, bytes) in &found {
        if args.raw {
            let mut out = std::io::stdout().lock();
            out.write_all(&bytes.bytes)
                .and_then(|()| out.flush())
                .map_err(unwritable)?;
            continue;
        }
        let text = std::str::from_utf8(&bytes.bytes).ok();
        let replayed_as = bytes.envelope.as_ref().map(|_| {
            let body = app::letter_body(bytes, app.clock.now());
            String::from_utf8_lossy(&body).into_owned()
        });
        let shown = Shown {
            letter,
            text,
            base64: text.is_none().then(|| STANDARD.encode(&bytes.bytes)),
            replayed_as,
        };
        context.print(&shown, || {
            words::shown(
                letter,
                &bytes.bytes,
                shown.replayed_as.as_deref(),
                context.lang(),
            )
        })?;
    }
    Ok(Exit::Done)
}

fn replay(context: &Context, args: &ReplayArgs) -> Outcome {
    let signals = Signals::listen()?;
    let app = context.app()?;
    let how = Replay {
        dry_run: args.dry_run,
        otherwise_for: args.org.as_deref(),
    };
    let mut sums = Sums::default();
    let mut each = |letter: &Letter| -> Result<(), Problem> {
        if signals.is_time_to_end() {
            return Ok(());
        }
        let replayed = app::replay_letter(&app, letter, how)?;
        sums.add(&replayed);
        context.print(&replayed, || words::replayed(&replayed, context.lang()))
    };
    if let (Some(shard), Some(offset)) = (&args.shard, args.offset) {
        for (letter, _) in app::show_letters(&app, shard, offset, args.part)? {
            each(&letter)?;
        }
    } else {
        let open = LetterList {
            shard: args.only.as_deref(),
            limit: usize::MAX,
            ..LetterList::default()
        };
        app::each_letter(&app, &Context::operator(None), &open, &mut each)?;
    }
    if args.all {
        context.say(&words::sums(sums.good, sums.bad, context.lang()));
    }
    Ok(match (sums.good, sums.bad) {
        _ if signals.is_time_to_end() => Exit::Interrupted,
        (_, 0) => Exit::Done,
        (0, _) => Exit::Refused,
        _ => Exit::Finding,
    })
}

/// Letters by what became of them.
#[derive(Debug, Default)]
struct Sums {
    good: usize,
    bad: usize,
}

impl Sums {
    fn add(&mut self, replayed: &Replayed) {
        match replayed.outcome {
            ReplayOutcome::Recorded | ReplayOutcome::Duplicate | ReplayOutcome::Already => {
                self.good += 1;
            }
            ReplayOutcome::Refused => self.bad += 1,
        }
    }
}
