//! Nouns and verbs that tests are written in.

pub(crate) mod app;
#[macro_use]
pub(crate) mod backend;
pub(crate) mod database;
pub(crate) mod kafka;
pub(crate) mod process;
pub(crate) mod receiver;
pub(crate) mod server;
pub(crate) mod site;

/// The value of an environment variable that `tests/run` sets.
#[expect(
    clippy::disallowed_methods,
    reason = "the program's configuration is not ours to use"
)]
pub(crate) fn from_tests_run(variable: &str) -> String {
    match std::env::var(variable) {
        Ok(value) if !value.is_empty() => value,
        _ => panic!(
            "{variable} is not set: start the tests with `tests/run` (or `tests/run --only test NAME`), which starts the servers they need"
        ),
    }
}

/// A name that no other test of any run on this machine has at the same time.
pub(crate) fn unique(prefix: &str) -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!(
        "{prefix}_{}_{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    )
}
