//! What an extension and a release do to the tasks of holders.

use std::collections::BTreeMap;

use super::Error;
use super::amounts::Amounts;
use super::assumed::Ruling;
use super::extend::{Extended, Extension, due};
use super::state::TaskState;
use super::store::{self, Task};
use super::store_versions::Removal;
use super::summary::Summary;
use crate::db::Conn;

/// When and by which order tasks change.
#[derive(Debug, Clone, Copy)]
pub(super) struct Change<'a> {
    pub(super) recall: &'a str,
    pub(super) seq: i64,
    pub(super) at: i64,
    pub(super) reason: &'a str,
}

/// The holders that get a task by an extension, or have to answer again: those without one, and those whose
/// task is answered or over and who have something they did not have to answer for under what was ruled before.
pub(super) fn to_tell(
    tasks: &[Task],
    extension: &Extension,
    (before, now): (Option<Ruling>, Option<Ruling>),
) -> Vec<String> {
    let gained = &extension.difference().holders;
    let assumed = extension.assumed().holders;
    let has_gained = |holder: &str| {
        if now == Some(Ruling::Leave) {
            return extension.surely_gained.contains(holder);
        }
        let change = gained.iter().find(|change| change.holder == holder);
        let was_left_out = before == Some(Ruling::Leave);
        change.is_some_and(|change| 0 < change.gained + change.lots_gained)
            || was_left_out && assumed.iter().any(|due| due.holder == holder)
    };
    let state = |holder: &str| {
        let task = tasks.iter().find(|task| task.holder == holder);
        task.map(|task| task.state)
    };
    let holders = extension.due(now).into_keys();
    holders
        .filter(|holder| match state(holder) {
            None => true,
            Some(state) => !state.is_open() && has_gained(holder),
        })
        .collect()
}

/// Tasks after an extension: new ones, those that are open again, and raised counts. A count never falls
/// here: goods that moved on were there. Tells how many tasks it opened.
pub(super) fn extended(
    conn: &mut Conn,
    change: Change<'_>,
    (extended, ruling): (&Extended, Option<Ruling>),
    extension: &Extension,
) -> Result<usize, Error> {
    let mut tasks: BTreeMap<String, Task> = store::tasks(conn, change.recall)?
        .into_iter()
        .map(|task| (task.holder.clone(), task))
        .collect();
    for (holder, (unit_count, amounts)) in extension.due(ruling) {
        let opened = if extended.sent.contains(&holder) {
            Some(TaskState::Sent)
        } else if extended.created.contains(&holder) {
            Some(TaskState::Created)
        } else {
            None
        };
        let before = tasks.remove(&holder);
        let mut task = match (before.clone(), opened) {
            (Some(task), _) => task,
            (None, Some(state)) => Task {
                holder,
                seq: change.seq,
                version: extended.version,
                state,
                unit_count: 0,
                quantity: Vec::new(),
                found: None,
                quarantined: None,
                reason: None,
                changed_at: change.at,
            },
            (None, None) => continue,
        };
        if let Some(state) = opened {
            task.state = state;
            task.version = extended.version;
            if before.is_some() {
                task.reason = Some(change.reason.to_owned());
            }
        }
        task.unit_count = task.unit_count.max(unit_count);
        task.quantity = Amounts::of(&task.quantity).raised(amounts).quantities();
        if before.as_ref() != Some(&task) {
            task.version = extended.version;
            task.changed_at = change.at;
            store::put_task(conn, change.recall, &task)?;
        }
    }
    Ok(extended.sent.len() + extended.created.len())
}

/// Tasks after a release: what was released is no longer to be answered for. What is left out now is not taken
/// away: it need not have been counted, and a count that is too large is the safe one. A holder left with nothing is
/// released too.
pub(super) fn released(
    conn: &mut Conn,
    change: Change<'_>,
    released: &[&Removal],
    ruling: Option<Ruling>,
) -> Result<(), Error> {
    let mut gone = due(&Summary::default(), released.iter().copied(), ruling);
    for mut task in store::tasks(conn, change.recall)? {
        let Some((units, amounts)) = gone.remove(&task.holder) else {
            continue;
        };
        task.unit_count = task.unit_count.saturating_sub(units);
        let rest = Amounts::of(&task.quantity).less(&amounts);
        if task.unit_count == 0 && rest.is_empty() {
            task.state = TaskState::Released;
            task.reason = Some(change.reason.to_owned());
        }
        task.quantity = rest.quantities();
        task.changed_at = change.at;
        store::put_task(conn, change.recall, &task)?;
    }
    Ok(())
}
