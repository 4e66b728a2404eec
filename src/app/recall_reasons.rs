//! What a recall would find and cost, and why something is in it or not.

use super::recall::{dictionary, may_see_all, position_at, until};
use super::{App, Problem, sight};
use crate::parties::{self, Action, Caller};
use crate::recall::{
    self, ExcludedCursor, ExcludedLine, ExcludedPage, Explanation, Language, RecallView, Request,
    RuleCost,
};
use crate::trace::{self, Common};

/// A scope that was tried out, with what its rules cost.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[schema(as = RecallPreview)]
pub struct Preview {
    /// Whether nothing that any event names would be affected: such a recall cannot be opened.
    #[serde(rename = "empty")]
    pub is_empty: bool,
    /// What would be found.
    #[serde(flatten)]
    pub recall: RecallView,
    /// How much each rule adds or spares.
    pub costs: Vec<RuleCost>,
}

/// Evaluates a scope and what each of its rules costs; records nothing. That nothing is affected is an answer, too:
/// with what was left out and why, and with the rules that spare it.
pub fn preview_recall(
    app: &App,
    caller: &Caller,
    request: &Request,
    position: Option<&str>,
) -> Result<Preview, Problem> {
    parties::may(caller, Action::ConductRecall)?;
    let definition = request.definition()?;
    app.db.read(|conn| {
        recall::check_own(conn, caller, &definition)?;
        let at = position_at(conn, position)?;
        let asked = until(position);
        let costs = recall::costs(conn, dictionary(app), &definition, &at.0)
            .map_err(|error| request.located(error).until(asked))?;
        let assessment = recall::assess(conn, dictionary(app), definition, at)
            .map_err(|error| request.located(error).until(asked))?;
        Ok(Preview {
            is_empty: assessment.is_empty(),
            recall: RecallView::of(&assessment),
            costs,
        })
    })
}

/// What several things have in common upstream; the caller must be allowed to trace each of them.
pub fn common(
    app: &App,
    caller: &Caller,
    ids: &[String],
    position: Option<&str>,
) -> Result<Common, Problem> {
    parties::may(caller, Action::Trace)?;
    app.db.read(|conn| {
        let at = position_at(conn, position)?;
        let mut checked = ids.iter();
        checked
            .try_for_each(|id| sight::check(conn, dictionary(app), caller, id, &at.0))
            .and_then(|()| trace::common(conn, dictionary(app), ids, at))
            .map_err(|error| error.until(until(position)).into())
    })
}

/// Why something is in a recall, or why not; for its conductor, regulators and the operator.
pub fn why_recalled(
    app: &App,
    caller: &Caller,
    recall: &str,
    version: Option<i32>,
    id: &str,
    language: Language,
) -> Result<Explanation, Problem> {
    parties::may(caller, Action::ReadRecalls)?;
    app.db.read(|conn| {
        may_see_all(conn, caller, recall)?;
        let dictionary = dictionary(app);
        Ok(recall::why(
            conn, dictionary, recall, version, id, language,
        )?)
    })
}

/// A page of what a recall's scope left out; for its conductor, regulators and the operator.
pub fn recall_excluded(
    app: &App,
    caller: &Caller,
    recall: &str,
    version: Option<i32>,
    after: Option<ExcludedCursor>,
) -> Result<ExcludedPage, Problem> {
    parties::may(caller, Action::ReadRecalls)?;
    app.db.read(|conn| {
        may_see_all(conn, caller, recall)?;
        Ok(recall::excluded(
            conn,
            dictionary(app),
            recall,
            version,
            after,
        )?)
    })
}

/// Everything a recall's scope left out, page by page: memory does not grow with it.
pub fn each_recall_excluded(
    app: &App,
    caller: &Caller,
    recall: &str,
    version: Option<i32>,
    take: &mut dyn FnMut(&ExcludedLine) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let mut after = None;
    loop {
        let page = recall_excluded(app, caller, recall, version, after)?;
        page.lines.iter().try_for_each(&mut *take)?;
        if page.next.is_none() {
            return Ok(());
        }
        after = page.next;
    }
}
