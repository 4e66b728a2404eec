//! The product's own operations, `/api/v1`: what the command line does, for programs elsewhere.

pub(super) mod batches;
pub(super) mod credentials;
pub(super) mod keys;
pub(super) mod ledger;
pub(super) mod letters;
pub(super) mod master;
pub(super) mod pictures;
pub(super) mod quality;
pub(super) mod reasons;
pub(super) mod recall_versions;
pub(super) mod recalls;
pub(super) mod symbols;
pub(super) mod traces;
pub(super) mod webhooks;
