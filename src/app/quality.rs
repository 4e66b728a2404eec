//! The quality report as every entrance asks for it: policy, snapshot, one verb.

use super::recall::{dictionary, position_at, until};
use super::{App, Problem};
use crate::parties::{self, Action, Caller, Role};
use crate::trace::NamedPosition;
use crate::trace::evaluate::Window;
use crate::trace::quality::{self, Finding, Look, Mark, Report, Settings};

/// How many findings of each kind there are, as far as they concern the caller.
pub fn quality_report(
    app: &App,
    caller: &Caller,
    look: &Look,
    settings: Settings,
    position: Option<&str>,
) -> Result<Report, Problem> {
    parties::may(caller, Action::CheckQuality)?;
    check_window(&look.window)?;
    let look = seen_by(caller, look);
    app.db.read(|conn| {
        let at = position_at(conn, position)?;
        let at = (at, until(position));
        Ok(quality::count(conn, dictionary(app), at, &look, settings)?)
    })
}

/// Hands over the findings after a mark, as far as they concern the caller, until `take` says false; gives
/// the position they were found at.
pub fn each_finding(
    app: &App,
    caller: &Caller,
    look: &Look,
    settings: Settings,
    (position, after): (Option<&str>, Option<Mark>),
    take: &mut dyn FnMut(Finding, Mark) -> Result<bool, Problem>,
) -> Result<NamedPosition, Problem> {
    parties::may(caller, Action::CheckQuality)?;
    check_window(&look.window)?;
    let look = seen_by(caller, look);
    app.db.read(|conn| {
        let until = until(position);
        let (position, named) = position_at(conn, position)?;
        let (dictionary, at) = (dictionary(app), (&position, until));
        quality::each(conn, dictionary, at, &look, settings, after, take)?;
        Ok(named)
    })
}

/// An organisation sees what concerns itself; who supervises, and the local operator, everything.
fn seen_by(caller: &Caller, look: &Look) -> Look {
    let org = match caller {
        Caller::Key { org, role, .. } => {
            let sees_all = matches!(role, Role::Regulator | Role::Auditor | Role::Admin);
            (!sees_all).then(|| org.clone())
        }
        Caller::Operator { .. } | Caller::Anyone => None,
    };
    Look {
        org: org.or_else(|| look.org.clone()),
        ..look.clone()
    }
}

fn check_window(window: &Window) -> Result<(), Problem> {
    match (window.from, window.until) {
        (Some(from), Some(until)) if until < from => Err(crate::trace::Error::Window {
            from: from.to_string(),
            until: until.to_string(),
        }
        .into()),
        _ => Ok(()),
    }
}
