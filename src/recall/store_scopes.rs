//! The rows of frozen scopes: blocks of units and lots, of what a version found and of what it keeps; and
//! the way back, from a thing to the scopes it is in.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::pack::{pack, unpack};
use super::scope::{LotPart, ScopeBlock, ScopeLot};
use super::store::{json, read};
use super::store_versions::{compared, releases, version};
use super::{Definition, Error};
use crate::codes::{Block, MemberSet};
use crate::db::schema::{
    recall_differences, recall_names, recall_versions, scope_blocks, scope_lots,
};
use crate::db::{self, Conn, bulk_insert};
use crate::trace::evaluate::Certainty;
use crate::trace::{EventKey, Quantity};

/// Blocks of one query.
const BLOCKS_A_QUERY: usize = 256;

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
    parts: Vec<PartData>,
    /// Of a kept lot: the version that proposes to remove it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    proposed_in: Option<i32>,
}

/// A part in `scope_lots.data`: class and path where they are not those of the lot.
#[derive(serde::Serialize, serde::Deserialize)]
struct PartData {
    quantity: Quantity,
    group: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    certainty: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path: Option<Vec<EventKey>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    inside: Option<String>,
}

impl PartData {
    fn of(lot: &ScopeLot, part: &LotPart) -> Self {
        Self {
            quantity: part.quantity.clone(),
            group: part.group,
            certainty: (part.certainty != lot.certainty).then_some(part.certainty as u8),
            path: (part.path != lot.path).then(|| part.path.clone()),
            inside: part.inside.clone(),
        }
    }

    fn part(self, of_lot: Certainty, path: &[EventKey]) -> Result<LotPart, Error> {
        Ok(LotPart {
            quantity: self.quantity,
            certainty: self.certainty.map_or(Ok(of_lot), certainty)?,
            path: self.path.unwrap_or_else(|| path.to_vec()),
            group: self.group,
            inside: self.inside,
        })
    }
}

/// Adds the names that a version was asked for.
pub(super) fn insert_names(
    conn: &mut Conn,
    recall: &str,
    version: i32,
    definition: &Definition,
) -> Result<(), Error> {
    let names: Vec<NameRow> = definition
        .lots
        .union(&definition.units)
        .map(|name| NameRow {
            name: name.clone(),
            recall: recall.to_owned(),
            version,
        })
        .collect();
    Ok(bulk_insert!(conn, recall_names::table, names)?)
}

/// Adds a scope under a key: its units, and its lots, each with the version that proposes to remove it.
pub(super) fn insert_scope<'l>(
    conn: &mut Conn,
    key: &[u8],
    blocks: &[ScopeBlock],
    lots: impl Iterator<Item = (&'l ScopeLot, Option<i32>)>,
) -> Result<(), Error> {
    let blocks: Vec<BlockRow> = blocks
        .iter()
        .map(|block| BlockRow {
            scope: key.to_vec(),
            block: block.block.0.to_vec(),
            data: pack(block),
        })
        .collect();
    bulk_insert!(&mut *conn, scope_blocks::table, blocks)?;
    let lots: Vec<LotRow> = lots
        .map(|(lot, proposed_in)| {
            Ok(LotRow {
                scope: key.to_vec(),
                lot: lot.lot.0.to_vec(),
                data: json(&LotData {
                    id: lot.id.clone(),
                    certainty: lot.certainty as u8,
                    path: lot.path.clone(),
                    parts: lot
                        .parts
                        .iter()
                        .map(|part| PartData::of(lot, part))
                        .collect(),
                    proposed_in,
                })?,
            })
        })
        .collect::<Result<_, Error>>()?;
    Ok(bulk_insert!(conn, scope_lots::table, lots)?)
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

/// Lots of a frozen scope from one on, in order, each with the version that proposes to remove it.
pub(super) fn lots_from(
    conn: &mut Conn,
    scope: &[u8],
    from: Block,
    limit: i64,
) -> Result<Vec<(ScopeLot, Option<i32>)>, Error> {
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
            let of_lot = certainty(data.certainty)?;
            let parts = data.parts.into_iter();
            let lot = ScopeLot {
                lot: block("scope_lots", &row.lot)?,
                id: data.id,
                certainty: of_lot,
                parts: parts
                    .map(|part| part.part(of_lot, &data.path))
                    .collect::<Result<_, Error>>()?,
                path: data.path,
            };
            Ok((lot, data.proposed_in))
        })
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

