//! Recalls and traces as every entrance asks for them: policy, snapshot, one verb.

use uuid::Uuid;

use super::recall_versions::watch;
use super::{App, Code, Fault, Problem, sight};
use crate::codes::Dictionary;
use crate::db::Conn;
use crate::epcis::Timestamp;
use crate::ledger::{Giver, Position};
use crate::parties::{self, Action, Caller, Role};
use crate::recall::{
    self, Act, Moved, RecallLine, RecallView, Request, UnitLine, UnitPage, UnitQuery, UnitTable,
};
use crate::trace::evaluate::{Direction, Window};
use crate::trace::{self, NamedPosition, Traced, Until, Where, WhoView};

/// A recall to open.
#[derive(Debug, Clone, Copy)]
pub struct NewRecall<'a> {
    /// What to find.
    pub request: &'a Request,
    /// Why.
    pub reason: &'a str,
    /// An earlier position to evaluate at, as JSON; the whole ledger unless given.
    pub position: Option<&'a str>,
    /// Evaluate only; record nothing.
    pub dry_run: bool,
}

/// Evaluates a scope and opens a recall over it. The scope is read before anything is recorded: its
/// position does not see the recall's own order.
pub fn open_recall(app: &App, caller: &Caller, new: &NewRecall<'_>) -> Result<RecallView, Problem> {
    parties::may(caller, Action::ConductRecall)?;
    let definition = new.request.definition()?;
    let assessment = app.db.read(|conn| -> Result<_, Problem> {
        recall::check_own(conn, caller, &definition)?;
        let at = position_at(conn, new.position)?;
        let assessment = recall::assess(conn, dictionary(app), definition, at);
        assessment.map_err(|error| new.request.located(error).until(until(new.position)).into())
    })?;
    assessment.check_not_empty()?;
    if new.dry_run {
        return Ok(RecallView::of(&assessment));
    }
    let id = Uuid::now_v7().to_string();
    app.db.write(|conn| {
        let giver = giver(app, caller);
        recall::open(
            conn,
            &app.ledger,
            caller,
            &giver,
            &id,
            new.reason,
            &assessment,
        )?;
        Ok(recall::show(conn, &id, None)?)
    })
}

/// Moves a recall.
pub fn act_on_recall(app: &App, caller: &Caller, act: &Act<'_>) -> Result<Moved, Problem> {
    app.db.write(|conn| {
        let giver = giver(app, caller);
        Ok(recall::act(conn, &app.ledger, caller, &giver, act)?)
    })
}

/// A recall, as far as the caller may see it.
pub fn show_recall(
    app: &App,
    caller: &Caller,
    id: &str,
    version: Option<i32>,
) -> Result<RecallView, Problem> {
    parties::may(caller, Action::ReadRecalls)?;
    app.db.read(|conn| {
        let mut view = recall::show(conn, id, version)?;
        match only_as_holder(caller, view.org.as_deref()) {
            None => {
                if version.is_none() {
                    view.extension = watch(app, conn, &view)?;
                }
                Ok(view)
            }
            Some(org) => seen_as_holder(view, org, id),
        }
    })
}

/// A recall with everything where it was at an instant; told to those who see all of it.
pub fn show_recall_at(
    app: &App,
    caller: &Caller,
    id: &str,
    version: Option<i32>,
    at: Timestamp,
) -> Result<RecallView, Problem> {
    parties::may(caller, Action::ReadRecalls)?;
    app.db.read(|conn| {
        may_see_all(conn, caller, id)?;
        let view = recall::show(conn, id, version)?;
        let then = recall::then(conn, dictionary(app), id, version, at)?;
        Ok(then.shown_in(view))
    })
}

/// The recalls the caller may see, newest first.
pub fn list_recalls(app: &App, caller: &Caller) -> Result<Vec<RecallLine>, Problem> {
    parties::may(caller, Action::ReadRecalls)?;
    let holder = only_as_holder(caller, None);
    app.db.read(|conn| Ok(recall::list(conn, holder)?))
}

/// A page of the listing of a recall, as far as the caller may see it.
pub fn recall_units(
    app: &App,
    caller: &Caller,
    id: &str,
    query: UnitQuery<'_>,
) -> Result<UnitPage, Problem> {
    parties::may(caller, Action::ReadRecalls)?;
    app.db.read(|conn| {
        let view = recall::show(conn, id, query.version)?;
        let holder = listed_holder(conn, caller, view, id, query.holder)?;
        let query = UnitQuery {
            holder: holder.as_deref(),
            ..query
        };
        let dictionary = dictionary(app);
        Ok(match query.at {
            None => recall::units(conn, dictionary, id, query)?,
            Some(at) => {
                let then = recall::then(conn, dictionary, id, query.version, at)?;
                then.units(conn, dictionary, query)?
            }
        })
    })
}

