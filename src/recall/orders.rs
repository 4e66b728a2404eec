//! Recalls in the ledger: the orders, and from orders to rows. Their field names are for ever.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::assess::{Assessment, assess};
use super::assumed::Ruling;
use super::extend::{EXTENDED, Extended, due, prepare};
use super::request::time;
use super::scope::Scope;
use super::state::{Action, State, TaskState};
use super::store::{self, Case, MoveRow, Task};
use super::store_versions;
use super::versions::{RELEASED, Released, open_removals, put_extended, put_released};
use super::{Definition, Error};
use crate::codes::Dictionary;
use crate::db::Conn;
use crate::ledger::Giver;
use crate::trace::{NamedPosition, Quantity};

/// The order that opens a recall.
pub(super) const OPENED: &str = "recall-opened";

/// The orders this concept projects.
pub const ORDERS: [&str; 8] = [
    OPENED,
    EXTENDED,
    RELEASED,
    "recall-decided",
    "recall-notified",
    "recall-acknowledged",
    "recall-closed",
    "recall-cancelled",
];

/// A recall was opened: what was asked, at which position, and what came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Opened {
    pub(super) recall: String,
    pub(super) version: i32,
    pub(super) reason: String,
    pub(super) definition: Definition,
    pub(super) position: NamedPosition,
    pub(super) unit_count: u64,
    pub(super) quantity: Vec<Quantity>,
    pub(super) digest: String,
}

/// A recall was moved.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Acted {
    pub(super) recall: String,
    pub(super) reason: String,
    /// `ack`: who answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) holder: Option<String>,
    /// `ack`: how many it found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) found: Option<i64>,
    /// `ack`: how many it set aside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) quarantined: Option<i64>,
    /// `notify`: holders that are organisations of this system.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) sent: Vec<String>,
    /// `notify`: holders that somebody has to tell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) created: Vec<String>,
    /// `decide`: what becomes of what is assumed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) assumed: Option<Ruling>,
}

/// Who gave an order, for whom and when.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Heading {
    pub(super) by: String,
    #[serde(default, rename = "as")]
    pub(super) org: Option<String>,
    pub(super) at: String,
}

impl Heading {
    pub(super) fn of(giver: &Giver) -> Self {
        Self {
            by: giver.by.clone(),
            org: giver.on_behalf_of.clone(),
            at: giver.at.to_string(),
        }
    }
}

/// Applies an order of a recall at its place in `control/0`. An opened recall is evaluated again at its
/// own position, and so is every later version; everything they can depend on must be there already. A
/// version that comes to another digest than its order says is written as it comes out, and told.
pub fn apply(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    order: &str,
    seq: i64,
    bytes: &[u8],
) -> Result<(), Error> {
    if order == OPENED {
        let heading: Heading = parse(seq, bytes)?;
        let opened: Opened = parse(seq, bytes)?;
        let position = opened.position.numbered(conn)?;
        let at = (position, opened.position.clone());
        let assessment = assess(conn, dictionary, opened.definition.clone(), at)?;
        put_opened(conn, seq, &heading, &opened, &assessment.scope)?;
        return check_digest(seq, "scope", &opened.digest, &assessment.scope.digest);
    }
    if order == EXTENDED {
        let heading: Heading = parse(seq, bytes)?;
        let extended: Extended = parse(seq, bytes)?;
        let position = extended.position.numbered(conn)?;
        let at = (position, extended.position.clone());
        let extension = prepare(conn, dictionary, &extended.recall, at)?;
        let scope = &extension.assessment().scope.digest;
        put_extended(conn, seq, &heading, &extended, &extension)?;
        check_digest(seq, "scope", &extended.digest, scope)?;
        return check_digest(seq, "difference", &extended.difference, extension.digest());
    }
    if order == RELEASED {
        let heading: Heading = parse(seq, bytes)?;
        let released: Released = parse(seq, bytes)?;
        return put_released(conn, seq, &heading, &released);
    }
    let Some(action) = Action::of_order(order) else {
        return Ok(());
    };
    let heading: Heading = parse(seq, bytes)?;
    let acted: Acted = parse(seq, bytes)?;
    put_acted(conn, seq, &heading, action, &acted).map(|_| ())
}

fn check_digest(seq: i64, of: &str, recorded: &str, found: &str) -> Result<(), Error> {
    if recorded == found {
        return Ok(());
    }
    let what = format!("it says that the digest of the {of} is {recorded}, and it is {found}");
    Err(Error::Misfit { seq, what })
}

fn parse<T: DeserializeOwned>(seq: i64, bytes: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(bytes).map_err(|source| Error::Order { seq, source })
}

