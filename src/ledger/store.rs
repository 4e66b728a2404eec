//! Ledger rows: shards, heads, entries, and with them payloads. Nothing else writes these tables.

use diesel::prelude::*;

use super::leaf::Leaf;
use super::merkle::{CompactRange, Hash};
use super::store_payloads::StoredPayload;
use super::{Bad, Error, Position, SealKey, Shard, ShardName, chain_start};
use crate::db::schema::{ledger_entries, ledger_heads, ledger_payloads, ledger_shards};
use crate::db::{self, Conn};
use crate::epcis::Timestamp;

/// The state of a shard: lock, fence and offset in one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The shard's local number.
    pub shard: i32,
    /// The offset that is due next.
    pub next_offset: i64,
    /// How many leaves there are.
    pub size: i64,
    /// The chain after the last leaf.
    pub chain_hash: Hash,
    /// The compact range over the leaf hashes.
    pub frontier: CompactRange,
    /// Raised by every claim: the fence against writers of the past.
    pub writer_epoch: i64,
    /// Who claimed it last.
    pub owner: String,
}

/// What a writer expects of the head it locks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// Anything: shards that every process may append to.
    Any,
    /// Exactly this offset and epoch, or the writer is fenced.
    Exactly {
        /// The offset due next.
        next_offset: i64,
        /// The epoch of the writer's claim.
        writer_epoch: i64,
    },
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = ledger_shards)]
struct ShardRow {
    shard: i32,
    name: String,
    origin: String,
    topic: String,
    kpartition: i32,
    incarnation: i32,
    ident: Vec<u8>,
    seal: Vec<u8>,
}

impl ShardRow {
    fn seal_of(&self, key: &SealKey) -> super::Sealer {
        key.row("ledger_shards")
            .number(self.shard.into())
            .text(&self.name)
            .text(&self.origin)
            .text(&self.topic)
            .number(self.kpartition.into())
            .number(self.incarnation.into())
            .bytes(&self.ident)
    }

    fn into_shard(self) -> Result<Shard, db::Error> {
        let corrupt = |what: &str| db::Error::Corrupt {
            table: "ledger_shards",
            what: format!("shard {}: {what}", self.shard),
        };
        let ident = self
            .ident
            .as_slice()
            .try_into()
            .map_err(|_wrong| corrupt("ident is not 8 bytes"))?;
        let name = ShardName {
            topic: self.topic,
            partition: self.kpartition,
            incarnation: self.incarnation,
        };
        Ok(Shard {
            number: self.shard,
            name,
            origin: self.origin,
            ident,
        })
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = ledger_heads)]
struct HeadRow {
    shard: i32,
    next_offset: i64,
    size: i64,
    chain_hash: Vec<u8>,
    frontier: Vec<u8>,
    writer_epoch: i64,
    owner: String,
    seal: Vec<u8>,
}

impl HeadRow {
    fn of(head: &Head, key: &SealKey) -> Self {
        let mut row = Self {
            shard: head.shard,
            next_offset: head.next_offset,
            size: head.size,
            chain_hash: head.chain_hash.to_vec(),
            frontier: head.frontier.to_bytes(),
            writer_epoch: head.writer_epoch,
            owner: head.owner.clone(),
            seal: Vec::new(),
        };
        row.seal = row.sealer(key).done();
        row
    }

    fn sealer(&self, key: &SealKey) -> super::Sealer {
        key.row("ledger_heads")
            .number(self.shard.into())
            .number(self.next_offset)
            .number(self.size)
            .bytes(&self.chain_hash)
            .bytes(&self.frontier)
            .number(self.writer_epoch)
            .text(&self.owner)
    }

    fn into_head(self) -> Result<Head, db::Error> {
        let corrupt = |what: &str| db::Error::Corrupt {
            table: "ledger_heads",
            what: format!("shard {}: {what}", self.shard),
        };
        let chain_hash = self
            .chain_hash
            .as_slice()
            .try_into()
            .map_err(|_wrong| corrupt("chain_hash is not 32 bytes"))?;
        let frontier = u64::try_from(self.size)
            .ok()
            .and_then(|size| CompactRange::from_bytes(size, &self.frontier))
            .ok_or_else(|| corrupt("frontier does not fit the size"))?;
        Ok(Head {
            shard: self.shard,
            next_offset: self.next_offset,
            size: self.size,
            chain_hash,
            frontier,
            writer_epoch: self.writer_epoch,
            owner: self.owner,
        })
    }
}