/// The versions that found one of these units, or keep one whose removal is not released, with the best class
/// of any of them.
pub(super) fn versions_with_units(
    conn: &mut Conn,
    units: &BTreeMap<Block, MemberSet>,
) -> Result<BTreeMap<(String, i32), Certainty>, Error> {
    let keys: Vec<&[u8]> = units.keys().map(|block| block.0.as_slice()).collect();
    let mut found = BTreeMap::new();
    let mut kept: BTreeMap<(String, i32), Classes> = BTreeMap::new();
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
            let classes = groups_with(units, &of_block, &data)?.into_values();
            better(&mut found, (recall, version), classes.min());
        }
        let rows: Vec<(String, i32, Vec<u8>, Vec<u8>)> = scope_blocks::table
            .inner_join(
                recall_differences::table.on(recall_differences::kept.eq(scope_blocks::scope)),
            )
            .filter(scope_blocks::block.eq_any(keys))
            .select((
                recall_differences::recall,
                recall_differences::version,
                scope_blocks::block,
                scope_blocks::data,
            ))
            .load(conn)
            .map_err(db::Error::from)?;
        for (recall, version, of_block, data) in rows {
            let classes = kept.entry((recall, version)).or_default();
            for (group, class) in groups_with(units, &of_block, &data)? {
                better(classes, group, Some(class));
            }
        }
    }
    for ((recall, version), classes) in kept {
        let Some(compared) = compared(conn, &recall, version)? else {
            continue;
        };
        let released = releases(conn, &recall)?;
        let stays = |group: u32| {
            let group = compared.groups.get(group as usize);
            group.is_some_and(|group| !released.contains_key(&group.version))
        };
        let classes = classes.into_iter().filter(|(group, _)| stays(*group));
        let best = classes.map(|(_, class)| class).min();
        better(&mut found, (recall, version), best);
    }
    Ok(found)
}

/// The best class by group.
type Classes = BTreeMap<u32, Certainty>;

/// Notes a class where it is better than the one that is known.
fn better<K: Ord>(known: &mut BTreeMap<K, Certainty>, key: K, class: Option<Certainty>) {
    if let Some(class) = class {
        let best = known.entry(key).or_insert(class);
        *best = class.min(*best);
    }
}

/// The groups of the wanted units in a block, each with their best class.
fn groups_with(
    units: &BTreeMap<Block, MemberSet>,
    of_block: &[u8],
    data: &[u8],
) -> Result<Classes, Error> {
    let scope = unpack(block("scope_blocks", of_block)?, data)?;
    let wanted = units.get(&scope.block);
    let meets = |members: &MemberSet| wanted.is_some_and(|wanted| wanted.intersects(members));
    let mut classes = Classes::new();
    for cell in scope.cells.iter().filter(|cell| meets(&cell.members)) {
        better(&mut classes, cell.group, Some(cell.certainty));
    }
    Ok(classes)
}

/// The best class of any part of a lot that a version found, or keeps while its removal is not released.
pub(super) fn lot_class(
    conn: &mut Conn,
    recall: &str,
    number: i32,
    lot: Block,
) -> Result<Option<Certainty>, Error> {
    let scope = version(conn, recall, number)?.scope;
    let mut lots = lots_from(conn, &scope, lot, 1)?;
    if let Some(compared) = compared(conn, recall, number)? {
        lots.extend(lots_from(conn, &compared.kept, lot, 1)?);
    }
    let released = releases(conn, recall)?;
    let here = lots.into_iter().filter(|(found, proposed_in)| {
        found.lot == lot && proposed_in.is_none_or(|version| !released.contains_key(&version))
    });
    Ok(here.map(|(lot, _)| best_part(&lot)).min())
}

/// The best class of any part; that of the lot when nobody knows its parts.
fn best_part(lot: &ScopeLot) -> Certainty {
    let parts = lot.parts.iter().map(|part| part.certainty);
    parts.min().unwrap_or(lot.certainty)
}

/// The versions that found this lot, or keep it while its removal is not released.
pub(super) fn versions_with_lot(conn: &mut Conn, lot: Block) -> Result<Vec<(String, i32)>, Error> {
    let mut found: Vec<(String, i32)> = scope_lots::table
        .inner_join(recall_versions::table.on(recall_versions::scope.eq(scope_lots::scope)))
        .filter(scope_lots::lot.eq(lot.0.as_slice()))
        .select((recall_versions::recall, recall_versions::version))
        .load(conn)
        .map_err(db::Error::from)?;
    let kept: Vec<(String, i32, String)> = scope_lots::table
        .inner_join(recall_differences::table.on(recall_differences::kept.eq(scope_lots::scope)))
        .filter(scope_lots::lot.eq(lot.0.as_slice()))
        .select((
            recall_differences::recall,
            recall_differences::version,
            scope_lots::data,
        ))
        .load(conn)
        .map_err(db::Error::from)?;
    for (recall, version, data) in kept {
        let data: LotData = read("scope_lots", &data)?;
        let released = releases(conn, &recall)?;
        if data
            .proposed_in
            .is_some_and(|version| !released.contains_key(&version))
        {
            found.push((recall, version));
        }
    }
    Ok(found)
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