impl Opened {
    pub(super) fn of(id: String, reason: String, assessment: &Assessment) -> Self {
        let summary = &assessment.scope.summary;
        Self {
            recall: id,
            version: 1,
            reason,
            definition: assessment.definition.clone(),
            position: assessment.position.clone(),
            unit_count: summary.unit_count,
            quantity: summary.quantity.clone(),
            digest: assessment.scope.digest.clone(),
        }
    }
}

/// Writes the rows of an opened recall.
pub(super) fn put_opened(
    conn: &mut Conn,
    seq: i64,
    heading: &Heading,
    opened: &Opened,
    scope: &Scope,
) -> Result<(), Error> {
    let opened_at = time("at", &heading.at)?.micros();
    let case = Case {
        id: opened.recall.clone(),
        seq,
        version: opened.version,
        state: State::Assessing,
        org: heading.org.clone(),
        reason: opened.reason.clone(),
        hazard: opened.definition.hazard.clone(),
        opened_at,
        assumed: None,
    };
    store::insert_case(conn, &case)?;
    store_versions::insert_version(
        conn,
        &case.id,
        (case.version, seq),
        &opened.definition,
        &opened.position,
        scope,
    )?;
    store::add_move(
        conn,
        MoveRow {
            recall: case.id,
            seq,
            action: "open".to_owned(),
            state: State::Assessing.as_str().to_owned(),
            given_by: heading.by.clone(),
            org: heading.org.clone(),
            given_at: opened_at,
            reason: opened.reason.clone(),
            assumed: None,
        },
    )
}

/// Writes the rows of a move and tells the state after it.
pub(super) fn put_acted(
    conn: &mut Conn,
    seq: i64,
    heading: &Heading,
    action: Action,
    acted: &Acted,
) -> Result<State, Error> {
    let misfit = |what: String| Error::Misfit { seq, what };
    let case = store::case(conn, &acted.recall)?;
    let mut tasks = store::tasks(conn, &case.id)?;
    let open_tasks = tasks.iter().filter(|task| task.state.is_open()).count();
    let state = case
        .state
        .after(action, open_tasks)
        .map_err(|illegal| misfit(illegal.to_string()))?;
    let at = time("at", &heading.at)?.micros();
    match (action, state) {
        (Action::Notify, _) => {
            let summary = store_versions::version(conn, &case.id, case.version)?.summary;
            let removals = open_removals(conn, &case.id, case.version)?;
            let mut due = due(&summary, &removals, case.assumed);
            let told = acted.sent.iter().map(|holder| (holder, TaskState::Sent));
            let untold = acted
                .created
                .iter()
                .map(|holder| (holder, TaskState::Created));
            for (holder, state) in told.chain(untold) {
                let (unit_count, amounts) = due
                    .remove(holder)
                    .ok_or_else(|| misfit(format!("{holder:?} holds nothing of it")))?;
                let task = Task {
                    holder: holder.clone(),
                    seq,
                    version: case.version,
                    state,
                    unit_count,
                    quantity: amounts.quantities(),
                    found: None,
                    quarantined: None,
                    reason: None,
                    changed_at: at,
                };
                store::put_task(conn, &case.id, &task)?;
            }
        }
        (Action::Ack, _) => {
            let task = tasks
                .iter_mut()
                .find(|task| Some(&task.holder) == acted.holder.as_ref())
                .ok_or_else(|| misfit("nobody with a task answers".to_owned()))?;
            task.state = TaskState::Acknowledged;
            task.found = acted.found;
            task.quarantined = acted.quarantined;
            task.reason = Some(acted.reason.clone());
            task.changed_at = at;
            store::put_task(conn, &case.id, task)?;
        }
        (Action::Close, State::Closed) => {
            for task in tasks.iter_mut().filter(|task| task.state.is_open()) {
                task.state = TaskState::WrittenOff;
                task.reason = Some(acted.reason.clone());
                task.changed_at = at;
                store::put_task(conn, &case.id, task)?;
            }
        }
        (Action::Decide, _) => {
            if let Some(ruling) = acted.assumed {
                store::put_ruling(conn, &case.id, ruling)?;
            }
        }
        (Action::Close | Action::Cancel, _) => {}
    }
    let row = MoveRow {
        recall: case.id,
        seq,
        action: action.as_str().to_owned(),
        state: state.as_str().to_owned(),
        given_by: heading.by.clone(),
        org: heading.org.clone(),
        given_at: at,
        reason: acted.reason.clone(),
        assumed: acted.assumed.map(|ruling| ruling.as_str().to_owned()),
    };
    store::put_move(conn, state, row)?;
    Ok(state)
}
