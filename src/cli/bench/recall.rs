//! `suyuan bench recall`: worlds, each in a database of its own: ours filled through capture, the rows from the
//! same events; then both are asked for the complete scope, and ours for single items, before and after its
//! logs are compacted.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::answer::{Answer, Counts};
use super::database::{self, Fresh};
use super::fill::{self, broken};
use super::items;
use super::machine;
use super::report::{Report, median};
use super::said::Said;
use super::serials::Serials;
use super::world::{Question, Variant, World, worlds};
use super::{baseline, ours};
use crate::app::{self, App, Problem};
use crate::cli::{Context, Exit, Outcome};
use crate::db::Conn;
use crate::scenario::load::Load;
use crate::trace::evaluate::Direction;

/// How often our scope is asked for, each time on a new connection.
const OURS_TIMES: usize = 5;
/// How often the assessment is made that a recall is opened with.
const ASSESS_TIMES: usize = 3;
/// How often the SQL is run.
const SQL_TIMES: usize = 3;
/// The least items of a world.
const ITEMS_LEAST: u32 = 2_000;

/// What is to be measured.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    pub(super) size: u32,
    pub(super) seed: u64,
    pub(super) variant: Variant,
}

/// What one side was asked and said.
struct Asked {
    times: Vec<Duration>,
    counts: Counts,
    answer: Answer,
}

impl Asked {
    fn best(&self) -> Duration {
        self.times.iter().min().copied().unwrap_or_default()
    }

    fn median(&self) -> Duration {
        median(self.times.clone())
    }
}

pub(super) fn run(context: &Context, name: &'static str, plan: Plan) -> Outcome {
    let mut report: Option<Report> = None;
    for world in worlds(plan.variant) {
        if plan.size / world.one_in < ITEMS_LEAST {
            continue;
        }
        let load = Load::new(world.plan(plan.size, plan.seed))
            .map_err(|error| broken(error.to_string()))?;
        let fresh = Fresh::make(&context.config, load.end())?;
        let report = Report::of(&mut report, name, &fresh)?;
        let bench = Bench {
            context,
            fresh: &fresh,
            load: &load,
            world,
            seed: plan.seed,
        };
        if let Some(difference) = bench.measure(report)? {
            context.say(&format!(
                "{}: the answers differ: {difference}",
                world.label
            ));
            context.print(report, || report.sentences())?;
            return Ok(Exit::Finding);
        }
    }
    if let Some(report) = report {
        context.print(&report, || report.sentences())?;
    }
    Ok(Exit::Done)
}

/// One world in its database.
struct Bench<'a> {
    context: &'a Context,
    fresh: &'a Fresh,
    load: &'a Load,
    world: World,
    seed: u64,
}

