//! `suyuan serve`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::ScopedJoinHandle;

use serde::Serialize;

use super::signal::Signals;
use super::{Context, Exit, Outcome};
use crate::app::{self, App, Problem};
use crate::ingest::{self, Options};
use crate::jobs;
use crate::web;

/// Serve HTTP until asked to stop; requests under way are answered first.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Address and port to listen on; port 0 takes a free one (default: http.listen).
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Record the events of the Kafka topic as well; when that cannot go on, serving ends too.
    #[arg(long)]
    ingest: bool,
}

#[derive(Serialize)]
struct Serving<'a> {
    url: &'a str,
    pid: u32,
}

pub(super) fn run(context: &mut Context, args: Args) -> Outcome {
    if let Some(listen) = args.listen {
        context.config.http.listen = listen;
    }
    let signals = Signals::listen()?;
    let app = Arc::new(context.app()?);
    let stop = signals.stop();
    app::compacting_beside(&app, || {
        ingest::relaying_beside(&app, &|_| {}, || {
            jobs::sending_beside(&app, || serve(context, &app, args.ingest, stop))
        })
    })?;
    Ok(if signals.is_interrupted() {
        Exit::Interrupted
    } else {
        Exit::Done
    })
}

/// Serves, and records the topic's events as well if asked to.
fn serve(
    context: &Context,
    app: &Arc<App>,
    ingests: bool,
    stop: &AtomicBool,
) -> Result<(), Problem> {
    let work = ingests.then_some(|| ingest::run(app, Options::ENDLESS, stop, &mut |_| {}));
    let ingested = beside(stop, work, |ready| {
        web::serve(Arc::clone(app), stop, |url| {
            tell_address(context, url)?;
            ready();
            Ok(())
        })
    })?;
    ingested.transpose()?;
    Ok(())
}

/// Tells where is served.
pub(super) fn tell_address(context: &Context, url: &str) -> Result<(), Problem> {
    let pid = std::process::id();
    context.print(&Serving { url, pid }, || {
        format!("serving {url} (pid {pid})")
    })
}

/// Serves, and from the moment it is ready works beside it, if there is work. Whichever ends first ends
/// the other, by `stop`.
pub(super) fn beside<T: Send>(
    stop: &AtomicBool,
    work: Option<impl FnOnce() -> T + Send>,
    serve: impl FnOnce(&mut dyn FnMut()) -> Result<(), Problem>,
) -> Result<Option<T>, Problem> {
    std::thread::scope(|scope| {
        let mut work = work;
        let mut working = None;
        let served = serve(&mut || {
            working = work.take().map(|work| {
                scope.spawn(move || {
                    let done = work();
                    stop.store(true, Ordering::SeqCst);
                    done
                })
            });
        });
        stop.store(true, Ordering::SeqCst);
        let done = match working.map(ScopedJoinHandle::join).transpose() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        served.map(|()| done)
    })
}
