//! The recall's question, asked as anybody would: opened, listed, decided, and sent to the holders.

use super::judge::{Answer, Found, Reason};
use crate::app::{self, App, NewRecall, Problem};
use crate::gs1::{Identifier, Level};
use crate::parties::Caller;
use crate::recall::{
    self, Act, Action, RecallView, Request, RequestedPlace, RequestedPolicies, UnitLine, UnitQuery,
};
use crate::scenario::Window;

/// How far beyond the window is looked: clocks differ. Nothing of this world is made within it.
const GUARD: &str = "2m";

/// A tray of this world is filled in the moment that is stamped, and not from the tray before it on.
const STARTS: &str = "stamped";

/// Opens the recall of what was at a place in a window.
pub(super) fn open(
    app: &App,
    caller: &Caller,
    question: &Window,
    reason: &str,
) -> Result<RecallView, Problem> {
    let request = Request {
        places: vec![RequestedPlace {
            place: question.place.clone(),
            from: question.from.to_string(),
            until: question.until.to_string(),
            guard: Some(GUARD.to_owned()),
        }],
        hazard: Some(question.hazard.clone()),
        policies: RequestedPolicies {
            starts: Some(STARTS.to_owned()),
            ..RequestedPolicies::default()
        },
        ..Request::default()
    };
    let new = NewRecall {
        request: &request,
        reason,
        position: None,
        dry_run: false,
    };
    app::open_recall(app, caller, &new)
}

/// Everything the recall lists.
pub(super) fn list(app: &App, caller: &Caller, recall: &str) -> Result<Answer, Problem> {
    let mut answer = Answer::default();
    let mut after = None;
    loop {
        let query = UnitQuery {
            after,
            ..UnitQuery::default()
        };
        let page = app::recall_units(app, caller, recall, query)?;
        for line in page.lines {
            take(&mut answer, line);
        }
        after = page.next;
        if after.is_none() {
            return Ok(answer);
        }
    }
}

/// Decides the recall and tells the holders; how many have to answer.
pub(super) fn notify(
    app: &App,
    caller: &Caller,
    recall: &str,
    reason: &str,
) -> Result<usize, Problem> {
    let mut open_tasks = 0;
    for action in [Action::Decide, Action::Notify] {
        let act = Act {
            recall,
            action,
            reason,
            answer: recall::Answer::default(),
        };
        open_tasks = app::act_on_recall(app, caller, &act)?.open_tasks;
    }
    Ok(open_tasks)
}

fn take(answer: &mut Answer, line: UnitLine) {
    let level = Identifier::parse(&line.id)
        .ok()
        .and_then(|parsed| parsed.identifier.level());
    if level == Some(Level::Instance) {
        let reason = reason(&line);
        let found = Found {
            status: line.status.as_str().to_owned(),
            place: line.place,
            holder: line.holder,
            reason,
        };
        answer.units.insert(line.id, found);
    } else {
        answer.lots.insert(line.id);
    }
}

/// What the listing says of the way that led to the unit. A way of one event is the event at the place
/// itself; a longer one goes through what came out of it.
fn reason(line: &UnitLine) -> Option<Reason> {
    match (line.certainty, line.path.len()) {
        (_, 0) => None,
        ("policy", _) => Some(Reason::Guard),
        ("assumed", _) => Some(Reason::Gap),
        ("inferred", 1) => Some(Reason::Inside),
        (_, 1) => Some(Reason::AtPlace),
        _ => Some(Reason::Blended),
    }
}
