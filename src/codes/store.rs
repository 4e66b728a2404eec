//! Rows of the dictionary and of code batches.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::{Address, BLOCK_SIZE, BaseRow, Block, BlockKind, MemberSet};
use crate::db::schema::{blocks, code_batches, units};
use crate::db::{self, Conn};
use crate::gs1::{Gtin, Key};
use crate::ledger::{SealKey, Sealer};

/// Keys of one query.
const CHUNK: usize = 1_000;

/// Members of a block that are worth naming in a query.
const FEW_MEMBERS: u32 = 256;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = blocks)]
#[diesel(treat_none_as_default_value = false)]
struct BlockRow {
    block: Vec<u8>,
    kind: i32,
    base: String,
}

/// An interned identifier.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = units)]
#[diesel(treat_none_as_default_value = false)]
pub struct UnitRow {
    /// SHA-256 of the identifier.
    pub hash: Vec<u8>,
    /// Its block.
    pub block: Vec<u8>,
    /// Its member.
    pub member: i32,
    /// The canonical identifier.
    pub identifier: String,
    /// The seal over the row.
    pub seal: Vec<u8>,
}

impl UnitRow {
    pub(super) fn sealed(
        key: &SealKey,
        hash: [u8; 32],
        address: Address,
        identifier: &str,
    ) -> Self {
        let mut row = Self {
            hash: hash.to_vec(),
            block: address.block.0.to_vec(),
            member: address.member.into(),
            identifier: identifier.to_owned(),
            seal: Vec::new(),
        };
        row.seal = row.sealer(key).done();
        row
    }

    /// The seal this row must have.
    pub fn sealer(&self, key: &SealKey) -> Sealer {
        key.row("units")
            .bytes(&self.hash)
            .bytes(&self.block)
            .number(self.member.into())
            .text(&self.identifier)
    }

    pub(super) fn address(&self) -> Result<Address, db::Error> {
        let corrupt = |what| db::Error::Corrupt {
            table: "units",
            what: format!("{}: {what}", self.identifier),
        };
        let block = self
            .block
            .as_slice()
            .try_into()
            .map_err(|_wrong| corrupt("a block is 16 bytes"))?;
        let member = u16::try_from(self.member)
            .ok()
            .filter(|member| u32::from(*member) < BLOCK_SIZE)
            .ok_or_else(|| corrupt("a member is 0..4096"))?;
        Ok(Address {
            block: Block(block),
            member,
        })
    }
}

fn block_of(bytes: &[u8], table: &'static str) -> Result<Block, db::Error> {
    let id = bytes.try_into().map_err(|_wrong| db::Error::Corrupt {
        table,
        what: "a block is 16 bytes".into(),
    })?;
    Ok(Block(id))
}

/// Which of these blocks have a row.
pub(super) fn known_blocks<'a>(
    conn: &mut Conn,
    wanted: impl Iterator<Item = &'a Block>,
) -> Result<BTreeSet<Block>, db::Error> {
    let keys: Vec<&[u8]> = wanted.map(|block| block.0.as_slice()).collect();
    let mut known = BTreeSet::new();
    for chunk in keys.chunks(CHUNK) {
        let found: Vec<Vec<u8>> = blocks::table
            .filter(blocks::block.eq_any(chunk))
            .select(blocks::block)
            .load(conn)?;
        for bytes in found {
            known.insert(block_of(&bytes, "blocks")?);
        }
    }
    Ok(known)
}

/// The kind and base of these blocks.
pub(super) fn bases<'a>(
    conn: &mut Conn,
    wanted: impl Iterator<Item = &'a Block>,
) -> Result<BTreeMap<Block, (BlockKind, String)>, db::Error> {
    let keys: Vec<&[u8]> = wanted.map(|block| block.0.as_slice()).collect();
    let mut found = BTreeMap::new();
    for chunk in keys.chunks(CHUNK) {
        let rows: Vec<BlockRow> = blocks::table
            .filter(blocks::block.eq_any(chunk))
            .select(BlockRow::as_select())
            .load(conn)?;
        for row in rows {
            let kind = u8::try_from(row.kind)
                .ok()
                .and_then(BlockKind::from_number)
                .ok_or_else(|| db::Error::Corrupt {
                    table: "blocks",
                    what: format!("{}: no kind {}", row.base, row.kind),
                })?;
            found.insert(block_of(&row.block, "blocks")?, (kind, row.base));
        }
    }
    Ok(found)
}

