//! `suyuan bench ingest`: events from a topic of the configured Kafka into a fresh database, by the real ingest; beside
//! it the database alone writing the same finished rows, and a consumer that commits record by record.

mod bodies;
mod marks;
mod phases;

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use uuid::Uuid;

use super::database::Fresh;
use super::fill::{broken, dictionary};
use super::machine;
use super::report::{Report, as_number, timed};
use super::said::Said;
use crate::app::{Clock, Code, Config, Problem};
use crate::capture::{self, Authority, Batch, Content, Incoming, Part};
use crate::cli::{Context, Exit, Outcome};
use crate::db::copy;
use crate::ingest::broker::Producer;
use crate::ingest::topic::Topic;
use crate::ingest::{self, Options};
use crate::ledger::{Expect, ShardName};
use bodies::{Bodies, Kind, ORG};
use marks::Marks;
use phases::{Phases, State};

/// Partitions of the topic.
const PARTITIONS: i32 = 4;
/// Nothing came for so long: everything is in.
const IDLE: Duration = Duration::from_secs(2);
/// One in so many events is recorded by the consumer that commits record by record, within these bounds.
const NAIVE_PART: u64 = 50;
const NAIVE: (u64, u64) = (100, 2_000);
/// More events than this are not copied table by table for comparison.
const COPIED_MOST: u64 = 2_000_000;

/// What is to be measured.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    /// Events of each kind.
    pub(super) size: u64,
    /// Which kinds.
    pub(super) events: Events,
}

/// Which events are ingested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Events {
    /// Items are packed, 24 into each case.
    Cases,
    /// Items are sold, one in each event.
    Sales,
    /// One kind after the other.
    All,
}

impl Events {
    const fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Cases => &[Kind::Cases],
            Self::Sales => &[Kind::Sales],
            Self::All => &[Kind::Cases, Kind::Sales],
        }
    }
}

pub(super) fn run(context: &Context, name: &'static str, plan: Plan) -> Outcome {
    let mut report: Option<Report> = None;
    for &kind in plan.events.kinds() {
        let mut config = context.config.clone();
        config.kafka.topic = format!("suyuan.bench.{}", Uuid::now_v7().simple());
        config.kafka.group.clone_from(&config.kafka.topic);
        ORG.clone_into(&mut config.kafka.submitter);
        if config.kafka.brokers.is_empty() {
            let detail = "kafka.brokers: a topic of its own is made there, and none is configured";
            return Err(Problem::new(Code::Configuration, detail));
        }
        let topic = Topic::make(&config.kafka, PARTITIONS)
            .map_err(|error| Problem::new(Code::Unavailable, error.to_string()).because(error))?;
        let fresh = fresh(&config)?;
        let report = Report::of(&mut report, name, &fresh)?;
        let bench = Bench {
            context,
            config: &config,
            kind,
            size: plan.size,
        };
        bench.measure(&fresh, &mut Said::new(kind.label(), report))?;
        drop(topic);
    }
    if let Some(report) = report {
        context.print(&report, || report.sentences())?;
    }
    Ok(Exit::Done)
}

fn fresh(config: &Config) -> Result<Fresh, Problem> {
    Fresh::make(config, Clock::System.now())
}

struct Bench<'a> {
    context: &'a Context,
    config: &'a Config,
    kind: Kind,
    size: u64,
}