/// How often a shard is tried to be made while others make shards. A row that only looks like ours would
/// be in the way for ever.
const SHARD_TRIES: usize = 16;

/// The shard with this name, made when there is none yet. Call inside a write.
pub fn open_shard(
    conn: &mut Conn,
    key: &SealKey,
    origin: &str,
    name: &ShardName,
) -> Result<Shard, Error> {
    for _ in 0..SHARD_TRIES {
        if let Some(shard) = shard_by_name(conn, name)? {
            if shard.origin != origin {
                return Err(Error::OtherOrigin {
                    shard: name.clone(),
                    expected: origin.to_owned(),
                    found: shard.origin,
                });
            }
            return Ok(shard);
        }
        if let Some(shard) = make_shard(conn, key, origin, name)? {
            return Ok(shard);
        }
        // Somebody else made a shard at the same time: this one, or another with the number.
    }
    Err(Error::Db(db::Error::Corrupt {
        table: "ledger_shards",
        what: format!("{name} cannot be made and is not there"),
    }))
}

/// Makes a shard with the next free number, unless somebody else was first with the number or the name.
fn make_shard(
    conn: &mut Conn,
    key: &SealKey,
    origin: &str,
    name: &ShardName,
) -> Result<Option<Shard>, Error> {
    let newest: Option<i32> = ledger_shards::table
        .select(diesel::dsl::max(ledger_shards::shard))
        .first(conn)
        .map_err(db::Error::from)?;
    let number = newest.map_or(0, |newest| newest + 1);
    let mut row = ShardRow {
        shard: number,
        name: format!("{}/{}", name.topic, name.partition),
        origin: origin.to_owned(),
        topic: name.topic.clone(),
        kpartition: name.partition,
        incarnation: name.incarnation,
        ident: name.ident(origin).to_vec(),
        seal: Vec::new(),
    };
    row.seal = row.seal_of(key).done();
    let rows = [row];
    if db::insert_new!(&mut *conn, ledger_shards::table, &rows)? == 0 {
        return Ok(None);
    }
    let head = Head {
        shard: number,
        next_offset: 0,
        size: 0,
        chain_hash: chain_start(&name.log_origin(origin)),
        frontier: CompactRange::default(),
        writer_epoch: 0,
        owner: String::new(),
    };
    diesel::insert_into(ledger_heads::table)
        .values(HeadRow::of(&head, key))
        .execute(conn)
        .map_err(db::Error::from)?;
    let [row] = rows;
    Ok(Some(row.into_shard()?))
}

/// The newest incarnation of the shard with this topic and partition, when the name has incarnation 0;
/// else exactly that one.
pub fn shard_by_name(conn: &mut Conn, name: &ShardName) -> Result<Option<Shard>, Error> {
    let row: Option<ShardRow> = ledger_shards::table
        .filter(ledger_shards::topic.eq(&name.topic))
        .filter(ledger_shards::kpartition.eq(name.partition))
        .filter(ledger_shards::incarnation.eq(name.incarnation))
        .select(ShardRow::as_select())
        .first(conn)
        .optional()
        .map_err(db::Error::from)?;
    Ok(row.map(ShardRow::into_shard).transpose()?)
}

/// All shards, by local number.
pub fn shards(conn: &mut Conn) -> Result<Vec<Shard>, Error> {
    let rows: Vec<ShardRow> = ledger_shards::table
        .order(ledger_shards::shard)
        .select(ShardRow::as_select())
        .load(conn)
        .map_err(db::Error::from)?;
    Ok(rows
        .into_iter()
        .map(ShardRow::into_shard)
        .collect::<Result<_, _>>()?)
}

/// Whether the head's row is as it was sealed.
pub(super) fn head_seal_holds(conn: &mut Conn, key: &SealKey, shard: i32) -> Result<bool, Error> {
    let row: HeadRow = ledger_heads::table
        .find(shard)
        .select(HeadRow::as_select())
        .first(conn)
        .map_err(db::Error::from)?;
    Ok(row.sealer(key).matches(&row.seal))
}

/// The head of a shard.
pub fn head(conn: &mut Conn, shard: i32) -> Result<Head, Error> {
    let row: Option<HeadRow> = ledger_heads::table
        .find(shard)
        .select(HeadRow::as_select())
        .first(conn)
        .optional()
        .map_err(db::Error::from)?;
    Ok(row
        .ok_or_else(|| Error::NoShard(shard.to_string()))?
        .into_head()?)
}