/// Adds rows of blocks; what somebody added in the meantime is passed over.
pub(super) fn insert_blocks(conn: &mut Conn, rows: &[BaseRow]) -> Result<(), db::Error> {
    let mut rows: Vec<BlockRow> = rows
        .iter()
        .map(|row| BlockRow {
            block: row.block.0.to_vec(),
            kind: i32::from(row.kind as u8),
            base: row.base.clone(),
        })
        .collect();
    rows.sort_by(|a, b| a.block.cmp(&b.block));
    db::insert_new!(&mut *conn, blocks::table, rows)?;
    Ok(())
}

/// Adds interned identifiers; the ones that have an address by now are passed over. Tells how many were added.
pub(super) fn insert_units(conn: &mut Conn, rows: &[UnitRow]) -> Result<usize, db::Error> {
    db::insert_new!(&mut *conn, units::table, rows)
}

/// The addresses of interned identifiers by their hash.
pub(super) fn units_by_hash<'a>(
    conn: &mut Conn,
    hashes: impl Iterator<Item = &'a [u8; 32]>,
) -> Result<BTreeMap<[u8; 32], Address>, db::Error> {
    let keys: Vec<&[u8]> = hashes.map(<[u8; 32]>::as_slice).collect();
    let mut found = BTreeMap::new();
    for chunk in keys.chunks(CHUNK) {
        let rows: Vec<UnitRow> = units::table
            .filter(units::hash.eq_any(chunk))
            .select(UnitRow::as_select())
            .load(conn)?;
        for row in rows {
            let hash = row
                .hash
                .as_slice()
                .try_into()
                .map_err(|_wrong| db::Error::Corrupt {
                    table: "units",
                    what: format!("{}: a hash is 32 bytes", row.identifier),
                })?;
            found.insert(hash, row.address()?);
        }
    }
    Ok(found)
}

/// The interned identifiers of these members of a block.
pub(super) fn units_of(
    conn: &mut Conn,
    block: Block,
    members: &MemberSet,
) -> Result<BTreeMap<u16, String>, db::Error> {
    let mut query = units::table
        .filter(units::block.eq(block.0.as_slice()))
        .select(UnitRow::as_select())
        .into_boxed();
    // A few are looked up one by one, many by reading the block.
    if members.len() <= FEW_MEMBERS {
        query = query.filter(units::member.eq_any(members.iter().map(i32::from)));
    }
    let rows: Vec<UnitRow> = query.load(conn)?;
    let mut found = BTreeMap::new();
    for row in rows {
        let address = row.address()?;
        if members.contains(address.member) {
            found.insert(address.member, row.identifier);
        }
    }
    Ok(found)
}

/// The last base, in the order of texts, that begins with this stem.
pub(super) fn newest_base(conn: &mut Conn, stem: &str) -> Result<Option<String>, db::Error> {
    // Every base of the stem ends in digits, and ':' follows '9'.
    Ok(blocks::table
        .filter(blocks::base.ge(stem))
        .filter(blocks::base.lt(format!("{stem}:")))
        .order(blocks::base.desc())
        .select(blocks::base)
        .first(conn)
        .optional()?)
}

/// The interned blocks of a class and of whatever its canonical identifier begins.
pub(super) fn interned_blocks(conn: &mut Conn, class: &str) -> Result<Vec<Block>, db::Error> {
    // A separator below '/' or a '/' follows the class in their bases, and '0' follows '/'.
    let found: Vec<Vec<u8>> = blocks::table
        .filter(blocks::base.ge(class))
        .filter(blocks::base.lt(format!("{class}0")))
        .filter(blocks::kind.eq(i32::from(BlockKind::Interned as u8)))
        .order(blocks::base)
        .select(blocks::block)
        .load(conn)?;
    found
        .iter()
        .map(|bytes| block_of(bytes, "blocks"))
        .collect()
}

