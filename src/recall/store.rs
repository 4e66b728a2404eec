//! The rows of cases: their state, tasks and moves. Versions and frozen scopes have files of their own.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::assumed::Ruling;
use super::state::{State, TaskState};
use super::{Error, store_excluded};
use crate::db::schema::{
    recall_differences, recall_moves, recall_names, recall_releases, recall_tasks, recall_versions,
    recalls, scope_blocks, scope_lots,
};
use crate::db::{self, Conn};
use crate::trace::Quantity;

/// A case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Case {
    pub(super) id: String,
    pub(super) seq: i64,
    pub(super) version: i32,
    pub(super) state: State,
    pub(super) org: Option<String>,
    pub(super) reason: String,
    pub(super) hazard: Option<String>,
    pub(super) opened_at: i64,
    /// What a person said of what is assumed.
    pub(super) assumed: Option<Ruling>,
}

/// A holder's task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Task {
    pub(super) holder: String,
    pub(super) seq: i64,
    pub(super) version: i32,
    pub(super) state: TaskState,
    pub(super) unit_count: u64,
    pub(super) quantity: Vec<Quantity>,
    pub(super) found: Option<i64>,
    pub(super) quarantined: Option<i64>,
    pub(super) reason: Option<String>,
    pub(super) changed_at: i64,
}

/// A move of a case.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = recall_moves)]
pub(super) struct MoveRow {
    pub(super) recall: String,
    pub(super) seq: i64,
    pub(super) action: String,
    pub(super) state: String,
    pub(super) given_by: String,
    pub(super) org: Option<String>,
    pub(super) given_at: i64,
    pub(super) reason: String,
    /// What it said of what is assumed: a word of [`Ruling`].
    pub(super) assumed: Option<String>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = recalls)]
struct CaseRow {
    id: String,
    seq: i64,
    version: i32,
    state: String,
    org: Option<String>,
    reason: String,
    hazard: Option<String>,
    opened_at: i64,
    assumed: Option<String>,
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = recall_tasks, treat_none_as_null = true)]
struct TaskRow {
    recall: String,
    holder: String,
    seq: i64,
    version: i32,
    state: String,
    unit_count: i64,
    quantity: String,
    found: Option<i64>,
    quarantined: Option<i64>,
    reason: Option<String>,
    changed_at: i64,
}

pub(super) fn json<T: serde::Serialize + ?Sized>(value: &T) -> Result<String, Error> {
    serde_json::to_string(value).map_err(Error::Unwritable)
}

pub(super) fn read<T: serde::de::DeserializeOwned>(
    table: &'static str,
    text: &str,
) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| Error::corrupt(table, &error))
}

impl TryFrom<CaseRow> for Case {
    type Error = Error;

    fn try_from(row: CaseRow) -> Result<Self, Error> {
        let state = State::from_name(&row.state).ok_or_else(|| {
            Error::corrupt("recalls", &format!("{}: state {:?}", row.id, row.state))
        })?;
        let assumed = row.assumed.map(|word| ruling("recalls", &word));
        Ok(Self {
            id: row.id,
            seq: row.seq,
            version: row.version,
            state,
            org: row.org,
            reason: row.reason,
            hazard: row.hazard,
            opened_at: row.opened_at,
            assumed: assumed.transpose()?,
        })
    }
}

impl TryFrom<TaskRow> for Task {
    type Error = Error;

    fn try_from(row: TaskRow) -> Result<Self, Error> {
        let state = TaskState::from_name(&row.state).ok_or_else(|| {
            Error::corrupt(
                "recall_tasks",
                &format!("{}: state {:?}", row.recall, row.state),
            )
        })?;
        Ok(Self {
            holder: row.holder,
            seq: row.seq,
            version: row.version,
            state,
            unit_count: row.unit_count.cast_unsigned(),
            quantity: read("recall_tasks", &row.quantity)?,
            found: row.found,
            quarantined: row.quarantined,
            reason: row.reason,
            changed_at: row.changed_at,
        })
    }
}

/// Adds a case.
pub(super) fn insert_case(conn: &mut Conn, case: &Case) -> Result<(), Error> {
    diesel::insert_into(recalls::table)
        .values(CaseRow {
            id: case.id.clone(),
            seq: case.seq,
            version: case.version,
            state: case.state.as_str().to_owned(),
            org: case.org.clone(),
            reason: case.reason.clone(),
            hazard: case.hazard.clone(),
            opened_at: case.opened_at,
            assumed: case.assumed.map(|ruling| ruling.as_str().to_owned()),
        })
        .execute(conn)
        .map_err(db::Error::from)?;
    Ok(())
}

/// The ruling with a word.
pub(super) fn ruling(table: &'static str, word: &str) -> Result<Ruling, Error> {
    let unknown = || Error::corrupt(table, &format!("assumed {word:?}"));
    Ruling::from_name(word).ok_or_else(unknown)
}

/// A person has said what becomes of what is assumed.
pub(super) fn put_ruling(conn: &mut Conn, recall: &str, ruling: Ruling) -> Result<(), Error> {
    diesel::update(recalls::table.find(recall))
        .set(recalls::assumed.eq(ruling.as_str()))
        .execute(conn)
        .map_err(db::Error::from)?;
    Ok(())
}

