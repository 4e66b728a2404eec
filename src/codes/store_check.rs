//! The dictionary checked against itself and copied: what `verify` needs of it.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::store::{UnitRow, insert_blocks, insert_units};
use super::{BaseRow, Block, BlockKind, dictionary};
use crate::db::schema::{blocks, units};
use crate::db::{self, Conn};
use crate::ledger::{Bad, SealKey, hex};

/// Rows read at a time.
const PAGE: i64 = 2_000;

/// Whether a row of `blocks`, as text (block in hexadecimal, kind, base), is the hash of its base.
pub fn is_consistent_row(values: &[Option<String>]) -> bool {
    let [Some(block), Some(kind), Some(base)] = values else {
        return false;
    };
    let kind = kind.parse().ok().and_then(BlockKind::from_number);
    match (parse_block(block), kind) {
        (Some(block), Some(kind)) => BaseRow {
            block,
            kind,
            base: base.clone(),
        }
        .is_consistent(),
        _ => false,
    }
}

fn parse_block(hex: &str) -> Option<Block> {
    let mut id = [0; 16];
    if hex.len() != 32 || !hex.is_ascii() {
        return None;
    }
    for (byte, pair) in id.iter_mut().zip(hex.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(Block(id))
}

/// Interned rows whose seal does not hold or whose hash is not their identifier's.
pub fn bad_units(conn: &mut Conn, key: &SealKey) -> Result<Vec<Bad>, db::Error> {
    let mut bad = Vec::new();
    each_page(conn, |rows| {
        for row in rows {
            if row.hash == dictionary::hash(&row.identifier) && row.sealer(key).matches(&row.seal) {
                continue;
            }
            let name = BTreeMap::from([
                ("hash".to_owned(), hex(&row.hash)),
                ("identifier".to_owned(), row.identifier.clone()),
            ]);
            bad.push(Bad::of_row(
                "units",
                name,
                Some("seal"),
                "the seal over this row",
                "another",
            ));
        }
        Ok(())
    })?;
    Ok(bad)
}

/// Copies the interned identifiers and their blocks into an empty dictionary; a block that has no row is
/// named. A row whose address cannot be is left behind: [`bad_units`] names it.
pub fn copy_units(from: &mut Conn, to: &mut Conn) -> Result<Vec<Bad>, db::Error> {
    let mut wanted: BTreeSet<Vec<u8>> = BTreeSet::new();
    each_page(from, |rows| {
        let sound = rows.iter().filter(|row| row.address().is_ok());
        let sound: Vec<UnitRow> = sound.cloned().collect();
        wanted.extend(sound.iter().map(|row| row.block.clone()));
        insert_units(to, &sound).map(|_| ())
    })?;
    let keys: Vec<&Vec<u8>> = wanted.iter().collect();
    let mut found: BTreeMap<Vec<u8>, String> = BTreeMap::new();
    for chunk in keys.chunks(1_000) {
        let rows: Vec<(Vec<u8>, String)> = blocks::table
            .filter(blocks::block.eq_any(chunk.iter().map(|key| key.as_slice())))
            .select((blocks::block, blocks::base))
            .load(from)?;
        found.extend(rows);
    }
    let rows: Vec<BaseRow> = found
        .values()
        .map(|base| BaseRow::hashed(BlockKind::Interned, base.clone()))
        .collect();
    insert_blocks(to, &rows)?;
    Ok(wanted
        .into_iter()
        .filter(|block| !found.contains_key(block))
        .map(|block| {
            let key = [("block".to_owned(), hex(&block))].into();
            Bad::of_row(
                "blocks",
                key,
                None,
                "a row: interned identifiers lie in this block",
                "no row",
            )
        })
        .collect())
}

fn each_page(
    conn: &mut Conn,
    mut take: impl FnMut(&[UnitRow]) -> Result<(), db::Error>,
) -> Result<(), db::Error> {
    let mut after: Vec<u8> = Vec::new();
    loop {
        let page: Vec<UnitRow> = units::table
            .filter(units::hash.gt(&after))
            .order(units::hash)
            .limit(PAGE)
            .select(UnitRow::as_select())
            .load(conn)?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        let next = last.hash.clone();
        take(&page)?;
        after = next;
    }
}