/// Every line of the listing of a recall, as far as the caller may see it, page by page: memory does not
/// grow with the scope, unless it is asked for at an instant, which is worked out once.
pub fn each_recall_unit(
    app: &App,
    caller: &Caller,
    id: &str,
    query: UnitQuery<'_>,
    take: &mut dyn FnMut(&UnitLine) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let Some(at) = query.at else {
        return each_page(query, take, |query| recall_units(app, caller, id, query));
    };
    parties::may(caller, Action::ReadRecalls)?;
    app.db.read(|conn| {
        let view = recall::show(conn, id, query.version)?;
        let holder = listed_holder(conn, caller, view, id, query.holder)?;
        let query = UnitQuery {
            holder: holder.as_deref(),
            ..query
        };
        let then = recall::then(conn, dictionary(app), id, query.version, at)?;
        each_page(query, take, |query| {
            Ok(then.units(conn, dictionary(app), query)?)
        })
    })
}

fn each_page<'q>(
    mut query: UnitQuery<'q>,
    take: &mut dyn FnMut(&UnitLine) -> Result<(), Problem>,
    mut page: impl FnMut(UnitQuery<'q>) -> Result<UnitPage, Problem>,
) -> Result<(), Problem> {
    loop {
        let page = page(query)?;
        page.lines.iter().try_for_each(&mut *take)?;
        if page.next.is_none() {
            return Ok(());
        }
        query.after = page.next;
    }
}

/// Whose part of a listing the caller sees: that of the holder he asks for, or his own.
fn listed_holder(
    conn: &mut Conn,
    caller: &Caller,
    view: RecallView,
    id: &str,
    asked: Option<&str>,
) -> Result<Option<String>, Problem> {
    let conductor = view.org.clone();
    let Some(org) = only_as_holder(caller, conductor.as_deref()) else {
        if let Some(holder) = asked {
            recall::check_holder(conn, holder)?;
        }
        return Ok(asked.map(str::to_owned));
    };
    seen_as_holder(view, org, id)?;
    if let Some(holder) = asked.filter(|holder| *holder != org) {
        let detail =
            format!("holder {holder:?} is not {org:?}: an organisation lists its own part");
        let fault = Fault {
            pointer: "holder".to_owned(),
            detail: detail.clone(),
            ..Fault::default()
        };
        return Err(Problem::new(Code::Forbidden, detail).with_errors(vec![fault]));
    }
    Ok(Some(org.to_owned()))
}

/// Refuses what the listing of a recall would refuse, before any of it is written.
pub fn check_listing(
    app: &App,
    caller: &Caller,
    id: &str,
    query: UnitQuery<'_>,
) -> Result<(), Problem> {
    parties::may(caller, Action::ReadRecalls)?;
    app.db.read(|conn| {
        let view = recall::show(conn, id, query.version)?;
        listed_holder(conn, caller, view, id, query.holder).map(drop)
    })
}

/// Writes the listing of a recall as CSV.
pub fn write_recall_units(
    app: &App,
    caller: &Caller,
    id: &str,
    query: UnitQuery<'_>,
    out: impl std::io::Write,
) -> Result<(), Problem> {
    let mut table = UnitTable::new(out);
    each_recall_unit(app, caller, id, query, &mut |line| {
        table.add(line).map_err(unwritable_table)
    })?;
    table.finish().map_err(unwritable_table)
}

/// A table that cannot be written, with what is behind it: a reader that went away, for example.
pub(super) fn unwritable_table(error: csv::Error) -> Problem {
    let problem = Problem::new(Code::Internal, "a table cannot be written");
    match error.into_kind() {
        csv::ErrorKind::Io(error) => problem.because(error),
        kind => problem.because(std::io::Error::other(format!("{kind:?}"))),
    }
}

/// Writes the listing of a recall as JSON, a line for each thing or part of a lot.
pub fn write_recall_lines(
    app: &App,
    caller: &Caller,
    id: &str,
    query: UnitQuery<'_>,
    mut out: impl std::io::Write,
) -> Result<(), Problem> {
    each_recall_unit(app, caller, id, query, &mut |line| {
        let written = serde_json::to_vec(line).map_err(std::io::Error::from);
        let written = written.and_then(|mut text| {
            text.push(b'\n');
            out.write_all(&text)
        });
        written.map_err(|error| {
            Problem::new(Code::Internal, "a line cannot be written").because(error)
        })
    })
}

