//! Credentials: licences, certificates, declared standards, test reports and insurance of organisations, and the
//! people in charge of them. Scoped to places, products, lots or categories, valid for a half-open time, and read
//! *as of* an instant and a place in the ledger.
//!
//! They are recorded as orders in `control/0`. The same number again is a new version: it speaks from its own
//! beginning on, and what was valid before it stays ([`History`]). A suspension or withdrawal is an order of its
//! own and changes no version. Where documents are kept is none of its business: it holds an address and a digest.

mod authority;
mod credential;
mod error;
mod history;
#[cfg(test)]
mod history_tests;
mod import;
mod kind;
mod lapses;
mod list;
mod moment;
mod project;
mod revoke;
mod standing;
mod store;
mod store_people;
mod view;

pub use authority::{Sight, sees_phones};
pub use credential::{Credential, Person, Scope, Test, Things};
pub use error::Error;
pub use history::{Dated, History, Lapse, Recorded, Revocation, Version, speaking};
pub use import::{import_credentials, import_people};
pub use kind::{Kind, NoWord, Outcome, PersonRole, State};
pub use lapses::{Lapses, lapses};
pub use list::{AsOf, Filter, list, list_people, show, show_person};
pub use moment::parse_moment;
pub use project::{ORDERS, apply};
pub use revoke::{Revoke, revoke};
pub use standing::{Act, Register, Standing, held};
pub use view::{
    CredentialView, HistoryView, LapsedView, PersonView, RevocationView, TestView, VersionView,
};

use crate::db::{self, Conn};

/// Empties the projections.
pub fn clear(conn: &mut Conn) -> Result<(), db::Error> {
    store::clear(conn)?;
    store_people::clear(conn)
}