/// The blocks of a class's serials that are not computed: interned ones, and those of plain numbers.
pub fn blocks_of_class(conn: &mut Conn, gtin: Gtin) -> Result<Vec<Block>, db::Error> {
    let class = Key::of_class(gtin).canonical();
    let mut found = interned_blocks(conn, &class)?;
    // The base of a block of numbers ends in what its identifiers begin with.
    let numbered: Vec<Vec<u8>> = blocks::table
        .filter(blocks::kind.eq(i32::from(BlockKind::Numbered as u8)))
        .filter(blocks::base.like(format!("% {class}/21/")))
        .order(blocks::base)
        .select(blocks::block)
        .load(conn)?;
    for bytes in numbered {
        found.push(block_of(&bytes, "blocks")?);
    }
    Ok(found)
}

/// The plain numbers div 4096 that the dictionary has behind this stem.
pub(super) fn numbered_chunks(conn: &mut Conn, stem: &str) -> Result<BTreeSet<u64>, db::Error> {
    let found: Vec<String> = blocks::table
        .filter(blocks::kind.eq(i32::from(BlockKind::Numbered as u8)))
        .filter(blocks::base.like(format!("% {stem}")))
        .select(blocks::base)
        .load(conn)?;
    let chunk = |base: &String| {
        let (chunk, of) = base.split_once(' ')?;
        chunk.parse().ok().filter(|_| of == stem)
    };
    Ok(found.iter().filter_map(chunk).collect())
}

/// The interned units of a prefix whose identifiers lie between these two, both with them, and those with escaped
/// characters, which are in another order than what they stand for.
pub(super) fn units_between(
    conn: &mut Conn,
    prefix: &str,
    from: &str,
    to: &str,
) -> Result<Vec<(Address, String)>, db::Error> {
    let blocks = interned_blocks(conn, prefix)?;
    let mut found = Vec::new();
    for chunk in blocks.chunks(CHUNK) {
        let keys = chunk.iter().map(|block| block.0.as_slice());
        let is_between = units::identifier.ge(from).and(units::identifier.le(to));
        let is_escaped = units::identifier.like(r"%\%%").escape('\\');
        let rows: Vec<UnitRow> = units::table
            .filter(units::block.eq_any(keys))
            .filter(is_between.or(is_escaped))
            .select(UnitRow::as_select())
            .load(conn)?;
        for row in rows {
            found.push((row.address()?, row.identifier));
        }
    }
    Ok(found)
}

/// The interned identifiers of a block, by member.
pub(super) fn identifiers_in(conn: &mut Conn, block: Block) -> Result<Vec<String>, db::Error> {
    Ok(units::table
        .filter(units::block.eq(block.0.as_slice()))
        .order(units::member)
        .select(units::identifier)
        .load(conn)?)
}

/// How many members of an interned block are taken.
pub(super) fn members_used(conn: &mut Conn, block: Block) -> Result<u32, db::Error> {
    let newest: Option<i32> = units::table
        .filter(units::block.eq(block.0.as_slice()))
        .select(diesel::dsl::max(units::member))
        .first(conn)?;
    Ok(newest.map_or(0, |newest| newest.cast_unsigned() + 1))
}

/// Whose keys the serials of these products are made with: frozen at a product's first batch.
pub(super) fn tenants(
    conn: &mut Conn,
    gtins: &BTreeSet<Gtin>,
) -> Result<BTreeMap<Gtin, String>, db::Error> {
    let keys: Vec<&str> = gtins.iter().map(Gtin::as_str).collect();
    let mut found = BTreeMap::new();
    for chunk in keys.chunks(CHUNK) {
        let rows: Vec<(String, String)> = code_batches::table
            .filter(code_batches::gtin.eq_any(chunk))
            .select((code_batches::gtin, code_batches::tenant))
            .distinct()
            .load(conn)?;
        for (gtin, tenant) in rows {
            if let Ok(gtin) = Gtin::parse(&gtin) {
                found.insert(gtin, tenant);
            }
        }
    }
    Ok(found)
}
