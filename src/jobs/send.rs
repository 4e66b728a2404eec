//! Who sends to whom: one thread looks for webhooks that something is to be sent to and takes their leases, and a few
//! send, each to one webhook at a time.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use super::gauges;
use super::post::Courier;
use crate::app::{self, App, Problem};
use crate::webhooks::{self, Claimed, Error, Outcome, Parcel, Tried};

/// Wait for something to send when there is nothing.
const EVERY: Duration = Duration::from_millis(500);
/// Wait after a failure of ours.
const RETRY: Duration = Duration::from_secs(5);
/// Webhooks that a process sends to at one time: a slow one costs others nothing until there are as many of them.
const SENDERS: usize = 8;
/// Notices that are sent to a webhook before it is another's turn.
const TURN: usize = 50;

/// Does the work, and meanwhile sends notices to webhooks, unless the configuration leaves that to others.
pub fn sending_beside<T>(
    app: &App,
    work: impl FnOnce() -> Result<T, Problem>,
) -> Result<T, Problem> {
    if !app.config.webhooks.send {
        return work();
    }
    let sender = Sender::new(app)?;
    app::beside(|stop| sender.run(stop, Until::Stopped), work)
}

/// Sends everything that is to be sent now, once.
pub fn send_all_due(app: &App) -> Result<(), Problem> {
    let sender = Sender::new(app)?;
    sender.run(&AtomicBool::new(false), Until::NothingIsDue);
    Ok(())
}

/// How long to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Until {
    Stopped,
    NothingIsDue,
}

struct Sender<'a> {
    app: &'a App,
    courier: Courier,
    /// How many send just now.
    busy: AtomicUsize,
}

impl<'a> Sender<'a> {
    fn new(app: &'a App) -> Result<Self, Problem> {
        Ok(Self {
            app,
            courier: Courier::new(&app.config.webhooks)?,
            busy: AtomicUsize::new(0),
        })
    }

    /// Sends until it is time to end. What is on its way then is waited for.
    fn run(&self, stop: &AtomicBool, until: Until) {
        std::thread::scope(|scope| {
            while !stop.load(Ordering::SeqCst) {
                let busy = self.busy.load(Ordering::SeqCst);
                if SENDERS <= busy {
                    app::rest(stop, Duration::from_millis(20));
                    continue;
                }
                match self.claim() {
                    Ok(Some(claimed)) => {
                        self.busy.fetch_add(1, Ordering::SeqCst);
                        scope.spawn(move || {
                            self.send_to(&claimed, stop);
                            self.busy.fetch_sub(1, Ordering::SeqCst);
                        });
                    }
                    Ok(None) if busy == 0 && until == Until::NothingIsDue => return,
                    Ok(None) => app::rest(stop, EVERY),
                    Err(error) => {
                        complain(&error);
                        app::rest(stop, RETRY);
                    }
                }
            }
        });
    }

    /// Takes the lease of a webhook that something is to be sent to.
    fn claim(&self) -> Result<Option<Claimed>, Error> {
        let (app, now) = (self.app, self.app.clock.now());
        let backlog = app.db.read(webhooks::backlog)?;
        gauges::backlog(backlog, now);
        if backlog.waiting == 0 {
            return Ok(None);
        }
        let Some(id) = app.db.read(|conn| webhooks::due(conn, now))? else {
            return Ok(None);
        };
        app.db
            .write(|conn| webhooks::claim(conn, &app.webhook_key, &id, now))
    }

    /// Sends one notice after the other, until there is none, one was not delivered, or it is another's turn.
    fn send_to(&self, claimed: &Claimed, stop: &AtomicBool) {
        if let Some(error) = claimed.sealing() {
            complain(error);
        }
        for _ in 0..TURN {
            if stop.load(Ordering::SeqCst) {
                break;
            }
            match self.send_one(claimed) {
                Ok(Some(Tried::Delivered)) => {}
                Ok(_) => break,
                Err(error) => {
                    complain(&error);
                    break;
                }
            }
        }
        let app = self.app;
        let given_back = app
            .db
            .write(|conn| webhooks::give_back(conn, claimed, app.clock.now()));
        if let Err(error) = given_back {
            // It is over by itself soon.
            complain(&error);
        }
    }

    fn send_one(&self, claimed: &Claimed) -> Result<Option<Tried>, Error> {
        let app = self.app;
        let parcel = app
            .db
            .write(|conn| webhooks::begin(conn, claimed, app.clock.now()))?;
        let Some(parcel) = parcel else {
            return Ok(None);
        };
        let outcome = self.courier.deliver(claimed, &parcel, app.clock.now());
        let (chance, now) = (chance(), app.clock.now());
        let tried = app
            .db
            .write(|conn| webhooks::note(conn, claimed, &parcel, outcome, chance, now))?;
        gauges::tried(tried);
        tell(claimed, &parcel, outcome, tried);
        Ok(Some(tried))
    }
}

/// How much longer than need be to wait, so that not all come back at once.
fn chance() -> u8 {
    let mut byte = [0x80];
    match getrandom::fill(&mut byte) {
        Ok(()) => byte[0],
        Err(_) => 0x80,
    }
}

/// A failure of ours, not of a receiver.
fn complain(error: &Error) {
    tracing::warn!(
        error = error as &dyn std::error::Error,
        "notices are not sent to webhooks; they stay and are tried again"
    );
}

/// Tells of a try, but not the address: it may hold a secret of its owner's.
fn tell(claimed: &Claimed, parcel: &Parcel, outcome: Outcome, tried: Tried) {
    let (webhook, notice, recall) = (claimed.webhook.as_str(), parcel.id(), parcel.recall());
    let why = match outcome {
        Outcome::Delivered => String::new(),
        Outcome::Gone => "answered 410".to_owned(),
        Outcome::Failed { failure, .. } => failure.to_string(),
    };
    match tried {
        Tried::Delivered => tracing::debug!(webhook, notice, recall, "a notice was delivered"),
        Tried::Again => tracing::info!(
            webhook,
            notice,
            recall,
            why,
            "a notice was not delivered; it is tried again"
        ),
        Tried::GivenUp => tracing::error!(
            webhook,
            notice,
            recall,
            why,
            "a notice was not delivered and is given up"
        ),
        Tried::Disabled => tracing::warn!(
            webhook,
            notice,
            recall,
            why,
            "a webhook was disabled; its notices wait"
        ),
    }
}
