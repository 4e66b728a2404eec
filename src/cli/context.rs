//! What every command works with: configuration, output, the running whole.

use std::io::{IsTerminal as _, Read as _, Write as _};
use std::path::Path;
use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use super::{Global, Lang};
use crate::app::{App, Clock, Code, Config, Problem};
use crate::epcis::Timestamp;
use crate::ledger::Giver;
use crate::parties::{self, Caller};

/// Bytes of an import or a document read from a file or standard input.
const INPUT_MAX: u64 = 256 * 1024 * 1024;

/// The exit code of a program whose reader went away, as a shell gives it: 128 + SIGPIPE.
const BROKEN_PIPE: u8 = 141;

/// How a command that ran ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// It ran, and the finding is negative or partial.
    Finding,
    /// Refused, nothing changed; the report is printed already.
    Refused,
    /// Not found; the report is printed already.
    NotFound,
    /// Interrupted.
    Interrupted,
}

impl Exit {
    pub(super) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Finding => 1,
            Self::Refused => 3,
            Self::NotFound => 4,
            Self::Interrupted => 130,
        }
    }
}

/// What a command gives back.
pub type Outcome = Result<Exit, Problem>;

/// The command's surroundings.
#[derive(Debug)]
pub struct Context {
    global: Global,
    /// The configuration in force.
    pub config: Config,
}

impl Context {
    /// Loads the configuration and starts logging; a command that tells its own story logs errors alone
    /// unless asked for more. A failure comes with whether JSON was asked for.
    pub(super) fn new(global: Global, tells_a_story: bool) -> Result<Self, (bool, Problem)> {
        let json = global.json;
        let load = || -> Result<Config, Problem> {
            let mut config = Config::load(global.config.as_deref())?;
            if let Some(url) = &global.database {
                config.database.url.clone_from(url);
                if config.database_url()?.has_password() {
                    return Err(Problem::new(
                        Code::Configuration,
                        "--database: a password does not belong on the command line; use SUYUAN_DATABASE_URL or the configuration file",
                    ));
                }
            }
            Ok(config)
        };
        let config = load().map_err(|problem| (json, problem))?;
        let quiet = global.quiet || (tells_a_story && global.verbose == 0);
        start_log(&config, quiet, global.verbose).map_err(|problem| (json, problem))?;
        Ok(Self { global, config })
    }

    /// Whether JSON was asked for.
    pub const fn json(&self) -> bool {
        self.global.json
    }

    /// The language of sentences.
    pub const fn lang(&self) -> Lang {
        self.global.lang
    }

    /// Opens the database and keys.
    pub fn app(&self) -> Result<App, Problem> {
        Ok(App::open(self.config.clone(), Clock::System)?)
    }

    /// The operator of this machine, acting for `org`.
    pub fn operator(org: Option<&str>) -> Caller {
        Caller::Operator {
            user: user_name(),
            org: org.map(str::to_owned),
        }
    }

    /// The operator of this machine, acting for an organisation there is.
    pub fn acting_for(app: &App, org: &str) -> Result<Caller, Problem> {
        let known = app
            .db
            .read(|conn| parties::organisation(conn, org))
            .map_err(Problem::from)?;
        match known {
            Some(_) => Ok(Self::operator(Some(org))),
            None => Err(Problem::new(
                Code::NotFound,
                format!("no organisation {org:?}"),
            )),
        }
    }

    /// The giver of an order at this command line.
    pub fn giver(org: Option<&str>, at: Timestamp) -> Giver {
        Giver {
            by: format!("cli:{}", user_name()),
            on_behalf_of: org.map(str::to_owned),
            at,
        }
    }

    /// Prints the result: the object with `--json`, else the sentences.
    pub fn print(
        &self,
        object: &impl Serialize,
        sentences: impl FnOnce() -> String,
    ) -> Result<(), Problem> {
        let text = if self.global.json {
            serde_json::to_string(object).map_err(|error| {
                Problem::new(Code::Internal, "the result cannot be written as JSON").because(error)
            })?
        } else {
            sentences()
        };
        let mut out = std::io::stdout().lock();
        writeln!(out, "{}", text.trim_end_matches('\n'))
            .and_then(|()| out.flush())
            .map_err(unwritable)
    }

    /// Says something on standard error, unless it shall be quiet.
    pub fn say(&self, sentence: &str) {
        if !self.global.quiet {
            eprintln!("{sentence}");
        }
    }

