//! `suyuan bench NAME`: measures beside what it is compared with, in one run, on fresh databases of the
//! configured kind. `docs/BENCHMARKS.md` says what is compared and why.

mod answer;
mod baseline;
mod database;
mod fill;
mod machine;
mod ours;
mod recall;
mod report;
mod sizes;

use super::{Context, Outcome};

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Bench {
    /// The complete scope of a recall, with holders and places, beside SQL over a row an item.
    Recall,
}

impl Bench {
    const fn name(self) -> &'static str {
        match self {
            Self::Recall => "recall",
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
    /// How much: items in the world; a tenth of them is affected.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(2_000..=100_000_000))]
    size: u32,
    /// Decides everything that is left to chance.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

pub(super) fn run(context: &mut Context, args: Args) -> Outcome {
    match args.bench {
        Bench::Recall => recall::run(context, args.bench.name(), args.size, args.seed),
    }
}
