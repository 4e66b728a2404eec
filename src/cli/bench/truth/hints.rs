//! Of what was missed, how much could have been suspected: its lot is in the answer, or its own records
//! have a gap that whoever looks at it is shown.

use crate::app::{self, App, Code, Problem};
use crate::cli::judge::Answer;
use crate::parties::Caller;
use crate::trace::evaluate::{Direction, Window};

/// How many missed units or lots are hinted at how. Each is counted once, by the first that holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Hints {
    /// Their own trace is not complete, or does not lead to where they were made.
    pub(super) by_records: u64,
    /// The answer lists their lot, without saying how much of it.
    pub(super) by_lot: u64,
    /// Nothing says that anything is wrong.
    pub(super) silent: u64,
}

/// Looks at everything that was missed.
pub(super) fn of(
    app: &App,
    caller: &Caller,
    answer: &Answer,
    missing: &[String],
) -> Result<Hints, Problem> {
    let mut hints = Hints::default();
    for id in missing {
        if has_gap(app, caller, id)? {
            hints.by_records += 1;
        } else if is_of_listed_lot(app, caller, answer, id)? {
            hints.by_lot += 1;
        } else {
            hints.silent += 1;
        }
    }
    Ok(hints)
}

/// Whether nothing tells where it comes from, or its past has an edge that ends nowhere.
fn has_gap(app: &App, caller: &Caller, id: &str) -> Result<bool, Problem> {
    match app::trace(
        app,
        caller,
        Direction::Backward,
        id,
        Window::default(),
        None,
    ) {
        Ok(traced) => Ok(!traced.complete || traced.nodes.iter().all(|node| node.id == id)),
        // It was never seen at all.
        Err(problem) if problem.code == Code::NotFound => Ok(true),
        Err(problem) => Err(problem),
    }
}

/// Whether the lot it is of, as its own records say, is in the answer.
fn is_of_listed_lot(
    app: &App,
    caller: &Caller,
    answer: &Answer,
    id: &str,
) -> Result<bool, Problem> {
    let traced = app::trace(
        app,
        caller,
        Direction::Backward,
        id,
        Window::default(),
        None,
    )?;
    let mut lots = traced.nodes.iter().filter(|node| node.kind == "lot");
    Ok(lots.any(|lot| answer.lots.contains_key(&lot.id)))
}