/// The case has a newer version.
pub(super) fn put_newest(conn: &mut Conn, recall: &str, version: i32) -> Result<(), Error> {
    diesel::update(recalls::table.find(recall))
        .set(recalls::version.eq(version))
        .execute(conn)
        .map_err(db::Error::from)?;
    Ok(())
}

/// The case with this id.
pub(super) fn case(conn: &mut Conn, id: &str) -> Result<Case, Error> {
    let row: Option<CaseRow> = recalls::table
        .find(id)
        .select(CaseRow::as_select())
        .first(conn)
        .optional()
        .map_err(db::Error::from)?;
    row.ok_or_else(|| Error::NoRecall(id.to_owned()))?
        .try_into()
}

/// All cases, newest first.
pub(super) fn cases(conn: &mut Conn) -> Result<Vec<Case>, Error> {
    let rows: Vec<CaseRow> = recalls::table
        .order(recalls::seq.desc())
        .select(CaseRow::as_select())
        .load(conn)
        .map_err(db::Error::from)?;
    rows.into_iter().map(Case::try_from).collect()
}

/// The cases whose present version is among these, newest first.
pub(super) fn cases_at(
    conn: &mut Conn,
    versions: &BTreeSet<(String, i32)>,
) -> Result<Vec<Case>, Error> {
    let ids: BTreeSet<&str> = versions.iter().map(|(id, _)| id.as_str()).collect();
    let rows: Vec<CaseRow> = recalls::table
        .filter(recalls::id.eq_any(ids))
        .order(recalls::seq.desc())
        .select(CaseRow::as_select())
        .load(conn)
        .map_err(db::Error::from)?;
    rows.into_iter()
        .filter(|row| versions.contains(&(row.id.clone(), row.version)))
        .map(Case::try_from)
        .collect()
}

/// Sets the state of a case and adds the move that did it.
pub(super) fn put_move(conn: &mut Conn, state: State, row: MoveRow) -> Result<(), Error> {
    diesel::update(recalls::table.find(&row.recall))
        .set(recalls::state.eq(state.as_str()))
        .execute(conn)
        .map_err(db::Error::from)?;
    add_move(conn, row)
}

/// Adds a move.
pub(super) fn add_move(conn: &mut Conn, row: MoveRow) -> Result<(), Error> {
    diesel::insert_into(recall_moves::table)
        .values(row)
        .execute(conn)
        .map_err(db::Error::from)?;
    Ok(())
}

/// The moves of a case, in order.
pub(super) fn moves(conn: &mut Conn, recall: &str) -> Result<Vec<MoveRow>, Error> {
    Ok(recall_moves::table
        .filter(recall_moves::recall.eq(recall))
        .order(recall_moves::seq)
        .select(MoveRow::as_select())
        .load(conn)
        .map_err(db::Error::from)?)
}

/// The tasks of a case, by holder.
pub(super) fn tasks(conn: &mut Conn, recall: &str) -> Result<Vec<Task>, Error> {
    let rows: Vec<TaskRow> = recall_tasks::table
        .filter(recall_tasks::recall.eq(recall))
        .order(recall_tasks::holder)
        .select(TaskRow::as_select())
        .load(conn)
        .map_err(db::Error::from)?;
    rows.into_iter().map(Task::try_from).collect()
}

/// The ids of the cases in which a holder has a task.
pub(super) fn recalls_of(conn: &mut Conn, holder: &str) -> Result<Vec<String>, Error> {
    Ok(recall_tasks::table
        .filter(recall_tasks::holder.eq(holder))
        .order(recall_tasks::recall)
        .select(recall_tasks::recall)
        .load(conn)
        .map_err(db::Error::from)?)
}

/// Writes a task, new or changed.
pub(super) fn put_task(conn: &mut Conn, recall: &str, task: &Task) -> Result<(), Error> {
    let row = TaskRow {
        recall: recall.to_owned(),
        holder: task.holder.clone(),
        seq: task.seq,
        version: task.version,
        state: task.state.as_str().to_owned(),
        unit_count: task.unit_count.cast_signed(),
        quantity: json(&task.quantity)?,
        found: task.found,
        quarantined: task.quarantined,
        reason: task.reason.clone(),
        changed_at: task.changed_at,
    };
    let changed = diesel::update(recall_tasks::table.find((recall, &task.holder)))
        .set(&row)
        .execute(conn)
        .map_err(db::Error::from)?;
    if changed == 0 {
        diesel::insert_into(recall_tasks::table)
            .values(row)
            .execute(conn)
            .map_err(db::Error::from)?;
    }
    Ok(())
}

/// Empties the projections.
pub fn clear(conn: &mut Conn) -> Result<(), db::Error> {
    store_excluded::clear(conn)?;
    diesel::delete(scope_lots::table).execute(conn)?;
    diesel::delete(scope_blocks::table).execute(conn)?;
    diesel::delete(recall_moves::table).execute(conn)?;
    diesel::delete(recall_tasks::table).execute(conn)?;
    diesel::delete(recall_names::table).execute(conn)?;
    diesel::delete(recall_releases::table).execute(conn)?;
    diesel::delete(recall_differences::table).execute(conn)?;
    diesel::delete(recall_versions::table).execute(conn)?;
    diesel::delete(recalls::table).execute(conn)?;
    Ok(())
}