impl Bench<'_> {
    fn measure(&self, fresh: &Fresh, said: &mut Said<'_>) -> Result<(), Problem> {
        let bodies = Bodies::prepare(fresh.app(), self.kind, self.size)?;
        let bytes = self.send(&bodies)?;
        said.count("events", self.size, "events");
        said.count("events as JSON", bytes, "bytes");
        let ours = self.ingest(fresh, bytes, said)?;
        said.sizes("ingested", &mut fresh.connect()?)?;
        self.rows_alone(fresh, ours, said)?;
        self.one_by_one(ours, said)
    }

    fn say(&self, what: &str) {
        self.context.say(&format!("{}: {what}", self.kind.label()));
    }

    /// Sends every event and gives their bytes.
    fn send(&self, bodies: &Bodies) -> Result<u64, Problem> {
        let failed = |error: ingest::broker::Error| {
            Problem::new(Code::Unavailable, "events cannot be sent").because(error)
        };
        let producer = Producer::new(&self.config.kafka).map_err(failed)?;
        self.say(&format!("{} events to send", self.size));
        let bar = self.context.progress(Some(self.size), "events");
        let mut bytes = 0;
        for number in 0..self.size {
            let body = bodies.body(number)?;
            bytes += body.len() as u64;
            let key = number.to_string();
            producer
                .send(key.as_bytes(), body.as_bytes())
                .map_err(failed)?;
            bar.inc(1);
        }
        producer.flush().map_err(failed)?;
        bar.finish_and_clear();
        Ok(bytes)
    }

    /// Ingests the topic and gives the events a second.
    fn ingest(&self, fresh: &Fresh, bytes: u64, said: &mut Said<'_>) -> Result<f64, Problem> {
        self.say("ingest");
        let bar = self.context.progress(Some(self.size), "events");
        let phases = Phases::default();
        let watcher = |point, _| phases.meet(point);
        let options = Options {
            until_idle: Some(IDLE),
            watcher: &watcher,
            ..Options::ENDLESS
        };
        let mut marks = Marks::new(self.size);
        machine::forget_peak();
        let (own, all) = (machine::cpu_own(), machine::cpu_all());
        let report = ingest::run(
            fresh.app(),
            options,
            &AtomicBool::new(false),
            &mut |counts| {
                bar.set_position(counts.recorded);
                marks.see(counts.recorded);
            },
        )?;
        let own = machine::cpu_own().saturating_sub(own);
        let all = machine::cpu_all().saturating_sub(all);
        bar.finish_and_clear();
        let counts = report.counts;
        if counts.recorded != self.size || !report.held.is_empty() {
            return Err(broken(format!("not every event was recorded: {report:?}")));
        }
        let state = phases.state();
        let time = match (state.first, state.last) {
            (Some(first), Some(last)) => last - first,
            _ => return Err(broken("nothing was written")),
        };
        let seconds = time.as_secs_f64().max(f64::EPSILON);
        let rate = as_number(self.size) / seconds;
        said.time("ingest, first batch taken to last committed", time);
        said.number("ingest", rate, "events/s");
        said.number("ingest", as_number(bytes) / 1e6 / seconds, "MB/s");
        where_it_goes(said, &state);
        said.time("CPU of this process", own);
        said.time("CPU of the whole machine", all);
        said.count("memory, peak", machine::memory_peak(), "bytes");
        if let Some((first, last)) = marks.rates() {
            said.number("ingest, in the first tenth", first, "events/s");
            said.number("ingest, in the last tenth", last, "events/s");
        }
        for (mark, number) in marks.list().iter().zip(0..) {
            said.count(&format!("memory, mark {number}"), mark.memory, "bytes");
        }
        Ok(rate)
    }

    /// The same finished rows, written by the database alone.
    fn rows_alone(&self, fresh: &Fresh, ours: f64, said: &mut Said<'_>) -> Result<(), Problem> {
        if COPIED_MOST < self.size {
            return Ok(());
        }
        self.say("the same rows alone");
        let other = self::fresh(self.config)?;
        let time = copy::recorded(fresh.app().db.url(), &mut other.connect()?)?;
        let rate = as_number(self.size) / time.as_secs_f64().max(f64::EPSILON);
        said.time("the same rows alone", time);
        said.number("the same rows alone", rate, "events/s");
        said.number("the same rows alone / ingest", rate / ours, "×");
        Ok(())
    }

    /// The same recording, a transaction a record.
    fn one_by_one(&self, ours: f64, said: &mut Said<'_>) -> Result<(), Problem> {
        self.say("record by record");
        let other = fresh(self.config)?;
        let app = other.app();
        let count = (self.size / NAIVE_PART).clamp(NAIVE.0, NAIVE.1);
        let bodies = Bodies::prepare(app, self.kind, count)?;
        let name = ShardName::new(&self.config.kafka.topic, 0);
        let mut time = Duration::ZERO;
        for number in 0..count {
            let incoming = Incoming {
                offset: i64::try_from(number).ok(),
                record_time: app.clock.now(),
                content: Content::Value(bodies.body(number)?.into_bytes()),
                signature: None,
            };
            let ((), spent) = timed(|| {
                let records = capture::read_all(vec![incoming]);
                app.db.write(|conn| {
                    let shard = app.ledger.shard(conn, &name)?;
                    let batch = Batch {
                        shard: &shard,
                        expect: Expect::Any,
                        parts: vec![Part {
                            submitter: ORG,
                            authority: Authority::Any,
                            records,
                        }],
                    };
                    capture::record(conn, &app.ledger, dictionary(app), batch)
                        .map(|_| ())
                        .map_err(Problem::from)
                })
            })?;
            time += spent;
        }
        let rate = as_number(count) / time.as_secs_f64().max(f64::EPSILON);
        said.count("record by record: events", count, "events");
        said.number("record by record", rate, "events/s");
        said.number("ingest / record by record", ours / rate, "×");
        Ok(())
    }
}

/// The writer's time, by what it did.
fn where_it_goes(said: &mut Said<'_>, state: &State) {
    said.count("batches", state.batches, "batches");
    said.time("  of it waiting for records", state.waiting);
    said.time("  of it reading and hashing", state.reading);
    said.time("  of it statements", state.statements);
    said.time("  of it commits", state.commits);
}
