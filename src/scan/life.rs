//! What the maker said of an item or lot when it began: lot, dates. Read from the event that commissioned
//! it, `ilmd` of the CBV.

use crate::db::Conn;
use crate::epcis::{self, Event, Limits, json::Value};
use crate::ledger;

use super::Error;
use super::journey::Journey;

/// Dates and lot as the maker gave them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Life {
    /// `lotNumber`
    pub lot: Option<String>,
    /// `productionDate`, else `manufacturingDate` or `harvestEndDate`.
    pub produced: Option<String>,
    /// `bestBeforeDate`
    pub best_before: Option<String>,
    /// `itemExpirationDate`, else `sellByDate`.
    pub expires: Option<String>,
}

/// Steps from the beginning that are looked into for what the maker said.
const STEPS_READ_MAX: usize = 4;

impl Life {
    /// Reads what the first events of a journey say.
    pub(super) fn of(conn: &mut Conn, journey: &Journey) -> Result<Self, Error> {
        let mut life = Self::default();
        for step in journey.steps.iter().take(STEPS_READ_MAX) {
            let Some(event) = event(conn, step.event)? else {
                continue;
            };
            if event.ilmd.is_empty() {
                continue;
            }
            let first = |names: &[&str]| names.iter().find_map(|name| text(&event, name));
            life.lot = life.lot.or_else(|| first(&["lotNumber"]));
            life.produced = life
                .produced
                .or_else(|| first(&["productionDate", "manufacturingDate", "harvestEndDate"]));
            life.best_before = life.best_before.or_else(|| first(&["bestBeforeDate"]));
            life.expires = life
                .expires
                .or_else(|| first(&["itemExpirationDate", "sellByDate"]));
        }
        Ok(life)
    }
}

/// An event of the ledger, read under the context of its document.
fn event(conn: &mut Conn, (shard, seq): (i32, i64)) -> Result<Option<Event>, Error> {
    let Some(entry) = ledger::entries(conn, shard, seq, 1)?.into_iter().next() else {
        return Ok(None);
    };
    let Some(payload) = ledger::payload(conn, shard, seq)? else {
        return Ok(None);
    };
    let envelope = match i64::from(entry.part) {
        0 => None,
        part => ledger::payload(conn, shard, seq - part)?.map(|envelope| envelope.bytes),
    };
    let item =
        epcis::read_event_with_context(&payload.bytes, envelope.as_deref(), &Limits::default());
    Ok(item.ok().and_then(|item| item.event.ok()))
}

/// A master data attribute that is a text; times are told as days.
fn text(event: &Event, name: &str) -> Option<String> {
    match event.master_data(name)? {
        Value::String(text) => Some(text.to_string()),
        _ => None,
    }
}