    /// A progress bar on a terminal; hidden elsewhere. `unit` is what is counted.
    pub fn progress(&self, total: Option<u64>, unit: &'static str) -> ProgressBar {
        let shown =
            std::io::stderr().is_terminal() && !self.global.no_progress && !self.global.quiet;
        let target = if shown {
            ProgressDrawTarget::stderr_with_hz(10)
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(total, target);
        let style = match total {
            Some(_) => "{msg} [{bar:30}] {human_pos}/{human_len} {prefix}, {per_sec}, {eta} left",
            None => "{msg} {spinner} {human_pos} {prefix}, {per_sec}",
        };
        bar.set_style(
            ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        bar.set_prefix(unit);
        bar
    }
}

/// Refuses a file that is not there or cannot be read.
pub(super) fn check_input(path: &Path) -> Result<(), Problem> {
    match std::fs::File::open(path) {
        Ok(_) => Ok(()),
        Err(error) => Err(no_input(path, &error)),
    }
}

fn no_input(path: &Path, error: &std::io::Error) -> Problem {
    Problem::new(Code::NotFound, format!("{}: {error}", path.display()))
}

/// Reads a file, or standard input for `-`.
pub(super) fn read_input(path: &Path) -> Result<Vec<u8>, Problem> {
    let refuse = |error: std::io::Error| no_input(path, &error);
    let mut bytes = Vec::new();
    let read = if path.as_os_str() == "-" {
        std::io::stdin()
            .lock()
            .take(INPUT_MAX + 1)
            .read_to_end(&mut bytes)
            .map_err(refuse)?
    } else {
        std::fs::File::open(path)
            .map_err(refuse)?
            .take(INPUT_MAX + 1)
            .read_to_end(&mut bytes)
            .map_err(refuse)?
    };
    if INPUT_MAX < read as u64 {
        return Err(Problem::new(
            Code::TooLarge,
            format!("{}: more than {INPUT_MAX} bytes", path.display()),
        ));
    }
    Ok(bytes)
}

/// Standard output that cannot be written to.
pub(super) fn unwritable(error: std::io::Error) -> Problem {
    Problem::new(Code::Internal, "standard output cannot be written").because(error)
}

/// Whether somebody who read our output, `head` for example, has gone away.
fn reader_is_gone(problem: &Problem) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = std::error::Error::source(problem);
    while let Some(error) = cause {
        let io = error.downcast_ref::<std::io::Error>();
        if io.is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe) {
            return true;
        }
        cause = error.source();
    }
    false
}

/// Prints the problem object, causes and all: whoever runs the program may know them.
pub(super) fn print_problem(problem: &Problem) {
    // Whoever read may be gone: then standard error is left.
    drop(writeln!(
        std::io::stdout(),
        "{}",
        problem.to_json_with_causes()
    ));
}

/// Prints a problem and gives its exit code. Nothing is said to a reader that went away.
pub(super) fn fail(json: bool, problem: &Problem) -> ExitCode {
    if reader_is_gone(problem) {
        return ExitCode::from(BROKEN_PIPE);
    }
    if json {
        print_problem(problem);
    }
    eprintln!("suyuan: {}", problem.chain());
    for fault in &problem.errors {
        let place = [
            fault.file.clone(),
            Some(fault.pointer.clone()).filter(|pointer| !pointer.is_empty()),
        ];
        let place: Vec<String> = place.into_iter().flatten().collect();
        eprintln!("  {}: {}", place.join(" "), fault.detail);
    }
    ExitCode::from(problem.code.exit())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the operating system's user is no setting"
)]
fn user_name() -> String {
    std::env::var("USER")
        .or_else(|_| std::env::var("LOGNAME"))
        .unwrap_or_else(|_| "operator".to_owned())
}

fn start_log(config: &Config, quiet: bool, verbose: u8) -> Result<(), Problem> {
    let level = match (quiet, verbose) {
        (true, _) => "error",
        (false, 0) => &config.log.level,
        (false, 1) => "suyuan=debug,info",
        (false, _) => "trace",
    };
    let filter = tracing_subscriber::EnvFilter::try_new(level)
        .map_err(|error| Problem::new(Code::Configuration, format!("log.level: {error}")))?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let started = if config.log.format == "json" {
        builder.json().try_init()
    } else {
        builder.try_init()
    };
    started.map_err(|error| Problem::new(Code::Internal, format!("logging cannot start: {error}")))
}
