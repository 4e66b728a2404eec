//! `suyuan demo`: a supply chain with a hidden fault runs through the whole of the product, a recall
//! asks for what is affected, and the answer is held against what truly happened.

mod feed;
mod folder;
mod pages;
mod setup;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use serde::Serialize;

use super::judge::{self, Answer, Judgement};
use super::signal::Signals;
use super::{Context, Exit, Outcome};
use crate::app::{self, App, Code, Problem, VerifyOptions};
use crate::codes::qr::{EcLevel, Qr, Terminal};
use crate::epcis::Timestamp;
use crate::ingest::broker::Broker;
use crate::ledger;
use crate::scenario::{Formula, PlainSerials, Question, Scenario, Stream, Window};
use crate::web;
use folder::Folder;
use pages::Pages;
use words::{Bar, Words};

/// Partitions of the topic.
const PARTITIONS: i32 = 4;
/// The organisation that events without a key are recorded for, and that runs the recall.
const REGULATOR: &str = "regulator";
/// Holders that are listed.
const HOLDERS_SHOWN: usize = 6;
/// A day: worlds begin at midnight, and end at least a day ago.
const DAY_MICROS: i64 = 86_400_000_000;
/// China's offset: the world begins at midnight there.
const OFFSET_MICROS: i64 = 8 * 3_600_000_000;

/// Run the whole: codes, Kafka, ledger, trace and recall, on a world whose truth is known.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The demonstration's own folder, which each run starts anew.
    #[arg(long, value_name = "DIR", default_value = "suyuan-demo")]
    dir: PathBuf,
    /// Tins of infant formula.
    #[arg(long, value_name = "N", default_value_t = Formula::UNITS)]
    units: u32,
    /// The same seed is the same world.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// End when the answer is judged, instead of serving the pages.
    #[arg(long)]
    exit: bool,
    /// For drills: a packing event that is needed to place affected tins is never reported.
    #[arg(long, hide = true)]
    drop_needed_packing_event: bool,
}

#[derive(Debug, Serialize)]
struct Report {
    events: u64,
    entries: i64,
    expected: usize,
    found: usize,
    missing: usize,
    misplaced: usize,
    extra: usize,
    urls: Vec<String>,
    seconds: f64,
}

pub(super) fn run(context: &mut Context, args: &Args) -> Outcome {
    let signals = Signals::listen()?;
    let demo = Demo::begin(context, args)?;
    demo.run(&signals)
}

/// A run: its surroundings, world and clock.
struct Demo<'a> {
    context: &'a Context,
    args: &'a Args,
    words: Words,
    began: Instant,
    scenario: Scenario,
    window: Window,
    messages: u64,
    dropped: BTreeSet<String>,
}

impl<'a> Demo<'a> {
    /// Lets the world run once by itself: how long it lasts, how much it sends.
    fn begin(context: &'a Context, args: &'a Args) -> Result<Self, Problem> {
        let began = Instant::now();
        let words = Words(context.lang());
        let make = |start| {
            Formula::new(args.units, args.seed, start)
                .map_err(|error| Problem::new(Code::InvalidParameter, format!("--{error}")))
        };
        let origin = Timestamp::from_micros(-OFFSET_MICROS);
        let rehearsal = Scenario::Formula(make(origin)?);
        let bar = context.progress(None, "messages");
        bar.set_message(words.bar(Bar::Planning));
        let mut stream = rehearsal.stream(PlainSerials::default());
        let (mut messages, mut lasted) = (0, 0);
        for message in stream.by_ref() {
            messages += 1;
            lasted = message.recorded_at.micros() - origin.micros();
            bar.inc(1);
        }
        let truth = stream.finish();
        bar.finish_and_clear();
        let dropped = truth
            .needed_packing_events()
            .iter()
            .take(usize::from(args.drop_needed_packing_event));
        let now = app::Clock::System.now().micros();
        let day = (now - lasted + OFFSET_MICROS).div_euclid(DAY_MICROS) - 1;
        let formula = make(Timestamp::from_micros(day * DAY_MICROS - OFFSET_MICROS))?;
        Ok(Self {
            context,
            args,
            words,
            began,
            window: formula.window(),
            scenario: Scenario::Formula(formula),
            messages,
            dropped: dropped.cloned().collect(),
        })
    }

