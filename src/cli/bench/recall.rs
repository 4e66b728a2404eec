//! `suyuan bench recall`: the same world packed in order and shuffled, each in a database of its own: ours
//! filled through capture, the rows from the same events; then both are asked for the complete scope.

use std::time::Duration;

use super::answer::{Answer, Counts};
use super::database::{self, Fresh};
use super::fill::{self, Filled, Serials, broken};
use super::machine::{self, Machine};
use super::report::{Report, as_number, median};
use super::sizes::{self, Total};
use super::{baseline, ours};
use crate::app::Problem;
use crate::cli::{Context, Exit, Outcome};
use crate::db::Conn;
use crate::epcis::Timestamp;
use crate::scenario::load::{Load, LoadPlan};
use crate::trace::store;

/// 2026-01-05T00:00:00Z: when the world begins.
const START: Timestamp = Timestamp::from_micros(1_767_571_200_000_000);

/// How often our scope is asked for after the first time.
const OURS_TIMES: usize = 5;
/// How often the assessment is made that a recall is opened with.
const ASSESS_TIMES: usize = 3;
/// How often the SQL is run.
const SQL_TIMES: usize = 3;

/// What one side was asked and said.
struct Asked {
    first: Duration,
    median: Duration,
    counts: Counts,
    answer: Answer,
}

pub(super) fn run(context: &Context, name: &'static str, size: u32, seed: u64) -> Outcome {
    let mut report: Option<Report> = None;
    for (is_shuffled, order) in [(false, "in order"), (true, "shuffled")] {
        let plan = LoadPlan {
            items: size,
            seed,
            is_shuffled,
            start: START,
        };
        let load = Load::new(plan).map_err(|error| broken(error.to_string()))?;
        let fresh = Fresh::make(&context.config, load.end())?;
        let report = match &mut report {
            Some(report) => report,
            none => {
                let version = database::version(&mut fresh.connect()?)?;
                none.insert(Report::new(name, Machine::this(version)))
            }
        };
        if let Some(difference) = measure(context, &fresh, &load, order, report)? {
            context.say(&format!("{order}: the answers differ: {difference}"));
            return finish(context, report, Exit::Finding);
        }
    }
    report.map_or(Ok(Exit::Done), |report| {
        finish(context, &report, Exit::Done)
    })
}

fn finish(context: &Context, report: &Report, exit: Exit) -> Outcome {
    context.print(report, || report.sentences())?;
    Ok(exit)
}

/// Measures one world. Gives the first difference between the two answers, if there is one.
fn measure(
    context: &Context,
    fresh: &Fresh,
    load: &Load,
    order: &str,
    report: &mut Report,
) -> Result<Option<String>, Problem> {
    let mut say = Said { order, report };
    let app = fresh.app();
    let serials = fill::prepare(app, load)?;
    context.say(&format!(
        "{order}: {} events to capture",
        load.steps().len()
    ));
    let bar = context.progress(Some(load.steps().len() as u64), "events");
    let filled = fill::capture(app, load, &serials, &bar)?;
    bar.finish_and_clear();
    say.filled(load, filled);

    context.say(&format!("{order}: the same as rows"));
    let mut conn = fresh.connect()?;
    let time = baseline::fill(&mut conn, load, &serials)?;
    say.time("a row an item: load, index, analyse", time);
    drop(conn);

    context.say(&format!("{order}: scopes"));
    let ours = ask_ours(fresh, load, &serials, &mut say)?;
    let sql = ask_sql(&mut fresh.connect()?)?;
    say.time("scope by SQL, first", sql.first);
    say.time(&format!("scope by SQL, median of {SQL_TIMES}"), sql.median);
    let ratio = sql.median.as_secs_f64() / ours.median.as_secs_f64().max(f64::EPSILON);
    say.number("scope: SQL / ours", ratio, "×");
    say.sizes(&mut fresh.connect()?)?;
    say.count(
        "memory, peak of the whole run",
        machine::memory_peak(),
        "bytes",
    );
    Ok(difference(load, &ours, &sql))
}

