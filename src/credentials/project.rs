//! From orders in `control/0` to the tables of credentials and people: the same when recorded and when rebuilt.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::credential::{Credential, Person, Revoked};
use super::history::{Recorded, Version};
use super::{Error, moment, store, store_people};
use crate::db::Conn;
use crate::epcis::Timestamp;
use crate::ledger::Giver;

pub(super) const CREDENTIAL: &str = "credential";
pub(super) const REVOKED: &str = "credential-revoked";
pub(super) const PERSON: &str = "person";

/// The orders this concept projects.
pub const ORDERS: [&str; 3] = [CREDENTIAL, REVOKED, PERSON];

/// Who gave an order, as it stands in the order.
#[derive(Deserialize)]
struct Heading {
    by: String,
    #[serde(default, rename = "as")]
    org: Option<String>,
    #[serde(with = "moment::needed")]
    at: Timestamp,
}

impl From<&Giver> for Recorded {
    fn from(giver: &Giver) -> Self {
        Self {
            by: giver.by.clone(),
            org: giver.on_behalf_of.clone(),
            at: giver.at,
        }
    }
}

/// Applies an order at its place in `control/0`.
pub fn apply(conn: &mut Conn, order: &str, seq: i64, bytes: &[u8]) -> Result<(), Error> {
    match order {
        CREDENTIAL => {
            let version: Version<Credential> = version(seq, bytes)?;
            store::put(conn, &version)?;
        }
        REVOKED => {
            let version: Version<Revoked> = version(seq, bytes)?;
            store::put_revoked(conn, &version)?;
        }
        PERSON => {
            let version: Version<Person> = version(seq, bytes)?;
            store_people::put(conn, &version)?;
        }
        _ => {}
    }
    Ok(())
}

fn version<T: DeserializeOwned>(seq: i64, bytes: &[u8]) -> Result<Version<T>, Error> {
    let unreadable = |source| Error::Order { seq, source };
    let Heading { by, org, at } = serde_json::from_slice(bytes).map_err(unreadable)?;
    let content = serde_json::from_slice(bytes).map_err(unreadable)?;
    Ok(Version {
        seq,
        recorded: Recorded { by, org, at },
        content,
    })
}
