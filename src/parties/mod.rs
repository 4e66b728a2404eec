//! Who and where: organisations, places, products, API keys, and the one table of what a role may do.
//!
//! Master data is recorded as orders in `control/0` and projected into versions: what a name, an owner or
//! a region was at any ledger position can be asked later.

mod access;
mod aliases;
mod credit_code;
mod error;
pub(crate) mod import;
mod master;
mod project;
mod store;
mod store_aliases;
mod store_keys;
mod store_submitter_keys;
mod submitter_key;
pub(crate) mod table;

pub use access::{Action, Caller, Refusal, Role, may, policy};
pub use aliases::import_aliases;
pub use credit_code::{BadCreditCode, CreditCode};
pub use error::Error;
pub use import::{Imported, RowFault, import_organisations, import_places, import_products};
pub use master::{LotAlias, Organisation, Place, Product, ProductMode};
pub use project::{ALIAS, ORDERS, apply};
pub use store::{
    clear, organisation, organisations, organisations_among, place_at, place_orgs_before, places,
    places_before, places_of, product, product_before, products, products_of,
};
pub use store_aliases::{aliases_before, aliases_since};
pub use store_keys::{ApiKey, KeyView, NewKey, create_key, find_caller, list_keys, revoke_key};
pub use store_submitter_keys::{
    Signer, SubmitterKeyView, add_submitter_key, list_submitter_keys, revoke_submitter_key, signers,
};
pub use submitter_key::{NotAKey, SubmitterKey};
