//! Rows of code batches.

use diesel::prelude::*;
use sha2::{Digest, Sha256};

use super::{Batch, KeyEpoch};
use crate::db::schema::code_batches;
use crate::db::{self, Conn};
use crate::epcis::Timestamp;
use crate::gs1::{Gtin, Lot};

/// Rows of one statement.
const CHUNK: usize = 1_000;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = code_batches)]
#[diesel(treat_none_as_default_value = false)]
struct BatchRow {
    gtin: String,
    batch: i32,
    seq: i64,
    id: String,
    tenant: String,
    key_epoch: i32,
    lot: String,
    count: i64,
    request_id: Option<String>,
    request_key: Option<Vec<u8>>,
    issued_for: String,
    issued_at: i64,
}

impl BatchRow {
    fn of(batch: &Batch) -> Self {
        let request_key = |id: &String| request_key(&batch.issued_for, id).to_vec();
        Self {
            gtin: batch.gtin.as_str().to_owned(),
            batch: batch.number.cast_signed(),
            seq: batch.seq,
            id: batch.id.clone(),
            tenant: batch.tenant.clone(),
            key_epoch: batch.key_epoch.number().into(),
            lot: batch.lot.as_str().to_owned(),
            count: batch.count.into(),
            request_id: batch.request_id.clone(),
            request_key: batch.request_id.as_ref().map(request_key),
            issued_for: batch.issued_for.clone(),
            issued_at: batch.issued_at.micros(),
        }
    }

    fn into_batch(self) -> Result<Batch, db::Error> {
        let corrupt = |what: &str| db::Error::Corrupt {
            table: "code_batches",
            what: format!("{}/{}: {what}", self.gtin, self.batch),
        };
        let gtin = Gtin::parse(&self.gtin).map_err(|fault| corrupt(&fault.to_string()))?;
        let lot = Lot::parse(&self.lot).map_err(|fault| corrupt(&fault.to_string()))?;
        let number = u32::try_from(self.batch).ok();
        let count = u32::try_from(self.count).ok();
        let epoch = u8::try_from(self.key_epoch).ok().and_then(KeyEpoch::new);
        Ok(Batch {
            number: number.ok_or_else(|| corrupt("a batch number is not negative"))?,
            count: count.ok_or_else(|| corrupt("a batch has at most 2^24 codes"))?,
            key_epoch: epoch.ok_or_else(|| corrupt("a key epoch is 0..32"))?,
            id: self.id,
            gtin,
            lot,
            tenant: self.tenant,
            issued_for: self.issued_for,
            request_id: self.request_id,
            issued_at: Timestamp::from_micros(self.issued_at),
            seq: self.seq,
        })
    }
}

/// What a request is found by: its id among those of its organisation.
fn request_key(org: &str, request_id: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update((org.len() as u64).to_be_bytes());
    hash.update(org);
    hash.update(request_id);
    hash.finalize().into()
}

/// The batch with this id.
pub fn batch(conn: &mut Conn, id: &str) -> Result<Option<Batch>, db::Error> {
    let row: Option<BatchRow> = code_batches::table
        .filter(code_batches::id.eq(id))
        .select(BatchRow::as_select())
        .first(conn)
        .optional()?;
    row.map(BatchRow::into_batch).transpose()
}

/// The batches of a lot, oldest first.
pub fn batches_of_lot(conn: &mut Conn, gtin: Gtin, lot: &str) -> Result<Vec<Batch>, db::Error> {
    let rows: Vec<BatchRow> = code_batches::table
        .filter(code_batches::gtin.eq(gtin.as_str()))
        .filter(code_batches::lot.eq(lot))
        .order(code_batches::batch)
        .select(BatchRow::as_select())
        .load(conn)?;
    rows.into_iter().map(BatchRow::into_batch).collect()
}

/// All batches of a product, in the order of their numbers.
pub fn batches_of_product(conn: &mut Conn, gtin: Gtin) -> Result<Vec<Batch>, db::Error> {
    let rows: Vec<BatchRow> = code_batches::table
        .filter(code_batches::gtin.eq(gtin.as_str()))
        .order(code_batches::batch)
        .select(BatchRow::as_select())
        .load(conn)?;
    rows.into_iter().map(BatchRow::into_batch).collect()
}

/// The batch with this number within the GTIN.
pub fn batch_numbered(
    conn: &mut Conn,
    gtin: Gtin,
    number: u32,
) -> Result<Option<Batch>, db::Error> {
    let row: Option<BatchRow> = code_batches::table
        .find((gtin.as_str(), number.cast_signed()))
        .select(BatchRow::as_select())
        .first(conn)
        .optional()?;
    row.map(BatchRow::into_batch).transpose()
}

/// The newest batch of a GTIN.
pub(super) fn newest(conn: &mut Conn, gtin: Gtin) -> Result<Option<Batch>, db::Error> {
    let row: Option<BatchRow> = code_batches::table
        .filter(code_batches::gtin.eq(gtin.as_str()))
        .order(code_batches::batch.desc())
        .select(BatchRow::as_select())
        .first(conn)
        .optional()?;
    row.map(BatchRow::into_batch).transpose()
}

/// The batch that this request of this organisation made.
pub(super) fn requested(
    conn: &mut Conn,
    org: &str,
    request_id: &str,
) -> Result<Option<Batch>, db::Error> {
    let row: Option<BatchRow> = code_batches::table
        .filter(code_batches::request_key.eq(request_key(org, request_id).as_slice()))
        .select(BatchRow::as_select())
        .first(conn)
        .optional()?;
    row.map(BatchRow::into_batch).transpose()
}

/// Adds batches.
pub(super) fn insert(conn: &mut Conn, batches: &[Batch]) -> Result<(), db::Error> {
    for chunk in batches.chunks(CHUNK) {
        let rows: Vec<BatchRow> = chunk.iter().map(BatchRow::of).collect();
        db::bulk_insert!(&mut *conn, code_batches::table, rows)?;
    }
    Ok(())
}

/// Empties the projection.
pub fn clear(conn: &mut Conn) -> Result<(), db::Error> {
    diesel::delete(code_batches::table).execute(conn)?;
    Ok(())
}