/// The heads of all shards, by local number.
pub fn heads(conn: &mut Conn) -> Result<Vec<Head>, Error> {
    let rows: Vec<HeadRow> = ledger_heads::table
        .order(ledger_heads::shard)
        .select(HeadRow::as_select())
        .load(conn)
        .map_err(db::Error::from)?;
    Ok(rows
        .into_iter()
        .map(HeadRow::into_head)
        .collect::<Result<_, _>>()?)
}

/// Where the ledger stands now.
pub fn position(conn: &mut Conn) -> Result<Position, Error> {
    let sizes: Vec<(i32, i64)> = ledger_heads::table
        .select((ledger_heads::shard, ledger_heads::size))
        .load(conn)
        .map_err(db::Error::from)?;
    Ok(Position(sizes.into_iter().collect()))
}

/// Takes the shard over: every writer before is fenced from here on. Call inside a write.
pub fn claim(conn: &mut Conn, key: &SealKey, shard: &Shard, owner: &str) -> Result<Head, Error> {
    let mut head = lock(conn, key, shard, Expect::Any)?;
    head.writer_epoch += 1;
    owner.clone_into(&mut head.owner);
    save_head(conn, key, &head)?;
    Ok(head)
}

/// Holds a shard until the transaction ends, and appends nothing: no writer of it is at work meanwhile. Call
/// inside a write.
pub fn hold(conn: &mut Conn, shard: i32) -> Result<(), Error> {
    let held = diesel::update(ledger_heads::table.find(shard))
        .set(ledger_heads::size.eq(ledger_heads::size))
        .execute(conn)
        .map_err(db::Error::from)?;
    if held == 0 {
        return Err(Error::NoShard(shard.to_string()));
    }
    Ok(())
}

/// Locks the head until the transaction ends: the first statement of every append. A head that does not
/// bear our seal is not built upon.
pub(super) fn lock(
    conn: &mut Conn,
    key: &SealKey,
    shard: &Shard,
    expect: Expect,
) -> Result<Head, Error> {
    let row: Option<HeadRow> = match expect {
        Expect::Any => diesel::update(ledger_heads::table.find(shard.number))
            .set(ledger_heads::size.eq(ledger_heads::size))
            .returning(ledger_heads::all_columns)
            .get_result(conn),
        Expect::Exactly {
            next_offset,
            writer_epoch,
        } => diesel::update(
            ledger_heads::table
                .filter(ledger_heads::shard.eq(shard.number))
                .filter(ledger_heads::next_offset.eq(next_offset))
                .filter(ledger_heads::writer_epoch.eq(writer_epoch)),
        )
        .set(ledger_heads::size.eq(ledger_heads::size))
        .returning(ledger_heads::all_columns)
        .get_result(conn),
    }
    .optional()
    .map_err(db::Error::from)?;
    match (row, expect) {
        (Some(row), _) if !row.sealer(key).matches(&row.seal) => {
            Err(Error::OtherSeal(shard.name.clone()))
        }
        (Some(row), _) => Ok(row.into_head()?),
        (None, Expect::Any) => Err(Error::NoShard(shard.name.to_string())),
        (
            None,
            Expect::Exactly {
                next_offset,
                writer_epoch,
            },
        ) => Err(Error::Fenced {
            shard: shard.name.clone(),
            expected_offset: next_offset,
            expected_epoch: writer_epoch,
        }),
    }
}

/// Writes the locked head back.
pub(super) fn save_head(conn: &mut Conn, key: &SealKey, head: &Head) -> Result<(), Error> {
    let row = HeadRow::of(head, key);
    diesel::update(ledger_heads::table.find(head.shard))
        .set(&row)
        .execute(conn)
        .map_err(db::Error::from)?;
    Ok(())
}

/// A leaf as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = ledger_entries)]
#[diesel(treat_none_as_default_value = false)]
pub struct StoredEntry {
    /// The shard's local number.
    pub shard: i32,
    /// The leaf's number.
    pub seq: i64,
    /// The record's offset.
    pub record_offset: i64,
    /// Which leaf of its record.
    pub part: i32,
    /// The kind's number.
    pub kind: i32,
    /// The leaf's bytes.
    pub leaf: Vec<u8>,
    /// Its RFC 6962 leaf hash.
    pub leaf_hash: Vec<u8>,
}

