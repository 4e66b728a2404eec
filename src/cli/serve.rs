//! `suyuan serve`.

use serde::Serialize;

use super::{Context, Exit, Outcome};
use crate::web;

/// Serve HTTP until asked to stop.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Address and port to listen on; port 0 takes a free one (default: http.listen).
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
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
    let app = context.app()?;
    web::serve(app, |url| {
        let pid = std::process::id();
        context.print(&Serving { url, pid }, || {
            format!("serving {url} (pid {pid})")
        })
    })?;
    Ok(Exit::Done)
}
