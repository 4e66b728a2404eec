//! From orders in `control/0` to the tables of master data: the same when recorded and when rebuilt.

use serde::de::DeserializeOwned;

use super::{Error, store, store_aliases, store_submitter_keys};
use crate::db::Conn;

pub(super) const ORGANISATION: &str = "organisation";
pub(super) const PLACE: &str = "place";
pub(super) const PRODUCT: &str = "product";
/// The order that imports a lot alias.
pub const ALIAS: &str = "lot-alias";

/// The orders this concept projects.
pub const ORDERS: [&str; 6] = [
    ORGANISATION,
    PLACE,
    PRODUCT,
    ALIAS,
    store_submitter_keys::ADDED,
    store_submitter_keys::REVOKED,
];

/// Applies orders of one name, in ledger order: (seq in `control/0`, the order's bytes).
pub fn apply(conn: &mut Conn, order: &str, orders: &[(i64, &[u8])]) -> Result<(), Error> {
    match order {
        ORGANISATION => store::put_organisations(conn, &parse(orders)?)?,
        PLACE => store::put_places(conn, &parse(orders)?)?,
        PRODUCT => store::put_products(conn, &parse(orders)?)?,
        ALIAS => store_aliases::put_aliases(conn, &parse(orders)?)?,
        store_submitter_keys::ADDED => store_submitter_keys::put_added(conn, &parse(orders)?)?,
        store_submitter_keys::REVOKED => store_submitter_keys::put_revoked(conn, &parse(orders)?)?,
        _ => {}
    }
    Ok(())
}

fn parse<T: DeserializeOwned>(orders: &[(i64, &[u8])]) -> Result<Vec<(i64, T)>, Error> {
    orders
        .iter()
        .map(|(seq, bytes)| {
            serde_json::from_slice(bytes)
                .map(|value| (*seq, value))
                .map_err(|source| Error::Order { seq: *seq, source })
        })
        .collect()
}
