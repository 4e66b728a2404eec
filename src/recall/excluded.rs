//! The listing of what a frozen scope left out, a page at a time: what was looked at, why it is not affected,
//! and the event that was looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use utoipa::ToSchema;

use super::{Error, store, store_excluded, store_versions};
use crate::codes::{Block, Dictionary, MemberSet};
use crate::db::Conn;
use crate::trace::event_ids;

/// Rows read for one page: each has at most 4,096 things.
const ROWS_A_PAGE: i64 = 16;

/// A line of the listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RecallExcluded)]
pub struct ExcludedLine {
    /// The identifier: of a unit, a lot or a process.
    pub id: String,
    /// Why it is left out: `time_order`, `finished_before`, `kill_step`, `disjoint_interval`, `outside_window`,
    /// `cleaned`, `beyond_band`, `went_in`.
    pub reason: &'static str,
    /// The event that was looked at.
    pub event: String,
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExcludedPage {
    /// The lines.
    pub lines: Vec<ExcludedLine>,
    /// Where the next page begins; none after the last.
    pub next: Option<ExcludedCursor>,
}

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExcludedCursor(store_excluded::After);

impl fmt::Display for ExcludedCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (block, reason, shard, seq) = self.0;
        let block = u128::from_be_bytes(block.0);
        write!(f, "{block:032x}-{reason}-{shard}-{seq}")
    }
}

impl FromStr for ExcludedCursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let refuse = || Error::field("nextPageToken", "is not one that a page before gave");
        let mut parts = text.split('-');
        let mut next = || parts.next().ok_or_else(refuse);
        let block = next()?;
        if block.len() != 32 {
            return Err(refuse());
        }
        let block = u128::from_str_radix(block, 16).map_err(|_no_number| refuse())?;
        let reason = next()?.parse().map_err(|_no_number| refuse())?;
        let shard = next()?.parse().map_err(|_no_number| refuse())?;
        let seq = next()?.parse().map_err(|_no_number| refuse())?;
        let block = Block(block.to_be_bytes());
        Ok(Self((block, reason, shard, seq)))
    }
}

/// A page of what a version of a recall's scope left out; the newest version unless one is named.
pub fn excluded(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    recall: &str,
    version: Option<i32>,
    after: Option<ExcludedCursor>,
) -> Result<ExcludedPage, Error> {
    let case = store::case(conn, recall)?;
    let version = store_versions::version(conn, recall, version.unwrap_or(case.version))?;
    let after = after.map(|cursor| cursor.0);
    let rows = store_excluded::page(conn, &version.scope, after, ROWS_A_PAGE)?;
    let next = rows.last().map(|last| {
        let (shard, seq) = last.event;
        ExcludedCursor((last.block, last.reason as i32, shard, seq))
    });
    let mut things: BTreeMap<Block, MemberSet> = BTreeMap::new();
    for row in &rows {
        let of_block = things.entry(row.block).or_default();
        of_block.union_with(&row.members);
    }
    let speller = dictionary.speller(conn, &things)?;
    let keys: BTreeSet<_> = rows.iter().map(|row| row.event).collect();
    let events = event_ids(conn, &keys)?;
    let mut lines = Vec::new();
    for row in &rows {
        let event = events.get(&row.event).cloned().unwrap_or_default();
        for member in row.members.iter() {
            let unit = crate::codes::Address {
                block: row.block,
                member,
            };
            lines.push(ExcludedLine {
                id: speller.spell(unit)?.unwrap_or_default(),
                reason: row.reason.as_str(),
                event: event.clone(),
            });
        }
    }
    Ok(ExcludedPage { lines, next })
}
