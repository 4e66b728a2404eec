//! `suyuan compact`.

use super::signal::Signals;
use super::{Context, Exit, Outcome};
use crate::app;

/// Put the small rows of the trace index together now; everything else goes on meanwhile.
pub(super) fn run(context: &mut Context) -> Outcome {
    let app = context.app()?;
    let signals = Signals::listen()?;
    let bar = context.progress(None, "logs");
    bar.set_message("compacting");
    let report = app::compact(&app, signals.stop(), &mut |logs| bar.inc(logs))?;
    bar.finish_and_clear();
    context.print(&report, || {
        let free = report.bytes_free.map_or_else(String::new, |free| {
            format!(", {} kB of it empty", free / 1_024)
        });
        format!(
            "{} logs: {} rows became {}\ndatabase: {} kB, then {} kB{free}",
            report.logs,
            report.rows_before,
            report.rows_after,
            report.bytes_before / 1_024,
            report.bytes_after / 1_024
        )
    })?;
    Ok(if signals.is_interrupted() {
        Exit::Interrupted
    } else {
        Exit::Done
    })
}
