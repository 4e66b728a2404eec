//! From orders in `control/0` to code batches: the same when recorded and when rebuilt.

use serde::{Deserialize, Serialize};

use super::{Batch, Error, KeyEpoch, aliases, store_batches};
use crate::db::Conn;
use crate::epcis::Timestamp;
use crate::gs1::{Gtin, Lot};
use crate::parties::{self, LotAlias};

pub(super) const BATCH_ISSUED: &str = "batch-issued";

/// The orders this concept projects.
pub const ORDERS: [&str; 2] = [BATCH_ISSUED, parties::ALIAS];

/// What an order says of a batch; when it was given stands in the order itself. Field names are for ever.
#[derive(Serialize, Deserialize)]
pub(super) struct BatchIssued {
    batch: String,
    gtin: Gtin,
    number: u32,
    lot: Lot,
    count: u32,
    tenant: String,
    key_epoch: u8,
    issued_for: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
}

impl BatchIssued {
    pub(super) fn of(batch: &Batch) -> Self {
        Self {
            batch: batch.id.clone(),
            gtin: batch.gtin,
            number: batch.number,
            lot: batch.lot.clone(),
            count: batch.count,
            tenant: batch.tenant.clone(),
            key_epoch: batch.key_epoch.number(),
            issued_for: batch.issued_for.clone(),
            request_id: batch.request_id.clone(),
        }
    }
}

/// An order as the ledger keeps it.
#[derive(Deserialize)]
struct Order {
    at: String,
    #[serde(flatten)]
    content: BatchIssued,
}

impl Order {
    fn read(bytes: &[u8], seq: i64) -> Result<Batch, serde_json::Error> {
        use serde::de::Error as _;

        let Self { at, content } = serde_json::from_slice(bytes)?;
        let issued_at: Timestamp = at.parse().map_err(serde_json::Error::custom)?;
        let key_epoch = KeyEpoch::new(content.key_epoch)
            .ok_or_else(|| serde_json::Error::custom("key_epoch is not in 0..32"))?;
        Ok(Batch {
            id: content.batch,
            gtin: content.gtin,
            number: content.number,
            lot: content.lot,
            count: content.count,
            tenant: content.tenant,
            key_epoch,
            issued_for: content.issued_for,
            request_id: content.request_id,
            issued_at,
            seq,
        })
    }
}

/// Applies orders of one name, in ledger order: (seq in `control/0`, the order's bytes).
pub fn apply(conn: &mut Conn, order: &str, orders: &[(i64, &[u8])]) -> Result<(), Error> {
    if order == parties::ALIAS {
        let read = |(seq, bytes): &(i64, &[u8])| {
            let seq = *seq;
            serde_json::from_slice(bytes).map_err(|source| Error::Order { seq, source })
        };
        let imported: Vec<LotAlias> = orders.iter().map(read).collect::<Result<_, _>>()?;
        return Ok(aliases::enter(conn, &imported)?);
    }
    if order != BATCH_ISSUED {
        return Ok(());
    }
    let batches = orders
        .iter()
        .map(|(seq, bytes)| {
            Order::read(bytes, *seq).map_err(|source| Error::Order { seq: *seq, source })
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(store_batches::insert(conn, &batches)?)
}
