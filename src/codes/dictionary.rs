//! The dictionary: addresses of identifiers, and identifiers of addresses. Rows are added, never changed.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::store::{self, UnitRow};
use super::{
    Address, BLOCK_SIZE, BaseRow, Block, BlockKind, ComputedBlock, Derived, KeyEpoch, MasterKey,
    SerialBook,
};
use crate::db::{self, Conn};
use crate::gs1::Gtin;
use crate::ledger::SealKey;

/// Separates the parts of an interned block's base; it occurs in no identifier.
const SEPARATOR: char = '\u{1f}';

/// What reading and writing the dictionary needs.
#[derive(Debug, Clone, Copy)]
pub struct Dictionary<'a> {
    /// Opens computed serials.
    pub master: &'a MasterKey,
    /// Seals interned rows.
    pub seal: &'a SealKey,
}

/// Adds those of the rows that are not there yet.
pub(super) fn insert_missing(
    conn: &mut Conn,
    mut rows: BTreeMap<Block, BaseRow>,
) -> Result<(), db::Error> {
    for block in store::known_blocks(conn, rows.keys())? {
        rows.remove(&block);
    }
    let fresh: Vec<BaseRow> = rows.into_values().collect();
    store::insert_blocks(conn, &fresh)
}

impl Dictionary<'_> {
    /// The addresses of identifiers, in their order; what has none yet gets one. Call inside a write.
    pub fn resolve(
        &self,
        conn: &mut Conn,
        shard: i32,
        wanted: &[Derived],
    ) -> Result<Vec<Address>, db::Error> {
        let wanted = self.open_computed(conn, wanted)?;
        let mut rows: BTreeMap<Block, &BaseRow> = BTreeMap::new();
        let mut strangers: Vec<Stranger<'_>> = Vec::new();
        for derived in &wanted {
            match derived {
                Derived::At(_, row) => {
                    rows.insert(row.block, row);
                }
                Derived::Intern { prefix, identifier } => strangers.push(Stranger {
                    hash: hash(identifier),
                    prefix,
                    identifier,
                }),
                Derived::MaybeComputed { .. } => {}
            }
        }
        let rows = rows.into_iter().map(|(block, row)| (block, row.clone()));
        insert_missing(conn, rows.collect())?;
        let units = self.intern(conn, shard, &strangers)?;
        wanted
            .iter()
            .map(|derived| match derived {
                Derived::At(address, _) => Ok(*address),
                Derived::Intern { identifier, .. } => units
                    .get(&hash(identifier))
                    .copied()
                    .ok_or_else(|| db::Error::Corrupt {
                        table: "units",
                        what: format!("{identifier} was interned and is not there"),
                    }),
                Derived::MaybeComputed { .. } => Err(db::Error::Corrupt {
                    table: "units",
                    what: "a serial was left unopened".into(),
                }),
            })
            .collect()
    }

    /// The addresses of identifiers that have one.
    pub fn find(
        &self,
        conn: &mut Conn,
        wanted: &[Derived],
    ) -> Result<Vec<Option<Address>>, db::Error> {
        let wanted = self.open_computed(conn, wanted)?;
        let hashes: BTreeSet<[u8; 32]> = wanted
            .iter()
            .filter_map(|derived| match derived {
                Derived::Intern { identifier, .. } => Some(hash(identifier)),
                Derived::At(..) | Derived::MaybeComputed { .. } => None,
            })
            .collect();
        let units = store::units_by_hash(conn, hashes.iter())?;
        Ok(wanted
            .iter()
            .map(|derived| match derived {
                Derived::At(address, _) => Some(*address),
                Derived::Intern { identifier, .. } => units.get(&hash(identifier)).copied(),
                Derived::MaybeComputed { .. } => None,
            })
            .collect())
    }

    fn open_computed(
        &self,
        conn: &mut Conn,
        wanted: &[Derived],
    ) -> Result<Vec<Derived>, db::Error> {
        let gtins = wanted.iter().filter_map(|derived| match derived {
            Derived::MaybeComputed { gtin, .. } => Some(*gtin),
            Derived::At(..) | Derived::Intern { .. } => None,
        });
        let tenants = store::tenants(conn, &gtins.collect())?;
        let mut books = BTreeMap::new();
        Ok(wanted
            .iter()
            .map(|derived| {
                let Derived::MaybeComputed {
                    gtin,
                    serial,
                    otherwise,
                } = derived
                else {
                    return derived.clone();
                };
                let opened = self
                    .book(&mut books, &tenants, *gtin, serial.epoch())
                    .and_then(|book| book.open(serial));
                match opened {
                    Some(item) => Derived::computed(*gtin, serial, item),
                    None => (**otherwise).clone(),
                }
            })
            .collect())
    }

    fn book<'b>(
        &self,
        books: &'b mut BTreeMap<(Gtin, KeyEpoch), SerialBook>,
        tenants: &BTreeMap<Gtin, String>,
        gtin: Gtin,
        epoch: KeyEpoch,
    ) -> Option<&'b SerialBook> {
        let tenant = tenants.get(&gtin)?;
        Some(
            books
                .entry((gtin, epoch))
                .or_insert_with(|| self.serial_book(tenant, gtin, epoch)),
        )
    }

    /// The book of a GTIN's serials under a tenant's key of an epoch.
    pub fn serial_book(&self, tenant: &str, gtin: Gtin, epoch: KeyEpoch) -> SerialBook {
        SerialBook::new(&self.master.serial_key(tenant, epoch), epoch, gtin)
    }

    /// Gives members in the order in which the identifiers are met: what is made, packed and shipped together has
    /// neighbouring members, and its records are short.
    fn intern(
        &self,
        conn: &mut Conn,
        shard: i32,
        strangers: &[Stranger<'_>],
    ) -> Result<BTreeMap<[u8; 32], Address>, db::Error> {
        let hashes: BTreeSet<[u8; 32]> = strangers.iter().map(|stranger| stranger.hash).collect();
        let mut known = store::units_by_hash(conn, hashes.iter())?;
        let mut open: BTreeMap<&str, OpenBlock> = BTreeMap::new();
        let mut rows = Vec::new();
        for stranger in strangers {
            let Entry::Vacant(unknown) = known.entry(stranger.hash) else {
                continue;
            };
            let open = match open.entry(stranger.prefix) {
                Entry::Occupied(open) => open.into_mut(),
                Entry::Vacant(first) => {
                    first.insert(OpenBlock::find(conn, stranger.prefix, shard)?)
                }
            };
            let address = open.next(conn)?;
            let (hash, identifier) = (stranger.hash, stranger.identifier);
            rows.push(UnitRow::sealed(self.seal, hash, address, identifier));
            unknown.insert(address);
        }
        rows.sort_by(|a, b| a.hash.cmp(&b.hash));
        if store::insert_units(conn, &rows)? < rows.len() {
            // Another shard was first with some of them: theirs are the addresses.
            known.extend(store::units_by_hash(conn, hashes.iter())?);
        }
        Ok(known)
    }
}

