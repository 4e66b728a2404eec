//! `suyuan bench live`: a world is captured; then more of it comes in, alone, and beside recalls that are
//! evaluated again and again. Captures wait for captures and recalls read snapshots: neither shall stall the
//! other.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::database::{self, Fresh};
use super::fill::{self, BatchSize, Feed, broken};
use super::machine::Machine;
use super::ours;
use super::report::{Report, as_number, timed};
use super::said::Said;
use super::world::{Variant, worlds};
use crate::app::Problem;
use crate::cli::{Context, Exit, Outcome};
use crate::epcis::Timestamp;
use crate::scenario::Window;
use crate::scenario::load::Load;

/// Recalls that are timed before captures come beside them.
const RECALLS_ALONE: usize = 10;

/// Of a hundred events so many are captured before anything is timed, the first day's among them; the rest
/// comes in live.
const CAPTURED_PERCENT: usize = 30;

const DAY_MICROS: i64 = 24 * 60 * 60 * 1_000_000;

/// What is to be measured.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    pub(super) size: u32,
    pub(super) seed: u64,
    pub(super) seconds: u64,
}

/// What a stretch of captures did.
#[derive(Debug, Default)]
struct Stretch {
    events: u64,
    batches: Vec<Duration>,
    time: Duration,
}

pub(super) fn run(context: &Context, name: &'static str, plan: Plan) -> Outcome {
    let Some(world) = worlds(Variant::D).pop() else {
        return Err(broken("there is no world"));
    };
    let load =
        Load::new(world.plan(plan.size, plan.seed)).map_err(|error| broken(error.to_string()))?;
    let fresh = Fresh::make(&context.config, load.end())?;
    let app = fresh.app();
    let version = database::version(&mut fresh.connect()?)?;
    let mut report = Report::new(name, Machine::this(version));
    let mut said = Said::new("live", &mut report);

    let serials = fill::prepare(app, &load, world.is_foreign)?;
    let first = load.steps().len() * CAPTURED_PERCENT / 100;
    context.say(&format!("{first} events to capture before"));
    let bar = context.progress(Some(first as u64), "events");
    let mut feed = Feed::new(app, &load, &serials, BatchSize::LIVE);
    while feed.next_event() < first {
        bar.inc(feed.capture_batch(first)?);
    }
    bar.finish_and_clear();

    // What the first line made on the first day: a tenth of all items, and all of it is captured by now.
    let from = world.plan(plan.size, plan.seed).start;
    let asked = ours::Asked::Window(Window {
        place: load.sites()[0].link.clone(),
        from,
        until: Timestamp::from_micros(from.micros() + DAY_MICROS),
        hazard: String::new(),
    });
    let recall = || -> Result<Duration, Problem> {
        let mut conn = fresh.connect()?;
        let scope = ours::scope(app, &mut conn, &asked, load.end())?;
        let found: u64 = scope.counts.values().sum();
        if found != u64::from(load.item_count() / 10) {
            return Err(broken(format!("a recall found {found} items")));
        }
        Ok(scope.total)
    };
    context.say("recalls alone");
    let alone: Vec<Duration> = (0..RECALLS_ALONE)
        .map(|_| recall())
        .collect::<Result<_, _>>()?;
    say_times(&mut said, "recall alone", alone);

    // The rest in two halves, so that both stretches meet the same kind of events at most for so long.
    let left = load.steps().len() - first;
    let half = first + left / 2;
    let most = Duration::from_secs(plan.seconds);
    context.say("captures alone");
    let stretch = feed.stretch(half, most)?;
    say_stretch(&mut said, "capture alone", stretch);
    context.say("captures beside recalls");
    let over = AtomicBool::new(false);
    let (stretch, beside) = std::thread::scope(|scope| -> Result<_, Problem> {
        let recalls = scope.spawn(|| -> Result<Vec<Duration>, Problem> {
            let mut times = Vec::new();
            while !over.load(Ordering::SeqCst) {
                times.push(recall()?);
            }
            Ok(times)
        });
        let stretch = feed.stretch(load.steps().len(), most);
        over.store(true, Ordering::SeqCst);
        let beside = recalls
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        Ok((stretch?, beside))
    })?;
    say_stretch(&mut said, "capture beside recalls", stretch);
    say_times(&mut said, "recall beside captures", beside);
    context.print(&report, || report.sentences())?;
    Ok(Exit::Done)
}

trait Stretching {
    /// Captures until this event or for so long, whichever comes first.
    fn stretch(&mut self, until: usize, most: Duration) -> Result<Stretch, Problem>;
}

impl Stretching for Feed<'_> {
    fn stretch(&mut self, until: usize, most: Duration) -> Result<Stretch, Problem> {
        let mut stretch = Stretch::default();
        let started = Instant::now();
        while self.next_event() < until && started.elapsed() < most {
            let (events, time) = timed(|| self.capture_batch(until))?;
            stretch.events += events;
            stretch.batches.push(time);
        }
        stretch.time = started.elapsed();
        Ok(stretch)
    }
}

fn say_stretch(said: &mut Said<'_>, what: &str, stretch: Stretch) {
    let seconds = stretch.time.as_secs_f64().max(f64::EPSILON);
    said.time(&format!("{what}: stretch"), stretch.time);
    said.number(
        &format!("{what}: rate"),
        as_number(stretch.events) / seconds,
        "events/s",
    );
    say_times(said, &format!("{what}: a batch"), stretch.batches);
}

fn say_times(said: &mut Said<'_>, what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    said.count(&format!("{what}: times"), times.len() as u64, "times");
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    said.time(&format!("{what}: median"), median);
    said.time(
        &format!("{what}: longest"),
        times.last().copied().unwrap_or_default(),
    );
}
