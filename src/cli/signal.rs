//! Being told to end: Ctrl-C and SIGTERM set a flag; a second one ends the process at once.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::app::{Code, Problem};

/// The exit code of a process that is ended by a second signal.
const INTERRUPTED: i32 = 130;

/// Whether, and by which signal, this process was told to end.
#[derive(Debug, Clone)]
pub(super) struct Signals {
    stop: Arc<AtomicBool>,
    which: Arc<AtomicUsize>,
}

impl Signals {
    /// Listens from now on.
    pub(super) fn listen() -> Result<Self, Problem> {
        let signals = Self {
            stop: Arc::default(),
            which: Arc::default(),
        };
        let register = || -> std::io::Result<()> {
            for (signal, number) in [(SIGINT, 2), (SIGTERM, 15)] {
                // In this order: the first signal finds the flag unset and sets it.
                flag::register_conditional_shutdown(
                    signal,
                    INTERRUPTED,
                    Arc::clone(&signals.stop),
                )?;
                flag::register_usize(signal, Arc::clone(&signals.which), number)?;
                flag::register(signal, Arc::clone(&signals.stop))?;
            }
            Ok(())
        };
        register().map_err(|error| {
            Problem::new(Code::Internal, "signals cannot be listened for").because(error)
        })?;
        Ok(signals)
    }

    /// Set when it is time to end.
    pub(super) fn stop(&self) -> &AtomicBool {
        &self.stop
    }

    /// Whether it is time to end.
    pub(super) fn is_time_to_end(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    /// Whether somebody pressed Ctrl-C.
    pub(super) fn is_interrupted(&self) -> bool {
        self.which.load(Ordering::SeqCst) == 2
    }
}

/// A writer that takes nothing more when it is time to end.
pub(super) struct UntilTold<'a, W> {
    pub(super) inner: W,
    pub(super) signals: &'a Signals,
}

impl<W: Write> Write for UntilTold<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.signals.is_time_to_end() {
            return Err(io::Error::other("told to end"));
        }
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