impl Bench<'_> {
    fn app(&self) -> &App {
        self.fresh.app()
    }

    fn say(&self, what: &str) {
        self.context.say(&format!("{}: {what}", self.world.label));
    }

    /// Measures the world. Gives the first difference between the two answers, if there is one.
    fn measure(&self, report: &mut Report) -> Result<Option<String>, Problem> {
        let mut said = Said::new(self.world.label, report);
        let serials = self.fill(&mut said)?;
        if self.world.has_rows {
            self.say("the same as rows");
            let mut conn = self.fresh.connect()?;
            let time = baseline::fill(&mut conn, self.load, &serials)?;
            said.time("a row an item: load, index, analyse", time);
        }
        let mut first = None;
        if self.world.asks.window() {
            let (asked, difference) = self.ask(&serials, &Question::Window, &mut said)?;
            if difference.is_some() {
                return Ok(difference);
            }
            first = Some(asked);
        }
        if let Some(label) = self.world.asks.listed() {
            let question = Question::listed(self.load, self.seed);
            if let Question::Listed(items) = &question {
                baseline::note_listed(&mut self.fresh.connect()?, items)?;
            }
            let (_, difference) = self.ask(&serials, &question, &mut said.about(label))?;
            if difference.is_some() {
                return Ok(difference);
            }
        }
        self.trace_items(&serials, &mut said)?;
        said.sizes("after live ingest", &mut self.fresh.connect()?)?;
        self.compact(&mut said)?;
        if let Some(before) = first {
            self.say("the scope again, compacted");
            let again = self.ask_ours(&serials, &Question::Window, &mut said.about_compacted())?;
            if again.answer.digest() != before.answer.digest() || again.counts != before.counts {
                return Ok(Some("before and after compaction".to_owned()));
            }
            self.trace_items(&serials, &mut said.about_compacted())?;
        }
        said.count(
            "memory, peak of the whole run",
            machine::memory_peak(),
            "bytes",
        );
        Ok(None)
    }

    fn fill(&self, said: &mut Said<'_>) -> Result<Serials, Problem> {
        let events = self.load.steps().len();
        let serials = fill::prepare(self.app(), self.load, self.world.is_foreign)?;
        self.say(&format!("{events} events to capture"));
        let bar = self.context.progress(Some(events as u64), "events");
        let filled = fill::capture(self.app(), self.load, &serials, &bar)?;
        bar.finish_and_clear();
        said.filled(self.load, filled);
        Ok(serials)
    }

    /// Asks both sides the same and compares what they say.
    fn ask(
        &self,
        serials: &Serials,
        question: &Question,
        said: &mut Said<'_>,
    ) -> Result<(Asked, Option<String>), Problem> {
        self.say("scopes");
        said.count("affected", question.expected(self.load), "items");
        let ours = self.ask_ours(serials, question, said)?;
        self.freeze(serials, question, said)?;
        let expected = question.expected(self.load);
        if ours.answer.len() != expected {
            let found = ours.answer.len();
            let difference = format!("{found} items are affected and not {expected}");
            return Ok((ours, Some(difference)));
        }
        if !self.world.has_rows {
            return Ok((ours, None));
        }
        self.say("scopes by SQL");
        let sql = ask_sql(&mut self.fresh.connect()?, question)?;
        said.time("scope by SQL, best", sql.best());
        said.time(
            &format!("scope by SQL, median of {SQL_TIMES}"),
            sql.median(),
        );
        let ratio = |sql: Duration, ours: Duration| {
            sql.as_secs_f64() / ours.as_secs_f64().max(f64::EPSILON)
        };
        said.number(
            "scope: SQL / ours, medians",
            ratio(sql.median(), ours.median()),
            "×",
        );
        said.number(
            "scope: SQL / ours, best",
            ratio(sql.best(), ours.best()),
            "×",
        );
        let difference = difference(&ours, &sql);
        Ok((ours, difference))
    }

    /// Each time on a new connection, so that nothing of ours is warm.
    fn ask_ours(
        &self,
        serials: &Serials,
        question: &Question,
        said: &mut Said<'_>,
    ) -> Result<Asked, Problem> {
        let asked = ours::Asked::of(self.load, serials, question)?;
        let mut scopes = Vec::with_capacity(OURS_TIMES);
        let mut peak = 0;
        let mut last = None;
        for _ in 0..OURS_TIMES {
            let mut conn = self.fresh.connect()?;
            drop(last.take());
            let before = machine::memory_now();
            machine::forget_peak();
            let scope = ours::scope(self.app(), &mut conn, &asked, self.load.end())?;
            peak = peak.max(machine::memory_peak().saturating_sub(before));
            scopes.push((scope.total, scope.reaching, scope.placing));
            last = Some(scope);
        }
        let Some(scope) = last else {
            return Err(broken("nothing was asked"));
        };
        let part = |part: fn(&(Duration, Duration, Duration)) -> Duration| {
            scopes.iter().map(part).collect::<Vec<_>>()
        };
        let times = part(|times| times.0);
        let best = times.iter().min().copied().unwrap_or_default();
        said.time("scope, best", best);
        said.time(
            &format!("scope, median of {OURS_TIMES}"),
            median(times.clone()),
        );
        said.time("  of it who is affected", median(part(|times| times.1)));
        said.time("  of it where they are", median(part(|times| times.2)));
        said.count("scope: memory on top", peak, "bytes");
        if scope.fault_count() != 0 {
            return Err(broken("a world without faults has faults"));
        }
        let answer = scope.answer(self.app(), &mut self.fresh.connect()?, serials)?;
        Ok(Asked {
            times,
            answer,
            counts: scope.counts,
        })
    }

    /// What a recall does beyond finding its scope: witnesses, the digest over every identifier, the rows.
    fn freeze(
        &self,
        serials: &Serials,
        question: &Question,
        said: &mut Said<'_>,
    ) -> Result<(), Problem> {
        let request = ours::request(self.load, serials, question);
        let times = match question {
            Question::Window => ASSESS_TIMES,
            // Listed things are looked up one by one.
            Question::Listed(_) => 1,
        };
        let mut taken = Vec::with_capacity(times);
        for _ in 0..times {
            let mut conn = self.fresh.connect()?;
            let (unit_count, time) = ours::assess(self.app(), &mut conn, &request)?;
            if unit_count != question.expected(self.load) {
                return Err(broken(format!("an assessment of {unit_count} units")));
            }
            taken.push(time);
        }
        said.time(
            &format!("assessment with witnesses and digest, median of {times}"),
            median(taken),
        );
        let opened = ours::open(self.app(), &request)?;
        said.time("recall opened: assessed, frozen and committed", opened);
        Ok(())
    }

    fn trace_items(&self, serials: &Serials, said: &mut Said<'_>) -> Result<(), Problem> {
        self.say("single items");
        let count = items::count(self.load);
        said.count("one item: traced each way", count.into(), "items");
        for (direction, way) in [
            (Direction::Backward, "back"),
            (Direction::Forward, "forward"),
        ] {
            let times = items::trace(self.app(), self.load, serials, direction, self.seed)?;
            for percent in [50, 99] {
                let what = format!("one item {way}, p{percent}");
                said.time(&what, times.percentile(percent));
            }
        }
        Ok(())
    }

    fn compact(&self, said: &mut Said<'_>) -> Result<(), Problem> {
        self.say("compacting");
        let (report, time) = super::report::timed(|| {
            app::compact(self.app(), &AtomicBool::new(false), &mut |_| {})
        })?;
        said.time("compaction", time);
        said.count("compaction: rows before", report.rows_before, "rows");
        said.count("compaction: rows after", report.rows_after, "rows");
        let mut conn = self.fresh.connect()?;
        database::vacuum(&mut conn)?;
        said.sizes("after compaction", &mut conn)
    }
}

fn ask_sql(conn: &mut Conn, question: &Question) -> Result<Asked, Problem> {
    let mut times = Vec::with_capacity(SQL_TIMES);
    let mut counts = Counts::new();
    baseline::session(conn)?;
    for _ in 0..SQL_TIMES {
        let (counted, time) = baseline::scope(conn, question)?;
        times.push(time);
        counts = counted;
    }
    Ok(Asked {
        times,
        counts,
        answer: baseline::answer(conn)?,
    })
}

/// Both must tell the same of each item.
fn difference(ours: &Asked, sql: &Asked) -> Option<String> {
    if ours.answer.digest() != sql.answer.digest() {
        let first = ours.answer.first_difference(&sql.answer);
        return Some(first.unwrap_or_else(|| "the digests alone".to_owned()));
    }
    (ours.counts != sql.counts).then(|| "the counts by holder and place".to_owned())
}
