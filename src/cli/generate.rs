//! `suyuan generate SCENARIO (-o DIR | --topic T)`: a world's events with its master data and truth, as
//! files or into Kafka. Name, units, seed and start decide every byte.

mod truth;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use self::truth::TruthView;
use super::output::{NewFile, write_file};
use super::signal::Signals;
use super::{Context, Exit, Lang, Outcome};
use crate::app::{Code, Problem};
use crate::epcis::Timestamp;
use crate::ingest::broker::Producer;
use crate::scenario::{Formula, Message, PlainSerials, Question, Scenario, World};

/// When worlds begin: a Monday in China.
const START: &str = "2026-03-02T00:00:00+08:00";
/// The messages, one a line, in the order in which they are sent.
const EVENTS: &str = "events.ndjson";
const TRUTH: &str = "truth.json";
/// What a recall is to find, as `recall open --scope` reads it.
const QUESTION: &str = "question.json";

/// Write a world's events, master data and truth, or send its events to Kafka.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The scenario: formula, dairy, toy, powerbank, shrimp or parcel.
    scenario: String,
    /// How many units.
    #[arg(long, value_name = "N", default_value_t = Formula::UNITS)]
    units: u32,
    /// The same seed is the same world.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// When the world begins.
    #[arg(long, value_name = "TIME", default_value = START)]
    start: Timestamp,
    /// The folder for parties.csv, places.csv, products.csv, aliases.csv, events.ndjson, question.json and
    /// truth.json.
    #[arg(
        short,
        long,
        value_name = "DIR",
        required_unless_present = "topic",
        conflicts_with = "topic"
    )]
    output: Option<PathBuf>,
    /// The Kafka topic (`kafka.brokers`).
    #[arg(long, value_name = "T")]
    topic: Option<String>,
    /// Messages a second, at most.
    #[arg(long, value_name = "N", requires = "topic", value_parser = clap::value_parser!(u32).range(1..))]
    rate: Option<u32>,
}

#[derive(Serialize)]
struct Report<'a> {
    /// Events that happen; some are sent twice, some share a message.
    events: u64,
    messages: u64,
    units: u64,
    /// The file of it; the truth itself when there is no folder.
    truth: TruthPlace<'a>,
    /// Of the messages, each with a line end.
    sha256: String,
}

#[derive(Serialize)]
#[serde(untagged)]
enum TruthPlace<'a> {
    File(String),
    Here(&'a TruthView<'a>),
}

pub(super) fn run(context: &mut Context, args: &Args) -> Outcome {
    let scenario = Scenario::named(&args.scenario, args.units, args.seed, args.start)
        .map_err(|error| Problem::new(Code::InvalidParameter, error.to_string()))?;
    let signals = Signals::listen()?;
    match send_all(context, args, &scenario, &signals) {
        // What failed then failed because it was told to end.
        Err(_) if signals.is_time_to_end() => Ok(Exit::Interrupted),
        done => done,
    }
}

fn send_all(context: &Context, args: &Args, scenario: &Scenario, signals: &Signals) -> Outcome {
    let mut sink = match (&args.output, &args.topic) {
        (Some(folder), _) => Sink::folder(folder, &scenario.world())?,
        (None, topic) => {
            let topic = topic.as_deref().unwrap_or_default();
            Sink::topic(context, topic, args.rate, signals.stop())?
        }
    };
    let bar = context.progress(None, "messages");
    bar.set_message(scenario.name());
    let mut sha256 = Sha256::new();
    let mut messages = 0;
    let mut stream = scenario.stream(PlainSerials::default());
    for message in stream.by_ref() {
        if signals.is_time_to_end() {
            return Ok(Exit::Interrupted);
        }
        sha256.update(&message.body);
        sha256.update(b"\n");
        messages += 1;
        sink.put(&message, messages)?;
        bar.inc(1);
    }
    let truth = stream.finish();
    let view = TruthView::new(scenario, args.seed, args.start, &truth);
    let file = sink.finish(&view, &truth.question)?;
    bar.finish_and_clear();
    let digest = sha256.finalize();
    let report = Report {
        events: truth.event_count,
        messages,
        units: truth.unit_count,
        truth: file.map_or(TruthPlace::Here(&view), TruthPlace::File),
        sha256: crate::ledger::hex(&digest),
    };
    context.print(&report, || {
        let (events, messages, units) = (report.events, report.messages, report.units);
        let (affected, sha256) = (truth.affected.len(), &report.sha256);
        match context.lang() {
            Lang::Zh => format!(
                "{messages} 条消息，共 {events} 个事件，{units} 件中 {affected} 件受影响；SHA-256 {sha256}"
            ),
            Lang::En => format!(
                "{events} events in {messages} messages, {units} units of which {affected} are affected; SHA-256 {sha256}"
            ),
        }
    })?;
    Ok(Exit::Done)
}

