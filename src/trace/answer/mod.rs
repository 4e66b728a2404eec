//! Answers to the four questions of a trace — back, forward, where, who — with identifiers, places and
//! events written out.

mod common;
mod items;
mod place;
mod way;
mod who;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::evaluate::{Bounds, Certainty};
use super::shares::Share;
use super::{Error, EventKey};
use crate::db::Conn;
use crate::epcis::Timestamp;
use crate::events;

pub use common::{Candidate, Common, common};
pub use place::{PartView, Where, where_is};
pub(crate) use way::by_lot;
pub(super) use way::check_window;
pub use way::{Asked, Node, Traced, trace};
pub use who::{HopView, ResponsibleView, WhoView, involved, who};

/// After everything that was recorded.
const END: Timestamp = Timestamp::from_micros(i64::MAX);

/// At least and at most how much.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct Quantity {
    /// At least; absent when amounts are not known.
    pub lo: Option<String>,
    /// At most.
    pub hi: Option<String>,
    /// UN/CEFACT unit of measure; none for pieces.
    pub uom: Option<String>,
}

impl Quantity {
    /// Between two amounts.
    pub fn between(bounds: Bounds, uom: Option<&str>) -> Self {
        Self {
            lo: Some(bounds.lo.to_string()),
            hi: Some(bounds.hi.to_string()),
            uom: uom.map(str::to_owned),
        }
    }

    /// Nobody says how much.
    pub fn unknown(uom: Option<&str>) -> Self {
        Self {
            lo: None,
            hi: None,
            uom: uom.map(str::to_owned),
        }
    }

    /// The bounds of a share.
    pub fn of(share: &Share) -> Self {
        Self {
            lo: share.lo.map(|amount| amount.to_string()),
            hi: share.hi.map(|amount| amount.to_string()),
            uom: share.uom.clone(),
        }
    }
}

impl fmt::Display for Quantity {
    /// `994 LTR`, `0..3`, `?` where nothing is known.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or = |text: &Option<String>| text.clone().unwrap_or_else(|| "?".to_owned());
        let (lo, hi) = (or(&self.lo), or(&self.hi));
        if lo == hi {
            f.write_str(&lo)?;
        } else {
            write!(f, "{lo}..{hi}")?;
        }
        match &self.uom {
            Some(uom) => write!(f, " {uom}"),
            None => Ok(()),
        }
    }
}

/// The word for a certainty.
pub(crate) const fn certainty_word(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::Asserted => "asserted",
        Certainty::Inferred => "inferred",
        Certainty::Policy => "policy",
        Certainty::Assumed => "assumed",
    }
}

/// The ids of events.
pub(crate) fn event_ids(
    conn: &mut Conn,
    keys: &BTreeSet<EventKey>,
) -> Result<BTreeMap<EventKey, String>, Error> {
    let keys: Vec<EventKey> = keys.iter().copied().collect();
    let found = events::by_keys(conn, &keys)?;
    Ok(found
        .into_iter()
        .map(|entry| ((entry.shard, entry.seq), entry.id))
        .collect())
}
