//! Of what was missed, how much could have been suspected: the answer names a gap that it comes from, its own
//! records have a gap that whoever looks at it is shown, or its lot is in the answer.

use std::collections::BTreeSet;

use crate::app::{self, App, Code, Problem};
use crate::cli::judge::Answer;
use crate::parties::Caller;
use crate::trace::evaluate::{Direction, Window};

/// How many missed units or lots are hinted at how. Each is counted once, by the first that holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Hints {
    /// The answer names, as a gap, something that they are made of.
    pub(super) by_gaps: u64,
    /// Their own trace is not complete, or does not lead to where they were made.
    pub(super) by_records: u64,
    /// The answer lists their lot, without saying how much of it.
    pub(super) by_lot: u64,
    /// Nothing says that anything is wrong.
    pub(super) silent: u64,
}

/// Looks at everything that was missed. `gaps`: what the answer names as gaps.
pub(super) fn of(
    app: &App,
    caller: &Caller,
    answer: &Answer,
    gaps: &BTreeSet<String>,
    missing: &[String],
) -> Result<Hints, Problem> {
    let mut hints = Hints::default();
    for id in missing {
        let window = Window::default();
        let traced = match app::trace(app, caller, Direction::Backward, id, window, None) {
            Ok(traced) => traced,
            // It was never seen at all.
            Err(problem) if problem.code == Code::NotFound => {
                hints.by_records += 1;
                continue;
            }
            Err(problem) => return Err(problem),
        };
        let mut lots = traced.nodes.iter().filter(|node| node.kind == "lot");
        if traced.nodes.iter().any(|node| gaps.contains(&node.id)) {
            hints.by_gaps += 1;
        } else if !traced.complete || traced.nodes.iter().all(|node| node.id == *id) {
            hints.by_records += 1;
        } else if lots.any(|lot| answer.lots.contains_key(&lot.id)) {
            hints.by_lot += 1;
        } else {
            hints.silent += 1;
        }
    }
    Ok(hints)
}