/// Where the messages go.
enum Sink<'a> {
    Folder {
        folder: PathBuf,
        events: NewFile,
    },
    Topic {
        producer: Producer<'a>,
        began: Instant,
        rate: Option<u32>,
    },
}

impl<'a> Sink<'a> {
    fn folder(folder: &Path, world: &World) -> Result<Self, Problem> {
        let failed = |error| cannot_write(folder, error);
        std::fs::create_dir_all(folder).map_err(failed)?;
        let (mut parties, mut places) = (Vec::new(), Vec::new());
        let (mut products, mut aliases) = (Vec::new(), Vec::new());
        world.write_parties_csv(&mut parties).map_err(failed)?;
        world.write_places_csv(&mut places).map_err(failed)?;
        world.write_products_csv(&mut products).map_err(failed)?;
        world.write_aliases_csv(&mut aliases).map_err(failed)?;
        write_file(&folder.join("parties.csv"), &parties)?;
        write_file(&folder.join("places.csv"), &places)?;
        write_file(&folder.join("products.csv"), &products)?;
        write_file(&folder.join("aliases.csv"), &aliases)?;
        Ok(Self::Folder {
            folder: folder.to_owned(),
            events: NewFile::begin(&folder.join(EVENTS))?,
        })
    }

    fn topic(
        context: &Context,
        topic: &str,
        rate: Option<u32>,
        stop: &'a AtomicBool,
    ) -> Result<Self, Problem> {
        let mut kafka = context.config.kafka.clone();
        if kafka.brokers.is_empty() {
            return Err(Problem::new(
                Code::Configuration,
                "kafka.brokers: is needed",
            ));
        }
        topic.clone_into(&mut kafka.topic);
        let producer = Producer::new(&kafka).map_err(|error| {
            Problem::new(Code::Configuration, "the producer does not start").because(error)
        })?;
        let producer = producer.until(stop);
        producer.reach()?;
        Ok(Self::Topic {
            producer,
            began: Instant::now(),
            rate,
        })
    }

    /// Takes a message, the n-th.
    fn put(&mut self, message: &Message, nth: u64) -> Result<(), Problem> {
        match self {
            Self::Folder { folder, events } => events
                .write_all(&message.body)
                .and_then(|()| events.write_all(b"\n"))
                .map_err(|error| cannot_write(folder, error)),
            Self::Topic {
                producer,
                began,
                rate,
            } => {
                if let Some(rate) = rate {
                    let due = Duration::from_micros(
                        (nth - 1).saturating_mul(1_000_000) / u64::from(*rate),
                    );
                    std::thread::sleep(due.saturating_sub(began.elapsed()));
                }
                producer
                    .send(message.key.as_bytes(), &message.body)
                    .map_err(unsent)
            }
        }
    }

    /// Everything is there; the truth's file, if it has one.
    fn finish(self, truth: &TruthView<'_>, question: &Question) -> Result<Option<String>, Problem> {
        match self {
            Self::Folder { folder, events } => {
                events.finish()?;
                let mut json = serde_json::to_vec_pretty(truth).map_err(|error| {
                    Problem::new(Code::Internal, "the truth cannot be written").because(error)
                })?;
                json.push(b'\n');
                let mut asked = question.to_json();
                asked.push(b'\n');
                write_file(&folder.join(QUESTION), &asked)?;
                let file = folder.join(TRUTH);
                write_file(&file, &json)?;
                Ok(Some(file.display().to_string()))
            }
            Self::Topic { producer, .. } => {
                producer.flush().map_err(unsent)?;
                Ok(None)
            }
        }
    }
}

fn unsent(error: crate::ingest::broker::Error) -> Problem {
    Problem::new(Code::Unavailable, "Kafka does not take the events").because(error)
}

fn cannot_write(path: &Path, error: std::io::Error) -> Problem {
    Problem::new(
        Code::InvalidParameter,
        format!("{} cannot be written", path.display()),
    )
    .because(error)
}
