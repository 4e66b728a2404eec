//! What a benchmark found: one line a figure.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::database::{self, Fresh};
use super::machine::Machine;
use crate::app::Problem;

/// One figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Figure {
    subject: String,
    value: f64,
    unit: &'static str,
}

/// Everything that was found.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    bench: &'static str,
    machine: Machine,
    runs: Vec<Figure>,
}

impl Report {
    pub(super) const fn new(bench: &'static str, machine: Machine) -> Self {
        Self {
            bench,
            machine,
            runs: Vec::new(),
        }
    }

    /// The report there is, else a new one about this machine and the database there.
    pub(super) fn of<'r>(
        begun: &'r mut Option<Self>,
        bench: &'static str,
        fresh: &Fresh,
    ) -> Result<&'r mut Self, Problem> {
        match begun {
            Some(report) => Ok(report),
            none => {
                let version = database::version(&mut fresh.connect()?)?;
                Ok(none.insert(Self::new(bench, Machine::this(version))))
            }
        }
    }

    /// Adds a figure.
    pub(super) fn add(&mut self, subject: impl Into<String>, value: f64, unit: &'static str) {
        self.runs.push(Figure {
            subject: subject.into(),
            value,
            unit,
        });
    }

    /// Adds a time.
    pub(super) fn add_time(&mut self, subject: impl Into<String>, time: Duration) {
        let seconds = (time.as_secs_f64() * 1e6).round() / 1e6;
        self.add(subject, seconds, "s");
    }

    /// Adds a number of things.
    pub(super) fn add_count(&mut self, subject: impl Into<String>, count: u64, unit: &'static str) {
        self.add(subject, as_number(count), unit);
    }

    /// One line a figure, for people.
    pub(super) fn sentences(&self) -> String {
        let mut text = format!("bench {}\n{}\n", self.bench, self.machine);
        let width = self
            .runs
            .iter()
            .map(|run| run.subject.chars().count())
            .max();
        for run in &self.runs {
            let (value, unit) = readable(run.value, run.unit);
            // Writing to a String cannot fail.
            let _ = writeln!(
                text,
                "{:<1$}  {value:>12} {unit}",
                run.subject,
                width.unwrap_or(0)
            );
        }
        text
    }
}

/// A count as a figure; exact below 2^53.
#[expect(clippy::cast_precision_loss, reason = "counts here are far below 2^53")]
pub(super) const fn as_number(count: u64) -> f64 {
    count as f64
}

fn readable(value: f64, unit: &'static str) -> (String, &'static str) {
    match unit {
        "bytes" if value >= 1e6 => (format!("{:.1}", value / 1e6), "MB"),
        "s" if value < 1.0 => (format!("{:.1}", value * 1e3), "ms"),
        "s" => (format!("{value:.2}"), "s"),
        "of 1" => (format!("{value:.6}"), unit),
        _ if value.fract() == 0.0 => (format!("{value:.0}"), unit),
        _ => (format!("{value:.2}"), unit),
    }
}

/// Runs something and tells how long it took.
pub(super) fn timed<T, E>(work: impl FnOnce() -> Result<T, E>) -> Result<(T, Duration), E> {
    let started = Instant::now();
    let done = work()?;
    Ok((done, started.elapsed()))
}

/// The middle one of some times.
pub(super) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_one() {
        let times = [5, 1, 9, 3, 7].map(Duration::from_millis);
        assert_eq!(median(times.to_vec()), Duration::from_millis(5));
    }

    #[test]
    fn figures_are_written_for_people() {
        assert_eq!(readable(0.0125, "s"), ("12.5".to_owned(), "ms"));
        assert_eq!(readable(2.5, "s"), ("2.50".to_owned(), "s"));
        assert_eq!(readable(36_400_000.0, "bytes"), ("36.4".to_owned(), "MB"));
        assert_eq!(readable(7.0, "rows"), ("7".to_owned(), "rows"));
        // Almost all is not all.
        assert_eq!(readable(0.999_9, "of 1"), ("0.999900".to_owned(), "of 1"));
    }
}
