//! `suyuan serve`.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde::Serialize;

use super::signal::Signals;
use super::{Context, Exit, Outcome};
use crate::app::Problem;
use crate::ingest::{self, Options};
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
    std::thread::scope(|scope| -> Result<(), Problem> {
        let ingesting = args.ingest.then(|| {
            scope.spawn(|| {
                let done = ingest::run(&app, Options::ENDLESS, stop, &mut |_| {});
                stop.store(true, Ordering::SeqCst);
                done
            })
        });
        let served = web::serve(Arc::clone(&app), stop, |url| {
            let pid = std::process::id();
            context.print(&Serving { url, pid }, || {
                format!("serving {url} (pid {pid})")
            })
        });
        stop.store(true, Ordering::SeqCst);
        if let Some(ingesting) = ingesting {
            match ingesting.join() {
                Ok(done) => {
                    done?;
                }
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        served
    })?;
    Ok(if signals.is_interrupted() {
        Exit::Interrupted
    } else {
        Exit::Done
    })
}
