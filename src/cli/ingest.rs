//! `suyuan ingest`.

use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::key::duration_micros;
use super::serve::{beside, tell_address};
use super::signal::Signals;
use super::words::ingest as words;
use super::{Context, Exit, Outcome};
use crate::app::{self, App, Code, Problem};
use crate::ingest::{self, Options, Point, Report, Settlement};
use crate::jobs;
use crate::web;

/// How often a process that stands at a point of a batch looks whether it shall end.
const LOOK: Duration = Duration::from_millis(20);

/// Record the events of the Kafka topic (configuration section `kafka`), exactly once.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// End when every partition is read to its end and nothing has come for this long (5s, 1m).
    #[arg(long, value_name = "TIME", value_parser = duration_micros)]
    until_idle: Option<i64>,
    /// Records of a partition before OFFSET are lost from the topic: record a gap and go on.
    #[arg(long, value_name = "PARTITION:OFFSET", value_parser = loss)]
    accept_loss: Vec<Settlement>,
    /// The topic was made anew: the partition's records go into a new shard.
    #[arg(long, value_name = "PARTITION")]
    begin_anew: Vec<i32>,
    /// Tell health (/healthz), readiness (/readyz) and metrics (/metrics), without a key, at this address and port;
    /// port 0 takes a free one.
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// For drills: stand still at a point of the n-th batch, so that the process can be killed there.
    #[arg(long, value_name = "POINT:N", hide = true)]
    pause_at: Option<PauseAt>,
    /// For drills: stand still when Kafka has the n-th batch of notices and the database does not know.
    #[arg(long, value_name = "N", hide = true)]
    pause_notices: Option<u64>,
}

/// `PARTITION:OFFSET`.
fn loss(text: &str) -> Result<Settlement, String> {
    let numbers = text
        .split_once(':')
        .and_then(|(partition, before)| Some((partition.parse().ok()?, before.parse().ok()?)));
    let (partition, before) = numbers.ok_or("is a partition and an offset, such as 3:120000")?;
    Ok(Settlement::Lost { partition, before })
}

/// `batch-taken:3`, `batch-open:3`, `between-insert-and-commit:3` or `after-commit:3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct PauseAt {
    point: Point,
    batch: u64,
}

const fn name(point: Point) -> &'static str {
    match point {
        Point::Taken => "batch-taken",
        Point::Open => "batch-open",
        Point::Inserted => "between-insert-and-commit",
        Point::Committed => "after-commit",
    }
}

impl FromStr for PauseAt {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let points = [Point::Taken, Point::Open, Point::Inserted, Point::Committed];
        let refuse = || {
            let names: Vec<String> = points
                .iter()
                .map(|point| format!("{}:N", name(*point)))
                .collect();
            format!("is one of {}", names.join(", "))
        };
        let (point, batch) = text.split_once(':').ok_or_else(refuse)?;
        let point = points
            .into_iter()
            .find(|known| name(*known) == point)
            .ok_or_else(refuse)?;
        let batch = batch.parse().ok().filter(|batch| 0 < *batch);
        Ok(Self {
            point,
            batch: batch.ok_or_else(refuse)?,
        })
    }
}

impl PauseAt {
    fn meet(self, point: Point, batch: u64, stop: &AtomicBool) {
        if self.point == point && self.batch == batch {
            stand(&format!("{}:{batch}", name(point)), stop);
        }
    }
}

/// Stands still until the process shall end, and says where.
fn stand(at: &str, stop: &AtomicBool) {
    eprintln!("standing at {at}");
    while !stop.load(Ordering::SeqCst) {
        std::thread::sleep(LOOK);
    }
}

pub(super) fn run(context: &mut Context, args: &Args) -> Outcome {
    let app = Arc::new(context.app()?);
    let signals = Signals::listen()?;
    let bar = context.progress(None, "events");
    bar.set_message(app.config.kafka.topic.clone());
    bar.enable_steady_tick(Duration::from_millis(200));
    let watcher = |point: Point, batch: u64| {
        if let Some(pause) = args.pause_at {
            pause.meet(point, batch, signals.stop());
        }
    };
    let anew = args.begin_anew.iter().map(|partition| Settlement::Anew {
        partition: *partition,
    });
    let settlements: Vec<Settlement> = args.accept_loss.iter().copied().chain(anew).collect();
    let options = Options {
        settlements: &settlements,
        until_idle: args
            .until_idle
            .map(|micros| Duration::from_micros(micros.unsigned_abs())),
        watcher: &watcher,
    };
    let work = || {
        ingest::run(&app, options, signals.stop(), &mut |counts| {
            bar.set_position(counts.recorded);
            bar.set_message(format!(
                "{}: {} duplicates, {} conflicts, {} refused",
                app.config.kafka.topic, counts.duplicates, counts.conflicts, counts.refused
            ));
        })
    };
    let told = |batch: u64| {
        if args.pause_notices == Some(batch) {
            stand(&format!("notices:{batch}"), signals.stop());
        }
    };
    let done = app::compacting_beside(&app, || {
        ingest::relaying_beside(&app, &told, || {
            jobs::sending_beside(&app, || match &args.listen {
                None => work().map_err(Problem::from),
                Some(address) => listening(context, &app, address, signals.stop(), work),
            })
        })
    });
    bar.finish_and_clear();
    let report = done?;

    context.print(&report, || words::report(&report, context.lang()))?;
    for held in &report.held {
        eprintln!("{}", words::held(held, context.lang()));
    }
    let cut_short = args.until_idle.is_some() && !report.idle;
    Ok(if signals.is_interrupted() || cut_short {
        Exit::Interrupted
    } else if report.held.is_empty() {
        Exit::Done
    } else {
        Exit::Finding
    })
}

/// Ingests, and answers at the address.
fn listening(
    context: &Context,
    app: &Arc<App>,
    address: &str,
    stop: &AtomicBool,
    work: impl FnOnce() -> Result<Report, ingest::Error> + Send,
) -> Result<Report, Problem> {
    let done = beside(stop, Some(work), |ready| {
        web::serve_aside(Arc::clone(app), address, stop, |url| {
            tell_address(context, url)?;
            ready();
            Ok(())
        })
    })?;
    let ended = || Problem::new(Code::Internal, "the server ended before ingestion began");
    Ok(done.ok_or_else(ended)??)
}

#[cfg(test)]
mod tests {
    use super::{PauseAt, loss};
    use crate::ingest::{Point, Settlement};

    #[test]
    fn a_loss_is_a_partition_and_an_offset() {
        let expected = Settlement::Lost {
            partition: 3,
            before: 120_000,
        };
        assert_eq!(loss("3:120000"), Ok(expected));
        assert!(loss("3").is_err() && loss("a:1").is_err() && loss("3:").is_err());
    }

    #[test]
    fn a_point_of_a_batch_is_named_with_the_batch() {
        let at = |point, batch| Ok(PauseAt { point, batch });
        assert_eq!("batch-open:1".parse(), at(Point::Open, 1));
        assert_eq!(
            "between-insert-and-commit:12".parse(),
            at(Point::Inserted, 12)
        );
        assert_eq!("after-commit:3".parse(), at(Point::Committed, 3));
        for wrong in [
            "",
            "after-commit",
            "after-commit:0",
            "before:1",
            "after-commit:x",
        ] {
            assert!(wrong.parse::<PauseAt>().is_err(), "{wrong}");
        }
    }
}