/// The first time is on a new connection; then as often as it takes to tell a median.
fn ask_ours(
    fresh: &Fresh,
    load: &Load,
    serials: &Serials,
    say: &mut Said<'_>,
) -> Result<Asked, Problem> {
    let app = fresh.app();
    let mut conn = fresh.connect()?;
    let before = machine::memory_now();
    machine::forget_peak();
    let scope = ours::scope(app, &mut conn, &load.window(), load.end())?;
    let first = scope.total;
    let peak = machine::memory_peak().saturating_sub(before);
    let mut scopes = Vec::with_capacity(OURS_TIMES);
    for _ in 0..OURS_TIMES {
        let again = ours::scope(app, &mut conn, &load.window(), load.end())?;
        scopes.push((again.total, again.reaching, again.placing));
    }
    let middle = |part: fn(&(Duration, Duration, Duration)) -> Duration| {
        median(scopes.iter().map(part).collect())
    };
    let total = middle(|times| times.0);
    say.time("scope, first on a new connection", first);
    say.time(&format!("scope, median of {OURS_TIMES}"), total);
    say.time("  of it who is affected", middle(|times| times.1));
    say.time("  of it where they are", middle(|times| times.2));
    say.count("scope: memory on top", peak, "bytes");
    let mut times = Vec::with_capacity(ASSESS_TIMES);
    for _ in 0..ASSESS_TIMES {
        let (unit_count, time) = ours::assess(app, &mut conn, &load.window())?;
        if unit_count != u64::from(load.affected_count()) {
            return Err(broken(format!("an assessment of {unit_count} units")));
        }
        times.push(time);
    }
    say.time(
        &format!("assessment to freeze, with witnesses and digest, median of {ASSESS_TIMES}"),
        median(times),
    );
    if scope.fault_count() != 0 {
        return Err(broken("a world without faults has faults"));
    }
    Ok(Asked {
        first,
        median: total,
        answer: scope.answer(serials)?,
        counts: scope.counts,
    })
}

fn ask_sql(conn: &mut Conn) -> Result<Asked, Problem> {
    let mut times = Vec::with_capacity(SQL_TIMES);
    let mut counts = Counts::new();
    baseline::session(conn)?;
    for _ in 0..SQL_TIMES {
        let (counted, time) = baseline::scope(conn)?;
        times.push(time);
        counts = counted;
    }
    Ok(Asked {
        first: times.first().copied().unwrap_or_default(),
        median: median(times),
        counts,
        answer: baseline::answer(conn)?,
    })
}

/// Both must find the tenth of the world that was made in the window, and tell the same of each item.
fn difference(load: &Load, ours: &Asked, sql: &Asked) -> Option<String> {
    let expected = u64::from(load.affected_count());
    if ours.answer.len() != expected {
        return Some(format!(
            "{} items are affected and not {expected}",
            ours.answer.len()
        ));
    }
    if ours.answer.digest() != sql.answer.digest() {
        let first = ours.answer.first_difference(&sql.answer);
        return Some(first.unwrap_or_else(|| "the digests alone".to_owned()));
    }
    (ours.counts != sql.counts).then(|| "the counts by holder and place".to_owned())
}

/// Figures of one world.
struct Said<'r> {
    order: &'r str,
    report: &'r mut Report,
}

impl Said<'_> {
    fn subject(&self, what: &str) -> String {
        format!("{}: {what}", self.order)
    }

    fn time(&mut self, what: &str, time: Duration) {
        self.report.add_time(self.subject(what), time);
    }

    fn count(&mut self, what: &str, count: u64, unit: &'static str) {
        self.report.add_count(self.subject(what), count, unit);
    }

    fn number(&mut self, what: &str, value: f64, unit: &'static str) {
        let rounded = (value * 100.0).round() / 100.0;
        self.report.add(self.subject(what), rounded, unit);
    }

    fn filled(&mut self, load: &Load, filled: Filled) {
        self.count("items", load.item_count().into(), "items");
        self.count("affected", load.affected_count().into(), "items");
        self.count("events", filled.events, "events");
        self.count("events as JSON", filled.bytes, "bytes");
        self.time("capture", filled.time);
        self.time("  of it in transactions", filled.writing);
        let seconds = filled.time.as_secs_f64().max(f64::EPSILON);
        self.number(
            "capture rate",
            as_number(filled.events) / seconds,
            "events/s",
        );
    }

    fn sizes(&mut self, conn: &mut Conn) -> Result<(), Problem> {
        let tables = sizes::tables(conn)?;
        for shape in store::log_shape(conn)? {
            let rows = u64::try_from(shape.rows).unwrap_or_default();
            let records = u64::try_from(shape.records).unwrap_or_default();
            self.count(&format!("trace_log, tier {}", shape.tier), rows, "rows");
            self.count(
                &format!("trace_log, tier {}, records", shape.tier),
                records,
                "records",
            );
        }
        let own = sizes::total(conn, &tables, sizes::is_index)?;
        let rows = sizes::total(conn, &tables, sizes::is_baseline)?;
        self.total("trace index", own);
        self.total("a row an item", rows);
        let ratio = as_number(rows.bytes) / as_number(own.bytes.max(1));
        self.number("disk: a row an item / trace index", ratio, "×");
        let rest = sizes::total(conn, &tables, sizes::is_record)?;
        self.total("ledger, events, master data", rest);
        for table in &tables {
            let bytes = u64::try_from(table.bytes).unwrap_or_default();
            self.count(&format!("table {}", table.name), bytes, "bytes");
        }
        Ok(())
    }

    fn total(&mut self, what: &str, total: Total) {
        self.count(what, total.rows, "rows");
        self.count(what, total.bytes, "bytes");
        self.count(
            &format!("{what}, indexes alone"),
            total.index_bytes,
            "bytes",
        );
    }
}
