//! Pictures as every entrance asks for them: policy, sight, snapshot, one verb.

use super::recall::{dictionary, only_as_holder, position_at, seen_as_holder, until};
use super::{App, Code, Problem, sight};
use crate::parties::{self, Action, Caller};
use crate::recall;
use crate::scan;
use crate::trace::evaluate::Window;
use crate::trace::picture::catalog::Name;
use crate::trace::picture::collapse::Collapse;
use crate::trace::picture::{self, Picture, Way, Wish};

/// The picture of a thing that is wanted.
#[derive(Debug, Clone, Copy)]
pub struct PictureOf<'a> {
    /// The identifier, in any form.
    pub id: &'a str,
    /// Which way.
    pub way: Way,
    /// What counts.
    pub window: Window,
    /// An earlier position to evaluate at, as JSON; the whole ledger unless given.
    pub position: Option<&'a str>,
    /// The recall whose scope is marked.
    pub recall: Option<&'a str>,
    /// Whether nodes may become one.
    pub collapse: Collapse,
}

/// The picture of a thing's chain.
pub fn picture(app: &App, caller: &Caller, of: &PictureOf<'_>) -> Result<Picture, Problem> {
    parties::may(caller, Action::Trace)?;
    if of.recall.is_some() {
        parties::may(caller, Action::ReadRecalls)?;
    }
    app.db.read(|conn| {
        let at = position_at(conn, of.position)?;
        sight::check(conn, dictionary(app), caller, of.id, &at.0)
            .map_err(|error| error.until(until(of.position)))?;
        let affected = match of.recall {
            None => None,
            Some(id) => {
                let view = recall::show(conn, id, None)?;
                let holder = only_as_holder(caller, view.org.as_deref());
                if let Some(org) = holder {
                    seen_as_holder(view, org, id)?;
                }
                Some((id.to_owned(), recall::scope_things(conn, id, holder)?))
            }
        };
        let wish = Wish {
            id: of.id.to_owned(),
            way: of.way,
            window: of.window,
            recall: affected,
            collapse: of.collapse,
        };
        picture::picture_of(conn, dictionary(app), &wish, at, &province)
            .map_err(|error| error.until(until(of.position)).into())
    })
}

/// The picture of a recall's scope. It shows all holders, so a holder alone does not get it.
pub fn recall_picture(
    app: &App,
    caller: &Caller,
    id: &str,
    version: Option<i32>,
    collapse: Collapse,
) -> Result<Picture, Problem> {
    parties::may(caller, Action::ReadRecalls)?;
    app.db.read(|conn| {
        let view = recall::show(conn, id, version)?;
        if let Some(org) = only_as_holder(caller, view.org.as_deref()) {
            seen_as_holder(view, org, id)?;
            return Err(Problem::new(
                Code::Forbidden,
                "the picture of a recall shows all its holders: it is for who conducts it and for regulators",
            ));
        }
        Ok(recall::picture(conn, dictionary(app), id, version, collapse, &province)?)
    })
}

/// What a province is called, by the first two digits of its regions' codes.
fn province(code: &str) -> Option<Name> {
    let region = scan::region(&format!("{code}0000"))?;
    Some(Name {
        zh: region.zh,
        en: Some(region.en),
    })
}