/// An identifier that is interned.
struct Stranger<'a> {
    hash: [u8; 32],
    prefix: &'a str,
    identifier: &'a str,
}

/// The block that interned identifiers of a prefix and shard go to.
struct OpenBlock {
    stem: String,
    number: u32,
    block: Block,
    next: u32,
    is_new: bool,
}

impl OpenBlock {
    fn find(conn: &mut Conn, prefix: &str, shard: i32) -> Result<Self, db::Error> {
        let stem = format!("{prefix}{SEPARATOR}{shard}{SEPARATOR}");
        let number =
            store::newest_base(conn, &stem)?.and_then(|base| base[stem.len()..].parse().ok());
        let mut open = Self {
            stem,
            number: number.unwrap_or(0),
            block: Block([0; 16]),
            next: 0,
            is_new: number.is_none(),
        };
        open.block = open.row().block;
        if !open.is_new {
            open.next = store::members_used(conn, open.block)?;
        }
        Ok(open)
    }

    fn row(&self) -> BaseRow {
        // Eight digits keep the order of texts equal to the order of numbers.
        BaseRow::hashed(
            BlockKind::Interned,
            format!("{}{:08}", self.stem, self.number),
        )
    }

    fn next(&mut self, conn: &mut Conn) -> Result<Address, db::Error> {
        if self.next == BLOCK_SIZE {
            self.number += 1;
            self.next = 0;
            self.is_new = true;
            self.block = self.row().block;
        }
        if self.is_new {
            store::insert_blocks(conn, &[self.row()])?;
            self.is_new = false;
        }
        let member = u16::try_from(self.next).unwrap_or(u16::MAX);
        self.next += 1;
        Ok(Address {
            block: self.block,
            member,
        })
    }
}

pub(super) fn gtin_of(kind: BlockKind, base: &str) -> Option<Gtin> {
    (kind == BlockKind::Computed)
        .then(|| ComputedBlock::from_base(base))
        .flatten()
        .map(|block| block.gtin())
}

/// The key of an interned identifier.
pub(super) fn hash(identifier: &str) -> [u8; 32] {
    Sha256::digest(identifier.as_bytes()).into()
}
