//! The recall's question, asked as anybody would: opened, listed, decided, and sent to the holders.

use super::judgement::{Answer, Found, Reason, Share, Standing};
use crate::app::{self, App, NewRecall, Problem};
use crate::gs1::{Identifier, Level};
use crate::parties::Caller;
use crate::recall::{self, Act, Action, RecallView, Request, Ruling, UnitLine, UnitQuery};
use crate::scenario::Question;
use crate::trace::{Holding, Quantity};

/// Opens the recall that a world asks for, through the JSON of a scope file.
pub(in crate::cli) fn open(
    app: &App,
    caller: &Caller,
    question: &Question,
    reason: &str,
) -> Result<RecallView, Problem> {
    let request = Request::read(&question.to_json())?;
    let new = NewRecall {
        request: &request,
        reason,
        position: None,
        dry_run: false,
    };
    app::open_recall(app, caller, &new)
}

/// Everything the recall lists.
pub(in crate::cli) fn list(app: &App, caller: &Caller, recall: &str) -> Result<Answer, Problem> {
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

/// Decides the recall, with all that it assumes, and tells the holders; how many have to answer.
pub(in crate::cli) fn notify(
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
            assumed: (action == Action::Decide).then_some(Ruling::Include),
        };
        open_tasks = app::act_on_recall(app, caller, &act)?.open_tasks;
    }
    Ok(open_tasks)
}

fn take(answer: &mut Answer, line: UnitLine) {
    let parsed = Identifier::parse(&line.id).ok();
    let identifier = parsed.map(|parsed| parsed.identifier);
    let level = identifier.as_ref().and_then(Identifier::level);
    let standing = Standing {
        status: line.status.as_str().to_owned(),
        place: line.place.clone(),
        holder: line.holder.clone(),
    };
    if level != Some(Level::Instance) {
        let quantity = line.quantity.unwrap_or(Quantity {
            lo: None,
            hi: None,
            uom: None,
        });
        let share = Share {
            standing,
            hi: quantity.hi.as_deref().and_then(thousandths),
        };
        answer.lots.entry(line.id).or_default().push(share);
        return;
    }
    if !line.id.contains("/01/") {
        answer.containers.insert(line.id);
        return;
    }
    let found = Found {
        standing,
        others: line.others.iter().map(other).collect(),
        reason: reason(&line),
    };
    answer.units.insert(line.id, found);
}

fn other(holding: &Holding) -> Standing {
    Standing {
        status: holding.status.as_str().to_owned(),
        place: holding.place.clone(),
        holder: holding.holder.clone(),
    }
}

/// A decimal number in thousandths, cut after the third digit.
fn thousandths(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
    let whole: u64 = whole.parse().ok()?;
    whole.checked_mul(1000)?.checked_add(digits.parse().ok()?)
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

#[cfg(test)]
mod tests {
    use super::thousandths;

    #[test]
    fn amounts_are_read_in_thousandths() {
        for (text, expected) in [
            ("24", Some(24_000)),
            ("0.8", Some(800)),
            ("1.2345", Some(1_234)),
            ("-1", None),
            ("x", None),
        ] {
            assert_eq!(thousandths(text), expected, "{text}");
        }
    }
}
