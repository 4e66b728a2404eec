//! `suyuan bench NAME`: measures beside what it is compared with, in one run, on fresh databases of the
//! configured kind. `docs/BENCHMARKS.md` says what is compared and why.

mod answer;
mod baseline;
mod database;
mod fill;
mod items;
mod live;
mod machine;
mod ours;
mod recall;
mod report;
mod said;
mod serials;
mod sizes;
mod world;

use world::Variant;

use super::{Context, Outcome};

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Bench {
    /// The complete scope of a recall, with holders and places, beside SQL over a row an item; single items.
    Recall,
    /// Captures beside recalls: how much each costs the other.
    Live,
}

impl Bench {
    const fn name(self) -> &'static str {
        match self {
            Self::Recall => "recall",
            Self::Live => "live",
        }
    }
}

/// Measure on fresh databases beside the configured one (a file in its folder, a database on its server);
/// they are removed at the end.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct Args {
    /// What to measure.
    #[arg(value_enum)]
    bench: Bench,
    /// How much: items in the world; a tenth of them is affected.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(2_000..=100_000_000))]
    size: u32,
    /// Decides everything that is left to chance.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// `recall`: which world and question.
    #[arg(long, value_enum, default_value_t = Variant::All)]
    variant: Variant,
    /// `live`: how long captures and recalls run beside each other, and captures alone.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    seconds: u64,
}

pub(super) fn run(context: &mut Context, args: Args) -> Outcome {
    let name = args.bench.name();
    match args.bench {
        Bench::Recall => {
            let plan = recall::Plan {
                size: args.size,
                seed: args.seed,
                variant: args.variant,
            };
            recall::run(context, name, plan)
        }
        Bench::Live => {
            let plan = live::Plan {
                size: args.size,
                seed: args.seed,
                seconds: args.seconds,
            };
            live::run(context, name, plan)
        }
    }
}