    fn run(self, signals: &Signals) -> Outcome {
        let Self { context, words, .. } = self;
        let folder = Folder::take(&self.args.dir)?;
        context.say(&words.story(self.scenario.describe()));

        let broker = Broker::start(setup::TOPIC, PARTITIONS).map_err(|error| {
            Problem::new(Code::Unavailable, "no broker in this process").because(error)
        })?;
        let app = self.prepare(&folder, &broker)?;
        let issued = self.issue(&app)?;
        let Some(fed) = self.ingest(&app, &broker, issued.clone(), signals)? else {
            return Ok(Exit::Interrupted);
        };
        drop(broker);
        let verified = self.verify(&app)?;
        if signals.stop().load(Ordering::SeqCst) {
            return Ok(Exit::Interrupted);
        }
        let (recall, answer) = self.recall(&app, &fed.truth.question)?;
        let judgement = Judgement::of(&fed.truth, &answer);
        context.say(&words.judged(&judgement));
        for fault in words.faults(&judgement) {
            eprintln!("suyuan: {fault}");
        }
        let since = Instant::now();
        let caller = Context::operator(Some(REGULATOR));
        let tasks = judge::notify(&app, &caller, &recall, words.reason())?;
        context.say(&words.notified(&recall, tasks, since.elapsed()));
        let pages = Pages::choose(&app, &issued, &answer)?;
        self.show_code(&app, &answer)?;

        let report = Report {
            events: fed.counts.recorded,
            entries: verified.entries,
            expected: judgement.expected,
            found: judgement.found,
            missing: judgement.missing.len(),
            misplaced: judgement.misplaced.len(),
            extra: judgement.extra_count(),
            urls: pages.urls(),
            seconds: self.began.elapsed().as_secs_f64(),
        };
        let config = folder.config();
        let told = || words.ending(&pages, &config.display().to_string(), self.began.elapsed());
        if self.args.exit {
            context.print(&report, told)?;
        } else {
            web::serve(Arc::new(app), signals.stop(), |url| {
                context.print(&report, told)?;
                context.say(&words.serving(url));
                Ok(())
            })?;
        }
        Ok(if judgement.is_right() && verified.ok {
            Exit::Done
        } else {
            Exit::Finding
        })
    }

    /// Keys, schema, master data.
    fn prepare(&self, folder: &Folder, broker: &Broker) -> Result<App, Problem> {
        let since = Instant::now();
        let mut config = setup::configuration(
            self.context.config.clone(),
            folder,
            broker.address(),
            REGULATOR,
        );
        pages::settle(&mut config);
        let app = setup::open(config, &folder.config())?;
        self.context.say(
            &self
                .words
                .folder(&folder.path().display().to_string(), since.elapsed()),
        );
        let since = Instant::now();
        let world = self.scenario.world();
        setup::import(&app, &Context::giver(None, app.clock.now()), &world)?;
        let (parties, places, products) = (
            world.parties.len(),
            world.places.len(),
            world.products.len(),
        );
        self.context.say(
            &self
                .words
                .master_data(parties, places, products, since.elapsed()),
        );
        Ok(app)
    }

    fn issue(&self, app: &App) -> Result<setup::Issued, Problem> {
        let since = Instant::now();
        let giver = Context::giver(None, app.clock.now());
        let issued = setup::issue(app, &giver, &self.scenario.planned_lots())?;
        self.context.say(
            &self
                .words
                .codes(issued.codes(), issued.batches(), since.elapsed()),
        );
        Ok(issued)
    }

