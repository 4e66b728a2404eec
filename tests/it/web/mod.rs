//! HTTP: the real server, asked as programs and people ask it.

mod allows;
mod captures;
mod crowds;
mod discovers;
mod given;
mod manages;
mod outages;
mod pages;
mod pictures;
mod recall_asks;
mod recall_assumed;
mod recall_versions;
mod recalls;
mod refuses;
mod shows_events;
mod stops;
mod webhooks;
