//! Issuing codes, and asking whether a code was issued. A batch is decided under the lock of
//! `control/0`, so that two issuers never get the same number, recorded as one order, and projected into
//! one row.

use uuid::{NoContext, Uuid};

use super::batch::{Batch, Request};
use super::project::{self, BatchIssued};
use super::serial::{BATCHES, ComputedSerial, ItemNumber};
use super::{Derived, Dictionary, Error, KeyEpoch, store, store_batches};
use crate::db::{self, Conn};
use crate::epcis::Timestamp;
use crate::gs1::{Gtin, Identifier, Key};
use crate::ledger::{Giver, Ledger};
use crate::parties::{self, Product, ProductMode};

/// Issues a batch for the organisation the giver stands for, or else for the product's own. A request
/// that was fulfilled before is answered with the same batch. Call inside a write.
pub fn issue(
    conn: &mut Conn,
    ledger: &Ledger,
    dictionary: Dictionary<'_>,
    giver: &Giver,
    request: &Request,
) -> Result<Batch, Error> {
    let (lot, count) = request.checked()?;
    let gtin = request.gtin;
    ledger.hold_control(conn)?;
    let product = product_of(conn, gtin, giver)?;
    if let Some(id) = &request.request_id
        && let Some(batch) = store_batches::requested(conn, &product.org, id)?
    {
        let is_same = (batch.gtin, &batch.lot, batch.count) == (gtin, &lot, count);
        return if is_same {
            Ok(batch)
        } else {
            Err(conflict(id, &batch))
        };
    }
    if product.mode != ProductMode::Computed {
        let mode = product.mode.as_str();
        return Err(Error::Mode { gtin, mode });
    }
    let newest = store_batches::newest(conn, gtin)?;
    let (number, tenant, key_epoch) = if let Some(newest) = newest {
        (newest.number + 1, newest.tenant, newest.key_epoch)
    } else {
        refuse_foreign_serials(conn, dictionary, &product.org, gtin)?;
        (0, product.org.clone(), KeyEpoch::FIRST)
    };
    if BATCHES <= number {
        return Err(Error::NoBatchLeft(gtin));
    }
    let mut batch = Batch {
        id: new_id(giver.at),
        gtin,
        number,
        lot,
        count,
        tenant,
        key_epoch,
        issued_for: product.org,
        request_id: request.request_id.clone(),
        issued_at: giver.at,
        seq: 0,
    };
    let order = BatchIssued::of(&batch);
    for seq in ledger.record(conn, giver, project::BATCH_ISSUED, &[order])? {
        batch.seq = seq;
    }
    store_batches::insert(conn, std::slice::from_ref(&batch))?;
    Ok(batch)
}

/// What can be said of a serial from its digits and the batches alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SerialVerdict {
    /// It was issued: which batch, and which code of it.
    Issued {
        /// The batch.
        batch: Batch,
        /// The code's index in it.
        index: u32,
    },
    /// It has the shape of our serials and is none that was issued for this product.
    NotIssued,
    /// It has another shape, or the product has no computed codes: it may have come from elsewhere.
    NotComputed,
}

/// Whether this serial of this product was issued here. A forged serial costs no look-up but that of
/// the product's key.
pub fn verify_serial(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    gtin: Gtin,
    serial: &str,
) -> Result<SerialVerdict, db::Error> {
    let Some(serial) = ComputedSerial::parse(serial) else {
        return Ok(SerialVerdict::NotComputed);
    };
    let Some(tenant) = tenant(conn, gtin)? else {
        return Ok(SerialVerdict::NotComputed);
    };
    let book = dictionary.serial_book(&tenant, gtin, serial.epoch());
    let Some(item) = book.open(&serial) else {
        return Ok(SerialVerdict::NotIssued);
    };
    let found = batch_of_item(conn, gtin, serial.epoch(), item)?;
    Ok(
        found.map_or(SerialVerdict::NotIssued, |batch| SerialVerdict::Issued {
            batch,
            index: item.index(),
        }),
    )
}

/// The batch an item of this GTIN and key epoch was issued in; none when it was not issued.
pub fn batch_of_item(
    conn: &mut Conn,
    gtin: Gtin,
    epoch: KeyEpoch,
    item: ItemNumber,
) -> Result<Option<Batch>, db::Error> {
    let batch = store_batches::batch_numbered(conn, gtin, item.batch())?;
    Ok(batch.filter(|batch| batch.has(epoch, item)))
}

/// Whose key the GTIN's serials are made with, frozen at its first batch; none before that.
pub fn tenant(conn: &mut Conn, gtin: Gtin) -> Result<Option<String>, db::Error> {
    Ok(store::tenants(conn, &[gtin].into())?.remove(&gtin))
}

fn product_of(conn: &mut Conn, gtin: Gtin, giver: &Giver) -> Result<Product, Error> {
    let product = parties::product(conn, gtin.as_str())?.ok_or(Error::NoProduct(gtin))?;
    match &giver.on_behalf_of {
        Some(org) if *org != product.org => Err(Error::NotTheirs {
            gtin,
            owner: product.org,
            org: org.clone(),
        }),
        _ => Ok(product),
    }
}

fn conflict(request_id: &str, batch: &Batch) -> Error {
    Error::RequestConflict {
        request_id: request_id.to_owned(),
        gtin: batch.gtin,
        lot: batch.lot.as_str().to_owned(),
        count: batch.count,
    }
}

/// An identifier has one address for ever: once a GTIN has a key, a serial that opens under it is
/// computed, so none that does may have been interned before.
fn refuse_foreign_serials(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    tenant: &str,
    gtin: Gtin,
) -> Result<(), Error> {
    let mut books: [Option<super::SerialBook>; KeyEpoch::COUNT as usize] = Default::default();
    for block in store::interned_blocks(conn, &Key::of_class(gtin).canonical())? {
        for identifier in store::identifiers_in(conn, block)? {
            let Some(serial) = serial_of_our_shape(&identifier, gtin) else {
                continue;
            };
            let epoch = serial.epoch();
            let book = books[usize::from(epoch.number())]
                .get_or_insert_with(|| dictionary.serial_book(tenant, gtin, epoch));
            if book.open(&serial).is_some() {
                return Err(Error::ForeignSerial { gtin, identifier });
            }
        }
    }
    Ok(())
}

fn serial_of_our_shape(identifier: &str, gtin: Gtin) -> Option<ComputedSerial> {
    let parsed = Identifier::parse(identifier).ok()?;
    match Derived::of_thing(&parsed.identifier) {
        Derived::MaybeComputed {
            gtin: found,
            serial,
            ..
        } if found == gtin => Some(serial),
        _ => None,
    }
}

/// A UUID v7 of this time.
fn new_id(at: Timestamp) -> String {
    let micros = u64::try_from(at.micros()).unwrap_or_default();
    let nanos = u32::try_from(micros % 1_000_000 * 1_000).unwrap_or_default();
    let time = uuid::Timestamp::from_unix(NoContext, micros / 1_000_000, nanos);
    Uuid::new_v7(time).to_string()
}