    fn ingest(
        &self,
        app: &App,
        broker: &Broker,
        issued: setup::Issued,
        signals: &Signals,
    ) -> Result<Option<feed::Fed>, Problem> {
        let since = Instant::now();
        self.context.say(&self.words.ingesting(&broker.address()));
        for event in &self.dropped {
            self.context.say(&self.words.dropped(event));
        }
        let stream: Stream<setup::Issued> =
            self.scenario.stream(issued).omitting(self.dropped.clone());
        let bar = self.context.progress(Some(self.messages), "messages");
        bar.set_message(self.words.bar(Bar::Events));
        let fed = feed::feed(app, stream, signals.stop(), &mut |arrived| {
            bar.set_position(arrived);
        })?;
        bar.finish_and_clear();
        if let Some(fed) = &fed {
            self.context.say(
                &self
                    .words
                    .ingested(fed.messages, &fed.counts, since.elapsed()),
            );
        }
        Ok(fed)
    }

    fn verify(&self, app: &App) -> Result<app::VerifyReport, Problem> {
        let since = Instant::now();
        let position = app.db.read(ledger::position)?;
        let leaves: i64 = position.0.values().sum();
        let bar = self
            .context
            .progress(Some(leaves.unsigned_abs() * 2), "leaves");
        bar.set_message(self.words.bar(Bar::Verifying));
        let mut progress = |leaves: i64| bar.inc(leaves.unsigned_abs());
        let report = app
            .db
            .read(|conn| app::verify(app, conn, &VerifyOptions::default(), &mut progress))?;
        bar.finish_and_clear();
        self.context.say(
            &self
                .words
                .verified(report.entries, report.bad.len(), since.elapsed()),
        );
        Ok(report)
    }

    fn recall(&self, app: &App, question: &Question) -> Result<(String, Answer), Problem> {
        let window = &self.window;
        self.context.say(
            &self
                .words
                .question(&window.place, window.from, window.until),
        );
        let since = Instant::now();
        let caller = Context::operator(Some(REGULATOR));
        let view = judge::open(app, &caller, question, self.words.reason())?;
        let took = since.elapsed();
        let recall = view.recall.unwrap_or_default();
        let answer = judge::list(app, &caller, &recall)?;
        self.context.say(&self.words.answered(&answer, took));
        let world = self.scenario.world();
        let mut with: BTreeMap<String, usize> = BTreeMap::new();
        for standing in answer
            .units
            .values()
            .map(|found| &found.standing)
            .filter(|standing| standing.is_with_somebody())
        {
            let party = world
                .parties
                .iter()
                .find(|party| party.id == standing.holder);
            let name =
                party.map_or_else(|| standing.holder.clone(), |party| self.words.party(party));
            *with.entry(name).or_default() += 1;
        }
        let holders = words::by_count(&with);
        for (name, count) in holders.iter().take(HOLDERS_SHOWN) {
            self.context.say(&self.words.holder_line(*count, name));
        }
        let more = holders.len().saturating_sub(HOLDERS_SHOWN);
        if 0 < more {
            self.context.say(&self.words.others_line(more));
        }
        Ok((recall, answer))
    }

    fn show_code(&self, app: &App, answer: &Answer) -> Result<(), Problem> {
        let Some(id) = pages::shown(answer).filter(|_| !self.context.json()) else {
            return Ok(());
        };
        let link = pages::address(&app.config.http.public_url, id);
        let qr = Qr::of(&link, EcLevel::M).map_err(|error| {
            Problem::new(Code::Internal, "the symbol cannot be drawn").because(error)
        })?;
        let kind = if std::io::stderr().is_terminal() {
            Terminal::Coloured
        } else {
            Terminal::Plain
        };
        self.context.say(&self.words.code_of(&link));
        self.context.say(&qr.to_terminal(kind));
        Ok(())
    }
}
