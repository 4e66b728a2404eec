//! Versions of recalls as every entrance asks for them: extend, check, release, compare.

use serde::Serialize;

use super::recall::{
    dictionary, giver, only_as_holder, position_at, seen_as_holder, until, unwritable_table,
};
use super::{App, Problem};
use crate::db::Conn;
use crate::parties::{self, Action, Caller};
use crate::recall::{
    self, DiffLine, DiffPage, DiffQuery, DiffTable, DiffView, ExtensionView, RecallView,
    ReleaseView, Ruling, VersionLine, Watch,
};

/// Units up to which showing a recall also looks whether an extension is due: evaluating them takes some
/// tens of milliseconds.
const WATCHED_UNITS_MAX: u64 = 50_000;

/// An extension to make.
#[derive(Debug, Clone, Copy)]
pub struct NewVersion<'a> {
    /// The recall.
    pub recall: &'a str,
    /// Why.
    pub reason: &'a str,
    /// A position to evaluate at, as JSON; the whole ledger unless given.
    pub position: Option<&'a str>,
    /// What becomes of what is affected only across a gap in the records, from here on. Needed when the recall is
    /// decided, the version has any, and nobody has said it before.
    pub assumed: Option<Ruling>,
    /// Evaluate and compare only; record nothing.
    pub dry_run: bool,
}

/// Whether a recall is due to be extended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// The recall.
    pub recall: String,
    /// Its newest version.
    pub version: i32,
    /// What was found.
    #[serde(flatten)]
    pub watch: Watch,
}

/// Evaluates a recall's definition again and makes that its next version. The evaluation is done before
/// anything is held; whoever was faster is told of.
pub fn extend_recall(
    app: &App,
    caller: &Caller,
    new: &NewVersion<'_>,
) -> Result<ExtensionView, Problem> {
    let extension = app.db.read(|conn| -> Result<_, Problem> {
        recall::check_extend(conn, caller, new.recall, new.assumed)?;
        let at = position_at(conn, new.position)?;
        let extension = recall::prepare(conn, dictionary(app), new.recall, at);
        extension.map_err(|error| error.until(until(new.position)).into())
    })?;
    recall::check_news(&extension, new.assumed)?;
    if new.dry_run {
        return Ok(ExtensionView::of(&extension, new.assumed));
    }
    app.db.write(|conn| {
        let giver = giver(app, caller);
        Ok(recall::extend(
            conn,
            &app.ledger,
            caller,
            &giver,
            (new.reason, new.assumed),
            &extension,
        )?)
    })
}

/// Whether an extension would change the scope of a recall.
pub fn check_recall(app: &App, caller: &Caller, id: &str) -> Result<Check, Problem> {
    parties::may(caller, Action::ConductRecall)?;
    app.db.read(|conn| {
        let view = recall::show(conn, id, None)?;
        if let Some(org) = only_as_holder(caller, view.org.as_deref()) {
            let conductor = view.org.clone().unwrap_or_default();
            seen_as_holder(view, org, id)?;
            let org = org.to_owned();
            return Err(recall::Error::NotConductor { conductor, org }.into());
        }
        Ok(Check {
            recall: id.to_owned(),
            version: view.version,
            watch: look(app, conn, id)?,
        })
    })
}

/// What showing a recall tells of a due extension: nothing when nothing can be extended any more.
pub(super) fn watch(
    app: &App,
    conn: &mut Conn,
    view: &RecallView,
) -> Result<Option<Watch>, Problem> {
    let Some(id) = view.recall.as_deref().filter(|_| view.state != "cancelled") else {
        return Ok(None);
    };
    if view.in_effect <= WATCHED_UNITS_MAX {
        return look(app, conn, id).map(Some);
    }
    let since = recall::recorded_since(conn, id)?;
    Ok(Some(Watch {
        recorded_since: since.events,
        orders_since: since.orders,
        due: (!since.is_grown).then_some(false),
        difference: None,
    }))
}

