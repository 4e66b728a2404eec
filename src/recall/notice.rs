//! Notices: what others are told of a recall. Every order makes one, and one more for each task that it
//! opened or changed; the end of a recall is told of every task. Pure.

use std::collections::BTreeMap;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::Error;
use super::extend::EXTENDED;
use super::orders::OPENED;
use super::state::Action;
use super::store::{Case, Task, json};
use super::summary::Summary;
use super::versions::RELEASED;
use crate::epcis::Timestamp;
use crate::ledger::Giver;
use crate::trace::Quantity;

/// The kind of a notice about a holder's task; every other notice has the name of its order.
const TASK: &str = "recall-task";

/// A notice as it waits to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The position in `control/0` of the order that made it: notices are sent in this order.
    pub seq: i64,
    /// Which of the notices of its order, from 0.
    pub part: i32,
    /// A UUID that stays the same however often the notice is sent.
    pub id: String,
    /// The recall: among notices of one key the order matters.
    pub key: String,
    /// The name of its order, or `recall-task`.
    pub kind: String,
    /// What it says, as JSON.
    pub payload: String,
    /// When its order was given.
    pub created_at: Timestamp,
}

/// The kinds of notices there are.
pub const KINDS: [&str; 9] = [
    OPENED,
    Action::Decide.order(),
    Action::Notify.order(),
    Action::Ack.order(),
    Action::Close.order(),
    Action::Cancel.order(),
    EXTENDED,
    RELEASED,
    TASK,
];

/// A notice, and the holder whose task it tells of; none of an order's own notice.
pub(super) struct Addressed {
    pub(super) notice: Notice,
    pub(super) holder: Option<String>,
}

/// An order that was recorded and applied.
#[derive(Debug, Clone, Copy)]
pub(super) struct Given<'a> {
    pub(super) order: &'a str,
    pub(super) seq: i64,
    pub(super) giver: &'a Giver,
    pub(super) reason: &'a str,
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    kind: &'a str,
    recall: &'a str,
    seq: i64,
    part: i32,
    at: String,
    state: &'static str,
    version: i32,
    conductor: Option<&'a str>,
    org: Option<&'a str>,
    reason: &'a str,
    hazard: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<Size<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    task: Option<TaskBody<'a>>,
}

#[derive(Serialize)]
struct Size<'a> {
    unit_count: u64,
    lot_count: u64,
    quantity: &'a [Quantity],
    open_tasks: usize,
}

#[derive(Serialize)]
struct TaskBody<'a> {
    holder: &'a str,
    state: &'static str,
    version: i32,
    unit_count: u64,
    quantity: &'a [Quantity],
    found: Option<i64>,
    quarantined: Option<i64>,
    reason: Option<&'a str>,
}

/// The notices of an order: the case as it is after it, and the tasks that are not as they were before. Who has a task
/// hears that the recall is about to be closed, and that it is, though nothing of the task changed.
pub(super) fn notices(
    given: Given<'_>,
    case: &Case,
    summary: &Summary,
    (before, after): (&[Task], &[Task]),
) -> Result<Vec<Addressed>, Error> {
    let size = Size {
        unit_count: summary.unit_count,
        lot_count: summary.lot_count,
        quantity: &summary.quantity,
        open_tasks: after.iter().filter(|task| task.state.is_open()).count(),
    };
    let is_end = given.order == Action::Close.order();
    let before: BTreeMap<&str, &Task> = before
        .iter()
        .map(|task| (task.holder.as_str(), task))
        .collect();
    let is_same = |task: &Task| before.get(task.holder.as_str()) == Some(&task);
    let changed = after.iter().filter(|task| is_end || !is_same(task));
    let tasks = changed.map(|task| TaskBody {
        holder: &task.holder,
        state: task.state.as_str(),
        version: task.version,
        unit_count: task.unit_count,
        quantity: &task.quantity,
        found: task.found,
        quarantined: task.quarantined,
        reason: task.reason.as_deref(),
    });
    let first = (given.order, Some(size), None);
    let contents = std::iter::once(first).chain(tasks.map(|task| (TASK, None, Some(task))));
    (0..)
        .zip(contents)
        .map(|(part, (kind, scope, task))| {
            let body = Body {
                id: None,
                kind,
                recall: &case.id,
                seq: given.seq,
                part,
                at: given.giver.at.to_string(),
                state: case.state.as_str(),
                version: case.version,
                conductor: case.org.as_deref(),
                org: given.giver.on_behalf_of.as_deref(),
                reason: given.reason,
                hazard: case.hazard.as_deref(),
                scope,
                task,
            };
            let holder = body.task.as_ref().map(|task| task.holder.to_owned());
            let notice = written(body, given.giver.at)?;
            Ok(Addressed { notice, holder })
        })
        .collect()
}

/// The notice that says this. Its id follows from what it says, so that nothing else can ever have it.
fn written(mut body: Body<'_>, created_at: Timestamp) -> Result<Notice, Error> {
    let digest: [u8; 32] = Sha256::digest(json(&body)?.as_bytes()).into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    let id = uuid::Builder::from_custom_bytes(bytes)
        .into_uuid()
        .to_string();
    body.id = Some(id.clone());
    Ok(Notice {
        seq: body.seq,
        part: body.part,
        id,
        key: body.recall.to_owned(),
        kind: body.kind.to_owned(),
        payload: json(&body)?,
        created_at,
    })
}
