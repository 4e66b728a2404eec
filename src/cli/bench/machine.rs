//! The machine and the build a benchmark ran on, as far as Linux tells.

use std::fmt;
use std::fs;
use std::time::Duration;

use serde::Serialize;

/// What figures depend on.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Machine {
    cpu: String,
    cores: usize,
    memory_bytes: u64,
    system: String,
    build: &'static str,
    database: String,
}

impl Machine {
    /// This one; `database` says which and which version.
    pub(super) fn this(database: String) -> Self {
        Self {
            cpu: field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".to_owned()),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_bytes: kilobytes("/proc/meminfo", "MemTotal"),
            system: fs::read_to_string("/proc/sys/kernel/osrelease")
                .map_or_else(|_| "unknown".to_owned(), |text| text.trim().to_owned()),
            build: if cfg!(debug_assertions) {
                "debug"
            } else {
                "release"
            },
            database,
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let gigabytes = self.memory_bytes / 1_000_000_000;
        write!(
            f,
            "{} × {}, {gigabytes} GB, Linux {}, {} build, {}",
            self.cores, self.cpu, self.system, self.build, self.database
        )
    }
}

/// Bytes of memory this process has now.
pub(super) fn memory_now() -> u64 {
    kilobytes("/proc/self/status", "VmRSS")
}

/// The most bytes of memory this process had since it started or [`forget_peak`] was called.
pub(super) fn memory_peak() -> u64 {
    kilobytes("/proc/self/status", "VmHWM")
}

/// Lets the peak begin anew, where the system can; else it stays the peak since the start.
pub(super) fn forget_peak() {
    if let Err(error) = fs::write("/proc/self/clear_refs", "5") {
        tracing::debug!(%error, "the peak of memory cannot be begun anew");
    }
}

/// Time on all cores that this process has used, in user and system mode.
pub(super) fn cpu_own() -> Duration {
    // The name of the program is in parentheses and may hold blanks; what counts comes after it.
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
    ticks(after.split_whitespace().skip(11).take(2))
}

/// Time on all cores that everything on this machine has used: databases and brokers on it, too, and its neighbours.
pub(super) fn cpu_all() -> Duration {
    let stat = fs::read_to_string("/proc/stat").unwrap_or_default();
    let line = stat.lines().next().unwrap_or_default();
    let fields = line.split_whitespace().skip(1).enumerate();
    // user, nice, system, idle, iowait, irq, softirq
    ticks(fields.filter_map(|(at, field)| matches!(at, 0..=2 | 5 | 6).then_some(field)))
}

/// A sum of the kernel's ticks for programs, of which a second has 100.
fn ticks<'t>(fields: impl Iterator<Item = &'t str>) -> Duration {
    let sum: u64 = fields.filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(sum * 10)
}

fn kilobytes(file: &str, name: &str) -> u64 {
    let text = field(file, name).unwrap_or_default();
    let digits = text.split_whitespace().next().unwrap_or_default();
    digits.parse().map_or(0, |kilobytes: u64| kilobytes * 1024)
}

/// The value of the first line `name: value`.
fn field(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then(|| value.trim().to_owned())
    })
}
