//! The command line: parse, one verb, print. Results go to standard output, everything else to standard
//! error; `--json` prints one object (lists: JSON lines), and a failure is a problem object (RFC 9457).

mod bench;
mod capture;
mod compact;
mod config;
mod context;
mod credential;
mod dead_letter;
mod demo;
mod event;
mod generate;
mod ingest;
mod issue;
mod judge;
mod key;
mod master;
mod migrate;
mod openapi;
mod output;
mod picture;
mod qr;
mod quality;
mod recall;
mod recall_reasons;
mod recall_versions;
mod serve;
mod signal;
mod signer;
mod trace;
mod verify;
mod webhook;
mod words;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{ArgAction, Parser, Subcommand, ValueEnum};

use crate::app::{Code, Problem};

pub use context::{Context, Exit, Outcome};

/// 溯源: codes for products, a ledger of what happens to them, and recalls that find every one.
#[derive(Debug, Parser)]
#[command(
    name = "suyuan",
    version,
    max_term_width = 100,
    arg_required_else_help = true
)]
struct Args {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Debug, clap::Args)]
pub struct Global {
    /// The configuration file (default: suyuan.toml in this folder, when there is one).
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The database: sqlite:PATH or postgres://… without a password in it.
    #[arg(long, global = true, value_name = "URL")]
    database: Option<String>,
    /// Print one JSON object (lists: JSON lines).
    #[arg(long, global = true)]
    json: bool,
    /// Say nothing but results and errors.
    #[arg(short, long, global = true)]
    quiet: bool,
    /// Log more; twice for everything.
    #[arg(short, long, global = true, action = ArgAction::Count)]
    verbose: u8,
    /// Show no progress bars.
    #[arg(long, global = true)]
    no_progress: bool,
    /// The language of sentences for people.
    #[arg(long, global = true, value_enum, default_value_t = Lang::En)]
    lang: Lang,
}

/// A language we speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Lang {
    /// 中文
    Zh,
    /// English
    En,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Bring the database's schema up to date; --init-keys makes missing keys.
    Migrate(migrate::Args),
    /// Print the configuration in force, secrets masked.
    Config,
    /// API keys: create, list, revoke.
    Key(key::Args),
    /// Public keys that submitters sign records with: add, list, revoke.
    Signer(signer::Args),
    /// Organisations: import.
    Party(master::PartyArgs),
    /// Places: import.
    Place(master::PlaceArgs),
    /// Products: import.
    Product(master::ProductArgs),
    /// Lots that are one under two names: import.
    Alias(master::AliasArgs),
    /// Licences, certificates, test reports: import, list, show, revoke.
    Credential(credential::CredentialArgs),
    /// People in charge: import, list, show.
    Person(credential::PersonArgs),
    /// Issue codes for a lot and write them out.
    Issue(issue::Args),
    /// Draw the QR symbol of a link or identifier.
    Qr(qr::Args),
    /// Record events from EPCIS 2.0 documents.
    Capture(capture::Args),
    /// Record the events of the Kafka topic.
    Ingest(ingest::Args),
    /// What was refused: list, show, replay.
    DeadLetter(dead_letter::Args),
    /// Events: show.
    Event(event::Args),
    /// Measure, beside what it is compared with, in one run.
    Bench(bench::Args),
    /// Serve HTTP until asked to stop (SIGTERM, SIGINT).
    Serve(serve::Args),
    /// Print the `OpenAPI` document (schemas/openapi.json).
    Openapi,
    /// Trace an identifier: back, forward, where, who; picture; what several have in common.
    Trace(trace::Args),
    /// Recalls: preview, open, decide, notify, ack, close; show, units, why, excluded, picture; extend, check, release,
    /// versions, diff.
    Recall(recall::Args),
    /// Where notices of recalls are sent: register, list, show, delete, rotate, disable, enable, deliveries, resend.
    Webhook(webhook::Args),
    /// What in the records contradicts itself, is missing, or cannot be true; exit 1 when something does.
    Quality(quality::Args),
    /// Run the whole on a world whose truth is known, and judge the answer.
    Demo(demo::Args),
    /// Write a world's events, master data and truth, or send the events to Kafka.
    Generate(generate::Args),
    /// Put the small rows of the trace index together.
    Compact,
    /// Derive everything again and name each row that differs.
    Verify(verify::VerifyArgs),
    /// Make every projection anew from the ledger.
    Rebuild(verify::RebuildArgs),
}

/// Runs the program.
pub fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return not_understood(&error),
    };
    let tells_a_story = matches!(args.command, Command::Demo(_));
    let mut context = match Context::new(args.global, tells_a_story) {
        Ok(context) => context,
        Err((json, problem)) => return context::fail(json, &problem),
    };
    let outcome = match args.command {
        Command::Migrate(args) => migrate::run(&mut context, &args),
        Command::Config => config::run(&mut context),
        Command::Key(args) => key::run(&mut context, args),
        Command::Signer(args) => signer::run(&mut context, args),
        Command::Party(args) => master::party(&mut context, args),
        Command::Place(args) => master::place(&mut context, args),
        Command::Product(args) => master::product(&mut context, args),
        Command::Alias(args) => master::alias(&mut context, args),
        Command::Credential(args) => credential::credential(&context, args),
        Command::Person(args) => credential::person(&context, args),
        Command::Issue(args) => issue::run(&mut context, args),
        Command::Qr(args) => qr::run(&mut context, &args),
        Command::Capture(args) => capture::run(&mut context, &args),
        Command::Ingest(args) => ingest::run(&mut context, &args),
        Command::DeadLetter(args) => dead_letter::run(&context, args),
        Command::Event(args) => event::run(&mut context, args),
        Command::Bench(args) => bench::run(&mut context, &args),
        Command::Serve(args) => serve::run(&mut context, args),
        Command::Openapi => openapi::run(),
        Command::Trace(args) => trace::run(&mut context, args),
        Command::Recall(args) => recall::run(&mut context, args),
        Command::Webhook(args) => webhook::run(&context, args),
        Command::Quality(args) => quality::run(&mut context, args),
        Command::Demo(args) => demo::run(&mut context, &args),
        Command::Generate(args) => generate::run(&mut context, &args),
        Command::Compact => compact::run(&mut context),
        Command::Verify(args) => verify::verify(&mut context, args),
        Command::Rebuild(args) => verify::rebuild(&mut context, &args),
    };
    match outcome {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(problem) => context::fail(context.json(), &problem),
    }
}

/// What clap answers itself: help, which is no mistake, goes to standard output; a mistake to standard
/// error, and with `--json` as a problem to standard output too.
fn not_understood(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        return match error.print() {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::from(2),
        };
    }
    let problem = Problem::new(Code::InvalidParameter, sentence(error));
    if std::env::args_os()
        .take_while(|arg| arg != "--")
        .any(|arg| arg == "--json")
    {
        context::print_problem(&problem);
    }
    // Whoever read may be gone; the exit code tells it too.
    drop(error.print());
    ExitCode::from(problem.code.exit())
}

/// The first paragraph of clap's message, on one line.
fn sentence(error: &clap::Error) -> String {
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return "a command is needed".to_owned();
    }
    let text = error.render().to_string();
    let paragraph: Vec<&str> = text
        .lines()
        .map(str::trim)
        .take_while(|line| !line.is_empty())
        .collect();
    let sentence = paragraph.join(" ");
    sentence.trim_start_matches("error: ").to_owned()
}
