//! `suyuan bench NAME`: measures beside what it is compared with, in one run, on fresh databases of the
//! configured kind. `docs/BENCHMARKS.md` says what is compared and why.

mod answer;
mod baseline;
mod database;
mod fill;
mod ingest;
mod items;
mod live;
mod machine;
mod ours;
mod recall;
mod report;
mod said;
mod serials;
mod sizes;
mod truth;
mod world;

use ingest::Events;
use world::Variant;

use super::{Context, Outcome};
use crate::app::{Code, Problem};

/// The least items of a world that is measured, and how many unless told.
const RECALL_ITEMS: (u32, u32) = (2_000, 1_000_000);
/// Events of each kind that are ingested, unless told.
const INGEST_EVENTS: u32 = 100_000;
/// Units of a world that is judged, unless told.
const TRUTH_UNITS: u32 = 2_400;

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Bench {
    /// The complete scope of a recall, with holders and places, beside SQL over a row an item; single items.
    Recall,
    /// From Kafka to committed, beside the same rows written by the database alone and a transaction a record.
    Ingest,
    /// Captures beside recalls: how much each costs the other.
    Live,
    /// Recalls of worlds whose hidden truth is known: how much is found, how much too much, how much elsewhere.
    Truth,
}

impl Bench {
    const fn name(self) -> &'static str {
        match self {
            Self::Recall => "recall",
            Self::Ingest => "ingest",
            Self::Live => "live",
            Self::Truth => "truth",
        }
    }
}

/// Measure on fresh databases beside the configured one (a file in its folder, a database on its server);
/// they are removed at the end.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What to measure.
    #[arg(value_enum)]
    bench: Bench,
    /// How much: items in the world, of which a tenth is affected (recall and live, 1000000); events of each kind (ingest, 100000); units in each world (truth, 2400).
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=100_000_000))]
    size: Option<u32>,
    /// Decides everything that is left to chance.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// `recall`: which world and question.
    #[arg(long, value_enum, default_value_t = Variant::All)]
    variant: Variant,
    /// `ingest`: which events.
    #[arg(long, value_enum, default_value_t = Events::All)]
    events: Events,
    /// `live`: how long captures and recalls run beside each other, and captures alone.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    seconds: u64,
    /// `truth`: which world: formula, dairy, toy, powerbank, shrimp, parcel, or all of them.
    #[arg(long, value_name = "NAME", default_value = "all")]
    scenario: String,
    /// `truth`: so many of a hundred events are lost.
    #[arg(long = "drop", value_name = "PERCENT", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100))]
    drop_percent: u8,
}

pub(super) fn run(context: &mut Context, args: &Args) -> Outcome {
    let name = args.bench.name();
    match args.bench {
        Bench::Recall => {
            let plan = recall::Plan {
                size: items(args)?,
                seed: args.seed,
                variant: args.variant,
            };
            recall::run(context, name, plan)
        }
        Bench::Ingest => {
            let size = args.size.unwrap_or(INGEST_EVENTS).into();
            let plan = ingest::Plan {
                size,
                events: args.events,
            };
            ingest::run(context, name, plan)
        }
        Bench::Live => {
            let plan = live::Plan {
                size: items(args)?,
                seed: args.seed,
                seconds: args.seconds,
            };
            live::run(context, name, plan)
        }
        Bench::Truth => {
            let trial = truth::Trial {
                scenario: &args.scenario,
                units: args.size.unwrap_or(TRUTH_UNITS),
                seed: args.seed,
                drop_percent: args.drop_percent,
            };
            truth::run(context, name, trial)
        }
    }
}

/// How many items a world that is measured has.
fn items(args: &Args) -> Result<u32, Problem> {
    let (least, usual) = RECALL_ITEMS;
    let size = args.size.unwrap_or(usual);
    if size < least {
        let detail = format!("--size: {size} are too few, the least is {least}");
        return Err(Problem::new(Code::InvalidParameter, detail));
    }
    Ok(size)
}
