//! 溯源 (suyuan): codes for products, a ledger of what happens to them, and recalls that find every one.
//!
//! Modules stand in reading order and use only what stands before them; a test checks it.
//! `docs/ARCHITECTURE.md` has the map, the invariants and the walk of one event and of one recall.

pub mod gs1;

pub mod epcis;

pub mod db;

pub mod ledger;

pub mod parties;

pub mod credentials;

pub mod codes;

pub mod events;

pub mod trace;

pub mod webhooks;

pub mod recall;

pub mod capture;

pub mod scan;

pub mod app;

pub mod scenario;

pub mod jobs;

pub mod ingest;

pub mod web;

pub mod cli;
