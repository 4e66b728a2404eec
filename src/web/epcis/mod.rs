//! The REST binding of EPCIS 2.0, JSON only: capture and its jobs, single events, discovery.

pub(super) mod capture;
pub(super) mod discovery;
pub(super) mod document;
pub(super) mod events;
mod found;
pub(super) mod headers;
pub(super) mod job;
mod sight;