/// Traces back or forward.
pub fn trace(
    app: &App,
    caller: &Caller,
    direction: Direction,
    id: &str,
    window: Window,
    at: Option<&str>,
) -> Result<Traced, Problem> {
    parties::may(caller, Action::Trace)?;
    app.db.read(|conn| {
        let until = until(at);
        let at = position_at(conn, at)?;
        sight::check(conn, dictionary(app), caller, id, &at.0)
            .and_then(|()| trace::trace(conn, dictionary(app), direction, id, window, at))
            .map_err(|error| error.until(until).into())
    })
}

/// Where something is.
pub fn where_is(app: &App, caller: &Caller, id: &str, at: Timestamp) -> Result<Where, Problem> {
    parties::may(caller, Action::Trace)?;
    app.db.read(|conn| {
        let (position, _) = NamedPosition::now(conn)?;
        sight::check(conn, dictionary(app), caller, id, &position)?;
        Ok(trace::where_is(conn, dictionary(app), id, at, &position)?)
    })
}

/// Who had something and who answers for it.
pub fn who(app: &App, caller: &Caller, id: &str) -> Result<WhoView, Problem> {
    parties::may(caller, Action::Trace)?;
    app.db.read(|conn| {
        let (position, _) = NamedPosition::now(conn)?;
        sight::check(conn, dictionary(app), caller, id, &position)?;
        let mut who = trace::who(conn, dictionary(app), id, &position)?;
        sight::hide_phones(&mut who, caller);
        Ok(who)
    })
}

/// The whole ledger as it is now: each shard's size and chain hash.
pub fn position(app: &App, caller: &Caller) -> Result<NamedPosition, Problem> {
    parties::may(caller, Action::Inspect)?;
    app.db.read(|conn| Ok(NamedPosition::now(conn)?.1))
}

/// Lets pass whoever may see all of a recall; to others there is none, or only what they hold.
pub(super) fn may_see_all(conn: &mut Conn, caller: &Caller, id: &str) -> Result<(), Problem> {
    let view = recall::show(conn, id, None)?;
    let Some(org) = only_as_holder(caller, view.org.as_deref()) else {
        return Ok(());
    };
    let org = org.to_owned();
    let conductor = view.org.clone().unwrap_or_default();
    seen_as_holder(view, &org, id)?;
    Err(recall::Error::NotConductor { conductor, org }.into())
}

pub(super) const fn dictionary(app: &App) -> Dictionary<'_> {
    Dictionary {
        master: &app.master,
        seal: &app.ledger.seal,
    }
}

pub(super) fn giver(app: &App, caller: &Caller) -> Giver {
    Giver {
        by: caller.name(),
        on_behalf_of: caller.org().map(str::to_owned),
        at: app.clock.now(),
    }
}

pub(super) fn position_at(
    conn: &mut Conn,
    json: Option<&str>,
) -> Result<(Position, NamedPosition), trace::Error> {
    match json {
        Some(json) => NamedPosition::read(conn, json),
        None => NamedPosition::now(conn),
    }
}

/// Until when an answer at that position looks.
pub(super) const fn until(position: Option<&str>) -> Until {
    match position {
        Some(_) => Until::Position,
        None => Until::Now,
    }
}

/// The organisation as which the caller sees a recall, when he sees only what it holds: neither the
/// operator, nor a regulator, nor its conductor.
pub(super) fn only_as_holder<'c>(caller: &'c Caller, conductor: Option<&str>) -> Option<&'c str> {
    match caller {
        Caller::Key { org, role, .. } => {
            (*role != Role::Regulator && conductor != Some(org)).then_some(org)
        }
        Caller::Operator { .. } | Caller::Anyone => None,
    }
}

pub(super) fn seen_as_holder(view: RecallView, org: &str, id: &str) -> Result<RecallView, Problem> {
    let view = view.seen_by(org);
    if view.tasks.is_empty() {
        return Err(recall::Error::NoRecall(id.to_owned()).into());
    }
    Ok(view)
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    /// Somebody who reads no more.
    struct Gone;

    impl std::io::Write for Gone {
        fn write(&mut self, _bytes: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_table_whose_reader_went_away_says_so() {
        let table = UnitTable::new(Gone);
        let problem = unwritable_table(table.finish().unwrap_err());
        let cause = problem.source().unwrap();
        let cause = cause.downcast_ref::<std::io::Error>().unwrap();
        assert_eq!(cause.kind(), std::io::ErrorKind::BrokenPipe);
    }
}