fn look(app: &App, conn: &mut Conn, id: &str) -> Result<Watch, Problem> {
    let since = recall::recorded_since(conn, id)?;
    let mut watch = Watch {
        recorded_since: since.events,
        orders_since: since.orders,
        due: Some(false),
        difference: None,
    };
    if since.is_grown {
        let at = position_at(conn, None)?;
        let extension = recall::prepare(conn, dictionary(app), id, at)?;
        if !extension.is_empty() {
            watch.due = Some(true);
            watch.difference = Some(extension.difference().clone());
        }
    }
    Ok(watch)
}

/// Approves what a version proposes to remove, or all that is proposed.
pub fn release_recall(
    app: &App,
    caller: &Caller,
    id: &str,
    version: Option<i32>,
    reason: &str,
) -> Result<ReleaseView, Problem> {
    app.db.write(|conn| {
        let giver = giver(app, caller);
        let asked = (id, version, reason);
        Ok(recall::release(conn, &app.ledger, caller, &giver, asked)?)
    })
}

/// The versions of a recall, oldest first, as far as the caller may see them.
pub fn recall_versions(app: &App, caller: &Caller, id: &str) -> Result<Vec<VersionLine>, Problem> {
    app.db.read(|conn| {
        let holder = holder(conn, caller, id)?;
        Ok(recall::versions(conn, id, holder)?)
    })
}

/// How two versions differ, as far as the caller may see it: a holder is told of lines alone.
pub fn recall_difference(
    app: &App,
    caller: &Caller,
    id: &str,
    query: DiffQuery<'_>,
) -> Result<DiffView, Problem> {
    app.db.read(|conn| {
        let holder = holder(conn, caller, id)?;
        if let Some(asked) = query.holder.filter(|_| holder.is_none()) {
            recall::check_holder(conn, asked)?;
        }
        let view = recall::difference(conn, dictionary(app), id, query)?;
        Ok(match holder {
            None => view,
            Some(_) => DiffView {
                digest: None,
                difference: None,
                ..view
            },
        })
    })
}

/// A page of the lines in which two versions differ, as far as the caller may see them.
pub fn recall_diff(
    app: &App,
    caller: &Caller,
    id: &str,
    query: DiffQuery<'_>,
) -> Result<DiffPage, Problem> {
    app.db.read(|conn| {
        let holder = holder(conn, caller, id)?.or(query.holder);
        let query = DiffQuery { holder, ..query };
        Ok(recall::diff(conn, dictionary(app), id, query)?)
    })
}

/// Every line in which two versions differ, page by page: memory does not grow with the difference.
pub fn each_recall_diff(
    app: &App,
    caller: &Caller,
    id: &str,
    mut query: DiffQuery<'_>,
    take: &mut dyn FnMut(&DiffLine) -> Result<(), Problem>,
) -> Result<(), Problem> {
    // An extension between two pages must not change what is compared.
    let view = recall_difference(app, caller, id, query)?;
    (query.from, query.to) = (Some(view.from), Some(view.to));
    loop {
        let page = recall_diff(app, caller, id, query)?;
        page.lines.iter().try_for_each(&mut *take)?;
        if page.next.is_none() {
            return Ok(());
        }
        query.after = page.next;
    }
}

/// Writes the lines in which two versions differ as CSV.
pub fn write_recall_diff(
    app: &App,
    caller: &Caller,
    id: &str,
    query: DiffQuery<'_>,
    out: impl std::io::Write,
) -> Result<(), Problem> {
    let mut table = DiffTable::new(out);
    each_recall_diff(app, caller, id, query, &mut |line| {
        table.add(line).map_err(unwritable_table)
    })?;
    table.finish().map_err(unwritable_table)
}

/// The organisation that sees only its own part of a recall; refused when it has none.
fn holder<'c>(conn: &mut Conn, caller: &'c Caller, id: &str) -> Result<Option<&'c str>, Problem> {
    parties::may(caller, Action::ReadRecalls)?;
    let view = recall::show(conn, id, None)?;
    match only_as_holder(caller, view.org.as_deref()) {
        None => Ok(None),
        Some(org) => {
            seen_as_holder(view, org, id)?;
            Ok(Some(org))
        }
    }
}
