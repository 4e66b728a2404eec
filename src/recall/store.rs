//! The rows of recalls: cases, versions, tasks, moves and frozen scopes.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use sha2::{Digest as _, Sha256};

use super::pack::{pack, unpack};
use super::scope::{Group, LotPart, Scope, ScopeBlock, ScopeLot};
use super::state::{State, TaskState};
use super::summary::Summary;
use super::{Definition, Error, store_excluded};
use crate::codes::{Block, MemberSet};
use crate::db::schema::{
    recall_moves, recall_names, recall_tasks, recall_versions, recalls, scope_blocks, scope_lots,
};
use crate::db::{self, Conn, bulk_insert};
use crate::trace::evaluate::Certainty;
use crate::trace::{EventKey, NamedPosition, Quantity};

/// Blocks of one query.
const BLOCKS_A_QUERY: usize = 256;

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
}

/// A frozen version without its units and lots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) number: i32,
    pub(super) scope: Vec<u8>,
    pub(super) definition: Definition,
    pub(super) position: NamedPosition,
    pub(super) summary: Summary,
    pub(super) groups: Vec<Group>,
    pub(super) digest: String,
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
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = recall_versions)]
struct VersionRow {
    recall: String,
    version: i32,
    seq: i64,
    scope: Vec<u8>,
    definition: String,
    ledger_position: String,
    summary: String,
    holdings: String,
    digest: String,
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

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = scope_blocks)]
#[diesel(treat_none_as_default_value = false)]
struct BlockRow {
    scope: Vec<u8>,
    block: Vec<u8>,
    data: Vec<u8>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = scope_lots)]
#[diesel(treat_none_as_default_value = false)]
struct LotRow {
    scope: Vec<u8>,
    lot: Vec<u8>,
    data: String,
}

#[derive(Insertable)]
#[diesel(table_name = recall_names)]
#[diesel(treat_none_as_default_value = false)]
struct NameRow {
    name: String,
    recall: String,
    version: i32,
}

/// `scope_lots.data`.
#[derive(serde::Serialize, serde::Deserialize)]
struct LotData {
    id: String,
    certainty: u8,
    path: Vec<EventKey>,
    parts: Vec<LotPart>,
}

fn json<T: serde::Serialize + ?Sized>(value: &T) -> Result<String, Error> {
    serde_json::to_string(value).map_err(Error::Unwritable)
}

fn read<T: serde::de::DeserializeOwned>(table: &'static str, text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| Error::corrupt(table, &error))
}

/// The key of a frozen scope.
fn scope_key(recall: &str, version: i32) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(version.to_be_bytes());
    hash.update(recall);
    hash.finalize()[..16].to_vec()
}

impl TryFrom<CaseRow> for Case {
    type Error = Error;

