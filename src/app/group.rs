//! Bodies that come at one time are captured in one transaction: whoever is first writes for all who wait meanwhile,
//! so that many writers share what one commit costs. Who is alone waits for nobody.

use std::sync::Arc;

use parking_lot::{FairMutex, Mutex};

use super::capture::{Stop, Submitted, alone, together};
use super::{App, Code, Problem};
use crate::capture::Receipt;

/// Bodies that one transaction takes.
const BODIES_MAX: usize = 128;

/// Bytes of bodies that one transaction takes; a larger body goes by itself.
const BYTES_MAX: usize = 4 << 20;

/// What waits to be captured in this process.
#[derive(Debug, Default)]
pub struct Group {
    waiting: Mutex<Vec<Arc<Waiting>>>,
    /// Whose turn it is to write, in the order they came.
    turn: FairMutex<()>,
}

/// One body that waits, and what became of it.
#[derive(Debug)]
struct Waiting {
    submitted: Submitted,
    done: Mutex<Option<Result<Receipt, Problem>>>,
}

impl Waiting {
    fn tell(&self, result: Result<Receipt, Problem>) {
        *self.done.lock() = Some(result);
    }
}

impl Group {
    /// Captures a body with all that wait now, and comes back when it is captured or refused.
    pub(super) fn capture(&self, app: &App, submitted: Submitted) -> Result<Receipt, Problem> {
        let own = Arc::new(Waiting {
            submitted,
            done: Mutex::new(None),
        });
        self.waiting.lock().push(Arc::clone(&own));
        loop {
            let turn = self.turn.lock();
            if let Some(result) = own.done.lock().take() {
                return result;
            }
            if !self.is_waiting(&own) {
                // Whoever wrote for it went down in the middle.
                let detail = "the capture was not finished: send it again";
                return Err(Problem::new(Code::Internal, detail));
            }
            write_all(app, &self.next());
            drop(turn);
        }
    }

    fn is_waiting(&self, own: &Arc<Waiting>) -> bool {
        let waiting = self.waiting.lock();
        waiting.iter().any(|other| Arc::ptr_eq(other, own))
    }

    /// Those who waited longest.
    fn next(&self) -> Vec<Arc<Waiting>> {
        let mut waiting = self.waiting.lock();
        let mut bytes = 0;
        let fits = waiting.iter().take(BODIES_MAX).take_while(|body| {
            bytes += body.submitted.bytes;
            bytes <= BYTES_MAX
        });
        let count = fits.count().max(1).min(waiting.len());
        waiting.drain(..count).collect()
    }
}

/// Captures bodies in one transaction. One that shall leave no trace would take the others along: it goes alone, after
/// them; so do all when they failed for a reason that may be in one of them.
fn write_all(app: &App, bodies: &[Arc<Waiting>]) {
    let mut open: Vec<&Waiting> = bodies.iter().map(Arc::as_ref).collect();
    let mut apart: Vec<&Waiting> = Vec::new();
    while 1 < open.len() {
        let submitted: Vec<&Submitted> = open.iter().map(|waiting| &waiting.submitted).collect();
        match together(app, &submitted) {
            Ok(receipts) => {
                for (waiting, receipt) in open.drain(..).zip(receipts) {
                    waiting.tell(Ok(receipt));
                }
            }
            Err(Stop::NothingToRecord(refused)) => {
                let mut number = 0;
                open.retain(|waiting| {
                    let is_refused = refused.iter().any(|(index, _)| *index == number);
                    number += 1;
                    if is_refused {
                        apart.push(waiting);
                    }
                    !is_refused
                });
            }
            Err(Stop::Failed(error)) if error.is_transient() => {
                let problem = Arc::new(Problem::from(error));
                for waiting in open.drain(..).chain(apart.drain(..)) {
                    let same = Problem::new(problem.code, problem.detail.clone());
                    waiting.tell(Err(same.because(Arc::clone(&problem))));
                }
            }
            Err(Stop::Failed(_)) => apart.append(&mut open),
        }
    }
    for waiting in open.into_iter().chain(apart) {
        waiting.tell(alone(app, &waiting.submitted));
    }
}