/// Leaves from `from` on, at most `limit`, in order.
pub fn entries(
    conn: &mut Conn,
    shard: i32,
    from: i64,
    limit: i64,
) -> Result<Vec<StoredEntry>, Error> {
    Ok(ledger_entries::table
        .filter(ledger_entries::shard.eq(shard))
        .filter(ledger_entries::seq.ge(from))
        .order(ledger_entries::seq)
        .limit(limit)
        .select(StoredEntry::as_select())
        .load(conn)
        .map_err(db::Error::from)?)
}

/// Record time of the last leaf of a shard; `None` before there is one.
pub fn newest_record_time(conn: &mut Conn, head: &Head) -> Result<Option<Timestamp>, Error> {
    let last = entries(conn, head.shard, head.size - 1, 1)?;
    let decoded = last.first().map(|entry| Leaf::decode(&entry.leaf));
    let leaf = decoded.transpose().map_err(|what| db::Error::Corrupt {
        table: "ledger_entries",
        what: format!("shard {} seq {}: {what}", head.shard, head.size - 1),
    })?;
    Ok(leaf.map(|leaf| leaf.record_time))
}

/// Adds the rows of a batch.
pub(super) fn insert(
    conn: &mut Conn,
    entries: Vec<StoredEntry>,
    payloads: Vec<StoredPayload>,
) -> Result<(), Error> {
    db::bulk_insert!(&mut *conn, ledger_entries::table, entries)?;
    db::bulk_insert!(&mut *conn, ledger_payloads::table, payloads)?;
    Ok(())
}

/// What is wrong with the shards themselves: rows whose seal does not hold, shards that others' rows name
/// and that have no row, and those others' rows.
pub fn check_shards(conn: &mut Conn, key: &SealKey) -> Result<Vec<Bad>, Error> {
    let rows: Vec<ShardRow> = ledger_shards::table
        .order(ledger_shards::shard)
        .select(ShardRow::as_select())
        .load(conn)
        .map_err(db::Error::from)?;
    let known: Vec<i32> = rows.iter().map(|row| row.shard).collect();
    let row_of =
        |table: &str, key: &[(&str, i64)], column: Option<&str>, expected: &str, found: &str| {
            let key = key
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.to_string()))
                .collect();
            Bad::of_row(table, key, column, expected, found)
        };
    let mut bad: Vec<Bad> = rows
        .iter()
        .filter(|row| !row.seal_of(key).matches(&row.seal))
        .map(|row| {
            let key = [("shard", row.shard.into())];
            row_of(
                "ledger_shards",
                &key,
                Some("seal"),
                "the seal over this row",
                "another",
            )
        })
        .collect();
    let heads: Vec<i32> = ledger_heads::table
        .filter(ledger_heads::shard.ne_all(&known))
        .order(ledger_heads::shard)
        .select(ledger_heads::shard)
        .load(conn)
        .map_err(db::Error::from)?;
    let entries: Vec<(i32, i64)> = ledger_entries::table
        .filter(ledger_entries::shard.ne_all(&known))
        .order((ledger_entries::shard, ledger_entries::seq))
        .select((ledger_entries::shard, ledger_entries::seq))
        .load(conn)
        .map_err(db::Error::from)?;
    let payloads: Vec<(i32, i64)> = ledger_payloads::table
        .filter(ledger_payloads::shard.ne_all(&known))
        .order((ledger_payloads::shard, ledger_payloads::seq))
        .select((ledger_payloads::shard, ledger_payloads::seq))
        .load(conn)
        .map_err(db::Error::from)?;
    let mut missing: Vec<i32> = heads
        .iter()
        .copied()
        .chain(entries.iter().chain(&payloads).map(|(shard, _)| *shard))
        .collect();
    missing.sort_unstable();
    missing.dedup();
    let none = "no row: there is no such shard";
    bad.extend(missing.into_iter().map(|shard| {
        row_of(
            "ledger_shards",
            &[("shard", shard.into())],
            None,
            "a row",
            "no row",
        )
    }));
    bad.extend(heads.into_iter().map(|shard| {
        row_of(
            "ledger_heads",
            &[("shard", shard.into())],
            None,
            none,
            "a row",
        )
    }));
    for (table, strays) in [("ledger_entries", entries), ("ledger_payloads", payloads)] {
        bad.extend(strays.into_iter().map(|(shard, seq)| {
            row_of(
                table,
                &[("shard", shard.into()), ("seq", seq)],
                None,
                none,
                "a row",
            )
        }));
    }
    Ok(bad)
}