    fn try_from(row: CaseRow) -> Result<Self, Error> {
        let state = State::from_name(&row.state).ok_or_else(|| {
            Error::corrupt("recalls", &format!("{}: state {:?}", row.id, row.state))
        })?;
        Ok(Self {
            id: row.id,
            seq: row.seq,
            version: row.version,
            state,
            org: row.org,
            reason: row.reason,
            hazard: row.hazard,
            opened_at: row.opened_at,
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

/// Adds a case with its first version and frozen scope.
pub(super) fn insert_case(
    conn: &mut Conn,
    case: &Case,
    definition: &Definition,
    position: &NamedPosition,
    scope: &Scope,
) -> Result<(), Error> {
    let key = scope_key(&case.id, case.version);
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
        })
        .execute(conn)
        .map_err(db::Error::from)?;
    diesel::insert_into(recall_versions::table)
        .values(VersionRow {
            recall: case.id.clone(),
            version: case.version,
            seq: case.seq,
            scope: key.clone(),
            definition: json(definition)?,
            ledger_position: json(position)?,
            summary: json(&scope.summary)?,
            holdings: json(&scope.groups)?,
            digest: scope.digest.clone(),
        })
        .execute(conn)
        .map_err(db::Error::from)?;
    let names: Vec<NameRow> = definition
        .lots
        .union(&definition.units)
        .map(|name| NameRow {
            name: name.clone(),
            recall: case.id.clone(),
            version: case.version,
        })
        .collect();
    bulk_insert!(conn, recall_names::table, names)?;
    let blocks: Vec<BlockRow> = scope
        .blocks
        .iter()
        .map(|block| BlockRow {
            scope: key.clone(),
            block: block.block.0.to_vec(),
            data: pack(block),
        })
        .collect();
    bulk_insert!(conn, scope_blocks::table, blocks)?;
    store_excluded::insert(conn, &key, &scope.excluded)?;
    let lots: Vec<LotRow> = scope
        .lots
        .iter()
        .map(|lot| {
            Ok(LotRow {
                scope: key.clone(),
                lot: lot.lot.0.to_vec(),
                data: json(&LotData {
                    id: lot.id.clone(),
                    certainty: lot.certainty as u8,
                    path: lot.path.clone(),
                    parts: lot.parts.clone(),
                })?,
            })
        })
        .collect::<Result<_, Error>>()?;
    bulk_insert!(conn, scope_lots::table, lots)?;
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

/// The versions that name one of these identifiers.
pub(super) fn versions_naming(
    conn: &mut Conn,
    names: &[String],
) -> Result<Vec<(String, i32)>, Error> {
    Ok(recall_names::table
        .filter(recall_names::name.eq_any(names))
        .select((recall_names::recall, recall_names::version))
        .load(conn)
        .map_err(db::Error::from)?)
}

/// The versions whose frozen scope has one of these units.
pub(super) fn versions_with_units(
    conn: &mut Conn,
    units: &BTreeMap<Block, MemberSet>,
) -> Result<BTreeSet<(String, i32)>, Error> {
    let keys: Vec<&[u8]> = units.keys().map(|block| block.0.as_slice()).collect();
    let mut found = BTreeSet::new();
    for keys in keys.chunks(BLOCKS_A_QUERY) {
        let rows: Vec<(String, i32, Vec<u8>, Vec<u8>)> = scope_blocks::table
            .inner_join(recall_versions::table.on(recall_versions::scope.eq(scope_blocks::scope)))
            .filter(scope_blocks::block.eq_any(keys))
            .select((
                recall_versions::recall,
                recall_versions::version,
                scope_blocks::block,
                scope_blocks::data,
            ))
            .load(conn)
            .map_err(db::Error::from)?;
        for (recall, version, of_block, data) in rows {
            let scope = unpack(block("scope_blocks", &of_block)?, &data)?;
            let wanted = units.get(&scope.block);
            let meets =
                |members: &MemberSet| wanted.is_some_and(|wanted| wanted.intersects(members));
            if scope.cells.iter().any(|cell| meets(&cell.members)) {
                found.insert((recall, version));
            }
        }
    }
    Ok(found)
}

/// The versions whose frozen scope has this lot.
pub(super) fn versions_with_lot(conn: &mut Conn, lot: Block) -> Result<Vec<(String, i32)>, Error> {
    Ok(scope_lots::table
        .inner_join(recall_versions::table.on(recall_versions::scope.eq(scope_lots::scope)))
        .filter(scope_lots::lot.eq(lot.0.as_slice()))
        .select((recall_versions::recall, recall_versions::version))
        .load(conn)
        .map_err(db::Error::from)?)
}

/// A version of a case.
pub(super) fn version(conn: &mut Conn, recall: &str, version: i32) -> Result<Version, Error> {
    let row: Option<VersionRow> = recall_versions::table
        .find((recall, version))
        .select(VersionRow::as_select())
        .first(conn)
        .optional()
        .map_err(db::Error::from)?;
    let row = row.ok_or_else(|| Error::NoVersion {
        recall: recall.to_owned(),
        version,
    })?;
    Ok(Version {
        number: row.version,
        scope: row.scope,
        definition: read("recall_versions", &row.definition)?,
        position: read("recall_versions", &row.ledger_position)?,
        summary: read("recall_versions", &row.summary)?,
        groups: read("recall_versions", &row.holdings)?,
        digest: row.digest,
    })
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

/// Blocks of a frozen scope from one on, in order.
pub(super) fn blocks_from(
    conn: &mut Conn,
    scope: &[u8],
    from: Block,
    limit: i64,
) -> Result<Vec<ScopeBlock>, Error> {
    let rows: Vec<BlockRow> = scope_blocks::table
        .filter(scope_blocks::scope.eq(scope))
        .filter(scope_blocks::block.ge(from.0.as_slice()))
        .order(scope_blocks::block)
        .limit(limit)
        .select(BlockRow::as_select())
        .load(conn)
        .map_err(db::Error::from)?;
    rows.iter()
        .map(|row| Ok(unpack(block("scope_blocks", &row.block)?, &row.data)?))
        .collect()
}

/// Lots of a frozen scope from one on, in order.
pub(super) fn lots_from(
    conn: &mut Conn,
    scope: &[u8],
    from: Block,
    limit: i64,
) -> Result<Vec<ScopeLot>, Error> {
    let rows: Vec<LotRow> = scope_lots::table
        .filter(scope_lots::scope.eq(scope))
        .filter(scope_lots::lot.ge(from.0.as_slice()))
        .order(scope_lots::lot)
        .limit(limit)
        .select(LotRow::as_select())
        .load(conn)
        .map_err(db::Error::from)?;
    rows.iter()
        .map(|row| {
            let data: LotData = read("scope_lots", &row.data)?;
            Ok(ScopeLot {
                lot: block("scope_lots", &row.lot)?,
                id: data.id,
                certainty: certainty(data.certainty)?,
                path: data.path,
                parts: data.parts,
            })
        })
        .collect()
}

fn block(table: &'static str, bytes: &[u8]) -> Result<Block, Error> {
    bytes
        .try_into()
        .map(Block)
        .map_err(|_wrong_length| Error::corrupt(table, &"a block's id has not 16 bytes"))
}

fn certainty(number: u8) -> Result<Certainty, Error> {
    super::pack::certainty(number).map_err(|damaged| Error::corrupt("scope_lots", &damaged))
}

/// Empties the projections.
pub fn clear(conn: &mut Conn) -> Result<(), db::Error> {
    store_excluded::clear(conn)?;
    diesel::delete(scope_lots::table).execute(conn)?;
    diesel::delete(scope_blocks::table).execute(conn)?;
    diesel::delete(recall_moves::table).execute(conn)?;
    diesel::delete(recall_tasks::table).execute(conn)?;
    diesel::delete(recall_names::table).execute(conn)?;
    diesel::delete(recall_versions::table).execute(conn)?;
    diesel::delete(recalls::table).execute(conn)?;
    Ok(())
}
